//! Small parts of which the sections are made.

use super::{
    ask::{Asking, Busy},
    line::Seen,
    state::Settings,
};
use crate::{
    catalogue::{t, t_with},
    clock::ago,
    focus::Stop,
    press::{click, is_echo},
    view::{
        controls::Shown,
        icon::{Icon, drawn, icon},
    },
};
use leptos::prelude::*;

/// Drawings that no other page has.
pub const BACK: &str = r#"<path d="M16.5 10h-13M8.5 5l-5 5 5 5"/>"#;
pub const BOOK: &str = r#"<path d="M4 4.2A1.7 1.7 0 0 1 5.7 2.5H16v12.6H5.7A1.7 1.7 0 0 0 4 16.8zM4 16.8a1.7 1.7 0 0 0 1.7 1.7H16v-3.4M7.5 6.5h5"/>"#;
pub const CHEVRON: &str = r#"<path d="m5.5 8 4.5 4.5L14.5 8"/>"#;
pub const COPY: &str = r#"<rect x="7" y="7" width="9.5" height="9.5" rx="1.5"/><path d="M13 7V5a1.5 1.5 0 0 0-1.5-1.5H5A1.5 1.5 0 0 0 3.5 5v6.5A1.5 1.5 0 0 0 5 13h2"/>"#;
pub const HOUSE: &str = r#"<path d="M3.5 17V5.5L10 2.5l6.5 3V17M2 17h16M8 17v-3.5h4V17M7 8h1.5M11.5 8H13M7 10.8h1.5M11.5 10.8H13"/>"#;
pub const LAPTOP: &str =
    r#"<rect x="3.5" y="4" width="13" height="9" rx="1.3"/><path d="M1.5 16h17"/>"#;

/// What a button is.
pub struct Button {
    pub testid: &'static str,
    pub class: &'static str,
    pub mark: Icon,
    pub label: &'static str,
}

/// A button that, where it may not be pressed, stays in its place, looks disabled and says why.
pub fn button(
    button: Button,
    refused: Signal<Option<String>>,
    does: impl Fn() + 'static,
) -> impl IntoView {
    asking_button(button, refused, move |busy| {
        busy.end();
        does();
    })
}

/// As [`button`], for what asks the server: until whoever asked ends its being busy, it keeps the
/// focus, says that it is busy and takes no other press.
pub fn asking_button(
    button: Button,
    refused: Signal<Option<String>>,
    asks: impl Fn(Busy) + 'static,
) -> impl IntoView {
    let busy = Busy::not();
    view! {
        <button
            type="button"
            class=button.class
            data-testid=button.testid
            title=refused
            aria-disabled=move || refused.read().is_some().then_some("true")
            aria-busy=move || busy.is().then_some("true")
            on:click=click(move |event| {
                if refused.read_untracked().is_none() && !is_echo(&event) {
                    busy.once(|| asks(busy));
                }
            })
        >
            {icon(button.mark)}
            <span>{button.label}</span>
        </button>
    }
}

/// Why something beside it may not be done, in words.
pub fn why(refused: Signal<Option<String>>) -> impl IntoView {
    move || {
        refused
            .get()
            .map(|reason| view! { <p class="faint why" data-testid="why">{reason}</p> })
    }
}

/// A field with its name, of a form that is sent as a whole.
pub fn field(
    testid: &'static str,
    label: &'static str,
    kind: FieldKind,
    longest: usize,
    value: RwSignal<String>,
) -> impl IntoView {
    let (kind, autocomplete) = match kind {
        FieldKind::Name => ("text", "off"),
        FieldKind::PresentPassword => ("password", "current-password"),
        FieldKind::NewPassword => ("password", "new-password"),
    };
    view! {
        <label class="field">
            <span>{label}</span>
            <input
                class="input"
                type=kind
                data-testid=testid
                name=testid
                autocomplete=autocomplete
                autocapitalize="none"
                spellcheck="false"
                maxlength=longest
                bind:value=value
            />
        </label>
    }
}

/// What is typed in a field.
#[derive(Clone, Copy)]
pub enum FieldKind {
    Name,
    PresentPassword,
    NewPassword,
}

/// What is wrong with what a form asks for.
pub fn trouble(said: RwSignal<Option<String>>) -> impl IntoView {
    move || {
        said.get().map(|said| {
            view! {
                <p class="notice wrong" role="alert" data-testid="problem">
                    {icon(Icon::Warning)}
                    <span>{said}</span>
                </p>
            }
        })
    }
}

/// One of a list, which shows all there is to it when it is pressed.
#[component]
pub fn Fold(stop: Stop, testid: String, head: AnyView, children: ChildrenFn) -> impl IntoView {
    let page = Settings::of_page();
    let is_open = Signal::derive(move || page.unfolded.get() == Some(stop));
    let children = StoredValue::new(children);
    view! {
        <li class="fold">
            <button
                type="button"
                class="line"
                data-stop=stop.to_string()
                data-testid=testid
                aria-expanded=move || is_open.get().to_string()
                on:click=click(move |_| page.unfold(stop))
            >
                {head}
                <span class="chevron">{drawn(CHEVRON)}</span>
            </button>
            <Shown when=is_open>
                <div class="line-more">{children.with_value(|children| children())}</div>
            </Shown>
        </li>
    }
}

/// When the server last heard from somebody or something.
pub fn seen(page: Settings, seen: Seen) -> String {
    match (seen, &*page.asking.read()) {
        (Seen::At(at), _) => t_with("seen.at", &[("when", &ago(at, page.now.get()))]),
        (Seen::Never, _) => t("seen.never").to_owned(),
        (Seen::NotKnown, Asking::Now) => t("seen.asking").to_owned(),
        (Seen::NotKnown, Asking::Answered | Asking::Failed(_)) => t("seen.not-known").to_owned(),
    }
}

/// What stands in a section's place until the server has answered.
pub fn not_known(page: Settings) -> impl IntoView {
    let said = move || match &*page.asking.read() {
        Asking::Now => t("seen.asking"),
        Asking::Answered | Asking::Failed(_) => t("seen.not-known"),
    };
    view! { <p class="faint not-known" role="status">{said}</p> }
}
