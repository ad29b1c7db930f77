//! A part of the program: what opens over a screen and beside it.

use super::{
    choose_pin::ChoosePin,
    desk::{audit::NightAudit, booking::Booking},
    modal::Modal,
    order_drawer::OrderDrawer,
    order_form::OrderForm,
    palette::Palette,
    room_drawer::{CloseButton, RoomDrawer},
    shortcuts::Shortcuts,
    sign_out::{Leave, SignOut},
    stay_drawer::StayDrawer,
};
use crate::{
    app::Dialog,
    catalogue::t,
    part::{Drawn, Part},
    route::Opened,
};
use leptos::{prelude::*, wasm_split::wasm_split};

pub const OPENED: Part = Part::new(|| Box::pin(load()));

/// What this part draws.
#[derive(Clone, Copy)]
pub enum Over {
    Drawer(Opened),
    Dialog(Dialog),
}

#[wasm_split(opened, wasm_split_path = leptos::wasm_split, fallible, preload(load))]
fn draw(over: Over) -> Drawn {
    Ok(match over {
        Over::Drawer(Opened::Room(id)) => view! { <RoomDrawer id/> }.into_any(),
        Over::Drawer(Opened::WorkOrder(id)) => view! { <OrderDrawer id/> }.into_any(),
        Over::Drawer(Opened::Stay(id)) => view! { <StayDrawer id/> }.into_any(),
        Over::Dialog(Dialog::NewStay) => view! { <Booking/> }.into_any(),
        Over::Dialog(Dialog::NightAudit) => view! { <NightAudit/> }.into_any(),
        Over::Dialog(Dialog::Palette) => view! { <Palette/> }.into_any(),
        Over::Dialog(Dialog::Shortcuts) => view! { <Shortcuts/> }.into_any(),
        Over::Dialog(Dialog::NewWorkOrder(room)) => view! { <OrderForm room/> }.into_any(),
        Over::Dialog(Dialog::SignOut) => view! { <SignOut/> }.into_any(),
        Over::Dialog(Dialog::ChoosePin(then)) => view! { <ChoosePin then/> }.into_any(),
        Over::Dialog(Dialog::Leave) => view! { <Leave/> }.into_any(),
    })
}

/// What is open beside the screen.
pub fn drawer(opened: Opened) -> AnyView {
    OPENED.shown(move || draw(Over::Drawer(opened)), no_drawer)
}

fn no_drawer(sentence: AnyView) -> AnyView {
    view! {
        <aside class="drawer" aria-label=t("part.label")>
            <header class="drawer-head">
                <span class="about"></span>
                <CloseButton/>
            </header>
            <div class="drawer-body">{sentence}</div>
        </aside>
    }
    .into_any()
}

/// What is open over the page.
pub fn dialog(dialog: Dialog) -> AnyView {
    OPENED.shown(move || draw(Over::Dialog(dialog)), no_dialog)
}

fn no_dialog(sentence: AnyView) -> AnyView {
    view! { <Modal label=t("part.label")>{sentence}</Modal> }.into_any()
}
