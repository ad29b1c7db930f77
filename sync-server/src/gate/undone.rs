//! What an `Undo` or a `Settle` may rest on: the action that it recalls, and who may have done that.

use super::{
    admission::{Gate, Stop},
    reading::ReadChange,
    seen::Seen,
    shelf::Draft,
};
use keyrack_document::{ChangeHeader, Document, Effects};
use keyrack_model::{
    action::Action,
    change::{Entity, fields_of, rule_of},
    command::Command,
    field::FieldValue,
    ids::OperationId,
    limits::MAX_UNDO_CHAIN,
    merge::MergeRule,
    plan::{
        Effect, PastAction,
        origin::{Writings, is_as_left},
    },
    refusal::{GateReason, Refusal},
    rights::Undone,
};
use std::collections::BTreeSet;

impl Gate<'_> {
    /// What an `Undo` takes back, when nothing of it was written again, or that was taken back, as
    /// far as the author saw.
    pub(super) fn undone(
        &self,
        action: &Action,
        changes: &[ReadChange],
        draft: &Draft<'_>,
    ) -> Result<Option<Undone>, Stop> {
        let Some(operation) = action.command.recalls() else {
            return Ok(None);
        };
        let past = self.past(operation, draft)?;
        let mut parts = Vec::new();
        for change in changes {
            let document = &draft.get(change.document).ok_or(Stop::NotNow)?.document;
            let mut of_past = past.changes.iter();
            let Some(part) = of_past.find(|part| part.document == change.document) else {
                continue;
            };
            let part = document.effects(&part.bytes).map_err(|_| Stop::NotNow)?;
            let author = Beholder {
                gate: self,
                draft,
                document,
                seen: Seen::by(document, &change.header),
            };
            parts.push((change.document, author, part));
        }
        let stands = match action.command.asked() {
            Command::Settle { document, key, .. } => parts
                .iter()
                .any(|(of, author, _)| of == document && author.saw_it_contested(key, operation)),
            _ => all_stand(
                parts
                    .iter()
                    .map(|(_, author, part)| author.saw_untouched(part, past)),
            )?,
        };
        if !stands {
            return Err(Refusal::ChangedSince.into());
        }
        let standing = match action.command.asked() {
            Command::Settle { document, key, .. } => {
                let mut of_field = parts.iter().filter(|(of, ..)| of == document);
                of_field
                    .next()
                    .and_then(|(_, author, _)| author.seen.standing(key))
            }
            _ => None,
        };
        let standing = standing.unwrap_or_default().into_iter();
        let standing = standing.map(|it| it.value).collect();
        let effects = parts.into_iter().flat_map(|(document, _, part)| {
            let created = part.created;
            part.writes.into_iter().map(move |write| Effect {
                document,
                created,
                key: write.key.to_owned(),
                before: write.before,
                after: write.after,
            })
        });
        Ok(Some(Undone {
            past: PastAction {
                command: past.command.clone(),
                author: past.author,
                effects: effects.collect(),
            },
            first: self.first_command(past, draft)?,
            standing,
        }))
    }

    fn past<'a>(
        &'a self,
        operation: OperationId,
        draft: &'a Draft<'_>,
    ) -> Result<&'a Action, Stop> {
        let past = self.known(operation, draft);
        Ok(past.ok_or(GateReason::MissingDependency)?)
    }

    /// An earlier action, where it was admitted here or asked of the log.
    pub(super) fn known<'a>(
        &'a self,
        operation: OperationId,
        draft: &'a Draft<'_>,
    ) -> Option<&'a Action> {
        draft.admitted(operation).or(self.past.get(&operation))
    }

    fn first_command(&self, past: &Action, draft: &Draft<'_>) -> Result<Command, Stop> {
        let mut command = past.command.asked();
        for _ in 0..MAX_UNDO_CHAIN {
            let Some(operation) = command.recalls() else {
                return Ok(command.clone());
            };
            command = self.past(operation, draft)?.command.asked();
        }
        let limit = MAX_UNDO_CHAIN;
        Err(Refusal::TakenBackTooOften { limit }.into())
    }
}

