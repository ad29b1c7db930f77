//! Frames that are not of the protocol.

use super::*;
use keyrack_model::{
    limits::{MAX_BODY, MAX_FRAME, MAX_IMPORT_BODY, MAX_PUSH_ACTIONS, PROTOCOL},
    wire::{ClientFrame, ErrorBody, ServerFrame},
};
use keyrack_tests::{
    hostile::encode,
    hotel::ANA,
    http,
    wire::{self, Socket},
};

/// Bytes that a server may hold that has served a handful of devices, and an attack.
const MOST_MEMORY: usize = 256 << 20;
/// As RFC 6455 calls it.
const MESSAGE_TOO_BIG: u16 = 1009;

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

/// A push that is right in all but its size, which is as many bytes.
fn push_of_size(device: &Attacker, size: usize) -> Vec<u8> {
    // From here on a length takes as many bytes as the one of a batch near the bound.
    const LONG: usize = 1 << 16;
    let around = device.push(vec![0; LONG]).len() - LONG;
    let push = device.push(vec![0; size - around]);
    assert_eq!(push.len(), size);
    push
}

/// Beside what of the log was on its way.
#[track_caller]
pub(super) fn is_told_it_is_too_large(socket: &Socket, told: Vec<ServerFrame>) {
    let is_of_the_log = |told: &ServerFrame| {
        matches!(
            told,
            ServerFrame::Deliver { .. } | ServerFrame::AuditHead(_)
        )
    };
    let told = told.into_iter().filter(|told| !is_of_the_log(told));
    let told: Vec<ServerFrame> = told.collect();
    let [ServerFrame::Refuse(body)] = &told[..] else {
        panic!("not refused: {told:?}");
    };
    assert_eq!(body.code, ErrorCode::TooLarge);
    assert_eq!(socket.closed_with(), Some(MESSAGE_TOO_BIG));
}

#[tokio::test]
async fn a_frame_beyond_the_bound_is_not_taken_on_a_connection_nor_in_a_request() {
    let mut scene = Scene::set().await;
    let large = push_of_size(&scene.attacker, MAX_FRAME + 1);

    scene.attacker.way = Way::Requests;
    scene
        .turns_away("a body beyond the bound", ErrorCode::TooLarge, &large)
        .await;

    // Whoever sends such a message on a connection is told so, greeted or not, and it ends.
    let before = scene.works().await;
    let address = scene.server.address();
    let opened = wire::connect(address, &scene.attacker.token).await;
    let mut silent = opened.expect("the socket opens");
    let told = Attacker::told_before_the_end(&mut silent, large.clone()).await;
    is_told_it_is_too_large(&silent, told);
    let mut greeted = scene.attacker.connect().await;
    let told = Attacker::told_before_the_end(&mut greeted, large).await;
    is_told_it_is_too_large(&greeted, told);
    assert_untouched(
        "a message beyond the bound",
        &before,
        &scene.dump().await,
        0,
    );
    assert!(scene.server.memory() <= MOST_MEMORY);
    scene.ends_as_ever().await;
}

/// A head that is longer than a server reads of anybody.
const ENDLESS_HEAD: usize = 2 << 20;
/// The server's word for it, from RFC 6585.
const HEAD_TOO_LARGE: u16 = 431;

#[tokio::test]
async fn what_is_beyond_its_bound_is_refused_wherever_a_body_is_read_and_leaves_all_as_it_was() {
    let mut scene = Scene::set().await;
    let address = scene.server.address();
    let mut ana = Peer::signed_in(address, &ANA).await;
    ana.sync().await;
    let before = scene.works().await;
    let bodies = [
        ("/v1/sign-in", MAX_BODY),
        ("/v1/refresh", MAX_BODY),
        ("/v1/administration", MAX_BODY),
        ("/v1/actors", MAX_FRAME),
        ("/v1/push", MAX_FRAME),
        ("/v1/import/rooms?do=all-or-nothing", MAX_IMPORT_BODY),
    ];
    let bearer = format!("authorization: Bearer {}", ana.token());
    let protocol = format!("keyrack-protocol: {PROTOCOL}");
    let headers = [bearer.as_str(), &protocol, "content-type: application/json"];
    for (path, bound) in bodies {
        let body = vec![b' '; bound + 1];
        let answer = http::post_bytes(address, path, &headers, &body).await;
        let answer = answer.expect("the server answers");
        assert_eq!(answer.status, 413, "{path}: {answer:?}");
        let told: ErrorBody = serde_json::from_slice(&answer.body).expect("a reason");
        assert_eq!(told.code, ErrorCode::TooLarge, "{path}");
        assert_untouched(path, &before, &scene.dump().await, 0);
    }
    let endless = format!("x-of-no-end: {}", "x".repeat(ENDLESS_HEAD));
    let answer = http::get_bytes(address, "/v1/pull", &[&bearer, &endless]).await;
    // It may hang up while the rest is on its way.
    assert!(
        answer.is_err() || answer.is_ok_and(|answer| answer.status == HEAD_TOO_LARGE),
        "a head without end is not read"
    );
    assert_untouched("a head without end", &before, &scene.dump().await, 0);
    assert!(scene.server.memory() <= MOST_MEMORY);
    scene.ends_as_ever().await;
}
