//! The rooms that a room belongs together with.

use super::{
    choice::{List, words},
    controls::CommandButton,
    icon::{Icon, icon},
    order_fields::room_numbered,
};
use crate::{
    app::{App, ToastKind},
    catalogue::{t, t_word},
    press::click,
    query::few::in_order,
    route::Opened,
};
use keyrack_model::{
    command::{Command, RoomCommand},
    ids::RoomId,
    room_link::RoomLinkKind,
};
use leptos::{ev::SubmitEvent, prelude::*};

#[component]
pub fn Links(id: RoomId) -> impl IntoView {
    let app = App::of_page();
    let links = Memo::new(move |_| {
        let links = app.mirror.with_room(id, |file| {
            in_order(file.links(), |(other, kind)| (*kind, *other))
        });
        links.unwrap_or_default()
    });
    let link = move |(other, kind): (RoomId, RoomLinkKind)| {
        let number = app.named(|names| names.room(other));
        view! {
            <div class="row" data-testid="link">
                <button
                    type="button"
                    class="row-text link-to"
                    on:click=click(move |_| app.open(Opened::Room(other)))
                >
                    <b>{number}</b>
                    <span class="faint">{t_word("link", kind.word())}</span>
                </button>
                <CommandButton
                    command=linking(id, other, None)
                    label=t("links.remove")
                    mark=Icon::Close
                    testid="unlink"
                    class="button plain icon-only"
                />
            </div>
        }
    };
    view! {
        <section class="part" aria-label=t("links.title")>
            <h3>{t("links.title")}</h3>
            {move || links.get().into_iter().map(link).collect_view()}
            <LinkForm id/>
        </section>
    }
}

fn linking(first: RoomId, second: RoomId, kind: Option<RoomLinkKind>) -> Command {
    Command::Rooms(RoomCommand::Link {
        first,
        second,
        kind,
    })
}

#[component]
fn LinkForm(id: RoomId) -> impl IntoView {
    let app = App::of_page();
    let refused = Memo::new(move |_| app.refuses(&linking(id, id, None)));
    let number = RwSignal::new(String::new());
    let kind = RwSignal::new(RoomLinkKind::default().word().to_owned());
    let add = move |event: SubmitEvent| {
        event.prevent_default();
        if let Some(reason) = refused.get_untracked() {
            return app.say(ToastKind::Problem, reason);
        }
        let wanted = kind.get_untracked().parse().ok();
        match room_numbered(app, &number.get_untracked()) {
            Some(other) => {
                app.act(linking(id, other, wanted));
                number.set(String::new());
            }
            None => app.say(ToastKind::Problem, t("links.no-such-room").to_owned()),
        }
    };
    view! {
        <form class="link-form" on:submit=add>
            <input
                class="input"
                data-testid="link-room"
                inputmode="numeric"
                autocomplete="off"
                aria-label=t("field.room")
                placeholder=t("order-form.room-hint")
                title=move || refused.get()
                disabled=move || refused.read().is_some()
                bind:value=number
            />
            <List
                testid="link-kind"
                class="select"
                name=Some(t("links.title"))
                value=Signal::derive(move || kind.get())
                options=words("link", RoomLinkKind::ALL, |kind| kind.word())
                refused=refused.into()
                choose=move |(word, _): (String, Trigger)| kind.set(word)
            />
            <button
                type="submit"
                class="button"
                data-testid="link-save"
                title=move || refused.get()
                aria-disabled=move || refused.read().is_some().then_some("true")
            >
                {icon(Icon::Link)}
                {t("orders.add")}
            </button>
        </form>
    }
}
