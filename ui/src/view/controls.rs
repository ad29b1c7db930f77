//! Small parts that every screen uses.

use super::icon::{Icon, icon};
use crate::{
    app::App,
    catalogue::t,
    press::{click, is_echo},
    words::initials,
};
use keyrack_model::{
    command::Command,
    ids::{RoomId, UserId},
    work_order::Priority,
};
use leptos::prelude::*;

/// Its children while something is so. Leptos's own `Show` is downloaded once for every place that
/// it is used in.
#[component]
pub fn Shown(
    #[prop(into)] when: Signal<bool>,
    /// What is there while it is not so.
    #[prop(optional, into)]
    fallback: ViewFn,
    children: ChildrenFn,
) -> impl IntoView {
    view! {
        <Show when=move || when.get() fallback>
            {children()}
        </Show>
    }
}

/// A button that does a command. Where the person's role may not, it stays in its place, looks
/// disabled and says why.
#[component]
pub fn CommandButton(
    command: Command,
    label: &'static str,
    mark: Icon,
    testid: &'static str,
    #[prop(default = "button")] class: &'static str,
    /// The key that does the same.
    #[prop(optional)]
    keys: Option<String>,
    #[prop(optional)] pressed: Option<bool>,
    #[prop(into, default = "0".into())] tabindex: Signal<&'static str>,
) -> impl IntoView {
    let app = App::of_page();
    let command = StoredValue::new(command);
    let refused = Memo::new(move |_| app.refuses(&command.read_value()));
    let keys = keys.map(|keys| format!("{label} · {keys}"));
    let hint = move || refused.get().or_else(|| keys.clone());
    view! {
        <button
            type="button"
            class=class
            data-testid=testid
            title=hint
            aria-label=label
            tabindex=tabindex
            aria-disabled=move || refused.read().is_some().then_some("true")
            aria-pressed=pressed.map(|pressed| pressed.to_string())
            on:click=click(move |event| {
                event.stop_propagation();
                if !is_echo(&event) {
                    app.act(command.get_value());
                }
            })
        >
            {icon(mark)}
            <span>{label}</span>
        </button>
    }
}

/// A person's initials in a circle.
pub fn face(app: App, person: UserId, class: &'static str) -> impl IntoView {
    let name = app.person(person);
    view! {
        <span class=class title=name.clone() aria-label=name.clone() role="img">
            {initials(&name)}
        </span>
    }
}

/// `P2`, in the hue of its urgency.
pub fn priority_badge(priority: Priority) -> impl IntoView {
    view! {
        <span class="badge priority" data-priority=priority.word()>
            {priority.word().to_ascii_uppercase()}
        </span>
    }
}

/// Says beside a field that what is typed in it is kept, and not saved.
pub fn not_saved() -> impl IntoView {
    view! {
        <span class="not-saved" data-testid="not-saved">
            {icon(Icon::Pencil)}
            {t("draft.not-saved")}
        </span>
    }
}

/// Says from outside that something typed in there is not saved.
pub fn draft_mark() -> impl IntoView {
    view! {
        <span class="mark draft" data-testid="draft" role="img" title=t("draft.not-saved") aria-label=t("draft.not-saved")>
            {icon(Icon::Pencil)}
        </span>
    }
}

/// On the button that begins a work order, or goes on with one.
pub fn begun_mark(app: App, room: Option<RoomId>) -> impl IntoView {
    let draft = app.drafts.new_order(room);
    move || {
        icon(if draft.has() {
            Icon::Pencil
        } else {
            Icon::Plus
        })
    }
}

pub fn begun_label(app: App, room: Option<RoomId>, fresh: &'static str) -> impl IntoView {
    let draft = app.drafts.new_order(room);
    move || {
        if draft.has() {
            t("orders.go-on")
        } else {
            fresh
        }
    }
}

/// `true` or `false`, for attributes that say whether something is so.
pub fn as_word(is_so: RwSignal<bool>) -> impl Fn() -> String + Copy + Send {
    move || is_so.get().to_string()
}

/// What an empty place says: what belongs here and how to get it.
pub fn empty(mark: Icon, title: &'static str, lesson: String) -> impl IntoView {
    view! {
        <div class="empty">
            <div class="picture">{icon(mark)}</div>
            <h2>{title}</h2>
            <p>{lesson}</p>
        </div>
    }
}
