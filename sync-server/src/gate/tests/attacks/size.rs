//! Documents that grow without end.

use super::*;
use keyrack_model::{
    limits::{DOCUMENT_RESERVE, MAX_DOCUMENT_ROWS, MAX_TEXT},
    work_order::WorkOrderStatus,
};

/// All of the text is another one.
fn rewrite(device: &mut Device, letter: &str) -> Action {
    let text = letter.repeat(MAX_TEXT);
    device.edit(vec![WorkOrderChange::Description(text)])
}

#[test]
fn a_document_takes_nothing_more_that_some_device_could_not_read() {
    let mut scene = Scene::set();
    let first = rewrite(&mut scene.maria, "a");
    scene.hotel.judge(&scene.maria, first).unwrap();
    // As if the same had been done for a year.
    let room = 3 * MAX_TEXT as u64;
    let bound = MAX_DOCUMENT_ROWS - MAX_DOCUMENT_ROWS / DOCUMENT_RESERVE;
    scene.hotel.fill(ORDER.into(), bound - room);
    let second = rewrite(&mut scene.maria, "b");
    scene.hotel.judge(&scene.maria, second).unwrap();
    let mut attacker = scene.maria.clone();
    let third = rewrite(&mut attacker, "c");
    let reason = GateReason::TooLarge;
    scene.refuses_from(&attacker, third, Refusal::Gate { reason });
    // There is room left for those who close it.
    let mut rui = scene.joined_by(RUI, 9);
    let cancel = rui.edit(vec![WorkOrderChange::Status(WorkOrderStatus::Cancelled)]);
    scene.hotel.judge(&rui, cancel).unwrap();
    scene.hotel.fill(ORDER.into(), MAX_DOCUMENT_ROWS);
    let reopen = rui.edit(vec![WorkOrderChange::Status(WorkOrderStatus::Open)]);
    let refused = scene.hotel.judge(&rui, reopen);
    assert_eq!(refused, Err(Refusal::Gate { reason }), "not even for them");
}

#[test]
fn a_document_is_as_large_when_it_comes_from_the_log_as_when_it_grew_here() {
    let mut scene = Scene::set();
    for letter in ["a", "b"] {
        let action = rewrite(&mut scene.maria, letter);
        scene.hotel.judge(&scene.maria, action).unwrap();
    }
    let grown = scene.hotel.shelf.get(ORDER.into()).unwrap().size;
    scene.hotel.read_again(ORDER.into());
    let read = scene.hotel.shelf.get(ORDER.into()).unwrap().size;
    assert_eq!(grown, read);
    assert_ne!(read, Size::default());
}
