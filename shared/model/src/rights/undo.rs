//! Taking an earlier action back: what it wrote is put back, what it made is cancelled.

use super::{Judged, Rights, Write};
use crate::{
    change::{Change, Entity},
    field::FieldValue,
    plan::{
        Effect,
        recall::check_put_back,
        settle::check_decided,
        undo::{put_back, taken_back},
    },
    policy::may_withdraw,
    refusal::{GateReason, Refusal},
};

impl Rights<'_> {
    /// That nothing was written since is for whoever knows who wrote what.
    pub(super) fn undo(&self, change: &Change) -> Judged {
        let undone = self.undone.ok_or(GateReason::MissingDependency)?;
        let document = change.document();
        let effects = || {
            let effects = undone.past.effects.iter();
            effects.filter(|effect| effect.document == document)
        };
        if let Some(Some(Entity::Comment(comment))) = self.before.get(&document)
            && !may_withdraw(self.context.role, self.context.author, comment)
        {
            return Err(Refusal::NotAllowed {
                command: self.command.name().to_owned(),
                role: self.context.role,
            });
        }
        let shown = self.before.get(&document).and_then(Option::as_ref);
        let standing = shown.and_then(|entity| entity.field(change.key()));
        if effects().any(|effect| effect.created)
            && let Some(back) = taken_back(document)
        {
            if back != *change {
                return Ok(Write::Beyond);
            }
            self.check_decided(shown, standing.as_slice(), change)?;
            return Ok(Write::OfCommand);
        }
        self.check_decided(shown, standing.as_slice(), change)?;
        let puts_back = |effect: &Effect| {
            put_back(effect, self.context.operation).is_some_and(|back| back == *change)
        };
        match effects().find(|effect| puts_back(effect)) {
            Some(effect) => {
                check_put_back(self.context, &undone.past, effect)?;
                Ok(Write::OfCommand)
            }
            None => Ok(Write::Beyond),
        }
    }

    pub(super) fn check_decided(
        &self,
        shown: Option<&Entity>,
        standing: &[FieldValue],
        change: &Change,
    ) -> Result<(), Refusal> {
        check_decided(self.context, shown, standing, change, self.command)
    }
}
