//! The story of some documents, in words, with a way back for each action.

use super::icon::{Icon, icon};
use crate::{
    app::App,
    catalogue::{t, t_with},
    words::story::{Chapter, story},
};
use keyrack_model::{
    ids::{DocumentRef, RoomId},
    ipc::{Answer, Question},
};
use leptos::{prelude::*, task::spawn_local};

/// Actions shown at first, and added by each wish for more.
const PAGE: usize = 25;

#[component]
pub fn History(documents: Memo<Vec<DocumentRef>>, room: Option<RoomId>) -> impl IntoView {
    let app = App::of_page();
    let limit = RwSignal::new(PAGE);
    let chapters = RwSignal::new(None::<Vec<Chapter>>);
    Effect::new(move || {
        // Asked again when a document changes and when the server has learned of something.
        app.sync.track();
        for document in documents.get() {
            track(app, document, room);
        }
        let question = Question::History {
            documents: documents.get(),
            limit: limit.get(),
        };
        spawn_local(async move {
            if let Ok(Answer::History(entries)) = app.ask(question).await {
                let told = app.named(|names| story(&entries, room, names));
                chapters.try_set(Some(told));
            }
        });
    });
    view! {
        <section class="part" aria-label=t("history.title")>
            <h3>{t("history.title")}</h3>
            {move || {
                let chapters = chapters.get()?;
                if chapters.is_empty() {
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
                                        on:click=move |_| limit.update(|limit| *limit += PAGE)
                                    >
                                        {t("history.more")}
                                    </button>
                                }
                            })}
                    }
                        .into_any(),
                )
            }}
        </section>
    }
}

fn track(app: App, document: DocumentRef, room: Option<RoomId>) {
    match room {
        Some(room) => {
            app.mirror.with_room(room, |_| ());
        }
        None => app
            .mirror
            .with_order(keyrack_model::ids::WorkOrderId(document.id.0), |_| ()),
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
            {chapter
                .can_be_undone
                .then(|| {
                    view! {
                        <button
                            type="button"
                            class="button plain icon-only undo"
                            data-testid="history-undo"
                            aria-label=t("history.undo")
                            title=t("history.undo")
                            on:click=move |_| app.undo(operation)
                        >
                            {icon(Icon::Undo)}
                        </button>
                    }
                })}
        </li>
    }
}
