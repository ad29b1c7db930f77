//! What a server hands out beside the log: of the house as it is, or with something wrong about it.

use super::{
    Step,
    desk::{Desk, house},
    server::{guest, waiting},
};
use crate::hostile::{
    choices::{Choices, Script},
    chunk::mend_checksum,
    frame::encode,
};
use keyrack_document::Document;
use keyrack_model::{
    action::{LogEntry, Sequence},
    class::{Class, Reading},
    ids::{DocumentId, DocumentKind, DocumentRef, LogEpoch},
    ipc::Problem,
    limits::MAX_SEGMENT,
    policy::Role,
    rows::Row,
    segment::{DocumentState, RecordPage, Segment, SegmentId, SegmentName, WorkingSet},
    time::Timestamp,
};
use keyrack_replica::{Fetched, Wanted};
use keyrack_server::{
    pretend::{EPOCH, NOW, ORDER, today},
    snapshots::segment_of,
};
use keyrack_wire::packed;
use serde::{Serialize, de::DeserializeOwned};
use std::panic::{AssertUnwindSafe, catch_unwind};
use uuid::Uuid;

/// What may be wrong with something that was asked for. Where it does not apply nothing is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Spoilt {
    Nothing,
    Gone,
    NotYet,
    Failed,
    /// Something that was not asked for at all.
    Unasked,
    /// As of another entry.
    Sequence,
    Epoch,
    /// A page of nothing that is not the last.
    Nowhere,
    /// A page of one guest that is not the last, with this place and this version.
    Guest,
    /// The same, of a class that the page does not have.
    Class,
    /// So many segments.
    Names,
    /// These bytes in the place of the packed segment.
    Packed,
    /// Another kind of document under the same id.
    Kind,
    /// A document that was not asked for.
    Other,
    /// A document and an action twice.
    Twice,
    /// Documents and actions in the order of the last one first.
    Backwards,
    /// One of the actions, and the part of a story, at another place.
    Place,
    /// These bytes in the place of the saved document.
    Saved,
    SavedThatFits,
    /// One bit of it.
    Flip,
    FlipThatFits,
    /// What it says, as the device reads it, under the name of another document.
    Row,
}

impl Spoilt {
    pub const ALL: [Self; 22] = [
        Self::Nothing,
        Self::Gone,
        Self::NotYet,
        Self::Failed,
        Self::Unasked,
        Self::Sequence,
        Self::Epoch,
        Self::Nowhere,
        Self::Guest,
        Self::Class,
        Self::Names,
        Self::Packed,
        Self::Kind,
        Self::Other,
        Self::Twice,
        Self::Backwards,
        Self::Place,
        Self::Saved,
        Self::SavedThatFits,
        Self::Flip,
        Self::FlipThatFits,
        Self::Row,
    ];

    /// The beginning of a step in which what was asked for comes with this wrong about it.
    pub fn step(self, script: Script) -> Script {
        script
            .one_of(&Step::ALL, Step::Comes)
            .one_of(&Self::ALL, self)
    }
}

/// What an honest server hands out of a log.
pub(super) fn honest(wanted: Wanted, epoch: LogEpoch, log: &[LogEntry]) -> Fetched {
    let head = log.last().map_or(Sequence(0), |last| last.sequence);
    let made = |documents: &[DocumentRef]| {
        segment_of(log, documents).expect("what is in order can be handed out")
    };
    let documents = documents(log);
    match wanted {
        Wanted::WorkingSet => Fetched::WorkingSet(WorkingSet {
            epoch,
            sequence: head,
            since: today(),
            segments: vec![name_of(&begun(made(&documents)))],
        }),
        Wanted::Records { .. } => Fetched::Records(RecordPage {
            epoch,
            classes: Reading::of(Role::FrontDesk).classes(),
            entries: Vec::new(),
            is_last: true,
        }),
        Wanted::Segment(_) => Fetched::Segment(begun(made(&documents))),
        Wanted::Document(document) => {
            let segment = made(&[document]);
            if segment.documents.is_empty() {
                return Fetched::Gone;
            }
            Fetched::Document {
                epoch,
                sequence: head,
                segment,
            }
        }
    }
}

