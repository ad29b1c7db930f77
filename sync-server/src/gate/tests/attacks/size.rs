//! Documents that grow without end.

use super::*;
use keyrack_model::limits::{MAX_DOCUMENT_ROWS, MAX_TEXT};

#[test]
fn a_document_takes_nothing_more_that_some_device_could_not_read() {
    let mut scene = Scene::set();
    let mut letters = ('a'..='z').cycle();
    let mut typed = 0;
    // All of the text is another one each time.
    let (attacker, last) = loop {
        let mut attacker = scene.maria.clone();
        let text = letters.next().unwrap().to_string().repeat(MAX_TEXT);
        let action = attacker.edit(vec![WorkOrderChange::Description(text)]);
        match scene.hotel.judge(&attacker, action.clone()) {
            Ok(()) => {
                scene.maria = attacker;
                typed += MAX_TEXT as u64;
            }
            Err(refusal) => {
                let reason = GateReason::TooLarge;
                assert_eq!(refusal, Refusal::Gate { reason });
                break (attacker, action);
            }
        }
    };
    assert!(typed > MAX_DOCUMENT_ROWS / 3);
    let saved = scene.hotel.document(ORDER).save();
    Document::load_measured(ORDER.into(), &saved).unwrap();

    // As large as it was when it comes from the log, and the others are not full.
    let refusal = Refusal::Gate {
        reason: GateReason::TooLarge,
    };
    scene.hotel.put_away(ORDER.into());
    scene.refuses_from(&attacker, last, refusal);
}
