//! One direction of a connection, from end to end.

use keyrack_model::{
    action::Sequence,
    limits::{LAST_PLAIN_PROTOCOL, MAX_FRAME, PROTOCOL, STREAM_WINDOW_LOG},
    wire::ClientFrame,
};
use keyrack_wire::{Incoming, Outgoing, TooLarge, Unreadable, alone};
use proptest::prelude::*;

/// The header of a stream that refers back a power of two.
fn header(window_log: u32) -> Vec<u8> {
    vec![0x28, 0xb5, 0x2f, 0xfd, 0, ((window_log - 10) << 3) as u8]
}

/// A block that repeats one byte; at most as long as the window.
fn repeated(byte: u8, times: u32) -> Vec<u8> {
    let block_header = (times << 3 | 1 << 1).to_le_bytes();
    [&block_header[..3], &[byte]].concat()
}

/// The receiving end after the plain message.
fn listening() -> Incoming {
    let mut incoming = Incoming::default();
    assert_eq!(incoming.unpack(b"hello"), Ok(b"hello".to_vec()));
    incoming
}

#[test]
fn the_first_message_is_the_frame_itself_and_the_second_begins_the_stream() {
    let mut outgoing = Outgoing::default();
    assert_eq!(outgoing.pack(b"hello").unwrap(), b"hello");
    assert_eq!(outgoing.memory(), 0);
    let second = outgoing.pack(b"hello again").unwrap();
    assert_eq!(second[..6], header(STREAM_WINDOW_LOG));
}

#[test]
fn a_frame_is_compressed_against_the_ones_before_it() {
    let mut outgoing = Outgoing::default();
    let frame: Vec<u8> = (0..=255).collect();
    let lengths: Vec<usize> = (0..4)
        .map(|_| outgoing.pack(&frame).unwrap().len())
        .collect();
    assert_eq!(lengths[0], frame.len());
    assert!(lengths[1] > frame.len(), "{lengths:?}");
    assert!(lengths[2] < 20 && lengths[3] < 20, "{lengths:?}");
}

#[test]
fn a_frame_of_the_greatest_size_arrives_and_a_larger_one_is_not_sent() {
    let (mut outgoing, mut incoming) = (Outgoing::default(), Incoming::default());
    for byte in 0..3 {
        let frame = vec![byte; MAX_FRAME];
        let message = outgoing.pack(&frame).unwrap();
        assert_eq!(incoming.unpack(&message), Ok(frame));
    }
    let frame = vec![0; MAX_FRAME + 1];
    assert_eq!(outgoing.pack(&frame), Err(TooLarge(frame.len())));
    assert_eq!(incoming.unpack(&frame), Err(Unreadable::TooLarge));
}

#[test]
fn a_message_that_unpacks_to_more_than_a_frame_is_refused_whatever_its_size() {
    let blocks = |count: usize| {
        let block = repeated(7, 1 << STREAM_WINDOW_LOG);
        [header(STREAM_WINDOW_LOG), block.repeat(count)].concat()
    };
    let most = MAX_FRAME >> STREAM_WINDOW_LOG;
    assert_eq!(listening().unpack(&blocks(most)), Ok(vec![7; MAX_FRAME]));
    assert_eq!(
        listening().unpack(&blocks(most + 1)),
        Err(Unreadable::TooLarge)
    );
    // 250,000 blocks of sixteen thousand bytes: four gigabytes.
    let bomb = blocks((MAX_FRAME - 6) / 4);
    let mut incoming = listening();
    assert_eq!(incoming.unpack(&bomb), Err(Unreadable::TooLarge));
    assert_eq!(incoming.memory(), 0);
}

#[test]
fn a_stream_that_refers_further_back_than_the_window_is_refused() {
    let stream = |window_log| [header(window_log), repeated(7, 9)].concat();
    assert_eq!(
        listening().unpack(&stream(STREAM_WINDOW_LOG)),
        Ok(vec![7; 9])
    );
    let further = listening().unpack(&stream(STREAM_WINDOW_LOG + 1));
    assert!(matches!(further, Err(Unreadable::NotOfTheStream(_))));
}

#[test]
fn a_stream_that_ends_or_breaks_is_over() {
    let last_block = [1 | 9 << 3, 0, 0].into_iter().chain([7; 9]);
    let ended: Vec<u8> = header(STREAM_WINDOW_LOG)
        .into_iter()
        .chain(last_block)
        .collect();
    let skippable = [0x50, 0x2a, 0x4d, 0x18, 1, 0, 0, 0, 9].to_vec();
    for message in [ended, skippable, b"no stream".to_vec()] {
        let mut incoming = listening();
        let broken = incoming.unpack(&message);
        assert!(matches!(broken, Err(Unreadable::NotOfTheStream(_))));
        let honest = [header(STREAM_WINDOW_LOG), repeated(7, 9)].concat();
        assert!(incoming.unpack(&honest).is_err());
    }
}

#[test]
fn a_recorded_stream_reads_as_the_frames_it_was_made_of() {
    // What a client of any make sends: a block without compression and a repeated byte.
    let raw_block = [2 << 3, 0, 0, b'a', b'b'];
    let first = [&header(STREAM_WINDOW_LOG)[..], &raw_block].concat();
    let mut incoming = listening();
    assert_eq!(incoming.unpack(&first), Ok(b"ab".to_vec()));
    assert_eq!(incoming.unpack(&repeated(b'c', 3)), Ok(b"ccc".to_vec()));
}

