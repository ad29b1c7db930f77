//! What is around every section: the rail, the top bar, what is to be known of the server, and what
//! floats above.

use super::{
    access::Access,
    ask::Asking,
    audit::Audit,
    confirm::Confirm,
    device_code::DeviceCode,
    devices::Devices,
    hotel::Hotel,
    import::Import,
    keymap::Action,
    keys::{self, next_theme},
    palette::{Palette, Shortcuts},
    parts::{BACK, BOOK, HOUSE, LAPTOP},
    people::People,
    present::Present,
    rename::Rename,
    reviews::Reviews,
    room_form::RoomForm,
    rooms::Rooms,
    section::Section,
    shown_once::{HandOver, NewKey},
    state::{Dialog, Settings},
    take_on::TakeOn,
};
use crate::{
    app::Toast,
    catalogue::{SETTINGS, SHARED, t, t_count, t_word},
    host::Host,
    idle::{self, Leave, Return},
    pages::{Page, go_back},
    part::NotLoaded,
    press::click,
    start::{self, each_second, now, when_back},
    view::{
        frame::theme_icon,
        icon::{Icon, drawn, icon},
        toasts::toasts,
    },
    words::{initials, problem::problem},
};
use keyrack_model::time::Timestamp;
use leptos::{prelude::*, wasm_split::wasm_split};

/// The way into this page, which is a part of the program.
#[wasm_split(settings, wasm_split_path = leptos::wasm_split, fallible)]
pub fn begin() -> Result<(), NotLoaded> {
    if let Some(host) = start::begin(&[SHARED, SETTINGS]) {
        mount_to_body(|| view! { <SettingsPage host now=now()/> });
    }
    Ok(())
}

#[component]
fn SettingsPage(host: Host, now: Timestamp) -> impl IntoView {
    let page = Settings::new(host, now);
    provide_context(page);
    each_second(move |now| page.now.set(now));
    keys::listen(page);
    let here = move || {
        let here = page.here.get()?;
        Some((here.me.id, Return::of(here.has_pin, page.is_offline())))
    };
    let leave = move |how| match how {
        Leave::Lock => page.lock(),
        Leave::SignOut => page.sign_out(),
    };
    idle::watch(move || page.now.get_untracked(), here, leave);
    page.watch();
    when_back(move || page.watch());
    let is_somebody_here = Memo::new(move |_| page.here.read().is_some());
    move || is_somebody_here.get().then(|| view! { <Frame/> })
}

#[component]
fn Frame() -> impl IntoView {
    let page = Settings::of_page();
    let asks_for_password = Memo::new(move |_| page.asks_for_password());
    view! {
        <div class="frame settings">
            <Rail/>
            <TopBar/>
            <main id="content" tabindex="-1">
                <div class="scroller">
                    {move || unreachable(page)}
                    {move || match page.section.get() {
                        Section::People => view! { <People/> }.into_any(),
                        Section::Devices => view! { <Devices/> }.into_any(),
                        Section::Access => view! { <Access/> }.into_any(),
                        Section::Reviews => view! { <Reviews/> }.into_any(),
                        Section::Audit => view! { <Audit/> }.into_any(),
                        Section::Hotel => view! { <Hotel/> }.into_any(),
                        Section::Rooms => view! { <Rooms/> }.into_any(),
                        Section::Import => view! { <Import/> }.into_any(),
                    }}
                </div>
            </main>
        </div>
        {move || match page.dialog.get() {
            Some(Dialog::TakeOn) => view! { <TakeOn/> }.into_any(),
            Some(Dialog::HandOver { display, name, password }) => {
                view! { <HandOver display name password/> }.into_any()
            }
            Some(Dialog::Code { code, expires_at }) => {
                view! { <DeviceCode code expires_at/> }.into_any()
            }
            Some(Dialog::Rename(device)) => view! { <Rename device/> }.into_any(),
            Some(Dialog::NewKey(key)) => view! { <NewKey key/> }.into_any(),
            Some(Dialog::Room(id)) => view! { <RoomForm id/> }.into_any(),
            Some(Dialog::Confirm(question)) => view! { <Confirm question/> }.into_any(),
            Some(Dialog::Palette) => view! { <Palette/> }.into_any(),
            Some(Dialog::Shortcuts) => view! { <Shortcuts/> }.into_any(),
            None => ().into_any(),
        }}
        {move || asks_for_password.get().then(|| view! { <Present/> })}
        {toasts(page.toasts, |_: &Toast| None::<()>)}
    }
}

