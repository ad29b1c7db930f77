//! What a server hands out of its log in its simplest form: every document by itself, told of from
//! some entry on.

use super::log::{Log, Reads};
use keyrack_document::Document;
use keyrack_model::{
    action::{Content, LogEntry, Sequence},
    change::Entity,
    class::Reading,
    ids::{DocumentKind, DocumentRef, OperationId},
    limits::MAX_SAVED_ROWS,
    record::RecordRef,
    segment::{
        ActionLine, DocumentState, RecordPage, Segment, SegmentId, SegmentName, StoryPart,
        WorkingSet,
    },
    time::BusinessDate,
};
use keyrack_replica::{Fetched, Wanted};
use std::collections::HashMap;

/// How a server hands out.
pub struct Handout {
    /// Documents that a new device gets.
    pub is_chosen: fn(DocumentRef) -> bool,
    /// Stories leave out what happened up to this entry.
    pub untold: Sequence,
    /// Documents in one segment.
    pub many: usize,
    /// Records in one page.
    pub page: usize,
    /// The answers to come are that there is none.
    pub withheld: usize,
    /// So many segments are answered, and no more of them.
    pub stops_after_segments: Option<usize>,
    /// Rows say something else than their documents.
    pub lies: bool,
    /// How often a working set names all of its segments.
    pub repeats: usize,
    /// Pages of records have nothing on them, and are never the last.
    pub leads_nowhere: bool,
    /// A document that comes along with every segment and document.
    pub adds: Option<DocumentRef>,
    /// A document that is saved as more than a document can be.
    pub bloats: Option<DocumentRef>,
    /// What was asked for, in order.
    pub asked: Vec<Wanted>,
    sets: HashMap<SegmentId, (Sequence, Vec<DocumentRef>)>,
    /// Segments that were ever cut.
    cut: u64,
}

impl Default for Handout {
    fn default() -> Self {
        Self {
            is_chosen: |_| true,
            untold: Sequence::default(),
            many: 3,
            page: 2,
            withheld: 0,
            stops_after_segments: None,
            lies: false,
            repeats: 1,
            leads_nowhere: false,
            adds: None,
            bloats: None,
            asked: Vec::new(),
            sets: HashMap::new(),
            cut: 0,
        }
    }
}

impl Handout {
    pub fn answer(&mut self, log: &Log, reads: impl Reads, wanted: Wanted) -> Fetched {
        self.asked.push(wanted);
        if self.withheld > 0 {
            self.withheld -= 1;
            return Fetched::NotYet;
        }
        match wanted {
            Wanted::WorkingSet => Fetched::WorkingSet(self.working_set(log)),
            Wanted::Records { up_to, after } => {
                let mut page = records(log, reads.reading(), up_to, after, self.page);
                if self.leads_nowhere {
                    page.entries.clear();
                    page.is_last = false;
                }
                Fetched::Records(page)
            }
            Wanted::Segment(name) => self.segment(log, name.id),
            Wanted::Document(document) => {
                let mut documents = vec![document];
                documents.extend(comments_on(log, document));
                documents.extend(self.adds);
                let all = segment(log, &documents, log.head(), Sequence::default());
                if all.documents.is_empty() {
                    return Fetched::Gone;
                }
                Fetched::Document {
                    epoch: log.epoch(),
                    sequence: log.head(),
                    segment: all,
                }
            }
        }
    }

    /// The segments that were cut are not to be had any more.
    pub fn replace_sets(&mut self) {
        self.sets.clear();
    }

    fn segment(&mut self, log: &Log, id: SegmentId) -> Fetched {
        match &mut self.stops_after_segments {
            Some(0) => return Fetched::NotYet,
            Some(left) => *left -= 1,
            None => {}
        }
        let Some((up_to, documents)) = self.sets.get(&id) else {
            return Fetched::WorkingSet(self.working_set(log));
        };
        let mut documents = documents.clone();
        documents.extend(self.adds);
        let mut segment = segment(log, &documents, *up_to, self.untold);
        for state in &mut segment.documents {
            if Some(state.row.document) == self.bloats {
                state.snapshot = more_than_fits();
            }
        }
        if self.lies {
            let row = &mut segment.documents[0].row;
            row.entity = Entity::empty(row.document.kind);
        }
        Fetched::Segment(segment)
    }

    fn working_set(&mut self, log: &Log) -> WorkingSet {
        let mut documents = documents(&log.entries);
        documents.retain(|document| (self.is_chosen)(*document));
        let mut segments = Vec::new();
        for part in documents.chunks(self.many) {
            let mut id = [0; 32];
            self.cut += 1;
            id[..8].copy_from_slice(&self.cut.to_be_bytes());
            let id = SegmentId(id);
            self.sets.insert(id, (log.head(), part.to_vec()));
            segments.push(SegmentName {
                id,
                packed: 0,
                unpacked: 0,
                documents: part.len() as u32,
            });
        }
        WorkingSet {
            epoch: log.epoch(),
            sequence: log.head(),
            since: BusinessDate::default(),
            segments: segments.repeat(self.repeats),
        }
    }
}

