//! What stands above the board's rooms on paper: of which hotel they are and as of when, which of them
//! are shown, and what the drawings mean.

use super::chip_name;
use crate::{
    app::App,
    catalogue::{t, t_count, t_with, t_word},
    clock::long_date,
    printing::Medium,
    query::{board::Chip, groups::Group},
    view::{
        icon::{Icon, icon},
        sync_popover::summary,
    },
};
use keyrack_model::cleanliness::Cleanliness;
use leptos::prelude::*;

/// There while the page is made for paper.
#[component]
pub fn SheetHead(groups: Memo<Vec<Group>>) -> impl IntoView {
    let app = App::of_page();
    move || (app.medium.get() == Medium::Paper).then(|| head(app, &groups.read()))
}

fn head(app: App, groups: &[Group]) -> impl IntoView + use<> {
    let hotel = app.hotel_name();
    let person = app.person(app.me());
    let time = app.clock().in_full(app.now.get_untracked());
    let printed = t_with("sheet.printed", &[("time", &time), ("person", &person)]);
    let rooms = groups.iter().map(|(_, rooms)| rooms.len()).sum();
    view! {
        <header class="sheet-head">
            <p class="sheet-hotel">
                <b>{hotel}</b>
                <span>{t("bar.business-date")} " " <b>{long_date(app.mirror.business_date())}</b></span>
            </p>
            <p>
                <span>{shown(app)} " · " {t_count("rooms", rooms)}</span>
                <span>{summary(app, &app.sync.read())}</span>
            </p>
            <p>
                <span>{printed}</span>
                <span>{t("app.name")}</span>
            </p>
            <ul class="sheet-legend">{legend()}</ul>
        </header>
    }
}

/// What the filter leaves, in words.
fn shown(app: App) -> String {
    let section = app.section.get();
    let section = section.map(|section| t_with("board.section", &[("section", &section)]));
    let text = app.text.get().trim().to_owned();
    let text = (!text.is_empty()).then(|| t_with("quoted", &[("text", &text)]));
    let chip = match app.chip.get() {
        Chip::All if section.is_some() || text.is_some() => None,
        chip => Some(chip_name(chip).to_owned()),
    };
    let parts: Vec<_> = chip.into_iter().chain(section).chain(text).collect();
    parts.join(" · ")
}

fn legend() -> impl IntoView {
    let cleanliness = Cleanliness::ALL.iter();
    let cleanliness =
        cleanliness.map(|value| (Icon::of(*value), t_word("cleanliness", value.word())));
    let marks = [
        (Icon::Bolt, t("chip.rush")),
        (Icon::Wait, t("chip.waiting")),
        (Icon::Star, t("short.vip")),
        (Icon::Arrive, t("phase.due-in")),
        (Icon::Leave, t("phase.due-out")),
        (Icon::Link, t("tile.linked")),
        (Icon::Wrench, t("nav.order")),
        (Icon::Scales, t("chip.contested")),
    ];
    let entry = |(mark, words)| view! { <li>{icon(mark)} {words}</li> };
    cleanliness.chain(marks).map(entry).collect_view()
}
