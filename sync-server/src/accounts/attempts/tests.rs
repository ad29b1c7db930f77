//! Who waits, and for how long.

use super::*;
use keyrack_model::identity;
use std::net::{IpAddr, Ipv4Addr};
use uuid::Uuid;

/// Addresses by their number.
const HOME: u32 = 1;
const ELSEWHERE: u32 = 2;
const STRANGERS: u32 = 1_000;

/// Attempts at one hotel.
struct Door(Attempts);

impl Door {
    fn begin(&self, name: &str, seconds: i64) -> Result<Attempt, AccountError> {
        self.begin_from(HOME, name, seconds)
    }

    fn begin_from(&self, house: u32, name: &str, seconds: i64) -> Result<Attempt, AccountError> {
        self.begin_at(Whence::Somewhere, house, name, seconds)
    }

    fn begin_at(
        &self,
        from: Whence,
        house: u32,
        name: &str,
        seconds: i64,
    ) -> Result<Attempt, AccountError> {
        let peer = Peer(IpAddr::V4(Ipv4Addr::from_bits(house)));
        let now = Timestamp(seconds * 1_000);
        let hotel = identity::hotel("resort");
        self.0.begin(hotel, name, (from, peer), now)
    }

    /// As many wrong guesses at once as it takes strangers until they wait, each from a house of its
    /// own.
    fn is_guessed_at(&self, name: &str, seconds: i64) {
        for house in 0..FREE_OF_STRANGERS {
            let guess = self.begin_from(STRANGERS + house, name, seconds).unwrap();
            guess.failed();
        }
    }

    #[track_caller]
    fn fail(&self, name: &str, seconds: i64) {
        self.begin(name, seconds).unwrap().failed();
    }

    #[track_caller]
    fn waits(&self, name: &str, at: i64, wait: u32) {
        self.waits_from(HOME, name, at, wait);
    }

    #[track_caller]
    fn waits_from(&self, house: u32, name: &str, at: i64, wait: u32) {
        match self.begin_from(house, name, at) {
            Err(AccountError::TryLater { seconds }) => assert_eq!(seconds, wait),
            Err(other) => panic!("{other}"),
            Ok(_) => panic!("it does not wait"),
        }
    }
}

#[test]
fn guessing_gets_slower_and_a_success_forgives() {
    let door = Door(Attempts::default());
    for _ in 0..FREE {
        door.fail("maria", 0);
    }
    door.waits("maria", 0, 1);
    door.fail("joao", 0);
    door.fail("maria", 2);
    door.waits("maria", 3, 1);
    door.fail("maria", 5);
    door.waits("maria", 6, 3);
    for _ in 0..FREE {
        door.fail("maria", 1_000);
    }
    door.waits("maria", 1_000, 1);
    door.begin("maria", 1_005).unwrap().succeeded();
    for _ in 0..FREE {
        door.fail("maria", 1_005);
    }
    door.waits("maria", 1_005, 1);
}

#[test]
fn guesses_at_once_are_no_more_than_those_that_cost_no_waiting() {
    let door = Door(Attempts::default());
    door.fail("maria", 0);
    let at_once: Vec<_> = (0..200)
        .filter_map(|_| door.begin("maria", 0).ok())
        .collect();
    assert_eq!(at_once.len(), FREE as usize - 1);
    for attempt in at_once {
        attempt.failed();
    }
    door.waits("maria", 0, 1);
    // After that, one at a time.
    let one = door.begin("maria", 1).unwrap();
    door.waits("maria", 1, 1);
    one.failed();
    door.waits("maria", 1, 2);
}

#[test]
fn what_was_broken_off_does_not_count_and_is_not_remembered() {
    let door = Door(Attempts::default());
    for _ in 0..20 {
        drop(door.begin("maria", 0).unwrap());
    }
    let is_empty = |book: &Book| book.near.is_empty() && book.of_strangers.is_empty();
    assert!(is_empty(&door.0.book()));
    door.fail("maria", 0);
    drop(door.begin("maria", 0).unwrap());
    for _ in 1..FREE {
        door.fail("maria", 0);
    }
    door.waits("maria", 0, 1);
}

