//! What devices ask the server for beside the log: answered as of the moment at which the question
//! arrives, when it does, or not at all.

use super::{
    device::Visit,
    hotel,
    world::{Broken, Happening, World},
};
use futures_util::FutureExt;
use keyrack_model::{
    action::{LogEntry, Sequence},
    class::Reading,
    ids::{DocumentKind, DocumentRef, LogEpoch},
    ipc::Problem,
    record::RecordRef,
    segment::{RecordPage, SegmentId, SegmentName, WorkingSet},
    time::BusinessDate,
};
use keyrack_replica::{Fetched, Input, Wanted};
use keyrack_server::{
    log::{Head, Log, Page},
    snapshots::segment_of,
};
use std::collections::{BTreeMap, HashMap};

/// Documents in one segment.
const SEGMENT: usize = 3;
/// Records in one page.
const PAGE: usize = 3;
/// How long a device waits for an answer that does not come.
const PATIENCE_MILLIS: u64 = 20_000;

/// A segment that devices know of.
struct Cut {
    epoch: LogEpoch,
    sequence: Sequence,
    documents: Vec<DocumentRef>,
}

#[derive(Default)]
pub(super) struct Handout {
    segments: HashMap<SegmentId, Cut>,
}

impl World {
    /// A device asks; the question is on its way.
    pub(super) fn ask(&mut self, device: usize, wanted: Wanted) {
        let visit = self.devices[device].visit();
        let at = self.now + self.faults.delay(&mut self.rng);
        self.at(at, Happening::Asked(device, visit, wanted));
    }

    /// The question is at the server, if there is one that can be reached.
    pub(super) fn asked(
        &mut self,
        device: usize,
        visit: Visit,
        wanted: Wanted,
    ) -> Result<(), Broken> {
        let is_cut_off = self.devices[device].deaf_server_until > self.now
            || self.devices[device].deaf_until > self.now;
        let server = self.server.as_ref().filter(|server| !server.is_stopping());
        let is_away = self.disk.is_away();
        let (fetched, delay) = match server {
            Some(_) if is_cut_off => (unreachable(), PATIENCE_MILLIS),
            None => (unreachable(), self.faults.delay(&mut self.rng)),
            Some(_) if is_away => (Fetched::NotYet, self.faults.delay(&mut self.rng)),
            Some(_) => {
                let fetched = self.answer(device, wanted)?;
                (fetched, self.faults.delay(&mut self.rng))
            }
        };
        let came = Happening::Came(device, visit, wanted, Box::new(fetched));
        self.at(self.now + delay, came);
        Ok(())
    }

    /// The answer is at the device, if it still waits for it.
    pub(super) fn came(
        &mut self,
        device: usize,
        visit: Visit,
        wanted: Wanted,
        fetched: Fetched,
    ) -> Result<(), Broken> {
        if self.devices[device].visit() != visit || self.devices[device].running.is_none() {
            return Ok(());
        }
        self.input(device, Input::Fetched(wanted, fetched))
    }

    fn answer(&mut self, device: usize, wanted: Wanted) -> Result<Fetched, Broken> {
        let (head, log) = self.log_now()?;
        let whole_segment = |entries: &[LogEntry], documents: &[DocumentRef]| {
            segment_of(entries, documents).map_err(|error| Broken(error.to_string()))
        };
        Ok(match wanted {
            Wanted::WorkingSet => Fetched::WorkingSet(self.working_set(head, &log)),
            Wanted::Records { up_to, after } => {
                Fetched::Records(self.records(device, head, &log, up_to, after))
            }
            Wanted::Segment(name) => match self.handout.segments.get(&name.id) {
                Some(cut) if cut.epoch == head.epoch => {
                    let entries = &log[..cut.sequence.0 as usize];
                    Fetched::Segment(whole_segment(entries, &cut.documents)?)
                }
                // What was cut of a log that was brought back is not to be had any more.
                _ => Fetched::WorkingSet(self.working_set(head, &log)),
            },
            Wanted::Document(document) => {
                let segment = whole_segment(&log, &[document])?;
                if segment.documents.is_empty() {
                    return Ok(Fetched::Gone);
                }
                Fetched::Document {
                    epoch: head.epoch,
                    sequence: head.sequence,
                    segment,
                }
            }
        })
    }

    fn log_now(&self) -> Result<(Head, Vec<LogEntry>), Broken> {
        let page = Page {
            entries: usize::MAX,
            bytes: usize::MAX,
        };
        let memory = &self.disk.memory;
        let head = memory.head(hotel::id()).now_or_never();
        let log = memory
            .read(hotel::id(), Sequence::default(), page)
            .now_or_never();
        match (head, log) {
            (Some(Ok(head)), Some(Ok(log))) => Ok((head, log)),
            _ => Err(Broken("the twin in memory does not answer".to_owned())),
        }
    }

    fn working_set(&mut self, head: Head, log: &[LogEntry]) -> WorkingSet {
        let documents = handed_out(log);
        let mut segments = Vec::new();
        for part in documents.chunks(SEGMENT) {
            let mut id = [0; 32];
            id[..8].copy_from_slice(&(self.handout.segments.len() as u64).to_be_bytes());
            let id = SegmentId(id);
            let cut = Cut {
                epoch: head.epoch,
                sequence: head.sequence,
                documents: part.to_vec(),
            };
            self.handout.segments.insert(id, cut);
            segments.push(SegmentName {
                id,
                packed: 0,
                unpacked: 0,
                documents: part.len() as u32,
            });
        }
        WorkingSet {
            epoch: head.epoch,
            sequence: head.sequence,
            since: BusinessDate::default(),
            segments,
        }
    }

    fn records(
        &self,
        device: usize,
        head: Head,
        log: &[LogEntry],
        up_to: Sequence,
        after: Sequence,
    ) -> RecordPage {
        let me = self.devices[device].me.id;
        let people = self.disk.memory.people(hotel::id()).now_or_never();
        let people = people.and_then(Result::ok).unwrap_or_default();
        let role = people.iter().find(|person| person.id == me);
        let reading = role.map_or_else(Reading::default, |person| Reading::of(person.role));
        let mut last: BTreeMap<RecordRef, &LogEntry> = BTreeMap::new();
        for entry in log.iter().filter(|entry| entry.sequence <= up_to) {
            if let Some(record) = entry.record()
                && reading.has(record.audience)
            {
                last.insert(record.reference(), entry);
            }
        }
        let mut entries: Vec<LogEntry> = last.into_values().cloned().collect();
        entries.retain(|entry| entry.sequence > after);
        entries.sort_by_key(|entry| entry.sequence);
        let is_last = entries.len() <= PAGE;
        entries.truncate(PAGE);
        RecordPage {
            epoch: head.epoch,
            classes: reading.classes(),
            entries,
            is_last,
        }
    }
}

/// Documents that a device begins with: all but some stays and tasks, which are as old as the hotel.
/// What several people may make under one id is handed out, as everything recent is.
pub(super) fn handed_out(log: &[LogEntry]) -> Vec<DocumentRef> {
    let actions = log.iter().filter_map(LogEntry::action);
    let mut documents: Vec<DocumentRef> = actions
        .flat_map(|action| action.changes.iter().map(|change| change.document))
        .collect();
    documents.sort();
    documents.dedup();
    documents.retain(|document| match document.kind {
        DocumentKind::Stay | DocumentKind::Task => !document.id.0.as_u128().is_multiple_of(3),
        _ => true,
    });
    documents
}

fn unreachable() -> Fetched {
    let address = "simulated".to_owned();
    Fetched::Failed(Problem::ServerUnreachable { address })
}
