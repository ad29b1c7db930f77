//! Bringing a file in: what it has, how it is read, what would come of it, and then doing it.

mod columns;
mod fault;
mod file;
mod keys;
mod mapping;
mod outcome;
mod state;

use super::{
    parts::{Button, asking_button, trouble, why},
    state::Settings,
};
use crate::{
    catalogue::{t, t_word},
    view::{
        choice::{List, Offer, Options},
        controls::Shown,
        icon::Icon,
    },
};
use columns::Columns;
use file::Chooser;
use keyrack_model::{
    import::{ImportKind, ImportOutcome, ImportWish},
    policy::may_import_by_key,
};
use keys::Keys;
use leptos::prelude::*;
use mapping::MappingChooser;
use outcome::Outcome;
use state::Intake;

#[component]
pub fn Import() -> impl IntoView {
    let page = Settings::of_page();
    let intake = Intake::empty();
    let has_keys = move || page.role().is_some_and(may_import_by_key);
    view! {
        <section class="part" aria-labelledby="part-title">
            <header class="part-head">
                <div>
                    <h1 id="part-title">{t("settings.import")}</h1>
                    <p class="faint">{t("import.lesson")}</p>
                </div>
            </header>
            <div class="card form">
                {kinds(page, intake)}
                <Chooser intake/>
                <MappingChooser intake/>
                {trouble(intake.said)}
            </div>
            <Shown when=move || intake.report.read().is_some()>
                <Columns intake/>
                <Outcome intake/>
                {bring_in(page, intake)}
            </Shown>
            <Shown when=has_keys>
                <Keys/>
            </Shown>
        </section>
    }
}

/// What the rows of the file are.
fn kinds(page: Settings, intake: Intake) -> impl IntoView {
    let offers = ImportKind::ALL.iter();
    let offers = offers.map(|kind| Offer::of(kind.word(), t_word("import-kind", kind.word())));
    let offers: Vec<Offer> = offers.collect();
    let choose = move |(word, _): (String, Trigger)| {
        if let Ok(kind) = word.parse() {
            intake.choose_kind(page, kind);
        }
    };
    view! {
        <label class="field">
            <span>{t("import.kind")}</span>
            <List
                testid="import-kind"
                class="select"
                name=None
                value=Signal::derive(move || intake.kind.get().word().to_owned())
                options=offers
                refused=Signal::derive(|| None)
                choose=Callback::new(choose)
            />
        </label>
        <p class="faint">
            {move || match intake.kind.get() {
                ImportKind::Rooms => t("import.rooms-lesson"),
                ImportKind::People => t("import.people-lesson"),
                ImportKind::Bookings => t("import.bookings-lesson"),
            }}
        </p>
    }
}

/// The button, and beside it what becomes of rows in error.
fn bring_in(page: Settings, intake: Intake) -> impl IntoView {
    let choose = move |(word, _): (String, Trigger)| {
        if let Ok(wish) = word.parse() {
            intake.wish.set(wish);
        }
    };
    let faulty = move || {
        let report = intake.report.read();
        report
            .as_ref()
            .is_some_and(|report| report.counts.faulty > 0)
    };
    let refused = Signal::derive(move || page.unreachable().or_else(|| nothing_to_do(intake)));
    let is_done = move || {
        let report = intake.report.read();
        report
            .as_ref()
            .is_some_and(|report| report.outcome == ImportOutcome::Written)
    };
    view! {
        <Shown when=move || !is_done()>
            <div class="card form">
                <Shown when=faulty>
                    <label class="field">
                        <span>{t("import.faulty")}</span>
                        <List
                            testid="import-wish"
                            class="select"
                            name=None
                            value=Signal::derive(move || intake.wish.get().word().to_owned())
                            options=wishes()
                            refused=Signal::derive(|| None)
                            choose=Callback::new(choose)
                        />
                    </label>
                </Shown>
                <footer class="form-foot">
                    {asking_button(
                        Button {
                            testid: "import-now",
                            class: "button primary",
                            mark: Icon::Check,
                            label: t("import.now"),
                        },
                        refused,
                        move |busy| intake.send(page, intake.wish.get_untracked(), Some(busy)),
                    )}
                </footer>
                {why(refused)}
            </div>
        </Shown>
    }
}

fn wishes() -> Options {
    let wishes = [ImportWish::AllOrNothing, ImportWish::LeaveOut];
    wishes
        .map(|wish| Offer::of(wish.word(), t_word("import-wish", wish.word())))
        .into()
}

/// Why nothing can be brought in; None when something can.
fn nothing_to_do(intake: Intake) -> Option<String> {
    let report = intake.report.read();
    let counts = report.as_ref()?.counts;
    if !counts.has_news() {
        return Some(t("import.nothing-new").to_owned());
    }
    let keeps_out = intake.wish.get() == ImportWish::AllOrNothing && counts.faulty > 0;
    keeps_out.then(|| t("import.faulty-keep-out").to_owned())
}
