//! A session as its device sees it.

use super::*;
use crate::{
    gate::{Claim, Word},
    hotel::Stored,
    log::Head,
    pretend::*,
};
use ed25519_dalek::{Signer, SigningKey};
use keyrack_model::{
    cleanliness::Cleanliness,
    ids::{OperationId, SessionId},
    limits::{
        AHEAD_BYTES, FRAME_ALLOWANCE, GRANT_MILLIS, GRANT_RENEWED_MILLIS, MAX_FRAME,
        MAX_HELLO_ACTORS, MAX_PUSH_ACTIONS, MAX_PUSH_BYTES, OLDEST_PROTOCOL, PROTOCOL, Steady,
    },
    policy::Role,
    refusal::{GateReason, Refusal},
    wire::{Batch, OperationVerdict, Verdict},
};
use uuid::Uuid;

mod audit_heads;
mod hello;
mod pulse;
mod pushes;
mod tokens;

fn key() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

fn identity() -> Identity {
    Identity {
        hotel: HOTEL,
        user: MARIA,
        device: Device::of(MARIA, 1).id,
        session: SessionId(Uuid::from_u128(0x5e)),
        key: key().verifying_key(),
        people: vec![MARIA, RUI],
        keys: vec![],
        unkeyed: vec![MARIA, RUI],
    }
}

/// With a token that is good for an hour.
fn admitted() -> Admitted {
    Admitted {
        who: identity(),
        until: at(3_600),
    }
}

fn at(seconds: i64) -> Timestamp {
    Timestamp(NOW.0 + seconds * 1_000)
}

fn frame(frame: &ClientFrame) -> Input {
    Input::Frame(cbor(frame))
}

fn cbor<T: serde::Serialize>(value: &T) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).unwrap();
    bytes
}

fn hello(protocol: u16, epoch: Option<LogEpoch>, cursor: u64) -> ClientFrame {
    ClientFrame::Hello {
        protocol,
        epoch,
        cursor: Sequence(cursor),
        known: None,
        classes: Reading::of(Role::Housekeeper).classes(),
        actors: vec![Device::of(MARIA, 1).registration()],
    }
}

fn greeted(head: u64) -> Input {
    greeted_sharing(head, None)
}

fn greeted_sharing(head: u64, shared: Option<u64>) -> Input {
    Input::Greeted(Greeted {
        head: Head {
            epoch: EPOCH,
            sequence: Sequence(head),
            restored_at: None,
        },
        shared: shared.map(Sequence),
        agrees: true,
        reading: Reading::of(Role::Housekeeper),
        clashes: vec![],
    })
}

fn live() -> Session {
    let mut session = Session::new(admitted(), NOW);
    session.handle(NOW, frame(&hello(PROTOCOL, None, 0)));
    session.handle(NOW, greeted(3));
    session
}

fn signed(batch: Vec<u8>) -> Input {
    let signature = key().sign(&batch).to_bytes().to_vec();
    frame(&ClientFrame::Push {
        batch,
        signature,
        proofs: vec![],
    })
}

fn a_push() -> Input {
    signed(cbor(&[Device::of(MARIA, 1).mark(Cleanliness::Clean)]))
}

/// The code with which a session ended.
#[track_caller]
fn refused(effects: &[Effect]) -> ErrorCode {
    match effects {
        [
            Effect::Send(ServerFrame::Refuse(body)),
            Effect::Close(closing),
        ]
        | [
            Effect::Suspect(Suspicion::Signature),
            Effect::Send(ServerFrame::Refuse(body)),
            Effect::Close(closing),
        ] => {
            let is_too_large = body.code == ErrorCode::TooLarge;
            assert_eq!(*closing == Closing::TooLarge, is_too_large);
            assert!(body.message.ends_with('.'));
            body.code
        }
        other => panic!("not refused: {other:?}"),
    }
}

fn postponed() -> Answer {
    Answer {
        verdicts: vec![OperationVerdict {
            operation: Default::default(),
            verdict: Verdict::RetryAfter { millis: 1 },
        }],
        stored: None,
        spent: None,
    }
}
