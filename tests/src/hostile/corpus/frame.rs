//! Frames that nest, claim and end otherwise than they should, and streams that are bombs.

use super::Input;
use crate::hostile::{
    choices::Script,
    frame::{As, encode},
};
use keyrack_model::{
    action::{Action, Sequence},
    audit_head::AuditHead,
    cleanliness::Cleanliness,
    limits::{MAX_FRAME, PROTOCOL, STREAM_WINDOW_LOG},
    wire::{ClientFrame, ServerFrame},
};
use keyrack_server::pretend::{Device, MARIA};
use keyrack_wire::{Outgoing, Shortening};

pub(super) fn inputs() -> Vec<Input> {
    let mut inputs = Vec::new();
    for (kind, side) in [
        ("client", As::Client),
        ("server", As::Server),
        ("batch", As::Batch),
    ] {
        for (name, bytes) in cbor() {
            inputs.push((format!("{kind}-{name}"), side.script().rest(&bytes).done()));
        }
    }
    let mark = || Device::of(MARIA, 1).mark(Cleanliness::Clean);
    let push = |signature: Vec<u8>| {
        let batch = encode(&[mark()]);
        encode(&ClientFrame::Push {
            batch,
            signature,
            proofs: vec![],
        })
    };
    let hello = ClientFrame::Hello {
        protocol: PROTOCOL,
        epoch: None,
        cursor: Sequence(u64::MAX),
        known: None,
        classes: Vec::new(),
        actors: Vec::new(),
    };
    let whole = encode(&[mark()]);
    let cut = whole[..whole.len() - 1].to_vec();
    let behind = [whole.clone(), vec![0]].concat();
    let mut bomb = mark();
    bomb.changes[0].bytes = super::scanner::chunks(&["run-length-bomb-actions"])[0]
        .1
        .clone();
    for (name, side, bytes) in [
        ("client-push-without-a-signature", As::Client, push(vec![])),
        (
            "client-push-with-a-forged-signature",
            As::Client,
            push(vec![7; 64]),
        ),
        ("client-second-hello", As::Client, encode(&hello)),
        ("client-ping", As::Client, encode(&ClientFrame::Ping)),
        ("server-pong", As::Server, encode(&ServerFrame::Pong)),
        (
            "server-audit-head-of-nothing",
            As::Server,
            encode(&ServerFrame::AuditHead(AuditHead {
                number: u64::MAX,
                hash: Vec::new(),
                signature: Vec::new(),
            })),
        ),
        ("batch-honest", As::Batch, whole),
        ("batch-cut-off", As::Batch, cut),
        ("batch-with-something-behind-it", As::Batch, behind),
        (
            "batch-of-no-actions",
            As::Batch,
            encode(&Vec::<Action>::new()),
        ),
        ("batch-with-a-run-length-bomb", As::Batch, encode(&[bomb])),
    ] {
        inputs.push((name.into(), side.script().rest(&bytes).done()));
    }
    inputs.extend(streams());
    inputs.extend(compact(&push(vec![7; 64])));
    inputs
}

/// Compact frames that refer to what is not there, claim what they have not, and grow.
fn compact(push: &[u8]) -> Vec<Input> {
    let mut shortening = Shortening::default();
    let mut told = || shortening.shorten(push).expect("an honest push");
    let (first, second) = (told(), told());
    let frame =
        |form: u8, random: &[u8], said: &[u8]| [&[form, random.len() as u8], random, said].concat();
    let check = [0; 4];
    let (signed, ids) = ([7; 68], [9; 100]);
    let many = [0xff, 0xff, 0xff, 0xff, 0x0f];
    let inputs = |frames: &[Vec<u8>]| {
        let script = As::Compact.script();
        let script = frames
            .iter()
            .fold(script, |script, frame| script.bytes(frame));
        script.done()
    };
    // One action with many changes of one document, each of which names an actor a hundred times.
    let growing = {
        let begun = [1, 0x48, 0, 0, 0, 0, 0, 200, 1];
        let rest = [&[0, 1, 1, 100][..], &[10; 100], &[0]].concat();
        let first = [&[0, 0, 2][..], &rest].concat();
        let others = [&[0, 10][..], &rest].concat().repeat(199);
        frame(
            1,
            &[9; 84],
            &[&begun[..], &first, &others, &[0, 0]].concat(),
        )
    };
    [
        ("honest", inputs(&[first.clone(), second.clone()])),
        ("second-before-the-first", inputs(&[second])),
        ("cut-off", inputs(&[first[..first.len() / 2].to_vec()])),
        ("something-behind", inputs(&[[&first[..], &[0]].concat()])),
        (
            "random-that-is-not-there",
            inputs(&[frame(1, &many, &[])[..3].to_vec()]),
        ),
        ("no-entries", inputs(&[frame(1, &check, &[0])])),
        ("endless-entries", inputs(&[frame(1, &check, &many)])),
        ("endless-proofs", inputs(&[frame(0, &signed, &many)])),
        ("endless-number", inputs(&[frame(1, &check, &[0xff; 11])])),
        (
            "hand-at-an-empty-place",
            inputs(&[frame(1, &check, &[1, 0x40, 7])]),
        ),
        (
            "unknown-kind-of-document",
            inputs(&[frame(1, &ids, &[1, 0x40, 0, 0, 0, 0, 0, 0, 0, 99])]),
        ),
        (
            "entry-of-a-reserved-form",
            inputs(&[frame(1, &check, &[1, 0x80])]),
        ),
        (
            "entry-that-is-no-cbor",
            inputs(&[frame(1, &check, &[1, 0, 2, 0xff, 0xff])]),
        ),
        ("actors-that-grow", inputs(&[growing])),
    ]
    .map(|(name, bytes)| (format!("compact-{name}"), bytes))
    .into()
}

