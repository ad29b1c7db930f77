//! Going to another hotel whose data are on this computer: some people work for several.

use super::icon::{Icon, icon};
use crate::{
    app::{App, SignedOut},
    catalogue::{t, t_count},
    press::click,
    words::problem::problem,
};
use keyrack_model::ipc::{OtherHotel, Request};
use leptos::{prelude::*, task::spawn_local};

/// A button for each, with what waits there.
pub fn other_hotels(
    known: &SignedOut,
    trouble: RwSignal<Option<String>>,
) -> Option<impl IntoView + use<>> {
    let buttons: Vec<_> = known.others.iter().map(|it| button(it, trouble)).collect();
    (!buttons.is_empty()).then(|| {
        view! {
            <section class="other-hotels" aria-labelledby="other-hotels">
                <h2 id="other-hotels">{t("other-hotels.title")}</h2>
                {buttons}
            </section>
        }
    })
}

fn button(other: &OtherHotel, trouble: RwSignal<Option<String>>) -> impl IntoView + use<> {
    let app = App::of_page();
    let hotel = other.hotel;
    let waiting = (other.waiting > 0).then(|| t_count("waiting", other.waiting));
    let go = move |_| {
        trouble.set(None);
        spawn_local(async move {
            if let Err(refused) = app.sign_in(Request::GoToHotel { hotel }).await {
                trouble.try_set(Some(problem(&refused)));
            }
        });
    };
    view! {
        <button
            type="button"
            class="face-tile"
            data-testid="other-hotel"
            data-hotel=other.code.clone()
            on:click=click(go)
        >
            <span class="face" aria-hidden="true">{icon(Icon::Key)}</span>
            <span>
                <b>{other.called().to_owned()}</b>
                {waiting.map(|waiting| view! { <small class="waits">{icon(Icon::Sync)} {waiting}</small> })}
            </span>
        </button>
    }
}
