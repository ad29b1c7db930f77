//! An attendant's rooms of the day, in the order to do them and with the reason for it.

use super::{
    few::in_order_by,
    room_card::{RoomCard, Work},
};
use crate::mirror::cabinet::RoomFile;
use keyrack_model::{
    ids::{TaskId, UserId},
    room_status::ReservationPhase,
    task::{Task, TaskKind, TaskStatus},
    time::{BusinessDate, Timestamp},
};

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ListItem {
    pub task: TaskId,
    pub kind: TaskKind,
    pub status: TaskStatus,
    pub work: Work,
    pub worked_millis: i64,
    pub finished_at: Option<Timestamp>,
    /// The day that it was made for.
    pub of: BusinessDate,
    pub card: RoomCard,
    pub place: Place,
}

/// Why a task stands where it does. Ordered from first to last.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Place {
    Started,
    Paused,
    /// A guest waits at the desk for the room, which is free.
    GuestWaits,
    /// The room is marked as wanted as soon as can be, and can be done.
    Urgent,
    /// A guest arrives today and the room is free.
    GuestArrives,
    /// The guest has left.
    Left,
    StaysOn,
    /// The guest leaves today and is still here.
    NotLeftYet,
    /// The guest keeps staff out: last, tried again later.
    KeptOut,
    Done,
}

/// Whose tasks to list.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Whose {
    Of(UserId),
    Everybody,
    Nobody,
}

impl Whose {
    fn keeps(self, task: &Task) -> bool {
        match self {
            Self::Of(person) => task.assignee == Some(person),
            Self::Everybody => true,
            Self::Nobody => task.assignee.is_none(),
        }
    }
}

/// The list, first things first; done ones last, the latest of them first.
pub fn my_list<'a>(
    files: impl Iterator<Item = &'a RoomFile>,
    whose: Whose,
    date: BusinessDate,
) -> Vec<ListItem> {
    let items = files
        .filter_map(|file| Some((file, RoomCard::of(file, date)?)))
        .flat_map(|(file, card)| {
            file.tasks()
                .filter(move |(_, task)| {
                    task.stands_on(date)
                        && task.status != TaskStatus::Cancelled
                        && whose.keeps(task)
                })
                .map(move |(id, task)| item(id, task, card.clone()))
        });
    in_order_by(items, |a, b| {
        let latest = (b.place == Place::Done).then_some(b.finished_at);
        let earlier = (a.place == Place::Done).then_some(a.finished_at);
        let first = (a.place, latest, within(a), a.card.door(), a.task);
        first.cmp(&(b.place, earlier, within(b), b.card.door(), b.task))
    })
}

/// How many of the list are done.
pub fn done(items: &[ListItem]) -> usize {
    items
        .iter()
        .filter(|item| item.place == Place::Done)
        .count()
}

fn item(id: TaskId, task: &Task, card: RoomCard) -> ListItem {
    ListItem {
        task: id,
        kind: task.kind,
        status: task.status,
        work: Work::of(task),
        worked_millis: task.worked_millis,
        finished_at: task.finished_at,
        of: task.business_date,
        place: place(task, &card),
        card,
    }
}

/// Of those who arrive, first who is of note and who comes early; of those who have not left, last who
/// may stay longer.
fn within(item: &ListItem) -> (bool, bool) {
    let phase = item.card.status.phase;
    match item.place {
        Place::GuestWaits | Place::GuestArrives => {
            (!item.card.vip, phase != ReservationPhase::EarlyCheckin)
        }
        Place::NotLeftYet => (phase == ReservationPhase::LateCheckout, false),
        Place::Started
        | Place::Paused
        | Place::Urgent
        | Place::Left
        | Place::StaysOn
        | Place::KeptOut
        | Place::Done => (false, false),
    }
}

