//! The way to the server and back. Each answer is of the moment: it is shown and not kept.

use super::{
    section::Section,
    state::{Dialog, Settings},
};
use crate::{
    app::ToastKind,
    catalogue::{t, t_with},
    words::problem::{problem, refusal},
};
use keyrack_model::{
    administration::{Administered, Administration},
    command::Command,
    ids::OperationId,
    import::{ImportAsked, ImportKind, ImportReport, Mapping},
    ipc::{Problem, Receipt, Request},
    rows::Person,
};
use leptos::{prelude::*, task::spawn_local};
use std::sync::Arc;

/// What is known of the server's answer to who and what there is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Asking {
    Now,
    Answered,
    Failed(Problem),
}

/// Whether the server is being asked by something that asks one question at a time.
#[derive(Clone, Copy)]
pub struct Busy(RwSignal<bool>);

/// Whether whatever asked is still on the page when the answer comes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Asker {
    Shown,
    Gone,
}

impl Busy {
    pub fn not() -> Self {
        Self(RwSignal::new(false))
    }

    /// Whether it asks at present; whoever asks is told of changes.
    pub fn is(self) -> bool {
        self.0.get()
    }

    /// Runs `ask` unless an answer is awaited.
    pub fn once(self, ask: impl FnOnce()) {
        if !self.0.get_untracked() {
            self.0.set(true);
            ask();
        }
    }

    /// The answer is there.
    pub fn end(self) -> Asker {
        match self.0.try_set(false) {
            None => Asker::Shown,
            Some(_) => Asker::Gone,
        }
    }
}

/// What something that was done came to.
pub type Acted = Result<Option<OperationId>, Problem>;

/// What a question came to.
pub type Came = Result<Administered, Problem>;

impl Settings {
    /// Asks the server; what comes of it is for the one who asked. Where the server wants the password
    /// first, the person is asked for it, and then the server again.
    pub fn ask(self, asked: Administration, then: impl FnOnce(Came) + 'static) {
        let then: Box<dyn FnOnce(Came)> = Box::new(then);
        spawn_local(async move {
            match self.answer(asked.clone()).await {
                Err(Problem::NotConfirmed) => self.ask_for_password(asked, then),
                came => then(came),
            }
        });
    }

    async fn answer(self, asked: Administration) -> Came {
        let host = self.host.get_value();
        match host.act(Request::Administer(asked)).await? {
            Receipt::Administered(administered) => Ok(*administered),
            Receipt::Done { .. }
            | Receipt::Noted
            | Receipt::Imported(_)
            | Receipt::Saved { .. } => Err(Problem::ServerConfused),
        }
    }

    /// Has the server read a file; what comes of it is for the one who asked.
    pub fn import(
        self,
        asked: ImportAsked,
        then: impl FnOnce(Result<ImportReport, Problem>) + 'static,
    ) {
        spawn_local(async move {
            let host = self.host.get_value();
            then(match host.act(Request::Import(Box::new(asked))).await {
                Ok(Receipt::Imported(report)) => Ok(*report),
                Ok(
                    Receipt::Done { .. }
                    | Receipt::Noted
                    | Receipt::Administered(_)
                    | Receipt::Saved { .. },
                ) => Err(Problem::ServerConfused),
                Err(problem) => Err(problem),
            });
        });
    }

    /// Saves a mapping in a file, and says where that is.
    pub fn save_mapping(self, kind: ImportKind, mapping: Mapping, busy: Busy) {
        spawn_local(async move {
            let host = self.host.get_value();
            let mapping = Box::new(mapping);
            let saved = host.act(Request::SaveMapping { kind, mapping }).await;
            busy.end();
            match saved {
                Ok(Receipt::Saved { path }) => {
                    self.say(t_with("mapping.saved", &[("path", &path)]));
                }
                Ok(
                    Receipt::Done { .. }
                    | Receipt::Noted
                    | Receipt::Administered(_)
                    | Receipt::Imported(_),
                ) => self.fail(&Problem::ServerConfused),
                Err(problem) => self.fail(&problem),
            }
        });
    }

