//! What the hotel has of rooms, stays and tasks before an import.

use super::ImportError;
use crate::{
    bookings::{Interval, KnownStay, Rooms, Standing, Turnover},
    hotel::Hotels,
    log::{Log, Page},
    server_author::ServerAuthor,
};
use keyrack_model::{
    action::{LogEntry, Sequence},
    change::Entity,
    cleanliness::{Cleanliness, CleanlinessMark, MarkCause, TurnKind},
    ids::{DocumentKind, DocumentRef, HotelId, RoomId, StayId},
    limits::MAX_FRAME,
    room::Room,
    stay::{Stay, StayStatus},
};
use std::collections::{BTreeSet, HashMap, HashSet};

/// What the hotel has.
#[derive(Default)]
pub(super) struct Known {
    rooms: HashMap<RoomId, Room>,
    stays: HashMap<StayId, Stay>,
    /// Tasks are not read: an import leaves those that are there as they are.
    tasks: HashSet<DocumentRef>,
}

impl Known {
    pub(super) fn has_rooms(&self) -> bool {
        !self.rooms.is_empty()
    }

    pub(super) fn room(&self, room: RoomId) -> Option<&Room> {
        self.rooms.get(&room)
    }

    pub(super) fn has(&self, document: DocumentRef) -> bool {
        match document.kind {
            DocumentKind::Room => self.rooms.contains_key(&RoomId(document.id.0)),
            DocumentKind::Stay => self.stays.contains_key(&StayId(document.id.0)),
            _ => self.tasks.contains(&document),
        }
    }

    /// The rooms with the stays that have them.
    pub(super) fn occupancy(&self) -> Rooms {
        let mut rooms = Rooms::default();
        for room in self.rooms.values() {
            rooms.known(&room.number, &room.room_type);
        }
        for stay in self.stays.values() {
            if let Some(room) = self.room_of(stay) {
                let interval = Interval {
                    arrival: stay.arrival.0,
                    end: stay.departure.0,
                };
                rooms.taken(&room.number, interval);
            }
        }
        rooms
    }

    pub(super) fn stay(&self, id: StayId) -> KnownStay {
        let Some(stay) = self.stays.get(&id) else {
            return KnownStay::default();
        };
        let room = self.room_of(stay);
        KnownStay {
            room: room.map(|room| room.number.clone()),
            standing: Some(match stay.status {
                StayStatus::Expected => Standing::Expected,
                StayStatus::Cancelled => Standing::Cancelled,
                StayStatus::NoShow => Standing::NoShow,
                StayStatus::InHouse => Standing::InHouse,
                StayStatus::Departed => Standing::Departed,
            }),
            turnover: room.map_or_else(Turnover::default, |room| {
                turnover(&room.cleanliness, id, stay)
            }),
        }
    }

    fn room_of(&self, stay: &Stay) -> Option<&Room> {
        self.rooms.get(&stay.room?)
    }
}

/// What the mark of a stay's room says of the guest's leaving.
fn turnover(mark: &CleanlinessMark, id: StayId, stay: &Stay) -> Turnover {
    let turn = mark.turn;
    let is_own = turn.stay == Some(id);
    match turn.kind {
        TurnKind::Departure if is_own => {
            if mark.value == Cleanliness::Dirty && mark.cause == MarkCause::Import {
                Turnover::Awaited
            } else {
                Turnover::InHand
            }
        }
        // Somebody else sleeps there since.
        TurnKind::Arrival | TurnKind::Night
            if !is_own && turn.stay.is_some() && turn.date >= stay.departure =>
        {
            Turnover::InHand
        }
        TurnKind::Departure | TurnKind::Arrival | TurnKind::Night => Turnover::Unmarked,
    }
}

/// Reads every room and stay that the log names.
pub(super) async fn known<L: Log>(
    hotels: &Hotels<L>,
    hotel: HotelId,
    author: &ServerAuthor<'_, L>,
) -> Result<Known, ImportError> {
    /// Documents read at once.
    const READ: usize = 500;
    let page = Page {
        entries: 1_000,
        bytes: 8 * MAX_FRAME,
    };
    let mut named = BTreeSet::new();
    let mut after = Sequence::default();
    loop {
        let entries = hotels.log().read(hotel, after, page).await?;
        let Some(last) = entries.last() else { break };
        after = last.sequence;
        let actions = entries.iter().filter_map(LogEntry::action);
        let changes = actions.flat_map(|action| &action.changes);
        named.extend(changes.map(|change| change.document).filter(|document| {
            matches!(
                document.kind,
                DocumentKind::Room | DocumentKind::Stay | DocumentKind::Task
            )
        }));
    }
    let (tasks, named): (Vec<DocumentRef>, Vec<DocumentRef>) = named
        .into_iter()
        .partition(|document| document.kind == DocumentKind::Task);
    let mut known = Known {
        tasks: tasks.into_iter().collect(),
        ..Known::default()
    };
    for documents in named.chunks(READ) {
        for document in author.documents(documents.to_vec()).await? {
            let reference = document.reference();
            match document.reading().entity {
                Entity::Room(room) => {
                    known.rooms.insert(RoomId(reference.id.0), room);
                }
                Entity::Stay(stay) => {
                    known.stays.insert(StayId(reference.id.0), stay);
                }
                Entity::Hotel(_)
                | Entity::Task(_)
                | Entity::WorkOrder(_)
                | Entity::Comment(_)
                | Entity::RoomBlock(_)
                | Entity::RoomLink(_)
                | Entity::RuleSheet(_) => {}
            }
        }
    }
    Ok(known)
}
