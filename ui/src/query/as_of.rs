//! As of when the board shows what others do: nothing on it is newer than what was heard of the
//! device on which they do it.
//!
//! What tells of a device is the actions that came from it: somebody who is at work and has had
//! nothing to say for longer than a room takes may have done more than is known here.

use super::room_card::{RoomCard, Work};
use keyrack_model::{
    ids::{DeviceId, RoomId, UserId},
    ipc::{Connection, Heard, SyncState},
    limits::QUIET_MILLIS,
    time::Timestamp,
};
use std::sync::Arc;

/// As of when all of it is shown, where this device itself has been without a connection for so long
/// that it has to be said; None while the first try to connect is under way.
pub fn all(state: &SyncState, now: Timestamp) -> Option<Timestamp> {
    match state.connection {
        Connection::Offline {
            since,
            reason: Some(_),
        } => is_long_ago(since, now).then_some(since),
        Connection::Offline { reason: None, .. } | Connection::CatchingUp | Connection::Online => {
            None
        }
    }
}

/// As of when rooms are shown whose attendant is at work on another device that nothing was heard of
/// for long: the room that they are in, and those that are still to be done by them.
pub fn rooms(
    cards: &[Arc<RoomCard>],
    heard: &[Heard],
    here: DeviceId,
    now: Timestamp,
) -> Vec<(RoomId, Timestamp)> {
    let mut silent: Vec<(UserId, Timestamp)> = Vec::new();
    for card in cards {
        if let (Work::Running { since }, Some(attendant)) = (card.work, card.attendant)
            && let Some(heard_at) = last_heard(heard, attendant, since, here)
            && is_long_ago(heard_at, now)
        {
            silent.push((attendant, heard_at));
        }
    }
    let of_silent = |card: &Arc<RoomCard>| {
        let mut silent = silent.iter();
        let (_, heard_at) = silent.find(|(person, _)| Some(*person) == card.attendant)?;
        is_open(card.work).then_some((card.id, *heard_at))
    };
    cards.iter().filter_map(of_silent).collect()
}

fn is_open(work: Work) -> bool {
    match work {
        Work::Planned | Work::Paused | Work::Running { .. } => true,
        Work::Nothing | Work::Done => false,
    }
}

fn is_long_ago(at: Timestamp, now: Timestamp) -> bool {
    now.millis_since(at) > QUIET_MILLIS
}

