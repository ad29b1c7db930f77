//! What a day's plan comes to as rows of an import.

use super::known::Known;
use crate::bookings::{Booking, Cleaning, DayPlan, NewRoom, PlannedStay, Standing};
use keyrack_model::{
    cleanliness::{Cleanliness, CleanlinessMark, MarkCause, Turn},
    command::{Command, ImportedRow},
    identity,
    ids::{HotelId, StayId, UserId},
    room::Room,
    stay::{Stay, StayStatus},
    task::{Task, TaskKind, TaskRule},
    time::BusinessDate,
};
use std::collections::{HashMap, HashSet};

/// The day that rows are made for.
#[derive(Clone, Copy)]
pub(super) struct Morning {
    pub(super) hotel: HotelId,
    pub(super) date: BusinessDate,
}

pub(super) fn stay_id(hotel: HotelId, booking: &Booking) -> StayId {
    identity::stay(hotel, &booking.content, booking.occurrence)
}

/// Rooms that are new, and those that the hotel has and that are to be cleaned: a night with a
/// guest, and a guest who left unseen, leave a room dirty. A new room without either is clean.
pub(super) fn rooms(morning: Morning, plan: &DayPlan, known: &Known) -> Vec<Command> {
    let to_clean: HashMap<&str, &PlannedStay> = due(plan)
        .into_iter()
        .map(|(stay, _, number)| (number, stay))
        .collect();
    let new = plan.new_rooms.iter().map(|new| {
        let fields = described(new);
        match to_clean.get(new.number.as_str()) {
            Some(stay) => dirtied(morning, fields, stay),
            None => {
                let night = Turn::night(morning.date, None);
                marked(morning, fields, Cleanliness::Clean, night)
            }
        }
    });
    let is_new: HashSet<&str> = plan.new_rooms.iter().map(|new| &*new.number).collect();
    let again = due(plan)
        .into_iter()
        .filter(|(_, _, number)| !is_new.contains(number))
        .filter_map(|(stay, _, number)| {
            let room = known.room(identity::room(morning.hotel, number))?;
            Some(dirtied(morning, room.clone(), stay))
        });
    new.chain(again).collect()
}

fn described(new: &NewRoom) -> Room {
    Room {
        number: new.number.clone(),
        floor: new.floor,
        room_type: new.room_type.clone(),
        ..Room::default()
    }
}

/// A room that a stay leaves to be cleaned.
fn dirtied(morning: Morning, room: Room, stay: &PlannedStay) -> Command {
    let id = stay_id(morning.hotel, &stay.booking);
    let turn = match stay.standing {
        Standing::Departed => {
            let end = BusinessDate(stay.booking.end);
            room.cleanliness.turn.departure_of(id, end)
        }
        Standing::InHouse | Standing::Expected | Standing::Cancelled | Standing::NoShow => {
            Turn::night(morning.date, Some(id))
        }
    };
    marked(morning, room, Cleanliness::Dirty, turn)
}

fn marked(morning: Morning, room: Room, value: Cleanliness, turn: Turn) -> Command {
    Command::Import(ImportedRow::Room {
        room: identity::room(morning.hotel, &room.number),
        fields: Room {
            cleanliness: CleanlinessMark {
                value,
                turn,
                cause: MarkCause::Import,
                ..CleanlinessMark::default()
            },
            ..room
        },
    })
}

pub(super) fn stays(hotel: HotelId, plan: &DayPlan) -> Vec<Command> {
    let stay = move |planned: &PlannedStay| {
        let booking = &planned.booking;
        let departure = match planned.standing {
            Standing::Cancelled | Standing::NoShow => booked_departure(booking),
            Standing::Expected | Standing::InHouse | Standing::Departed => booking.end,
        };
        Command::Import(ImportedRow::Stay {
            stay: stay_id(hotel, booking),
            fields: Stay {
                booking: booking_name(booking),
                room: planned
                    .room
                    .as_deref()
                    .map(|number| identity::room(hotel, number)),
                room_type: booking.room_type.to_string(),
                arrival: BusinessDate(booking.arrival),
                departure: BusinessDate(departure),
                status: match planned.standing {
                    Standing::Expected => StayStatus::Expected,
                    Standing::InHouse => StayStatus::InHouse,
                    Standing::Departed => StayStatus::Departed,
                    Standing::Cancelled => StayStatus::Cancelled,
                    Standing::NoShow => StayStatus::NoShow,
                },
                adults: i64::from(booking.adults),
                children: i64::from(booking.children),
                country: booking.country.as_deref().unwrap_or_default().to_owned(),
                meal: booking.meal.to_string(),
                ..Stay::default()
            },
        })
    };
    plan.stays.iter().map(stay).collect()
}

/// The source has no booking numbers: a short name of the row that stays the same.
fn booking_name(booking: &Booking) -> String {
    short_name(&booking.content, booking.occurrence)
}

pub(super) fn short_name(content: &[u8; 32], occurrence: u32) -> String {
    let [a, b, c, ..] = *content;
    let mark = u32::from_be_bytes([0, a, b, c]);
    match occurrence {
        1 => format!("B-{mark:06X}"),
        nth => format!("B-{mark:06X}-{nth}"),
    }
}

fn booked_departure(booking: &Booking) -> jiff::civil::Date {
    let nights = jiff::Span::new().days(i64::from(booking.nights));
    booking
        .arrival
        .checked_add(nights)
        .unwrap_or(booking.arrival)
}

/// Stays that are cleaned for, in the order of doors.
pub(super) fn due(plan: &DayPlan) -> Vec<(&PlannedStay, Cleaning, &str)> {
    let mut due: Vec<(&PlannedStay, Cleaning, &str)> = plan
        .stays
        .iter()
        .filter_map(|stay| Some((stay, stay.cleaning?, stay.room.as_deref()?)))
        .collect();
    due.sort_by_key(|(_, _, number)| (number.len(), *number));
    due
}

pub(super) fn tasks(morning: Morning, plan: &DayPlan, housekeepers: &[UserId]) -> Vec<Command> {
    let Morning { hotel, date } = morning;
    let due = due(plan);
    let share = due.len().div_ceil(housekeepers.len().max(1)).max(1);
    due.into_iter()
        .enumerate()
        .map(|(at, (stay, cleaning, number))| {
            let id = stay_id(hotel, &stay.booking);
            let room = identity::room(hotel, number);
            let (task, kind, rule) = match cleaning {
                Cleaning::Departure => (
                    identity::departure_task(hotel, date, (id, room)),
                    TaskKind::Departure,
                    if stay.standing == Standing::Departed {
                        TaskRule::CheckOut
                    } else {
                        TaskRule::DepartureDue
                    },
                ),
                Cleaning::Stayover => (
                    identity::stayover_task(hotel, date, id),
                    TaskKind::Stayover,
                    TaskRule::StayContinues,
                ),
            };
            Command::Import(ImportedRow::Task {
                task,
                fields: Task {
                    kind,
                    room: Some(room),
                    stay: Some(id),
                    business_date: date,
                    rule,
                    assignee: housekeepers.get(at / share).copied(),
                    ..Task::default()
                },
            })
        })
        .collect()
}
