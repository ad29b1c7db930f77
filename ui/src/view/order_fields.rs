//! A work order's status, priority, room and who has it, each edited in place.

use super::{
    choice::{Choice, Offer, Options, people, words},
    icon::{Icon, icon},
    order_drawer::Order,
};
use crate::{
    app::{App, ToastKind},
    catalogue::{t, t_word},
    press::click,
    route::Opened,
    words::problem::refusal,
};
use keyrack_model::{
    command::{Command, WorkOrderEdit},
    ids::{RoomId, UserId, WorkOrderId},
    policy::allows_edit,
    refusal::Refusal,
    work_order::{Priority, WorkOrder, WorkOrderChange, WorkOrderStatus},
};
use leptos::prelude::*;

#[component]
pub fn Fields(id: WorkOrderId, order: Order) -> impl IntoView {
    let app = App::of_page();
    let status = move || order.get().map(|order| order.status).unwrap_or_default();
    let priority = move || order.get().map(|order| order.priority).unwrap_or_default();
    let assignee = move || {
        let person = order.get().and_then(|order| order.assignee);
        person.map(|id| id.to_string()).unwrap_or_default()
    };
    let edit = move |edit| Command::EditWorkOrder {
        work_order: id,
        edit,
    };
    view! {
        <div class="fields">
            <label class="field">
                <span>{t("field.status")}</span>
                <Choice
                    testid="order-status"
                    value=Signal::derive(move || status().word().to_owned())
                    options=Signal::derive(move || steps(app, &order.get().unwrap_or_default()))
                    choose=move |word: String| {
                        let status = Some(word.parse().ok()?);
                        Some(edit(WorkOrderEdit { status, ..WorkOrderEdit::default() }))
                    }
                />
            </label>
            <label class="field">
                <span>{t("field.priority")}</span>
                <Choice
                    testid="order-priority"
                    value=Signal::derive(move || priority().word().to_owned())
                    options=words("priority", Priority::ALL, |it| it.word())
                    refused=Signal::derive(move || {
                        let ranked = WorkOrderChange::Priority(priority());
                        let refused = refuses(app, &order.get()?, &ranked)?;
                        Some(refusal(&refused))
                    })
                    choose=move |word: String| {
                        let priority = Some(word.parse().ok()?);
                        Some(edit(WorkOrderEdit { priority, ..WorkOrderEdit::default() }))
                    }
                />
            </label>
            <label class="field">
                <span>{t("field.assignee")}</span>
                <Choice
                    testid="order-assignee"
                    value=Signal::derive(assignee)
                    options=Signal::derive(move || takers(app, &order.get().unwrap_or_default()))
                    refused=Signal::derive(move || gives_nobody(app, &order.get()?))
                    choose=move |person: String| {
                        let assignee = Some(person.parse::<UserId>().ok());
                        Some(edit(WorkOrderEdit { assignee, ..WorkOrderEdit::default() }))
                    }
                />
            </label>
            <label class="field">
                <span>{t("field.room")}</span>
                <RoomField id order/>
            </label>
        </div>
    }
}

/// Why the person may not write a field of a work order; None when they may.
fn refuses(app: App, order: &WorkOrder, change: &WorkOrderChange) -> Option<Refusal> {
    let here = app.here()?;
    allows_edit(here.me.role, here.me.id, order, change).err()
}

/// Every status; those that the person cannot take the work order to say why.
fn steps(app: App, order: &WorkOrder) -> Options {
    use WorkOrderStatus::{Cancelled, Verified};
    let is_of_inspectors = |status| matches!(status, Verified | Cancelled);
    let refused = |to: WorkOrderStatus| {
        Some(match refuses(app, order, &WorkOrderChange::Status(to))? {
            Refusal::WorkOrderState { .. } => t("order.only-after-done"),
            _ if [order.status, to].into_iter().any(is_of_inspectors) => t("order.only-inspectors"),
            _ => t("order.only-at-work"),
        })
    };
    WorkOrderStatus::ALL
        .iter()
        .map(|status| Offer {
            refused: refused(*status),
            ..Offer::of(status.word(), t_word("order", status.word()))
        })
        .collect()
}

/// Nobody and the people of the hotel; those to whom the person cannot give the work order say why.
pub fn takers(app: App, order: &WorkOrder) -> Options {
    let offered = |offer: Offer| {
        let person = offer.word.parse::<UserId>().ok();
        let given = WorkOrderChange::Assignee(person);
        let is_refused = person != order.assignee && refuses(app, order, &given).is_some();
        let refused = is_refused.then(|| t("order.only-inspectors"));
        Offer {
            refused: offer.refused.or(refused),
            ..offer
        }
    };
    people(app).into_iter().map(offered).collect()
}

/// Why the person neither takes the work order nor gives it back; None when they do one of them.
pub fn gives_nobody(app: App, order: &WorkOrder) -> Option<String> {
    let me = Some(app.me());
    let given = if order.assignee == me { None } else { me };
    let refused = refuses(app, order, &WorkOrderChange::Assignee(given))?;
    Some(refusal(&refused))
}

/// The room by the number on its door; a number that no room has, or that could not be kept, gives
/// way to the one that is.
#[component]
fn RoomField(id: WorkOrderId, order: Order) -> impl IntoView {
    let app = App::of_page();
    let again = Trigger::new();
    let room = move || order.get().and_then(|order| order.room);
    // A number that is being typed gives way only to another room, not to any news of the order.
    let kept = Memo::new(move |_| {
        room()
            .map(|id| app.named(|names| names.room(id)))
            .unwrap_or_default()
    });
    let number = move || {
        again.track();
        kept.get()
    };
    let move_to = move |typed: String| {
        let found = room_numbered(app, &typed);
        if typed.trim().is_empty() || found.is_some() {
            let edit = WorkOrderEdit {
                room: Some(found),
                ..WorkOrderEdit::default()
            };
            let command = Command::EditWorkOrder {
                work_order: id,
                edit,
            };
            app.act_or(command, move || again.notify());
        } else {
            app.say(ToastKind::Problem, t("order.no-such-room").to_owned());
            again.notify();
        }
    };
    let button = move |room: RoomId| {
        view! {
            <button
                type="button"
                class="button icon-only"
                aria-label=t("order.open-room")
                title=t("order.open-room")
                on:click=click(move |_| app.open(Opened::Room(room)))
            >
                {icon(Icon::Bed)}
            </button>
        }
    };
    view! {
        <span class="with-button">
            <input
                class="input"
                data-testid="order-room"
                inputmode="numeric"
                prop:value=number
                on:change=move |event| move_to(event_target_value(&event))
            />
            {move || room().map(button)}
        </span>
    }
}

/// The room with this number on its door.
pub fn room_numbered(app: App, number: &str) -> Option<RoomId> {
    app.mirror.glance(|cabinet| {
        cabinet
            .rooms()
            .find(|(_, room)| room.number.eq_ignore_ascii_case(number.trim()))
            .map(|(id, _)| id)
    })
}
