//! What the desk sees to first: rooms given out twice, and rooms of which front office and
//! housekeeping say different things.

use super::super::{
    controls::Shown,
    icon::{Icon, icon},
    room_stays::days_of,
    stay_buttons::RoomOfStay,
    told::{place, told_of},
};
use crate::{
    app::App,
    catalogue::{t, t_with, t_word},
    press::click,
    query::{
        desk::discrepancies,
        given_twice::{DoubleBooking, double_bookings, giving},
    },
    route::Opened,
    words::command::command,
};
use keyrack_model::{
    ids::{RoomId, StayId},
    room_status::Discrepancy,
    rows::HistoryEntry,
};
use leptos::prelude::*;

#[component]
pub fn Attention() -> impl IntoView {
    let app = App::of_page();
    let double = Memo::new(move |_| {
        let date = app.mirror.business_date();
        app.mirror
            .with_all(|cabinet| double_bookings(cabinet, date))
    });
    let disagreed = Memo::new(move |_| {
        let date = app.mirror.business_date();
        app.mirror.with_all(|cabinet| discrepancies(cabinet, date))
    });
    let bookings = move || {
        let double = double.get().into_iter();
        double
            .map(|booking| double_booking(app, booking))
            .collect_view()
    };
    let rooms = move || {
        let rooms = disagreed.get().into_iter();
        rooms.map(|found| discrepancy(app, found)).collect_view()
    };
    view! {
        <div class="attention">
            {bookings}
            <Shown when=move || !disagreed.read().is_empty()>
                <div class="notice discrepancy" data-testid="discrepancies">
                    {icon(Icon::Warning)}
                    <p>{t("discrepancy.check")}</p>
                    <span class="chips">{rooms}</span>
                </div>
            </Shown>
        </div>
    }
}

/// A room that several stays have, with the way to each: one of them gets another room.
pub fn double_booking(app: App, (room, stays): DoubleBooking) -> impl IntoView {
    let number = app.named(|names| names.room(room));
    let documents = stays.iter().map(|stay| (*stay).into()).collect::<Vec<_>>();
    let told = told_of(app, Memo::new(move |_| documents.clone()));
    let stays = stays
        .into_iter()
        .map(|stay| stay_line(app, room, stay, told));
    view! {
        <div class="notice conflict" role="group" data-testid="double-booking" aria-label=t("conflict.title")>
            {icon(Icon::Scales)}
            <div>
                <p>
                    <b>{t_with("tile.room", &[("n", &number)])}</b>
                    ". "
                    {t("conflict.two-stays")}
                </p>
                {stays.collect_view()}
            </div>
        </div>
    }
}

/// One of the stays, who gave it the room, and the rooms that it could have instead.
fn stay_line(app: App, room: RoomId, id: StayId, told: Signal<Vec<HistoryEntry>>) -> impl IntoView {
    let stay = Memo::new(move |_| app.mirror.stay(id));
    let guest = app.mirror.guest(id).and_then(|row| row.guest);
    let name = app.named(|names| names.stay(id));
    let named = match guest {
        Some(guest) => format!("{} · {name}", guest.name),
        None => name,
    };
    let about = move || {
        let stay = stay.get()?;
        let status = t_word("stay", stay.status.word());
        Some(format!("{status} · {}", days_of(&stay)))
    };
    let given = move || {
        let told = told.read();
        let entry = giving(&told, id, room)?;
        let said = app.named(|names| {
            t_with(
                "conflict.given",
                &[
                    ("what", &command(&entry.command, names)),
                    ("person", &names.person(entry.author)),
                    ("time", &app.moment(entry.at)),
                ],
            )
        });
        let place = place(app, entry.device, entry.at, entry.known_at);
        Some(view! {
            <span class="given" data-testid="double-booking-given">
                {said}
                <span class="faint">" · " {place}</span>
            </span>
        })
    };
    view! {
        <div class="double-line">
            <button
                type="button"
                class="link-to"
                data-testid="double-booking-stay"
                on:click=click(move |_| app.open(Opened::Stay(id)))
            >
                <b>{named}</b>
                " "
                <span class="faint">{about}</span>
                {given}
            </button>
            <RoomOfStay id stay class="select small"/>
        </div>
    }
}

fn discrepancy(app: App, (room, number, found): (RoomId, String, Discrepancy)) -> impl IntoView {
    view! {
        <button
            type="button"
            class="chip"
            data-testid="discrepancy-room"
            on:click=click(move |_| app.open(Opened::Room(room)))
        >
            <b>{number}</b>
            <span>{t_word("discrepancy", found.word())}</span>
        </button>
    }
}
