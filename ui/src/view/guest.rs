//! Who the guest of a stay is: a field for those who may know, and nothing for everybody else.

use super::icon::{Icon, icon};
use crate::{app::App, catalogue::t, words::problem::problem};
use keyrack_model::{
    class::{Class, Reading},
    command::Command,
    ids::StayId,
    ipc::{Problem, Request},
    limits::MAX_NAME,
    record::Guest,
    refusal::Refusal,
};
use leptos::{
    ev::{KeyboardEvent, SubmitEvent},
    prelude::*,
};

#[component]
pub fn GuestOf(stay: StayId) -> impl IntoView {
    let app = App::of_page();
    let may_read = move || {
        let role = app.role();
        role.is_some_and(|role| Reading::of(role).has(Class::Guests))
    };
    view! {
        <Show when=may_read>
            <GuestField stay/>
        </Show>
    }
}

/// What a person has typed, and the version that they saw when they began.
#[derive(Clone, PartialEq, Eq)]
struct Draft {
    name: String,
    expected: u64,
}

#[component]
fn GuestField(stay: StayId) -> impl IntoView {
    let app = App::of_page();
    let draft = RwSignal::new(None::<Draft>);
    let trouble = RwSignal::new(None::<String>);
    let kept = move || app.mirror.guest(stay).and_then(|row| row.guest);
    let version = move || app.mirror.guest(stay).map_or(0, |row| row.version);
    let shown = move || match draft.get() {
        Some(draft) => draft.name,
        None => kept().map(|guest| guest.name).unwrap_or_default(),
    };
    let typed = move |name: String| {
        draft.update(|draft| match draft {
            Some(draft) => draft.name = name,
            None => {
                let expected = untrack(version);
                *draft = Some(Draft { name, expected });
            }
        });
    };
    let let_go = move || {
        draft.set(None);
        trouble.set(None);
    };
    let save = move || {
        let Some(sent) = draft.get_untracked() else {
            return;
        };
        let phone = untrack(kept).map(|guest| guest.phone);
        let command = Command::EditGuest {
            stay,
            expected: sent.expected,
            guest: Guest {
                name: sent.name.clone(),
                phone: phone.unwrap_or_default(),
            },
        };
        trouble.set(None);
        app.attempt(Request::Do(command), move |done| match done {
            Ok(_) | Err(Problem::Refused(Refusal::NothingToDo)) => {
                // The person may have typed on.
                if draft.try_get_untracked().flatten().as_ref() == Some(&sent) {
                    draft.set(None);
                }
            }
            Err(failed) => {
                if matches!(failed, Problem::Refused(Refusal::RecordChanged { .. })) {
                    // Both are in sight from here on: to save again is to have seen.
                    let expected = untrack(version);
                    draft.try_update(|draft| {
                        if let Some(draft) = draft {
                            draft.expected = expected;
                        }
                    });
                }
                // The drawer may have been closed meanwhile: a problem is then said elsewhere.
                if trouble.try_set(Some(problem(&failed))).is_some() {
                    app.fail(&failed);
                }
            }
        });
    };
    let theirs = move || {
        let is_other = draft.with(|draft| {
            draft
                .as_ref()
                .is_some_and(|draft| draft.expected != version() || trouble.with(Option::is_some))
        });
        kept().filter(|_| is_other).map(|guest| {
            view! {
                <p class="faint" data-testid="guest-theirs">
                    {t("guest.present")} ": " {guest.name}
                </p>
            }
        })
    };
    view! {
        <form
            class="guest"
            on:submit=move |event: SubmitEvent| {
                event.prevent_default();
                save();
            }
            on:keydown=move |event: KeyboardEvent| {
                if event.key() == "Escape" && draft.with_untracked(Option::is_some) {
                    event.stop_propagation();
                    let_go();
                }
            }
        >
            <label class="guest-name">
                <span class="faint">{t("guest.title")}</span>
                <input
                    class="input"
                    data-testid="guest-name"
                    autocomplete="off"
                    placeholder=t("guest.nobody")
                    maxlength=MAX_NAME
                    prop:value=shown
                    on:input=move |event| typed(event_target_value(&event))
                />
            </label>
            <Show when=move || draft.with(Option::is_some)>
                <button type="submit" class="button primary" data-testid="guest-save">
                    {t("guest.save")}
                </button>
            </Show>
            <Erase stay/>
            {theirs}
            {move || {
                trouble
                    .get()
                    .map(|trouble| {
                        view! {
                            <p class="notice wrong" role="alert" data-testid="guest-problem">
                                {icon(Icon::Warning)}
                                <span>{trouble}</span>
                            </p>
                        }
                    })
            }}
        </form>
    }
}

/// Erases the guest for good, at the second press: there is no way back.
#[component]
fn Erase(stay: StayId) -> impl IntoView {
    let app = App::of_page();
    let sure = RwSignal::new(Sure::NotYet);
    let offered = move || {
        let is_known = app
            .mirror
            .guest(stay)
            .is_some_and(|row| row.guest.is_some());
        is_known && app.refuses(&Command::EraseGuest { stay }).is_none()
    };
    let press = move |_| match sure.get_untracked() {
        Sure::NotYet => sure.set(Sure::Yes),
        Sure::Yes => {
            sure.set(Sure::NotYet);
            app.act(Command::EraseGuest { stay });
        }
    };
    view! {
        <Show when=offered>
            <button
                type="button"
                class="button plain"
                data-testid="guest-erase"
                on:click=press
                on:blur=move |_| sure.set(Sure::NotYet)
            >
                {move || match sure.get() {
                    Sure::NotYet => t("guest.erase"),
                    Sure::Yes => t("guest.erase-surely"),
                }}
            </button>
        </Show>
    }
}

/// Whether a person has said that they mean it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sure {
    NotYet,
    Yes,
}
