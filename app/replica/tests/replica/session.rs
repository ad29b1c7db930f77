//! The sync session: connecting, falling silent, being turned away.

use crate::world::{log, people};
use keyrack_model::{
    action::Sequence,
    ipc::{Connection, Problem},
    limits,
    policy::Role,
    time::Timestamp,
    wire::{ErrorBody, ErrorCode, ServerFrame},
};
use keyrack_replica::{Effect, Input, Replica, SyncSession};

const START: i64 = 1_000_000;

fn live() -> (Replica, SyncSession) {
    let mut replica = people::replica(1, Role::FrontDesk);
    let mut session = SyncSession::new(Timestamp(START), 7);
    session
        .handle(&mut replica, Timestamp(START), Input::Tick)
        .unwrap();
    session
        .handle(&mut replica, Timestamp(START), Input::Opened)
        .unwrap();
    let welcome =
        log::encode(&log::Log::default().welcome(Role::FrontDesk, None, Sequence(0), vec![]));
    session
        .handle(&mut replica, Timestamp(START), Input::Received(welcome))
        .unwrap();
    (replica, session)
}

#[test]
fn nobody_signed_in_means_no_connection() {
    let mut replica = people::replica(1, Role::FrontDesk);
    replica.end_session().unwrap();
    let mut session = SyncSession::new(Timestamp(START), 7);
    let effects = session
        .handle(&mut replica, Timestamp(START), Input::Tick)
        .unwrap();
    assert!(!effects.contains(&Effect::Connect));
}

#[test]
fn a_silent_server_is_pinged_and_then_left() {
    let (mut replica, mut session) = live();
    let quiet = Timestamp(START + limits::PING_MILLIS + 1);
    let effects = session.handle(&mut replica, quiet, Input::Tick).unwrap();
    assert!(matches!(effects[0], Effect::Send(_)));
    let gone = Timestamp(START + limits::DROP_MILLIS + 1);
    let effects = session.handle(&mut replica, gone, Input::Tick).unwrap();
    assert_eq!(effects[0], Effect::Close);
    let state = session.state(&replica).unwrap();
    assert_eq!(
        state.connection,
        Connection::Offline {
            since: gone,
            reason: None
        }
    );
}

#[test]
fn an_old_app_is_told_so_and_keeps_what_it_has() {
    let (mut replica, mut session) = live();
    let refuse = ServerFrame::Refuse(ErrorBody {
        code: ErrorCode::OldProtocol,
        message: "too old".into(),
    });
    let input = Input::Received(log::encode(&refuse));
    let effects = session
        .handle(&mut replica, Timestamp(START), input)
        .unwrap();
    assert!(effects.contains(&Effect::Close));
    let Connection::Offline { reason, .. } = session.state(&replica).unwrap().connection else {
        panic!("still online");
    };
    assert_eq!(reason, Some(Problem::OldProtocol));
}

#[test]
fn rubbish_from_the_server_ends_the_connection_and_nothing_else() {
    let (mut replica, mut session) = live();
    for rubbish in [&b""[..], b"\xff\xff\xff", b"hello", &[0x9b; 64]] {
        let input = Input::Received(rubbish.to_vec());
        let effects = session
            .handle(&mut replica, Timestamp(START), input)
            .unwrap();
        assert!(effects.contains(&Effect::Close));
    }
}

#[test]
fn a_server_that_never_answers_the_greeting_is_left() {
    let mut replica = people::replica(1, Role::FrontDesk);
    let mut session = SyncSession::new(Timestamp(START), 7);
    for input in [Input::Tick, Input::Opened] {
        session
            .handle(&mut replica, Timestamp(START), input)
            .unwrap();
    }
    let patient = Timestamp(START + limits::DROP_MILLIS);
    let effects = session.handle(&mut replica, patient, Input::Tick).unwrap();
    assert_eq!(effects, []);
    let gone = Timestamp(patient.0 + 1);
    let effects = session.handle(&mut replica, gone, Input::Tick).unwrap();
    assert_eq!(effects, [Effect::Close]);
    let later = Timestamp(gone.0 + limits::DROP_MILLIS);
    let effects = session.handle(&mut replica, later, Input::Tick).unwrap();
    assert_eq!(effects, [Effect::Connect]);
}

#[test]
fn a_clock_set_back_delays_neither_reconnection_nor_pings() {
    const DAY: i64 = 24 * 60 * 60 * 1_000;
    let (mut replica, mut session) = live();
    let yesterday = |millis| Timestamp(START - DAY + millis);
    for (after, what) in [
        (0, "nothing"),
        (limits::PING_MILLIS + 1, "a ping"),
        (limits::DROP_MILLIS + 1, "a new connection"),
    ] {
        let effects = session
            .handle(&mut replica, yesterday(after), Input::Tick)
            .unwrap();
        assert_eq!(effects.is_empty(), after == 0, "{what} after {after} ms");
    }
    let tomorrow = Timestamp(START + DAY);
    session
        .handle(&mut replica, tomorrow, Input::Closed(None))
        .unwrap();
    session
        .handle(&mut replica, Timestamp(START), Input::Tick)
        .unwrap();
    let soon = Timestamp(START + limits::DROP_MILLIS);
    let effects = session.handle(&mut replica, soon, Input::Tick).unwrap();
    assert_eq!(effects, [Effect::Connect]);
}