fn place(task: &Task, card: &RoomCard) -> Place {
    let is_beside_stayover =
        task.kind != TaskKind::Departure && card.is_occupied() && !card.is_due_out();
    let stays_on = task.kind == TaskKind::Stayover || is_beside_stayover;
    let kept_out = card.status.service_status.keeps_out();
    match task.status {
        TaskStatus::InProgress => Place::Started,
        TaskStatus::Done | TaskStatus::Cancelled => Place::Done,
        TaskStatus::Planned | TaskStatus::Paused if kept_out => Place::KeptOut,
        TaskStatus::Paused => Place::Paused,
        TaskStatus::Planned if stays_on && card.rush => Place::Urgent,
        TaskStatus::Planned if stays_on => Place::StaysOn,
        TaskStatus::Planned if card.is_occupied() => Place::NotLeftYet,
        TaskStatus::Planned if card.queued.is_some() => Place::GuestWaits,
        TaskStatus::Planned if card.rush => Place::Urgent,
        TaskStatus::Planned if card.is_due_in() => Place::GuestArrives,
        TaskStatus::Planned => Place::Left,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mirror::cabinet::Cabinet;
    use keyrack_model::{
        change::Entity,
        ids::{DocumentRef, RoomId, StayId},
        room::{Room, ServiceStatus},
        rows::Row,
        stay::{Stay, StayStatus},
    };
    use uuid::Uuid;

    const ME: UserId = UserId(Uuid::from_u128(9));
    const DATE: &str = "2017-05-25";

    #[derive(Default)]
    struct House(Vec<Row>);

    impl House {
        fn row(&mut self, document: impl Into<DocumentRef>, entity: impl Into<Entity>) {
            self.0.push(Row {
                document: document.into(),
                entity: entity.into(),
                conflicts: vec![],
                changed_at: Timestamp(0),
            });
        }

        fn room(&mut self, number: u128, service: ServiceStatus, task: Task) {
            let room = RoomId(Uuid::from_u128(number));
            self.row(
                room,
                Room {
                    number: number.to_string(),
                    floor: 1,
                    service_status: service,
                    ..Room::default()
                },
            );
            self.row(
                TaskId(Uuid::from_u128(number + 1_000)),
                Task {
                    room: Some(room),
                    assignee: Some(ME),
                    business_date: DATE.parse().unwrap(),
                    ..task
                },
            );
        }

        fn stay(&mut self, number: u128, status: StayStatus, arrival: &str, departure: &str) {
            self.row(
                StayId(Uuid::from_u128(number + 2_000)),
                Stay {
                    room: Some(RoomId(Uuid::from_u128(number))),
                    status,
                    arrival: arrival.parse().unwrap(),
                    departure: departure.parse().unwrap(),
                    ..Stay::default()
                },
            );
        }

        fn each_stay(&mut self, change: impl Fn(&mut Stay)) {
            for row in &mut self.0 {
                if let Entity::Stay(stay) = &mut row.entity {
                    change(stay);
                }
            }
        }

        fn list(self) -> Vec<(String, Place)> {
            let mut cabinet = Cabinet::default();
            cabinet.apply(true, self.0);
            let files: Vec<_> = cabinet
                .rooms()
                .filter_map(|(id, _)| cabinet.file_of(id))
                .collect();
            my_list(files.into_iter(), Whose::Of(ME), DATE.parse().unwrap())
                .into_iter()
                .map(|item| (item.card.number, item.place))
                .collect()
        }
    }

    fn departure(status: TaskStatus) -> Task {
        Task {
            kind: TaskKind::Departure,
            status,
            started_at: Some(Timestamp(5)),
            ..Task::default()
        }
    }

    #[test]
    fn a_waiting_guest_comes_first_and_a_closed_door_last() {
        let mut house = House::default();
        house.room(101, ServiceStatus::DoNotDisturb, Task::default());
        house.room(102, ServiceStatus::None, departure(TaskStatus::Done));
        house.room(103, ServiceStatus::None, Task::default());
        house.room(104, ServiceStatus::None, departure(TaskStatus::Planned));
        house.room(105, ServiceStatus::None, departure(TaskStatus::Planned));
        house.stay(105, StayStatus::Expected, DATE, "2017-05-28");
        house.room(106, ServiceStatus::None, departure(TaskStatus::InProgress));
        house.room(107, ServiceStatus::None, departure(TaskStatus::Planned));
        house.stay(107, StayStatus::InHouse, "2017-05-20", DATE);
        let list = house.list();
        let expected = [
            ("106", Place::Started),
            ("105", Place::GuestArrives),
            ("104", Place::Left),
            ("103", Place::StaysOn),
            ("107", Place::NotLeftYet),
            ("101", Place::KeptOut),
            ("102", Place::Done),
        ];
        assert_eq!(
            list,
            expected.map(|(number, place)| (number.to_owned(), place))
        );
    }

    #[test]
    fn what_is_done_beside_the_stayover_of_a_guest_who_stays_on_waits_for_nobody_to_leave() {
        for (kind, departure, place) in [
            (TaskKind::LinenChange, "2017-05-30", Place::StaysOn),
            (TaskKind::Turndown, "2017-05-30", Place::StaysOn),
            (TaskKind::Departure, "2017-05-30", Place::NotLeftYet),
            (TaskKind::TouchUp, DATE, Place::NotLeftYet),
        ] {
            let mut house = House::default();
            let task = Task {
                kind,
                ..Task::default()
            };
            house.room(101, ServiceStatus::None, task);
            house.stay(101, StayStatus::InHouse, "2017-05-20", departure);
            assert_eq!(house.list(), [("101".to_owned(), place)], "{kind}");
        }
    }

    #[test]
    fn whoever_waits_is_of_note_or_comes_early_is_before_the_others_who_arrive() {
        let mut house = House::default();
        for number in 101..=105 {
            house.room(number, ServiceStatus::None, departure(TaskStatus::Planned));
            house.stay(number, StayStatus::Expected, DATE, "2017-05-28");
        }
        // Was expected the day before, and still is.
        house.room(106, ServiceStatus::None, departure(TaskStatus::Planned));
        house.stay(106, StayStatus::Expected, "2017-05-24", "2017-05-28");
        for number in 107..=108 {
            house.room(number, ServiceStatus::None, departure(TaskStatus::Planned));
            house.stay(number, StayStatus::InHouse, "2017-05-20", DATE);
        }
        let (waits, vip, early, late) = (104, 103, 102, 107);
        let room = |number: u128| Some(RoomId(Uuid::from_u128(number)));
        house.each_stay(|stay| {
            stay.queued_at = (stay.room == room(waits)).then_some(Timestamp(7));
            stay.vip = stay.room == room(vip);
            stay.early_check_in = stay.room == room(early);
            stay.late_check_out = stay.room == room(late);
        });
        let numbers: Vec<_> = house.list().into_iter().map(|(number, _)| number).collect();
        assert_eq!(
            numbers,
            ["104", "103", "102", "101", "105", "106", "108", "107"]
        );
    }

    #[test]
    fn what_somebody_began_yesterday_and_a_room_that_is_urgent_are_on_the_list() {
        let mut house = House::default();
        house.room(101, ServiceStatus::None, Task::default());
        house.room(102, ServiceStatus::None, Task::default());
        house.room(103, ServiceStatus::None, departure(TaskStatus::Paused));
        house.room(104, ServiceStatus::None, departure(TaskStatus::Done));
        for row in &mut house.0 {
            match &mut row.entity {
                Entity::Room(room) => room.rush = room.number == "102",
                Entity::Task(task) if task.kind == TaskKind::Departure => {
                    task.business_date = "2017-05-24".parse().unwrap();
                }
                _ => {}
            }
        }
        let expected = [
            ("103", Place::Paused),
            ("102", Place::Urgent),
            ("101", Place::StaysOn),
        ];
        let expected = expected.map(|(number, place)| (number.to_owned(), place));
        assert_eq!(house.list(), expected);
    }
}
