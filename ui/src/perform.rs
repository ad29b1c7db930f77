//! What each action of the keymap does, wherever it was asked for.

mod work;

use crate::{
    app::{AfterPin, App, Dialog, ToastKind},
    catalogue::t,
    focus::{Stop, focus, focused, go_to_next, once_shown},
    keymap::Action,
    pages::go_to_settings,
    printing::print,
    query::{
        at_once::open_tasks,
        in_hand::{self, Situation},
        my_list::ListItem,
        room_card::touches,
    },
    route::{Opened, Route, Screen},
    view::{my_list::items_of, selection::GIVEN_TO},
};
use keyrack_model::{
    cleanliness::Cleanliness,
    command::{Command, DeskCommand, RoomCommand},
    ids::{RoomId, StayId, TaskId},
    ipc::Request,
    stay::StayStatus,
};
use leptos::prelude::*;
use std::collections::BTreeSet;

pub fn perform(app: App, action: Action) {
    match action {
        Action::Go(screen) => app.go(Route::to(screen)),
        Action::Settings => go_to_settings(app),
        Action::Palette => app.show_dialog(Dialog::Palette),
        Action::Shortcuts => app.show_dialog(Dialog::Shortcuts),
        Action::Switch => switch(app),
        Action::SetPin => app.show_dialog(Dialog::ChoosePin(AfterPin::Stay)),
        Action::SignOut => app.show_dialog(Dialog::SignOut),
        Action::NewStay => new_stay(app),
        Action::Rush => set_rush(app),
        Action::NewWorkOrder => app.show_dialog(Dialog::NewWorkOrder(room_in_hand(app))),
        Action::Filter => focus("#filter"),
        Action::Move(direction) => go_to_next(direction, app.opened_from()),
        Action::Select => select(app),
        Action::Open => open(app),
        Action::Back => back(app),
        Action::Undo => app.undo_last(),
        Action::Set(value) => set_cleanliness(app, value),
        Action::Give => give(app),
        Action::StartOrPause => work::start_or_pause(app),
        Action::Finish => work::finish(app),
        Action::CheckIn => with_stay(app, StayStatus::Expected, |stay| Command::CheckIn { stay }),
        Action::CheckOut => with_stay(app, StayStatus::InHouse, |stay| Command::CheckOut { stay }),
        Action::Group => app.regroup(),
        Action::Density => app.resize_tiles(),
        Action::Print => print(app),
        Action::Theme => {
            let next = app.theme.get_untracked().next();
            next.choose();
            app.theme.set(next);
        }
    }
}

/// Sets the rooms in hand. A selection is let go of with it, and comes back when it was not done.
pub fn set_cleanliness(app: App, value: Cleanliness) {
    let rooms = at(app, in_hand::rooms);
    if rooms.is_empty() {
        return app.say(ToastKind::Said, t("choose-a-room").to_owned());
    }
    let selected = app.selected.get_untracked();
    if rooms.iter().eq(&selected) {
        app.selected.set(BTreeSet::new());
    }
    app.act_or(Command::SetCleanliness { rooms, value }, move || {
        app.selected.set(selected);
    });
}

/// Makes the rooms in hand urgent; when all of them are, they are not any more.
fn set_rush(app: App) {
    let rooms = at(app, in_hand::rooms);
    if rooms.is_empty() {
        return app.say(ToastKind::Said, t("choose-a-room").to_owned());
    }
    let rush = untrack(|| !is_rush(app, &rooms));
    app.act(Command::Rooms(RoomCommand::SetRush { rooms, rush }));
}

/// Whether all of some rooms are urgent.
pub fn is_rush(app: App, rooms: &[RoomId]) -> bool {
    let mut cards = rooms.iter().map(|room| app.mirror.card(*room));
    cards.all(|card| card.is_some_and(|card| card.rush))
}

/// Goes to the list of those whom tasks are given to: in the room that is open, or else below the
/// rooms that are selected. With none selected the one in hand is.
fn give(app: App) {
    let route = app.route.get_untracked();
    if route != Route::to(Screen::Board) {
        return match route.opened {
            Some(Opened::Room(_)) => focus(".drawer [data-testid=\"assignee\"]"),
            Some(Opened::WorkOrder(_) | Opened::Stay(_)) | None => {
                app.say(ToastKind::Said, t("choose-a-room").to_owned());
            }
        };
    }
    let (task, assignee) = (TaskId::default(), None);
    if let Some(reason) = untrack(|| app.refuses(&Command::AssignTask { task, assignee })) {
        return app.say(ToastKind::Problem, reason);
    }
    let rooms = at(app, in_hand::rooms);
    if rooms.is_empty() {
        return app.say(ToastKind::Said, t("choose-a-room").to_owned());
    }
    let date = untrack(|| app.mirror.business_date());
    let tasks = app
        .mirror
        .glance(|cabinet| open_tasks(cabinet, &rooms, date));
    if tasks == 0 {
        return app.say(ToastKind::Said, t("board.none-to-give").to_owned());
    }
    app.selected.set(rooms.into_iter().collect());
    once_shown(|| focus(GIVEN_TO));
}