    /// Does something to the hotel's own documents, with or without the server.
    /// What comes of it is the operation by which it is taken back, if something was written.
    pub fn act(self, command: Command, then: impl FnOnce(Acted) + 'static) {
        spawn_local(async move {
            let host = self.host.get_value();
            then(match host.act(Request::Do(command)).await {
                Ok(Receipt::Done { operation, .. }) => Ok(Some(operation)),
                Ok(
                    Receipt::Noted
                    | Receipt::Administered(_)
                    | Receipt::Imported(_)
                    | Receipt::Saved { .. },
                ) => Ok(None),
                Err(problem) => Err(problem),
            });
        });
    }

    /// Leaves the computer to the next person; the page goes with its person.
    pub fn lock(self) {
        let host = self.host.get_value();
        // Without a PIN there is nothing to come back to, and they stay.
        spawn_local(async move { drop(host.act(Request::Lock).await) });
    }

    /// Ends the session; the page goes with it, and what waits is kept.
    pub fn sign_out(self) {
        let host = self.host.get_value();
        spawn_local(async move { drop(host.act(Request::SignOut).await) });
    }

    /// Asks who and what there is. What was known stays in sight meanwhile.
    pub fn look(self) {
        self.asking.set(Asking::Now);
        self.ask(Administration::Look, move |came| {
            self.asking.set(match came {
                Ok(Administered::Seen(seen)) => {
                    self.overview.set(Some(Arc::new(seen)));
                    Asking::Answered
                }
                Ok(_) => Asking::Failed(Problem::ServerConfused),
                Err(problem) => Asking::Failed(problem),
            });
        });
        if self.section.get_untracked() == Section::Audit {
            self.read_log();
        }
        self.read_reviews();
    }

    /// Asks for a change and says that it is done; what is not done is said, too, and then
    /// `otherwise` puts back what the page showed. Whatever asked is busy no more by then.
    pub fn change(
        self,
        busy: Busy,
        asked: Administration,
        done: String,
        about: Option<Person>,
        otherwise: impl FnOnce() + 'static,
    ) {
        self.ask(asked, move |came| {
            busy.end();
            match came {
                Ok(administered) => self.tell(administered, about, done),
                Err(failed) => {
                    self.fail(&failed);
                    otherwise();
                }
            }
        });
    }

    pub fn fail(self, failed: &Problem) {
        self.toasts.say(ToastKind::Problem, problem(failed));
    }

    /// Shows what a change came to.
    pub fn tell(self, administered: Administered, about: Option<Person>, done: String) {
        self.toasts.dismiss_problems();
        match administered {
            Administered::Password(password) => {
                let (display, name) = about
                    .map(|person| (person.display, person.name))
                    .unwrap_or_default();
                self.open(Dialog::HandOver {
                    display,
                    name,
                    password,
                });
            }
            Administered::DeviceCode { code, expires_at } => {
                self.open(Dialog::Code { code, expires_at });
            }
            Administered::ImportKey(key) => self.open(Dialog::NewKey(key)),
            Administered::NotPossible(reason) => {
                let said = t_with("reviews.not-possible", &[("reason", &refusal(&reason))]);
                self.toasts.say(ToastKind::Problem, said);
            }
            Administered::Done
            // The app keeps the tokens to itself.
            | Administered::PasswordChanged(_)
            | Administered::Seen(_)
            | Administered::Audit(_)
            | Administered::AuditChecked(_)
            | Administered::Kept(_) => self.say(done),
        }
        self.look();
    }

    /// Why nothing can be asked of the server at present; None when it answered last.
    pub fn unreachable(self) -> Option<String> {
        match &*self.asking.read() {
            Asking::Failed(_) => Some(t("settings.needs-server").to_owned()),
            Asking::Now | Asking::Answered => None,
        }
    }
}
