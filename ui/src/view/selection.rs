//! What can be done to the selected rooms at once.

use super::{
    choice::{List, Offer, Options, people},
    controls::{CommandButton, Shown},
    icon::{Icon, icon},
};
use crate::{
    app::{App, ToastKind},
    catalogue::{t, t_count, t_word},
    focus::focus,
    keymap::{Action, keys_of},
    perform::is_rush,
    press::click,
    query::{
        at_once::{giving, moving_to_section, open_tasks},
        groups::sections,
    },
};
use keyrack_model::{
    cleanliness::Cleanliness,
    command::{Command, RoomCommand, RoomEdit},
    ids::{RoomId, TaskId, UserId},
};
use leptos::{ev::SubmitEvent, prelude::*};
use std::collections::BTreeSet;

/// The list of those whom tasks are given to, for whoever comes to it by a key.
pub const GIVEN_TO: &str = "[data-testid=\"bulk-whom\"]";
/// Nothing is chosen in a list yet. No id and no name is a space.
const UNCHOSEN: &str = " ";

#[component]
pub fn Selection() -> impl IntoView {
    let app = App::of_page();
    let count = move || t_count("board.selected", app.selected.read().len());
    let buttons = move || {
        let rooms = selected(app);
        let set = Cleanliness::ALL.iter().map(|value| {
            let command = Command::SetCleanliness {
                rooms: rooms.clone(),
                value: *value,
            };
            bulk_button(command, *value)
        });
        let set = set.collect_view();
        (set, rush_button(app, rooms))
    };
    view! {
        <div aria-live="polite">
            <Shown when=move || !app.selected.read().is_empty()>
                <div class="selection" role="toolbar" aria-label=t("board.selection")>
                    <b data-testid="selected-count">{count}</b>
                    {buttons}
                    <GiveTasks/>
                    <MoveToSection/>
                    <button
                        type="button"
                        class="button plain icon-only"
                        aria-label=t("board.unselect")
                        title=t("board.unselect")
                        on:click=click(move |_| app.selected.set(BTreeSet::new()))
                    >
                        {icon(Icon::Close)}
                    </button>
                </div>
            </Shown>
        </div>
    }
}

fn selected(app: App) -> Vec<RoomId> {
    app.selected.get().into_iter().collect()
}

/// Makes the selected rooms urgent; when all of them are, they are not any more.
fn rush_button(app: App, rooms: Vec<RoomId>) -> impl IntoView {
    let rush = !is_rush(app, &rooms);
    let label = if rush {
        t("chip.rush")
    } else {
        t("board.no-rush")
    };
    view! {
        <CommandButton
            command=Command::Rooms(RoomCommand::SetRush { rooms, rush })
            label
            mark=Icon::Bolt
            testid="bulk-rush"
            keys=keys_of(Action::Rush).unwrap_or_default()
        />
    }
}

fn bulk_button(command: Command, value: Cleanliness) -> impl IntoView {
    let testid = match value {
        Cleanliness::Dirty => "bulk-dirty",
        Cleanliness::Pickup => "bulk-pickup",
        Cleanliness::Clean => "bulk-clean",
        Cleanliness::Inspected => "bulk-inspected",
    };
    view! {
        <span class="hued" data-cleanliness=format!("{value:?}")>
            <CommandButton
                command
                label=t_word("cleanliness", value.word())
                mark=Icon::of(value)
                testid
                keys=keys_of(Action::Set(value)).unwrap_or_default()
            />
        </span>
    }
}

