//! What is refused and kept: for a role that has changed, for somebody who left, for a device that
//! is not trusted.

use super::*;
use crate::log::{
    Grant,
    review::{Cause, Kept, RoleChange},
};

/// When maria, a housekeeper, became an engineer.
const CHANGED: Timestamp = Timestamp(NOW.0 - 60_000);

/// When maria's device had heard of her last, a housekeeper.
const TOLD: Timestamp = Timestamp(CHANGED.0 - 60_000);

fn grant(device: &Device, role: Role) -> Grant {
    Grant {
        device: device.id,
        person: device.user,
        role,
        told_at: TOLD,
        ended_at: None,
    }
}

/// A hotel in which maria is an engineer, and her device, on which she still was a housekeeper.
fn changed() -> (Hotel, Device) {
    let mut maria = Device::of(MARIA, 1);
    maria.at = Timestamp(CHANGED.0 + 1);
    let mut hotel = Hotel::with(&[&maria]);
    hotel.standing.roles.insert(MARIA, Role::Engineer);
    hotel.standing.changes.push(RoleChange {
        person: MARIA,
        at: CHANGED,
        before: Role::Housekeeper,
        after: Some(Role::Engineer),
    });
    hotel.standing.grants.push(grant(&maria, Role::Housekeeper));
    (hotel, maria)
}

/// The judgement of an action that is not admitted.
fn judged(hotel: &Hotel, device: &Device, action: Action) -> Result<(Refusal, Kept), Refusal> {
    judged_of(hotel, device, ReadAction::of(action))
}

fn judged_of(hotel: &Hotel, device: &Device, read: ReadAction) -> Result<(Refusal, Kept), Refusal> {
    let mut shelf = Shelf::default();
    let documents: Vec<_> = read.documents().chain([HOTEL.into()]).collect();
    let changes = opening().iter().flat_map(|action| &action.changes);
    let changes: Vec<StoredChange> = changes
        .map(|change| StoredChange {
            document: change.document,
            bytes: change.bytes.clone(),
        })
        .collect();
    assert!(shelf.load(&documents, &changes).is_empty());
    let mut draft = Draft::on(&shelf);
    let judgement = hotel
        .gate()
        .judge(&read, Author::People(device.id), &mut draft);
    assert!(draft.written().is_empty());
    match judgement {
        Judgement::Kept { refusal, kept, .. } => Ok((refusal, *kept)),
        Judgement::Refused(refusal) => Err(refusal),
        other => panic!("{other:?}"),
    }
}

fn cause(hotel: &Hotel, device: &Device, action: Action) -> Option<Cause> {
    judged(hotel, device, action)
        .ok()
        .map(|(_, kept)| kept.cause)
}

#[test]
fn what_was_done_on_a_device_that_had_not_heard_of_the_change_is_kept_for_review() {
    let (hotel, mut maria) = changed();
    let action = maria.mark(Clean);
    let (refusal, kept) = judged(&hotel, &maria, action.clone()).unwrap();
    assert_eq!(refusal, Refusal::UnderReview);
    let expected = Kept {
        cause: Cause::RoleChanged,
        role: Some(Role::Housekeeper),
        action,
    };
    assert_eq!(kept, expected);
    // And what was built on it, which cannot be looked at without it.
    assert_eq!(
        cause(&hotel, &maria, maria.clone().mark(Dirty)),
        Some(Cause::RoleChanged)
    );
}

#[test]
fn who_a_guest_is_is_kept_for_review_too_and_not_once_that_was_erased() {
    let (mut hotel, maria) = changed();
    let mut desk = maria.clone();
    hotel.standing.grants[0].role = Role::FrontDesk;
    let named = desk.name_guest(GUEST, 0, "Ana Reis");
    let (refusal, kept) = judged(&hotel, &maria, named.clone()).unwrap();
    assert_eq!(
        (refusal, kept.action),
        (Refusal::UnderReview, named.clone())
    );
    hotel.standing.distrusted.push(maria.id);
    assert_eq!(
        cause(&hotel, &maria, named.clone()),
        Some(Cause::Distrusted)
    );

    let erased = KnownRecord {
        record: GUEST.into(),
        version: 1,
        is_erased: true,
    };
    hotel.records.insert(GUEST.into(), erased);
    assert_eq!(cause(&hotel, &maria, named), None);
}

#[test]
fn what_no_role_of_theirs_allowed_is_refused_as_ever() {
    let (hotel, maria) = changed();
    // A housekeeper does not inspect.
    let mut inspects = maria.clone();
    inspects.role = Role::Supervisor;
    let inspected = inspects.mark(keyrack_model::cleanliness::Cleanliness::Inspected);
    let judged = judged(&hotel, &maria, inspected);
    assert!(
        matches!(judged, Err(Refusal::NotAllowed { .. })),
        "{judged:?}"
    );
}