fn documents(log: &[LogEntry]) -> Vec<DocumentRef> {
    let actions = log.iter().filter_map(LogEntry::action);
    let changes = actions.flat_map(|action| &action.changes);
    let mut documents: Vec<_> = changes.map(|change| change.document).collect();
    documents.sort();
    documents.dedup();
    documents
}

/// The server has more of the work order's story, so that it can be asked for.
fn begun(mut segment: Segment) -> Segment {
    for state in &mut segment.documents {
        state.is_whole = state.row.document != ORDER.into();
    }
    segment
}

fn name_of(segment: &Segment) -> SegmentName {
    let content = packed::cbor(segment);
    let bytes = packed::pack(&content);
    SegmentName {
        id: SegmentId(*blake3::hash(&bytes).as_bytes()),
        packed: bytes.len() as u32,
        unpacked: content.len() as u32,
        documents: segment.documents.len() as u32,
    }
}

/// What comes when this was asked for.
pub(super) fn comes(desk: &Desk, wanted: Wanted, choices: &mut Choices<'_>) -> Fetched {
    let spoilt = *choices.one_of(&Spoilt::ALL);
    match spoilt {
        Spoilt::Gone => return Fetched::Gone,
        Spoilt::NotYet => return Fetched::NotYet,
        Spoilt::Failed => {
            let problems = [Problem::ServerConfused, Problem::SignedOut];
            return Fetched::Failed(choices.one_of(&problems).clone());
        }
        _ => {}
    }
    let asked = match (spoilt, wanted) {
        (Spoilt::Unasked, Wanted::WorkingSet) => Wanted::Document(ORDER.into()),
        (Spoilt::Unasked, _) => Wanted::WorkingSet,
        (_, wanted) => wanted,
    };
    let mut handed = honest(asked, EPOCH, &house());
    match &mut handed {
        Fetched::WorkingSet(set) => spoil_set(set, spoilt, choices),
        Fetched::Records(page) => spoil_page(desk, page, wanted, spoilt, choices),
        Fetched::Segment(segment) => {
            let most = match wanted {
                Wanted::Segment(name) => (name.unpacked as usize).min(MAX_SEGMENT),
                _ => MAX_SEGMENT,
            };
            if spoil_segment(segment, most, spoilt, choices).is_none() {
                return Fetched::Failed(Problem::ServerConfused);
            }
        }
        Fetched::Document {
            epoch,
            sequence,
            segment,
        } => {
            match spoilt {
                Spoilt::Sequence => *sequence = Sequence(choices.number()),
                Spoilt::Epoch => *epoch = ANOTHER_LOG,
                _ => {}
            }
            if spoil_segment(segment, MAX_SEGMENT, spoilt, choices).is_none() {
                return Fetched::Failed(Problem::ServerConfused);
            }
        }
        Fetched::Gone | Fetched::NotYet | Fetched::Failed(_) => {}
    }
    as_read(handed).unwrap_or(Fetched::Failed(Problem::ServerConfused))
}

const ANOTHER_LOG: LogEpoch = LogEpoch(Uuid::from_u128(77));

/// As the app reads it, if it does.
fn as_read(handed: Fetched) -> Option<Fetched> {
    Some(match handed {
        Fetched::WorkingSet(set) => Fetched::WorkingSet(read_again(&set)?),
        Fetched::Records(page) => Fetched::Records(read_again(&page)?),
        Fetched::Segment(segment) => Fetched::Segment(read_again(&segment)?),
        Fetched::Document {
            epoch,
            sequence,
            segment,
        } => Fetched::Document {
            epoch,
            sequence: Sequence::try_from(sequence.0).ok()?,
            segment: read_again(&segment)?,
        },
        nothing @ (Fetched::Gone | Fetched::NotYet | Fetched::Failed(_)) => nothing,
    })
}

fn read_again<T: Serialize + DeserializeOwned>(value: &T) -> Option<T> {
    ciborium::from_reader(&encode(value)[..]).ok()
}

fn spoil_set(set: &mut WorkingSet, spoilt: Spoilt, choices: &mut Choices<'_>) {
    match spoilt {
        Spoilt::Sequence => set.sequence = Sequence(choices.number()),
        Spoilt::Epoch => set.epoch = ANOTHER_LOG,
        Spoilt::Names => set.segments = set.segments.repeat(choices.below(1 << 16)),
        Spoilt::Other => set.segments[0].documents = choices.number() as u32,
        _ => {}
    }
}

