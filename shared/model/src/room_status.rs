//! What is derived about a room from its registers and its stays; nothing here is stored.

use crate::{
    cleanliness::Cleanliness,
    room::{Occupancy, Room, ServiceStatus},
    stay::{Stay, StayStatus},
    time::BusinessDate,
    word_enum,
};

word_enum! {
    /// What the front office knows.
    FoStatus {
        Vacant = "vacant",
        Occupied = "occupied",
    }
}

word_enum! {
    /// Where the room is between reservations on the business date.
    ReservationPhase {
        NotReserved = "not-reserved",
        DueIn = "due-in",
        Arrived = "arrived",
        StayOver = "stay-over",
        DueOut = "due-out",
        DepartedToday = "departed-today",
        DayUse = "day-use",
        /// One guest is due out and another is due in.
        BackToBack = "back-to-back",
    }
}

word_enum! {
    /// Front office and housekeeping disagree.
    Discrepancy {
        /// Vacant for the front office, occupied for housekeeping.
        Sleep = "sleep",
        /// Occupied for the front office, vacant for housekeeping.
        Skip = "skip",
    }
}

/// A room at a moment, as a board shows it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RoomStatus {
    pub fo_status: FoStatus,
    pub phase: ReservationPhase,
    pub cleanliness: Cleanliness,
    pub service_status: ServiceStatus,
    pub discrepancy: Option<Discrepancy>,
    /// Two desks checked a stay in without knowing of one another: both stays are kept, and people
    /// have to decide.
    pub double_booked: bool,
}

impl RoomStatus {
    /// `stays` are those of this room that touch the business date.
    pub fn derive<'a>(
        room: &Room,
        stays: impl Iterator<Item = &'a Stay> + Clone,
        date: BusinessDate,
    ) -> Self {
        let is_in_house = |stay: &&Stay| stay.status == StayStatus::InHouse;
        let in_house = stays.clone().filter(is_in_house).count();
        let fo_status = if in_house > 0 {
            FoStatus::Occupied
        } else {
            FoStatus::Vacant
        };
        Self {
            fo_status,
            phase: phase(stays, date),
            cleanliness: room.cleanliness.value,
            service_status: room.service_status,
            discrepancy: match (fo_status, room.hk_occupancy.value) {
                (FoStatus::Vacant, Occupancy::Occupied) => Some(Discrepancy::Sleep),
                (FoStatus::Occupied, Occupancy::Vacant) => Some(Discrepancy::Skip),
                _ => None,
            },
            double_booked: in_house > 1,
        }
    }

    /// The two letters of the trade: VD VP VC VI OD OP OC OI.
    pub fn code(&self) -> &'static str {
        use Cleanliness::{Clean, Dirty, Inspected, Pickup};
        use FoStatus::{Occupied, Vacant};
        match (self.fo_status, self.cleanliness) {
            (Vacant, Dirty) => "VD",
            (Vacant, Pickup) => "VP",
            (Vacant, Clean) => "VC",
            (Vacant, Inspected) => "VI",
            (Occupied, Dirty) => "OD",
            (Occupied, Pickup) => "OP",
            (Occupied, Clean) => "OC",
            (Occupied, Inspected) => "OI",
        }
    }

    pub fn is_ready(&self) -> bool {
        matches!(
            self.cleanliness,
            Cleanliness::Clean | Cleanliness::Inspected
        )
    }

    /// A guest arrives today and the room is not ready.
    pub fn is_due_in_not_ready(&self) -> bool {
        !self.is_ready()
            && matches!(
                self.phase,
                ReservationPhase::DueIn | ReservationPhase::BackToBack | ReservationPhase::DayUse
            )
    }
}

fn phase<'a>(
    stays: impl Iterator<Item = &'a Stay> + Clone,
    date: BusinessDate,
) -> ReservationPhase {
    let expected = stays
        .clone()
        .find(|stay| stay.status == StayStatus::Expected && stay.arrival == date);
    let in_house = stays
        .clone()
        .find(|stay| stay.status == StayStatus::InHouse);
    let departed = stays
        .clone()
        .any(|stay| stay.status == StayStatus::Departed && stay.departure == date);
    match (in_house, expected) {
        (Some(guest), Some(_)) if guest.departure <= date => ReservationPhase::BackToBack,
        (Some(guest), _) if guest.arrival == date && guest.departure == date => {
            ReservationPhase::DayUse
        }
        (Some(guest), _) if guest.departure <= date => ReservationPhase::DueOut,
        (Some(guest), _) if guest.arrival == date => ReservationPhase::Arrived,
        (Some(_), _) => ReservationPhase::StayOver,
        (None, Some(_)) => ReservationPhase::DueIn,
        (None, None) if departed => ReservationPhase::DepartedToday,
        (None, None) => ReservationPhase::NotReserved,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::room::OccupancySeen;

    const DATE: &str = "2017-05-25";

    fn stay(status: StayStatus, arrival: &str, departure: &str) -> Stay {
        Stay {
            status,
            arrival: arrival.parse().unwrap(),
            departure: departure.parse().unwrap(),
            ..Stay::default()
        }
    }

    #[test]
    fn the_phase_follows_from_the_stays() {
        use ReservationPhase as P;
        use StayStatus::{Departed, Expected, InHouse};
        let (before, after) = ("2017-05-23", "2017-05-28");
        let cases: &[(&[Stay], P)] = &[
            (&[], P::NotReserved),
            (&[stay(Expected, DATE, after)], P::DueIn),
            (&[stay(InHouse, before, after)], P::StayOver),
            (&[stay(InHouse, before, DATE)], P::DueOut),
            (&[stay(InHouse, DATE, after)], P::Arrived),
            (&[stay(InHouse, DATE, DATE)], P::DayUse),
            (&[stay(Departed, before, DATE)], P::DepartedToday),
            (
                &[stay(InHouse, before, DATE), stay(Expected, DATE, after)],
                P::BackToBack,
            ),
            (
                &[stay(Departed, before, DATE), stay(Expected, DATE, after)],
                P::DueIn,
            ),
        ];
        for (stays, expected) in cases {
            assert_eq!(phase(stays.iter(), DATE.parse().unwrap()), *expected);
        }
    }

    #[test]
    fn housekeeping_and_front_office_disagreeing_is_a_sleep_or_a_skip() {
        let seen = |value| Room {
            hk_occupancy: OccupancySeen {
                value,
                ..OccupancySeen::default()
            },
            ..Room::default()
        };
        let guest = [stay(StayStatus::InHouse, "2017-05-23", "2017-05-28")];
        let status = |room: &Room, stays: &[Stay]| {
            RoomStatus::derive(room, stays.iter(), DATE.parse().unwrap())
        };
        assert_eq!(
            status(&seen(Occupancy::Occupied), &[]).discrepancy,
            Some(Discrepancy::Sleep)
        );
        assert_eq!(
            status(&seen(Occupancy::Vacant), &guest).discrepancy,
            Some(Discrepancy::Skip)
        );
        assert_eq!(status(&seen(Occupancy::Unknown), &guest).discrepancy, None);
        assert_eq!(status(&seen(Occupancy::Vacant), &guest).code(), "OD");
    }
}
