//! Tables of commands, what was known, and what became true.

use super::*;
use crate::{
    cleanliness::TurnKind,
    identity,
    stay::StayStatus,
    task::{TaskKind, TaskRule, TaskStatus},
};
use std::{collections::BTreeMap, convert::Infallible};
use uuid::Uuid;

const ANA: UserId = UserId(Uuid::from_u128(1));
const ROOM: RoomId = RoomId(Uuid::from_u128(204));
const GUEST: StayId = StayId(Uuid::from_u128(31));

/// A hotel of one room in memory, to which planned changes are applied one after another.
#[derive(Default)]
struct House {
    hotel: HotelId,
    entities: BTreeMap<DocumentRef, Entity>,
    past: BTreeMap<OperationId, PastAction>,
    operations: u128,
}

impl View for House {
    type Error = Infallible;

    fn entity(&self, document: DocumentRef) -> Result<Option<Entity>, Infallible> {
        Ok(self.entities.get(&document).cloned())
    }

    fn stays_in_house(&self, room: RoomId) -> Result<Vec<(StayId, Stay)>, Infallible> {
        let stays = self
            .entities
            .iter()
            .filter_map(|(document, entity)| match entity {
                Entity::Stay(stay) => Some((StayId(document.id.0), stay.clone())),
                _ => None,
            });
        Ok(stays
            .filter(|(_, stay)| stay.room == Some(room) && stay.status == StayStatus::InHouse)
            .collect())
    }

    fn open_tasks(
        &self,
        room: RoomId,
        date: BusinessDate,
    ) -> Result<Vec<(TaskId, Task)>, Infallible> {
        let tasks = self
            .entities
            .iter()
            .filter_map(|(document, entity)| match entity {
                Entity::Task(task) => Some((TaskId(document.id.0), task.clone())),
                _ => None,
            });
        Ok(tasks
            .filter(|(_, task)| task.room == Some(room) && task.business_date == date)
            .filter(|(_, task)| task.status.is_open())
            .collect())
    }

    fn past_action(&self, operation: OperationId) -> Result<Option<PastAction>, Infallible> {
        Ok(self.past.get(&operation).cloned())
    }

    fn is_contested(&self, _: DocumentRef, _: &str) -> Result<bool, Infallible> {
        Ok(false)
    }

    fn writers(&self, document: DocumentRef, key: &str) -> Result<Vec<OperationId>, Infallible> {
        let wrote = |past: &PastAction| {
            past.effects
                .iter()
                .any(|effect| effect.document == document && effect.key == key)
        };
        let last = self.past.iter().rev().find(|(_, past)| wrote(past));
        Ok(last.map(|(operation, _)| *operation).into_iter().collect())
    }

    fn written_by_person(&self, _: DocumentRef, _: &str) -> Result<bool, Infallible> {
        Ok(false)
    }
}

impl House {
    /// Room 204, whose guest leaves today, in a hotel on 25 May 2017.
    fn with_guest_due_out() -> Self {
        let mut house = Self {
            hotel: identity::hotel("resort"),
            ..Self::default()
        };
        let date = today();
        house.put(
            house.hotel.into(),
            Entity::Hotel(Hotel {
                name: "Resort".into(),
                business_date: date,
            }),
        );
        let mut room = Room {
            number: "204".into(),
            ..Room::default()
        };
        room.cleanliness.turn = Turn::night(date, Some(GUEST));
        house.put(ROOM.into(), Entity::Room(room));
        house.put(
            GUEST.into(),
            Entity::Stay(stay("2017-05-22", "2017-05-25", StayStatus::InHouse)),
        );
        house
    }

    fn put(&mut self, document: DocumentRef, entity: Entity) {
        self.entities.insert(document, entity);
    }

    fn act(&mut self, role: Role, command: Command) -> Result<OperationId, Refusal> {
        self.operations += 1;
        let operation = OperationId(Uuid::from_u128(1_000 + self.operations));
        let context = Context {
            hotel: self.hotel,
            operation,
            author: ANA,
            role,
            at: Timestamp(self.operations as i64 * 60_000),
        };
        let changes = plan(&command, context, self).map_err(|unplanned| match unplanned {
            Unplanned::Refused(refusal) => refusal,
            Unplanned::Unread(never) => match never {},
        })?;
        let made: Vec<DocumentRef> = changes
            .iter()
            .map(Change::document)
            .filter(|document| !self.entities.contains_key(document))
            .collect();
        let mut effects = Vec::new();
        for change in changes {
            let document = change.document();
            let entity = self
                .entities
                .entry(document)
                .or_insert_with(|| Entity::empty(document.kind));
            effects.push(Effect {
                document,
                created: made.contains(&document),
                key: change.key().to_owned(),
                before: entity.field(change.key()).unwrap(),
                after: change.value(),
            });
            assert!(entity.put(change.key(), &change.value()));
        }
        self.past.insert(
            operation,
            PastAction {
                command,
                author: ANA,
                effects,
            },
        );
        Ok(operation)
    }

