//! What of a refused action looks like an attack: no honest device sends it, whatever went wrong there.

use super::{
    admission::{Author, Gate},
    reading::{ReadAction, Word},
    shelf::Draft,
};
use keyrack_document::ChangeHeader;
use keyrack_model::{
    administration::Suspicion,
    ids::DocumentRef,
    refusal::{GateReason, Refusal},
};

impl Gate<'_> {
    /// What a refusal lets suspect, if anything.
    pub fn suspicion(
        &self,
        read: &ReadAction,
        from: Author,
        refusal: &Refusal,
        draft: &Draft<'_>,
    ) -> Option<Suspicion> {
        let (Author::People(_), Refusal::Gate { reason }) = (from, refusal) else {
            return None;
        };
        let any = |is_so: &dyn Fn(DocumentRef, &ChangeHeader) -> bool| {
            let mut headers = read.headers();
            headers.any(|(document, header)| is_so(document, header))
        };
        let (suspicion, is_so) = match reason {
            GateReason::UnregisteredActor => (Suspicion::ForgedActor, true),
            GateReason::WrongAuthor => {
                let is_forged = any(&|_, header| self.is_anothers(read, header));
                (Suspicion::ForgedActor, is_forged)
            }
            GateReason::Sequence => {
                let is_second = any(&|document, header| is_second_content(document, header, draft));
                (Suspicion::Equivocation, is_second)
            }
            GateReason::MissingDependency => {
                let is_unknown = any(&|document, header| is_of_nowhere(document, header, draft));
                (Suspicion::UnknownDocument, is_unknown)
            }
            GateReason::Signature => (Suspicion::Signature, true),
            // What it builds on is all here, and says where it goes on from.
            GateReason::StartOp => (Suspicion::OperationCounter, true),
            GateReason::NotOfCommand => (Suspicion::BeyondCommand, true),
            GateReason::Unreadable => (Suspicion::Unfit, true),
            GateReason::TooManyRows => (Suspicion::TooManyRows, true),
            // Bytes that were damaged, or written by another version of what writes them; a field or a
            // value of a later version; a document that others have filled; a fault of ours.
            GateReason::TooLarge
            | GateReason::NotAChange
            | GateReason::Checksum
            | GateReason::TooManyOperations
            | GateReason::UnknownField
            | GateReason::WrongOperation
            | GateReason::Panicked
            | GateReason::NoChanges
            | GateReason::UnknownKind
            | GateReason::Timestamp
            | GateReason::Schema => return None,
        };
        is_so.then_some(suspicion)
    }

    /// Whether somebody gave their word on what was written under another's actor. Without a word it
    /// may be a colleague's whose sign-in a restored server has lost.
    fn is_anothers(&self, read: &ReadAction, header: &ChangeHeader) -> bool {
        let binding = self.actors.get(&header.actor);
        read.word == Word::Given && binding.is_some_and(|bound| bound.user != read.action.author)
    }
}

/// Whether the place of a change is taken by another one.
fn is_second_content(document: DocumentRef, header: &ChangeHeader, draft: &Draft<'_>) -> bool {
    draft.get(document).is_some_and(|shelved| {
        let last = shelved.last.get(&header.actor);
        last.is_some_and(|last| header.seq <= *last) && !shelved.document.has(&header.hash)
    })
}

/// Whether a change goes on with a document into which nobody of the hotel has written.
fn is_of_nowhere(document: DocumentRef, header: &ChangeHeader, draft: &Draft<'_>) -> bool {
    draft.get(document).is_some_and(|shelved| {
        let mut deps = header.deps.iter();
        !shelved.exists() && deps.any(|dep| !shelved.document.has(dep))
    })
}