#[test]
fn a_clock_that_is_set_back_lengthens_no_wait() {
    let door = Door(Attempts::default());
    let tomorrow = 24 * 60 * 60;
    door.fail("maria", tomorrow);
    door.fail("maria", 0);
    for _ in 0..FREE {
        door.fail("joao", tomorrow);
    }
    door.waits("joao", 0, 1);
}

#[test]
fn who_is_guessed_at_from_elsewhere_waits_for_nothing_at_home() {
    for (guessed, house, name, waits) in [
        ("maria", ELSEWHERE, "maria", true),
        ("maria", HOME, "maria", false),
        ("maria", ELSEWHERE, "joao", false),
    ] {
        let door = Door(Attempts::default());
        for _ in 0..FREE {
            let guess = door.begin_from(ELSEWHERE, guessed, 0).unwrap();
            guess.failed();
        }
        let result = door.begin_from(house, name, 0);
        assert_eq!(result.is_err(), waits, "{house} {name}");
    }
}

#[test]
fn strangers_wait_together_once_many_guesses_were_wrong_and_known_places_never_do() {
    for (house, name, met, waits) in [
        (ELSEWHERE, "maria", None, true),
        (HOME, "maria", Some(HOME), false),
        (ELSEWHERE, "maria", Some(HOME), true),
        (ELSEWHERE, "joao", None, false),
    ] {
        let door = Door(Attempts::default());
        if let Some(met) = met {
            door.begin_from(met, "maria", 0).unwrap().succeeded();
        }
        door.is_guessed_at("maria", 0);
        let result = door.begin_from(house, name, 0);
        assert_eq!(result.is_err(), waits, "{house} {name} {met:?}");
    }
}

#[test]
fn strangers_wait_ever_longer_and_are_forgotten_after_a_quiet_quarter_of_an_hour() {
    let door = Door(Attempts::default());
    door.is_guessed_at("maria", 0);
    door.waits_from(ELSEWHERE, "maria", 0, 1);
    // Who signs in after the wait is known from then on; others wait as before.
    door.begin_from(HOME, "maria", 1).unwrap().succeeded();
    door.begin_from(ELSEWHERE, "maria", 1).unwrap().failed();
    door.waits_from(STRANGERS, "maria", 1, 2);
    door.fail("maria", 1);
    let quiet = 1 + 2 + FORGOTTEN / 1_000;
    door.is_guessed_at("maria", quiet);
    door.waits_from(ELSEWHERE, "maria", quiet, 1);
}

#[test]
fn guesses_at_once_of_strangers_are_no_more_than_those_that_cost_no_waiting() {
    let door = Door(Attempts::default());
    let at_once: Vec<_> = (0..200)
        .filter_map(|house| door.begin_from(STRANGERS + house, "maria", 0).ok())
        .collect();
    assert_eq!(at_once.len(), FREE_OF_STRANGERS as usize);
    drop(at_once);
    assert!(door.0.book().of_strangers.is_empty());
}

#[test]
fn on_a_device_of_theirs_nobody_waits_for_what_is_guessed_beside_it_or_by_strangers() {
    let [own, other] = [1, 2].map(|number| Whence::Device(DeviceId(Uuid::from_u128(number))));
    let door = Door(Attempts::default());
    for _ in 0..FREE {
        door.fail("maria", 0);
    }
    // With those at home they are as many as strangers have for nothing.
    for house in FREE..FREE_OF_STRANGERS {
        let guess = door.begin_from(STRANGERS + house, "maria", 0).unwrap();
        guess.failed();
    }
    door.waits("maria", 0, 1);
    for _ in 0..FREE {
        door.begin_at(own, HOME, "maria", 0).unwrap().failed();
    }
    // What is guessed on the device itself is slowed down there, and nowhere else.
    for (from, name, waits) in [
        (own, "maria", true),
        (own, "joao", false),
        (other, "maria", false),
    ] {
        let result = door.begin_at(from, HOME, name, 0);
        assert_eq!(result.is_err(), waits, "{from:?} {name}");
    }
}
