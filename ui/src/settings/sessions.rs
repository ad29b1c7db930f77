//! Where somebody is signed in.

use super::{
    line,
    parts::{Button, asking_button, not_known},
    state::Settings,
};
use crate::{
    catalogue::{t, t_with},
    clock::ago,
    view::{controls::Shown, icon::Icon},
};
use keyrack_model::{
    administration::{Administration, SeenSession},
    ids::UserId,
};
use leptos::prelude::*;

#[component]
pub fn Sessions(person: UserId) -> impl IntoView {
    let page = Settings::of_page();
    let sessions = Memo::new(move |_| {
        let overview = page.overview.read();
        overview.as_ref().map(|it| line::sessions(it, person))
    });
    let each = move || sessions.get().unwrap_or_default();
    let is_none = move || sessions.read().as_ref().is_some_and(Vec::is_empty);
    view! {
        <div class="sessions">
            <h3>{t("sessions.title")}</h3>
            <Shown when=move || sessions.read().is_some() fallback=move || not_known(page)>
                <ul>
                    <For each key=|session| (session.id, session.seen_at.0) let(session)>
                        {one(page, session)}
                    </For>
                </ul>
                <Shown when=is_none>
                    <p class="faint">{t("sessions.none")}</p>
                </Shown>
            </Shown>
        </div>
    }
}

fn one(page: Settings, session: SeenSession) -> impl IntoView {
    let device = session.device;
    let name = move || {
        let name = page.device_name(device);
        name.unwrap_or_else(|| t("devices.unknown").to_owned())
    };
    let told = move || {
        let begun = page.moment(session.begun_at);
        let seen = ago(session.seen_at, page.now.get());
        t_with("sessions.told", &[("begun", &begun), ("seen", &seen)])
    };
    let end = move |busy| {
        let asked = Administration::EndSession {
            session: session.id,
        };
        let device = untrack(name);
        let done = t_with("sessions.ended", &[("device", &device)]);
        page.change(busy, asked, done, None, || {});
    };
    view! {
        <li class="session" data-testid="session">
            <span class="line-name">
                <b>
                    {name}
                    {session
                        .is_own
                        .then(|| view! { <span class="badge filled">{t("sessions.own")}</span> })}
                </b>
                <span class="faint">{told}</span>
            </span>
            {(!session.is_own)
                .then(|| {
                    asking_button(
                        Button {
                            testid: "end-session",
                            class: "button",
                            mark: Icon::SignOut,
                            label: t("sessions.end"),
                        },
                        Signal::derive(move || page.unreachable()),
                        end,
                    )
                })}
        </li>
    }
}
