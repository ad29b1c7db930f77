//! Deciding what several people wrote into one field at the same time.

use super::{Judged, Rights, Write};
use crate::{
    change::Change,
    ids::DocumentRef,
    plan::{recall::said_anew, settle::settled},
    refusal::GateReason,
};

impl Rights<'_> {
    /// That the chosen value stood there for its author, among others that people were told of, is
    /// for whoever knows who wrote what.
    pub(super) fn settle(&self, document: DocumentRef, key: &str, change: &Change) -> Judged {
        let chosen = self.undone.ok_or(GateReason::MissingDependency)?;
        let shown = self.before.get(&document).and_then(Option::as_ref);
        let anew = |effect| said_anew(effect, shown, self.context.role);
        let mut effects = chosen.past.effects.iter();
        let written = effects.find(|effect| effect.document == document && effect.key == key);
        let written = written.map(anew).transpose()?;
        let wanted = written
            .and_then(|effect| settled(document, key, &effect.after, self.context.operation));
        let is_wanted = wanted.as_ref() == Some(change);
        if is_wanted {
            self.check_decided(shown, &chosen.standing, change)?;
        }
        Ok(Write::when(is_wanted))
    }
}
