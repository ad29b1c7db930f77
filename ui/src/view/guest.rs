//! Who the guest of a stay is: a field for those who may know, and nothing for everybody else.

use super::{
    controls::{Shown, not_saved},
    icon::{Icon, icon},
};
use crate::{app::App, catalogue::t, drafts::GuestDraft, press::click, words::problem::problem};
use keyrack_model::{
    class::{Class, Reading},
    command::Command,
    ids::StayId,
    ipc::{Problem, Request},
    limits::MAX_NAME,
    record::Guest,
    refusal::Refusal,
};
use leptos::{ev::SubmitEvent, prelude::*};

#[component]
pub fn GuestOf(stay: StayId) -> impl IntoView {
    let app = App::of_page();
    let may_read = move || app.reading().has(Class::Guests);
    // Whoever would read it elsewhere is told why it is not here.
    let is_kept_off = move || {
        let role = app.role();
        !may_read() && role.is_some_and(|role| Reading::of(role).has(Class::Guests))
    };
    view! {
        <Shown when=may_read>
            <GuestField stay/>
        </Shown>
        <Shown when=is_kept_off>
            <p class="faint" data-testid="guests-kept-off">{t("guest.kept-off")}</p>
        </Shown>
    }
}

#[component]
fn GuestField(stay: StayId) -> impl IntoView {
    let app = App::of_page();
    let draft = app.drafts.guest(stay);
    let trouble = RwSignal::new(None::<String>);
    let kept = move || app.mirror.guest(stay).and_then(|row| row.guest);
    let version = move || app.mirror.guest(stay).map_or(0, |row| row.version);
    let shown = move || match draft.get() {
        Some(draft) => draft.name,
        None => kept().map(|guest| guest.name).unwrap_or_default(),
    };
    let typed = move |name: String| {
        let begun = draft.get_untracked().map(|draft| draft.expected);
        let expected = begun.unwrap_or_else(|| untrack(version));
        draft.set(Some(GuestDraft { name, expected }));
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
                if draft.get_untracked().as_ref() == Some(&sent) {
                    draft.set(None);
                }
            }
            Err(failed) => {
                if matches!(failed, Problem::Refused(Refusal::RecordChanged { .. })) {
                    // Both are in sight from here on: to save again is to have seen.
                    let expected = untrack(version);
                    let typed = draft.get_untracked();
                    draft.set(typed.map(|typed| GuestDraft { expected, ..typed }));
                }
                // The drawer may have been closed meanwhile: a problem is then said elsewhere.
                if trouble.try_set(Some(problem(&failed))).is_some() {
                    app.fail(&failed);
                }
            }
        });
    };
    let theirs = move || {
        let is_other = draft
            .get()
            .is_some_and(|draft| draft.expected != version() || trouble.read().is_some());
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
            <Erase stay/>
            <Shown when=move || draft.has()>
                <div class="form-foot">
                    {not_saved()}
                    <button
                        type="button"
                        class="button"
                        data-testid="guest-discard"
                        on:click=click(move |_| let_go())
                    >
                        {t("draft.discard")}
                    </button>
                    <button type="submit" class="button primary" data-testid="guest-save">
                        {t("guest.save")}
                    </button>
                </div>
            </Shown>
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
    let is_known = move || {
        let row = app.mirror.guest(stay);
        row.is_some_and(|row| row.guest.is_some())
    };
    let erasing = move || Command::EraseGuest { stay };
    let refused = Memo::new(move |_| app.refuses(&erasing()));
    let press = move |_| match sure.get_untracked() {
        // Whoever may not is told so at the first press.
        Sure::NotYet if refused.get_untracked().is_none() => sure.set(Sure::Yes),
        Sure::NotYet | Sure::Yes => {
            sure.set(Sure::NotYet);
            app.act(erasing());
        }
    };
    view! {
        <Shown when=is_known>
            <button
                type="button"
                class="button plain"
                data-testid="guest-erase"
                title=move || refused.get()
                aria-disabled=move || refused.read().is_some().then_some("true")
                on:click=press
                on:blur=move |_| sure.set(Sure::NotYet)
            >
                {move || match sure.get() {
                    Sure::NotYet => t("guest.erase"),
                    Sure::Yes => t("guest.erase-surely"),
                }}
            </button>
        </Shown>
    }
}

/// Whether a person has said that they mean it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sure {
    NotYet,
    Yes,
}
