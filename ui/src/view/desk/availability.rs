//! What there is to sell of each type, day by day.

use crate::{
    app::App,
    catalogue::{t, t_with},
    clock::weekday,
    query::free_rooms::{availability, days_to_sell},
    words::room_type,
};
use keyrack_model::availability::NightOfType;
use leptos::prelude::*;

/// So few rooms of a type are soon gone.
const FEW: i64 = 2;

#[component]
pub fn Availability() -> impl IntoView {
    let app = App::of_page();
    let nights = Memo::new(move |_| {
        let today = app.mirror.business_date();
        app.mirror.with_all(|cabinet| availability(cabinet, today))
    });
    let days = move || {
        let days = days_to_sell(app.mirror.business_date()).into_iter();
        days.map(|day| {
            view! {
                <th scope="col">
                    <small>{weekday(day)}</small>
                    {day.0.day()}
                </th>
            }
        })
        .collect_view()
    };
    view! {
        <div class="sheet">
            <table class="availability" data-testid="availability">
                <caption class="unseen">{t("desk.availability")}</caption>
                <thead>
                    <tr>
                        <th scope="col">{t("field.room-type")}</th>
                        {days}
                    </tr>
                </thead>
                <tbody>{move || nights.get().iter().map(|nights| of_type(nights)).collect_view()}</tbody>
                <tfoot>{move || total(&nights.read())}</tfoot>
            </table>
        </div>
    }
}

fn of_type(nights: &[NightOfType]) -> impl IntoView + use<> {
    let name = nights.first().map(|night| room_type(&night.room_type));
    let cells = nights.iter().map(|night| cell(night.free(), night.rooms));
    view! {
        <tr>
            <th scope="row">{name}</th>
            {cells.collect_view()}
        </tr>
    }
}

fn cell(free: i64, rooms: usize) -> impl IntoView {
    let state = match free {
        ..=0 => "none",
        1..=FEW => "few",
        _ => "some",
    };
    let words = [("free", &*free.to_string()), ("rooms", &*rooms.to_string())];
    view! {
        <td data-free=state title=t_with("desk.free-of", &words)>
            {free}
        </td>
    }
}

/// Of all types together.
fn total(nights: &[Vec<NightOfType>]) -> impl IntoView + use<> {
    let days = nights.first().map_or(0, Vec::len);
    let of_day = |day: usize| nights.iter().filter_map(move |nights| nights.get(day));
    let cells = (0..days).map(|day| {
        let free = of_day(day).map(NightOfType::free).sum();
        cell(free, of_day(day).map(|night| night.rooms).sum())
    });
    view! {
        <tr>
            <th scope="row">{t("chip.all")}</th>
            {cells.collect_view()}
        </tr>
    }
}