/// When the device was heard of last on which somebody works who is in a room since then. None where
/// that is this device, or not known: somebody else may have said that they began.
fn last_heard(
    heard: &[Heard],
    person: UserId,
    since: Timestamp,
    here: DeviceId,
) -> Option<Timestamp> {
    let deeds = heard.iter().filter(|it| it.person == person);
    let last = deeds.max_by_key(|it| it.done_at)?;
    if last.device == here || last.done_at < since {
        return None;
    }
    let of_device = heard.iter().filter(|it| it.device == last.device);
    of_device.filter_map(|it| it.known_at).max()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::room_card::tests::card;
    use keyrack_model::ipc::Problem;
    use uuid::Uuid;

    const MINUTE: i64 = 60_000;
    /// Four in the afternoon, in minutes of the day.
    const NOW: i64 = 16 * 60;
    /// As long ago as is not yet said.
    const BOUND: i64 = QUIET_MILLIS / MINUTE;

    const HERE: DeviceId = DeviceId(Uuid::from_u128(1));
    const CART: DeviceId = DeviceId(Uuid::from_u128(2));
    const TABLET: DeviceId = DeviceId(Uuid::from_u128(3));
    const MARIA: UserId = UserId(Uuid::from_u128(4));
    const JOAO: UserId = UserId(Uuid::from_u128(5));

    fn at(minute: i64) -> Timestamp {
        Timestamp(minute * MINUTE)
    }

    fn running(minute: i64) -> Work {
        Work::Running { since: at(minute) }
    }

    /// Rooms 101, 102 … with whose they are and how far they are.
    fn house(rooms: &[(UserId, Work)]) -> Vec<Arc<RoomCard>> {
        let rooms = (101..).zip(rooms);
        rooms
            .map(|(number, (attendant, work))| {
                Arc::new(RoomCard {
                    attendant: Some(*attendant),
                    work: *work,
                    ..card(number)
                })
            })
            .collect()
    }

    /// What somebody did at a device, and when the server learned of it.
    fn heard(person: UserId, device: DeviceId, done: i64, known: Option<i64>) -> Heard {
        Heard {
            person,
            device,
            done_at: at(done),
            known_at: known.map(at),
        }
    }

    /// The rooms that say as of which minute they are shown.
    fn said(rooms_of_house: &[(UserId, Work)], heard: &[Heard]) -> Vec<(String, i64)> {
        let cards = house(rooms_of_house);
        let said = rooms(&cards, heard, HERE, at(NOW));
        let number = |room: RoomId| {
            let card = cards.iter().find(|card| card.id == room).unwrap();
            card.number.clone()
        };
        let said = said.into_iter();
        said.map(|(room, at)| (number(room), at.0 / MINUTE))
            .collect()
    }

    fn rooms_said(rooms: &[(&str, i64)]) -> Vec<(String, i64)> {
        let rooms = rooms.iter();
        rooms.map(|(room, at)| ((*room).to_owned(), *at)).collect()
    }

    #[test]
    fn the_rooms_of_somebody_at_work_whose_device_is_silent_say_when_it_was_heard_of() {
        let long_ago = NOW - BOUND - 1;
        let house = [
            (MARIA, running(long_ago - 10)),
            (MARIA, Work::Planned),
            (MARIA, Work::Paused),
            (MARIA, Work::Done),
            (JOAO, Work::Planned),
        ];
        let known = [heard(MARIA, CART, long_ago - 10, Some(long_ago))];
        let three = [("101", long_ago), ("102", long_ago), ("103", long_ago)];
        assert_eq!(said(&house, &known), rooms_said(&three));
    }

    #[test]
    fn nothing_is_said_before_the_bound_is_passed() {
        let house = [(MARIA, running(NOW - 2 * BOUND))];
        let known = |minute| [heard(MARIA, CART, NOW - BOUND - 9, Some(minute))];
        assert_eq!(said(&house, &known(NOW - BOUND)), []);
        assert_eq!(said(&house, &known(NOW - BOUND - 1)).len(), 1);
    }

    #[test]
    fn a_device_was_heard_of_by_whatever_anybody_did_there() {
        let begun = NOW - 2 * BOUND;
        let house = [(MARIA, running(begun))];
        let of_maria = heard(MARIA, CART, begun, Some(begun));
        let of_joao = heard(JOAO, CART, NOW - 5, Some(NOW - 5));
        assert_eq!(said(&house, &[of_maria, of_joao]), []);
        let elsewhere = heard(JOAO, TABLET, NOW - 5, Some(NOW - 5));
        assert_eq!(said(&house, &[of_maria, elsewhere]).len(), 1);
    }

    #[test]
    fn somebody_works_where_they_did_something_last() {
        let begun = NOW - 3 * BOUND;
        let house = [(MARIA, running(begun))];
        let first = heard(MARIA, TABLET, begun, Some(NOW - 2));
        let then = heard(MARIA, CART, begun + 5, Some(begun + 6));
        assert_eq!(
            said(&house, &[first, then]),
            rooms_said(&[("101", begun + 6)])
        );
    }

    #[test]
    fn nothing_is_said_of_this_device_nor_of_one_that_is_not_known() {
        let begun = NOW - 2 * BOUND;
        let house = [(MARIA, running(begun))];
        for known in [
            vec![],
            vec![heard(MARIA, HERE, begun, Some(begun))],
            vec![heard(MARIA, HERE, begun, None)],
            // The desk said that she began; what she did herself was yesterday.
            vec![heard(MARIA, CART, begun - 1, Some(begun - 1))],
        ] {
            assert_eq!(said(&house, &known), [], "{known:?}");
        }
    }

    #[test]
    fn nobody_is_at_work_who_is_in_no_room() {
        let long_ago = NOW - 3 * BOUND;
        let known = [heard(MARIA, CART, long_ago, Some(long_ago))];
        let house = [(MARIA, Work::Planned), (MARIA, Work::Paused)];
        assert_eq!(said(&house, &known), []);
    }

    #[test]
    fn a_device_that_is_long_without_a_connection_says_it_for_all_of_the_board() {
        let state = |connection| SyncState {
            connection,
            synced_at: None,
            grant_until: None,
            waiting: 0,
            refused: vec![],
            damage: None,
            audit_alarm: None,
        };
        let offline = |since, reason| Connection::Offline {
            since: at(since),
            reason,
        };
        let (just, long) = (NOW - BOUND, NOW - BOUND - 1);
        for (connection, said) in [
            (Connection::Online, None),
            (Connection::CatchingUp, None),
            (offline(just, Some(Problem::ServerBusy)), None),
            (offline(long, Some(Problem::ServerBusy)), Some(at(long))),
            (offline(long, None), None),
        ] {
            let state = state(connection);
            assert_eq!(all(&state, at(NOW)), said, "{:?}", state.connection);
        }
    }
}
