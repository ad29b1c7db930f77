//! What is around every screen: the rail, the top bar, the drawer and what floats above.

use super::{
    board::Board,
    controls::{Shown, as_word, face},
    icon::{Icon, icon},
    key_notice::KeyNotice,
    lists::{List, list},
    my_list::items_of,
    opened::{dialog, drawer},
    password_notice::PasswordNotice,
    sync_popover::SyncState,
    toasts::Toasts,
};
use crate::{
    app::App,
    catalogue::{t, t_word},
    clock::long_date,
    keymap::{Action, keys_of},
    pages::{Page, link_to_settings},
    perform::perform,
    press::click,
    query::{
        conflicts, desk, my_list,
        orders::{OrderChip, counts},
    },
    route::{Route, Screen},
    theme::Theme,
};
use keyrack_model::{
    command::{Command, DeskCommand},
    policy::Role,
    rule_sheet::{RuleKey, RuleScope},
    time::BusinessDate,
};
use leptos::{ev::KeyboardEvent, prelude::*};

#[component]
pub fn Frame() -> impl IntoView {
    let app = App::of_page();
    let screen = Memo::new(move |_| app.route.get().screen);
    let opened = Memo::new(move |_| app.route.get().opened);
    view! {
        <div class="frame" class:with-drawer=move || opened.get().is_some()>
            <Rail/>
            <TopBar/>
            <main id="content" tabindex="-1">
                <KeyNotice/>
                <PasswordNotice/>
                {move || match screen.get() {
                    Screen::Board => view! { <Board/> }.into_any(),
                    Screen::MyList => list(List::Mine),
                    Screen::WorkOrders => list(List::WorkOrders),
                    Screen::Desk => list(List::Desk),
                    Screen::Conflicts => list(List::Conflicts),
                    Screen::Rules => list(List::Rules),
                }}
            </main>
            {move || opened.get().map(drawer)}
        </div>
        {move || app.dialog.get().map(dialog)}
        <Toasts/>
    }
}

