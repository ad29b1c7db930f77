//! What a row would change, field by field, found out without writing.

use super::{
    layout::Layout,
    tally::{Tally, problem},
};
use crate::import::foresight::Foresight;
use keyrack_model::{
    change::Entity,
    command::Command,
    field::FieldValue,
    ids::{DocumentRef, RoomId},
    import::{FieldChange, ImportFault, ImportField, ImportKind, ImportedLine, LineFate, Weight},
    refusal::Refusal,
};
use std::collections::HashMap;

/// A row as what it writes.
pub(super) struct Wanted {
    pub(super) row: u64,
    /// What people call what it is about.
    pub(super) name: String,
    pub(super) document: DocumentRef,
    pub(super) after: Entity,
    pub(super) command: Command,
    pub(super) beside: Vec<Beside>,
}

/// What a row tells beside its document, and nobody has told before.
pub(super) struct Beside {
    pub(super) field: ImportField,
    pub(super) told: String,
    pub(super) command: Command,
}

/// What every row is looked at with.
pub(super) struct Outlook<'a> {
    pub(super) kind: ImportKind,
    pub(super) layout: &'a Layout<'a>,
    pub(super) foresight: &'a Foresight,
    /// Numbers of rooms.
    pub(super) numbers: &'a HashMap<RoomId, String>,
}

/// Whether a row has anything to write.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Comes {
    To(LineFate),
    /// Everything is so already but for what it tells beside.
    ToWhatIsBeside,
    ToNothing,
}

impl Outlook<'_> {
    /// Notes what becomes of a row.
    ///
    /// # Errors
    /// Why the server itself would not write it.
    pub(super) fn note(&self, wanted: &Wanted, tally: &mut Tally) -> Result<Comes, Refusal> {
        let written = self.foresight.written(&wanted.command)?;
        let before = self.foresight.known(wanted.document);
        let mut fields = Vec::new();
        for field in self.kind.fields() {
            let Some(key) = field.key() else { continue };
            let [was, is] = [before.as_ref(), Some(&wanted.after)]
                .map(|entity| entity.and_then(|it| it.field(key)));
            let [was, is] = [was, is].map(|value| self.shown(*field, value));
            if was == is {
                continue;
            }
            if written.iter().any(|change| change.key() == key) {
                let (field, before, after) = (*field, was, is);
                fields.push(FieldChange {
                    field,
                    before,
                    after,
                });
            } else if before.is_some() {
                let fault = ImportFault::Kept { stays: was };
                let place = self.layout.place(*field);
                tally.problem(problem(wanted.row, place, &is, Weight::Warning, fault));
            }
        }
        fields.extend(wanted.beside.iter().map(|beside| FieldChange {
            field: beside.field,
            before: String::new(),
            after: beside.told.clone(),
        }));
        if written.is_empty() && wanted.beside.is_empty() {
            tally.unchanged();
            return Ok(Comes::ToNothing);
        }
        let fate = if before.is_some() {
            LineFate::Changed
        } else {
            LineFate::New
        };
        tally.line(ImportedLine {
            row: wanted.row,
            name: wanted.name.clone(),
            fate,
            fields,
        });
        Ok(if written.is_empty() {
            Comes::ToWhatIsBeside
        } else {
            Comes::To(fate)
        })
    }

    fn shown(&self, field: ImportField, value: Option<FieldValue>) -> String {
        match value {
            None | Some(FieldValue::Nothing | FieldValue::Flag(false)) => String::new(),
            Some(FieldValue::Text(text)) if field == ImportField::Room => {
                let room: Option<RoomId> = text.parse().ok();
                let number = room.and_then(|room| self.numbers.get(&room));
                number.cloned().unwrap_or_else(|| "?".to_owned())
            }
            Some(FieldValue::Text(text)) => text,
            Some(FieldValue::Integer(number)) => number.to_string(),
            Some(FieldValue::Time(at)) => at.0.to_string(),
            Some(FieldValue::Flag(true)) => "yes".to_owned(),
        }
    }
}
