//! Whoever asks or pushes too much is told when to come again, and nobody else is.

use super::site::{Device, NOW, Site};
use crate::{
    gate::{Author, ReadAction},
    peer::Peer,
    pretend::{self, MARIA, ROOM},
};
use ed25519_dalek::{Signer, SigningKey};
use keyrack_model::{
    action::{Action, DocumentChange},
    cleanliness::Cleanliness,
    identity,
    limits::{PERSONAL_ALLOWANCE, PROTOCOL, REQUEST_ALLOWANCE},
    time::Timestamp,
    wire::ClientFrame,
};

const HERE: &str = "203.0.113.7";
const ELSEWHERE: &str = "198.51.100.9";

#[tokio::test]
async fn an_address_asks_so_much_and_whoever_is_known_there_goes_on() {
    let site = Site::open().await;
    let token = site.token(&Device::numbered(1), "maria").await;
    let here = Peer(HERE.parse().unwrap());
    for _ in 0..REQUEST_ALLOWANCE.operations.at_once {
        site.edge.knocks(here, None, Timestamp(NOW)).unwrap();
    }
    let ask = async |from, line: &str| site.ask_from(from, line, "", b"").await;
    // Whether there is anything under the path or not.
    for line in ["GET /health/live", "GET /v1/nothing", "GET /v1/pull"] {
        let slowed = ask(HERE, line).await;
        assert_eq!((slowed.status, slowed.code()), (429, "try-later".into()));
        assert_eq!(slowed.header("retry-after"), Some("1"), "{line}");
        assert_eq!(slowed.header("cache-control"), Some("no-store"), "{line}");
    }
    assert_eq!(ask(ELSEWHERE, "GET /health/live").await.status, 200);
    let bearer = format!("keyrack-protocol: {PROTOCOL}\r\nauthorization: Bearer {token}\r\n");
    let known = site.ask_from(HERE, "GET /v1/pull", &bearer, b"").await;
    assert_eq!(known.status, 200);
    // A sign-in has a bound of its own, beyond which devices of the hotel go on.
    let sign_in = site.ask_from(HERE, "POST /v1/sign-in", "", b"{}").await;
    assert_eq!(sign_in.status, 400);
    site.wait_seconds(1);
    assert_eq!(ask(HERE, "GET /health/live").await.status, 200);
}

/// Takes all that a device may push at once.
async fn spend(site: &Site, hand: &mut pretend::Device, device: &Device) {
    const EACH: usize = 1 << 20;
    let resort = identity::hotel("resort");
    let mark = hand.clone().mark(Cleanliness::Clean);
    for _ in 0..PERSONAL_ALLOWANCE.bytes.at_once as usize / EACH {
        let junk = Action {
            operation: hand.operation(),
            changes: vec![DocumentChange {
                document: ROOM.into(),
                bytes: vec![0; EACH],
            }],
            ..mark.clone()
        };
        let from = Author::People(device.id);
        let pushed = site.hotels.push(resort, from, vec![ReadAction::of(junk)]);
        pushed.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_pushed_too_much_is_answered_so_in_a_request_and_others_are_served() {
    let site = Site::open().await;
    let (busy, other) = (Device::numbered(1), Device::numbered(2));
    let of_busy = site.token(&busy, "maria").await;
    let of_other = site.token(&other, "maria").await;
    let mut hand = pretend::Device::of(MARIA, 1);
    let push = |device: &Device, action: &Action| {
        let mut batch = Vec::new();
        ciborium::into_writer(&[action], &mut batch).unwrap();
        let signature = SigningKey::from_bytes(&device.key).sign(&batch);
        let frame = ClientFrame::Push {
            batch,
            signature: signature.to_bytes().to_vec(),
            proofs: vec![],
        };
        let mut bytes = Vec::new();
        ciborium::into_writer(&frame, &mut bytes).unwrap();
        bytes
    };
    spend(&site, &mut hand, &busy).await;
    let action = hand.mark(Cleanliness::Clean);
    let ask = async |token: &str, device: &Device| {
        let body = push(device, &action);
        site.ask("POST /v1/push", PROTOCOL, token, &body).await
    };
    let refused = ask(&of_busy, &busy).await;
    assert_eq!((refused.status, refused.code()), (429, "try-later".into()));
    let wait: i64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!(wait >= 1);
    assert_eq!(ask(&of_other, &other).await.status, 200);
    site.wait_seconds(wait);
    assert_eq!(ask(&of_busy, &busy).await.status, 200);
}