proptest! {
    #[test]
    fn frames_arrive_as_they_were_sent(
        frames in prop::collection::vec(prop::collection::vec(0u8..4, 0..20_000), 1..6),
    ) {
        let (mut outgoing, mut incoming) = (Outgoing::default(), Incoming::default());
        for frame in frames.into_iter().filter(|frame| !frame.is_empty()) {
            let message = outgoing.pack(&frame).unwrap();
            prop_assert_eq!(incoming.unpack(&message), Ok(frame));
        }
    }

    #[test]
    fn whatever_a_peer_sends_is_a_frame_or_the_end(
        messages in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 1..6),
        from_honest in any::<bool>(),
    ) {
        let mut incoming = listening();
        if from_honest {
            let start = [header(STREAM_WINDOW_LOG), repeated(7, 99)].concat();
            prop_assert!(incoming.unpack(&start).is_ok());
        }
        for message in messages {
            if let Ok(frame) = incoming.unpack(&message) {
                prop_assert!(frame.len() <= MAX_FRAME);
            }
        }
    }

    #[test]
    fn a_flipped_bit_never_makes_more_than_a_frame(at in 0usize..60, bit in 0u8..8) {
        let mut outgoing = Outgoing::default();
        outgoing.pack(b"hello").unwrap();
        let mut message = outgoing.pack(&b"an edit of room 204 ".repeat(60)).unwrap();
        let at = at % message.len();
        message[at] ^= 1 << bit;
        if let Ok(frame) = listening().unpack(&message) {
            prop_assert!(frame.len() <= MAX_FRAME);
        }
    }
}

/// Both ends after a greeting of this version.
fn speaking() -> (Outgoing, Incoming) {
    let (mut outgoing, mut incoming) = (Outgoing::default(), Incoming::default());
    let greeting = outgoing
        .pack(&greeting(PROTOCOL))
        .expect("a frame within its bound");
    incoming.unpack(&greeting).expect("the frame itself");
    (outgoing, incoming)
}

fn greeting(protocol: u16) -> Vec<u8> {
    let hello = ClientFrame::Hello {
        protocol,
        epoch: None,
        cursor: Sequence::default(),
        known: None,
        classes: vec![],
        actors: vec![],
    };
    let mut frame = Vec::new();
    ciborium::into_writer(&hello, &mut frame).expect("memory takes all");
    frame
}

#[test]
fn a_large_frame_is_the_same_message_for_every_peer_and_leaves_the_stream_as_it_was() {
    let (mut outgoing, mut incoming) = speaking();
    let small = |number: usize| format!("an edit, and another one: {}", number % 3).into_bytes();
    let large: Vec<u8> = (7..5_000u32).flat_map(u32::to_le_bytes).collect();
    for number in 0..50 {
        let frame = small(number);
        let message = outgoing.pack(&frame).unwrap();
        assert_eq!(incoming.unpack(&message), Ok(frame));
        let message = outgoing.pack(&large).unwrap();
        assert_eq!(message, alone::pack(&large).unwrap());
        assert_eq!(incoming.unpack(&message), Ok(large.clone()));
    }
    let settled = outgoing.pack(&small(0)).unwrap();
    assert!(settled.len() < small(0).len(), "the stream refers back");
}

#[test]
fn whoever_is_told_much_or_seldom_holds_no_stream() {
    let (mut outgoing, mut incoming) = speaking();
    // No frame begins like one in the compact form.
    for number in 2..100 {
        let large = vec![number; 20_000];
        let message = outgoing.pack(&large).unwrap();
        assert_eq!(incoming.unpack(&message), Ok(large));
    }
    let message = outgoing.pack(b"stored").unwrap();
    assert_eq!(incoming.unpack(&message).unwrap(), b"stored");
    assert_eq!((outgoing.memory(), incoming.memory()), (0, 0));
}

#[test]
fn a_stream_that_was_put_away_begins_anew() {
    let (mut outgoing, mut incoming) = speaking();
    for _ in 0..3 {
        for _ in 0..20 {
            let message = outgoing.pack(b"an edit").unwrap();
            assert_eq!(incoming.unpack(&message).unwrap(), b"an edit");
        }
        assert!(outgoing.memory() > 0 && incoming.memory() > 0);
        outgoing.rest();
        assert_eq!(outgoing.memory(), 0);
        let message = outgoing.pack(b"an edit").unwrap();
        assert_eq!(incoming.unpack(&message).unwrap(), b"an edit");
        assert_eq!(incoming.memory(), 0, "the other end lets go as well");
    }
}

#[test]
fn a_peer_of_an_earlier_version_gets_one_stream() {
    let mut outgoing = Outgoing::default();
    outgoing.pack(&greeting(LAST_PLAIN_PROTOCOL)).unwrap();
    let large = vec![7; 20_000];
    let second = outgoing.pack(&large).unwrap();
    assert_eq!(second[..6], header(STREAM_WINDOW_LOG));
    outgoing.rest();
    let third = outgoing.pack(&large).unwrap();
    assert_ne!(third[..4], second[..4]);
}

#[test]
fn a_message_by_itself_is_bounded_and_believed_nothing() {
    let too_large = vec![0; MAX_FRAME + 1];
    assert_eq!(alone::pack(&too_large), Err(TooLarge(too_large.len())));
    let mut bomb = Vec::with_capacity(1_000);
    zstd_safe::compress(&mut bomb, &too_large, 3).unwrap();
    assert_eq!(listening().unpack(&bomb), Err(Unreadable::TooLarge));
    let whole = alone::pack(&(0..=255).collect::<Vec<u8>>()).unwrap();
    for cut in 8..whole.len() {
        let mut incoming = listening();
        assert!(incoming.unpack(&whole[..cut]).is_err(), "{cut}");
        assert!(incoming.unpack(&whole).is_err(), "nothing follows it");
    }
}