#[component]
fn Rail() -> impl IntoView {
    let app = App::of_page();
    let rooms = Memo::new(move |_| app.mirror.cards().len());
    let tasks = Memo::new(move |_| {
        let items = items_of(app);
        items.len() - my_list::done(&items)
    });
    let orders = Memo::new(move |_| {
        let me = app.me();
        let counts = app.mirror.with_orders(|cabinet| counts(cabinet, me));
        counts
            .iter()
            .find(|(chip, _)| *chip == OrderChip::Open)
            .map_or(0, |(_, count)| *count)
    });
    let arrivals = Memo::new(move |_| {
        let date = app.mirror.business_date();
        let [(_, arrivals), ..] = app.mirror.with_all(|cabinet| desk::counts(cabinet, date));
        arrivals
    });
    let undecided = Memo::new(move |_| {
        let date = app.mirror.business_date();
        app.mirror
            .with_all(|cabinet| conflicts::count(cabinet, date))
    });
    let has_desk = move || {
        let audit = DeskCommand::CloseDay {
            date: BusinessDate::default(),
        };
        app.refuses(&Command::Desk(audit)).is_none()
    };
    let has_rules = move || keeps_rules(app);
    // Whoever has a list of their own is shown decisions when there are any.
    let has_conflicts = move || {
        undecided.get() > 0
            || !matches!(app.role(), Some(Role::Housekeeper | Role::Engineer))
            || app.route.get().screen == Screen::Conflicts
    };
    let list_name = Signal::derive(move || match app.role() {
        Some(Role::Housekeeper) => t("nav.my-list"),
        _ => t("nav.list"),
    });
    view! {
        <nav class="rail" aria-label=t("nav.label")>
            <p class="brand">{icon(Icon::Key)} <span>{t("app.name")}</span></p>
            {nav_item(app, Screen::Board, "nav-board", Icon::Board, t("nav.board").into(), rooms)}
            {nav_item(app, Screen::MyList, "nav-list", Icon::List, list_name, tasks)}
            {nav_item(app, Screen::WorkOrders, "nav-orders", Icon::Wrench, t("nav.orders").into(), orders)}
            <Shown when=has_desk>
                {nav_item(app, Screen::Desk, "nav-desk", Icon::Bell, t("nav.desk").into(), arrivals)}
            </Shown>
            <Shown when=has_conflicts>
                {nav_item(app, Screen::Conflicts, "nav-conflicts", Icon::Scales, t("nav.conflicts").into(), undecided)}
            </Shown>
            <div class="rail-foot">
                <Shown when=has_rules>
                    <a
                        class="rail-item"
                        href=Route::to(Screen::Rules).to_string()
                        data-testid="nav-rules"
                        title=t("nav.rules")
                        aria-label=t("nav.rules")
                        aria-current=move || {
                            (app.route.get().screen == Screen::Rules).then_some("page")
                        }
                    >
                        {icon(Icon::Rules)}
                        <span>{t("nav.rules")}</span>
                        <kbd>{keys_of(Action::Go(Screen::Rules))}</kbd>
                    </a>
                </Shown>
                <a
                    class="rail-item"
                    href=Page::Settings.address()
                    data-testid="settings"
                    title=t("nav.settings")
                    aria-label=t("nav.settings")
                    on:click=link_to_settings(app)
                >
                    {icon(Icon::Sliders)}
                    <span>{t("nav.settings")}</span>
                    <kbd>{keys_of(Action::Settings)}</kbd>
                </a>
                <button
                    type="button"
                    class="rail-item"
                    data-testid="theme"
                    title=theme_name(app)
                    aria-label=theme_name(app)
                    on:click=click(move |_| perform(app, Action::Theme))
                >
                    {theme_mark(app)}
                    <span>{theme_name(app)}</span>
                </button>
                <button
                    type="button"
                    class="rail-item"
                    title=t("key.shortcuts")
                    aria-label=t("key.shortcuts")
                    on:click=click(move |_| perform(app, Action::Shortcuts))
                >
                    {icon(Icon::Keyboard)}
                    <span>{t("key.shortcuts")}</span>
                    <kbd>"?"</kbd>
                </button>
                <button
                    type="button"
                    class="rail-item"
                    data-testid="switch"
                    title=format!("{} · {}", t("key.switch"), keys_of(Action::Switch).unwrap_or_default())
                    aria-label=t("key.switch")
                    on:click=click(move |_| perform(app, Action::Switch))
                >
                    {icon(Icon::User)}
                    <span>{t("key.switch")}</span>
                </button>
                <button
                    type="button"
                    class="rail-item"
                    data-testid="sign-out"
                    title=t("key.sign-out")
                    aria-label=t("key.sign-out")
                    on:click=click(move |_| perform(app, Action::SignOut))
                >
                    {icon(Icon::SignOut)}
                    <span>{t("key.sign-out")}</span>
                </button>
            </div>
        </nav>
    }
}

/// Whether the person may change the hotel's rules.
fn keeps_rules(app: App) -> bool {
    let rule = Command::SetRule {
        scope: RuleScope::Hotel,
        rule: RuleKey::Departure,
        number: None,
    };
    app.refuses(&rule).is_none()
}

fn nav_item(
    app: App,
    screen: Screen,
    testid: &'static str,
    mark: Icon,
    name: Signal<&'static str>,
    count: Memo<usize>,
) -> impl IntoView {
    let is_urgent = Memo::new(move |_| screen == Screen::Conflicts && count.get() > 0);
    view! {
        <a
            class="rail-item"
            href=Route::to(screen).to_string()
            data-testid=testid
            title=move || format!("{} · {}", name.get(), keys_of(Action::Go(screen)).unwrap_or_default())
            aria-label=name
            aria-current=move || (app.route.get().screen == screen).then_some("page")
        >
            {icon(mark)}
            <span>{name}</span>
            <span
                class="count"
                class:urgent=move || is_urgent.get()
            >
                {count}
            </span>
        </a>
    }
}

fn theme_name(app: App) -> impl Fn() -> &'static str + Copy + Send {
    move || app.theme.get().name()
}

fn theme_mark(app: App) -> impl IntoView {
    move || icon(theme_icon(app.theme.get()))
}

