//! What an `Undo` may rest on: the action that it takes back, and who may have done that.

use super::{
    admission::{Gate, Stop},
    reading::ReadChange,
    seen::Seen,
    shelf::Draft,
};
use keyrack_model::{
    action::Action,
    command::Command,
    ids::OperationId,
    limits::MAX_UNDO_CHAIN,
    plan::{Effect, PastAction},
    refusal::{GateReason, Refusal},
    rights::Undone,
};

impl Gate<'_> {
    /// What an `Undo` takes back, when nothing of it was written again as far as the author saw.
    pub(super) fn undone(
        &self,
        action: &Action,
        changes: &[ReadChange],
        draft: &Draft<'_>,
    ) -> Result<Option<Undone>, Stop> {
        let Command::Undo { operation } = *action.command.asked() else {
            return Ok(None);
        };
        let past = self.past(operation, draft)?;
        let mut effects = Vec::new();
        for change in changes {
            let document = &draft.get(change.document).ok_or(Stop::NotNow)?.document;
            let mut parts = past.changes.iter();
            let Some(part) = parts.find(|part| part.document == change.document) else {
                continue;
            };
            let part = document.effects(&part.bytes).map_err(|_| Stop::NotNow)?;
            let seen = Seen::by(document, &change.header);
            if !seen.has_untouched(&part, operation) {
                return Err(Refusal::ChangedSince.into());
            }
            let created = part.created;
            effects.extend(part.writes.into_iter().map(|write| Effect {
                document: change.document,
                created,
                key: write.key.to_owned(),
                before: write.before,
                after: write.after,
            }));
        }
        Ok(Some(Undone {
            past: PastAction {
                command: past.command.clone(),
                author: past.author,
                effects,
            },
            first: self.first_command(past, draft)?,
        }))
    }

    fn past<'a>(
        &'a self,
        operation: OperationId,
        draft: &'a Draft<'_>,
    ) -> Result<&'a Action, Stop> {
        let past = draft.admitted(operation).or(self.past.get(&operation));
        Ok(past.ok_or(GateReason::MissingDependency)?)
    }

    fn first_command(&self, past: &Action, draft: &Draft<'_>) -> Result<Command, Stop> {
        let mut command = past.command.asked();
        for _ in 0..MAX_UNDO_CHAIN {
            let Command::Undo { operation } = command else {
                return Ok(command.clone());
            };
            command = self.past(*operation, draft)?.command.asked();
        }
        let limit = MAX_UNDO_CHAIN;
        Err(Refusal::TakenBackTooOften { limit }.into())
    }
}
