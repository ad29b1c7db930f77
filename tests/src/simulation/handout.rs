//! What devices ask the server for beside the log: answered as of the moment at which the question
//! arrives, when it does, or not at all.

mod choice;

pub(super) use choice::{day_begun_by, day_of, handed_out, over};

use super::{
    device::Visit,
    faults::{Lie, happens},
    hotel,
    trace::Event,
    world::{Broken, Happening, World},
};
use choice::shorten;
use futures_util::FutureExt;
use keyrack_model::{
    action::{LogEntry, Sequence},
    class::Reading,
    ids::{DocumentRef, LogEpoch},
    ipc::Problem,
    record::RecordRef,
    segment::{RecordPage, Segment, SegmentId, SegmentName, WorkingSet},
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
/// How many entries the log goes on before another working set is cut.
const CUT_EVERY: u64 = 12;
/// How long a device waits for an answer that does not come.
const PATIENCE_MILLIS: u64 = 20_000;

/// A segment that devices know of.
struct Cut {
    epoch: LogEpoch,
    sequence: Sequence,
    documents: Vec<DocumentRef>,
    /// Made when it is asked for first.
    made: Option<Segment>,
}

#[derive(Default)]
pub(super) struct Handout {
    segments: HashMap<SegmentId, Cut>,
    /// Segments that were ever cut.
    cut: u64,
    /// Handed out to whoever comes while the log has hardly gone on.
    latest: Option<WorkingSet>,
}

impl Handout {
    /// The server's store is as it was after an entry: what was cut later is gone from it.
    pub fn put_back(&mut self, to: Sequence) {
        self.segments.retain(|_, cut| cut.sequence <= to);
        self.latest.take_if(|latest| latest.sequence > to);
    }
}

impl World {
    /// A device asks; the question is on its way. It may be overtaken by another, and by itself.
    pub(super) fn ask(&mut self, device: usize, wanted: Wanted) {
        let visit = self.devices[device].visit();
        let is_doubled = happens(self.faults.doubled_questions, &mut self.rng);
        if is_doubled {
            self.ledger.note(Event::AskedTwice { device });
        }
        for _ in 0..=usize::from(is_doubled) {
            let at = self.now + self.faults.delay(&mut self.rng);
            self.at(at, Happening::Asked(device, visit, wanted));
        }
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
        let head = self.head_now()?;
        Ok(match wanted {
            Wanted::WorkingSet => Fetched::WorkingSet(self.working_set(head)?),
            Wanted::Records { up_to, after } => {
                Fetched::Records(self.records(device, head, &self.log_now()?, up_to, after))
            }
            Wanted::Segment(name) => match self.segment(head, name.id)? {
                Some(segment) => Fetched::Segment(segment),
                // What was cut of a log that was brought back is not to be had any more.
                None => Fetched::WorkingSet(self.working_set(head)?),
            },
            Wanted::Document(document) => {
                let segment = self.made(&self.log_now()?, &[document])?;
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

    fn head_now(&self) -> Result<Head, Broken> {
        let head = self.disk.memory.head(hotel::id()).now_or_never();
        head.and_then(Result::ok).ok_or_else(silent)
    }

    fn log_now(&self) -> Result<Vec<LogEntry>, Broken> {
        let page = Page {
            entries: usize::MAX,
            bytes: usize::MAX,
        };
        let log = self.disk.memory.read(hotel::id(), Sequence(0), page);
        log.now_or_never().and_then(Result::ok).ok_or_else(silent)
    }

    fn segment(&mut self, head: Head, id: SegmentId) -> Result<Option<Segment>, Broken> {
        let Some(cut) = self.handout.segments.get(&id) else {
            return Ok(None);
        };
        if cut.epoch != head.epoch || cut.made.is_some() {
            return Ok(cut.made.clone().filter(|_| cut.epoch == head.epoch));
        }
        let log = self.log_now()?;
        let mut segment = self.made(&log[..cut.sequence.0 as usize], &cut.documents)?;
        shorten(&mut segment);
        if let Some(cut) = self.handout.segments.get_mut(&id) {
            cut.made = Some(segment.clone());
        }
        Ok(Some(segment))
    }

    fn made(&self, log: &[LogEntry], documents: &[DocumentRef]) -> Result<Segment, Broken> {
        let known = match self.disk.lie() {
            Some(Lie::HandsOutOldDocuments) => hotel::opening_length() as usize,
            _ => log.len(),
        };
        let segment = segment_of(&log[..known.min(log.len())], documents);
        segment.map_err(|error| Broken(error.to_string()))
    }

    fn working_set(&mut self, head: Head) -> Result<WorkingSet, Broken> {
        if let Some(latest) = &self.handout.latest
            && latest.epoch == head.epoch
            && head.sequence.0 < latest.sequence.0 + CUT_EVERY
        {
            return Ok(latest.clone());
        }
        let documents = handed_out(&self.log_now()?)?;
        let mut segments = Vec::new();
        for part in documents.chunks(SEGMENT) {
            let mut id = [0; 32];
            self.handout.cut += 1;
            id[..8].copy_from_slice(&self.handout.cut.to_be_bytes());
            let id = SegmentId(id);
            let cut = Cut {
                epoch: head.epoch,
                sequence: head.sequence,
                documents: part.to_vec(),
                made: None,
            };
            self.handout.segments.insert(id, cut);
            segments.push(SegmentName {
                id,
                packed: 0,
                unpacked: 0,
                documents: part.len() as u32,
            });
        }
        let set = WorkingSet {
            epoch: head.epoch,
            sequence: head.sequence,
            since: BusinessDate::default(),
            segments,
        };
        self.handout.latest = Some(set.clone());
        Ok(set)
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
        let reading = match self.faults.lie {
            Some(Lie::TellsOfGuests) => Reading::all(),
            _ => role.map_or_else(Reading::default, |person| Reading::of(person.role)),
        };
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

fn silent() -> Broken {
    Broken("the twin in memory does not answer".to_owned())
}

fn unreachable() -> Fetched {
    let address = "simulated".to_owned();
    Fetched::Failed(Problem::ServerUnreachable { address })
}