/// Whether everything stands. Earlier actions that some of it hangs on are asked for at once.
fn all_stand(judged: impl Iterator<Item = Result<bool, Stop>>) -> Result<bool, Stop> {
    let mut needed = BTreeSet::new();
    for stands in judged {
        match stands {
            Ok(true) => {}
            Err(Stop::Needs(earlier)) => needed.extend(earlier),
            other => return other,
        }
    }
    if needed.is_empty() {
        Ok(true)
    } else {
        Err(Stop::Needs(needed))
    }
}

/// Who takes something back, before one of its documents.
struct Beholder<'a> {
    gate: &'a Gate<'a>,
    draft: &'a Draft<'a>,
    document: &'a Document,
    seen: Seen<'a>,
}

impl Beholder<'_> {
    /// Whether what an action did to the document stood untouched: each field that it wrote says
    /// so, as that action left it, and so does each that it left empty in a document it made.
    fn saw_untouched(&self, effects: &Effects, past: &Action) -> Result<bool, Stop> {
        let kind = self.document.reference().kind;
        all_stand(fields_of(kind).iter().map(|(key, _)| {
            match effects.writes.iter().find(|write| write.key == *key) {
                Some(write) => {
                    let left = match past.command.asked() {
                        Command::Settle { .. } => self.document.writers_after(key, past.operation),
                        _ => vec![past.operation],
                    };
                    self.stands(key, &write.after, &left)
                }
                None if effects.created => match Entity::empty(kind).field(key) {
                    Some(unset) => self.stands(key, &unset, &[]),
                    None => Ok(false),
                },
                None => Ok(true),
            }
        }))
    }

    /// Whether what an action wrote into a field was among the values that stood there, and people
    /// were told of them: what rules decide alone is nobody's to choose.
    fn saw_it_contested(&self, key: &str, operation: OperationId) -> bool {
        let writers = self.seen.writers(key).unwrap_or_default();
        let standing = self.seen.standing(key).unwrap_or_default();
        let values: Vec<FieldValue> = standing.into_iter().map(|it| it.value).collect();
        let rule = rule_of(self.document.reference().kind, key);
        let merged = rule.and_then(|rule| rule.merge(&values));
        merged.is_some_and(|merged| !merged.told.is_empty()) && writers.contains(&operation)
    }

    fn stands(&self, key: &str, value: &FieldValue, left: &[OperationId]) -> Result<bool, Stop> {
        let kind = self.document.reference().kind;
        if matches!(rule_of(kind, key), Some(MergeRule::Text)) {
            return Ok(self.seen.text(key).map(FieldValue::Text).as_ref() == Some(value));
        }
        match self.seen.writers(key) {
            Some(writers) => is_as_left(left, writers, &Field { of: self, key }),
            None => Ok(false),
        }
    }
}

struct Field<'a> {
    of: &'a Beholder<'a>,
    key: &'a str,
}

impl Writings for Field<'_> {
    type Error = Stop;

    fn taken_back(&self, operation: OperationId) -> Result<Option<OperationId>, Stop> {
        let action = self.of.gate.known(operation, self.of.draft);
        let action = action.ok_or_else(|| Stop::Needs([operation].into()))?;
        Ok(action.command.undoes())
    }

    fn writers_before(&self, operation: OperationId) -> Result<Option<Vec<OperationId>>, Stop> {
        let document = self.of.document;
        let action = self.of.gate.known(operation, self.of.draft);
        let changes = action.map(|action| &action.changes).into_iter().flatten();
        let mut changes = changes.filter(|change| change.document == document.reference());
        let Some(change) = changes.next() else {
            return Ok(None);
        };
        let (header, _) = ChangeHeader::parse(&change.bytes).map_err(|_| Stop::NotNow)?;
        Ok(document.writers_under(self.key, &header))
    }
}
