//! A form that asks for something: it stays, with what is wrong, until that was done.

use super::{
    ask::{Asker, Busy},
    parts::trouble,
    state::Settings,
};
use crate::{
    catalogue::t,
    press::click,
    view::modal::Sheet,
    words::problem::{problem, refusal},
};
use keyrack_model::{ipc::Problem, refusal::Refusal};
use leptos::{ev::SubmitEvent, prelude::*};

/// How far the asking has come.
#[derive(Clone, Copy)]
pub struct Asked {
    page: Settings,
    said: RwSignal<Option<String>>,
    busy: Busy,
}

impl Asked {
    pub fn nothing(page: Settings) -> Self {
        Self {
            page,
            said: RwSignal::new(None),
            busy: Busy::not(),
        }
    }

    /// Says why it is not asked for.
    pub fn refuse(self, why: &Refusal) {
        self.say(refusal(why));
    }

    /// Says in words why it is not asked for.
    pub fn say(self, why: String) {
        self.said.set(Some(why));
    }

    /// Asks, unless an answer is still awaited.
    pub fn once(self, ask: impl FnOnce()) {
        self.busy.once(|| {
            self.said.set(None);
            ask();
        });
    }

    /// What was done, and whether the form is still there; a problem is said in the form, or else
    /// on the page.
    pub fn end<T>(self, came: Result<T, Problem>) -> Option<(T, Asker)> {
        match (came, self.busy.end()) {
            (Ok(done), asker) => return Some((done, asker)),
            (Err(failed), Asker::Shown) => self.said.set(Some(problem(&failed))),
            (Err(failed), Asker::Gone) => self.page.fail(&failed),
        }
        None
    }
}

#[component]
pub fn AskingForm(
    title: String,
    asked: Asked,
    /// Whether something is typed in it: a press beside it is then taken for a slip.
    #[prop(into, optional)]
    typed: Signal<bool>,
    save: Callback<()>,
    /// What leaving it does; the page's dialog is closed if nothing else is said.
    #[prop(optional)]
    close: Option<Callback<()>>,
    /// What the button that saves says.
    label: &'static str,
    testid: &'static str,
    children: Children,
) -> impl IntoView {
    let page = asked.page;
    let close = close.unwrap_or_else(|| Callback::new(move |()| page.close_dialog()));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        save.run(());
    };
    view! {
        <Sheet label=title.clone() typed close>
            <form class="form" on:submit=submit>
                <h2>{title}</h2>
                {children()}
                {trouble(asked.said)}
                <footer class="form-foot">
                    <button
                        type="button"
                        class="button"
                        on:click=click(move |_| close.run(()))
                    >
                        {t("cancel")}
                    </button>
                    <button
                        type="submit"
                        class="button primary"
                        data-testid=testid
                        aria-busy=move || asked.busy.is().then_some("true")
                    >
                        {label}
                    </button>
                </footer>
            </form>
        </Sheet>
    }
}
