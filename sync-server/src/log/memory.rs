//! The log in memory: the twin of Postgres for tests and simulations, held to the same contract.

use super::{Basis, LogError, NewEntry, review::RoleChange};
use hotel::{Hotel, hash, place};
use keyrack_model::{
    action::{LogEntry, Sequence},
    administration::Suspicion,
    ids::{DeviceId, HotelId, LogEpoch, UserId},
    policy::Role,
    record::{Colleague, Payload, Record, RecordRef, Workplace},
    rows::Person,
    time::Timestamp,
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

mod asked;
mod hotel;

/// Clones share one store.
#[derive(Clone, Default)]
pub struct MemoryLog {
    hotels: Arc<Mutex<HashMap<HotelId, Hotel>>>,
}

impl MemoryLog {
    /// Begins a hotel with an empty log.
    pub fn open(&self, hotel: HotelId, epoch: LogEpoch, people: Vec<Person>) {
        let people = people
            .into_iter()
            .map(|person| (person.name.clone(), person))
            .collect();
        let hotels = &mut *self.lock();
        hotels.insert(
            hotel,
            Hotel {
                epoch,
                people,
                ..Hotel::default()
            },
        );
    }

    /// Adds a person, or gives one another role: the next version of that person's record.
    pub fn put_person(
        &self,
        hotel: HotelId,
        person: Person,
        now: Timestamp,
    ) -> Result<Sequence, LogError> {
        let id = hotel;
        self.with(hotel, |hotel| {
            let of = RecordRef::from(person.id);
            let version = hotel.version(of).map_or(0, |known| known.version) + 1;
            let payload = Payload::Person(Colleague::from(&person));
            let record = Record::version(of, version, payload);
            let entry = NewEntry::of_the_server(id, record, now);
            if let Some(before) = hotel.people.get(&person.name).map(|it| it.role)
                && before != person.role
            {
                hotel.note_role_change(RoleChange {
                    person: person.id,
                    at: now,
                    before,
                    after: Some(person.role),
                });
            }
            hotel.append(Basis::end(hotel.last()), &[entry], &[])?;
            hotel.people.insert(person.name.clone(), person);
            hotel.moved += 1;
            Ok(hotel.last())
        })?
    }

    /// Says what a device is called, and whether who the guests are may be on it: the next version of
    /// that device's record.
    pub fn put_device(
        &self,
        hotel: HotelId,
        device: DeviceId,
        workplace: Workplace,
        now: Timestamp,
    ) -> Result<Sequence, LogError> {
        let id = hotel;
        self.with(hotel, |hotel| {
            let of = RecordRef::from(device);
            let version = hotel.version(of).map_or(0, |known| known.version) + 1;
            let record = Record::version(of, version, Payload::Device(workplace));
            let entry = NewEntry::of_the_server(id, record, now);
            hotel.append(Basis::end(hotel.last()), &[entry], &[])?;
            Ok(hotel.last())
        })?
    }

    /// How many versions a record has.
    pub fn versions(&self, hotel: HotelId, record: RecordRef) -> Result<u64, LogError> {
        self.with(hotel, |hotel| {
            hotel.version(record).map_or(0, |known| known.version)
        })
    }

    /// Of what devices were suspected, in the order in which the audit log would tell.
    pub fn suspected(&self, hotel: HotelId) -> Result<Vec<(DeviceId, Suspicion)>, LogError> {
        self.with(hotel, |hotel| hotel.suspected.clone())
    }

    /// Gives somebody another role, as a change of their row does in Postgres.
    pub fn change_role(
        &self,
        hotel: HotelId,
        person: UserId,
        role: Role,
        now: Timestamp,
    ) -> Result<(), LogError> {
        self.with(hotel, |hotel| {
            let mut people = hotel.people.values_mut();
            if let Some(found) = people.find(|found| found.id == person) {
                let before = std::mem::replace(&mut found.role, role);
                hotel.note_role_change(RoleChange {
                    person,
                    at: now,
                    before,
                    after: Some(role),
                });
            }
        })
    }

    /// Takes somebody away.
    pub fn dismiss(&self, hotel: HotelId, person: UserId) -> Result<(), LogError> {
        self.with(hotel, |hotel| {
            hotel.people.retain(|_, found| found.id != person);
            hotel.left.insert(person);
            hotel.moved += 1;
        })
    }

    /// Brings a hotel's log back to an older state, as an older backup would.
    pub fn restore(&self, hotel: HotelId, to: Sequence) -> Result<(), LogError> {
        self.with(hotel, |hotel| {
            let kept = usize::try_from(to.0).unwrap_or(usize::MAX);
            hotel.entries.truncate(kept);
            hotel.erased.clear();
            (0..hotel.entries.len()).for_each(|at| hotel.note_erasure(at));
            hotel.accepted.retain(|_, (sequence, _)| *sequence <= to);
            hotel.names.retain(|(sequence, _)| *sequence <= to);
            hotel.hashes = hotel.names.iter().map(|(_, name)| hash(name)).collect();
            hotel.places = hotel.names.iter().map(|(_, name)| place(name)).collect();
            let records = hotel.entries.iter().filter_map(LogEntry::record);
            for person in records.filter_map(Record::person) {
                hotel.people.insert(person.name.clone(), person);
            }
            hotel.moved += 1;
        })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<HotelId, Hotel>> {
        self.hotels.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn with<T>(&self, hotel: HotelId, ask: impl FnOnce(&mut Hotel) -> T) -> Result<T, LogError> {
        let hotels = &mut *self.lock();
        hotels
            .get_mut(&hotel)
            .map(ask)
            .ok_or(LogError::UnknownHotel)
    }
}

#[cfg(test)]
mod tests;
