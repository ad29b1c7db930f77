//! The palette and the `?` sheet of this page: what can be done here, and whom and what there is.

use super::{
    keymap::{Action, BINDINGS},
    keys::{is_offered, perform},
    line,
    parts::{BOOK, HOUSE, LAPTOP},
    section::Section,
    state::{Dialog, Settings},
};
use crate::{
    catalogue::t,
    focus::{self, Stop},
    keymap::Offered,
    view::{
        icon::{Icon, drawn, icon},
        modal::Sheet,
        palette_sheet::PaletteSheet,
        shortcuts::groups,
    },
};
use keyrack_model::ids::{DeviceId, UserId};
use leptos::prelude::*;

#[derive(Clone, Copy, PartialEq)]
enum Entry {
    Do(Action, &'static [&'static str]),
    Person(UserId),
    Device(DeviceId),
}

#[component]
pub fn Palette() -> impl IntoView {
    let page = Settings::of_page();
    view! {
        <PaletteSheet
            entries=Callback::new(move |()| entries(page))
            drawing
            keys
            choose=Callback::new(move |entry| choose(page, entry))
            close=Callback::new(move |()| page.close_dialog())
            hint=t("settings.palette-hint")
            none=t("settings.palette-none")
        />
    }
}

#[component]
pub fn Shortcuts() -> impl IntoView {
    let page = Settings::of_page();
    let close = Callback::new(move |()| page.close_dialog());
    view! {
        <Sheet label=t("key.shortcuts").to_owned() class="modal shortcuts" close>
            <h2>{t("key.shortcuts")}</h2>
            {groups(BINDINGS)}
        </Sheet>
    }
}

fn entries(page: Settings) -> Vec<(String, Entry)> {
    let sections = page.role().map(Section::of).unwrap_or_default();
    let overview = page.overview.read();
    let here = page.here.read();
    let known = here.as_ref().map_or(&[][..], |here| &here.people);
    let people = line::people(known, overview.as_deref()).into_iter();
    // Those who have left are folded away.
    let people = people
        .filter(|line| sections.contains(&Section::People) && !line.person.left)
        .map(|line| (line.person.display, Entry::Person(line.person.id)));
    let devices = overview
        .iter()
        .flat_map(|seen| line::devices(seen, page.device()));
    let devices = devices
        .filter(|_| sections.contains(&Section::Devices))
        .map(|device| (device.name, Entry::Device(device.id)));
    let actions = BINDINGS
        .iter()
        .filter(|it| it.palette == Offered::InPalette && is_offered(page, it.action))
        .map(|it| (t(it.label).to_owned(), Entry::Do(it.action, it.keys)));
    actions.chain(people).chain(devices).collect()
}

fn choose(page: Settings, entry: Entry) {
    match entry {
        Entry::Do(action, _) => perform(page, action),
        Entry::Person(id) => unfold(page, Section::People, Stop::Person(id)),
        Entry::Device(id) => unfold(page, Section::Devices, Stop::Device(id)),
    }
    // What was chosen may be another dialog, in the place of this one.
    if page.dialog.get_untracked() == Some(Dialog::Palette) {
        page.close_dialog();
    }
}

/// Goes to a line and shows all there is to it.
fn unfold(page: Settings, section: Section, stop: Stop) {
    page.show(section);
    page.unfolded.set(Some(stop));
    focus::once_shown(move || focus::go_back_to(&[Some(stop)]));
}

fn drawing(entry: Entry) -> AnyView {
    match entry {
        Entry::Do(Action::Go(Section::People), _) => icon(Icon::Guests).into_any(),
        Entry::Do(Action::Go(Section::Audit), _) => drawn(BOOK).into_any(),
        Entry::Do(Action::Go(Section::Reviews), _) => icon(Icon::Scales).into_any(),
        Entry::Do(Action::Go(Section::Devices), _) | Entry::Device(_) => drawn(LAPTOP).into_any(),
        Entry::Do(Action::Go(Section::Access), _) => icon(Icon::Key).into_any(),
        Entry::Do(Action::Go(Section::Hotel), _) => drawn(HOUSE).into_any(),
        Entry::Do(Action::Go(Section::Rooms), _) => icon(Icon::Bed).into_any(),
        Entry::Do(Action::Go(Section::Import), _) => icon(Icon::Arrive).into_any(),
        Entry::Do(Action::TakeOn | Action::AddDevice, _) => icon(Icon::Plus).into_any(),
        Entry::Do(Action::Theme, _) => icon(Icon::SunMoon).into_any(),
        Entry::Do(Action::Shortcuts, _) => icon(Icon::Keyboard).into_any(),
        Entry::Do(Action::Palette | Action::Move(_) | Action::Back, _) => {
            icon(Icon::Search).into_any()
        }
        Entry::Person(_) => icon(Icon::User).into_any(),
    }
}

fn keys(entry: Entry) -> Option<&'static str> {
    match entry {
        Entry::Do(_, keys) => keys.first().copied(),
        Entry::Person(_) | Entry::Device(_) => None,
    }
}