pub fn theme_icon(theme: Theme) -> Icon {
    match theme {
        Theme::System => Icon::SunMoon,
        Theme::Light => Icon::Sun,
        Theme::Dark => Icon::Moon,
    }
}

#[component]
fn TopBar() -> impl IntoView {
    let app = App::of_page();
    let hotel = Memo::new(move |_| app.hotel_name());
    let date = move || long_date(app.mirror.business_date());
    view! {
        <header class="bar">
            <div class="where">
                <b data-testid="hotel-name">{hotel}</b>
                <span class="faint" data-testid="business-date">
                    <span class="wide-only">{t("bar.business-date")} " "</span>
                    {date}
                </span>
            </div>
            <button
                type="button"
                class="finder"
                data-testid="palette"
                aria-label=t("key.palette")
                on:click=click(move |_| perform(app, Action::Palette))
            >
                {icon(Icon::Search)}
                <span>{t("bar.find")}</span>
                <kbd>{keys_of(Action::Palette)}</kbd>
            </button>
            <SyncState/>
            <Me/>
        </header>
    }
}

/// Who is signed in; on a narrow window also the way to what the rail's foot has.
#[component]
fn Me() -> impl IntoView {
    let app = App::of_page();
    let open = RwSignal::new(false);
    let choose = move |action: Action| {
        open.set(false);
        perform(app, action);
    };
    let name = move || app.here().map(|here| here.me.display.clone());
    let role = move || app.role().map(|role| t_word("role-name", role.word()));
    view! {
        <div class="me" on:keydown=move |event| close_on_escape(&event, open)>
            <button
                type="button"
                class="me-button"
                data-testid="me"
                aria-expanded=as_word(open)
                aria-label=name
                on:click=click(move |_| open.update(|open| *open = !*open))
            >
                {move || face(app, app.me(), "face")}
                <span class="wide-only">
                    {name}
                    <small class="faint">{role}</small>
                </span>
            </button>
            <Shown when=move || open.get()>
                <button
                    type="button"
                    class="curtain"
                    tabindex="-1"
                    aria-label=t("close")
                    on:click=click(move |_| open.set(false))
                ></button>
                <div class="popover menu">
                    <p class="menu-head">
                        <b>{name}</b>
                        <span class="faint">{role}</span>
                    </p>
                    <Shown when=move || keeps_rules(app)>
                        <button
                            type="button"
                            data-testid="menu-rules"
                            on:click=click(move |_| choose(Action::Go(Screen::Rules)))
                        >
                            {icon(Icon::Rules)}
                            {t("nav.rules")}
                        </button>
                    </Shown>
                    <button
                        type="button"
                        data-testid="menu-settings"
                        on:click=click(move |_| choose(Action::Settings))
                    >
                        {icon(Icon::Sliders)}
                        {t("nav.settings")}
                    </button>
                    <button type="button" on:click=click(move |_| choose(Action::Theme))>
                        {theme_mark(app)}
                        {theme_name(app)}
                    </button>
                    <button type="button" on:click=click(move |_| choose(Action::Shortcuts))>
                        {icon(Icon::Keyboard)}
                        {t("key.shortcuts")}
                    </button>
                    <button
                        type="button"
                        data-testid="menu-switch"
                        on:click=click(move |_| choose(Action::Switch))
                    >
                        {icon(Icon::User)}
                        {t("key.switch")}
                    </button>
                    <button
                        type="button"
                        data-testid="menu-pin"
                        on:click=click(move |_| choose(Action::SetPin))
                    >
                        {icon(Icon::Key)}
                        {t("key.pin")}
                    </button>
                    <button
                        type="button"
                        data-testid="menu-sign-out"
                        on:click=click(move |_| choose(Action::SignOut))
                    >
                        {icon(Icon::SignOut)}
                        {t("key.sign-out")}
                    </button>
                </div>
            </Shown>
        </div>
    }
}

/// What floats below a button closes with Escape, before anything else does.
pub fn close_on_escape(event: &KeyboardEvent, open: RwSignal<bool>) {
    if event.key() == "Escape" && open.get_untracked() {
        open.set(false);
        event.prevent_default();
    }
}
