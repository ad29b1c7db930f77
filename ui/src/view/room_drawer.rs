//! The drawer of one room.

use super::{
    blocks::Blocks,
    conflict::{ConflictBanner, DoubleBooked},
    controls::{CommandButton, Shown},
    history::{History, Subject},
    icon::{Icon, icon},
    links::Links,
    note::Note,
    registers::Registers,
    room_stays::Stays,
    room_work::{Tasks, WorkOrdersOfRoom},
};
use crate::{
    app::App,
    catalogue::{t, t_with, t_word},
    keymap::{Action, keys_of},
    perform::perform,
    press::click,
    query::settling::NoteOf,
    words::room_type,
};
use keyrack_model::{cleanliness::Cleanliness, command::Command, ids::RoomId};
use leptos::prelude::*;

#[component]
pub fn RoomDrawer(id: RoomId) -> impl IntoView {
    let app = App::of_page();
    let card = Memo::new(move |_| app.mirror.card(id));
    let number = move || card.get().map(|card| card.number.clone());
    let about = move || {
        card.get().map(|card| {
            let floor = t_with("floor", &[("n", &card.floor.to_string())]);
            format!("{} · {floor}", room_type(&card.room_type))
        })
    };
    view! {
        <aside
            class="drawer"
            data-testid="room-drawer"
            aria-label=move || t_with("tile.room", &[("n", &number().unwrap_or_default())])
        >
            <header class="drawer-head">
                <h2 class="number" data-testid="drawer-number" data-heading tabindex="-1">{number}</h2>
                {move || card.get().map(|card| view! {
                    <span
                        class="badge filled code"
                        data-cleanliness=format!("{:?}", card.status.cleanliness)
                    >
                        {icon(Icon::of(card.status.cleanliness))}
                        {card.status.code()}
                    </span>
                })}
                <span class="faint about">{about}</span>
                <CloseButton/>
            </header>
            <div class="drawer-body">
                <Shown
                    when=move || card.read().is_some()
                    fallback=|| view! { <p class="faint gap">{t("room.not-here")}</p> }
                >
                    <DoubleBooked id/>
                    <ConflictBanner document=id.into()/>
                    <SetCleanliness id/>
                    <Registers id/>
                    <Note of=NoteOf::Room(id)/>
                    <Stays id/>
                    <Tasks id/>
                    <WorkOrdersOfRoom id/>
                    <Blocks id/>
                    <Links id/>
                    <History subject=Subject::Room(id)/>
                </Shown>
            </div>
        </aside>
    }
}

#[component]
pub fn CloseButton() -> impl IntoView {
    let app = App::of_page();
    view! {
        <button
            type="button"
            class="button plain icon-only close"
            data-testid="close"
            aria-label=t("close")
            title=keys_of(Action::Back).map(|keys| format!("{} · {keys}", t("close")))
            on:click=click(move |_| perform(app, Action::Back))
        >
            {icon(Icon::Close)}
        </button>
    }
}

/// Four buttons, one for each cleanliness, with the present one pressed.
#[component]
fn SetCleanliness(id: RoomId) -> impl IntoView {
    let app = App::of_page();
    let buttons = move || {
        let present = app.mirror.card(id).map(|card| card.status.cleanliness);
        Cleanliness::ALL
            .iter()
            .map(|value| set_button(id, *value, present == Some(*value)))
            .collect_view()
    };
    view! {
        <div class="segments" role="group" aria-label=t("field.cleanliness")>
            {buttons}
        </div>
    }
}

fn set_button(room: RoomId, value: Cleanliness, is_present: bool) -> impl IntoView {
    let testid = match value {
        Cleanliness::Dirty => "set-dirty",
        Cleanliness::Pickup => "set-pickup",
        Cleanliness::Clean => "set-clean",
        Cleanliness::Inspected => "set-inspected",
    };
    let command = Command::SetCleanliness {
        rooms: vec![room],
        value,
    };
    view! {
        <span class="hued" data-cleanliness=format!("{value:?}")>
            <CommandButton
                command
                label=t_word("cleanliness", value.word())
                mark=Icon::of(value)
                testid
                class="segment"
                keys=keys_of(Action::Set(value)).unwrap_or_default()
                pressed=is_present
            />
        </span>
    }
}
