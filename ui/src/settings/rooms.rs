//! The hotel's rooms: what they are, and adding one. It needs no server: a room is a document of the
//! replica like any other.

use super::{
    parts::{Button, Fold, button},
    state::{Dialog, Settings},
};
use crate::{
    catalogue::{t, t_count, t_with, t_word},
    focus::Stop,
    view::{
        controls::Shown,
        icon::{Icon, icon},
    },
};
use keyrack_model::{
    ids::RoomId,
    room::{Room, RoomUse},
};
use leptos::prelude::*;
use std::collections::BTreeMap;

#[component]
pub fn Rooms() -> impl IntoView {
    let page = Settings::of_page();
    let ids = Memo::new(move |_| by_door(&page.rooms.read()));
    let never = Signal::derive(|| None);
    view! {
        <section class="part" aria-labelledby="part-title">
            <header class="part-head">
                <div>
                    <h1 id="part-title">{t("settings.rooms")}</h1>
                    <p class="faint">{t("rooms.lesson")}</p>
                </div>
                {button(
                    Button {
                        testid: "add-room",
                        class: "button primary",
                        mark: Icon::Plus,
                        label: t("rooms.add"),
                    },
                    never,
                    move || page.open(Dialog::Room(None)),
                )}
            </header>
            <Shown
                when=move || !ids.read().is_empty()
                fallback=|| view! { <p class="faint">{t("rooms.none")}</p> }
            >
                <p class="faint" data-testid="rooms-count">
                    {move || t_count("rooms", ids.read().len())}
                </p>
                <ul class="lines">
                    <For each=move || ids.get() key=|id| *id let(id)>
                        <RoomLine id/>
                    </For>
                </ul>
            </Shown>
        </section>
    }
}

#[component]
fn RoomLine(id: RoomId) -> impl IntoView {
    let page = Settings::of_page();
    let room = Memo::new(move |_| page.rooms.read().get(&id).cloned().unwrap_or_default());
    let never = Signal::derive(|| None);
    let testid = format!("room-{}", room.read_untracked().number);
    let head = view! {
        <span class="face device">{icon(Icon::Bed)}</span>
        <span class="line-name">
            <b>{move || room.read().number.clone()}</b>
            <span class="faint">{move || room.read().room_type.clone()}</span>
        </span>
        <span class="line-tag">{move || tags(&room.read())}</span>
        <span class="line-seen faint">{move || floor(&room.read())}</span>
    };
    view! {
        <Fold stop=Stop::Room(id) testid head=head.into_any()>
            <div class="line-acts">
                {button(
                    Button {
                        testid: "edit-room",
                        class: "button",
                        mark: Icon::Pencil,
                        label: t("rooms.edit"),
                    },
                    never,
                    move || page.open(Dialog::Room(Some(id))),
                )}
            </div>
            <p class="faint why">{t("rooms.links-elsewhere")}</p>
        </Fold>
    }
}

fn tags(room: &Room) -> impl IntoView + use<> {
    let used_for = match room.used_for {
        RoomUse::Guests => None,
        RoomUse::Public => Some(t_word("room-use", RoomUse::Public.word()).to_owned()),
    };
    let words = [room.section.clone(), room.building.clone()];
    let words = words.into_iter().filter(|word| !word.is_empty());
    words
        .chain(used_for)
        .map(|word| view! { <span class="badge">{word}</span> })
        .collect_view()
}

fn floor(room: &Room) -> String {
    t_with("rooms.on-floor", &[("n", &room.floor.to_string())])
}

/// Rooms in the order of doors: 9 before 10.
fn by_door(rooms: &BTreeMap<RoomId, Room>) -> Vec<RoomId> {
    let mut doors: Vec<(&RoomId, &Room)> = rooms.iter().collect();
    doors.sort_by_key(|&(id, room)| {
        let number = &room.number;
        (&room.building, number.chars().count(), number, *id)
    });
    doors.into_iter().map(|(id, _)| *id).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn rooms_stand_in_the_order_of_doors() {
        let rooms: BTreeMap<RoomId, Room> = ["10", "9", "101", "B1"]
            .into_iter()
            .zip(1..)
            .map(|(number, id)| {
                let room = Room {
                    number: number.to_owned(),
                    ..Room::default()
                };
                (RoomId(Uuid::from_u128(id)), room)
            })
            .collect();
        let numbers: Vec<_> = by_door(&rooms)
            .into_iter()
            .map(|id| &*rooms[&id].number)
            .collect();
        assert_eq!(numbers, ["9", "10", "B1", "101"]);
    }
}
