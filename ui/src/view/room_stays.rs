//! The stays of a room: who is there, who comes next, and what the desk does about it.

use super::{
    guest::GuestOf,
    icon::{Icon, icon},
    stay_buttons::next_step,
};
use crate::{
    app::App,
    catalogue::{t, t_count, t_with, t_word},
    clock::{minutes, short_date},
    press::click,
    query::{few::in_order, room_card::concerns},
    route::Opened,
};
use keyrack_model::{
    ids::{RoomId, StayId},
    stay::{Stay, StayStatus},
};
use leptos::prelude::*;

#[component]
pub fn Stays(id: RoomId) -> impl IntoView {
    let app = App::of_page();
    view! {
        <section class="part" aria-label=t("stays.title")>
            <h3>{t("stays.title")}</h3>
            <For
                each=move || stays_of(app, id)
                key=|(stay, _)| *stay
                children=move |(stay, _)| {
                    // What is typed of the guest stays while the stay itself changes.
                    view! {
                        {move || {
                            let stays = stays_of(app, id);
                            let found = stays.into_iter().find(|(other, _)| *other == stay);
                            found.map(|(stay, entity)| stay_row(app, id, stay, &entity))
                        }}
                        <GuestOf stay/>
                    }
                }
            />
            {move || {
                stays_of(app, id)
                    .is_empty()
                    .then(|| view! { <p class="faint">{t("stays.none")}</p> })
            }}
        </section>
    }
}

/// The stays that have to do with today, by arrival, and the next one after them.
fn stays_of(app: App, room: RoomId) -> Vec<(StayId, Stay)> {
    let date = app.mirror.business_date();
    let stays = app.mirror.with_room(room, |file| {
        let coming = file
            .stays()
            .filter(|(_, stay)| stay.status == StayStatus::Expected && stay.arrival > date);
        let next = coming.min_by_key(|(id, stay)| (stay.arrival, *id));
        let today = file.stays().filter(|(_, stay)| concerns(stay, date));
        today
            .chain(next)
            .map(|(id, stay)| (id, stay.clone()))
            .collect()
    });
    let stays: Vec<_> = stays.unwrap_or_default();
    in_order(stays, |(id, stay)| (stay.arrival, *id))
}

/// `22 May – 25 May`.
pub fn days_of(stay: &Stay) -> String {
    let (arrival, departure) = (short_date(stay.arrival), short_date(stay.departure));
    format!("{arrival} – {departure}")
}

/// What is to be known of a stay at a glance: VIP, waiting since when, early or late.
pub fn marks_of(app: App, stay: &Stay) -> impl IntoView + use<> {
    let is_expected = stay.status == StayStatus::Expected;
    let early = is_expected && stay.early_check_in;
    let badge = |hue: &'static str, text: &'static str| {
        view! { <span class="badge" data-hue=hue>{text}</span> }
    };
    let waits = stay.queued_at.filter(|_| is_expected);
    view! {
        {stay.vip.then(|| badge("brass", t("short.vip")))}
        {waits
            .map(|since| {
                view! {
                    <span class="badge" data-hue="dirty" data-testid="queued">
                        {icon(Icon::Wait)}
                        {move || minutes(app.now.get().millis_since(since))}
                    </span>
                }
            })}
        {early.then(|| badge("quiet", t("short.early")))}
        {stay.late_check_out.then(|| badge("quiet", t("short.late")))}
    }
}

fn stay_row(app: App, room: RoomId, id: StayId, stay: &Stay) -> impl IntoView + use<> {
    let guests = t_count("guests", usize::try_from(stay.guests()).unwrap_or(0));
    let about = [
        stay.booking.as_str(),
        stay.country.as_str(),
        stay.meal.as_str(),
        stay.note.as_str(),
    ]
    .into_iter()
    .filter(|part| !part.is_empty())
    .collect::<Vec<_>>()
    .join(" · ");
    let is_expected = stay.status == StayStatus::Expected;
    let is_due = is_expected && stay.arrival <= app.mirror.business_date();
    let not_ready = is_due.then(|| app.not_ready(room)).flatten();
    let open_label = t_with("stays.open", &[("dates", &days_of(stay))]);
    // Who comes later is not checked in today.
    let step = (is_due || !is_expected).then(|| next_step(id, stay.status, "button"));
    view! {
        <div class="row stay" data-testid="stay" data-status=stay.status.word()>
            <div class="row-text">
                <p>
                    <b>{days_of(stay)}</b>
                    " · "
                    {guests}
                    " "
                    <span class="badges">{marks_of(app, stay)}</span>
                </p>
                <p class="faint">{t_word("stay", stay.status.word())} " · " {about}</p>
                {not_ready
                    .map(|why| view! { <p class="why-not" data-testid="not-ready">{why}</p> })}
            </div>
            <div class="row-buttons">
                {step.flatten()}
                <button
                    type="button"
                    class="button plain icon-only"
                    data-testid="open-stay"
                    aria-label=open_label.clone()
                    title=open_label
                    on:click=click(move |_| app.open(Opened::Stay(id)))
                >
                    {icon(Icon::Bell)}
                </button>
            </div>
        </div>
    }
}
