//! A document that this device does not hold: it is asked of the server as soon as that can be
//! reached.

use crate::{app::App, catalogue::t};
use keyrack_model::{
    ids::DocumentRef,
    ipc::{Connection, Request},
};
use leptos::prelude::*;

#[component]
pub fn NotHere(document: DocumentRef) -> impl IntoView {
    let app = App::of_page();
    ask_for(app, document);
    let said = move || {
        if is_offline(app) {
            t("not-here.offline")
        } else {
            t("not-here.asked")
        }
    };
    view! { <p class="faint gap" role="status" data-testid="not-here">{said}</p> }
}

/// Asks the server for all of a document.
pub fn ask_for(app: App, document: DocumentRef) {
    app.request(Request::Open(document), |_| {});
}

pub fn is_offline(app: App) -> bool {
    matches!(app.sync.read().connection, Connection::Offline { .. })
}
