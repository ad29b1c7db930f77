//! What must hold, whatever happened.

mod days;
mod done;
mod held;
mod records;
mod tasks;

pub(super) use done::unfit;

use super::{
    device::Device,
    hotel::{self, BEGINNING},
    ledger::Ledger,
    trace::{Event, short},
    world::{Broken, World},
};
use held::Told;
use keyrack_model::{
    action::{LogEntry, Sequence},
    ids::{DeviceId, DocumentRef, OperationId},
    ipc::{Answer, Question},
    rows::{HistoryEntry, Person, Row},
};
use keyrack_replica::{NewDevice, Replica, StoreError};
use keyrack_server::{
    hotel::Hotels,
    log::{Log, Page},
};
use serde::Serialize;
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Debug,
    sync::Arc,
};
use uuid::Uuid;

/// Devices of a large hotel whose stories are compared and whose rows are made again; the rows
/// are compared of all.
const LOOKED_AT_CLOSELY: usize = 8;

/// Looks at everything, once the hotel is in step.
pub(super) async fn all(world: &mut World) -> Result<(), Broken> {
    let log = whole_log(world).await?;
    each_action_is_in_the_log_once(&log)?;
    what_was_acknowledged_is_in_the_log(&log, &world.ledger)?;
    no_action_is_torn(&log, &world.ledger)?;
    for device in &world.devices {
        done::is_not_lost(device, &log, &world.ledger)?;
    }
    done::is_looked_at_where_nobody_could_know(world)?;
    let shown = all_show_what_the_log_says(world, &log)?;
    days::have_gone_on(&shown.rows, &log)?;
    days::are_one(&world.devices, &log)?;
    days::never_went_back(&log)?;
    tasks::are_there_once(&shown.rows)?;
    tasks::were_taken_from_nobody(&shown.rows, &log)?;
    the_server_knows_the_same(world, &shown.rows).await?;
    records::are_what_the_role_reads(world, &log)?;
    records::are_nowhere_else(world)?;
    world.ledger.note(Event::Agreed {
        head: Sequence(log.len() as u64),
        shown: shown.hash(),
    });
    Ok(())
}

async fn whole_log(world: &World) -> Result<Vec<LogEntry>, Broken> {
    let page = Page {
        entries: usize::MAX,
        bytes: usize::MAX,
    };
    let read = world
        .disk
        .memory
        .read(hotel::id(), Sequence::default(), page);
    read.await.map_err(|error| Broken(error.to_string()))
}

fn each_action_is_in_the_log_once(log: &[LogEntry]) -> Result<(), Broken> {
    let mut operations = BTreeSet::new();
    for (entry, place) in log.iter().zip(1..) {
        if entry.sequence != Sequence(place) {
            return Err(Broken(format!("the log has a gap before {place}")));
        }
        if let Some(operation) = entry.operation()
            && !operations.insert(operation)
        {
            let operation = short(operation);
            return Err(Broken(format!("{operation} is in the log twice")));
        }
    }
    Ok(())
}

fn what_was_acknowledged_is_in_the_log(log: &[LogEntry], ledger: &Ledger) -> Result<(), Broken> {
    for (operation, sequence) in ledger.accepted() {
        let entry = log.get(sequence.0 as usize - 1);
        if entry.is_none_or(|entry| entry.operation() != Some(operation)) {
            return Err(Broken(format!(
                "{} was acknowledged as {} and is not there",
                short(operation),
                sequence.0
            )));
        }
    }
    Ok(())
}

/// What is in the log is, byte for byte, what a device made in one piece.
fn no_action_is_torn(log: &[LogEntry], ledger: &Ledger) -> Result<(), Broken> {
    let mut actions = log.iter().filter_map(LogEntry::action);
    match actions.find(|action| !ledger.was_pushed(action)) {
        Some(action) => Err(Broken(format!(
            "the log has {} otherwise than any device made it",
            short(action.operation)
        ))),
        None => Ok(()),
    }
}

/// Every action that the device has from the log touches all that it touches there; on a device
/// that was handed documents, all of these that have all of their story.
pub(super) fn actions_are_whole(
    number: usize,
    device: &Device,
    ledger: &Ledger,
) -> Result<(), Broken> {
    let Some(running) = &device.running else {
        return Ok(());
    };
    let shown = Shown::by(&running.replica)?;
    let whole = held::with_all_of_their_story(&running.replica, &shown)?;
    let mut parts: BTreeMap<OperationId, BTreeSet<DocumentRef>> = BTreeMap::new();
    for entry in shown.story {
        if entry.known_at.is_some() {
            parts
                .entry(entry.operation)
                .or_default()
                .insert(entry.document);
        }
    }
    for (operation, documents) in parts {
        let forms = ledger.documents_of(operation).into_iter();
        let forms = forms.map(|mut all| {
            if device.fetches {
                all.retain(|document| whole.contains(document) || documents.contains(document));
            }
            all
        });
        let forms: BTreeSet<_> = forms.collect();
        let Some(all) = forms.last().filter(|_| !forms.contains(&documents)) else {
            continue;
        };
        if let Some(torn) = all.symmetric_difference(&documents).next() {
            return Err(Broken(format!(
                "device {number} has {} in part: it tears at {torn}",
                short(operation)
            )));
        }
    }
    Ok(())
}

