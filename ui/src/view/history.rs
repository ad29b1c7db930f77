//! The story of some documents, in words, one thread of it or all, with a way back for each action.

use super::{
    icon::{Icon, icon},
    not_here::{ask_for, is_offline},
    told::known,
};
use crate::{
    app::{App, ToastKind},
    catalogue::{t, t_word},
    mirror::cabinet::{documents_of, documents_of_order},
    press::click,
    query::topic::{Topic, threads},
    words::story::{Chapter, FieldStory, WayBack, story},
};
use keyrack_model::{
    command::Command,
    ids::{DocumentRef, OperationId, RoomId, StayId, WorkOrderId},
    ipc::{Answer, Question},
};
use leptos::{prelude::*, task::spawn_local};

/// Actions shown at first, and added by each wish for more.
const PAGE: usize = 25;

/// Actions among which one thread is looked for.
const SEARCHED: usize = 500;

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
    let thread = RwSignal::new(None::<Topic>);
    // Documents of which only the server tells what happened before.
    let not_whole = RwSignal::new(Vec::<DocumentRef>::new());
    Effect::new(move || {
        // Asked again, too, when the server has learned of something, and for other names.
        app.sync.track();
        app.presence.track();
        let limit = match thread.get() {
            None => limit.get(),
            Some(_) => SEARCHED,
        };
        let question = Question::History {
            documents: subject.documents(app),
            limit,
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
                let more = thread.get().is_none() && chapters.len() >= limit.get();
                let shown = move |it: &Chapter| thread.get().is_none_or(|topic| it.topics.contains(&topic));
                let told = chapters.iter().filter(|it| shown(it)).cloned();
                let told = told.map(|it| chapter(app, it, thread.get())).collect_view();
                Some(
                    view! {
                        {choice(&chapters, thread)}
                        <ol class="story">{told}</ol>
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

/// The threads of a story that has several.
fn choice(chapters: &[Chapter], thread: RwSignal<Option<Topic>>) -> Option<impl IntoView + use<>> {
    let found = threads(chapters.iter().flat_map(|it| &it.topics));
    let several = found.len() > 1 || thread.get().is_some();
    several.then(|| {
        let all = std::iter::once(None).chain(found.into_iter().map(Some));
        let chips = all.map(|topic| thread_chip(topic, thread)).collect_view();
        view! {
            <div class="chips threads" role="group" aria-label=t("history.show-only")>{chips}</div>
        }
    })
}

fn thread_chip(topic: Option<Topic>, thread: RwSignal<Option<Topic>>) -> impl IntoView {
    let word = topic.map_or("all", Topic::word);
    let name = topic.map_or(t("history.all"), |topic| t_word("topic", topic.word()));
    view! {
        <button
            type="button"
            class="chip"
            data-testid=format!("thread-{word}")
            aria-pressed=move || (thread.get() == topic).to_string()
            on:click=click(move |_| thread.set(topic))
        >
            {name}
        </button>
    }
}

fn chapter(app: App, chapter: Chapter, thread: Option<Topic>) -> impl IntoView {
    let operation = chapter.operation;
    let known = known(app, chapter.at, chapter.known_at);
    let changes = chapter.changes.into_iter();
    let changes: Vec<_> = changes
        .filter(|change| thread.is_none_or(|topic| change.topic == topic))
        .collect();
    view! {
        <li class="chapter" class:waiting=chapter.known_at.is_none() data-testid="history-entry">
            <p class="what">{chapter.what}</p>
            {(!changes.is_empty())
                .then(|| {
                    let changes = changes.into_iter().map(change_line).collect_view();
                    view! { <ul class="changes">{changes}</ul> }
                })}
            <p class="faint when">
                {chapter.who} " · " {chapter.device} " · " {app.moment(chapter.at)}
                {known.map(|known| format!(" · {known}"))}
            </p>
            {undo_button(app, operation, chapter.way_back)}
        </li>
    }
}

fn change_line(change: FieldStory) -> impl IntoView {
    view! {
        <li>
            <span class="faint">{change.field}</span>
            " "
            {change.before}
            " → "
            <b>{change.after}</b>
            {change.rule.map(|rule| view! { <span class="faint rule">" · " {rule}</span> })}
        </li>
    }
}

/// Where the action cannot be taken back, the button stays in its place and says why.
fn undo_button(app: App, operation: OperationId, way_back: WayBack) -> impl IntoView {
    let refused = way_back.err();
    let is_refused = refused.is_some();
    let title = refused
        .clone()
        .unwrap_or_else(|| t("history.undo").to_owned());
    view! {
        <button
            type="button"
            class="button plain icon-only undo"
            data-testid="history-undo"
            aria-label=t("history.undo")
            aria-disabled=is_refused.then_some("true")
            title=title
            on:click=click(move |_| match &refused {
                None => app.undo(operation),
                Some(reason) => app.say(ToastKind::Problem, reason.clone()),
            })
        >
            {icon(Icon::Undo)}
        </button>
    }
}