    fn room(&self) -> Room {
        match &self.entities[&ROOM.into()] {
            Entity::Room(room) => room.clone(),
            other => panic!("not a room: {other:?}"),
        }
    }

    fn task(&self, id: TaskId) -> Task {
        match &self.entities[&id.into()] {
            Entity::Task(task) => task.clone(),
            other => panic!("not a task: {other:?}"),
        }
    }
}

fn today() -> BusinessDate {
    "2017-05-25".parse().unwrap()
}

fn stay(arrival: &str, departure: &str, status: StayStatus) -> Stay {
    Stay {
        room: Some(ROOM),
        arrival: arrival.parse().unwrap(),
        departure: departure.parse().unwrap(),
        status,
        ..Stay::default()
    }
}

#[test]
fn a_check_out_makes_the_room_dirty_and_its_departure_task_once() {
    let mut house = House::with_guest_due_out();
    let set_clean = Command::SetCleanliness {
        rooms: vec![ROOM],
        value: Cleanliness::Clean,
    };
    house.act(Role::Manager, set_clean).unwrap();
    house
        .act(Role::FrontDesk, Command::CheckOut { stay: GUEST })
        .unwrap();

    assert_eq!(house.room().cleanliness.value, Cleanliness::Dirty);
    assert_eq!(house.room().cleanliness.turn.kind, TurnKind::Departure);
    let task = house.task(identity::departure_task(house.hotel, today(), GUEST));
    assert_eq!(
        (task.kind, task.status, task.rule),
        (TaskKind::Departure, TaskStatus::Planned, TaskRule::CheckOut)
    );
    assert_eq!(
        house.act(Role::FrontDesk, Command::CheckOut { stay: GUEST }),
        Err(Refusal::StayState {
            status: StayStatus::Departed
        })
    );
}

#[test]
fn a_guest_who_leaves_early_turns_the_stayover_into_a_departure() {
    let mut house = House::with_guest_due_out();
    house.put(
        GUEST.into(),
        Entity::Stay(stay("2017-05-22", "2017-05-28", StayStatus::InHouse)),
    );
    let stayover = identity::stayover_task(house.hotel, today(), GUEST);
    house.put(
        stayover.into(),
        Entity::Task(Task {
            kind: TaskKind::Stayover,
            room: Some(ROOM),
            stay: Some(GUEST),
            business_date: today(),
            rule: TaskRule::StayContinues,
            ..Task::default()
        }),
    );
    house
        .act(Role::FrontDesk, Command::CheckOut { stay: GUEST })
        .unwrap();
    assert_eq!(house.task(stayover).status, TaskStatus::Cancelled);
    let departure = house.task(identity::departure_task(house.hotel, today(), GUEST));
    assert_eq!(departure.rule, TaskRule::EarlyDeparture);
}

#[test]
fn a_clean_that_is_finished_after_the_next_guest_came_leaves_the_room_as_it_is() {
    let mut house = House::with_guest_due_out();
    house
        .act(Role::FrontDesk, Command::CheckOut { stay: GUEST })
        .unwrap();
    let task = identity::departure_task(house.hotel, today(), GUEST);
    let next = StayId(Uuid::from_u128(32));
    house.put(
        next.into(),
        Entity::Stay(stay("2017-05-25", "2017-05-29", StayStatus::Expected)),
    );
    house
        .act(Role::FrontDesk, Command::CheckIn { stay: next })
        .unwrap();
    house
        .act(Role::Housekeeper, Command::FinishTask { task })
        .unwrap();
    assert_eq!(house.task(task).status, TaskStatus::Done);
    assert_eq!(house.room().cleanliness.value, Cleanliness::Dirty);
}

