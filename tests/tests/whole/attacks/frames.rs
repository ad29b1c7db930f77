//! Frames that are not of the protocol.

use super::*;
use keyrack_model::{limits::MAX_PUSH_ACTIONS, wire::ClientFrame};
use keyrack_tests::hostile::encode;

/// Bytes that a server may hold that has served a handful of devices, and an attack.
const MOST_MEMORY: usize = 256 << 20;

#[tokio::test]
async fn frames_that_are_not_of_the_protocol_end_their_connection_and_nothing_else() {
    let mut scene = Scene::set().await;
    let mut device = scene.attacker.clone();
    let action = honest(&mut device, scene.room);
    let batch = encode(&[&action]);
    let forged = ClientFrame::Push {
        batch: batch.clone(),
        signature: vec![7; 64],
        proofs: vec![],
    };
    let mut small = action.clone();
    small.changes.clear();
    let many = encode(&vec![small; MAX_PUSH_ACTIONS + 1]);
    let behind = [batch.clone(), vec![0]].concat();
    let frames = [
        ("a forged signature", ErrorCode::DeviceKey, encode(&forged)),
        ("too many actions", ErrorCode::TooLarge, device.push(many)),
        (
            "something behind the actions",
            ErrorCode::BadRequest,
            device.push(behind),
        ),
        (
            "nesting without end",
            ErrorCode::BadRequest,
            vec![0x81; 100_000],
        ),
        (
            "a length beyond memory",
            ErrorCode::BadRequest,
            vec![0x9b, 0xff, 0xff, 0xff, 0xff],
        ),
        (
            "nesting in a push",
            ErrorCode::BadRequest,
            device.push(vec![0x81; 100_000]),
        ),
        ("nothing", ErrorCode::BadRequest, Vec::new()),
    ];
    for way in Way::ALL {
        scene.attacker.way = way;
        for (name, code, frame) in &frames {
            scene.turns_away(name, *code, frame).await;
        }
    }
    assert!(
        scene.server.memory() <= MOST_MEMORY,
        "{}",
        scene.server.memory()
    );
    scene.ends_as_ever().await;
}
