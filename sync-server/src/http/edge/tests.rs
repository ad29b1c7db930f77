//! How much is remembered of those who come, however many they are.

use super::*;
use ed25519_dalek::SigningKey;
use futures_util::FutureExt;

const NOW: Timestamp = Timestamp(1_495_700_000_000);

fn edge() -> Edge {
    Edge::new(TrustedProxies::default())
}

/// One of many addresses.
fn peer(number: u32) -> Peer {
    Peer(IpAddr::V4(Ipv4Addr::from(number)))
}

#[test]
fn so_many_addresses_are_remembered_and_the_one_that_asked_too_much_is_not_forgotten() {
    let edge = edge();
    let asks = |number| {
        let peer = peer(number);
        let knocked = edge.knocks(peer, None, NOW).is_ok();
        let stranger = edge.known().strangers.take(peer.into(), ONE, NOW).is_ok();
        edge.opened_nothing(peer, None, NOW);
        edge.refreshed_nothing(peer, None, NOW);
        knocked && stranger && edge.looks_up(peer, Beyond(1), NOW).is_ok()
    };
    let kept = || {
        let known = edge.known();
        [
            known.requests.kept(),
            known.strangers.kept(),
            known.guesses.kept(),
            known.refreshes.kept(),
            known.lookups.kept(),
        ]
    };
    let many = u32::try_from(ADDRESSES_KEPT).unwrap();
    assert!((0..many).all(asks));
    assert_eq!(kept(), [ADDRESSES_KEPT; 5]);
    let greedy = peer(0);
    while edge.knocks(greedy, None, NOW).is_ok() {}

    assert!(asks(many), "a newcomer is not refused for their number");
    let kept = kept();
    assert!(kept.iter().all(|kept| *kept <= ADDRESSES_KEPT), "{kept:?}");
    assert!(edge.knocks(greedy, None, NOW).is_err());
}

#[test]
fn so_many_tokens_are_known_and_the_one_heard_of_longest_ago_asks_as_a_stranger() {
    let edge = edge();
    let token = |number: usize| format!("{}.{number:064x}", Uuid::from_u128(1).simple());
    for number in 0..=TOKENS_KEPT {
        edge.note(&token(number));
    }
    let here = peer(7);
    while edge.knocks(here, None, NOW).is_ok() {}
    let goes_on = |number| {
        let shown = token(number).parse::<Token>();
        let shown = shown.unwrap_or_else(|_| panic!("a token"));
        let knocked = edge.knocks(here, Some(&shown), NOW);
        knocked.unwrap().is_none()
    };
    assert_eq!([0, 1, TOKENS_KEPT].map(goes_on), [false, true, true]);
}

#[test]
fn so_many_devices_are_known_and_the_one_heard_of_longest_ago_is_looked_up() {
    let edge = edge();
    let key = SigningKey::from_bytes(&[7; 32]).verifying_key();
    let device = |number: usize| ProvenDevice {
        hotel: HotelId(Uuid::from_u128(1)),
        id: DeviceId(Uuid::from_u128(number as u128)),
        key,
    };
    for number in 0..=DEVICES_KEPT {
        edge.note_device(&device(number));
    }
    let knows = |number| edge.has_heard_of(&device(number));
    assert_eq!([0, 1, DEVICES_KEPT].map(knows), [false, true, true]);
}

#[test]
fn so_many_files_are_read_at_once_and_the_next_one_when_one_of_them_is() {
    let edge = edge();
    let mut seats: Vec<_> = std::iter::from_fn(|| edge.import_seat().now_or_never())
        .take(2 * IMPORTS_AT_ONCE)
        .collect();
    assert_eq!(seats.len(), IMPORTS_AT_ONCE);
    let mut next = Box::pin(edge.import_seat());
    assert!((&mut next).now_or_never().is_none());
    drop(seats.pop());
    assert!(matches!((&mut next).now_or_never(), Some(Ok(_))));
}