fn spoil_page(
    desk: &Desk,
    page: &mut RecordPage,
    wanted: Wanted,
    spoilt: Spoilt,
    choices: &mut Choices<'_>,
) {
    let Wanted::Records { after, .. } = wanted else {
        return;
    };
    match spoilt {
        Spoilt::Epoch => page.epoch = ANOTHER_LOG,
        Spoilt::Nowhere => page.is_last = false,
        Spoilt::Guest | Spoilt::Class => {
            let sequence = Sequence(after.0.saturating_add(choices.number()));
            let version = choices.number();
            page.entries = vec![guest(sequence, waiting(desk, choices), version)];
            page.is_last = spoilt == Spoilt::Class;
            if spoilt == Spoilt::Class {
                page.classes.retain(|class| *class != Class::Guests);
            }
        }
        Spoilt::Backwards => {
            let operation = waiting(desk, choices);
            let guests = [2, 1].map(|more| guest(Sequence(after.0 + more), operation, more));
            page.entries = guests.into();
        }
        _ => {}
    }
}

/// None when it does not unpack.
fn spoil_segment(
    segment: &mut Segment,
    most: usize,
    spoilt: Spoilt,
    choices: &mut Choices<'_>,
) -> Option<()> {
    let which = usize::from(choices.byte()) % segment.documents.len();
    let state = &mut segment.documents[which];
    match spoilt {
        Spoilt::Packed => *segment = packed::unpack(choices.bytes(), most).ok()?,
        Spoilt::Kind => {
            let kind = *choices.one_of(&DocumentKind::ALL);
            let id = state.row.document.id;
            // In the place of the next one, where there is another.
            let next = (which + 1) % segment.documents.len();
            segment.documents[next] = made_up(DocumentRef { kind, id });
        }
        Spoilt::Other => {
            let kind = *choices.one_of(&DocumentKind::ALL);
            let id = DocumentId(Uuid::from_u128(u128::from(choices.number())));
            segment.documents.push(made_up(DocumentRef { kind, id }));
        }
        Spoilt::Twice => {
            let again = state.clone();
            segment.documents.push(again);
            segment.actions.extend(segment.actions.clone());
        }
        Spoilt::Backwards => {
            segment.documents.reverse();
            segment.actions.reverse();
        }
        Spoilt::Place => {
            let place = Sequence(choices.number());
            state
                .story
                .iter_mut()
                .for_each(|part| part.sequence = place);
            segment
                .actions
                .iter_mut()
                .for_each(|line| line.sequence = place);
        }
        Spoilt::Saved => state.snapshot = choices.bytes().to_vec(),
        Spoilt::SavedThatFits => {
            state.snapshot = choices.bytes().to_vec();
            mend_checksum(&mut state.snapshot);
            say_so(state);
        }
        Spoilt::Flip | Spoilt::FlipThatFits => {
            let at = choices.below(state.snapshot.len() * 8);
            state.snapshot[at / 8] ^= 1 << (at % 8);
            if spoilt == Spoilt::FlipThatFits {
                mend_checksum(&mut state.snapshot);
                say_so(state);
            }
        }
        Spoilt::Row => {
            let id = DocumentId(Uuid::from_u128(0xBAD));
            state.row.document.id = id;
        }
        _ => {}
    }
    Some(())
}

/// A document of which nothing but the beginning was written.
fn made_up(document: DocumentRef) -> DocumentState {
    let genesis = Document::genesis(document);
    DocumentState {
        row: Row {
            document,
            entity: genesis.reading().entity,
            conflicts: Vec::new(),
            changed_at: Timestamp(NOW.0),
        },
        snapshot: genesis.save(),
        story: Vec::new(),
        is_whole: true,
    }
}

/// The row says what the document says, as far as it can be read.
fn say_so(state: &mut DocumentState) {
    let read =
        || Document::load_measured(state.row.document, &state.snapshot).map(|it| it.reading());
    if let Ok(Ok(reading)) = catch_unwind(AssertUnwindSafe(read)) {
        state.row.entity = reading.entity;
    }
}
