//! Edits of records at the gate.

use super::*;
use keyrack_model::ids::StayId;

/// A hotel at whose desk rui works, with ines in charge.
fn hotel(devices: &[&Device]) -> Hotel {
    let mut hotel = Hotel::with(devices);
    hotel.standing.roles.insert(INES, Role::Manager);
    hotel
}

#[test]
fn the_desk_writes_a_guest_on_top_of_what_it_saw_and_nothing_else() {
    let mut rui = Device::of(RUI, 1);
    let mut hotel = hotel(&[&rui]);
    let changed = |version| Err(Refusal::RecordChanged { version });
    let edits = [
        (0, Ok(())),
        (0, changed(1)),
        (1, Ok(())),
        (3, changed(2)),
        (2, Ok(())),
    ];
    for (expected, judged) in edits {
        let edit = rui.name_guest(GUEST, expected, "Ana Reis");
        assert_eq!(hotel.judge(&rui, edit), judged, "on top of {expected}");
    }
}

#[test]
fn two_edits_in_one_round_are_judged_one_after_the_other() {
    let mut rui = Device::of(RUI, 1);
    let hotel = hotel(&[&rui]);
    let mut draft = Draft::on(&hotel.shelf);
    let from = Author::People(rui.id);
    let mut judge = |edit| {
        let read = ReadAction::of(edit);
        hotel.gate().judge(&read, from, &mut draft)
    };
    let (first, second) = (
        rui.name_guest(GUEST, 0, "Ana"),
        rui.name_guest(GUEST, 0, "Eva"),
    );
    assert!(matches!(judge(first), Judgement::Admitted(_)));
    let refusal = Refusal::RecordChanged { version: 1 };
    assert!(matches!(judge(second), Judgement::Refused(it) if it == refusal));
}

#[test]
fn guests_are_written_by_the_desk_and_erased_by_managers() {
    let (mut maria, mut rui, mut ines) = (
        Device::of(MARIA, 1),
        Device::of(RUI, 2),
        Device::of(INES, 3),
    );
    let mut hotel = hotel(&[&maria, &rui, &ines]);
    let not_allowed = |judged| matches!(judged, Err(Refusal::NotAllowed { .. }));
    let edit = maria.name_guest(GUEST, 0, "Ana Reis");
    assert!(not_allowed(hotel.judge(&maria, edit)));
    let edit = rui.name_guest(GUEST, 0, "Ana Reis");
    hotel.judge(&rui, edit).unwrap();
    let erase = Command::EraseGuest { stay: GUEST };
    let by_rui = rui.about_guest(erase.clone());
    assert!(not_allowed(hotel.judge(&rui, by_rui)));
    let by_ines = ines.about_guest(erase.clone());
    hotel.judge(&ines, by_ines).unwrap();
    let again = ines.about_guest(erase);
    assert_eq!(hotel.judge(&ines, again), Err(Refusal::NothingToDo));
    let late = rui.name_guest(GUEST, 1, "Ana dos Reis");
    assert_eq!(hotel.judge(&rui, late), Err(Refusal::RecordErased));
    let next = rui.name_guest(GUEST, 2, "Eva Lima");
    hotel.judge(&rui, next).unwrap();
}

#[test]
fn what_is_no_honest_edit_is_refused() {
    let mut rui = Device::of(RUI, 1);
    let mut hotel = hotel(&[&rui]);
    let gate = |reason| Err(Refusal::Gate { reason });
    let nowhere = StayId(Uuid::from_u128(0xBAD));
    let edit = rui.name_guest(nowhere, 0, "Ana");
    assert_eq!(hotel.judge(&rui, edit), gate(GateReason::MissingDependency));
    let edit = rui.name_guest(GUEST, 0, " Ana ");
    assert_eq!(hotel.judge(&rui, edit), gate(GateReason::UnknownField));
    let edit = rui.name_guest(GUEST, 0, &"A".repeat(MAX_NAME + 1));
    assert!(matches!(
        hotel.judge(&rui, edit),
        Err(Refusal::TooLong { .. })
    ));
    let mut edit = rui.name_guest(GUEST, 0, "Ana");
    edit.changes = rui.mark(Clean).changes;
    assert_eq!(hotel.judge(&rui, edit), gate(GateReason::NotOfCommand));
    let mut edit = rui.mark(Dirty);
    edit.command = Command::Redacted;
    assert!(matches!(
        hotel.judge(&rui, edit),
        Err(Refusal::NotAllowed { .. })
    ));
}