/// Gives what is still to be done today in the selected rooms to somebody.
#[component]
fn GiveTasks() -> impl IntoView {
    let app = App::of_page();
    let tasks = Memo::new(move |_| {
        let (rooms, date) = (selected(app), app.mirror.business_date());
        app.mirror
            .with_all(|cabinet| open_tasks(cabinet, &rooms, date))
    });
    let options = Memo::new(move |_| {
        let whom = Offer::of(UNCHOSEN, t("board.give-whom"));
        std::iter::once(whom)
            .chain(people(app))
            .collect::<Options>()
    });
    let refused = move || {
        let (task, assignee) = (TaskId::default(), None);
        app.refuses(&Command::AssignTask { task, assignee })
    };
    let give = move |word: String| {
        let assignee = word.parse::<UserId>().ok();
        let (rooms, date) = untrack(|| (selected(app), app.mirror.business_date()));
        let commands = app
            .mirror
            .glance(|cabinet| giving(cabinet, &rooms, date, assignee));
        app.act_all(commands, move |given| {
            let person = untrack(|| app.named(|names| names.person_or_nobody(assignee)));
            t_count("did.give", given).replace("{person}", &person)
        });
    };
    view! {
        <Shown when=move || { tasks.get() > 0 }>
            <ByList
                list="bulk-whom"
                button="bulk-give"
                name=t("field.assignee")
                mark=Icon::User
                label=Signal::derive(move || t_count("board.give", tasks.get()))
                options
                refused=Signal::derive(refused)
                keys=keys_of(Action::Give)
                then=give
            />
        </Shown>
    }
}

/// Puts the selected rooms into one of the hotel's sections. Nobody else than those who may sees it:
/// what a hotel is made of is theirs.
#[component]
fn MoveToSection() -> impl IntoView {
    let app = App::of_page();
    let options = Memo::new(move |_| {
        let named = sections(&app.mirror.cards()).into_iter();
        let offers = [
            Offer::of(UNCHOSEN, t("field.section")),
            Offer::of("", t("board.no-section")),
        ];
        offers
            .into_iter()
            .chain(named.map(|(name, _)| Offer::of(&*name, &*name)))
            .collect::<Options>()
    });
    let may = move || {
        let (room, edit) = (RoomId::default(), Box::new(RoomEdit::default()));
        let edits = Command::Rooms(RoomCommand::Edit { room, edit });
        app.refuses(&edits).is_none()
    };
    let has_sections = move || {
        options
            .read()
            .iter()
            .any(|offer| !offer.word.trim().is_empty())
    };
    let put = move |section: String| {
        let rooms = untrack(|| selected(app));
        let commands = app
            .mirror
            .glance(|cabinet| moving_to_section(cabinet, &rooms, &section));
        app.act_all(commands, move |moved| match &*section {
            "" => t_count("did.no-section", moved),
            section => t_count("did.section", moved).replace("{section}", section),
        });
    };
    view! {
        <Shown when=move || may() && has_sections()>
            <ByList
                list="bulk-section"
                button="bulk-put"
                name=t("field.section")
                mark=Icon::Board
                label=Signal::derive(move || t("board.put").to_owned())
                options
                refused=Signal::derive(|| None)
                keys=None
                then=put
            />
        </Shown>
    }
}

/// A list, and the button that does what was chosen in it: arrows go over a list without anything
/// being done.
#[component]
fn ByList(
    list: &'static str,
    button: &'static str,
    name: &'static str,
    mark: Icon,
    label: Signal<String>,
    #[prop(into)] options: Signal<Options>,
    /// Why the person's role may not.
    refused: Signal<Option<String>>,
    /// The key that goes to the list.
    keys: Option<String>,
    /// Told of what was chosen.
    #[prop(into)]
    then: Callback<String>,
) -> impl IntoView {
    let app = App::of_page();
    let chosen = RwSignal::new(UNCHOSEN.to_owned());
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        if let Some(reason) = untrack(|| refused.get()) {
            return app.say(ToastKind::Problem, reason);
        }
        let word = chosen.get_untracked();
        if word == UNCHOSEN {
            return focus(&format!("[data-testid=\"{list}\"]"));
        }
        chosen.set(UNCHOSEN.to_owned());
        then.run(word);
    };
    let hint = move || {
        let by_key = || Some(format!("{} · {}", label.get(), keys.as_ref()?));
        refused.get().or_else(by_key)
    };
    view! {
        <form class="by-list" on:submit=send>
            <List
                testid=list
                class="select small"
                name=Some(name)
                value=chosen.into()
                options
                refused
                choose=move |(word, _): (String, Trigger)| chosen.set(word)
            />
            <button
                type="submit"
                class="button"
                data-testid=button
                title=hint
                aria-disabled=move || refused.read().is_some().then_some("true")
            >
                {icon(mark)}
                <span>{label}</span>
            </button>
        </form>
    }
}
