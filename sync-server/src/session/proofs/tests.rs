//! Who of the people on a shared desktop is believed to have done something.

use super::*;
use crate::pretend::*;
use ed25519_dalek::{Signer, SigningKey};
use keyrack_model::{
    cleanliness::Cleanliness,
    ids::{DeviceId, SessionId},
    wire::ErrorCode,
};
use uuid::Uuid;

fn device() -> DeviceId {
    Device::of(MARIA, 1).id
}

fn key(number: u8) -> SigningKey {
    SigningKey::from_bytes(&[number; 32])
}

/// Maria's session at a desk where Rui signed in twice, and Tomas with an earlier version.
fn desk() -> Identity {
    let of = |author, number| AuthorKey {
        author,
        key: key(number).verifying_key().to_bytes(),
    };
    Identity {
        hotel: HOTEL,
        user: MARIA,
        device: device(),
        session: SessionId(Uuid::from_u128(0x5e)),
        key: key(7).verifying_key(),
        people: vec![MARIA, RUI, TOMAS],
        keys: vec![of(MARIA, 10), of(RUI, 22), of(RUI, 21)],
        unkeyed: vec![TOMAS],
    }
}

fn done_by(author: UserId) -> Action {
    Device::of(author, 1).mark(Cleanliness::Clean)
}

fn proof(index: u16, key: &SigningKey, on: DeviceId, action: &Action) -> Proof {
    let mut bytes = Vec::new();
    ciborium::into_writer(action, &mut bytes).unwrap();
    Proof {
        index,
        key: key.verifying_key().to_bytes(),
        signature: key.sign(&statement(HOTEL, on, &bytes)).to_bytes(),
    }
}

#[track_caller]
fn words(actions: Vec<Action>, proofs: &[Proof]) -> Vec<Word> {
    let claims = desk().claims(actions, proofs, 0).unwrap();
    claims.into_iter().map(|claim| claim.word).collect()
}

#[test]
fn three_authors_work_is_taken_under_the_session_of_one() {
    let (maria, rui, tomas) = (done_by(MARIA), done_by(RUI), done_by(TOMAS));
    let proofs = [proof(1, &key(22), device(), &rui)];
    let actions = vec![maria, rui, tomas];
    assert_eq!(words(actions, &proofs), [Word::Given; 3]);
}

#[test]
fn what_was_signed_with_an_earlier_key_is_still_theirs() {
    let rui = done_by(RUI);
    let proofs = [proof(0, &key(21), device(), &rui)];
    assert_eq!(words(vec![rui], &proofs), [Word::Given]);
}

#[test]
fn nobody_is_believed_to_have_done_what_they_did_not_sign_on_this_device() {
    let rui = done_by(RUI);
    let later = Action {
        at: keyrack_model::time::HybridTime {
            counter: 9,
            ..rui.at
        },
        ..rui.clone()
    };
    let elsewhere = DeviceId(Uuid::from_u128(9));
    let good = proof(0, &key(22), device(), &rui);
    let mut renamed = proof(0, &key(30), device(), &rui);
    renamed.key = good.key;
    let forged = [
        ("no proof", None),
        ("a key of nobody", Some(proof(0, &key(30), device(), &rui))),
        ("marias key", Some(proof(0, &key(10), device(), &rui))),
        ("the devices key", Some(proof(0, &key(7), device(), &rui))),
        ("another action", Some(proof(0, &key(22), device(), &later))),
        ("another device", Some(proof(0, &key(22), elsewhere, &rui))),
        ("another signature", Some(renamed)),
    ];
    for (name, proof) in forged {
        let proofs = Vec::from_iter(proof);
        assert_eq!(words(vec![rui.clone()], &proofs), [Word::Missing], "{name}");
    }
    assert_eq!(words(vec![rui], &[good]), [Word::Given]);
}

#[test]
fn of_somebody_who_has_not_signed_in_here_nothing_is_believed() {
    let rui = done_by(RUI);
    let good = proof(0, &key(22), device(), &rui);
    let mut desk = desk();
    desk.people.retain(|person| *person != RUI);
    desk.keys.retain(|key| key.author != RUI);
    for proofs in [vec![], vec![good]] {
        let claims = desk.claims(vec![rui.clone()], &proofs, 0).unwrap();
        assert_eq!(claims[0].word, Word::Missing);
    }
}

#[test]
fn a_proof_of_nothing_is_not_of_the_protocol() {
    let rui = done_by(RUI);
    let good = proof(0, &key(22), device(), &rui);
    let beyond = proof(1, &key(22), device(), &rui);
    for proofs in [vec![beyond], vec![good; 2]] {
        let refused = desk().claims(vec![rui.clone()], &proofs, 0).unwrap_err();
        assert_eq!(refused.code, ErrorCode::BadRequest);
    }
}

#[test]
fn what_is_sent_beside_the_changes_is_the_actions_in_equal_parts() {
    let actions: Vec<Action> = (0..3).map(|_| done_by(MARIA)).collect();
    let changes = |action: &Action| -> usize {
        let bytes = action.changes.iter().map(|change| change.bytes.len());
        bytes.sum()
    };
    let of_changes: usize = actions.iter().map(changes).sum();
    for (sent, each) in [
        (of_changes + 300, 100),
        (of_changes + 301, 101),
        (of_changes, 0),
        (0, 0),
    ] {
        let claims = desk().claims(actions.clone(), &[], sent).unwrap();
        assert!(claims.iter().all(|claim| claim.beside == each), "{sent}");
    }
}
