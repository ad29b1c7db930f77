//! The computers on which the hotel's data are, and adding one.

use super::{
    line,
    parts::{Button, Fold, LAPTOP, asking_button, button, not_known, seen, why},
    state::{Confirm, Dialog, Settings},
};
use crate::{
    catalogue::{t, t_with},
    focus::Stop,
    view::{
        controls::Shown,
        icon::{Icon, drawn},
    },
};
use keyrack_model::{
    administration::{Administration, SeenDevice},
    class::GuestNames,
    ids::DeviceId,
};
use leptos::prelude::*;

#[component]
pub fn Devices() -> impl IntoView {
    let page = Settings::of_page();
    let devices = Memo::new(move |_| {
        let overview = page.overview.read();
        overview.as_ref().map(|it| line::devices(it, page.device()))
    });
    let ids = Memo::new(move |_| {
        let devices = devices.read();
        let all = devices.iter().flatten();
        all.map(|device| device.id).collect::<Vec<_>>()
    });
    let refused = Signal::derive(move || page.unreachable());
    view! {
        <section class="part" aria-labelledby="part-title">
            <header class="part-head">
                <div>
                    <h1 id="part-title">{t("settings.devices")}</h1>
                    <p class="faint">{t("devices.lesson")}</p>
                </div>
                {asking_button(
                    Button {
                        testid: "add-device",
                        class: "button primary",
                        mark: Icon::Plus,
                        label: t("devices.add"),
                    },
                    refused,
                    move |busy| {
                        let asked = Administration::MakeDeviceCode;
                        page.change(busy, asked, String::new(), None, || {});
                    },
                )}
            </header>
            <Shown when=move || devices.read().is_some() fallback=move || not_known(page)>
                <ul class="lines">
                    <For each=move || ids.get() key=|id| *id let(id)>
                        <DeviceLine id devices/>
                    </For>
                </ul>
            </Shown>
        </section>
    }
}

#[component]
fn DeviceLine(id: DeviceId, devices: Memo<Option<Vec<SeenDevice>>>) -> impl IntoView {
    let page = Settings::of_page();
    let device = Memo::new(move |_| {
        let devices = devices.read();
        devices.iter().flatten().find(|it| it.id == id).cloned()
    });
    let name = move || device.get().map(|it| it.name).unwrap_or_default();
    let is_revoked = move || device.read().as_ref().is_some_and(|it| it.revoked);
    let is_kept_off = move || {
        let device = device.read();
        device
            .as_ref()
            .is_some_and(|it| it.guests == GuestNames::KeptOff)
    };
    let heard = move || {
        let seen_at = device.read().as_ref().and_then(|it| it.seen_at);
        seen(page, seen_at.into())
    };
    let testid = format!("device-{}", untrack(name));
    let head = view! {
        <span class="face device">{drawn(LAPTOP)}</span>
        <span class="line-name">
            <b>{name}</b>
        </span>
        <span class="line-tag">
            {move || {
                (page.device() == id)
                    .then(|| view! { <span class="badge filled">{t("devices.own")}</span> })
            }}
            {move || {
                is_kept_off()
                    .then(|| {
                        view! {
                            <span class="badge" data-testid="kept-off">
                                {t("devices.kept-off")}
                            </span>
                        }
                    })
            }}
            {move || {
                is_revoked()
                    .then(|| {
                        view! {
                            <span class="badge wrong" data-testid="revoked">
                                {t("devices.revoked")}
                            </span>
                        }
                    })
            }}
        </span>
        <span class="line-seen faint">{heard}</span>
    };
    let refused = Signal::derive(move || page.unreachable());
    // There is no way back from it on this page.
    let lost = Signal::derive(move || {
        let is_over = is_revoked().then(|| t("devices.is-revoked"));
        let is_own = (page.device() == id).then(|| t("devices.is-own"));
        let never = is_over.or(is_own).map(str::to_owned);
        page.unreachable().or(never)
    });
    view! {
        <Fold stop=Stop::Device(id) testid head=head.into_any()>
            <div class="line-acts">
                {button(
                    Button {
                        testid: "rename",
                        class: "button",
                        mark: Icon::Pencil,
                        label: t("devices.rename"),
                    },
                    refused,
                    move || {
                        if let Some(device) = device.get_untracked() {
                            page.open(Dialog::Rename(device));
                        }
                    },
                )}
                {button(
                    Button {
                        testid: "guest-names",
                        class: "button",
                        mark: Icon::Guests,
                        label: t("devices.guest-names"),
                    },
                    refused,
                    move || {
                        if let Some(device) = device.get_untracked() {
                            page.open(Dialog::Confirm(guest_names(&device)));
                        }
                    },
                )}
                {button(
                    Button {
                        testid: "lost",
                        class: "button grave",
                        mark: Icon::Warning,
                        label: t("devices.lost"),
                    },
                    lost,
                    move || {
                        if let Some(device) = device.get_untracked() {
                            page.open(Dialog::Confirm(loss(&device)));
                        }
                    },
                )}
            </div>
            {why(lost)}
        </Fold>
    }
}

/// What it means that guests' names are kept off a device, or let onto it.
fn guest_names(device: &SeenDevice) -> Confirm {
    let name = [("device", &*device.name)];
    let (title, means, yes, guests, done) = match device.guests {
        GuestNames::Shown => (
            t_with("devices.keep-off-title", &name),
            vec![t("devices.keep-off-now"), t("devices.keep-off-until")],
            t("devices.keep-off"),
            GuestNames::KeptOff,
            t_with("devices.is-kept-off", &name),
        ),
        GuestNames::KeptOff => (
            t_with("devices.let-in-title", &name),
            vec![t("devices.let-in-now")],
            t("devices.let-in"),
            GuestNames::Shown,
            t_with("devices.is-let-in", &name),
        ),
    };
    Confirm {
        title,
        means: means.into_iter().map(str::to_owned).collect(),
        yes,
        asked: Administration::SetGuestNames {
            device: device.id,
            guests,
        },
        about: None,
        done,
    }
}

/// What happens to a device that is lost or stolen.
fn loss(device: &SeenDevice) -> Confirm {
    let name = [("device", &*device.name)];
    let means = [
        t("devices.lost-out"),
        t("devices.lost-late"),
        t("devices.lost-final"),
    ];
    Confirm {
        title: t_with("devices.lost-title", &name),
        means: means.map(str::to_owned).to_vec(),
        yes: t("devices.lost"),
        asked: Administration::RevokeDevice { device: device.id },
        about: None,
        done: t_with("devices.is-lost", &name),
    }
}
