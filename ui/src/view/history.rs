//! The story of some documents, in words, with a way back for each action.

use super::{
    icon::{Icon, icon},
    not_here::{ask_for, is_offline},
};
use crate::{
    app::App,
    catalogue::{t, t_with},
    mirror::cabinet::{documents_of, documents_of_order},
    press::click,
    words::story::{Chapter, WayBack, story},
};
use keyrack_model::{
    command::Command,
    ids::{DocumentRef, OperationId, RoomId, StayId, WorkOrderId},
    ipc::{Answer, Question},
};
use leptos::{prelude::*, task::spawn_local};

/// Actions shown at first, and added by each wish for more.
const PAGE: usize = 25;

/// Whose story.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    Room(RoomId),
    WorkOrder(WorkOrderId),
    Stay(StayId),
}

impl Subject {
    fn room(self) -> Option<RoomId> {
        match self {
            Self::Room(id) => Some(id),
            Self::WorkOrder(_) | Self::Stay(_) => None,
        }
    }

    /// The documents that tell it; whoever reads them is told when one changes.
    fn documents(self, app: App) -> Vec<DocumentRef> {
        match self {
            Self::Room(id) => app.mirror.with_room(id, documents_of).unwrap_or_default(),
            Self::WorkOrder(id) => app.mirror.with_order(id, |all| documents_of_order(all, id)),
            Self::Stay(id) => {
                let stay = app.mirror.stay(id);
                stay.map(|_| id.into()).into_iter().collect()
            }
        }
    }
}

#[component]
pub fn History(subject: Subject) -> impl IntoView {
    let app = App::of_page();
    let limit = RwSignal::new(PAGE);
    let chapters = RwSignal::new(None::<Vec<Chapter>>);
    // Documents of which only the server tells what happened before.
    let not_whole = RwSignal::new(Vec::<DocumentRef>::new());
    Effect::new(move || {
        // Asked again, too, when the server has learned of something, and for other names.
        app.sync.track();
        app.presence.track();
        let question = Question::History {
            documents: subject.documents(app),
            limit: limit.get(),
        };
        let documents = subject.documents(app);
        spawn_local(async move {
            if let Ok(Answer::History(entries)) = app.ask(question).await {
                let refuses = |command: &Command| app.refuses(command);
                let told =
                    untrack(|| app.named(|names| story(&entries, subject.room(), names, &refuses)));
                chapters.try_set(Some(told));
            }
            if let Ok(Answer::NotWhole(found)) = app.ask(Question::NotWhole { documents }).await {
                not_whole.try_set(found);
            }
        });
    });
    view! {
        <section class="part" aria-label=t("history.title")>
            <h3>{t("history.title")}</h3>
            {move || {
                let chapters = chapters.get()?;
                if chapters.is_empty() && not_whole.read().is_empty() {
                    return Some(view! { <p class="faint">{t("history.none")}</p> }.into_any());
                }
                let more = chapters.len() >= limit.get();
                Some(
                    view! {
                        <ol class="story">
                            {chapters.into_iter().map(|it| chapter(app, it)).collect_view()}
                        </ol>
                        {more
                            .then(|| {
                                view! {
                                    <button
                                        type="button"
                                        class="button plain"
                                        on:click=click(move |_| limit.update(|limit| *limit += PAGE))
                                    >
                                        {t("history.more")}
                                    </button>
                                }
                            })}
                        {(!more).then(|| earlier(app, not_whole))}
                    }
                        .into_any(),
                )
            }}
        </section>
    }
}

/// What the server tells beyond what is here.
fn earlier(app: App, not_whole: RwSignal<Vec<DocumentRef>>) -> impl IntoView {
    let ask = move |_| {
        for document in not_whole.get_untracked() {
            ask_for(app, document);
        }
    };
    move || {
        (!not_whole.read().is_empty()).then(|| {
            if is_offline(app) {
                return view! { <p class="faint">{t("history.earlier-offline")}</p> }.into_any();
            }
            view! {
                <button
                    type="button"
                    class="button plain"
                    data-testid="history-earlier"
                    on:click=ask
                >
                    {t("history.earlier")}
                </button>
            }
            .into_any()
        })
    }
}

fn chapter(app: App, chapter: Chapter) -> impl IntoView {
    let operation = chapter.operation;
    let known = match chapter.known_at {
        None => Some(t("history.not-sent").to_owned()),
        Some(at) if app.moment(at) != app.moment(chapter.at) => {
            Some(t_with("history.known", &[("time", &app.moment(at))]))
        }
        Some(_) => None,
    };
    view! {
        <li class="chapter" class:waiting=chapter.known_at.is_none() data-testid="history-entry">
            <p class="what">{chapter.what}</p>
            {(!chapter.changes.is_empty())
                .then(|| {
                    view! {
                        <ul class="changes">
                            {chapter
                                .changes
                                .into_iter()
                                .map(|change| {
                                    view! {
                                        <li>
                                            <span class="faint">{change.field}</span>
                                            " "
                                            {change.before}
                                            " → "
                                            <b>{change.after}</b>
                                        </li>
                                    }
                                })
                                .collect_view()}
                        </ul>
                    }
                })}
            <p class="faint when">
                {chapter.who} " · " {app.moment(chapter.at)}
                {known.map(|known| format!(" · {known}"))}
            </p>
            {chapter.way_back.map(|way_back| undo_button(app, operation, way_back))}
        </li>
    }
}

/// Where the action cannot be taken back, the button stays in its place and says why.
fn undo_button(app: App, operation: OperationId, way_back: WayBack) -> impl IntoView {
    let is_refused = way_back.is_err();
    view! {
        <button
            type="button"
            class="button plain icon-only undo"
            data-testid="history-undo"
            aria-label=t("history.undo")
            aria-disabled=is_refused.then_some("true")
            title=way_back.err().unwrap_or_else(|| t("history.undo").to_owned())
            on:click=click(move |_| app.undo(operation))
        >
            {icon(Icon::Undo)}
        </button>
    }
}
