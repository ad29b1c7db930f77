//! What is asked for at once and takes several actions: it is said once, and taken back at once.

use super::{App, ToastKind, deeds::Deed};
use crate::{
    catalogue::{t_count, t_with},
    words,
};
use keyrack_model::{
    command::Command,
    ids::OperationId,
    ipc::{Problem, Receipt, Request},
    refusal::Refusal,
};
use leptos::{prelude::*, task::spawn_local};

/// What came of several commands.
#[derive(Default)]
struct Came {
    done: Vec<OperationId>,
    /// The first that was not done, and why.
    problem: Option<(Command, Problem)>,
    /// How many were not.
    not_done: usize,
}

impl App {
    /// Does some things one after the other, and says by their number what was done; one Undo takes
    /// all of them back. What is refused does not keep the others from being done.
    pub fn act_all(self, commands: Vec<Command>, said: impl FnOnce(usize) -> String + 'static) {
        let refused = untrack(|| commands.iter().find_map(|command| self.refuses(command)));
        if let Some(reason) = refused {
            return self.say(ToastKind::Problem, reason);
        }
        // Boxed, what follows is the same for each place that asks, and downloaded once.
        let said: Box<dyn FnOnce(usize) -> String> = Box::new(said);
        spawn_local(async move {
            let Some(came) = self.one_by_one(commands).await else {
                return;
            };
            if let Some(last) = came.done.last() {
                let what = said(came.done.len());
                self.say(ToastKind::Done(*last), what.clone());
                self.remember(Deed {
                    operations: came.done.clone(),
                    what,
                });
            }
            self.say_what_is_left(&came);
        });
    }

    /// Takes back a deed of several actions, the last of them first.
    pub(super) fn take_all_back(self, deed: Deed) {
        let operations = deed.operations.iter().rev().copied();
        let undos = operations.map(|operation| Command::Undo { operation });
        let undos: Vec<Command> = undos.collect();
        spawn_local(async move {
            let Some(came) = self.one_by_one(undos).await else {
                return;
            };
            if !came.done.is_empty() {
                let what = [("what", deed.what.as_str())];
                self.say(ToastKind::Said, t_with("did.undo-what", &what));
            }
            for operation in &came.done {
                self.note_undo(*operation);
            }
            self.say_what_is_left(&came);
        });
    }

    /// None when somebody else is at the window by now: they asked for none of it.
    async fn one_by_one(self, commands: Vec<Command>) -> Option<Came> {
        let host = self.host.get_value();
        let who = self.presence.read_untracked().who();
        self.under_way.update_value(|deeds| *deeds += 1);
        let mut came = Came::default();
        let mut left = commands.len();
        for command in commands {
            if self.presence.read_untracked().who() != who {
                break;
            }
            match host.act(Request::Do(command.clone())).await {
                Ok(Receipt::Done { operation, .. }) => came.done.push(operation),
                Ok(
                    Receipt::Noted
                    | Receipt::Administered(_)
                    | Receipt::Imported(_)
                    | Receipt::Saved { .. },
                )
                | Err(Problem::Refused(Refusal::NothingToDo)) => {}
                Err(problem @ Problem::Refused(_)) => {
                    came.not_done += 1;
                    came.problem.get_or_insert((command, problem));
                }
                // What keeps one from being done for a reason of its own keeps all that follow.
                Err(problem) => {
                    came.not_done += left;
                    came.problem.get_or_insert((command, problem));
                    break;
                }
            }
            left -= 1;
        }
        self.under_way.update_value(|deeds| *deeds -= 1);
        (self.presence.read_untracked().who() == who).then_some(came)
    }

    fn say_what_is_left(self, came: &Came) {
        match &came.problem {
            Some((command, problem)) => {
                let reason = match problem {
                    Problem::Refused(reason) => words::problem::not_done(command, reason),
                    other => words::problem::problem(other),
                };
                let sentence = t_count("several.not-done", came.not_done);
                self.say(ToastKind::Problem, sentence.replace("{reason}", &reason));
            }
            None if came.done.is_empty() => self.fail(&Problem::Refused(Refusal::NothingToDo)),
            None => {}
        }
    }
}
