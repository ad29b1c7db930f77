//! Whatever stands on the socket, in both directions: messages of the compressed stream, frames,
//! and the actions of a signed push up to where the gate reads them.

use super::choices::{Choices, Script};
use ed25519_dalek::{Signer, SigningKey};
use keyrack_model::{
    action::Sequence,
    class::Reading,
    ids::SessionId,
    limits::{MAX_FRAME, MAX_PUSH_ACTIONS, PROTOCOL, STREAM_WINDOW_LOG},
    time::Timestamp,
    wire::{ClientFrame, ServerFrame},
};
use keyrack_server::{
    gate,
    log::Head,
    pretend::{self, EPOCH, HOTEL, MARIA, NOW},
    session::{Admitted, Effect, Greeted, Identity, Input, Session},
};
use keyrack_wire::{Incoming, Outgoing, Restoring, Shortening};
use serde::{Serialize, de::DeserializeOwned};
use std::fmt::Debug;

/// What the bytes are taken for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum As {
    /// A frame that a greeted device sends.
    Client,
    /// A frame that a server sends.
    Server,
    /// Messages of one direction, each with its length before it.
    Messages,
    /// The batch of a push that the device's key has signed.
    Batch,
    /// Frames that are packed and unpacked again, each with its length before it.
    Frames,
    /// Frames in the compact form, each with its length before it.
    Compact,
}

impl As {
    const ALL: [Self; 6] = [
        Self::Client,
        Self::Server,
        Self::Messages,
        Self::Batch,
        Self::Frames,
        Self::Compact,
    ];

    /// The beginning of an input.
    pub fn script(self) -> Script {
        Script::default().one_of(&Self::ALL, self)
    }
}

/// The first byte says what the rest is taken for.
pub fn frame(bytes: &[u8]) {
    let mut choices = Choices::of(bytes);
    match choices.one_of(&As::ALL) {
        As::Client => client(choices.rest()),
        As::Server => same_again::<ServerFrame>(choices.rest()),
        As::Messages => messages(&mut choices),
        As::Batch => batch(choices.rest()),
        As::Frames => frames(&mut choices),
        As::Compact => compact(&mut choices),
    }
}

fn key() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

/// The server's side of a connection after the greeting.
fn greeted() -> Session {
    let who = Identity {
        hotel: HOTEL,
        user: MARIA,
        device: pretend::Device::of(MARIA, 1).id,
        session: SessionId::default(),
        key: key().verifying_key(),
        people: vec![MARIA],
        keys: vec![],
        unkeyed: vec![],
    };
    let until = Timestamp(i64::MAX);
    let mut session = Session::new(Admitted { who, until }, NOW);
    session.handle(NOW, Input::Frame(encode(&hello())));
    let head = Head {
        epoch: EPOCH,
        sequence: Sequence(6),
        restored_at: None,
    };
    let greeted = Greeted {
        head,
        shared: None,
        agrees: true,
        reading: Reading::all(),
        clashes: Vec::new(),
    };
    session.handle(NOW, Input::Greeted(greeted));
    assert!(session.reads());
    session
}

fn hello() -> ClientFrame {
    ClientFrame::Hello {
        protocol: PROTOCOL,
        epoch: None,
        cursor: Sequence(0),
        known: None,
        classes: Vec::new(),
        actors: Vec::new(),
    }
}

fn client(bytes: &[u8]) {
    same_again::<ClientFrame>(bytes);
    for effect in greeted().handle(NOW, Input::Frame(bytes.to_vec())) {
        // Nobody else has the key.
        assert!(!matches!(effect, Effect::Judge(_)), "judged unsigned");
    }
}

fn batch(batch: &[u8]) {
    let push = ClientFrame::Push {
        batch: batch.to_vec(),
        signature: key().sign(batch).to_bytes().to_vec(),
        proofs: vec![],
    };
    for effect in greeted().handle(NOW, Input::Frame(encode(&push))) {
        if let Effect::Judge(actions) = effect {
            assert!(actions.len() <= MAX_PUSH_ACTIONS);
            gate::read_push(actions);
        }
    }
}

fn messages(choices: &mut Choices<'_>) {
    let mut incoming = Incoming::default();
    let mut broken = false;
    while !choices.is_over() {
        match incoming.unpack(choices.bytes()) {
            Ok(frame) => {
                assert!(!broken, "a broken stream goes on");
                assert!(frame.len() <= MAX_FRAME);
            }
            Err(_) => broken = true,
        }
        assert!(incoming.memory() <= MOST_HELD, "{}", incoming.memory());
    }
}

/// What the receiving end of a stream may hold: its window several times over, and zstd's tables.
const MOST_HELD: usize = (1 << 18) + (4 << STREAM_WINDOW_LOG);

fn frames(choices: &mut Choices<'_>) {
    let mut ends = [0, 1].map(|_| (Outgoing::default(), Incoming::default()));
    let (outgoing, incoming) = &mut ends[1];
    let hello = outgoing.pack(&encode(&hello())).expect("a greeting");
    incoming.unpack(&hello).expect("it is the frame itself");
    while !choices.is_over() {
        let bytes = choices.bytes();
        // A map of one key, as all frames but `Ping` and `Pong` are: the compact form begins otherwise.
        let frame = [&[0xa1], bytes].concat();
        for (outgoing, incoming) in &mut ends {
            let message = outgoing.pack(&frame).expect("64 KiB are within the bound");
            assert_eq!(incoming.unpack(&message).as_ref(), Ok(&frame));
            if bytes.is_empty() {
                outgoing.rest();
            }
        }
    }
}

/// Whatever is put together is within the bound of a frame, and can be told compactly again.
fn compact(choices: &mut Choices<'_>) {
    let (mut restoring, mut shortening, mut again) = (
        Restoring::default(),
        Shortening::default(),
        Restoring::default(),
    );
    while !choices.is_over() {
        let Ok(frame) = restoring.restore_unchecked(choices.bytes()) else {
            return;
        };
        assert!(frame.len() <= MAX_FRAME);
        if let Some(short) = shortening.shorten(&frame) {
            assert_eq!(again.restore(&short), Ok(frame));
        }
    }
}

/// What can be read can be written, and then reads the same.
fn same_again<T: Serialize + DeserializeOwned + PartialEq + Debug>(bytes: &[u8]) {
    if let Ok(frame) = ciborium::from_reader::<T, _>(bytes) {
        let again: T = ciborium::from_reader(&encode(&frame)[..]).expect("what was written reads");
        assert_eq!(again, frame);
    }
}

pub fn encode<T: Serialize>(frame: &T) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(frame, &mut bytes).expect("a frame encodes");
    bytes
}
