//! The palette: everything that can be done or found, by a few letters.

use super::{
    icon::{Icon, icon},
    palette_sheet::PaletteSheet,
};
use crate::{
    app::App,
    catalogue::{t, t_with},
    keymap::{Action, BINDINGS, Offered},
    mirror::cabinet::RoomFile,
    perform::perform,
    query::room_card::touches,
    route::{Opened, Screen},
};
use keyrack_model::{
    class::Class,
    ids::{RoomId, StayId},
};
use leptos::prelude::*;

#[derive(Clone, Copy, PartialEq)]
enum Entry {
    Do(Action, &'static [&'static str]),
    Open(Opened),
    /// Somebody who is here today, by the room.
    Guest(RoomId),
}

#[component]
pub fn Palette() -> impl IntoView {
    let app = App::of_page();
    let choose = move |entry: Entry| {
        app.close_dialog();
        match entry {
            Entry::Do(action, _) => perform(app, action),
            Entry::Open(opened @ Opened::Room(_)) => app.open_on(Screen::Board, opened),
            Entry::Guest(room) => app.open_on(Screen::Board, Opened::Room(room)),
            Entry::Open(opened @ Opened::Stay(_)) => app.open_on(Screen::Desk, opened),
            Entry::Open(opened) => app.open_on(Screen::WorkOrders, opened),
        }
    };
    view! {
        <PaletteSheet
            entries=Callback::new(move |()| entries(app))
            drawing=|entry| icon(entry_icon(entry)).into_any()
            keys=entry_keys
            choose=Callback::new(choose)
            close=Callback::new(move |()| app.close_dialog())
            hint=t("palette.hint")
            none=t("palette.none")
        />
    }
}

fn entries(app: App) -> Vec<(String, Entry)> {
    let actions = BINDINGS
        .iter()
        .filter(|binding| binding.palette == Offered::InPalette)
        .map(|binding| {
            (
                t(binding.label).to_owned(),
                Entry::Do(binding.action, binding.keys),
            )
        });
    let rooms = app.mirror.cards().into_iter().map(|card| {
        let text = t_with(
            "palette.room",
            &[("n", &card.number), ("code", card.status.code())],
        );
        (text, Entry::Open(Opened::Room(card.id)))
    });
    let orders: Vec<_> = app.mirror.with_orders(|cabinet| {
        cabinet
            .work_orders()
            .filter(|(_, order)| order.status.is_open())
            .map(|(id, order)| (order.title.clone(), Entry::Open(Opened::WorkOrder(id))))
            .collect()
    });
    actions
        .chain(rooms)
        .chain(orders)
        .chain(guests(app))
        .chain(without_room(app))
        .collect()
}

/// Who sleeps here, arrives or leaves today; by the booking, where the person may not know the name.
fn guests(app: App) -> Vec<(String, Entry)> {
    let reads_guests = app.reading().has(Class::Guests);
    let date = app.mirror.business_date();
    let named = |file: &RoomFile| -> Vec<_> {
        let Some((id, room)) = file.room() else {
            return Vec::new();
        };
        let stays = file.stays().filter(|(_, stay)| touches(stay, date));
        stays
            .filter_map(|(id, stay)| {
                let row = reads_guests.then(|| app.mirror.guest(id)).flatten();
                match row.and_then(|row| row.guest) {
                    Some(guest) => {
                        let words = [("name", &*guest.name), ("n", &room.number)];
                        Some(t_with("palette.guest", &words))
                    }
                    // Nobody has written down who it is: the booking is what is known.
                    None if stay.booking.is_empty() => None,
                    None => {
                        let words = [("booking", &*stay.booking), ("n", &room.number)];
                        Some(t_with("palette.booking", &words))
                    }
                }
            })
            .map(|text| (text, Entry::Guest(id)))
            .collect()
    };
    app.mirror
        .with_files(|files| files.flat_map(named).collect())
}

/// Who is expected today and has no room yet, for whoever may know who it is.
fn without_room(app: App) -> Vec<(String, Entry)> {
    if !app.reading().has(Class::Guests) {
        return Vec::new();
    }
    let date = app.mirror.business_date();
    let called = |id: StayId| {
        let guest = app.mirror.guest(id).and_then(|row| row.guest);
        guest.map_or_else(|| app.named(|names| names.stay(id)), |guest| guest.name)
    };
    app.mirror.with_all(|cabinet| {
        let stays = cabinet.stays();
        stays
            .filter(|(_, stay)| stay.room.is_none() && touches(stay, date))
            .map(|(id, _)| (called(id), Entry::Open(Opened::Stay(id))))
            .collect()
    })
}

fn entry_icon(entry: Entry) -> Icon {
    match entry {
        Entry::Do(action, _) => action_icon(action),
        Entry::Open(Opened::Room(_)) => Icon::Bed,
        Entry::Open(Opened::WorkOrder(_)) => Icon::Wrench,
        Entry::Open(Opened::Stay(_)) | Entry::Guest(_) => Icon::User,
    }
}

fn action_icon(action: Action) -> Icon {
    match action {
        Action::Go(Screen::Board) => Icon::Board,
        Action::Go(Screen::MyList) => Icon::List,
        Action::Go(Screen::WorkOrders) => Icon::Wrench,
        Action::Go(Screen::Desk) => Icon::Bell,
        Action::Go(Screen::Conflicts) => Icon::Scales,
        Action::Go(Screen::Rules) => Icon::Rules,
        Action::NewStay => Icon::Bell,
        Action::Rush => Icon::Bolt,
        Action::Give => Icon::User,
        Action::Settings => Icon::Sliders,
        Action::NewWorkOrder => Icon::Plus,
        Action::Undo => Icon::Undo,
        Action::Theme => Icon::SunMoon,
        Action::Group => Icon::Groups,
        Action::Density => Icon::SmallTiles,
        Action::Print => Icon::Print,
        Action::Shortcuts => Icon::Keyboard,
        Action::Switch => Icon::User,
        Action::SetPin => Icon::Key,
        Action::SignOut => Icon::SignOut,
        Action::Set(value) => Icon::of(value),
        Action::CheckIn => Icon::Arrive,
        Action::CheckOut => Icon::Leave,
        Action::StartOrPause => Icon::Play,
        Action::Finish => Icon::Check,
        Action::Palette | Action::Filter => Icon::Search,
        Action::Move(_) | Action::Select | Action::Open | Action::Back => Icon::Key,
    }
}

fn entry_keys(entry: Entry) -> Option<&'static str> {
    match entry {
        Entry::Do(_, keys) => keys.first().copied(),
        Entry::Open(_) | Entry::Guest(_) => None,
    }
}
