//! Saying of a room that it is inspected by finishing its clean, where no rule says so.

use super::*;
use crate::log::{Grant, review::RoleChange};
use keyrack_model::{
    change::Entity,
    cleanliness::{Cleanliness::Inspected, CleanlinessMark, MarkCause},
    command::{DeskCommand, RoomCommand, RoomEdit, StayEdit, TaskDraft, WorkCommand},
    ids::TaskId,
    plan::{Context, plan},
    rule_sheet::{RuleKey, RuleScope},
    task::{InspectionOutcome, TaskKind},
};

const HOUR: i64 = 60 * 60 * 1_000;

fn self_check(scope: RuleScope, number: Option<i64>) -> Command {
    Command::SetRule {
        scope,
        rule: RuleKey::SelfCheck,
        number,
    }
}

fn finish() -> Command {
    Command::FinishTask { task: stayover() }
}

/// A manager, and a housekeeper at a hotel that she works for.
fn managed() -> (Scene, Device) {
    let mut scene = Scene::set();
    scene.hotel.standing.roles.insert(INES, Role::Manager);
    let mut ines = scene.joined_by(INES, 7);
    ines.role = Role::Manager;
    (scene, ines)
}

impl Scene {
    /// The manager does something so long ago, and all of it reaches the housekeeper's device.
    fn told(&mut self, ines: &mut Device, ago: i64, command: Command) {
        let action = self.untold(ines, ago, command);
        self.maria.receive(&action);
    }

    /// The same, of which her device has not heard.
    fn untold(&mut self, ines: &mut Device, ago: i64, command: Command) -> Action {
        ines.at = Timestamp(NOW.0 - ago);
        let action = ines.ask(command).unwrap();
        self.hotel.judge(ines, action.clone()).unwrap();
        action
    }

    /// What becomes of her clean, which her device has found inspected with that.
    fn finishes(&mut self) -> Result<(), Refusal> {
        let action = self.maria.ask(finish()).unwrap();
        let room = self.maria.document(ROOM.into()).reading().entity;
        let Entity::Room(room) = room else {
            panic!("{room:?}");
        };
        assert_eq!(room.cleanliness.value, Inspected);
        self.hotel.judge(&self.maria, action)
    }
}

#[test]
fn a_clean_is_not_inspected_with_that_where_no_rule_says_so() {
    let mut scene = Scene::set();
    let mut own_rule = scene.maria.clone();
    own_rule.act_beyond_role(self_check(RuleScope::Hotel, Some(1)));
    let attack = own_rule.ask(finish()).unwrap();
    scene.refuses_from(&own_rule, attack, MISSING);
    // Of another type of room, and of another rate.
    let (mut scene, mut ines) = managed();
    for scope in [
        RuleScope::RoomType("Suite".into()),
        RuleScope::Rate("Club".into()),
        // Of others who clean.
        RuleScope::Role(Role::Supervisor),
        RuleScope::Person(INES),
    ] {
        scene.told(&mut ines, 0, self_check(scope, Some(1)));
    }
    let mut own_rule = scene.maria.clone();
    own_rule.act_beyond_role(self_check(RuleScope::Hotel, Some(1)));
    let attack = own_rule.ask(finish()).unwrap();
    scene.refuses_from(&own_rule, attack, MISSING);
}

