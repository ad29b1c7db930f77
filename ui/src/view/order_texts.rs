//! A work order's title and description: what is typed is kept apart until it is stored.

use super::{
    controls::{Shown, as_word, not_saved},
    icon::{Icon, icon},
};
use crate::{
    app::App,
    catalogue::t,
    drafts::{OrderText, Slot},
    press::click,
    query::draft::{Draft, Saving},
    words::problem::problem,
};
use keyrack_model::{
    command::{Command, WorkOrderEdit},
    ids::WorkOrderId,
    ipc::{Problem, Request},
    limits::{MAX_TEXT, MAX_TITLE},
    refusal::Refusal,
};
use leptos::{ev::SubmitEvent, prelude::*};

/// One of the two texts.
#[derive(Clone, Copy)]
struct Field {
    app: App,
    id: WorkOrderId,
    text: OrderText,
    draft: Slot<(WorkOrderId, OrderText), Draft>,
    /// What somebody else wrote in the same place, until the person has saved or let go.
    theirs: RwSignal<Option<String>>,
}

impl Field {
    fn new(app: App, id: WorkOrderId, text: OrderText) -> Self {
        Self {
            app,
            id,
            text,
            draft: app.drafts.text(id, text),
            theirs: RwSignal::new(None),
        }
    }

    fn label(self) -> &'static str {
        match self.text {
            OrderText::Title => t("field.title"),
            OrderText::Description => t("field.description"),
        }
    }

    fn kept(self) -> String {
        let (id, text) = (self.id, self.text);
        self.app
            .mirror
            .with_order(id, |all| {
                let order = all.work_order(id);
                order.map(|order| text.of(order).to_owned())
            })
            .unwrap_or_default()
    }

    fn shown(self) -> String {
        let draft = self.draft.get();
        draft.map_or_else(|| self.kept(), |draft| draft.typed)
    }

    fn typed(self, text: String) {
        let kept = untrack(|| self.kept());
        let before = self.draft.get_untracked();
        self.draft.set(Some(Draft::typing(before, kept, text)));
    }

    fn let_go(self) {
        self.draft.set(None);
        self.theirs.set(None);
    }

    /// What to send, against what is kept at this moment; a clash is shown from here on.
    fn saving(self) -> Saving {
        let kept = untrack(|| self.kept());
        let Some(draft) = self.draft.get_untracked() else {
            return Saving::Nothing;
        };
        let saving = draft.saving(&kept);
        if saving == Saving::Clash {
            self.draft.set(Some(draft.having_seen(kept.clone())));
            self.theirs.try_set(Some(kept));
        }
        saving
    }

    /// Only what was sent is let go of: the person may have typed on.
    fn stored(self, sent: Option<Draft>, text: Option<String>) {
        let Some(sent) = sent else { return };
        let stored = text.unwrap_or_else(|| untrack(|| self.kept()));
        let left = self
            .draft
            .get_untracked()
            .and_then(|draft| draft.after(&sent, stored));
        self.draft.set(left);
        // The drawer may have been closed meanwhile, and with it what it showed beside the draft.
        self.theirs.try_set(None);
    }
}

