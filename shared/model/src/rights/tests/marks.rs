//! A room that is marked: what becomes of its tasks is the desk's.

use super::*;

#[test]
fn only_the_desk_does_away_with_tasks_by_what_it_says_of_a_room() {
    let inspection = TaskId(Uuid::from_u128(951));
    let planned = Task {
        kind: TaskKind::Inspection,
        room: Some(ROOM),
        business_date: today(),
        rule: TaskRule::InspectionDue,
        ..Task::default()
    };
    let mark = |value| Command::SetCleanliness {
        rooms: vec![ROOM],
        value,
    };
    // An inspection ends when the room is dirty after all, a clean when it is clean after all.
    for (first, then) in [
        (Some(Cleanliness::Clean), Cleanliness::Dirty),
        (None, Cleanliness::Clean),
    ] {
        let mut house = house();
        house.put(inspection.into(), Entity::Task(planned.clone()));
        if let Some(first) = first {
            done(&mut house, Role::Housekeeper, mark(first));
        }
        let mut said = done(&mut house, Role::FrontDesk, mark(then));
        let is_of_task = |change: &&Change| change.document().kind == DocumentKind::Task;
        assert!(said.changes.iter().any(|it| is_of_task(&it)));
        for role in Role::ALL.iter().filter(|role| **role != Role::FrontDesk) {
            said.context.role = *role;
            let refusal = Refusal::NotAllowed {
                command: "set-cleanliness".into(),
                role: *role,
            };
            for change in said.changes.iter().filter(is_of_task) {
                assert_eq!(said.rights().allows_write(change), Err(refusal.clone()));
            }
            let mut of_room = said.changes.iter().filter(|change| !is_of_task(change));
            assert!(of_room.all(|change| said.rights().allows_write(change).is_ok()));
        }
    }
}
