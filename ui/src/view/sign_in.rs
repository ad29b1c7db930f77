//! Before anybody is here: whose computer this is, why the last session ended, what still waits from
//! whom, and the ways in.

use super::{
    by_password::ByPassword,
    faces::{Faces, Way},
    icon::{Icon, icon},
    key_notice::KeyNotice,
    other_hotels::other_hotels,
    still_waiting::still_waiting,
};
use crate::{
    app::{App, SignedOut},
    catalogue::{t, t_with},
    part::{Drawn, Part},
    words::problem::ended,
};
use leptos::{prelude::*, wasm_split::wasm_split};

/// Signing in is a part of the program: most days begin with somebody who is signed in.
pub const SIGN_IN: Part = Part::new(|| Box::pin(load()));

#[wasm_split(sign_in, wasm_split_path = leptos::wasm_split, fallible, preload(load))]
fn draw() -> Drawn {
    Ok(view! { <SignIn/> }.into_any())
}

/// Signing in, over the whole page.
pub fn sign_in() -> AnyView {
    SIGN_IN.shown(draw, |sentence| {
        view! {
            <main class="sign-in">
                <div class="sign-in-card">{sentence}</div>
            </main>
        }
        .into_any()
    })
}

#[component]
fn SignIn() -> impl IntoView {
    let app = App::of_page();
    let faces = Memo::new(move |_| {
        let presence = app.presence.read();
        let known = presence.signed_out();
        known.map(|known| known.faces.clone()).unwrap_or_default()
    });
    let is_faceless = Memo::new(move |_| faces.read().is_empty());
    let way = RwSignal::new(Way::Faces);
    let trouble = RwSignal::new(None::<String>);
    // Each hotel has its own ways in.
    let hotel = Memo::new(move |_| app.presence.read().signed_out().map(|it| it.hotel.clone()));
    Effect::watch(
        move || hotel.get(),
        move |_, _, _| {
            trouble.set(None);
            way.set(Way::Faces);
        },
        false,
    );
    view! {
        <main class="sign-in">
            <div class="sign-in-card">
                <header>
                    <span class="logo">{icon(Icon::Key)}</span>
                    {move || app.presence.read().signed_out().map(place)}
                </header>
                {move || app.presence.read().signed_out().map(ended_notice)}
                {move || app.presence.read().signed_out().map(still_waiting)}
                <KeyNotice/>
                {move || {
                    trouble
                        .get()
                        .map(|trouble| {
                            view! {
                                <p class="notice wrong" role="alert" data-testid="problem">
                                    {icon(Icon::Warning)}
                                    <span>{trouble}</span>
                                </p>
                            }
                        })
                }}
                {move || match (way.get(), is_faceless.get()) {
                    (Way::Password(name), false) => {
                        view! { <ByPassword name=Some(name) way trouble/> }.into_any()
                    }
                    (Way::Faces | Way::Pin(_) | Way::Password(_), true) => {
                        view! { <ByPassword name=None way trouble/> }.into_any()
                    }
                    (Way::Faces | Way::Pin(_), false) => {
                        view! { <Faces faces way trouble/> }.into_any()
                    }
                }}
                {move || app.presence.read().signed_out().map(|known| other_hotels(known, trouble))}
            </div>
        </main>
    }
}

/// Which hotel this is, once somebody has signed in to it here, and which computer.
fn place(known: &SignedOut) -> impl IntoView + use<> {
    let is_known = !known.hotel_name.is_empty();
    let device = t_with("sign-in.device", &[("device", &known.device_name)]);
    let title = if is_known {
        known.hotel_name.as_str()
    } else {
        t("app.name")
    };
    view! {
        <div>
            <h1 data-testid="hotel-name">{title.to_owned()}</h1>
            {(!is_known).then(|| view! { <p class="faint">{t("sign-in.tagline")}</p> })}
            <p class="faint" data-testid="this-device">{device}</p>
        </div>
    }
}

/// Why the session ended, when it was not the person who ended it.
fn ended_notice(known: &SignedOut) -> Option<impl IntoView + use<>> {
    let sentence = ended(known.ended.as_ref()?);
    Some(view! {
        <p class="notice" role="status" data-testid="ended">
            {icon(Icon::Warning)}
            <span>{sentence}</span>
        </p>
    })
}
