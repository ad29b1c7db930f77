//! What is recalled is for whoever might have done it, however often it was taken back or chosen.

use super::*;
use crate::{
    command::{BlockEdit, RoomCommand},
    ids::DocumentRef,
    policy::allows,
};

fn mark(value: Cleanliness) -> Command {
    Command::SetCleanliness {
        rooms: vec![ROOM],
        value,
    }
}

/// What somebody in a role does, and a field of it that others write at the same time.
fn contested() -> Vec<(Role, Command, DocumentRef, &'static str)> {
    let (task, block) = (stayover(), BlockId(Uuid::from_u128(60)));
    let scope = RuleScope::Hotel;
    let sheet = identity::rule_sheet(identity::hotel("resort"), &scope);
    let rule = RuleKey::LinenEvery;
    let mark = |role, value| (role, mark(value), ROOM.into(), "cleanliness");
    vec![
        mark(Role::Supervisor, Cleanliness::Inspected),
        mark(Role::Housekeeper, Cleanliness::Pickup),
        (
            Role::Supervisor,
            Command::AssignTask {
                task,
                assignee: Some(MARIA),
            },
            task.into(),
            "assignee",
        ),
        (
            Role::Housekeeper,
            Command::Work(WorkCommand::Note {
                task,
                text: "Mind the dog".into(),
                base: String::new(),
            }),
            task.into(),
            "note",
        ),
        (
            Role::FrontDesk,
            Command::Desk(DeskCommand::CancelStay { stay: NEXT }),
            NEXT.into(),
            "status",
        ),
        (
            Role::Manager,
            Command::SetRule {
                scope,
                rule,
                number: Some(2),
            },
            sheet.into(),
            "linen_every",
        ),
        (
            Role::Engineer,
            Command::Rooms(RoomCommand::EditBlock {
                block,
                edit: Box::new(BlockEdit {
                    until: Some(today().plus_days(-1)),
                    ..BlockEdit::default()
                }),
            }),
            block.into(),
            "until",
        ),
    ]
}

fn is_not_allowed<T>(judged: Result<T, Refusal>) -> bool {
    matches!(judged, Err(Refusal::NotAllowed { .. }))
}

#[test]
fn what_was_chosen_is_taken_back_or_chosen_again_by_who_might_have_done_it() {
    let other = OperationId(Uuid::from_u128(66));
    for (by, command, document, key) in contested() {
        let mut house = house();
        let settle = |chosen| Command::Settle {
            document,
            key: key.to_owned(),
            chosen,
        };
        let people = Role::ALL.iter().filter(|role| **role != Role::Server);
        let others: Vec<Role> = people
            .filter(|role| allows(**role, &command).is_err())
            .copied()
            .collect();
        assert!(!others.is_empty(), "{command:?}");
        // By the others it is refused where it is asked for, and where it is judged.
        let recalled = |house: &mut House, recalling: Command| {
            for role in &others {
                let refused = house.act_as(MARIA, *role, recalling.clone());
                assert!(is_not_allowed(refused), "{role}: {recalling:?}");
            }
            let mut allowed = done(house, by, recalling.clone());
            for role in &others {
                allowed.context.role = *role;
                let judged = allowed.rights().allows_command();
                assert!(is_not_allowed(judged), "{role}: {recalling:?}");
            }
            allowed.operation
        };
        let first = done(&mut house, by, command.clone()).operation;
        house.contest(document, key, &[first, other]);
        let chosen = recalled(&mut house, settle(first));
        house.contest(document, key, &[chosen, other]);
        let again = recalled(&mut house, settle(chosen));
        let undone = recalled(&mut house, Command::Undo { operation: again });
        recalled(&mut house, Command::Undo { operation: undone });
    }
}

#[test]
fn an_inspection_is_put_back_over_what_somebody_else_found_by_who_inspects() {
    let mut house = house();
    done(&mut house, Role::Supervisor, mark(Cleanliness::Inspected));
    let found = done(&mut house, Role::Supervisor, mark(Cleanliness::Dirty));
    let undo = |done: &Done| Command::Undo {
        operation: done.operation,
    };
    let refused = house.act_as(MARIA, Role::Housekeeper, undo(&found)).err();
    let refusal = Refusal::NotAllowed {
        command: "set-cleanliness".into(),
        role: Role::Housekeeper,
    };
    assert_eq!(refused.as_ref(), Some(&refusal));
    let by_inspector = house.act_as(MARIA, Role::Supervisor, undo(&found));
    let mut by_inspector = by_inspector.unwrap();
    assert_eq!(house.room().cleanliness.value, Cleanliness::Inspected);
    by_inspector.context.role = Role::Housekeeper;
    let judged = by_inspector.rights();
    assert_eq!(judged.allows_write(&by_inspector.changes[0]), Err(refusal));
    // Done again by the inspector, which is theirs as well.
    let again = done(&mut house, Role::Supervisor, undo(&by_inspector));
    let taken_back = house.act_as(MARIA, Role::Housekeeper, undo(&again));
    assert!(is_not_allowed(taken_back));
}

#[test]
fn ones_own_slip_and_what_began_another_turn_are_taken_back_with_the_inspection_before_it() {
    let mut house = house();
    done(&mut house, Role::Supervisor, mark(Cleanliness::Inspected));
    let inspected = house.room().cleanliness;
    let undo = |done: &Done| Command::Undo {
        operation: done.operation,
    };
    for (role, command, takes_back) in [
        (Role::Housekeeper, mark(Cleanliness::Dirty), ANA),
        (Role::FrontDesk, Command::CheckOut { stay: GUEST }, MARIA),
    ] {
        let slip = done(&mut house, role, command);
        assert_eq!(house.room().cleanliness.value, Cleanliness::Dirty);
        house.act_as(takes_back, role, undo(&slip)).unwrap();
        let shown = house.room().cleanliness;
        assert_eq!((shown.value, shown.turn), (inspected.value, inspected.turn));
    }
}
