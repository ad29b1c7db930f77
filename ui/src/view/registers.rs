//! The registers of a room: what front office, housekeeping and the guest say of it.

use crate::{
    app::App,
    catalogue::{t, t_word},
    mirror::cabinet::RoomFile,
    query::room_card::RoomCard,
};
use keyrack_model::{
    command::Command,
    ids::RoomId,
    room::{Occupancy, Room, ServiceStatus},
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
            {cell(t("field.service"), service(app, id, room.service_status).into_any())}
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
    let choices = choices("occupancy", Occupancy::ALL, seen.value, |value| {
        value.word()
    });
    let refused = app.refuses(&Command::SetOccupancySeen {
        room: id,
        value: seen.value,
    });
    view! {
        <span class="register-choice">
            <select
                class="quiet-select"
                data-testid="hk-occupancy"
                aria-label=t("field.hk-occupancy")
                title=refused.clone()
                disabled=refused.is_some()
                prop:value=seen.value.word()
                on:change=move |event| {
                    if let Ok(value) = event_target_value(&event).parse() {
                        app.act(Command::SetOccupancySeen { room: id, value });
                    }
                }
            >
                {choices}
            </select>
            {at.map(|at| view! { <small class="faint">{at}</small> })}
        </span>
    }
}

fn service(app: App, id: RoomId, present: ServiceStatus) -> impl IntoView + use<> {
    let choices = choices("service", ServiceStatus::ALL, present, |value| value.word());
    let refused = app.refuses(&Command::SetServiceStatus {
        room: id,
        value: present,
    });
    view! {
        <select
            class="quiet-select"
            data-testid="service"
            aria-label=t("field.service")
            title=refused.clone()
            disabled=refused.is_some()
            prop:value=present.word()
            on:change=move |event| {
                if let Ok(value) = event_target_value(&event).parse() {
                    app.act(Command::SetServiceStatus { room: id, value });
                }
            }
        >
            {choices}
        </select>
    }
}

/// The options of a list of words.
pub fn choices<T: Copy + PartialEq>(
    list: &str,
    all: &[T],
    present: T,
    word: impl Fn(T) -> &'static str,
) -> Vec<AnyView> {
    all.iter()
        .map(|value| {
            let text = t_word(list, word(*value));
            view! {
                <option value=word(*value) selected=*value == present>
                    {text}
                </option>
            }
            .into_any()
        })
        .collect()
}
