//! The form of a room: a new one, or what is changed of one.

use super::{
    ask::Asker,
    asking_form::{Asked, AskingForm},
    parts::{FieldKind, field},
    state::Settings,
};
use crate::{
    catalogue::{t, t_with},
    view::choice::{List, words},
};
use keyrack_model::{
    command::{Command, RoomCommand, RoomDraft, RoomEdit},
    identity,
    ids::{HotelId, RoomId},
    limits::{MAX_FLOOR, MAX_NAME},
    refusal::Refusal,
    room::{Room, RoomUse},
};
use leptos::prelude::*;

/// Digits and a sign of a floor.
const MAX_DIGITS: usize = 4;

#[component]
pub fn RoomForm(
    /// None for a new one.
    id: Option<RoomId>,
) -> impl IntoView {
    let page = Settings::of_page();
    let asked = Asked::nothing(page);
    let before = id.and_then(|id| page.rooms.read_untracked().get(&id).cloned());
    let shown = before.clone().unwrap_or_default();
    let title = match &before {
        None => t("rooms.add").to_owned(),
        Some(room) => t_with("rooms.edit-title", &[("room", &room.number)]),
    };
    let is_new = before.is_none();
    let number = RwSignal::new(shown.number);
    let floor = RwSignal::new(shown.floor.to_string());
    let room_type = RwSignal::new(shown.room_type);
    let section = RwSignal::new(shown.section);
    let building = RwSignal::new(shown.building);
    let used_for = RwSignal::new(shown.used_for.word().to_owned());
    let save = move |()| {
        let Ok(floor) = floor.get_untracked().trim().parse::<i64>() else {
            return asked.refuse(&Refusal::BadNumber {
                field: "floor".to_owned(),
                least: -MAX_FLOOR,
                most: MAX_FLOOR,
            });
        };
        let draft = RoomDraft {
            number: number.get_untracked().trim().to_owned(),
            floor,
            room_type: room_type.get_untracked().trim().to_owned(),
            section: section.get_untracked().trim().to_owned(),
            building: building.get_untracked().trim().to_owned(),
            used_for: used_for.get_untracked().parse().unwrap_or_default(),
        };
        let hotel = page.hotel();
        let done = t_with("rooms.kept", &[("room", &draft.number)]);
        let Some(command) = wish(hotel, id.zip(before.as_ref()), draft) else {
            return page.close_dialog();
        };
        asked.once(|| {
            page.act(command, move |came| {
                if let Some((_, asker)) = asked.end(came) {
                    page.say(done);
                    if asker == Asker::Shown {
                        page.close_dialog();
                    }
                }
            });
        });
    };
    let text = |testid, label, value| field(testid, label, FieldKind::Name, MAX_NAME, value);
    view! {
        <AskingForm
            title
            asked
            save=Callback::new(save)
            label=t("rooms.save")
            testid="room-save"
        >
            {is_new.then(|| text("room-number", t("rooms.number"), number))}
            <div class="pair">
                {field("room-floor", t("rooms.floor"), FieldKind::Name, MAX_DIGITS, floor)}
                {text("room-type", t("rooms.type"), room_type)}
            </div>
            <div class="pair">
                {text("room-section", t("rooms.section"), section)}
                {text("room-building", t("rooms.building"), building)}
            </div>
            <label class="field">
                <span>{t("rooms.used-for")}</span>
                <List
                    testid="room-use"
                    class="select"
                    name=None
                    value=used_for.into()
                    options=words("room-use", RoomUse::ALL, RoomUse::word)
                    refused=Signal::derive(|| None)
                    choose=Callback::new(move |(word, _): (String, Trigger)| used_for.set(word))
                />
            </label>
            {is_new.then(|| view! { <p class="faint">{t("rooms.number-means")}</p> })}
        </AskingForm>
    }
}

/// What is asked for; None when nothing was changed.
fn wish(hotel: HotelId, before: Option<(RoomId, &Room)>, typed: RoomDraft) -> Option<Command> {
    let Some((room, before)) = before else {
        let room = identity::room(hotel, &typed.number);
        let draft = Box::new(typed);
        return Some(Command::Rooms(RoomCommand::Add { room, draft }));
    };
    let other = |typed: String, before: &str| (typed != before).then_some(typed);
    let edit = RoomEdit {
        floor: (typed.floor != before.floor).then_some(typed.floor),
        room_type: other(typed.room_type, &before.room_type),
        section: other(typed.section, &before.section),
        building: other(typed.building, &before.building),
        used_for: (typed.used_for != before.used_for).then_some(typed.used_for),
    };
    let edit = (edit != RoomEdit::default()).then(|| Box::new(edit))?;
    Some(Command::Rooms(RoomCommand::Edit { room, edit }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn only_what_was_changed_is_asked_for() {
        let hotel = identity::hotel("resort");
        let typed = RoomDraft {
            number: "204".to_owned(),
            floor: 2,
            room_type: "Double".to_owned(),
            ..RoomDraft::default()
        };
        let room = identity::room(hotel, "204");
        let new = wish(hotel, None, typed.clone());
        let draft = Box::new(typed.clone());
        assert_eq!(new, Some(Command::Rooms(RoomCommand::Add { room, draft })));

        let before = Room {
            number: "204".to_owned(),
            floor: 2,
            ..Room::default()
        };
        let id = RoomId(Uuid::from_u128(4));
        let edit = Box::new(RoomEdit {
            room_type: Some("Double".to_owned()),
            ..RoomEdit::default()
        });
        let edited = wish(hotel, Some((id, &before)), typed.clone());
        let wanted = RoomCommand::Edit { room: id, edit };
        assert_eq!(edited, Some(Command::Rooms(wanted)));
        let same = Room {
            room_type: "Double".to_owned(),
            ..before
        };
        assert_eq!(wish(hotel, Some((id, &same)), typed), None);
    }
}
