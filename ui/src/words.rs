//! What happened, in words: commands, changes, problems.

use crate::{
    catalogue::{t, t_with, t_word},
    mirror::cabinet::Cabinet,
};
use keyrack_model::{
    identity::{SERVER, SERVER_DEVICE},
    ids::{DeviceId, RoomId, StayId, TaskId, UserId, WorkOrderId},
    rows::{DeviceRow, Person},
    task::TaskKind,
};

pub mod command;
pub mod content;
mod day;
pub mod field;
pub mod problem;
pub mod story;

/// Looks up what ids stand for.
#[derive(Clone, Copy)]
pub struct Names<'a> {
    pub cabinet: &'a Cabinet,
    pub people: &'a [Person],
    pub devices: &'a [DeviceRow],
    /// The device that the page is shown on.
    pub here: Option<DeviceId>,
}

impl Names<'_> {
    pub fn person(&self, id: UserId) -> String {
        person_among(self.people, id)
    }

    pub fn person_or_nobody(&self, id: Option<UserId>) -> String {
        id.map_or_else(|| t("person.nobody").to_owned(), |id| self.person(id))
    }

    /// A device by its name; this one says that it is.
    pub fn device(&self, id: DeviceId) -> String {
        if id == SERVER_DEVICE {
            return t("device.server").to_owned();
        }
        let found = self.devices.iter().find(|device| device.id == id);
        match (found, self.here == Some(id)) {
            (Some(device), false) => device.name.clone(),
            (Some(device), true) => t_with("device.here", &[("device", &device.name)]),
            (None, true) => t("device.this").to_owned(),
            (None, false) => t("device.unknown").to_owned(),
        }
    }

    pub fn room(&self, id: RoomId) -> String {
        let number = self.cabinet.room_number(id);
        number.map_or_else(|| t("room.unknown").to_owned(), str::to_owned)
    }

    pub fn room_or_none(&self, id: Option<RoomId>) -> String {
        id.map_or_else(|| t("room.none").to_owned(), |id| self.room(id))
    }

    pub fn task_kind(&self, id: TaskId) -> Option<TaskKind> {
        let (_, task) = self.cabinet.row(id.into())?.as_task()?;
        Some(task.kind)
    }

    /// `Departure 204`.
    pub fn task(&self, id: TaskId) -> String {
        let task = self.cabinet.home_of(id.into()).and_then(|file| {
            let (_, task) = file.tasks().find(|(other, _)| *other == id)?;
            Some((task.kind, file.room()?.1.number.clone()))
        });
        match task {
            Some((kind, room)) => format!("{} {room}", t_word("task-kind", kind.word())),
            None => t("task.unknown").to_owned(),
        }
    }

    /// A stay by its booking, or else by its room.
    pub fn stay(&self, id: StayId) -> String {
        match self.cabinet.stay(id) {
            Some(stay) if !stay.booking.is_empty() => {
                t_with("stay.booking", &[("booking", &stay.booking)])
            }
            Some(stay) => {
                let room = self.room_or_none(stay.room);
                t_with("stay.in", &[("room", &room)])
            }
            None => t("stay.unknown").to_owned(),
        }
    }

    /// `Room 204`.
    pub fn in_room(&self, id: RoomId) -> String {
        t_with("tile.room", &[("n", &self.room(id))])
    }

    /// The room of a stay.
    pub fn room_of_stay(&self, id: StayId) -> String {
        let room = self.cabinet.home_of(id.into()).and_then(|file| file.room());
        room.map_or_else(
            || t("room.unknown").to_owned(),
            |(_, room)| room.number.clone(),
        )
    }

    pub fn work_order(&self, id: WorkOrderId) -> String {
        let order = self.cabinet.work_order(id);
        order.map_or_else(
            || t("order.unknown").to_owned(),
            |order| quoted(&order.title),
        )
    }
}

/// What somebody of these people is called.
pub fn person_among(people: &[Person], id: UserId) -> String {
    if id == SERVER {
        return t("person.server").to_owned();
    }
    let found = people.iter().find(|person| person.id == id);
    found.map_or_else(
        || t("person.unknown").to_owned(),
        |person| person.display.clone(),
    )
}

pub fn quoted(text: &str) -> String {
    t_with("quoted", &[("text", text)])
}

/// Two letters for a face: `MS`. The stylesheet makes capitals of them.
pub fn initials(name: &str) -> String {
    let mut words = name
        .split_whitespace()
        .filter_map(|word| word.chars().next());
    let first = words.next();
    first.into_iter().chain(words.next_back()).collect()
}

/// A room type; hotels that use single letters get the word before it.
pub fn room_type(name: &str) -> String {
    if name.chars().count() == 1 {
        t_with("room-type.letter", &[("letter", name)])
    } else {
        name.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_is_called_by_its_name_and_this_one_says_so() {
        let id = |number| DeviceId(uuid::Uuid::from_u128(number));
        let cart = DeviceRow {
            id: id(1),
            name: "Cart, floor 2".into(),
            guests: Default::default(),
        };
        let names = Names {
            cabinet: &Cabinet::default(),
            people: &[],
            devices: &[cart],
            here: Some(id(2)),
        };
        let here = Names {
            here: Some(id(1)),
            ..names
        };
        assert_eq!(names.device(id(1)), "Cart, floor 2");
        assert_eq!(here.device(id(1)), "Cart, floor 2 (this device)");
        assert_eq!(names.device(id(2)), "this device");
        assert_eq!(names.device(id(3)), "another device");
        assert_eq!(names.device(SERVER_DEVICE), "the server");
    }

    #[test]
    fn a_face_shows_the_first_and_the_last_name() {
        assert_eq!(initials("Maria da Silva"), "MS");
        assert_eq!(initials("inês"), "i");
        assert_eq!(initials(""), "");
    }
}