#[test]
fn a_clean_is_inspected_with_that_where_a_rule_says_so_of_the_room_the_guest_or_who_cleans() {
    let edit_room = RoomEdit {
        room_type: Some("Suite".into()),
        ..RoomEdit::default()
    };
    let edit_stay = StayEdit {
        rate: Some("Club".into()),
        ..StayEdit::default()
    };
    let of_suites = RuleScope::RoomType("Suite".into());
    for rules in [
        vec![(RuleScope::Hotel, 1)],
        vec![(of_suites.clone(), 1)],
        vec![(RuleScope::Hotel, 0), (of_suites.clone(), 1)],
        vec![(of_suites.clone(), 0), (RuleScope::Rate("Club".into()), 1)],
        vec![(of_suites, 0), (RuleScope::Role(Role::Housekeeper), 1)],
        vec![
            (RuleScope::Role(Role::Housekeeper), 0),
            (RuleScope::Person(MARIA), 1),
        ],
    ] {
        let (mut scene, mut ines) = managed();
        let edit = Box::new(edit_room.clone());
        let room = RoomCommand::Edit { room: ROOM, edit };
        scene.told(&mut ines, 2 * HOUR, Command::Rooms(room));
        let edit = Box::new(edit_stay.clone());
        let stay = DeskCommand::EditStay { stay: GUEST, edit };
        scene.told(&mut ines, 2 * HOUR, Command::Desk(stay));
        for (scope, number) in rules {
            scene.told(&mut ines, HOUR, self_check(scope, Some(number)));
        }
        assert_eq!(scene.finishes(), Ok(()));
    }
}

#[test]
fn a_rule_that_ended_holds_on_for_a_device_for_as_long_as_that_may_be_behind() {
    for (ago, told) in [
        (RULE_BEHIND_MILLIS - HOUR, Ok(())),
        (RULE_BEHIND_MILLIS + HOUR, Err(Refusal::NoSelfCheck)),
    ] {
        for ended in [Some(0), None] {
            let (mut scene, mut ines) = managed();
            let of = |number| self_check(RuleScope::Hotel, number);
            scene.told(&mut ines, 72 * HOUR, of(Some(1)));
            scene.untold(&mut ines, ago, of(ended));
            assert_eq!(scene.finishes(), told, "{ago}");
        }
    }
    // What the action says of its own time changes nothing.
    let (mut scene, mut ines) = managed();
    let of = |number| self_check(RuleScope::Hotel, Some(number));
    scene.told(&mut ines, 72 * HOUR, of(1));
    scene.untold(&mut ines, 24 * HOUR, of(0));
    scene.maria.at = Timestamp(NOW.0 - 48 * HOUR);
    assert_eq!(scene.finishes(), Err(Refusal::NoSelfCheck));
}

#[test]
fn what_the_sheet_of_an_earlier_role_said_is_planned_anew_and_no_gap() {
    let of_role = |role| self_check(RuleScope::Role(role), Some(1));
    let was = |before, after| RoleChange {
        person: MARIA,
        at: Timestamp(NOW.0 - HOUR),
        before,
        after: Some(after),
    };
    let (housekeeper, supervisor) = (Role::Housekeeper, Role::Supervisor);
    let (mut scene, mut ines) = managed();
    scene.told(&mut ines, 72 * HOUR, of_role(supervisor));
    scene.maria.role = supervisor;
    // She never was a supervisor.
    let mut unheard = scene.maria.clone();
    let attack = unheard.ask(finish()).unwrap();
    scene.refuses_from(&unheard, attack, MISSING);

    for by_grant in [false, true] {
        let (mut scene, mut ines) = managed();
        scene.told(&mut ines, 72 * HOUR, of_role(supervisor));
        if by_grant {
            scene.hotel.standing.grants.push(Grant {
                device: scene.maria.id,
                person: MARIA,
                role: supervisor,
                told_at: Timestamp(NOW.0 - 2 * HOUR),
                ended_at: None,
            });
        } else {
            let change = was(supervisor, housekeeper);
            scene.hotel.standing.changes.push(change);
        }
        scene.maria.role = supervisor;
        assert_eq!(scene.finishes(), Err(Refusal::NoSelfCheck));
    }
    // What somebody else was says nothing of her.
    let (mut scene, mut ines) = managed();
    scene.told(&mut ines, 72 * HOUR, of_role(supervisor));
    let person = RUI;
    let change = RoleChange {
        person,
        ..was(supervisor, Role::FrontDesk)
    };
    scene.hotel.standing.changes.push(change);
    scene.maria.role = supervisor;
    assert_eq!(scene.finishes(), Err(MISSING));
}

