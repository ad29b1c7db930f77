//! Who works here and who the guests are: what each device shows of it, and what lies in its
//! store.

use super::newcomer;
use crate::simulation::{
    hotel,
    house::House,
    world::{Broken, World},
};
use keyrack_model::{
    action::LogEntry,
    class::{Class, Reading},
    ids::DocumentRef,
    policy::Role,
    rows::{GuestRow, Person},
};
use keyrack_replica::{Replica, StoreError};
use std::collections::{BTreeMap, btree_map::Entry};

/// Every device shows of people and guests what somebody of the same role reads who was not
/// there, and its store has no guest beside those.
pub(super) fn are_what_the_role_reads(world: &World, log: &[LogEntry]) -> Result<(), Broken> {
    let mut known: BTreeMap<Role, Known> = BTreeMap::new();
    for (number, device) in world.devices.iter().enumerate() {
        let Some(running) = &device.running else {
            continue;
        };
        let me = &running
            .replica
            .session()
            .map_or(&device.me, |session| &session.me);
        let expected = match known.entry(me.role) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => unknown.insert(Known::of(me.role, log, &world.house)?),
        };
        let shown = Known::by(&running.replica, &world.house)?;
        if shown != *expected {
            return Err(Broken(format!(
                "device {number} knows others than {:?} does:\n  {shown:?}\n  {expected:?}",
                me.role
            )));
        }
        if !expected.people.contains(me) {
            return Err(Broken(format!(
                "device {number} takes {me:?} for somebody else"
            )));
        }
    }
    Ok(())
}

/// What is known of people and guests.
#[derive(PartialEq, Eq, Debug)]
struct Known {
    people: Vec<Person>,
    guests: Vec<GuestRow>,
}

impl Known {
    /// What a device of this role knows that reads all records from the log's beginning.
    fn of(role: Role, log: &[LogEntry], house: &House) -> Result<Self, StoreError> {
        let records = [Class::People, Class::Devices, Class::Guests];
        let reading = Reading::of(role).and(records.into_iter().collect());
        let me = Person {
            role,
            ..hotel::person(0)
        };
        Self::by(&newcomer(me, &reading.shown(log))?, house)
    }

    fn by(replica: &Replica, house: &House) -> Result<Self, StoreError> {
        let stays = house.stays().map(DocumentRef::from);
        Ok(Self {
            people: replica.people()?,
            guests: replica.guests_of(stays)?,
        })
    }
}

/// No store has what was erased, nor the name of a guest whom its people may not know, but where
/// one of them wrote it.
pub(super) fn are_nowhere_else(world: &World) -> Result<(), Broken> {
    let names = world.ledger.names();
    let erased = world.ledger.erased_names();
    if names.is_empty() {
        return Ok(());
    }
    for (number, device) in world.devices.iter().enumerate() {
        let Some(running) = &device.running else {
            continue;
        };
        let may_know = running
            .replica
            .session()
            .is_some_and(|session| Reading::of(session.me.role).has(Class::Guests));
        let store = device
            .contents()
            .map_err(|error| Broken(error.to_string()))?;
        let has = |name: &str| {
            store
                .windows(name.len())
                .any(|part| part == name.as_bytes())
        };
        if let Some(name) = erased.iter().find(|name| has(name)) {
            return Err(Broken(format!(
                "device {number} has {name}, who was erased"
            )));
        }
        let others = names.iter().filter(|(_, by)| **by != number);
        if let Some((name, _)) = others.into_iter().find(|(name, _)| !may_know && has(name)) {
            return Err(Broken(format!(
                "device {number} has {name}, whom nobody there may know"
            )));
        }
    }
    Ok(())
}
