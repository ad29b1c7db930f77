//! Honest devices while an attack goes on.

use super::*;
use keyrack_model::wire::ClientFrame;
use std::cell::Cell;

/// What honest devices do meanwhile, one after the other.
const WORK: usize = 4;

#[tokio::test]
async fn honest_work_is_taken_while_forged_frames_and_stolen_names_keep_coming() {
    let mut scene = Scene::set().await;
    let attacker = scene.attacker.clone();
    let room = scene.room;
    let before = scene.works().await;
    let head = scene.honest.head().await;
    let is_over = Cell::new(false);
    let attacks = async {
        let mut refused = 0;
        while !is_over.get() {
            for way in Way::ALL {
                let mut device = attacker.clone();
                device.way = way;
                let mut action = honest(&mut device, room);
                let forged = encode(&ClientFrame::Push {
                    batch: encode(&[&action]),
                    signature: vec![7; 64],
                    proofs: vec![],
                });
                let told = device.turned_away(&forged).await;
                assert_eq!(told, Some(ErrorCode::DeviceKey), "{way:?}");
                action.author.0 = Uuid::nil();
                let refusal = Verdict::Refused(gate(GateReason::WrongAuthor));
                assert_eq!(device.told(&action).await, refusal, "{way:?}");
                refused += 1;
            }
        }
        refused
    };
    let work = async {
        for _ in 0..WORK {
            scene.works().await;
        }
        is_over.set(true);
    };
    let (refused, ()) = tokio::join!(attacks, work);

    let stored = scene.honest.head().await.0 - head.0;
    assert_eq!(
        stored, WORK as u64,
        "no more and no less than the honest work"
    );
    let after = scene.dump().await;
    let noted = after[REFUSALS].len() - before[REFUSALS].len();
    assert_eq!(noted, refused);
    scene.ends_as_ever().await;
}
