//! A note that several people may write: what is typed is kept apart until it is stored.

use super::{
    controls::{Shown, as_word, not_saved},
    icon::{Icon, icon},
};
use crate::{
    app::App,
    catalogue::t,
    press::click,
    query::{
        draft::{Draft, Saving},
        settling::NoteOf,
    },
    words::problem::problem,
};
use keyrack_model::{
    change::Entity,
    ids::DocumentRef,
    ipc::{Problem, Request},
    limits::MAX_TEXT,
    refusal::Refusal,
};
use leptos::{ev::SubmitEvent, prelude::*};

/// The note as it is kept; whoever reads it is told of changes.
fn kept_note(app: App, document: DocumentRef) -> String {
    app.mirror.with_all(|cabinet| {
        let row = cabinet.row(document);
        match row.map(|row| &row.entity) {
            Some(Entity::Room(room)) => room.note.clone(),
            Some(Entity::Stay(stay)) => stay.note.clone(),
            Some(Entity::Task(task)) => task.note.clone(),
            _ => String::new(),
        }
    })
}

#[component]
pub fn Note(of: NoteOf) -> impl IntoView {
    let app = App::of_page();
    let draft = app.drafts.note(of.document());
    let kept = Memo::new(move |_| kept_note(app, of.document()));
    let theirs = RwSignal::new(None::<String>);
    let trouble = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let refused = Memo::new(move |_| app.refuses(&of.writing(String::new(), String::new())));
    let shown = move || draft.get().map_or_else(|| kept.get(), |draft| draft.typed);
    let let_go = move || {
        draft.set(None);
        theirs.try_set(None);
        trouble.try_set(None);
    };
    // Against what is kept at this moment; a clash is shown from here on.
    let saving = move || {
        let kept = kept.get_untracked();
        let draft_of_note = draft.get_untracked()?;
        let saving = draft_of_note.saving(&kept);
        if saving == Saving::Clash {
            draft.set(Some(draft_of_note.having_seen(kept.clone())));
            theirs.try_set(Some(kept));
        }
        Some(saving)
    };
    let save = move || {
        if busy.get_untracked() {
            return;
        }
        trouble.set(None);
        let (text, base) = match saving() {
            None | Some(Saving::Clash) => return,
            Some(Saving::Nothing) => return let_go(),
            Some(Saving::Write { text, base }) => (text, base),
        };
        let sent = draft.get_untracked();
        busy.set(true);
        let command = of.writing(text.clone(), base);
        app.attempt(Request::Do(command), move |done| {
            // The drawer may have been closed meanwhile: a problem is then said elsewhere.
            let closed = busy.try_set(false).is_some();
            match done {
                Ok(_) | Err(Problem::Refused(Refusal::NothingToDo)) => {
                    let left = sent.and_then(|sent| draft.get_untracked()?.after(&sent, text));
                    draft.set(left);
                    theirs.try_set(None);
                }
                Err(failed) if closed => app.fail(&failed),
                Err(Problem::Refused(Refusal::WrittenMeanwhile { .. }))
                    if saving() == Some(Saving::Clash) => {}
                Err(failed) => trouble.set(Some(problem(&failed))),
            }
        });
    };
    view! {
        <form
            class="note"
            on:submit=move |event: SubmitEvent| {
                event.prevent_default();
                save();
            }
        >
            {move || theirs.get().map(clash)}
            <textarea
                class="input"
                rows="2"
                data-testid="note"
                aria-label=t("field.note")
                placeholder=t("note.hint")
                maxlength=MAX_TEXT
                title=move || refused.get()
                readonly=move || refused.read().is_some()
                prop:value=shown
                on:input=move |event| {
                    let before = draft.get_untracked();
                    let typed = event_target_value(&event);
                    draft.set(Some(Draft::typing(before, kept.get_untracked(), typed)));
                }
            ></textarea>
            {move || trouble.get().map(wrong)}
            <Shown when=move || draft.has()>
                <div class="form-foot">
                    {not_saved()}
                    <button
                        type="button"
                        class="button"
                        data-testid="note-discard"
                        on:click=click(move |_| let_go())
                    >
                        {t("draft.discard")}
                    </button>
                    <button
                        type="submit"
                        class="button primary"
                        data-testid="note-save"
                        aria-busy=as_word(busy)
                    >
                        {t("order.save")}
                    </button>
                </div>
            </Shown>
        </form>
    }
}

/// What somebody else wrote in the same place, with what to do.
fn clash(text: String) -> impl IntoView {
    let text = if text.is_empty() {
        t("order.theirs-empty").to_owned()
    } else {
        text
    };
    view! {
        <div class="notice clash" role="alert" data-testid="note-clash">
            {icon(Icon::Scales)}
            <div>
                <p>{t("order.clash")}</p>
                <blockquote class="theirs">{text}</blockquote>
            </div>
        </div>
    }
}

/// Something that went wrong, beside where it did.
pub fn wrong(trouble: String) -> impl IntoView {
    view! {
        <p class="notice wrong" role="alert" data-testid="problem">
            {icon(Icon::Warning)}
            <span>{trouble}</span>
        </p>
    }
}
