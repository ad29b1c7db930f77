//! The person's password once more, before the server changes what somebody may do: it is asked for when
//! the server wants it, and then holds for some minutes.

use super::{
    ask::{Asker, Busy, Came},
    parts::{FieldKind, field, trouble},
    state::{Dialog, Settings},
};
use crate::{catalogue::t, press::click, view::modal::Sheet, words::problem::problem};
use keyrack_model::{administration::Administration, ipc::Problem, limits::MAX_PASSWORD};
use leptos::{ev::SubmitEvent, prelude::*};

/// What is asked again once the password was shown, with whoever waits for what it comes to.
pub struct Awaiting {
    pub asked: Administration,
    pub then: Box<dyn FnOnce(Came)>,
}

impl Settings {
    /// Asks for the password in the place of whatever dialog led here.
    pub(super) fn ask_for_password(self, awaiting: Awaiting) {
        self.give_up_waiting();
        self.awaiting.set_value(Some(awaiting));
        self.open(Dialog::Present);
    }

    /// Whoever waited hears that nothing was done.
    pub(super) fn give_up_waiting(self) {
        let awaiting = self.awaiting.try_update_value(Option::take).flatten();
        if let Some(Awaiting { then, .. }) = awaiting {
            then(Err(Problem::NotConfirmed));
        }
    }

    /// The password was right: what was asked for is asked again.
    fn go_on(self) {
        let awaiting = self.awaiting.try_update_value(Option::take).flatten();
        if *self.dialog.read_untracked() == Some(Dialog::Present) {
            self.close_dialog();
        }
        if let Some(Awaiting { asked, then }) = awaiting {
            self.ask(asked, then);
        }
    }
}

#[component]
pub fn Present() -> impl IntoView {
    let page = Settings::of_page();
    let close = Callback::new(move |()| page.close_dialog());
    let present = RwSignal::new(String::new());
    let said = RwSignal::new(None::<String>);
    let busy = Busy::not();
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        // An empty one would count as a guess.
        if present.with_untracked(String::is_empty) {
            return said.set(Some(t("present.empty").to_owned()));
        }
        let asked = Administration::Confirm {
            present: present.get_untracked(),
        };
        busy.once(|| {
            said.set(None);
            page.ask(asked, move |came| match (came, busy.end()) {
                (Ok(_), _) => page.go_on(),
                (Err(failed), Asker::Shown) => said.set(Some(problem(&failed))),
                // Whoever waited was told when it was closed.
                (Err(_), Asker::Gone) => {}
            });
        });
    };
    view! {
        <Sheet label=t("present.title").to_owned() typed=true close>
            <form class="form" on:submit=send>
                <h2>{t("present.title")}</h2>
                <p class="faint">{t("present.lesson")}</p>
                {field(
                    "confirm-password",
                    t("access.present"),
                    FieldKind::PresentPassword,
                    MAX_PASSWORD,
                    present,
                )}
                {trouble(said)}
                <footer class="form-foot">
                    <button
                        type="button"
                        class="button"
                        on:click=click(move |_| page.close_dialog())
                    >
                        {t("cancel")}
                    </button>
                    <button
                        type="submit"
                        class="button primary"
                        data-testid="confirm-password-yes"
                        aria-busy=move || busy.is().then_some("true")
                    >
                        {t("present.go-on")}
                    </button>
                </footer>
            </form>
        </Sheet>
    }
}