/// In order of their first change.
fn documents(entries: &[LogEntry]) -> Vec<DocumentRef> {
    let mut documents = Vec::new();
    let actions = entries.iter().filter_map(LogEntry::action);
    for change in actions.flat_map(|action| &action.changes) {
        if !documents.contains(&change.document) {
            documents.push(change.document);
        }
    }
    documents
}

fn comments_on(log: &Log, order: DocumentRef) -> Vec<DocumentRef> {
    let mut documents = documents(&log.entries);
    documents.retain(|document| {
        let comment = state(log, *document, log.head(), Sequence::default());
        let row = comment.map(|(state, _)| state.row);
        document.kind == DocumentKind::Comment
            && row.is_some_and(|row| {
                let keys = keyrack_model::rows::RowKeys::of(&row.entity);
                keys.subject == Some(order.id.0)
            })
    });
    documents
}

fn segment(log: &Log, documents: &[DocumentRef], up_to: Sequence, untold: Sequence) -> Segment {
    let mut all = Segment::default();
    for document in documents {
        let Some((state, lines)) = state(log, *document, up_to, untold) else {
            continue;
        };
        all.documents.push(state);
        all.actions.extend(lines);
    }
    all.actions.sort_by_key(|line| line.sequence);
    all.actions.dedup();
    all
}

/// A document as the entries up to one of them make it.
fn state(
    log: &Log,
    reference: DocumentRef,
    up_to: Sequence,
    untold: Sequence,
) -> Option<(DocumentState, Vec<ActionLine>)> {
    let mut document = Document::genesis(reference);
    let (mut story, mut lines) = (Vec::new(), Vec::new());
    let mut changed_at = None;
    let mut is_whole = true;
    for entry in log.entries.iter().filter(|entry| entry.sequence <= up_to) {
        let Content::Action {
            received_at,
            device,
            action,
        } = &entry.content
        else {
            continue;
        };
        let mut changes = action.changes.iter();
        let Some(change) = changes.find(|change| change.document == reference) else {
            continue;
        };
        let effects = document.take_in(&change.bytes).unwrap().unwrap();
        changed_at = changed_at.max(Some(action.at.wall));
        if entry.sequence <= untold {
            is_whole = false;
            continue;
        }
        story.push(StoryPart {
            sequence: entry.sequence,
            created: effects.created,
            fields: effects.into_fields(),
        });
        lines.push(ActionLine {
            sequence: entry.sequence,
            operation: action.operation,
            author: action.author,
            device: *device,
            at: action.at,
            received_at: *received_at,
            documents: action.changes.len() as u16,
            command: action.command.clone(),
        });
    }
    let author_of = |operation: OperationId| {
        let mut actions = log.entries.iter().filter_map(LogEntry::action);
        let action = actions.find(|action| action.operation == operation);
        Ok::<_, std::convert::Infallible>(action.unwrap().author)
    };
    let row = document
        .reading()
        .into_row(reference, changed_at?, author_of)
        .unwrap();
    let state = DocumentState {
        row,
        snapshot: document.save(),
        story,
        is_whole,
    };
    Some((state, lines))
}

fn records(
    log: &Log,
    reading: Reading,
    up_to: Sequence,
    after: Sequence,
    page: usize,
) -> RecordPage {
    let mut last: HashMap<RecordRef, &LogEntry> = HashMap::new();
    for entry in log.entries.iter().filter(|entry| entry.sequence <= up_to) {
        if let Some(record) = entry.record()
            && reading.has(record.audience)
        {
            last.insert(record.reference(), entry);
        }
    }
    let mut entries: Vec<LogEntry> = last.into_values().cloned().collect();
    entries.retain(|entry| entry.sequence > after);
    entries.sort_by_key(|entry| entry.sequence);
    let is_last = entries.len() <= page;
    entries.truncate(page);
    RecordPage {
        epoch: log.epoch(),
        classes: reading.classes(),
        entries,
        is_last,
    }
}

/// A saved document of one row more than any has.
fn more_than_fits() -> Vec<u8> {
    let rows = MAX_SAVED_ROWS + 1;
    assert!(rows < 1 << 20, "three bytes and a sign");
    let run = [
        rows as u8 | 0x80,
        (rows >> 7) as u8 | 0x80,
        (rows >> 14) as u8,
        0,
    ];
    // No actors, no heads, no columns of changes, and one of rows: whose each is.
    let columns = [0, 0, 0, 1, 0x42, run.len() as u8];
    let mut chunk = vec![0x85, 0x6f, 0x4a, 0x83, 0, 0, 0, 0, 0];
    chunk.push((columns.len() + run.len()) as u8);
    chunk.extend(columns);
    chunk.extend(run);
    chunk
}
