//! The night: a program beside the server brings the hotel to a later day, through the gate, as an
//! import of the day's bookings does. Rooms that were slept in are to be cleaned, a guest is
//! expected, and the day comes last.

use super::{
    deeds, hotel,
    house::Booked,
    ledger::Ledger,
    server_log::{Disk, ServerLog},
    trace::Event,
    world::World,
};
use keyrack_model::{
    change::Entity,
    cleanliness::{Cleanliness, CleanlinessMark, MarkCause, Turn},
    command::{Command, ImportedRow},
    ids::ActorId,
    room::Room,
    stay::{Stay, StayStatus},
    task::{Task, TaskKind, TaskRule},
    time::BusinessDate,
};
use keyrack_server::{
    hotel::Hotels,
    server_author::{AuthorError, ServerAuthor},
};
use std::sync::Arc;
use tokio::task::JoinHandle;

/// How far the hotel goes on when it was closed for a season: further than a working set reaches
/// back.
const SEASON_DAYS: i32 = 40;
/// One night in so many is such a season.
const SEASONS: u8 = 4;

/// A night that was begun.
pub(super) struct Night {
    log: ServerLog,
    work: JoinHandle<()>,
}

impl Night {
    pub fn is_over(&self) -> bool {
        self.work.is_finished()
    }
}

impl World {
    /// The hotel goes on to another day, if it is not on its way to one.
    pub(super) fn begin_night(&mut self) {
        if self.night.as_ref().is_some_and(|night| !night.is_over()) {
            return;
        }
        let days = match self.rng.u8(0..SEASONS) {
            0 => SEASON_DAYS,
            _ => 1,
        };
        let booked = self.house.booked.clone();
        let date = self.house.date.plus_days(days);
        self.house.comes_to(date);
        let Some(expected) = self.house.booked.last().copied() else {
            return;
        };
        let actor = ActorId(deeds::id(&mut self.rng));
        let (disk, ledger) = (self.disk.clone(), self.ledger.clone());
        let log = ServerLog::new(disk.clone());
        let work = tokio::spawn(work(disk, log.clone(), actor, booked, expected, ledger));
        self.night = Some(Night { log, work });
    }

    /// Whatever it still had to write is not written.
    pub(super) fn end_night(&mut self) {
        if let Some(night) = self.night.take() {
            night.log.die();
            night.work.abort();
        }
    }
}

async fn work(
    disk: Disk,
    log: ServerLog,
    actor: ActorId,
    booked: Vec<Booked>,
    expected: Booked,
    ledger: Ledger,
) {
    let date = expected.arrival;
    let hotels = Hotels::new(Arc::new(log), Arc::new(move || disk.wall()));
    match bring(&hotels, actor, &booked, expected).await {
        Ok(()) => ledger.note(Event::DayMoved { date }),
        Err(error @ (AuthorError::Refused { .. } | AuthorError::Document(_))) => {
            ledger.fault(format!("the night before {date} failed: {error}"));
        }
        // The store could not be reached for long enough.
        Err(AuthorError::Log(_) | AuthorError::Stopped(_) | AuthorError::Unavailable) => {}
    }
    hotels.stop().await;
}

async fn bring(
    hotels: &Hotels<ServerLog>,
    actor: ActorId,
    booked: &[Booked],
    expected: Booked,
) -> Result<(), AuthorError> {
    let date = expected.arrival;
    let mut author = ServerAuthor::under(hotels, hotel::id(), actor).await?;
    let stays = booked.iter().map(|booked| booked.stay.into()).collect();
    let stays = hotels.documents(hotel::id(), stays).await?;
    let guests: Vec<Booked> = booked
        .iter()
        .zip(&stays)
        .filter_map(|(booked, stay)| in_house(booked, stay.reading().entity))
        .collect();
    let rooms = guests.iter().map(|guest| slept_in(guest, date));
    let tasks = guests.iter().map(|guest| to_clean(guest, date));
    let rows = rooms.chain([arriving(expected)]).chain(tasks);
    let mut commands: Vec<Command> = rows.map(Command::Import).collect();
    author.act(&commands).await?;
    let hotel = hotel::id();
    commands = vec![Command::Import(ImportedRow::BusinessDate { hotel, date })];
    author.act(&commands).await?;
    Ok(())
}

/// A guest in house, in the room that they have by now.
fn in_house(booked: &Booked, stay: Entity) -> Option<Booked> {
    match stay {
        Entity::Stay(Stay {
            status: StayStatus::InHouse,
            room: Some(room),
            departure,
            ..
        }) => Some(Booked {
            room,
            departure,
            ..*booked
        }),
        _ => None,
    }
}

fn slept_in(guest: &Booked, date: BusinessDate) -> ImportedRow {
    let cleanliness = CleanlinessMark {
        value: Cleanliness::Dirty,
        turn: Turn::night(date, Some(guest.stay)),
        cause: MarkCause::Import,
        ..CleanlinessMark::default()
    };
    ImportedRow::Room {
        room: guest.room,
        fields: Room {
            cleanliness,
            ..hotel::described(guest.room)
        },
    }
}

fn arriving(expected: Booked) -> ImportedRow {
    ImportedRow::Stay {
        stay: expected.stay,
        fields: Stay {
            room: Some(expected.room),
            arrival: expected.arrival,
            departure: expected.departure,
            status: StayStatus::Expected,
            adults: 1,
            ..Stay::default()
        },
    }
}

fn to_clean(guest: &Booked, date: BusinessDate) -> ImportedRow {
    let (kind, rule) = if guest.leaves_by(date) {
        (TaskKind::Departure, TaskRule::DepartureDue)
    } else {
        (TaskKind::Stayover, TaskRule::StayContinues)
    };
    ImportedRow::Task {
        task: guest.task_on(date),
        fields: Task {
            kind,
            room: Some(guest.room),
            stay: Some(guest.stay),
            business_date: date,
            rule,
            ..Task::default()
        },
    }
}