#[test]
fn a_room_cleaned_before_the_check_out_stays_clean_through_it() {
    let mut house = House::with_guest_due_out();
    let task = identity::departure_task(house.hotel, today(), GUEST);
    house.put(
        task.into(),
        Entity::Task(Task {
            kind: TaskKind::Departure,
            room: Some(ROOM),
            stay: Some(GUEST),
            business_date: today(),
            ..Task::default()
        }),
    );
    house
        .act(Role::Housekeeper, Command::FinishTask { task })
        .unwrap();
    house
        .act(Role::FrontDesk, Command::CheckOut { stay: GUEST })
        .unwrap();
    assert_eq!(house.room().cleanliness.value, Cleanliness::Clean);
}

#[test]
fn a_clean_for_a_guest_who_came_late_today_counts_for_them() {
    let mut house = House::with_guest_due_out();
    house.put(
        GUEST.into(),
        Entity::Stay(stay("2017-05-24", "2017-05-27", StayStatus::Expected)),
    );
    let id = identity::stayover_task(house.hotel, today(), GUEST);
    house.put(
        id.into(),
        Entity::Task(Task {
            kind: TaskKind::Stayover,
            room: Some(ROOM),
            stay: Some(GUEST),
            business_date: today(),
            ..Task::default()
        }),
    );
    house
        .act(Role::FrontDesk, Command::CheckIn { stay: GUEST })
        .unwrap();
    house
        .act(Role::Housekeeper, Command::FinishTask { task: id })
        .unwrap();
    assert_eq!(house.room().cleanliness.value, Cleanliness::Clean);
}

#[test]
fn undoing_a_check_out_puts_everything_back_and_cancels_its_task() {
    let mut house = House::with_guest_due_out();
    let before = house.room().cleanliness;
    let operation = house
        .act(Role::FrontDesk, Command::CheckOut { stay: GUEST })
        .unwrap();
    house
        .act(Role::FrontDesk, Command::Undo { operation })
        .unwrap();
    let room = house.room();
    assert_eq!(
        (room.cleanliness.value, room.cleanliness.turn),
        (before.value, before.turn)
    );
    let task = house.task(identity::departure_task(house.hotel, today(), GUEST));
    assert_eq!(task.status, TaskStatus::Cancelled);
    assert_eq!(
        house.act(Role::FrontDesk, Command::Undo { operation }),
        Err(Refusal::ChangedSince)
    );
}

#[test]
fn nobody_undoes_what_their_role_could_not_have_done() {
    let mut house = House::with_guest_due_out();
    let inspected = Command::SetCleanliness {
        rooms: vec![ROOM],
        value: Cleanliness::Inspected,
    };
    let operation = house.act(Role::Supervisor, inspected).unwrap();
    assert!(matches!(
        house.act(Role::Housekeeper, Command::Undo { operation }),
        Err(Refusal::NotAllowed { .. })
    ));
}

#[test]
fn an_undo_that_takes_itself_back_is_not_followed_for_ever() {
    let mut house = House::with_guest_due_out();
    let [one, other] = [901, 902].map(|number| OperationId(Uuid::from_u128(number)));
    for (operation, undone) in [(one, other), (other, one)] {
        let past = PastAction {
            command: Command::Undo { operation: undone },
            author: ANA,
            effects: Vec::new(),
        };
        house.past.insert(operation, past);
    }
    assert_eq!(
        house.act(Role::Manager, Command::Undo { operation: one }),
        Err(Refusal::NotFound)
    );
}

#[test]
fn texts_and_bulk_commands_are_bounded() {
    use crate::{command::WorkOrderDraft, limits};
    let mut house = House::with_guest_due_out();
    let draft = |title: String| Command::CreateWorkOrder {
        work_order: WorkOrderId(Uuid::from_u128(77)),
        draft: WorkOrderDraft {
            title,
            ..WorkOrderDraft::default()
        },
    };
    assert!(matches!(
        house.act(Role::Engineer, draft("  ".into())),
        Err(Refusal::Empty { .. })
    ));
    assert!(matches!(
        house.act(Role::Engineer, draft("x".repeat(limits::MAX_TITLE + 1))),
        Err(Refusal::TooLong { .. })
    ));
    house
        .act(Role::Engineer, draft("x".repeat(limits::MAX_TITLE)))
        .unwrap();
    let many = Command::SetCleanliness {
        rooms: vec![ROOM; limits::MAX_BULK_ROOMS + 1],
        value: Cleanliness::Dirty,
    };
    assert!(matches!(
        house.act(Role::Manager, many),
        Err(Refusal::TooMany { .. })
    ));
}
