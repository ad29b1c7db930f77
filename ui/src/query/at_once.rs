//! What is changed in several rooms at once: whose their tasks are, and in which section they are.

use crate::mirror::cabinet::{Cabinet, RoomFile};
use keyrack_model::{
    command::{Command, RoomCommand, RoomEdit},
    ids::{RoomId, TaskId, UserId},
    rows::Row,
    task::Task,
    time::BusinessDate,
};

/// How many tasks of a day are still to be done in some rooms.
pub fn open_tasks(cabinet: &Cabinet, rooms: &[RoomId], date: BusinessDate) -> usize {
    let files = rooms.iter().filter_map(|room| cabinet.file_of(*room));
    files.map(|file| open_in(file, date).count()).sum()
}

/// Gives the tasks that are still to be done in some rooms to somebody, those left out that are
/// theirs already.
pub fn giving(
    cabinet: &Cabinet,
    rooms: &[RoomId],
    date: BusinessDate,
    assignee: Option<UserId>,
) -> Vec<Command> {
    let files = rooms.iter().filter_map(|room| cabinet.file_of(*room));
    let tasks = files.flat_map(|file| open_in(file, date));
    tasks
        .filter(|(row, task)| task.assignee != assignee || is_contested(row, "assignee"))
        .map(|(row, _)| Command::AssignTask {
            task: TaskId(row.id().0),
            assignee,
        })
        .collect()
}

/// Puts some rooms into a section, those left out that are in it already.
pub fn moving_to_section(cabinet: &Cabinet, rooms: &[RoomId], section: &str) -> Vec<Command> {
    let files = rooms.iter().filter_map(|room| cabinet.file_of(*room));
    files
        .filter_map(RoomFile::room)
        .filter(|(_, room)| room.section != section)
        .map(|(room, _)| {
            let edit = RoomEdit {
                section: Some(section.to_owned()),
                ..RoomEdit::default()
            };
            let edit = Box::new(edit);
            Command::Rooms(RoomCommand::Edit { room, edit })
        })
        .collect()
}

fn open_in(file: &RoomFile, date: BusinessDate) -> impl Iterator<Item = (&Row, &Task)> {
    let rows = file.rows();
    let tasks = rows.filter_map(|row| row.as_task().map(|(_, task)| (row, task)));
    tasks.filter(move |(_, task)| task.business_date == date && task.status.is_open())
}

fn is_contested(row: &Row, key: &str) -> bool {
    row.conflicts.iter().any(|conflict| conflict.key == key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use keyrack_model::{
        change::Entity,
        field::FieldValue,
        ids::{DocumentRef, OperationId},
        room::Room,
        rows::{ConflictSide, FieldConflict},
        task::TaskStatus,
        time::Timestamp,
    };
    use uuid::Uuid;

    const ROOM: RoomId = RoomId(Uuid::from_u128(204));
    const OTHER: RoomId = RoomId(Uuid::from_u128(205));
    const MARIA: Option<UserId> = Some(UserId(Uuid::from_u128(7)));

    fn row(document: impl Into<DocumentRef>, entity: impl Into<Entity>) -> Row {
        Row {
            document: document.into(),
            entity: entity.into(),
            conflicts: vec![],
            changed_at: Timestamp(0),
        }
    }

    fn number(task: u128) -> TaskId {
        TaskId(Uuid::from_u128(task))
    }

    fn task(id: u128, room: RoomId, write: impl FnOnce(&mut Task)) -> Row {
        let mut task = Task {
            room: Some(room),
            business_date: today(),
            ..Task::default()
        };
        write(&mut task);
        row(number(id), task)
    }

    fn today() -> BusinessDate {
        "2017-05-25".parse().unwrap()
    }

    fn house() -> Cabinet {
        let side = || ConflictSide {
            value: FieldValue::Nothing,
            operation: OperationId::default(),
            author: UserId::default(),
            at: Timestamp(0),
        };
        let contested = FieldConflict {
            key: "assignee".into(),
            shown: side(),
            gave_way: vec![side()],
        };
        let east = Room {
            section: "East".into(),
            ..Room::default()
        };
        let mut cabinet = Cabinet::default();
        cabinet.apply(
            true,
            vec![
                row(ROOM, east),
                row(OTHER, Room::default()),
                task(1, ROOM, |_| ()),
                task(2, ROOM, |task| task.status = TaskStatus::Done),
                task(3, ROOM, |task| task.business_date = today().plus_days(1)),
                task(4, ROOM, |task| task.assignee = MARIA),
                Row {
                    conflicts: vec![contested],
                    ..task(5, ROOM, |task| task.assignee = MARIA)
                },
                task(6, OTHER, |task| task.status = TaskStatus::InProgress),
            ],
        );
        cabinet
    }

    #[test]
    fn what_is_still_to_be_done_today_in_the_rooms_is_given_once() {
        let house = house();
        let given = |rooms: &[RoomId], person| {
            let mut tasks: Vec<_> = giving(&house, rooms, today(), person)
                .into_iter()
                .map(|command| match command {
                    Command::AssignTask { task, assignee } => {
                        assert_eq!(assignee, person);
                        task
                    }
                    other => panic!("{other:?}"),
                })
                .collect();
            tasks.sort();
            tasks
        };
        assert_eq!(open_tasks(&house, &[ROOM, OTHER], today()), 4);
        assert_eq!(given(&[ROOM], MARIA), [1, 5].map(number));
        assert_eq!(given(&[ROOM, OTHER], MARIA), [1, 5, 6].map(number));
        assert_eq!(given(&[ROOM, OTHER], None), [4, 5].map(number));
        assert_eq!(open_tasks(&house, &[], today()), 0);
    }

    #[test]
    fn rooms_go_to_a_section_unless_they_are_in_it() {
        let house = house();
        let moved = |section| moving_to_section(&house, &[ROOM, OTHER], section);
        assert_eq!(moved("West").len(), 2);
        let to_east = moved("East");
        let [Command::Rooms(RoomCommand::Edit { room, edit })] = &to_east[..] else {
            panic!("{to_east:?}");
        };
        assert_eq!((*room, edit.section.as_deref()), (OTHER, Some("East")));
        assert_eq!(moved("").len(), 1);
    }
}
