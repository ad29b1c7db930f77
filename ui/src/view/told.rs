//! Who did something, on which device, when it happened and when the server learned of it.

use crate::{
    app::App,
    catalogue::{t, t_with},
    clock::span,
};
use keyrack_model::{
    ids::{DeviceId, DocumentRef},
    ipc::{Answer, Question},
    rows::HistoryEntry,
    time::{ClockReading, Timestamp},
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
    known_by(at, known_at, |moment| app.moment(moment))
}

/// The same, and whether the clock by which it happened can have been right.
fn known_by(
    at: Timestamp,
    known_at: Option<Timestamp>,
    moment: impl Fn(Timestamp) -> String,
) -> Option<String> {
    let Some(known) = known_at else {
        return Some(t("history.not-sent").to_owned());
    };
    let (time, span) = (moment(known), span(at.millis_apart(known)));
    let words = [("time", &time[..]), ("span", &span[..])];
    match ClockReading::of(at, known) {
        ClockReading::Ahead => Some(t_with("history.clock-ahead", &words)),
        ClockReading::Behind => Some(t_with("history.clock-behind", &words)),
        ClockReading::Plausible if time != moment(at) => Some(t_with("history.known", &words[..1])),
        ClockReading::Plausible => None,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_cannot_have_been_right_is_said_to_be_wrong() {
        const NOON: i64 = 1_495_713_900_000;
        const HOUR: i64 = 60 * 60 * 1_000;
        let told = |late: i64| {
            let minute = |moment: Timestamp| format!("minute {}", (moment.0 - NOON) / 60_000);
            known_by(Timestamp(NOON - late), Some(Timestamp(NOON)), minute)
        };
        assert_eq!(told(1_000), None);
        assert_eq!(told(3 * HOUR).unwrap(), "known minute 0");
        assert_eq!(
            told(-2 * HOUR).unwrap(),
            "known minute 0: that computer’s clock was 2 h ahead"
        );
        assert_eq!(
            told(15 * 24 * HOUR).unwrap(),
            "known minute 0, 15 days later: it had not been sent before, or that computer’s clock \
             was behind"
        );
    }
}
