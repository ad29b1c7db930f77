//! What a document's Texts come to say, once a change has been applied to them.

use super::{admission::Stop, fields::check_length, reading::ReadChange, seen::text_after};
use keyrack_document::Document;
use keyrack_model::{
    change::{Change, fields_of},
    field::FieldValue,
    ids::DocumentRef,
    limits::MAX_MERGED_TEXT,
    merge::MergeRule,
    refusal::GateReason,
    rights::Rights,
};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// A Text comes to say what the command says, to the author at least: others may write it too.
pub(super) fn check_typed(
    document: &Document,
    change: &ReadChange,
    key: &str,
    rights: &Rights<'_>,
) -> Result<(), Stop> {
    let typed = text_after(document, &change.header, key).ok_or(GateReason::Unreadable)?;
    let given = Change::from_field(change.document, key, &FieldValue::Text(typed));
    Ok(rights.allows_write(&given.ok_or(GateReason::UnknownField)?)?)
}

/// Operations in a Text refer to each other, so the document must also survive its own saving;
/// what several people wrote at once must stay readable.
pub(super) fn check_texts(document: &Document) -> Result<(), Stop> {
    let reference = document.reference();
    let again = catch_unwind(AssertUnwindSafe(|| {
        let again = Document::load(reference, &document.save()).ok()?;
        let reading = document.reading();
        (again.heads() == document.heads() && again.reading() == reading).then_some(reading.entity)
    }));
    let entity = again
        .map_err(|_| GateReason::Panicked)?
        .ok_or(GateReason::Unreadable)?;
    for key in texts_of(reference) {
        if let Some(FieldValue::Text(text)) = entity.field(key) {
            check_length(key, &text, MAX_MERGED_TEXT)?;
        }
    }
    Ok(())
}

fn texts_of(reference: DocumentRef) -> impl Iterator<Item = &'static str> {
    let fields = fields_of(reference.kind).iter();
    fields
        .filter(|(_, rule)| matches!(rule, MergeRule::Text))
        .map(|(key, _)| *key)
}
