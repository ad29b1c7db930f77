//! Who did something, on which device, when it happened and when the server learned of it.

use crate::{
    app::App,
    catalogue::{t, t_with},
};
use keyrack_model::{
    ids::{DeviceId, DocumentRef},
    ipc::{Answer, Question},
    rows::HistoryEntry,
    time::Timestamp,
};
use leptos::{prelude::*, task::spawn_local};

/// Actions that the history is asked for, to find those that it is about.
const ASKED: usize = 500;

/// The story of some documents, as far as this device knows it, newest first.
pub fn told_of(app: App, documents: Memo<Vec<DocumentRef>>) -> Signal<Vec<HistoryEntry>> {
    let told = RwSignal::new(Vec::new());
    Effect::new(move || {
        // Asked again, too, when the server has learned of something.
        app.sync.track();
        let documents = documents.get();
        if documents.is_empty() {
            return;
        }
        let question = Question::History {
            documents,
            limit: ASKED,
        };
        spawn_local(async move {
            if let Ok(Answer::History(entries)) = app.ask(question).await {
                told.try_set(entries);
            }
        });
    });
    told.into()
}

/// When the server learned of it, where that is not the minute in which it happened.
pub fn known(app: App, at: Timestamp, known_at: Option<Timestamp>) -> Option<String> {
    match known_at {
        None => Some(t("history.not-sent").to_owned()),
        Some(known) if app.moment(known) != app.moment(at) => {
            Some(t_with("history.known", &[("time", &app.moment(known))]))
        }
        Some(_) => None,
    }
}

/// `at Reception 1 · known 13:40`.
pub fn place(app: App, device: DeviceId, at: Timestamp, known_at: Option<Timestamp>) -> String {
    let device = app.named(|names| names.device(device));
    let place = t_with("conflict.at", &[("device", &device)]);
    match known(app, at, known_at) {
        Some(known) => format!("{place} · {known}"),
        None => place,
    }
}
