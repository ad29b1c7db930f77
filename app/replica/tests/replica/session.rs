//! The sync session: connecting, falling silent, being turned away.

use crate::world::{log, people};
use keyrack_model::{
    action::Sequence,
    ipc::{Connection, Problem},
    limits,
    policy::Role,
    time::Timestamp,
    wire::{ClientFrame, ErrorBody, ErrorCode, ServerFrame},
};
use keyrack_replica::{Effect, Input, KeptRenewal, Replica, SyncSession};

const START: i64 = 1_000_000;

fn live() -> (Replica, SyncSession) {
    let (mut replica, mut session) = greeting();
    let input = Input::Received(welcome(1));
    session
        .handle(&mut replica, Timestamp(START), input)
        .unwrap();
    (replica, session)
}

/// A device that waits for the server's greeting.
fn greeting() -> (Replica, SyncSession) {
    let mut replica = people::replica(1, Role::FrontDesk);
    let mut session = SyncSession::new(Timestamp(START), 7);
    for input in [Input::Tick, Input::Opened] {
        session
            .handle(&mut replica, Timestamp(START), input)
            .unwrap();
    }
    (replica, session)
}

/// The greeting of a server in a version of the protocol.
fn welcome(version: u16) -> Vec<u8> {
    let mut greeting = log::Log::default().welcome(Role::FrontDesk, None, Sequence(0), vec![]);
    if let ServerFrame::Welcome { protocol, .. } = &mut greeting {
        *protocol = version;
    }
    log::encode(&greeting)
}

/// The tokens that a device shows by itself in these effects.
fn shown(effects: &[Effect]) -> Vec<String> {
    let frames = effects.iter().filter_map(|effect| match effect {
        Effect::Send(frame) => Some(log::decode(frame)),
        _ => None,
    });
    let tokens = frames.filter_map(|frame| match frame {
        ClientFrame::Renew { token } => Some(token),
        _ => None,
    });
    tokens.collect()
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
fn how_long_what_is_done_here_is_covered_counts_from_the_servers_last_word_and_is_kept() {
    let (mut replica, mut session) = greeting();
    let mut greeting = log::Log::default().welcome(Role::FrontDesk, None, Sequence(0), vec![]);
    if let ServerFrame::Welcome { grant_millis, .. } = &mut greeting {
        *grant_millis = Some(500_000);
    }
    let last_word = Timestamp(START + 3_000);
    for (at, input) in [
        (Timestamp(START), Input::Received(log::encode(&greeting))),
        (last_word, Input::Received(log::encode(&ServerFrame::Pong))),
    ] {
        session.handle(&mut replica, at, input).unwrap();
    }
    let state = session.state(&replica).unwrap();
    assert_eq!(state.grant_until, None, "it begins anew with every word");
    let later = Timestamp(START + 9_000);
    session
        .handle(&mut replica, later, Input::Closed(None))
        .unwrap();
    let until = Some(Timestamp(last_word.0 + 500_000));
    assert_eq!(session.state(&replica).unwrap().grant_until, until);
    let started = SyncSession::new(later, 7);
    assert_eq!(started.state(&replica).unwrap().grant_until, until);
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

#[test]
fn another_token_is_shown_on_the_connection_that_an_earlier_one_opened() {
    for (version, expected) in [(1, vec![]), (2, vec![]), (3, vec!["next".to_owned()])] {
        let (mut replica, mut session) = greeting();
        let mut takes = |input| {
            let effects = session.handle(&mut replica, Timestamp(START), input);
            shown(&effects.unwrap())
        };
        assert!(takes(Input::Received(welcome(version))).is_empty());
        let renewed = || Input::Renewed("next".to_owned());
        assert_eq!(takes(renewed()), expected, "version {version}");
        assert!(takes(Input::Tick).is_empty(), "it is shown once");
    }
}

#[test]
fn a_token_that_comes_before_the_greeting_is_shown_after_it() {
    let (mut replica, mut session) = greeting();
    let mut takes = |seconds: i64, input| {
        let now = Timestamp(START + seconds * 1_000);
        session.handle(&mut replica, now, input).unwrap()
    };
    let renewed = || Input::Renewed("next".to_owned());
    assert!(shown(&takes(0, renewed())).is_empty());
    assert_eq!(shown(&takes(0, Input::Received(welcome(3)))), ["next"]);

    // Another connection is opened with it, and nothing is shown there.
    takes(0, Input::Closed(None));
    assert!(shown(&takes(0, renewed())).is_empty());
    assert!(takes(60, Input::Tick).contains(&Effect::Connect));
    takes(60, Input::Opened);
    assert!(shown(&takes(60, Input::Received(welcome(3)))).is_empty());
}

#[test]
fn a_person_is_told_that_they_are_signed_out_only_where_nothing_else_can_be_done() {
    for (renewal, reason) in [
        (None, Some(Problem::SignedOut)),
        (Some("renewal".to_owned()), None),
    ] {
        let (mut replica, mut session) = live();
        if let Some(token) = renewal {
            let renewal = KeptRenewal {
                token,
                received_at: Timestamp(START),
                lasts_millis: 60 * 60 * 1_000,
            };
            replica.renew_session("token".to_owned(), renewal).unwrap();
        }
        let refuse = ServerFrame::Refuse(ErrorBody {
            code: ErrorCode::SignedOut,
            message: "sign in again".into(),
        });
        let input = Input::Received(log::encode(&refuse));
        let effects = session
            .handle(&mut replica, Timestamp(START), input)
            .unwrap();
        assert!(effects.contains(&Effect::SignedOut(Problem::SignedOut)));
        assert!(effects.contains(&Effect::Close));
        let state = session.state(&replica).unwrap();
        let since = Timestamp(START);
        assert_eq!(state.connection, Connection::Offline { since, reason });
    }
}

#[test]
fn after_a_misunderstanding_everything_is_said_in_full() {
    let refusal = ErrorBody {
        code: ErrorCode::BadRequest,
        message: "No.".into(),
    };
    let misunderstood = [
        Input::Closed(Some(Problem::ServerConfused)),
        Input::Received(log::encode(&ServerFrame::Refuse(refusal))),
        Input::Received(vec![0xff]),
    ];
    for (input, after) in misunderstood
        .into_iter()
        .map(|input| (input, limits::LAST_PLAIN_PROTOCOL))
        .chain([(Input::Closed(None), limits::PROTOCOL)])
    {
        let (mut replica, mut session) = live();
        let tomorrow = Timestamp(START + 86_400_000);
        session
            .handle(&mut replica, Timestamp(START), input)
            .unwrap();
        for _ in 0..2 {
            session.handle(&mut replica, tomorrow, Input::Tick).unwrap();
            let effects = session
                .handle(&mut replica, tomorrow, Input::Opened)
                .unwrap();
            let said = effects.iter().find_map(|effect| match effect {
                Effect::Send(frame) => match log::decode(frame) {
                    ClientFrame::Hello { protocol, .. } => Some(protocol),
                    _ => None,
                },
                _ => None,
            });
            assert_eq!(said, Some(after));
            session
                .handle(&mut replica, tomorrow, Input::Closed(None))
                .unwrap();
        }
    }
}
