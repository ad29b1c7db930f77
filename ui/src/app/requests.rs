//! The way from a person's wish to the host, and from its answer to what the person is told.

use super::{App, ToastKind, deeds::Deed};
use crate::{
    catalogue::{t, t_with, t_word},
    words,
};
use keyrack_model::{
    command::{Command, WorkCommand},
    ids::{DocumentRef, OperationId, RoomId, WorkOrderId},
    ipc::{Answer, Problem, Question, Receipt, Request},
    policy::allows,
    refusal::Refusal,
};
use leptos::{prelude::*, task::spawn_local};

/// What was made or changed, or why nothing was.
type Done = Result<Option<DocumentRef>, Problem>;

impl App {
    /// Why the person's role may not do this; None when it may.
    pub fn refuses(self, command: &Command) -> Option<String> {
        let role = self.role()?;
        let refusal = allows(role, command).err()?;
        Some(words::problem::refusal(&refusal))
    }

    /// Why a room is not for a guest yet; None for one that is ready.
    pub fn not_ready(self, room: RoomId) -> Option<String> {
        let card = self.mirror.card(room)?;
        let value = t_word("cleanliness", card.status.cleanliness.word());
        (!card.status.is_ready()).then(|| t_with("stays.not-ready", &[("value", value)]))
    }

    /// Does something and says so, with a way back.
    pub fn act(self, command: Command) {
        self.act_or(command, || {});
    }

    /// Does something and says so; what is not done is said, too, and then `otherwise` puts back
    /// what the interface showed.
    pub fn act_or(self, command: Command, otherwise: impl FnOnce() + 'static) {
        if let Some(reason) = untrack(|| self.refuses(&command)) {
            self.say(ToastKind::Problem, reason);
            return otherwise();
        }
        if let Command::StartTask { task }
        | Command::PauseTask { task }
        | Command::Work(WorkCommand::Enter { task, .. }) = command
        {
            self.in_hand.set(Some(task));
        }
        self.attempt(Request::Do(command.clone()), move |done| {
            if let Err(problem) = done {
                match &problem {
                    Problem::Refused(reason) if *reason != Refusal::NothingToDo => {
                        let sentence = words::problem::not_done(&command, reason);
                        self.say(ToastKind::Problem, sentence);
                    }
                    other => self.fail(other),
                }
                otherwise();
            }
        });
    }

    /// Asks the host and says what was done, or the problem; what was done is handed on.
    pub fn request(self, request: Request, then: impl FnOnce(Option<DocumentRef>) + 'static) {
        self.attempt(request, move |done| match done {
            Ok(document) => then(document),
            Err(problem) => self.fail(&problem),
        });
    }

    /// Asks the host and says what was done; a problem is for the one who asked to show.
    pub fn attempt(self, request: Request, then: impl FnOnce(Done) + 'static) {
        // Boxed, what waits is the same for each place that asks, and downloaded once.
        let then: Box<dyn FnOnce(Done)> = Box::new(then);
        spawn_local(async move { then(self.done(request).await) });
    }

    async fn done(self, request: Request) -> Done {
        let host = self.host.get_value();
        match host.act(request.clone()).await? {
            Receipt::Done {
                operation,
                document,
            } => {
                self.acknowledge(&request, operation);
                Ok(document)
            }
            Receipt::Noted
            | Receipt::Administered(_)
            | Receipt::Imported(_)
            | Receipt::Saved { .. } => Ok(None),
        }
    }

    /// Signs in; the problem is for the form to show.
    pub async fn sign_in(self, request: Request) -> Result<(), Problem> {
        let host = self.host.get_value();
        host.act(request).await.map(|_| ())
    }

    pub async fn ask(self, question: Question) -> Result<Answer, Problem> {
        let host = self.host.get_value();
        host.ask(question).await
    }

    fn acknowledge(self, request: &Request, operation: OperationId) {
        let command =
            |command| untrack(|| self.named(|names| words::command::command(command, names)));
        let text = match request {
            Request::Do(Command::Undo { operation }) => self.said_taken_back(*operation),
            Request::Do(done) => command(done),
            Request::CreateWorkOrder(draft) => command(&Command::CreateWorkOrder {
                work_order: WorkOrderId::default(),
                draft: draft.clone(),
            }),
            Request::AddComment { .. } => t("did.commented").to_owned(),
            Request::SignIn { .. }
            | Request::SignOut
            | Request::SetPin { .. }
            | Request::Lock
            | Request::GoToHotel { .. }
            | Request::Unlock { .. }
            | Request::Administer(_)
            | Request::Import(_)
            | Request::SaveMapping { .. }
            | Request::DismissRefused { .. }
            | Request::Open(_)
            | Request::DismissDamage => String::new(),
        };
        let is_undo = matches!(request, Request::Do(Command::Undo { .. }));
        // What can be erased is not kept to be taken back.
        let is_erasable = matches!(request, Request::Do(command) if command.record().is_some());
        let is_final = is_undo || is_erasable;
        if is_undo {
            self.note_undo(operation);
        } else {
            let operations = (!is_final).then_some(operation);
            self.remember(Deed {
                operations: operations.into_iter().collect(),
                what: text.clone(),
            });
        }
        let kind = if is_final {
            ToastKind::Said
        } else {
            ToastKind::Done(operation)
        };
        self.say(kind, self.with_warning(request, text));
    }

    /// With what is to be known of a room that somebody has checked in to.
    fn with_warning(self, request: &Request, text: String) -> String {
        let Request::Do(Command::CheckIn { stay }) = request else {
            return text;
        };
        let room = self.mirror.glance(|cabinet| {
            let file = cabinet.home_of((*stay).into())?;
            file.room().map(|(room, _)| room)
        });
        match room.and_then(|room| untrack(|| self.not_ready(room))) {
            Some(not_ready) => format!("{text}. {not_ready}"),
            None => text,
        }
    }

    pub fn fail(self, problem: &Problem) {
        let calm = matches!(problem, Problem::Refused(Refusal::NothingToDo));
        let kind = if calm {
            ToastKind::Said
        } else {
            ToastKind::Problem
        };
        self.say(kind, words::problem::problem(problem));
    }
}
