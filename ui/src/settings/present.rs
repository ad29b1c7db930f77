//! The person's password once more, before the server changes what somebody may do: it is asked for when
//! the server wants it, above whatever dialog led here, and then holds for some minutes.

use super::{
    ask::{Asker, Came},
    asking_form::{Asked, AskingForm},
    parts::{FieldKind, field},
    state::Settings,
};
use crate::catalogue::t;
use keyrack_model::{administration::Administration, ipc::Problem, limits::MAX_PASSWORD};
use leptos::prelude::*;

/// What is asked again once the password was shown, with whoever waits for what it comes to.
pub struct Awaiting {
    asked: Administration,
    then: Box<dyn FnOnce(Came)>,
}

impl Settings {
    /// Asks for the password, and then the server again. What leads here stays as it is underneath.
    pub(super) fn ask_for_password(self, asked: Administration, then: Box<dyn FnOnce(Came)>) {
        let before = self.awaiting.write().replace(Awaiting { asked, then });
        match before {
            Some(before) => before.give_up(),
            None => self.before_password.note(),
        }
    }

    /// Whether the password is being asked for; whoever asks is told of changes.
    pub(super) fn asks_for_password(self) -> bool {
        self.awaiting.read().is_some()
    }

    /// Closes the dialog; whoever waited hears that nothing was done.
    fn give_up_waiting(self) {
        if let Some(awaiting) = self.end_waiting() {
            awaiting.give_up();
        }
    }

    /// The password was right: what was asked for is asked again.
    fn go_on(self) {
        if let Some(Awaiting { asked, then }) = self.end_waiting() {
            self.ask(asked, then);
        }
    }

    fn end_waiting(self) -> Option<Awaiting> {
        let awaiting = self.awaiting.try_update(Option::take).flatten()?;
        self.before_password
            .give_back(move || self.asks_for_password());
        Some(awaiting)
    }
}

impl Awaiting {
    fn give_up(self) {
        (self.then)(Err(Problem::NotConfirmed));
    }
}

#[component]
pub fn Present() -> impl IntoView {
    let page = Settings::of_page();
    let asked = Asked::nothing(page);
    let present = RwSignal::new(String::new());
    let save = move |()| {
        // An empty one would count as a guess.
        if present.with_untracked(String::is_empty) {
            return asked.say(t("present.empty").to_owned());
        }
        let wish = Administration::Confirm {
            present: present.get_untracked(),
        };
        asked.once(|| {
            page.ask(wish, move |came| {
                if let Some((_, Asker::Shown)) = asked.end(came) {
                    page.go_on();
                }
            });
        });
    };
    view! {
        <AskingForm
            title=t("present.title").to_owned()
            asked
            typed=true
            save=Callback::new(save)
            close=Callback::new(move |()| page.give_up_waiting())
            label=t("present.go-on")
            testid="confirm-password-yes"
        >
            <p class="faint">{t("present.lesson")}</p>
            {field(
                "confirm-password",
                t("access.present"),
                FieldKind::PresentPassword,
                MAX_PASSWORD,
                present,
            )}
        </AskingForm>
    }
}
