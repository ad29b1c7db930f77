//! Chunks that are not what they seem.

use super::*;
use keyrack_document::{ChangeHeader, scanner};
use keyrack_model::limits::MAX_CHANGE;
use keyrack_tests::hostile::chunk::{
    DEFLATED, HUGE, change, chunk, deflate_bomb, written_otherwise,
};

/// Mebibytes of the bomb once it has gone off; before, it is smaller than a change may be.
const INFLATED: usize = 192;

#[tokio::test]
async fn chunks_that_are_not_what_they_seem_leave_every_table_as_it_was() {
    let mut scene = Scene::set().await;
    scene.works().await;
    let held = scene.server.most_memory();
    for way in Way::ALL {
        scene.attacker.way = way;
        let run = [&HUGE[..], &[1]].concat();
        for (name, reason, bytes) in [
            (
                "a run-length bomb",
                GateReason::TooManyRows,
                change(&[(0x42, &run)]),
            ),
            ("nothing", GateReason::NotAChange, Vec::new()),
            (
                "a deflated chunk",
                GateReason::NotAChange,
                chunk(DEFLATED, &[3, 0]),
            ),
            (
                "a deflate bomb",
                GateReason::NotAChange,
                deflate_bomb(INFLATED),
            ),
            (
                "a chunk beyond the limit",
                GateReason::TooLarge,
                vec![0; MAX_CHANGE + 1],
            ),
        ] {
            let attack = |device: &mut Attacker, room| with_bytes(honest(device, room), bytes);
            scene.refuses(name, gate(reason), attack).await;
        }
        let flipped = |device: &mut Attacker, room| {
            let mut action = honest(device, room);
            action.changes[0].bytes[4] ^= 1;
            action
        };
        scene
            .refuses("a flipped checksum", gate(GateReason::Checksum), flipped)
            .await;
        let cut = |device: &mut Attacker, room| {
            let mut action = honest(device, room);
            action.changes[0].bytes.truncate(60);
            action
        };
        scene
            .refuses("a chunk cut off", gate(GateReason::NotAChange), cut)
            .await;
        let otherwise = |device: &mut Attacker, room| {
            let action = honest(device, room);
            let other = written_otherwise(&action.changes[0].bytes);
            assert!(scanner::measure(&other).is_ok() && ChangeHeader::parse(&other).is_ok());
            with_bytes(action, other)
        };
        let name = "the same change in other bytes than are written";
        scene
            .refuses(name, gate(GateReason::NotAChange), otherwise)
            .await;
    }
    let grown = scene.server.most_memory().saturating_sub(held);
    assert!(
        grown < (INFLATED << 20) / 2,
        "{grown} bytes for what is refused"
    );
    scene.ends_as_ever().await;
}
