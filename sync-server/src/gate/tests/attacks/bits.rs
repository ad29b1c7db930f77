//! Single bits of an honest change, turned over.

use super::*;
use std::panic::catch_unwind;

/// The checksum made to fit, if this is a change at all.
fn fitting(mut bytes: Vec<u8>) -> Vec<u8> {
    if scanner::measure(&bytes).is_err() {
        return bytes;
    }
    let read = catch_unwind(|| CrdtChange::from_bytes(bytes.clone()));
    if let Ok(Ok(change)) = read {
        let hash = change.hash();
        bytes[4..8].copy_from_slice(&hash.0[..4]);
    }
    bytes
}

#[test]
fn no_bit_of_a_change_can_be_turned_over_whether_or_not_the_checksum_fits() {
    let mut scene = Scene::set();
    let mut attacker = scene.maria.clone();
    let honest = attacker.mark(Clean);
    let before = scene.hotel.state();
    let bytes = &honest.changes[0].bytes;
    let mut reasons = BTreeMap::new();
    for bit in 0..bytes.len() * 8 {
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let mended = fitting(flipped.clone());
        let is_checksum = (4..8).contains(&(bit / 8));
        let tries = if is_checksum {
            vec![flipped]
        } else {
            vec![flipped, mended]
        };
        for bytes in tries {
            let refused = scene
                .hotel
                .judge(&attacker, with_bytes(honest.clone(), bytes));
            match refused {
                Err(Refusal::Gate { reason }) => {
                    *reasons.entry(reason.to_string()).or_default() += 1
                }
                Err(_) => {}
                Ok(()) => panic!("bit {bit} of {}", bytes_of(&honest)),
            }
        }
    }
    assert_eq!(scene.hotel.state(), before);
    // Most parse as another change: it is not reading them that fails.
    let count = |reason: GateReason| *reasons.get(&reason.to_string()).unwrap_or(&0usize);
    assert!(
        count(GateReason::Checksum) > count(GateReason::NotAChange),
        "{reasons:?}"
    );
    for reason in [
        GateReason::UnregisteredActor,
        GateReason::Sequence,
        GateReason::StartOp,
        GateReason::MissingDependency,
        GateReason::WrongOperation,
        GateReason::Timestamp,
        GateReason::NotOfCommand,
    ] {
        assert!(count(reason) > 0, "{reason}: {reasons:?}");
    }
    scene.hotel.judge(&scene.maria.clone(), honest).unwrap();
}

fn bytes_of(action: &Action) -> usize {
    action.changes[0].bytes.len()
}
