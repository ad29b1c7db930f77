//! What was done last, and the way back over it: what was asked for at once is taken back at once.

use super::{App, ToastKind};
use crate::{
    catalogue::{t, t_with},
    words,
};
use keyrack_model::{command::Command, ids::OperationId, ipc::RefusedAction};
use leptos::prelude::*;

/// Deeds that `u` can go back over, and undos of which it is known what was said.
const MAX_UNDO: usize = 100;

/// What a person asked for at once.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Deed {
    /// In the order in which they were done; none when there is no way back.
    pub(super) operations: Vec<OperationId>,
    /// What was said of it.
    pub(super) what: String,
}

impl App {
    /// Takes back one action, whatever else was done with it.
    pub fn undo(self, operation: OperationId) {
        let what = self
            .undoable
            .try_update_value(|deeds| alone(deeds, operation));
        let taken_back = what.flatten().map(|what| (operation, what));
        self.taken_back.set_value(taken_back);
        self.toasts
            .let_go(|toast| toast.kind == ToastKind::Done(operation));
        self.act(Command::Undo { operation });
    }

    /// Takes back the whole of what was done with an action.
    pub fn take_back(self, operation: OperationId) {
        let deed = self.undoable.try_update_value(|deeds| {
            let is_it = |deed: &Deed| deed.operations.contains(&operation);
            let at = deeds.iter().position(is_it)?;
            (deeds[at].operations.len() > 1).then(|| deeds.remove(at))
        });
        match deed.flatten() {
            Some(deed) => {
                self.toasts
                    .let_go(|toast| toast.kind == ToastKind::Done(operation));
                self.take_all_back(deed);
            }
            None => self.undo(operation),
        }
    }

    pub fn undo_last(self) {
        if self.under_way.get_value() > 0 {
            return self.say(ToastKind::Said, t("undo.under-way").to_owned());
        }
        let Some(deed) = self.undoable.with_value(|deeds| deeds.last().cloned()) else {
            return self.say(ToastKind::Said, t("undo.nothing").to_owned());
        };
        match deed.operations.last() {
            Some(operation) => self.take_back(*operation),
            None => {
                self.undoable
                    .update_value(|deeds| deeds.truncate(deeds.len() - 1));
                let sentence = t_with("undo.final", &[("what", &deed.what)]);
                self.say(ToastKind::Said, sentence);
            }
        }
    }

    pub(super) fn remember(self, deed: Deed) {
        self.undoable.update_value(|deeds| {
            deeds.push(deed);
            if deeds.len() > MAX_UNDO {
                deeds.remove(0);
            }
        });
    }

    /// That something is said to be taken back by this action.
    pub(super) fn note_undo(self, operation: OperationId) {
        self.undoing.update_value(|undos| {
            undos.push(operation);
            if undos.len() > MAX_UNDO {
                undos.remove(0);
            }
        });
    }

    /// That something was taken back, and what it was, when it is known.
    pub(super) fn said_taken_back(self, operation: OperationId) -> String {
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
}

/// Takes one action out of what was done; what was said of it, where it was all that was done.
fn alone(deeds: &mut Vec<Deed>, operation: OperationId) -> Option<String> {
    let is_it = |deed: &Deed| deed.operations.contains(&operation);
    let at = deeds.iter().position(is_it)?;
    let rest = &mut deeds[at].operations;
    rest.retain(|other| *other != operation);
    rest.is_empty().then(|| deeds.remove(at).what)
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn number(number: u128) -> OperationId {
        OperationId(Uuid::from_u128(number))
    }

    fn deed(operations: &[u128], what: &str) -> Deed {
        Deed {
            operations: operations.iter().copied().map(number).collect(),
            what: what.into(),
        }
    }

    #[test]
    fn one_of_several_actions_is_taken_back_alone_and_the_others_stay_together() {
        let mut deeds = vec![deed(&[], "final"), deed(&[1], "one"), deed(&[2, 3], "two")];
        assert_eq!(alone(&mut deeds, number(9)), None);
        assert_eq!(alone(&mut deeds, number(2)), None, "of two it was one");
        assert_eq!(alone(&mut deeds, number(1)).as_deref(), Some("one"));
        assert_eq!(deeds, [deed(&[], "final"), deed(&[3], "two")]);
        assert_eq!(alone(&mut deeds, number(3)).as_deref(), Some("two"));
        assert_eq!(deeds, [deed(&[], "final")]);
    }
}
