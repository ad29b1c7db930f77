//! The registers of a room: what front office, housekeeping and the guest say of it.

use super::choice::{Choice, Offer, words};
use crate::{
    app::App,
    catalogue::{t, t_word},
    mirror::cabinet::RoomFile,
    query::room_card::RoomCard,
};
use keyrack_model::{
    command::{Command, RoomCommand},
    ids::RoomId,
    room::{Occupancy, Room, ServiceStatus},
    room_status::RoomStatus,
    rows::Row,
    time::Timestamp,
};
use leptos::prelude::*;
use std::sync::Arc;

#[component]
pub fn Registers(id: RoomId) -> impl IntoView {
    let app = App::of_page();
    move || {
        let card = app.mirror.card(id)?;
        let (room, at) = app.mirror.with_room(id, kept)??;
        Some(registers(app, id, &card, &room, at))
    }
}

fn kept(file: &RoomFile) -> Option<(Room, Timestamp)> {
    let row: &Row = file.room_row()?;
    Some((row.as_room()?.1.clone(), row.changed_at))
}

fn registers(
    app: App,
    id: RoomId,
    card: &Arc<RoomCard>,
    room: &Room,
    changed_at: Timestamp,
) -> impl IntoView + use<> {
    let status = card.status;
    let attendant = app.named(|names| names.person_or_nobody(card.attendant));
    view! {
        <dl class="registers">
            {cell(t("field.fo"), t_word("fo", status.fo_status.word()).into_any())}
            {cell(t("field.hk-occupancy"), occupancy(app, id, room).into_any())}
            {cell(t("field.reservation"), t_word("phase", status.phase.word()).into_any())}
            {cell(t("field.availability"), availability(&card.status).into_any())}
            {cell(t("field.service"), service(app, id, room.service_status).into_any())}
            {cell(t("field.rush"), rush(app, id, room.rush).into_any())}
            {cell(t("field.attendant"), attendant.into_any())}
            {cell(t("field.changed"), app.moment(changed_at).into_any())}
        </dl>
        {status
            .discrepancy
            .map(|found| {
                view! {
                    <p class="notice discrepancy" data-testid="discrepancy">
                        <b>{t_word("discrepancy", found.word())}</b>
                        <span>{t("discrepancy.check")}</span>
                    </p>
                }
            })}
    }
}

fn availability(status: &RoomStatus) -> impl IntoView + use<> {
    let value = status.availability;
    view! {
        <span data-testid="availability" data-availability=value.word()>
            {t_word("availability", value.word())}
        </span>
    }
}

/// Whether the room is wanted as soon as can be.
fn rush(app: App, id: RoomId, present: bool) -> impl IntoView {
    let set = move |rush| {
        Command::Rooms(RoomCommand::SetRush {
            rooms: vec![id],
            rush,
        })
    };
    let word = |rush| if rush { "yes" } else { "no" };
    let options = [false, true].map(|rush| Offer::of(word(rush), t_word("value", word(rush))));
    view! {
        <Choice
            testid="rush"
            class="quiet-select"
            name=t("field.rush")
            value=word(present).to_owned()
            options=options.to_vec()
            refused=Signal::derive(move || app.refuses(&set(present)))
            choose=move |chosen: String| Some(set(chosen == word(true)))
        />
    }
}

fn cell(label: &'static str, value: AnyView) -> impl IntoView {
    view! {
        <div>
            <dt>{label}</dt>
            <dd>{value}</dd>
        </div>
    }
}

fn occupancy(app: App, id: RoomId, room: &Room) -> impl IntoView + use<> {
    let seen = room.hk_occupancy;
    let at = (seen.value != Occupancy::Unknown).then(|| app.moment(seen.at));
    let set = move |value| Command::SetOccupancySeen { room: id, value };
    view! {
        <span class="register-choice">
            <Choice
                testid="hk-occupancy"
                class="quiet-select"
                name=t("field.hk-occupancy")
                value=seen.value.word().to_owned()
                options=words("occupancy", Occupancy::ALL, |value| value.word())
                refused=Signal::derive(move || app.refuses(&set(seen.value)))
                choose=move |word: String| Some(set(word.parse().ok()?))
            />
            {at.map(|at| view! { <small class="faint">{at}</small> })}
        </span>
    }
}

fn service(app: App, id: RoomId, present: ServiceStatus) -> impl IntoView + use<> {
    let set = move |value| Command::SetServiceStatus { room: id, value };
    view! {
        <Choice
            testid="service"
            class="quiet-select"
            name=t("field.service")
            value=present.word().to_owned()
            options=words("service", ServiceStatus::ALL, |value| value.word())
            refused=Signal::derive(move || app.refuses(&set(present)))
            choose=move |word: String| Some(set(word.parse().ok()?))
        />
    }
}
