//! A room as a tile of the board shows it.

use super::given_twice::fighting;
use crate::mirror::cabinet::RoomFile;
use keyrack_model::{
    ids::{DocumentKind, RoomId, UserId},
    room_status::{ReservationPhase, RoomStatus},
    rows::Row,
    stay::{Stay, StayStatus},
    task::{Task, TaskStatus},
    time::{BusinessDate, Timestamp},
};

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RoomCard {
    pub id: RoomId,
    pub number: String,
    pub floor: i64,
    pub room_type: String,
    /// The part of the hotel that it is in; empty where there are none.
    pub section: String,
    pub status: RoomStatus,
    /// Wanted as soon as can be.
    pub rush: bool,
    /// Somebody of note is here or comes today.
    pub vip: bool,
    /// Since when a guest waits for it.
    pub queued: Option<Timestamp>,
    /// It belongs together with another room.
    pub linked: bool,
    /// Guests in house, or else those who are expected today.
    pub guests: i64,
    pub work: Work,
    /// Who has the room's task today.
    pub attendant: Option<UserId>,
    pub open_orders: usize,
    /// People have to decide: between values of a field, or whose of two stays the room is.
    pub contested: bool,
}

/// How far today's cleaning of the room is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Work {
    Nothing,
    Planned,
    Paused,
    /// Counted from here: earlier runs are already taken off.
    Running {
        since: Timestamp,
    },
    Done,
}

impl RoomCard {
    /// None while the room's own row is not here.
    pub fn of(file: &RoomFile, date: BusinessDate) -> Option<Self> {
        let (id, room) = file.room()?;
        let stays = file
            .stays()
            .map(|(_, stay)| stay)
            .filter(|stay| touches(stay, date) || stood_up(stay, date));
        let task = todays_task(file, date);
        let blocks = file.blocks().map(|(_, block)| block);
        let status = RoomStatus::derive(room, stays.clone(), blocks, date);
        // Work orders have a list of their own.
        let is_contested =
            |row: &Row| row.document.kind != DocumentKind::WorkOrder && !row.conflicts.is_empty();
        Some(Self {
            id,
            number: room.number.clone(),
            floor: room.floor,
            room_type: room.room_type.clone(),
            section: room.section.clone(),
            status,
            rush: room.rush,
            vip: stays
                .clone()
                .any(|stay| is_of_today(stay, date) && stay.vip),
            queued: stays.clone().filter_map(|stay| stay.queued_at).min(),
            linked: file.links().next().is_some(),
            guests: guests(stays, date),
            work: task.map_or(Work::Nothing, Work::of),
            attendant: task.and_then(|task| task.assignee),
            open_orders: file
                .work_orders()
                .filter(|(_, order)| order.status.is_open())
                .count(),
            contested: file.rows().any(is_contested) || !fighting(file, date).is_empty(),
        })
    }

    /// Orders rooms as the doors stand: by floor, then by number.
    pub fn door(&self) -> (i64, usize, &str) {
        (self.floor, self.number.len(), &self.number)
    }

    pub fn is_occupied(&self) -> bool {
        self.status.fo_status == keyrack_model::room_status::FoStatus::Occupied
    }

    pub fn is_due_out(&self) -> bool {
        matches!(
            self.status.phase,
            ReservationPhase::DueOut
                | ReservationPhase::LateCheckout
                | ReservationPhase::BackToBack
        )
    }

    pub fn is_due_in(&self) -> bool {
        matches!(
            self.status.phase,
            ReservationPhase::DueIn | ReservationPhase::EarlyCheckin | ReservationPhase::BackToBack
        )
    }
}

impl Work {
    pub fn of(task: &Task) -> Self {
        match (task.status, task.started_at) {
            (TaskStatus::InProgress, Some(started)) => Self::Running {
                since: Timestamp(started.0.saturating_sub(task.worked_millis)),
            },
            (TaskStatus::InProgress | TaskStatus::Planned, _) => Self::Planned,
            (TaskStatus::Paused, _) => Self::Paused,
            (TaskStatus::Done, _) => Self::Done,
            (TaskStatus::Cancelled, _) => Self::Nothing,
        }
    }
}

/// Whether somebody was expected on a business date and did not come.
fn stood_up(stay: &Stay, date: BusinessDate) -> bool {
    stay.status == StayStatus::NoShow && stay.arrival == date
}

/// Whether a guest is here, or comes today.
fn is_of_today(stay: &Stay, date: BusinessDate) -> bool {
    match stay.status {
        StayStatus::InHouse => true,
        StayStatus::Expected => stay.is_expected_on(date),
        StayStatus::Departed | StayStatus::Cancelled | StayStatus::NoShow => false,
    }
}

