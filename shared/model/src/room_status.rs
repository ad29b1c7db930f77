//! What is derived about a room from its registers and its stays; nothing here is stored.

use crate::{
    cleanliness::Cleanliness,
    room::{Occupancy, Room, ServiceStatus},
    room_block::{BlockKind, RoomBlock},
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
        /// Due out, and may leave after the usual hour.
        LateCheckout = "late-checkout",
        /// Due in, and may come before the usual hour.
        EarlyCheckin = "early-checkin",
        /// Was expected, did not come, and nobody else is expected.
        NoShow = "no-show",
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

word_enum! {
    /// Whether a room can be used.
    Availability {
        Available = "available",
        /// May still be sold.
        OutOfService = "out-of-service",
        /// Leaves the inventory.
        OutOfOrder = "out-of-order",
    }
}

/// A room at a moment, as a board shows it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RoomStatus {
    pub fo_status: FoStatus,
    pub phase: ReservationPhase,
    pub cleanliness: Cleanliness,
    pub service_status: ServiceStatus,
    pub availability: Availability,
    pub discrepancy: Option<Discrepancy>,
    /// Two desks checked a stay in without knowing of one another: both stays are kept, and people
    /// have to decide.
    pub double_booked: bool,
}

impl RoomStatus {
    /// `stays` are those of this room that touch the business date, `blocks` those of this room.
    pub fn derive<'a>(
        room: &Room,
        stays: impl Iterator<Item = &'a Stay> + Clone,
        blocks: impl Iterator<Item = &'a RoomBlock>,
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
            availability: availability(blocks, date),
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

    /// The codes that stand beside it: OOO or OOS, and what the guest wants of housekeeping (DND,
    /// RS for a service that was refused or is not required, MUR, DL).
    pub fn overlays(&self) -> Vec<&'static str> {
        let availability = match self.availability {
            Availability::Available => None,
            Availability::OutOfService => Some("OOS"),
            Availability::OutOfOrder => Some("OOO"),
        };
        let service = match self.service_status {
            ServiceStatus::None => None,
            ServiceStatus::MakeUpRoom => Some("MUR"),
            ServiceStatus::NoServiceRequired | ServiceStatus::ServiceRefused => Some("RS"),
            ServiceStatus::DoubleLock => Some("DL"),
            ServiceStatus::DoNotDisturb => Some("DND"),
        };
        availability.into_iter().chain(service).collect()
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
                ReservationPhase::DueIn
                    | ReservationPhase::EarlyCheckin
                    | ReservationPhase::BackToBack
                    | ReservationPhase::DayUse
            )
    }
}

/// Of several blocks the one that is safer for the next guest.
fn availability<'a>(
    blocks: impl Iterator<Item = &'a RoomBlock>,
    date: BusinessDate,
) -> Availability {
    let kinds = blocks
        .filter(|block| block.covers(date))
        .map(|block| block.kind);
    match kinds.max() {
        None => Availability::Available,
        Some(BlockKind::OutOfService) => Availability::OutOfService,
        Some(BlockKind::OutOfOrder) => Availability::OutOfOrder,
    }
}

