//! The way from a person's wish to the host, and from its answer to what the person is told.

use super::{App, ToastKind};
use crate::{
    catalogue::{t, t_with, t_word},
    words,
};
use keyrack_model::{
    command::Command,
    ids::{DocumentRef, OperationId, RoomId, WorkOrderId},
    ipc::{Answer, Problem, Question, Receipt, RefusedAction, Request},
    policy::allows,
    refusal::Refusal,
};
use leptos::{prelude::*, task::spawn_local};

/// Actions that `u` can go back over.
const MAX_UNDO: usize = 100;

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
        if let Command::StartTask { task } | Command::PauseTask { task } = command {
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
            Receipt::Noted | Receipt::Administered(_) | Receipt::Imported(_) => Ok(None),
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

    pub fn undo(self, operation: OperationId) {
        let what = self.undoable.try_update_value(|done| {
            let at = done.iter().position(|(it, _)| *it == Some(operation))?;
            Some(done.remove(at).1)
        });
        let taken_back = what.flatten().map(|what| (operation, what));
        self.taken_back.set_value(taken_back);
        self.toasts
            .let_go(|toast| toast.kind == ToastKind::Done(operation));
        self.act(Command::Undo { operation });
    }

    pub fn undo_last(self) {
        match self.undoable.with_value(|done| done.last().cloned()) {
            Some((Some(operation), _)) => self.undo(operation),
            Some((None, what)) => {
                self.undoable
                    .update_value(|done| done.truncate(done.len() - 1));
                let sentence = t_with("undo.final", &[("what", &what)]);
                self.say(ToastKind::Said, sentence);
            }
            None => self.say(ToastKind::Said, t("undo.nothing").to_owned()),
        }
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
            | Request::Unlock { .. }
            | Request::Administer(_)
            | Request::Import(_)
            | Request::DismissRefused { .. }
            | Request::Open(_)
            | Request::DismissDamage => String::new(),
        };
        let is_undo = matches!(request, Request::Do(Command::Undo { .. }));
        if is_undo {
            self.undoing.update_value(|undos| {
                undos.push(operation);
                if undos.len() > MAX_UNDO {
                    undos.remove(0);
                }
            });
        }
        // What can be erased is not kept to be taken back.
        let is_erasable = matches!(request, Request::Do(command) if command.record().is_some());
        let is_final = is_undo || is_erasable;
        if !is_undo {
            self.undoable.update_value(|done| {
                done.push(((!is_final).then_some(operation), text.clone()));
                if done.len() > MAX_UNDO {
                    done.remove(0);
                }
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

    /// That something was taken back, and what it was, when it is known.
    fn said_taken_back(self, operation: OperationId) -> String {
        match self.taken_back.try_update_value(Option::take).flatten() {
            Some((taken_back, what)) if taken_back == operation => {
                t_with("did.undo-what", &[("what", &what)])
            }
            _ => t("did.undo").to_owned(),
        }
    }

    /// An undo was said to be done at once; one that the server refused is said not to be.
    pub(super) fn correct_undos(self, refused: &[RefusedAction]) {
        for action in refused {
            let was_said = self.undoing.try_update_value(|undos| {
                let before = undos.len();
                undos.retain(|operation| *operation != action.operation);
                undos.len() < before
            });
            if was_said == Some(true) {
                let sentence = words::problem::not_done(&action.command, &action.reason);
                self.say(ToastKind::Problem, sentence);
            }
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
