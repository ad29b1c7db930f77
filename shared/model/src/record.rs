//! Records: what is no document, because it is signed by the server alone or has to be erasable.
//!
//! **Architecture Invariant**: a record's versions begin at 1 and go up by one, in the order of the
//! log. What was erased has no payload in any version.

use crate::{
    class::{Class, GuestNames},
    field::is_default,
    ids::{DeviceId, RecordId, StayId, UserId},
    limits::{MAX_COUNTED, MAX_NAME},
    one_line::check_one_line,
    policy::Role,
    refusal::Refusal,
    rows::{DeviceRow, Person},
    word_enum,
};
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{Error, Unexpected},
};

word_enum! {
    /// What a record is about.
    RecordKind {
        /// Somebody who works at the hotel; the record has that person's id.
        Person = "person",
        /// A device; the record has its id.
        Device = "device",
        /// The guest of a stay; the record has the stay's id, so the stay's document names nobody.
        Guest = "guest",
    }
}

/// Names one record of a hotel.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct RecordRef {
    pub kind: RecordKind,
    pub id: RecordId,
}

/// One version of a record.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Record {
    pub kind: RecordKind,
    pub id: RecordId,
    /// 1 for the first, and at most [`MAX_COUNTED`].
    #[serde(deserialize_with = "version")]
    pub version: u64,
    /// Who may read it: the roles that [`Class::readers`] names.
    pub audience: Class,
    pub payload: Payload,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Payload {
    Person(Colleague),
    Device(Workplace),
    Guest(Guest),
    /// It was taken away for good.
    Erased,
}

/// A person of the hotel, as others see them.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Colleague {
    /// The name that person signs in with.
    pub name: String,
    pub display: String,
    /// Of somebody who has left, the last one.
    pub role: Role,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub left: bool,
}

/// A device that people work at.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Workplace {
    pub name: String,
    pub revoked: bool,
    /// Whether who the guests are may be there. Since version 4.
    #[serde(default, skip_serializing_if = "is_default")]
    pub guests: GuestNames,
}

/// What the desk needs to know of a stay's guest.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Guest {
    pub name: String,
    pub phone: String,
}

impl Guest {
    /// As it is kept: without surrounding spaces, with a name, each in one line and not too long.
    pub fn checked(&self) -> Result<Self, Refusal> {
        let guest = Self {
            name: self.name.trim().to_owned(),
            phone: self.phone.trim().to_owned(),
        };
        if guest.name.is_empty() {
            return Err(Refusal::Empty {
                field: "name".to_owned(),
            });
        }
        for (field, text) in [("name", &guest.name), ("phone", &guest.phone)] {
            check_one_line(field, text)?;
            if text.chars().count() > MAX_NAME {
                return Err(Refusal::TooLong {
                    field: field.to_owned(),
                    limit: MAX_NAME,
                });
            }
        }
        Ok(guest)
    }
}

impl Record {
    pub fn reference(&self) -> RecordRef {
        RecordRef {
            kind: self.kind,
            id: self.id,
        }
    }

    /// A version of a record with its audience by the table.
    pub fn version(of: RecordRef, version: u64, payload: Payload) -> Self {
        Self {
            kind: of.kind,
            id: of.id,
            version,
            audience: Class::of_record(of.kind),
            payload,
        }
    }

    /// The person that it tells of; None for another record, and for somebody who was erased.
    pub fn person(&self) -> Option<Person> {
        match &self.payload {
            Payload::Person(Colleague {
                name,
                display,
                role,
                left,
            }) => Some(Person {
                id: UserId(self.id.0),
                name: name.clone(),
                display: display.clone(),
                role: *role,
                left: *left,
            }),
            Payload::Device(_) | Payload::Guest(_) | Payload::Erased => None,
        }
    }

    /// The device that it tells of; None for another record, and for one that was erased.
    pub fn device(&self) -> Option<DeviceRow> {
        match &self.payload {
            Payload::Device(Workplace { name, guests, .. }) => Some(DeviceRow {
                id: DeviceId(self.id.0),
                name: name.clone(),
                guests: *guests,
            }),
            Payload::Person(_) | Payload::Guest(_) | Payload::Erased => None,
        }
    }
}

impl From<&Person> for Colleague {
    fn from(person: &Person) -> Self {
        Self {
            name: person.name.clone(),
            display: person.display.clone(),
            role: person.role,
            left: person.left,
        }
    }
}

impl From<UserId> for RecordRef {
    fn from(person: UserId) -> Self {
        Self {
            kind: RecordKind::Person,
            id: RecordId(person.0),
        }
    }
}

impl From<DeviceId> for RecordRef {
    fn from(device: DeviceId) -> Self {
        Self {
            kind: RecordKind::Device,
            id: RecordId(device.0),
        }
    }
}

/// The guest of a stay.
impl From<StayId> for RecordRef {
    fn from(stay: StayId) -> Self {
        Self {
            kind: RecordKind::Guest,
            id: RecordId(stay.0),
        }
    }
}

/// The number of a version as it is read.
fn version<'de, D: Deserializer<'de>>(number: D) -> Result<u64, D::Error> {
    let number = u64::deserialize(number)?;
    if (1..=MAX_COUNTED).contains(&number) {
        Ok(number)
    } else {
        let unexpected = Unexpected::Unsigned(number);
        Err(D::Error::invalid_value(
            unexpected,
            &"a version of a record",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_that_no_record_has_does_not_read() {
        let of = StayId::default().into();
        let read = |number: u64| {
            let record = Record::version(of, number, Payload::Erased);
            let text = serde_json::to_string(&record).unwrap();
            serde_json::from_str::<Record>(&text).map(|record| record.version)
        };
        assert_eq!(read(1).unwrap(), 1);
        assert_eq!(read(MAX_COUNTED).unwrap(), MAX_COUNTED);
        for none in [0, MAX_COUNTED + 1, u64::MAX] {
            assert!(read(none).is_err(), "{none}");
        }
    }

    #[test]
    fn a_guest_has_a_name_and_neither_name_nor_number_is_too_long() {
        let guest = |name: &str, phone: &str| Guest {
            name: name.into(),
            phone: phone.into(),
        };
        let longest = "é".repeat(MAX_NAME);
        let too_long = "é".repeat(MAX_NAME + 1);
        assert_eq!(
            guest(" Ana ", " 1 ").checked(),
            Ok(guest("Ana", "1")),
            "spaces around are not kept"
        );
        assert!(guest(&longest, &longest).checked().is_ok());
        assert!(guest(" ", "1").checked().is_err());
        assert!(guest(&too_long, "").checked().is_err());
        assert!(guest("Ana", &too_long).checked().is_err());
        for (name, phone, field) in [("A\0", "", "name"), ("Ana", "1\n2", "phone")] {
            let field = field.to_owned();
            let refused = Err(Refusal::ControlCharacter { field });
            assert_eq!(guest(name, phone).checked(), refused);
        }
    }
}