fn new_stay(app: App) {
    let booking = Command::Desk(DeskCommand::Book {
        stay: StayId::default(),
        draft: Box::default(),
    });
    match untrack(|| app.refuses(&booking)) {
        Some(reason) => app.say(ToastKind::Problem, reason),
        None => app.show_dialog(Dialog::NewStay),
    }
}

fn room_in_hand(app: App) -> Option<RoomId> {
    at(app, in_hand::room)
}

/// Asks about what the person looks at.
fn at<T>(app: App, ask: impl FnOnce(Situation<'_>) -> T) -> T {
    let listed = listed_in_hand(app).map(|item| item.card.id);
    ask(Situation {
        route: app.route.get_untracked(),
        cursor: app.cursor.get_untracked(),
        selected: &app.selected.read_untracked(),
        listed,
    })
}

/// The task of the list that has the focus, or else the one of the card.
fn listed_in_hand(app: App) -> Option<ListItem> {
    if app.route.get_untracked() != Route::to(Screen::MyList) {
        return None;
    }
    let items = untrack(|| items_of(app));
    let (attended, chosen) = (app.attended.get_untracked(), app.in_hand.get_untracked());
    in_hand::on_list(&items, attended, chosen).cloned()
}

/// Guests come and go room by room: each is greeted, and each can be taken back alone.
fn with_stay(app: App, status: StayStatus, command: impl FnOnce(StayId) -> Command) {
    let on_desk = stay_in_hand(app).filter(|stay| {
        let entity = untrack(|| app.mirror.stay(*stay));
        entity.is_some_and(|entity| entity.status == status)
    });
    let rooms = at(app, in_hand::rooms);
    if on_desk.is_none() && rooms.len() > 1 {
        return app.say(ToastKind::Said, t("one-room-at-a-time").to_owned());
    }
    let date = app
        .mirror
        .glance(|cabinet| cabinet.hotel().map(|hotel| hotel.business_date));
    let of_room = rooms.first().copied().zip(date).and_then(|(room, date)| {
        untrack(|| {
            app.mirror.with_room(room, |file| {
                file.stays()
                    .filter(|(_, stay)| stay.status == status && touches(stay, date))
                    .map(|(id, _)| id)
                    .next()
            })
        })
        .flatten()
    });
    match on_desk.or(of_room) {
        Some(stay) => app.act(command(stay)),
        None => app.say(ToastKind::Said, t("no-such-stay").to_owned()),
    }
}

/// The stay that is open, or else the one whose line of the desk has, or had, the focus.
fn stay_in_hand(app: App) -> Option<StayId> {
    let route = app.route.get_untracked();
    match (route.opened, route.screen) {
        (Some(Opened::Stay(stay)), _) => Some(stay),
        (None, Screen::Desk) => app.stay_cursor.get_untracked(),
        _ => None,
    }
}

/// Whoever has no PIN yet chooses one first: there would be no way back without a network.
fn switch(app: App) {
    if untrack(|| app.here()).is_some_and(|here| here.has_pin) {
        app.request(Request::Lock, |_| {});
    } else {
        app.show_dialog(Dialog::ChoosePin(AfterPin::Leave));
    }
}

fn select(app: App) {
    if app.route.get_untracked().screen != Screen::Board {
        return;
    }
    if let Some(room) = app.cursor.get_untracked() {
        app.selected.update(|selected| {
            if !selected.remove(&room) {
                selected.insert(room);
            }
        });
    }
}

/// Opens what the cursor was at last.
fn open(app: App) {
    let opened = match app.route.get_untracked().screen {
        Screen::Board => app.cursor.get_untracked().map(Opened::Room),
        Screen::WorkOrders => app.order_cursor.get_untracked().map(Opened::WorkOrder),
        Screen::Desk => app.stay_cursor.get_untracked().map(Opened::Stay),
        Screen::MyList | Screen::Conflicts | Screen::Rules => None,
    };
    if let Some(opened) = opened {
        app.open_from(Stop::from(opened), opened);
    }
}

/// One level back: what went wrong, then the drawer, then the selection, then the filters.
fn back(app: App) {
    if app.dismiss_problems() {
        return;
    }
    let route = app.route.get_untracked();
    if route.opened.is_some() {
        app.close();
    } else if !app.selected.read_untracked().is_empty() {
        app.selected.set(BTreeSet::new());
    } else {
        match route.screen {
            Screen::Board => {
                app.text.set(String::new());
                app.chip.set(Default::default());
                app.section.set(None);
            }
            Screen::WorkOrders => {
                app.order_text.set(String::new());
                app.order_chip.set(Default::default());
            }
            Screen::Desk => app.desk_text.set(String::new()),
            Screen::MyList | Screen::Conflicts | Screen::Rules => {
                app.attended.set(None);
                // An element that is gone has no focus to lose.
                let _ = focused().map(|focus| focus.blur());
            }
        }
    }
}
