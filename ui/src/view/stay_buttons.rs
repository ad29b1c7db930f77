//! What the desk does to a stay: the next step, what ends it before it began, and its room.

use super::{
    choice::{Choice, Offer, Options},
    controls::CommandButton,
    icon::Icon,
};
use crate::{
    app::App,
    catalogue::{t, t_with, t_word},
    keymap::{Action, keys_of},
    query::free_rooms::{FreeRoom, Wish, free_rooms},
    words::room_type,
};
use keyrack_model::{
    availability::Interval,
    command::{Command, DeskCommand},
    ids::{RoomId, StayId},
    stay::{Stay, StayStatus},
};
use leptos::prelude::*;

/// Checking in or out, where the stay is to that.
pub fn next_step(id: StayId, status: StayStatus, class: &'static str) -> Option<AnyView> {
    let (command, label, mark, testid, action) = match status {
        StayStatus::Expected => (
            Command::CheckIn { stay: id },
            t("stays.check-in"),
            Icon::Arrive,
            "check-in",
            Action::CheckIn,
        ),
        StayStatus::InHouse => (
            Command::CheckOut { stay: id },
            t("stays.check-out"),
            Icon::Leave,
            "check-out",
            Action::CheckOut,
        ),
        StayStatus::Departed | StayStatus::Cancelled | StayStatus::NoShow => return None,
    };
    let keys = keys_of(action).unwrap_or_default();
    Some(view! { <CommandButton command label mark testid class keys/> }.into_any())
}

/// Everything that can be done to the stay as a whole.
pub fn stay_buttons(app: App, id: StayId, stay: &Stay) -> impl IntoView + use<> {
    let date = app.mirror.business_date();
    let is_expected = stay.status == StayStatus::Expected;
    let is_due = is_expected && stay.arrival <= date;
    let queued = stay.queued_at.is_some();
    let desk = |command, label, mark, testid| {
        let command = Command::Desk(command);
        view! { <CommandButton command label mark testid/> }
    };
    let queue = move || {
        let label = if queued {
            t("stays.unqueue")
        } else {
            t("stays.queue")
        };
        let command = DeskCommand::SetQueued {
            stay: id,
            queued: !queued,
        };
        desk(command, label, Icon::Wait, "queue")
    };
    let no_show = move || {
        let command = DeskCommand::MarkNoShow { stay: id };
        desk(command, t("stays.no-show"), Icon::Ban, "no-show")
    };
    let cancel = move || {
        let command = DeskCommand::CancelStay { stay: id };
        desk(command, t("stays.cancel"), Icon::Close, "cancel-stay")
    };
    view! {
        <div class="stay-buttons" role="group" aria-label=t("stays.actions")>
            {next_step(id, stay.status, "button primary")}
            {is_due.then(queue)}
            {is_due.then(no_show)}
            {is_expected.then(cancel)}
        </div>
    }
}

/// The room that the stay has, with a list of those that it could have; after it is over, the room
/// alone.
#[component]
pub fn RoomOfStay(
    id: StayId,
    stay: Memo<Option<Stay>>,
    #[prop(default = "select")] class: &'static str,
) -> impl IntoView {
    let app = App::of_page();
    let present = move || {
        let room = stay.read().as_ref().and_then(|stay| stay.room);
        room.map(|room| room.to_string()).unwrap_or_default()
    };
    let give = move |word: String| {
        let room = word.parse::<RoomId>().ok();
        let status = stay.read_untracked().as_ref()?.status;
        Some(Command::Desk(match (status, room) {
            (StayStatus::InHouse, Some(room)) => DeskCommand::MoveRoom { stay: id, room },
            (StayStatus::InHouse, None) => return None,
            _ => DeskCommand::AssignRoom { stay: id, room },
        }))
    };
    let refused = move || {
        let assign = DeskCommand::AssignRoom {
            stay: id,
            room: None,
        };
        let status = stay.read().as_ref().map(|stay| stay.status);
        match status {
            Some(StayStatus::Expected | StayStatus::InHouse) => app.refuses(&Command::Desk(assign)),
            Some(over) => Some(t_word("stay", over.word()).to_owned()),
            None => None,
        }
    };
    // A list that is open stays open whatever happens elsewhere in the hotel.
    let options = Memo::new(move |_| {
        let stay = stay.get();
        stay.map(|stay| rooms_for(app, id, &stay))
            .unwrap_or_default()
    });
    view! {
        <Choice
            testid="stay-room"
            class=class
            name=t("field.room")
            value=Signal::derive(present)
            options
            refused=Signal::derive(refused)
            choose=give
        />
    }
}

fn rooms_for(app: App, id: StayId, stay: &Stay) -> Options {
    let today = app.mirror.business_date();
    let is_here = stay.status == StayStatus::InHouse;
    let wish = Wish {
        stay: Some(id),
        days: Interval::of(stay),
        room_type: &stay.room_type,
        today,
    };
    let free = app.mirror.with_all(|cabinet| free_rooms(cabinet, wish));
    let own = stay.room.map(|room| {
        let number = app.named(|names| names.room(room));
        Offer::of(room.to_string(), number)
    });
    let nobody = (!is_here || own.is_none()).then(|| Offer::of("", t("room.none")));
    let free = free
        .iter()
        .filter(|free| Some(free.card.id) != stay.room)
        // A guest who is here needs a room that nobody is in.
        .filter(|free| !(is_here && free.card.is_occupied()));
    nobody
        .into_iter()
        .chain(own)
        .chain(free.map(offer_of))
        .collect()
}

/// `204 · Sea view · ready`.
pub fn offer_of(free: &FreeRoom) -> Offer {
    let card = &free.card;
    let state = if free.is_ready {
        t("free.ready")
    } else if card.is_occupied() {
        t("free.leaves-first")
    } else {
        t_word("cleanliness", card.status.cleanliness.word())
    };
    let kind = room_type(&card.room_type);
    let words = [("n", &*card.number), ("type", &*kind), ("state", state)];
    Offer::of(card.id.to_string(), t_with("free.room", &words))
}