#[test]
fn a_clean_that_an_inspection_follows_is_not_inspected_already() {
    let (mut scene, mut ines) = managed();
    let rule = |rule, number| Command::SetRule {
        scope: RuleScope::Hotel,
        rule,
        number: Some(number),
    };
    scene.told(&mut ines, HOUR, rule(RuleKey::SelfCheck, 1));
    scene.told(&mut ines, HOUR, rule(RuleKey::SelfCheck, 0));
    scene.told(&mut ines, HOUR, rule(RuleKey::InspectEvery, 1));
    scene.refuses_to_inspect(finish(), BEYOND);
}

#[test]
fn what_somebody_else_is_to_inspect_is_not_inspected_by_cleaning_again() {
    let again = TaskId(Uuid::from_u128(51));
    let finish_again = || Command::FinishTask { task: again };
    let inspection = identity::following_task(HOTEL, TaskKind::Inspection, stayover());
    let cleaned_twice = || {
        let (mut scene, mut ines) = managed();
        let rule = |scope, rule| Command::SetRule {
            scope,
            rule,
            number: Some(1),
        };
        let every = rule(RuleScope::Hotel, RuleKey::InspectEvery);
        scene.told(&mut ines, HOUR, every);
        let clean = scene.maria.ask(finish()).unwrap();
        scene.hotel.judge(&scene.maria, clean.clone()).unwrap();
        ines.receive(&clean);
        let own = rule(RuleScope::Person(MARIA), RuleKey::SelfCheck);
        scene.told(&mut ines, 0, own);
        let draft = TaskDraft {
            kind: TaskKind::TouchUp,
            room: ROOM,
            business_date: today(),
            ..TaskDraft::default()
        };
        let (task, draft) = (again, Box::new(draft));
        scene.told(
            &mut ines,
            0,
            Command::Work(WorkCommand::Add { task, draft }),
        );
        (scene, ines)
    };
    let (scene, _) = cleaned_twice();
    scene.refuses_to_inspect(finish_again(), Refusal::InspectionAwaited);

    let (mut scene, mut ines) = cleaned_twice();
    let skip = WorkCommand::Inspect {
        task: inspection,
        outcome: InspectionOutcome::Skipped,
        reason: "The guest is in".into(),
    };
    scene.told(&mut ines, 0, Command::Work(skip));
    let action = scene.maria.ask(finish_again()).unwrap();
    assert_eq!(scene.hotel.judge(&scene.maria, action), Ok(()));
    let Entity::Room(room) = scene.hotel.document(ROOM).reading().entity else {
        panic!("a room");
    };
    assert_eq!(room.cleanliness.value, Inspected);
}

impl Scene {
    /// Her clean leaves the room clean; made by hand to say that it is inspected with that, it is
    /// refused for this reason, and the honest one passes.
    fn refuses_to_inspect(mut self, finish: Command, refusal: Refusal) {
        let mut attacker = self.maria.clone();
        let operation = attacker.operation();
        let context = Context {
            hotel: HOTEL,
            operation,
            author: MARIA,
            role: Role::Housekeeper,
            at: attacker.at,
        };
        let mut changes = plan(&finish, context, &attacker).unwrap();
        let honest = attacker.clone().act(operation, finish.clone(), &changes);
        for change in &mut changes {
            if let Change::Room(_, RoomChange::Cleanliness(mark)) = change {
                assert_eq!((mark.value, mark.cause), (Clean, MarkCause::Task));
                *mark = CleanlinessMark {
                    value: Inspected,
                    ..*mark
                };
            }
        }
        let attack = attacker.act(operation, finish, &changes);
        let before = self.hotel.state();
        assert_eq!(self.hotel.judge(&attacker, attack), Err(refusal));
        assert_eq!(self.hotel.state(), before);
        assert_eq!(self.hotel.judge(&self.maria, honest), Ok(()));
    }
}
