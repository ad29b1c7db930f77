//! Starting, pausing and finishing the task in hand.

use super::{listed_in_hand, room_in_hand};
use crate::{
    app::{App, ToastKind},
    catalogue::t,
    focus::{Stop, focus, once_shown},
    route::{Opened, Route, Screen},
    view::entering::{is_finished_at_once, left_alone},
};
use keyrack_model::{
    command::Command,
    ids::{RoomId, TaskId},
    room::ServiceStatus,
    task::{TaskKind, TaskStatus},
};
use leptos::prelude::*;

/// The reasons for which somebody goes in, where they are shown.
const REASONS: &str = "[data-testid=\"enter\"] button";

/// A task, and how its room is marked.
struct InHand {
    task: TaskId,
    kind: TaskKind,
    status: TaskStatus,
    room: RoomId,
    mark: ServiceStatus,
}

pub(super) fn start_or_pause(app: App) {
    match in_hand(app) {
        None => say_that_there_is_none(app),
        Some(InHand {
            task,
            status: TaskStatus::InProgress,
            ..
        }) => app.act(Command::PauseTask { task }),
        Some(it) if left_alone(it.status, it.mark).is_some() => ask_why(app, &it),
        Some(InHand { task, .. }) => app.act(Command::StartTask { task }),
    }
}

pub(super) fn finish(app: App) {
    match in_hand(app) {
        None => say_that_there_is_none(app),
        Some(it) if takes_a_reason(&it) => ask_why(app, &it),
        Some(InHand { task, .. }) => app.act(Command::FinishTask { task }),
    }
}

/// Whether it is finished once somebody has said why they go in.
fn takes_a_reason(it: &InHand) -> bool {
    let mark = left_alone(it.status, it.mark);
    it.status.is_open() && !is_finished_at_once((it.kind, it.status), mark)
}

fn say_that_there_is_none(app: App) {
    app.say(ToastKind::Said, t("no-open-task").to_owned());
}

/// The list's task in hand, or else the open task of the room in hand.
fn in_hand(app: App) -> Option<InHand> {
    if let Some(item) = listed_in_hand(app) {
        return Some(InHand {
            task: item.task,
            kind: item.kind,
            status: item.status,
            room: item.card.id,
            mark: item.card.status.service_status,
        });
    }
    let room = room_in_hand(app)?;
    let mark = untrack(|| app.mirror.card(room))?.status.service_status;
    untrack(|| {
        app.mirror.with_room(room, |file| {
            file.tasks()
                .filter(|(_, task)| task.status.is_open())
                .map(|(id, task)| (id, task.kind, task.status))
                .max_by_key(|(_, _, status)| *status)
        })
    })
    .flatten()
    .map(|(task, kind, status)| InHand {
        task,
        kind,
        status,
        room,
        mark,
    })
}

/// Goes to the reasons: on the list they are on the card, elsewhere in the room's drawer.
fn ask_why(app: App, it: &InHand) {
    let room = Opened::Room(it.room);
    let route = app.route.get_untracked();
    if route == Route::to(Screen::MyList) {
        app.in_hand.set(Some(it.task));
        app.attended.set(None);
    } else if route.opened != Some(room) {
        app.open_from(Stop::from(room), room);
    }
    once_shown(|| focus(REASONS));
}