/// Whether a stay has to do with a business date.
pub fn touches(stay: &Stay, date: BusinessDate) -> bool {
    match stay.status {
        StayStatus::InHouse => true,
        StayStatus::Expected => stay.is_expected_on(date),
        StayStatus::Departed => stay.departure == date,
        StayStatus::Cancelled | StayStatus::NoShow => false,
    }
}

/// Whether a stay is among those of its room on a date: also whoever left before their time, as long as the room was booked for them.
pub fn concerns(stay: &Stay, date: BusinessDate) -> bool {
    let left_early =
        stay.status == StayStatus::Departed && stay.arrival <= date && date < stay.departure;
    left_early || touches(stay, date)
}

/// The task to speak of, of today or begun before: one that runs, else an open one, else one that is done.
fn todays_task(file: &RoomFile, date: BusinessDate) -> Option<&Task> {
    file.tasks()
        .map(|(_, task)| task)
        .filter(|task| task.stands_on(date) && task.status != TaskStatus::Cancelled)
        .max_by_key(|task| match task.status {
            TaskStatus::InProgress => 4,
            TaskStatus::Paused => 3,
            TaskStatus::Planned => 2,
            TaskStatus::Done => 1,
            TaskStatus::Cancelled => 0,
        })
}

fn guests<'a>(stays: impl Iterator<Item = &'a Stay> + Clone, date: BusinessDate) -> i64 {
    let of = |wanted: StayStatus| {
        let found = stays.clone().find(|stay| {
            stay.status == wanted && (wanted != StayStatus::Expected || stay.is_expected_on(date))
        });
        found.map(Stay::guests)
    };
    of(StayStatus::InHouse)
        .or_else(|| of(StayStatus::Expected))
        .unwrap_or(0)
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::mirror::cabinet::Cabinet;
    use keyrack_model::{
        change::Entity,
        cleanliness::Cleanliness,
        ids::{BlockId, DocumentRef, LinkId, StayId},
        room::{Occupancy, OccupancySeen, Room, ServiceStatus},
        room_block::{BlockKind, RoomBlock},
        room_link::RoomLink,
        room_status::{Availability, Discrepancy, FoStatus},
    };
    use uuid::Uuid;

    const ROOM: RoomId = RoomId(Uuid::from_u128(204));

    /// A dirty and vacant room on the floor that its number says, without anything to tell of it.
    pub fn card(number: u32) -> RoomCard {
        RoomCard {
            id: RoomId(Uuid::from_u128(number.into())),
            number: number.to_string(),
            floor: i64::from(number / 100),
            room_type: "Twin".into(),
            section: String::new(),
            rush: false,
            vip: false,
            queued: None,
            linked: false,
            status: RoomStatus {
                availability: Availability::Available,
                fo_status: FoStatus::Vacant,
                phase: ReservationPhase::NotReserved,
                cleanliness: Cleanliness::Dirty,
                service_status: ServiceStatus::None,
                discrepancy: None,
                double_booked: false,
            },
            guests: 0,
            work: Work::Nothing,
            attendant: None,
            open_orders: 0,
            contested: false,
        }
    }

    fn day(day: &str) -> BusinessDate {
        format!("2017-05-{day}").parse().unwrap()
    }

    /// The card of a room on the 25th, with what else is filed under it.
    fn card_of(room: Room, others: Vec<(DocumentRef, Entity)>) -> RoomCard {
        let documents = std::iter::once((ROOM.into(), room.into())).chain(others);
        let rows = documents.map(|(document, entity)| Row {
            document,
            entity,
            conflicts: vec![],
            changed_at: Timestamp(0),
        });
        let mut cabinet = Cabinet::default();
        cabinet.apply(true, rows.collect());
        RoomCard::of(cabinet.file_of(ROOM).unwrap(), day("25")).unwrap()
    }

    fn stay(stay: Stay) -> (DocumentRef, Entity) {
        let stay = Stay {
            room: Some(ROOM),
            ..stay
        };
        (StayId(Uuid::from_u128(1)).into(), stay.into())
    }

    /// From the 23rd to the 28th.
    fn in_house() -> Stay {
        Stay {
            status: StayStatus::InHouse,
            arrival: day("23"),
            departure: day("28"),
            ..Stay::default()
        }
    }

    #[test]
    fn a_room_that_is_wanted_as_soon_as_can_be_is_urgent() {
        for rush in [false, true] {
            let room = Room {
                rush,
                ..Room::default()
            };
            assert_eq!(card_of(room, vec![]).rush, rush);
        }
    }

    #[test]
    fn a_room_is_vips_while_somebody_of_note_is_here_or_comes_today() {
        use StayStatus::{Cancelled, Departed, Expected, InHouse};
        for (status, arrival, departure, vip, is_vips) in [
            (InHouse, "23", "28", true, true),
            (InHouse, "23", "28", false, false),
            (Expected, "25", "28", true, true),
            (Expected, "26", "28", true, false),
            (Departed, "23", "25", true, false),
            (Cancelled, "25", "28", true, false),
        ] {
            let guest = Stay {
                status,
                arrival: day(arrival),
                departure: day(departure),
                vip,
                ..Stay::default()
            };
            let card = card_of(Room::default(), vec![stay(guest.clone())]);
            assert_eq!(card.vip, is_vips, "{guest:?}");
        }
    }

    #[test]
    fn what_a_guest_wants_is_on_the_card() {
        for service in ServiceStatus::ALL {
            let room = Room {
                service_status: *service,
                ..Room::default()
            };
            assert_eq!(card_of(room, vec![]).status.service_status, *service);
        }
    }

    #[test]
    fn a_room_is_out_of_use_on_the_days_of_a_block() {
        let block = |kind, from, until, ended| {
            let block = RoomBlock {
                room: Some(ROOM),
                kind,
                from: day(from),
                until: day(until),
                ended,
                ..RoomBlock::default()
            };
            let id = BlockId(Uuid::from_u128(2));
            card_of(Room::default(), vec![(id.into(), block.into())])
                .status
                .availability
        };
        use Availability::{Available, OutOfOrder, OutOfService};
        assert_eq!(block(BlockKind::OutOfOrder, "25", "26", false), OutOfOrder);
        assert_eq!(
            block(BlockKind::OutOfService, "24", "27", false),
            OutOfService
        );
        assert_eq!(block(BlockKind::OutOfOrder, "24", "25", false), Available);
        assert_eq!(block(BlockKind::OutOfOrder, "26", "27", false), Available);
        assert_eq!(block(BlockKind::OutOfOrder, "24", "27", true), Available);
    }

    #[test]
    fn front_office_and_housekeeping_that_disagree_are_told_of() {
        let seen = |value, stays: Vec<_>| {
            let room = Room {
                hk_occupancy: OccupancySeen {
                    value,
                    ..OccupancySeen::default()
                },
                ..Room::default()
            };
            card_of(room, stays).status.discrepancy
        };
        let guest = || vec![stay(in_house())];
        assert_eq!(seen(Occupancy::Vacant, guest()), Some(Discrepancy::Skip));
        assert_eq!(seen(Occupancy::Occupied, vec![]), Some(Discrepancy::Sleep));
        assert_eq!(seen(Occupancy::Occupied, guest()), None);
        assert_eq!(seen(Occupancy::Unknown, guest()), None);
    }

    #[test]
    fn a_room_is_linked_as_long_as_it_belongs_together_with_another() {
        for removed in [false, true] {
            let link = RoomLink {
                first: Some(RoomId(Uuid::from_u128(205))),
                second: Some(ROOM),
                removed,
                ..RoomLink::default()
            };
            let id = LinkId(Uuid::from_u128(3));
            let card = card_of(Room::default(), vec![(id.into(), link.into())]);
            assert_eq!(card.linked, !removed);
        }
    }

    #[test]
    fn guests_are_those_in_house_or_else_those_who_are_expected() {
        let guests = |stay: Stay| Stay {
            adults: 2,
            children: 1,
            ..stay
        };
        let on_card = |it: Stay| card_of(Room::default(), vec![stay(it)]).guests;
        let expected = |arrival| Stay {
            arrival: day(arrival),
            departure: day("28"),
            ..Stay::default()
        };
        assert_eq!(on_card(guests(in_house())), 3);
        assert_eq!(on_card(guests(expected("25"))), 3);
        assert_eq!(on_card(guests(expected("26"))), 0);
        assert_eq!(card_of(Room::default(), vec![]).guests, 0);
    }

    #[test]
    fn whoever_left_early_stays_among_the_rooms_stays_as_long_as_it_was_booked() {
        let stay = |status, arrival, departure| Stay {
            status,
            arrival: day(arrival),
            departure: day(departure),
            ..Stay::default()
        };
        use StayStatus::{Cancelled, Departed, Expected, InHouse};
        for (status, arrival, departure, is_listed, is_of_today) in [
            (Departed, "22", "28", true, false),
            (Departed, "22", "25", true, true),
            (Departed, "22", "24", false, false),
            (Departed, "26", "28", false, false),
            (InHouse, "22", "24", true, true),
            (Expected, "25", "28", true, true),
            (Expected, "26", "28", false, false),
            (Cancelled, "22", "28", false, false),
        ] {
            let stay = stay(status, arrival, departure);
            assert_eq!(concerns(&stay, day("25")), is_listed, "{stay:?}");
            assert_eq!(touches(&stay, day("25")), is_of_today, "{stay:?}");
        }
    }
}