fn phase<'a>(
    stays: impl Iterator<Item = &'a Stay> + Clone,
    date: BusinessDate,
) -> ReservationPhase {
    let expected = stays
        .clone()
        .find(|stay| stay.status == StayStatus::Expected && stay.is_expected_on(date));
    let in_house = stays
        .clone()
        .find(|stay| stay.status == StayStatus::InHouse);
    let departed = stays
        .clone()
        .any(|stay| stay.status == StayStatus::Departed && stay.departure == date);
    let stood_up = stays
        .clone()
        .any(|stay| stay.status == StayStatus::NoShow && stay.arrival == date);
    match (in_house, expected) {
        (Some(guest), Some(_)) if guest.departure <= date => ReservationPhase::BackToBack,
        (Some(guest), _) if guest.arrival == date && guest.departure == date => {
            ReservationPhase::DayUse
        }
        (Some(guest), _) if guest.departure <= date && guest.late_check_out => {
            ReservationPhase::LateCheckout
        }
        (Some(guest), _) if guest.departure <= date => ReservationPhase::DueOut,
        (Some(guest), _) if guest.arrival == date => ReservationPhase::Arrived,
        (Some(_), _) => ReservationPhase::StayOver,
        (None, Some(guest)) if guest.early_check_in => ReservationPhase::EarlyCheckin,
        (None, Some(_)) => ReservationPhase::DueIn,
        (None, None) if departed => ReservationPhase::DepartedToday,
        (None, None) if stood_up => ReservationPhase::NoShow,
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
        use StayStatus::{Departed, Expected, InHouse, NoShow};
        let late = |stay| Stay {
            late_check_out: true,
            ..stay
        };
        let early = |stay| Stay {
            early_check_in: true,
            ..stay
        };
        let (before, after) = ("2017-05-23", "2017-05-28");
        let cases: &[(&[Stay], P)] = &[
            (&[], P::NotReserved),
            (&[stay(Expected, DATE, after)], P::DueIn),
            // Whoever comes later than they were booked for is still expected.
            (&[stay(Expected, before, after)], P::DueIn),
            (&[early(stay(Expected, before, after))], P::EarlyCheckin),
            (&[stay(Expected, "2017-05-26", after)], P::NotReserved),
            (
                &[stay(InHouse, before, DATE), stay(Expected, before, after)],
                P::BackToBack,
            ),
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
            (&[stay(NoShow, DATE, after)], P::NoShow),
            (
                &[stay(NoShow, DATE, after), stay(Expected, DATE, after)],
                P::DueIn,
            ),
            (&[late(stay(InHouse, before, DATE))], P::LateCheckout),
            (
                &[
                    late(stay(InHouse, before, DATE)),
                    stay(Expected, DATE, after),
                ],
                P::BackToBack,
            ),
            (&[early(stay(Expected, DATE, after))], P::EarlyCheckin),
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
            RoomStatus::derive(room, stays.iter(), [].iter(), DATE.parse().unwrap())
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

    /// What a published table says of when a status is shown; None where any value will do.
    struct Published {
        status: &'static str,
        occupied: Option<bool>,
        condition: Option<Cleanliness>,
        blocked: Option<bool>,
        vacant_pickup: Option<bool>,
        do_not_disturb: Option<bool>,
        refused_service: Option<bool>,
    }

    const ANY: Published = Published {
        status: "",
        occupied: None,
        condition: None,
        blocked: None,
        vacant_pickup: None,
        do_not_disturb: None,
        refused_service: None,
    };

    /// The derivation that Cloudbeds publishes with its API (`postHousekeepingStatus`, read in November
    /// 2026), with our names for its VCI and OCI. What has another status beside the letters has no
    /// letters there.
    fn published() -> Vec<Published> {
        use Cleanliness::{Clean, Dirty, Inspected};
        let letters = |status, occupied, condition| Published {
            status,
            occupied: Some(occupied),
            condition: Some(condition),
            blocked: Some(false),
            vacant_pickup: Some(false),
            do_not_disturb: Some(false),
            refused_service: Some(false),
        };
        let yes = Some(true);
        #[rustfmt::skip]
        let rows = vec![
            letters("VD", false, Dirty),
            letters("OD", true, Dirty),
            letters("VC", false, Clean),
            letters("OC", true, Clean),
            letters("VI", false, Inspected),
            letters("OI", true, Inspected),
            Published { status: "OOO", blocked: yes, ..ANY },
            Published { status: "VP", vacant_pickup: yes, ..ANY },
            Published { status: "DND", do_not_disturb: yes, ..ANY },
            Published { status: "RS", refused_service: yes, ..ANY },
        ];
        rows
    }

    #[test]
    fn codes_and_overlays_are_those_of_the_published_derivation_for_all_its_inputs() {
        use Cleanliness::{Clean, Dirty, Inspected, Pickup};
        let guest = [stay(StayStatus::InHouse, "2017-05-23", "2017-05-28")];
        let block = [RoomBlock {
            kind: BlockKind::OutOfOrder,
            from: "2017-05-20".parse().unwrap(),
            until: "2017-06-01".parse().unwrap(),
            ..RoomBlock::default()
        }];
        let mut seen = std::collections::BTreeSet::new();
        for (occupied, condition, blocked, wish) in cases(
            [Dirty, Clean, Inspected, Pickup],
            [
                ServiceStatus::None,
                ServiceStatus::DoNotDisturb,
                ServiceStatus::ServiceRefused,
            ],
        ) {
            // There it is said of vacant rooms only.
            if condition == Pickup && occupied {
                continue;
            }
            let fits = |row: &Published| {
                let is = |wanted: Option<bool>, given| wanted.is_none_or(|it| it == given);
                is(row.occupied, occupied)
                    && row.condition.is_none_or(|it| it == condition)
                    && is(row.blocked, blocked)
                    && is(row.vacant_pickup, condition == Pickup)
                    && is(row.do_not_disturb, wish == ServiceStatus::DoNotDisturb)
                    && is(row.refused_service, wish == ServiceStatus::ServiceRefused)
            };
            let rows = published();
            let expected = rows.iter().filter(|row| fits(row)).map(|row| row.status);
            let mut expected: Vec<_> = expected.collect();

            let mut room = Room {
                service_status: wish,
                ..Room::default()
            };
            room.cleanliness.value = condition;
            let stays = if occupied { &guest[..] } else { &[] };
            let blocks = if blocked { &block[..] } else { &[] };
            let date = DATE.parse().unwrap();
            let status = RoomStatus::derive(&room, stays.iter(), blocks.iter(), date);
            let mut shown = status.overlays();
            if shown.is_empty() || condition == Pickup {
                shown.push(status.code());
            }
            expected.sort_unstable();
            shown.sort_unstable();
            assert_eq!(
                shown, expected,
                "{occupied} {condition:?} {blocked} {wish:?}"
            );
            seen.extend(shown);
        }
        assert_eq!(seen.len(), published().len(), "{seen:?}");
    }

    /// All combinations, with and without a guest and a block.
    fn cases<const C: usize, const W: usize>(
        conditions: [Cleanliness; C],
        wishes: [ServiceStatus; W],
    ) -> impl Iterator<Item = (bool, Cleanliness, bool, ServiceStatus)> {
        let both = [false, true];
        both.into_iter().flat_map(move |occupied| {
            conditions.into_iter().flat_map(move |condition| {
                both.into_iter().flat_map(move |blocked| {
                    let wishes = wishes.into_iter();
                    wishes.map(move |wish| (occupied, condition, blocked, wish))
                })
            })
        })
    }

    /// Oracle's Pickup, which an occupied room may have too, and what is ready for a guest.
    #[test]
    fn an_occupied_room_may_need_a_touch_and_clean_ones_are_ready() {
        use Cleanliness::{Clean, Dirty, Inspected, Pickup};
        let guest = [stay(StayStatus::InHouse, "2017-05-23", "2017-05-28")];
        for (cleanliness, code, is_ready) in [
            (Dirty, "OD", false),
            (Pickup, "OP", false),
            (Clean, "OC", true),
            (Inspected, "OI", true),
        ] {
            let mut room = Room::default();
            room.cleanliness.value = cleanliness;
            let date = DATE.parse().unwrap();
            let status = RoomStatus::derive(&room, guest.iter(), [].iter(), date);
            assert_eq!((status.code(), status.is_ready()), (code, is_ready));
        }
    }

    #[test]
    fn what_keeps_people_out_stands_beside_the_code() {
        use BlockKind::{OutOfOrder, OutOfService};
        let block = |kind, from: &str, until: &str| RoomBlock {
            kind,
            from: from.parse().unwrap(),
            until: until.parse().unwrap(),
            ..RoomBlock::default()
        };
        let ended = RoomBlock {
            ended: true,
            ..block(OutOfOrder, "2017-05-20", "2017-06-01")
        };
        let order = block(OutOfOrder, "2017-05-25", "2017-05-26");
        let service = block(OutOfService, "2017-05-20", "2017-06-01");
        for (blocks, wish, overlays) in [
            (vec![], ServiceStatus::None, vec![]),
            (vec![ended], ServiceStatus::DoNotDisturb, vec!["DND"]),
            (
                vec![block(OutOfOrder, "2017-05-20", "2017-05-25")],
                ServiceStatus::MakeUpRoom,
                vec!["MUR"],
            ),
            (vec![order.clone()], ServiceStatus::None, vec!["OOO"]),
            (
                vec![service.clone()],
                ServiceStatus::ServiceRefused,
                vec!["OOS", "RS"],
            ),
            (
                vec![service, order],
                ServiceStatus::DoubleLock,
                vec!["OOO", "DL"],
            ),
            (vec![], ServiceStatus::NoServiceRequired, vec!["RS"]),
        ] {
            let room = Room {
                service_status: wish,
                ..Room::default()
            };
            let status = RoomStatus::derive(&room, [].iter(), blocks.iter(), DATE.parse().unwrap());
            assert_eq!(status.overlays(), overlays, "{blocks:?}");
        }
    }
}
