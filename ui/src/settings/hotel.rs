//! The hotel itself: what it is called, which its managers say, and what is fixed of it. It needs no
//! server: the name is a field of the hotel's document, as a room's is of the room's.

mod story;

use super::{
    parts::{Button, asking_button, button, trouble, why},
    state::Settings,
};
use crate::{
    catalogue::{t, t_with},
    clock::long_date,
    view::{controls::Shown, icon::Icon},
    words::problem::{problem, refusal},
};
use keyrack_model::{
    command::Command, ids::OperationId, limits::MAX_NAME, policy::allows, refusal::Refusal,
};
use leptos::{ev::SubmitEvent, prelude::*};
use story::Story;

#[component]
pub fn Hotel() -> impl IntoView {
    let page = Settings::of_page();
    let called = Memo::new(move |_| page.hotel_name());
    view! {
        <section class="part" aria-labelledby="part-title">
            <header class="part-head">
                <div>
                    <h1 id="part-title">{t("settings.hotel")}</h1>
                    <p class="faint">{t("hotel.lesson")}</p>
                </div>
            </header>
            <Name called/>
            {facts(page)}
            <Story called/>
        </section>
    }
}

/// What is typed, and what came of it.
#[derive(Clone, Copy)]
struct Naming {
    page: Settings,
    called: Memo<String>,
    typed: RwSignal<String>,
    said: RwSignal<Option<String>>,
    /// What the person wrote last, while it can be taken back here.
    written: RwSignal<Option<OperationId>>,
}

#[component]
fn Name(called: Memo<String>) -> impl IntoView {
    let page = Settings::of_page();
    let naming = Naming {
        page,
        called,
        typed: RwSignal::new(called.get_untracked()),
        said: RwSignal::new(None),
        written: RwSignal::new(None),
    };
    // What others call it meanwhile is shown, unless the person has typed something else.
    Effect::new(move |before: Option<String>| {
        let present = called.get();
        if before.is_some_and(|before| naming.typed.get_untracked() == before) {
            naming.typed.set(present.clone());
        }
        present
    });
    let not_allowed = Signal::derive(move || naming.not_allowed());
    let refused = Signal::derive(move || naming.refused());
    // A name that is there already needs no word until somebody asks to keep it.
    let said_of_it = Signal::derive(move || refused.get().filter(|why| why != t("hotel.same")));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if refused.read_untracked().is_none() {
            naming.write(|| ());
        }
    };
    view! {
        <form class="card form" on:submit=submit>
            <label class="field">
                <span>{t("hotel.name")}</span>
                <input
                    class="input"
                    type="text"
                    data-testid="hotel-called"
                    name="hotel-called"
                    autocomplete="off"
                    maxlength=MAX_NAME
                    readonly=move || not_allowed.read().is_some()
                    title=not_allowed
                    bind:value=naming.typed
                />
            </label>
            {trouble(naming.said)}
            <footer class="form-foot">
                <Shown when=move || naming.written.read().is_some()>
                    {button(
                        Button {
                            testid: "hotel-take-back",
                            class: "button",
                            mark: Icon::Undo,
                            label: t("hotel.take-back"),
                        },
                        Signal::derive(|| None),
                        move || naming.take_back(),
                    )}
                </Shown>
                {asking_button(
                    Button {
                        testid: "hotel-save",
                        class: "button primary",
                        mark: Icon::Check,
                        label: t("hotel.save"),
                    },
                    refused,
                    move |busy| {
                        naming
                            .write(move || {
                                busy.end();
                            })
                    },
                )}
            </footer>
            {why(said_of_it)}
        </form>
    }
}

impl Naming {
    fn not_allowed(self) -> Option<String> {
        let role = self.page.role()?;
        let name = String::new();
        let refused = allows(role, &Command::NameHotel { name }).err()?;
        Some(refusal(&refused))
    }

    /// Why what is typed is not written.
    fn refused(self) -> Option<String> {
        if let Some(reason) = self.not_allowed() {
            return Some(reason);
        }
        let typed = self.typed.read();
        if typed.trim().is_empty() {
            let field = "name".to_owned();
            return Some(refusal(&Refusal::Empty { field }));
        }
        (typed.trim() == *self.called.read()).then(|| t("hotel.same").to_owned())
    }

    fn write(self, then: impl FnOnce() + 'static) {
        let name = self.typed.get_untracked().trim().to_owned();
        let done = t_with("hotel.called", &[("name", &name)]);
        self.page.act(Command::NameHotel { name }, move |came| {
            then();
            match came {
                Ok(operation) => {
                    // The section may be gone by now.
                    self.said.try_set(None);
                    self.written.try_set(operation);
                    self.page.say(done);
                }
                Err(failed) => self.fail(problem(&failed)),
            }
        });
    }

    fn take_back(self) {
        let Some(operation) = self.written.get_untracked() else {
            return;
        };
        self.page.act(Command::Undo { operation }, move |came| {
            self.written.try_set(None);
            match came {
                Ok(_) => {
                    self.said.try_set(None);
                    self.page.say(t("hotel.taken-back").to_owned());
                }
                Err(failed) => self.fail(problem(&failed)),
            }
        });
    }

    fn fail(self, sentence: String) {
        self.said.try_set(Some(sentence));
    }
}

/// What nobody edits here, and who or what does.
fn facts(page: Settings) -> impl IntoView {
    let code = move || {
        page.here
            .read()
            .as_ref()
            .map(|here| here.hotel_code.clone())
    };
    let server = move || page.here.read().as_ref().map(|here| here.server.clone());
    let date = Memo::new(move |_| page.business_date());
    let date = move || date.get().map(long_date);
    view! {
        <dl class="card facts" data-testid="hotel-facts">
            <div>
                <dt>{t("hotel.code")}</dt>
                <dd data-testid="hotel-code">{code}</dd>
                <dd class="faint">{t("hotel.code-means")}</dd>
            </div>
            <div>
                <dt>{t("field.business-date")}</dt>
                <dd data-testid="hotel-date">{date}</dd>
                <dd class="faint">{t("hotel.date-means")}</dd>
            </div>
            <div>
                <dt>{t("hotel.server")}</dt>
                <dd data-testid="hotel-server">{server}</dd>
                <dd class="faint">{t("hotel.server-means")}</dd>
            </div>
        </dl>
    }
}
