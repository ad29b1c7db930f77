//! The lines of the lists: who and what there is, in the order in which somebody looks for it.

use crate::{letters::small, query::few::in_order};
use keyrack_model::{
    administration::{Overview, SeenDevice, SeenSession},
    ids::{DeviceId, UserId},
    rows::Person,
    time::Timestamp,
};
use std::cmp::Reverse;

/// When the server last heard from somebody.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Seen {
    /// It has not said.
    NotKnown,
    Never,
    At(Timestamp),
}

impl From<Option<Timestamp>> for Seen {
    fn from(at: Option<Timestamp>) -> Self {
        at.map_or(Self::Never, Self::At)
    }
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PersonLine {
    pub person: Person,
    pub seen: Seen,
    /// Whether they still have the password that was handed over, as far as the server has said.
    pub password_given: bool,
}

/// Everybody by name: as the server has them, or until it answers as they are known here.
pub fn people(known: &[Person], overview: Option<&Overview>) -> Vec<PersonLine> {
    let lines: Vec<_> = match overview {
        Some(overview) => overview
            .people
            .iter()
            .map(|seen| PersonLine {
                person: seen.person.clone(),
                seen: seen.seen_at.into(),
                password_given: seen.password_given,
            })
            .collect(),
        None => known
            .iter()
            .map(|person| PersonLine {
                person: person.clone(),
                seen: Seen::NotKnown,
                password_given: false,
            })
            .collect(),
    };
    in_order(lines, |line| small(&line.person.display))
}

/// This device first, then those heard from last, and at the end what is not trusted any more.
pub fn devices(overview: &Overview, own: DeviceId) -> Vec<SeenDevice> {
    in_order(overview.devices.iter().cloned(), |device| {
        let heard = Reverse(device.seen_at);
        (device.revoked, device.id != own, heard, small(&device.name))
    })
}

/// Where somebody is signed in: here first, then where they were seen last.
pub fn sessions(overview: &Overview, person: UserId) -> Vec<SeenSession> {
    let of_person = overview.sessions.iter().filter(|it| it.person == person);
    in_order(of_person.cloned(), |session| {
        (!session.is_own, Reverse(session.seen_at))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use keyrack_model::{administration::SeenPerson, ids::SessionId, policy::Role};
    use uuid::Uuid;

    fn person(id: u128, display: &str) -> Person {
        Person {
            id: UserId(Uuid::from_u128(id)),
            name: display.to_lowercase(),
            display: display.into(),
            role: Role::Housekeeper,
            left: false,
        }
    }

    fn device(id: u128, seen_at: Option<i64>, revoked: bool) -> SeenDevice {
        SeenDevice {
            id: DeviceId(Uuid::from_u128(id)),
            name: format!("{id}"),
            revoked,
            guests: Default::default(),
            seen_at: seen_at.map(Timestamp),
        }
    }

    #[test]
    fn people_are_there_before_the_server_answers_and_by_name_whatever_their_accents() {
        let known = [person(1, "Rui"), person(2, "Ângela"), person(3, "Bea")];
        let names = |lines: Vec<PersonLine>| -> Vec<String> {
            lines.into_iter().map(|line| line.person.display).collect()
        };
        let lines = people(&known, None);
        assert!(lines.iter().all(|line| line.seen == Seen::NotKnown));
        assert_eq!(names(lines), ["Ângela", "Bea", "Rui"]);

        let overview = Overview {
            people: vec![SeenPerson {
                person: person(4, "Zoe"),
                seen_at: None,
                password_given: true,
            }],
            ..Overview::default()
        };
        let lines = people(&known, Some(&overview));
        assert_eq!(lines[0].seen, Seen::Never);
        assert!(lines[0].password_given);
        assert_eq!(names(lines), ["Zoe"], "the server knows better");
    }

    #[test]
    fn this_device_is_first_and_a_lost_one_last() {
        let overview = Overview {
            devices: vec![
                device(1, Some(9), true),
                device(2, None, false),
                device(3, Some(5), false),
                device(4, Some(7), false),
            ],
            ..Overview::default()
        };
        let order: Vec<_> = devices(&overview, DeviceId(Uuid::from_u128(3)))
            .into_iter()
            .map(|device| device.name)
            .collect();
        assert_eq!(order, ["3", "4", "2", "1"]);
    }

    #[test]
    fn ones_own_session_is_first_among_ones_own_alone() {
        let (maria, rui) = (UserId(Uuid::from_u128(1)), UserId(Uuid::from_u128(2)));
        let session = |id, person, seen_at, is_own| SeenSession {
            id: SessionId(Uuid::from_u128(id)),
            person,
            device: DeviceId::default(),
            begun_at: Timestamp(0),
            seen_at: Timestamp(seen_at),
            is_own,
        };
        let overview = Overview {
            sessions: vec![
                session(1, maria, 9, false),
                session(2, rui, 8, false),
                session(3, maria, 7, true),
            ],
            ..Overview::default()
        };
        let order: Vec<_> = sessions(&overview, maria)
            .into_iter()
            .map(|it| it.id)
            .collect();
        let expected = [3, 1].map(|id| SessionId(Uuid::from_u128(id)));
        assert_eq!(order, expected);
    }
}
