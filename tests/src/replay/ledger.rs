//! What people did, as they would tell it, and what each day came to.
//!
//! **Invariant**: who is where, what was cleaned and what was begun is noted from the deeds alone, and
//! never read off the documents that the rules keep.

use super::house::Written;
use keyrack_model::{
    change::Entity,
    ids::{RoomId, StayId, TaskId},
    room::Nights,
    stay::StayStatus,
    task::{Task, TaskKind, TaskRule},
    time::BusinessDate,
};
use std::collections::{BTreeMap, BTreeSet};

/// What a day came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    pub arrivals: u64,
    pub departures: u64,
    /// Departures that were made for the day, those aside that were left over.
    pub departure_tasks: u64,
    pub stayovers: u64,
    /// Nights with guests that end on its morning.
    pub nights: u64,
}

/// A guest in house.
#[derive(Clone, Copy, Debug)]
pub(super) struct InHouse {
    pub(super) room: RoomId,
    pub(super) arrival: BusinessDate,
    pub(super) departure: BusinessDate,
    pub(super) moved: Moved,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Moved {
    Never,
    Once,
}

#[derive(Default)]
pub(super) struct Ledger {
    pub(super) expected: BTreeSet<StayId>,
    pub(super) in_house: BTreeMap<StayId, InHouse>,
    /// Rooms that nobody has cleaned since a guest left them.
    pub(super) left: BTreeMap<RoomId, StayId>,
    /// Rooms that were cleaned for a guest's departure.
    pub(super) cleaned: BTreeSet<(RoomId, StayId)>,
    /// What is begun, pinned or noted, and not done.
    pub(super) held: BTreeSet<TaskId>,
    /// What somebody was at the door for in vain: it outlives the day, but not the guest.
    pub(super) tried: BTreeSet<TaskId>,
    pub(super) by_day: BTreeMap<BusinessDate, Tally>,
    pub(super) deeds: BTreeMap<&'static str, u64>,
}

impl Ledger {
    pub(super) fn deed(&mut self, deed: &'static str) {
        *self.deeds.entry(deed).or_default() += 1;
    }

    pub(super) fn arrived(&mut self, stay: StayId, guest: InHouse) {
        self.expected.remove(&stay);
        self.in_house.insert(stay, guest);
    }

    /// A guest is not in their room any more.
    pub(super) fn left(&mut self, stay: StayId, room: RoomId) {
        if !self.cleaned.contains(&(room, stay)) {
            self.left.insert(room, stay);
        }
    }

    pub(super) fn done(&mut self, id: TaskId, task: &Task) {
        self.held.remove(&id);
        self.tried.remove(&id);
        if let (TaskKind::Departure, Some(room), Some(stay)) = (task.kind, task.room, task.stay) {
            self.cleaned.insert((room, stay));
            if self.left.get(&room) == Some(&stay) {
                self.left.remove(&room);
            }
        }
    }

    /// Counts what became true on a day.
    pub(super) fn count(&mut self, written: &[Written], today: BusinessDate) {
        for write in written {
            let tally = self.by_day.entry(today).or_default();
            match (&write.before, &write.after) {
                (None, Entity::Task(task)) if task.rule != TaskRule::CarriedOver => match task.kind
                {
                    TaskKind::Departure => tally.departure_tasks += 1,
                    TaskKind::Stayover => tally.stayovers += 1,
                    TaskKind::Arrival
                    | TaskKind::TouchUp
                    | TaskKind::Turndown
                    | TaskKind::DeepClean
                    | TaskKind::LinenChange
                    | TaskKind::Inspection
                    | TaskKind::Check
                    | TaskKind::Extra
                    | TaskKind::GuestRequest
                    | TaskKind::Delivery
                    | TaskKind::Round => {}
                },
                (Some(Entity::Stay(before)), Entity::Stay(after))
                    if before.status != after.status =>
                {
                    match after.status {
                        StayStatus::InHouse => tally.arrivals += 1,
                        StayStatus::Departed => tally.departures += 1,
                        StayStatus::Expected | StayStatus::Cancelled | StayStatus::NoShow => {}
                    }
                }
                (Some(Entity::Room(before)), Entity::Room(after)) => {
                    tally.nights += passed(before.nights, after.nights);
                }
                (None | Some(_), _) => {}
            }
        }
    }
}

fn passed(before: Nights, after: Nights) -> u64 {
    u64::from(after.occupied.saturating_sub(before.occupied))
}