#[component]
pub fn Texts(id: WorkOrderId) -> impl IntoView {
    let app = App::of_page();
    let title = Field::new(app, id, OrderText::Title);
    let description = Field::new(app, id, OrderText::Description);
    let trouble = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let typed = move || [title, description].iter().any(|field| field.draft.has());
    let let_go = move || {
        title.let_go();
        description.let_go();
        trouble.set(None);
    };
    let save = move || {
        if busy.get_untracked() || !untrack(typed) {
            return;
        }
        trouble.set(None);
        let edit = match (title.saving(), description.saving()) {
            (Saving::Clash, _) | (_, Saving::Clash) => return,
            (Saving::Nothing, Saving::Nothing) => return let_go(),
            (title, description) => {
                let (title, title_base) = written(title);
                let (description, description_base) = written(description);
                WorkOrderEdit {
                    title,
                    title_base,
                    description,
                    description_base,
                    ..WorkOrderEdit::default()
                }
            }
        };
        let sent = (
            title.draft.get_untracked(),
            description.draft.get_untracked(),
        );
        let texts = (edit.title.clone(), edit.description.clone());
        let command = Command::EditWorkOrder {
            work_order: id,
            edit,
        };
        busy.set(true);
        app.attempt(Request::Do(command), move |done| {
            // The drawer may have been closed meanwhile: a problem is then said elsewhere.
            let closed = busy.try_set(false).is_some();
            match done {
                Ok(_) | Err(Problem::Refused(Refusal::NothingToDo)) => {
                    title.stored(sent.0, texts.0);
                    description.stored(sent.1, texts.1);
                }
                Err(failed) if closed => app.fail(&failed),
                // Somebody else's words came in between: they are here by now, and shown.
                Err(Problem::Refused(Refusal::WrittenMeanwhile { .. }))
                    if [title, description]
                        .map(Field::saving)
                        .contains(&Saving::Clash) => {}
                Err(failed) => trouble.set(Some(problem(&failed))),
            }
        });
    };
    view! {
        <form
            class="texts"
            on:submit=move |event: SubmitEvent| {
                event.prevent_default();
                save();
            }
        >
            {move || clash(&[title, description])}
            <label class="title-field">
                <textarea
                    class="input title-input"
                    rows=move || lines(&title.shown())
                    data-testid="order-title"
                    aria-label=title.label()
                    title=t("order.edit-title")
                    maxlength=MAX_TITLE
                    prop:value=move || title.shown()
                    on:input=move |event| {
                        title.typed(event_target_value(&event).replace('\n', " "));
                    }
                    on:keydown=move |event| {
                        if event.key() == "Enter" && !event.is_composing() {
                            event.prevent_default();
                            save();
                        }
                    }
                ></textarea>
                {icon(Icon::Pencil)}
            </label>
            <textarea
                class="input"
                data-testid="order-description"
                aria-label=description.label()
                placeholder=t("order.describe")
                maxlength=MAX_TEXT
                prop:value=move || description.shown()
                on:input=move |event| description.typed(event_target_value(&event))
            ></textarea>
            {move || {
                trouble
                    .get()
                    .map(|trouble| {
                        view! {
                            <p class="notice wrong" role="alert" data-testid="order-problem">
                                {icon(Icon::Warning)}
                                <span>{trouble}</span>
                            </p>
                        }
                    })
            }}
            <Shown when=typed>
                <div class="form-foot">
                    {not_saved()}
                    <button
                        type="button"
                        class="button"
                        data-testid="order-discard"
                        on:click=click(move |_| let_go())
                    >
                        {t("draft.discard")}
                    </button>
                    <button
                        type="submit"
                        class="button primary"
                        data-testid="order-save"
                        aria-busy=as_word(busy)
                    >
                        {t("order.save")}
                    </button>
                </div>
            </Shown>
        </form>
    }
}

/// The lines that a title takes in the drawer, about.
fn lines(title: &str) -> String {
    const LETTERS_A_LINE: usize = 27;
    let lines = title.chars().count().div_ceil(LETTERS_A_LINE);
    lines.max(1).to_string()
}

/// What to write, over what.
fn written(saving: Saving) -> (Option<String>, Option<String>) {
    match saving {
        Saving::Write { text, base } => (Some(text), Some(base)),
        Saving::Nothing | Saving::Clash => (None, None),
    }
}

/// What somebody else wrote in the same place, with what to do.
fn clash(fields: &[Field]) -> Option<impl IntoView + use<>> {
    let theirs: Vec<_> = fields
        .iter()
        .filter_map(|field| Some((field.label(), field.theirs.get()?)))
        .collect();
    let lines = theirs
        .iter()
        .map(|(label, text)| {
            let text = if text.is_empty() {
                t("order.theirs-empty").to_owned()
            } else {
                text.clone()
            };
            view! {
                <p class="faint">{*label}</p>
                <blockquote class="theirs">{text}</blockquote>
            }
        })
        .collect_view();
    (!theirs.is_empty()).then(|| {
        view! {
            <div class="notice clash" role="alert" data-testid="order-clash">
                {icon(Icon::Scales)}
                <div>
                    <p>{t("order.clash")}</p>
                    {lines}
                </div>
            </div>
        }
    })
}