#[test]
fn what_no_grant_covers_is_refused_for_good_and_says_why() {
    let ended = |command: &str| Refusal::GrantEnded {
        command: command.into(),
        role: Role::Engineer,
    };
    // The device knew of the change for a quarter of an hour.
    let (mut hotel, mut maria) = changed();
    let knew = Timestamp(NOW.0 - 15 * 60_000);
    hotel.standing.grants[0].told_at = Timestamp(NOW.0 - 3_600_000);
    hotel.standing.grants[0].ended_at = Some(knew);
    maria.at = Timestamp(NOW.0 - 60_000);
    let action = maria.clone().mark(Clean);
    assert_eq!(
        judged(&hotel, &maria, action),
        Err(ended("set-cleanliness"))
    );
    maria.at = Timestamp(knew.0 - 1);
    let action = maria.clone().mark(Clean);
    assert_eq!(cause(&hotel, &maria, action), Some(Cause::RoleChanged));
    // It had heard nothing for twelve hours.
    let (mut hotel, mut maria) = changed();
    hotel.standing.grants[0].told_at = Timestamp(NOW.0 - GRANT_MILLIS - 3_600_000);
    let action = maria.clone().mark(Clean);
    assert_eq!(
        judged(&hotel, &maria, action),
        Err(ended("set-cleanliness"))
    );
    maria.at = Timestamp(NOW.0 - 3_600_000);
    let action = maria.clone().mark(Clean);
    assert_eq!(cause(&hotel, &maria, action), Some(Cause::RoleChanged));
    // It was told of her on another device alone.
    let (mut hotel, maria) = changed();
    hotel.standing.grants[0].device = Device::of(MARIA, 9).id;
    let action = maria.clone().mark(Clean);
    assert_eq!(
        judged(&hotel, &maria, action),
        Err(ended("set-cleanliness"))
    );
}

#[test]
fn of_several_roles_the_earliest_that_a_grant_covers_and_that_allowed_it_is_named() {
    let (mut hotel, maria) = changed();
    hotel.standing.grants[0].role = Role::FrontDesk;
    hotel.standing.grants.extend([
        grant(&maria, Role::Housekeeper),
        grant(&maria, Role::Manager),
    ]);
    let action = maria.clone().mark(Clean);
    let (_, kept) = judged(&hotel, &maria, action).unwrap();
    let allows = |role: &Role| keyrack_model::policy::allows(*role, &kept.action.command).is_ok();
    let first = hotel.standing.grants.iter().map(|it| it.role).find(allows);
    assert_eq!(kept.role, first);
    // Who is again what they were is judged as ever.
    hotel.standing.roles.insert(MARIA, Role::Housekeeper);
    let mut maria = maria;
    let action = maria.mark(Clean);
    hotel.judge(&maria, action).unwrap();
}

#[test]
fn what_is_wrong_for_another_reason_too_is_not_kept() {
    let (hotel, mut maria) = changed();
    let operation = maria.operation();
    let command = Command::SetCleanliness {
        rooms: vec![ROOM],
        value: Clean,
    };
    let number = Change::Room(ROOM, RoomChange::Number("1".into()));
    let action = maria.act(operation, command, &[number]);
    assert!(judged(&hotel, &maria, action).is_err());
    let mut large = maria.mark(Clean);
    large.command = Command::SetCleanliness {
        rooms: vec![ROOM; MAX_BULK_ROOMS + 1],
        value: Clean,
    };
    assert!(judged(&hotel, &maria, large).is_err());
}

#[test]
fn what_a_former_supervisor_gave_out_is_kept_as_well() {
    let task = Command::AssignTask {
        task: stayover(),
        assignee: Some(MARIA),
    };
    let order = Command::EditWorkOrder {
        work_order: ORDER,
        edit: keyrack_model::command::WorkOrderEdit {
            assignee: Some(Some(MARIA)),
            ..Default::default()
        },
    };
    for given in [task, order] {
        let mut ines = Device::of(INES, 4);
        ines.at = Timestamp(CHANGED.0 - 1);
        let mut hotel = Hotel::with(&[&ines]);
        hotel.standing.roles.insert(INES, Role::FrontDesk);
        let action = ines.ask(given).unwrap();
        assert!(judged(&hotel, &ines, action.clone()).is_err(), "no history");
        hotel.standing.changes.push(RoleChange {
            person: INES,
            at: CHANGED,
            before: Role::Supervisor,
            after: Some(Role::FrontDesk),
        });
        hotel.standing.grants.push(grant(&ines, Role::Supervisor));
        assert_eq!(cause(&hotel, &ines, action), Some(Cause::RoleChanged));
    }
}