#[component]
fn Rail() -> impl IntoView {
    let page = Settings::of_page();
    let sections = Memo::new(move |_| page.role().map(Section::of).unwrap_or_default());
    let theme = move || page.theme.get().name();
    view! {
        <nav class="rail" aria-label=t("settings.sections")>
            <p class="brand">{icon(Icon::Key)} <span>{t("app.name")}</span></p>
            <For each=move || sections.get() key=|section| section.testid() let(section)>
                {nav_item(page, section)}
            </For>
            <div class="rail-foot">
                <button
                    type="button"
                    class="rail-item"
                    data-testid="theme"
                    title=theme
                    aria-label=theme
                    on:click=click(move |_| next_theme(page))
                >
                    {move || icon(theme_icon(page.theme.get()))}
                    <span>{theme}</span>
                    <kbd>"t"</kbd>
                </button>
                <button
                    type="button"
                    class="rail-item"
                    data-testid="shortcuts"
                    title=t("key.shortcuts")
                    aria-label=t("key.shortcuts")
                    on:click=click(move |_| keys::perform(page, Action::Shortcuts))
                >
                    {icon(Icon::Keyboard)}
                    <span>{t("key.shortcuts")}</span>
                    <kbd>"?"</kbd>
                </button>
            </div>
        </nav>
    }
}

fn nav_item(page: Settings, section: Section) -> impl IntoView {
    let mark = match section {
        Section::People => icon(Icon::Guests).into_any(),
        Section::Devices => drawn(LAPTOP).into_any(),
        Section::Access => icon(Icon::Key).into_any(),
        Section::Reviews => icon(Icon::Scales).into_any(),
        Section::Audit => drawn(BOOK).into_any(),
        Section::Hotel => drawn(HOUSE).into_any(),
        Section::Rooms => icon(Icon::Bed).into_any(),
        Section::Import => icon(Icon::Arrive).into_any(),
    };
    let count = Memo::new(move |_| page.to_decide().filter(|_| section == Section::Reviews));
    let called = move || match count.get() {
        Some(count) => t_count("reviews.entry", count),
        None => section.name().to_owned(),
    };
    view! {
        <a
            class="rail-item"
            href=section.hash()
            data-testid=section.testid()
            title=called
            aria-label=called
            aria-current=move || (page.section.get() == section).then_some("page")
            on:click=click(move |event| {
                event.prevent_default();
                page.show(section);
            })
        >
            {mark}
            <span>{section.name()}</span>
            {move || {
                count
                    .get()
                    .map(|count| {
                        view! {
                            <span class="count urgent" data-testid="to-decide">
                                {count}
                            </span>
                        }
                    })
            }}
        </a>
    }
}

#[component]
fn TopBar() -> impl IntoView {
    let page = Settings::of_page();
    let hotel = Memo::new(move |_| page.hotel_name());
    let name = move || page.me().map(|me| me.display).unwrap_or_default();
    let role = move || page.role().map(|role| t_word("role-name", role.word()));
    view! {
        <header class="bar">
            <a
                class="button plain back"
                href=Page::Main.address()
                data-testid="back"
                title=t("settings.back-keys")
                on:click=click(|event| {
                    event.prevent_default();
                    go_back();
                })
            >
                {drawn(BACK)}
                <span>{t("settings.back")}</span>
            </a>
            <div class="where">
                <b>{t("nav.settings")}</b>
                <span class="faint" data-testid="hotel-name">{hotel}</span>
            </div>
            <button
                type="button"
                class="finder"
                data-testid="finder"
                aria-label=t("key.palette")
                title=t("key.palette")
                on:click=click(move |_| keys::perform(page, Action::Palette))
            >
                {icon(Icon::Search)}
                <span>{t("settings.find")}</span>
                <kbd>"Ctrl K"</kbd>
            </button>
            <div class="me-button" data-testid="me">
                <span class="face" aria-hidden="true">{move || initials(&name())}</span>
                <span class="wide-only">
                    {name}
                    <small class="faint">{role}</small>
                </span>
            </div>
        </header>
    }
}

/// That the server cannot be asked, with what works all the same.
fn unreachable(page: Settings) -> Option<impl IntoView> {
    let Asking::Failed(failed) = page.asking.get() else {
        return None;
    };
    let why = if page.is_offline() {
        t("settings.offline").to_owned()
    } else {
        problem(&failed)
    };
    Some(view! {
        <div class="notice unreachable" role="status" data-testid="unreachable">
            {icon(Icon::Offline)}
            <p>{why} " " {t("settings.offline-works")}</p>
            <button
                type="button"
                class="button"
                data-testid="try-again"
                on:click=click(move |_| page.look())
            >
                {icon(Icon::Sync)}
                {t("settings.try-again")}
            </button>
        </div>
    })
}
