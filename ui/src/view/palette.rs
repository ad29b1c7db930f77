//! The palette: everything that can be done or found, by a few letters.

use super::{
    icon::{Icon, icon},
    modal::Modal,
};
use crate::{
    app::App,
    catalogue::{t, t_with},
    keymap::{Action, BINDINGS, Offered, shown},
    mirror::cabinet::RoomFile,
    perform::perform,
    press::click,
    query::{ranking::ranked, room_card::touches},
    route::{Opened, Screen},
};
use keyrack_model::{
    class::{Class, Reading},
    ids::{RoomId, StayId},
};
use leptos::{ev::KeyboardEvent, prelude::*};

/// Entries in sight.
const SHOWN: usize = 9;

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
    let query = RwSignal::new(String::new());
    let chosen = RwSignal::new(0_usize);
    let found = Memo::new(move |_| ranked(&query.get(), entries(app), SHOWN));
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
    let on_key = move |event: KeyboardEvent| {
        let last = found.read().len().saturating_sub(1);
        match event.key().as_str() {
            "ArrowDown" => chosen.update(|at| *at = (*at + 1).min(last)),
            "ArrowUp" => chosen.update(|at| *at = at.saturating_sub(1)),
            "Enter" => {
                let entry = found.read().get(chosen.get()).map(|(_, entry)| *entry);
                if let Some(entry) = entry {
                    choose(entry);
                }
            }
            _ => return,
        }
        event.prevent_default();
    };
    view! {
        <Modal label=t("key.palette") class="modal palette">
            <label class="palette-query">
                {icon(Icon::Search)}
                <input
                    data-testid="palette-query"
                    role="combobox"
                    aria-expanded="true"
                    aria-controls="palette-list"
                    aria-activedescendant=move || entry_id(chosen.get())
                    aria-label=t("key.palette")
                    placeholder=t("palette.hint")
                    autocomplete="off"
                    spellcheck="false"
                    autofocus
                    bind:value=query
                    on:input=move |_| chosen.set(0)
                    on:keydown=on_key
                />
            </label>
            <ul id="palette-list" role="listbox" aria-label=t("key.palette")>
                {move || {
                    found
                        .get()
                        .into_iter()
                        .enumerate()
                        .map(|(index, (text, entry))| {
                            view! {
                                <li
                                    id=entry_id(index)
                                    role="option"
                                    data-testid="palette-entry"
                                    aria-selected=move || (chosen.get() == index).to_string()
                                    on:mousemove=move |_| chosen.set(index)
                                    on:click=click(move |_| choose(entry))
                                >
                                    {icon(entry_icon(entry))}
                                    <span>{text}</span>
                                    {entry_keys(entry)}
                                </li>
                            }
                        })
                        .collect_view()
                }}
            </ul>
            {move || {
                found
                    .read()
                    .is_empty()
                    .then(|| view! { <p class="faint palette-none">{t("palette.none")}</p> })
            }}
        </Modal>
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

/// Who sleeps here, arrives or leaves today, as far as the person may know.
fn guests(app: App) -> Vec<(String, Entry)> {
    let date = app.mirror.business_date();
    let named = |file: &RoomFile| -> Vec<_> {
        let Some((id, room)) = file.room() else {
            return Vec::new();
        };
        let stays = file.stays().filter(|(_, stay)| touches(stay, date));
        stays
            .filter_map(|(id, stay)| {
                let guest = app.mirror.guest(id).and_then(|row| row.guest);
                match guest {
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

/// Who is expected today and has no room yet, for whoever works at the desk.
fn without_room(app: App) -> Vec<(String, Entry)> {
    let reads = app.role().map(Reading::of);
    if !reads.is_some_and(|reads| reads.has(Class::Guests)) {
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

fn entry_id(index: usize) -> String {
    format!("palette-{index}")
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
        Action::Settings => Icon::Sliders,
        Action::NewWorkOrder => Icon::Plus,
        Action::Undo => Icon::Undo,
        Action::Theme => Icon::SunMoon,
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

fn entry_keys(entry: Entry) -> Option<impl IntoView> {
    match entry {
        Entry::Do(_, keys) => keys.first().map(|keys| view! { <kbd>{shown(keys)}</kbd> }),
        Entry::Open(_) | Entry::Guest(_) => None,
    }
}