/// All replicas show the same, also when they make it again from the changes, and so does a
/// device that reads the log from its beginning.
fn all_show_what_the_log_says(world: &mut World, log: &[LogEntry]) -> Result<Shown, Broken> {
    let newcomer = newcomer(hotel::person(0), log)?;
    let expected = Shown::by(&newcomer)?;
    let told = Told::by(log)?;
    let close = world.devices.len().div_ceil(LOOKED_AT_CLOSELY);
    for (number, device) in world.devices.iter_mut().enumerate() {
        let Some(running) = &mut device.running else {
            continue;
        };
        told.what_was_opened_is_whole(number, &running.replica, &device.opened, &expected)?;
        if device.fetches {
            told.is_what_is_held(number, &running.replica, &expected)?;
            running.replica.rebuild()?;
            told.is_what_is_held(number, &running.replica, &expected)?;
            continue;
        }
        let rows = running.replica.all_rows()?;
        if rows != expected.rows {
            let what = format!("device {number} and the log");
            return Err(difference(&what, &rows, &expected.rows));
        }
        if number % close != 0 {
            continue;
        }
        let shown = Shown::by(&running.replica)?;
        shown.compare(&format!("device {number} and the log"), &expected)?;
        running.replica.rebuild()?;
        let rebuilt = Shown::by(&running.replica)?;
        rebuilt.compare(&format!("device {number} rebuilt and the log"), &expected)?;
    }
    Ok(expected)
}

/// The server's own documents say what the rows show.
async fn the_server_knows_the_same(world: &World, rows: &[Row]) -> Result<(), Broken> {
    let hotels = Hotels::new(Arc::new(world.disk.memory.clone()), Arc::new(|| BEGINNING));
    let references = rows.iter().map(|row| row.document).collect();
    let documents = hotels.documents(hotel::id(), references).await;
    let documents = documents.map_err(|error| Broken(error.to_string()))?;
    for (row, document) in rows.iter().zip(documents) {
        let entity = document.reading().entity;
        if entity != row.entity {
            return Err(Broken(format!(
                "the server reads {entity:?} where devices show {:?}",
                row.entity
            )));
        }
    }
    Ok(())
}

/// A device that was not there, with what it is told.
fn newcomer(me: Person, log: &[LogEntry]) -> Result<Replica, StoreError> {
    let device = NewDevice {
        id: DeviceId(Uuid::from_u128(0xDEAD)),
        signing_key: [9; 32],
        name: "newcomer".into(),
    };
    let mut replica = Replica::open_in_memory(device, hotel::fresh(u64::MAX - 1))?;
    replica.begin_session(hotel::session(me))?;
    replica.receive(log, BEGINNING)?;
    Ok(replica)
}

/// All that a device shows: every row, and the story of every document.
struct Shown {
    rows: Vec<Row>,
    story: Vec<HistoryEntry>,
}

impl Shown {
    fn by(replica: &Replica) -> Result<Self, StoreError> {
        let rows = replica.all_rows()?;
        let story = story_of(replica, rows.iter().map(|row| row.document).collect())?;
        Ok(Self { rows, story })
    }

    /// What is shown of some documents.
    fn of(&self, documents: &BTreeSet<DocumentRef>) -> Self {
        let rows = self.rows.iter();
        let rows = rows.filter(|row| documents.contains(&row.document));
        let story = self.story.iter();
        let story = story.filter(|entry| documents.contains(&entry.document));
        Self {
            rows: rows.cloned().collect(),
            story: story.cloned().collect(),
        }
    }

    fn compare(&self, which: &str, other: &Self) -> Result<(), Broken> {
        if self.rows != other.rows {
            return Err(difference(which, &self.rows, &other.rows));
        }
        if self.story != other.story {
            return Err(difference(which, &self.story, &other.story));
        }
        Ok(())
    }

    fn hash(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&bytes(&self.rows));
        hasher.update(&bytes(&self.story));
        hasher.finalize().to_hex()[..16].to_owned()
    }
}

/// Document by document: of many at once a device tells the latest actions only.
fn story_of(
    replica: &Replica,
    documents: Vec<DocumentRef>,
) -> Result<Vec<HistoryEntry>, StoreError> {
    let mut story = Vec::new();
    for document in documents {
        let question = Question::History {
            documents: vec![document],
            limit: usize::MAX,
        };
        match replica.answer(&question)? {
            Answer::History(told) => story.extend(told),
            Answer::NotWhole(_) | Answer::Waiting(_) | Answer::Heard(_) => {}
        }
    }
    Ok(story)
}

fn bytes<T: Serialize>(shown: &T) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(shown, &mut bytes).expect("what is shown is CBOR");
    bytes
}

/// The first difference, which is all that a reader needs.
fn difference<T: PartialEq + Debug>(which: &str, ours: &[T], theirs: &[T]) -> Broken {
    let pair = ours
        .iter()
        .zip(theirs)
        .find(|(ours, theirs)| ours != theirs);
    Broken(match pair {
        Some((ours, theirs)) => format!("{which} differ:\n  {ours:?}\n  {theirs:?}"),
        None => format!("{which} differ: {} and {}", ours.len(), theirs.len()),
    })
}