#[test]
fn what_a_former_desk_said_of_a_room_with_what_became_of_its_tasks_is_kept_as_well() {
    let mut rui = Device::of(RUI, 4);
    rui.at = Timestamp(CHANGED.0 - 1);
    let mut hotel = Hotel::with(&[&rui]);
    hotel.standing.roles.insert(RUI, Role::Housekeeper);
    let clean = Command::SetCleanliness {
        rooms: vec![ROOM],
        value: Clean,
    };
    let action = rui.ask(clean).unwrap();
    assert!(action.changes.len() > 1, "nothing becomes of any task");
    let command = || "set-cleanliness".to_owned();
    let role = Role::Housekeeper;
    let refused = judged(&hotel, &rui, action.clone()).unwrap_err();
    let command_of = command();
    assert_eq!(
        refused,
        Refusal::NotAllowed {
            command: command_of,
            role
        }
    );
    hotel.standing.changes.push(RoleChange {
        person: RUI,
        at: CHANGED,
        before: Role::FrontDesk,
        after: Some(role),
    });
    let refused = judged(&hotel, &rui, action.clone()).unwrap_err();
    let command = command();
    assert_eq!(refused, Refusal::GrantEnded { command, role });
    hotel.standing.grants.push(grant(&rui, Role::FrontDesk));
    let (refusal, kept) = judged(&hotel, &rui, action).unwrap();
    assert_eq!(refusal, Refusal::UnderReview);
    assert_eq!(kept.role, Some(Role::FrontDesk));
}

#[test]
fn what_somebody_did_who_has_left_goes_to_quarantine() {
    let (mut hotel, mut maria) = changed();
    hotel.standing.roles.remove(&MARIA);
    maria.at = Timestamp(CHANGED.0 - 1);
    let (refusal, kept) = judged(&hotel, &maria, maria.clone().mark(Clean)).unwrap();
    assert_eq!(refusal, Refusal::Quarantined);
    assert_eq!(kept.cause, Cause::Dismissed);
    assert_eq!(kept.role, Some(Role::Housekeeper));
    // Whose actor was never bound, nobody ever heard of.
    hotel.actors.clear();
    let wrong = Refusal::from(GateReason::WrongAuthor);
    assert_eq!(
        judged(&hotel, &maria, maria.clone().mark(Clean)),
        Err(wrong)
    );
    // Long ago is no late edit.
    hotel.bind(maria.actor, &maria);
    maria.at = Timestamp(NOW.0 - LATE_ACTION_MILLIS - 1);
    assert!(judged(&hotel, &maria, maria.clone().mark(Clean)).is_err());
}

#[test]
fn what_somebody_did_who_has_left_is_set_aside_also_by_a_clock_that_is_ahead_and_not_by_one_of_before()
 {
    let (mut hotel, mut maria) = changed();
    hotel.standing.roles.remove(&MARIA);
    let year = 365 * 24 * 60 * 60 * 1_000;
    for (ahead, expected) in [
        (CLOCK_AHEAD_MILLIS + 1, Some(Cause::Dismissed)),
        (year, Some(Cause::Dismissed)),
        (-LATE_ACTION_MILLIS, Some(Cause::Dismissed)),
        (-LATE_ACTION_MILLIS - 1, None),
        (-year, None),
    ] {
        maria.at = Timestamp(NOW.0 + ahead);
        let action = maria.clone().mark(Clean);
        assert_eq!(cause(&hotel, &maria, action.clone()), expected, "{ahead}");
        if expected.is_none() {
            let wrong = Refusal::from(GateReason::WrongAuthor);
            assert_eq!(judged(&hotel, &maria, action), Err(wrong));
        }
    }
}

#[test]
fn everything_from_a_device_that_is_not_trusted_goes_to_quarantine() {
    let mut maria = Device::of(MARIA, 1);
    let mut hotel = Hotel::with(&[&maria]);
    hotel.standing.distrusted.push(maria.id);
    let action = maria.mark(Clean);
    let (refusal, kept) = judged(&hotel, &maria, action).unwrap();
    assert_eq!(refusal, Refusal::Quarantined);
    assert_eq!(kept.cause, Cause::Distrusted);
    // Also what writes no document.
    let named = maria.name_guest(GUEST, 0, "Ana Reis");
    assert_eq!(cause(&hotel, &maria, named), Some(Cause::Distrusted));
    // Another's name on it is nobody's.
    let mut forged = maria.mark(Clean);
    forged.author = RUI;
    assert!(judged(&hotel, &maria, forged).is_err());
}

#[test]
fn what_may_be_anybodys_is_kept_of_nobody() {
    let (mut hotel, mut maria) = changed();
    let action = maria.mark(Clean);
    hotel.standing.distrusted.push(maria.id);
    for word in [Word::Given, Word::Missing] {
        let action = action.clone();
        let claim = Claim {
            action,
            word,
            beside: 0,
        };
        let mut read = read_push(vec![claim]);
        let judged = judged_of(&hotel, &maria, read.remove(0));
        match word {
            Word::Given => assert_eq!(judged.unwrap().0, Refusal::Quarantined),
            Word::Missing => {
                assert_eq!(judged.unwrap_err(), GateReason::WrongAuthor.into());
            }
        }
    }
}