/// Values of CBOR that no frame is.
fn cbor() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("deep-arrays", vec![0x81; 4_000]),
        ("deep-maps", [0xa1, 0x00].repeat(2_000)),
        ("deep-tags", vec![0xc1; 4_000]),
        ("deep-endless-arrays", vec![0x9f; 4_000]),
        ("huge-array", huge(0x9b)),
        ("huge-map", huge(0xbb)),
        ("huge-bytes", huge(0x5b)),
        ("huge-text", huge(0x7b)),
        (
            "large-bytes-that-are-not-there",
            vec![0x5a, 0x7f, 0xff, 0xff, 0xff],
        ),
        (
            "huge-bytes-in-a-push",
            [&b"\xa1\x64Push\xa1\x65batch"[..], &huge(0x5b)].concat(),
        ),
        (
            "huge-array-in-a-delivery",
            [&b"\xa1\x67Deliver\xa1\x67entries"[..], &huge(0x9b)].concat(),
        ),
        (
            "endless-bytes",
            [&[0x5f][..], &[0x41, 0x00].repeat(1_000)].concat(),
        ),
        ("unknown-variant", b"\xa1\x65Shell\xa0".to_vec()),
        ("empty", Vec::new()),
        ("reserved", vec![0x1c, 0x1d, 0x1e]),
    ]
}

fn huge(major: u8) -> Vec<u8> {
    [&[major][..], &[0xff; 8]].concat()
}

fn streams() -> Vec<Input> {
    let script = || As::Messages.script().bytes(b"hello");
    let head = |window_log: u32| vec![0x28, 0xb5, 0x2f, 0xfd, 0, ((window_log - 10) << 3) as u8];
    let block = |kind: u32, length: u32, content: &[u8]| {
        let header = (length << 3 | kind << 1).to_le_bytes();
        [&header[..3], content].concat()
    };
    let repeated = || block(1, 1 << STREAM_WINDOW_LOG, &[7]);
    let window = head(STREAM_WINDOW_LOG);
    let bomb = repeated().repeat((MAX_FRAME >> STREAM_WINDOW_LOG) + 1);
    let (mut outgoing, mut honest) = (Outgoing::default(), As::Messages.script());
    for _ in 0..4 {
        let message = outgoing.pack(b"room 204 is clean");
        honest = honest.bytes(&message.expect("a small frame"));
    }
    let mut cut = Outgoing::default();
    cut.pack(b"hello").expect("a small frame");
    let message = cut.pack(&[1, 2, 3].repeat(900)).expect("a small frame");
    let frames = |script: Script| script.bytes(b"").bytes(&[0; 20_000]).bytes(b"end").done();
    let bytes = |content: &[Vec<u8>]| script().bytes(&content.concat()).done();
    [
        ("stream-honest", honest.done()),
        ("stream-bomb", bytes(&[window.clone(), bomb])),
        (
            "stream-window-of-two-gigabytes",
            bytes(&[head(31), repeated()]),
        ),
        (
            "stream-cut-off",
            script().bytes(&message[..message.len() / 2]).done(),
        ),
        (
            "stream-that-ends",
            bytes(&[window.clone(), block(1, 3, &[7]), vec![1, 0, 0]]),
        ),
        (
            "stream-of-a-reserved-block",
            bytes(&[window.clone(), block(3, 3, &[7])]),
        ),
        (
            "stream-of-noise",
            script().bytes(&[0x5a; 64]).bytes(&[0x5a; 64]).done(),
        ),
        (
            "stream-goes-on-when-broken",
            script().bytes(&[0; 9]).bytes(&window).done(),
        ),
        (
            "stream-with-a-dictionary",
            bytes(&[vec![0x28, 0xb5, 0x2f, 0xfd, 3, 24, 1, 2, 3, 4]]),
        ),
        ("frames-small-and-large", frames(As::Frames.script())),
    ]
    .map(|(name, bytes)| (name.to_owned(), bytes))
    .into()
}
