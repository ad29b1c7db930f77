//! A session as its device sees it.

use super::*;
use crate::{gate::Word, pretend::*};
use ed25519_dalek::{Signer, SigningKey};
use keyrack_model::{
    cleanliness::Cleanliness,
    ids::OperationId,
    limits::{
        AHEAD_BYTES, FRAME_ALLOWANCE, GRANT_MILLIS, MAX_FRAME, MAX_HELLO_ACTORS, MAX_PUSH_ACTIONS,
        MAX_PUSH_BYTES, OLDEST_PROTOCOL, PROTOCOL, Steady,
    },
    policy::Role,
    refusal::{GateReason, Refusal},
    wire::{Batch, OperationVerdict, Verdict},
};
use uuid::Uuid;

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

#[test]
fn a_device_says_hello_is_welcomed_and_gets_what_it_lacks() {
    let mut session = Session::new(admitted(), NOW);
    let effects = session.handle(NOW, frame(&hello(PROTOCOL, Some(EPOCH), 2)));
    let actors = vec![Device::of(MARIA, 1).registration()];
    let epoch = Some(EPOCH);
    let known = None;
    let cursor = Sequence(2);
    assert_eq!(
        effects,
        [Effect::Greet {
            actors,
            epoch,
            known,
            cursor
        }]
    );
    assert!(
        !session.reads(),
        "frames wait until the actors are registered"
    );
    let effects = session.handle(at(1), greeted(3));
    let welcome = ServerFrame::Welcome {
        protocol: PROTOCOL,
        epoch: EPOCH,
        head: Sequence(3),
        after: Sequence(2),
        server_time: at(1),
        classes: Reading::of(Role::Housekeeper).classes(),
        grant_millis: Some((GRANT_MILLIS - GRANT_RENEWED_MILLIS) as u32),
    };
    let (after, reading) = (Sequence(2), Reading::of(Role::Housekeeper));
    assert_eq!(
        effects,
        [Effect::Send(welcome), Effect::Follow { after, reading }]
    );
    assert!(session.reads());
}

#[test]
fn other_protocols_are_told_which_side_to_update() {
    for (protocol, code) in [
        (OLDEST_PROTOCOL - 1, ErrorCode::OldProtocol),
        (PROTOCOL + 1, ErrorCode::NewProtocol),
    ] {
        let mut session = Session::new(admitted(), NOW);
        let effects = session.handle(NOW, frame(&hello(protocol, None, 0)));
        assert_eq!(refused(&effects), code);
        assert_eq!(session.handle(NOW, frame(&ClientFrame::Ping)), []);
    }
}

#[test]
fn a_device_that_has_more_than_the_log_is_told_so() {
    for (epoch, cursor) in [(Some(EPOCH), 4), (None, 1)] {
        let mut session = Session::new(admitted(), NOW);
        session.handle(NOW, frame(&hello(PROTOCOL, epoch, cursor)));
        let effects = session.handle(NOW, greeted(3));
        assert_eq!(refused(&effects), ErrorCode::EpochChanged);
    }
}

#[test]
fn a_device_of_an_earlier_epoch_goes_on_from_what_is_shared() {
    let earlier = LogEpoch(Uuid::from_u128(99));
    for (cursor, shared, expected) in [(9, Some(2), 2), (1, Some(2), 1), (9, None, 0)] {
        let mut session = Session::new(admitted(), NOW);
        session.handle(NOW, frame(&hello(PROTOCOL, Some(earlier), cursor)));
        let effects = session.handle(NOW, greeted_sharing(3, shared));
        let [
            Effect::Send(ServerFrame::Welcome { epoch, after, .. }),
            follow,
        ] = &effects[..]
        else {
            panic!("not welcomed: {effects:?}");
        };
        assert_eq!((*epoch, *after), (EPOCH, Sequence(expected)));
        let reading = Reading::of(Role::Housekeeper);
        let after = *after;
        assert_eq!(*follow, Effect::Follow { after, reading });
    }
}

#[test]
fn only_people_who_signed_in_on_the_device_write_from_it() {
    let mut session = live();
    let rui = vec![Device::of(RUI, 1).registration()];
    let effects = session.handle(
        NOW,
        frame(&ClientFrame::Register {
            actors: rui.clone(),
        }),
    );
    assert_eq!(effects, [Effect::Register { actors: rui }]);
    assert_eq!(
        session.handle(NOW, Input::Registered { clashes: vec![] }),
        []
    );
    // Whose sign-in a restored server has lost: nothing is bound to them, and nobody is turned away.
    let tomas = Device::of(TOMAS, 1).registration();
    let actors = vec![tomas, Device::of(RUI, 1).registration()];
    let effects = session.handle(NOW, frame(&ClientFrame::Register { actors }));
    let actors = vec![Device::of(RUI, 1).registration()];
    assert_eq!(effects, [Effect::Register { actors }]);
}

#[test]
fn a_device_of_an_earlier_version_is_turned_away_with_the_work_of_a_stranger() {
    let mut session = Session::new(admitted(), NOW);
    session.handle(NOW, frame(&hello(2, None, 0)));
    session.handle(NOW, greeted(3));
    let actors = vec![Device::of(TOMAS, 1).registration()];
    let effects = session.handle(NOW, frame(&ClientFrame::Register { actors }));
    assert_eq!(refused(&effects), ErrorCode::SignedOut);
}

#[test]
fn an_actor_that_is_another_devices_ends_the_session() {
    let clashes = vec![Device::of(MARIA, 1).actor];
    let effects = live().handle(NOW, Input::Registered { clashes });
    assert_eq!(refused(&effects), ErrorCode::DeviceKey);
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

#[test]
fn what_was_stored_as_it_was_sent_is_told_in_one_place_to_whoever_knows_the_answer() {
    let accepted = |number: u64| OperationVerdict {
        operation: OperationId(Uuid::from_u128(number.into())),
        verdict: Verdict::Accepted {
            sequence: Sequence(number),
            received_at: NOW,
        },
    };
    let stored = Stored {
        first: Sequence(4),
        last: Sequence(5),
        received_at: NOW,
    };
    let answer = Answer {
        verdicts: vec![accepted(4), accepted(5)],
        stored: Some(stored),
        spent: None,
    };
    let told_to = |protocol| {
        let mut session = Session::new(admitted(), NOW);
        session.handle(NOW, frame(&hello(protocol, None, 0)));
        session.handle(NOW, greeted(3));
        session.handle(NOW, Input::Judged(answer.clone()))
    };
    let short = ServerFrame::Stored {
        first: Sequence(4),
        received_at: NOW,
    };
    assert_eq!(told_to(2), [Effect::Send(short), Effect::LeaveOut(stored)]);
    let verdicts = answer.verdicts.clone();
    assert_eq!(
        told_to(1),
        [Effect::Send(ServerFrame::Verdicts { verdicts })]
    );
}

#[test]
fn a_log_that_has_something_else_where_the_device_knows_its_way_is_not_gone_on_with() {
    let mut session = Session::new(admitted(), NOW);
    session.handle(NOW, frame(&hello(PROTOCOL, Some(EPOCH), 2)));
    let Input::Greeted(greeted) = greeted(3) else {
        unreachable!()
    };
    let other = Greeted {
        agrees: false,
        ..greeted
    };
    let effects = session.handle(NOW, Input::Greeted(other));
    assert_eq!(refused(&effects), ErrorCode::EpochChanged);
}

#[test]
fn a_push_is_judged_when_the_devices_key_signed_it() {
    let actions = vec![Device::of(MARIA, 1).mark(Cleanliness::Clean)];
    let batch = cbor(&actions);
    let mut session = live();
    let pushed = signed(batch.clone());
    let Input::Frame(frame_bytes) = &pushed else {
        unreachable!()
    };
    let beside = (frame_bytes.len() - actions[0].changes[0].bytes.len()) as u64;
    let effects = session.handle(NOW, pushed);
    let given = |action| Claim {
        action,
        word: Word::Given,
        beside,
    };
    let claims = actions.into_iter().map(given).collect();
    assert_eq!(effects, [Effect::Judge(claims)]);
    let effects = session.handle(NOW, Input::Judged(postponed()));
    let verdicts = postponed().verdicts;
    assert_eq!(effects, [Effect::Send(ServerFrame::Verdicts { verdicts })]);

    let other = SigningKey::from_bytes(&[8; 32]);
    for signature in [other.sign(&batch).to_bytes().to_vec(), vec![], vec![0; 64]] {
        let batch = batch.clone();
        let push = frame(&ClientFrame::Push {
            batch,
            signature,
            proofs: vec![],
        });
        assert_eq!(refused(&live().handle(NOW, push)), ErrorCode::DeviceKey);
    }
}

#[test]
fn what_is_too_large_or_not_a_frame_ends_the_session() {
    let too_large = |input| refused(&live().handle(NOW, input)) == ErrorCode::TooLarge;
    assert!(too_large(Input::Frame(vec![0; MAX_FRAME + 1])));
    assert!(too_large(signed(vec![0; MAX_PUSH_BYTES + 1])));
    let action = Device::of(MARIA, 1).mark(Cleanliness::Clean);
    let many = vec![action; MAX_PUSH_ACTIONS + 1];
    assert!(too_large(signed(cbor(&many))));
    let registration = Device::of(MARIA, 1).registration();
    let actors = vec![registration; MAX_HELLO_ACTORS + 1];
    assert!(too_large(frame(&ClientFrame::Register { actors })));

    let not_understood = |session: &mut Session, input| {
        refused(&session.handle(NOW, input)) == ErrorCode::BadRequest
    };
    assert!(not_understood(&mut live(), Input::Frame(vec![0xff; 9])));
    assert!(not_understood(&mut live(), Input::Frame(vec![])));
    let two = [cbor(&ClientFrame::Ping), cbor(&ClientFrame::Ping)].concat();
    assert!(not_understood(&mut live(), Input::Frame(two)));
    assert!(not_understood(&mut live(), signed(vec![0xff; 9])));
    // Of nothing there is nothing to answer, and it is not listened to a second time.
    assert!(not_understood(&mut live(), signed(cbor::<Batch>(&vec![]))));
    assert!(not_understood(
        &mut live(),
        frame(&hello(PROTOCOL, None, 0))
    ));
    let early = a_push();
    assert!(not_understood(&mut Session::new(admitted(), NOW), early));
}

#[test]
fn a_device_with_many_pushes_under_way_is_not_read_from() {
    let mut session = live();
    for _ in 0..MAX_PUSHES_IN_FLIGHT {
        assert!(session.reads());
        session.handle(NOW, a_push());
    }
    assert!(!session.reads());
    session.handle(NOW, Input::Judged(postponed()));
    assert!(session.reads());
}

#[test]
fn a_silent_device_is_pinged_and_then_dropped() {
    let mut session = live();
    assert_eq!(session.handle(at(19), Input::Tick), []);
    assert_eq!(
        session.handle(at(20), Input::Tick),
        [Effect::Ping { number: 1 }]
    );
    assert_eq!(session.handle(at(21), Input::Tick), []);
    session.handle(at(22), Input::Heard);
    assert_eq!(session.handle(at(41), Input::Tick), []);
    for (seconds, number) in [(42, 2), (62, 3)] {
        assert_eq!(
            session.handle(at(seconds), Input::Tick),
            [Effect::Ping { number }]
        );
    }
    assert_eq!(
        session.handle(at(82), Input::Tick),
        [Effect::Close(Closing::Over)]
    );
    let effects = live().handle(at(1), frame(&ClientFrame::Ping));
    assert_eq!(effects, [Effect::Send(ServerFrame::Pong)]);
    // One that waits for a verdict is not dropped for saying nothing.
    let mut session = live();
    session.handle(NOW, a_push());
    assert_eq!(
        session.handle(at(99), Input::Tick),
        [Effect::Ping { number: 1 }]
    );
}

#[test]
fn a_device_that_is_sent_much_is_asked_how_far_it_has_come_and_gets_more_when_it_answers() {
    let mut session = live();
    let sent = |session: &mut Session, bytes| {
        let last = Sequence(9);
        session.handle(at(1), Input::Delivered { last, bytes })
    };
    assert_eq!(sent(&mut session, AHEAD_BYTES / 2 - 1), []);
    assert_eq!(sent(&mut session, 1), [Effect::Ping { number: 1 }]);
    assert!(session.has_room());
    assert_eq!(sent(&mut session, AHEAD_BYTES / 2), []);
    assert!(!session.has_room());
    assert_eq!(session.handle(at(59), Input::Answered { ping: 7 }), []);
    assert!(!session.has_room());
    // What was sent after the ping is asked for at once.
    let answered = session.handle(at(59), Input::Answered { ping: 1 });
    assert_eq!(answered, [Effect::Ping { number: 2 }]);
    assert!(session.has_room());
    // It reads slowly, and is there.
    assert!(
        !session
            .handle(at(100), Input::Tick)
            .contains(&Effect::Close(Closing::Over))
    );
}

#[test]
fn that_a_device_has_heard_what_it_was_sent_is_noted_every_few_minutes() {
    let due = GRANT_RENEWED_MILLIS / 1_000;
    let delivered = |session: &mut Session, seconds, last| {
        let last = Sequence(last);
        assert_eq!(
            session.handle(at(seconds), Input::Delivered { last, bytes: 0 }),
            []
        );
    };
    let mut session = live();
    delivered(&mut session, 1, 4);
    session.handle(at(20), Input::Tick);
    assert_eq!(session.handle(at(20), Input::Answered { ping: 1 }), []);
    // One that is never quiet is asked too; what was sent after the ping may not have come.
    session.handle(at(due), frame(&ClientFrame::Ping));
    let number = 2;
    assert_eq!(
        session.handle(at(due), Input::Tick),
        [Effect::Ping { number }]
    );
    delivered(&mut session, due, 5);
    for ping in [1, 3] {
        assert_eq!(session.handle(at(due), Input::Answered { ping }), []);
    }
    let up_to = Sequence(4);
    assert_eq!(
        session.handle(at(due + 1), Input::Answered { ping: 2 }),
        [Effect::NoteTold { up_to }]
    );
    assert_eq!(session.handle(at(due + 1), Input::Answered { ping: 2 }), []);
}

#[test]
fn an_earlier_version_has_no_word_for_a_grant_that_is_over() {
    let (command, role) = ("start-task".to_owned(), Role::FrontDesk);
    let told = |protocol| {
        let refusal = Refusal::GrantEnded {
            command: command.clone(),
            role,
        };
        let verdict = OperationVerdict {
            operation: OperationId(Uuid::from_u128(1)),
            verdict: Verdict::Refused(refusal),
        };
        told_in(protocol, vec![verdict]).remove(0).verdict
    };
    assert!(matches!(
        told(4),
        Verdict::Refused(Refusal::GrantEnded { .. })
    ));
    let earlier = Refusal::NotAllowed {
        command: command.clone(),
        role,
    };
    assert_eq!(told(3), Verdict::Refused(earlier));
}

#[test]
fn an_earlier_version_has_no_word_for_a_rule_that_ended() {
    let told = |protocol| {
        let verdict = OperationVerdict {
            operation: OperationId(Uuid::from_u128(1)),
            verdict: Verdict::Refused(Refusal::NoSelfCheck),
        };
        told_in(protocol, vec![verdict]).remove(0).verdict
    };
    assert_eq!(told(4), Verdict::Refused(Refusal::NoSelfCheck));
    let earlier = Refusal::from(GateReason::NotOfCommand);
    assert_eq!(told(3), Verdict::Refused(earlier));
}

#[test]
fn a_device_says_so_much_beside_its_work_and_then_so_much_each_second() {
    type Say = fn() -> Input;
    let says: [Say; 3] = [
        || frame(&ClientFrame::Ping),
        || Input::Heard,
        || Input::Answered { ping: 77 },
    ];
    let Steady {
        at_once,
        each_second,
    } = FRAME_ALLOWANCE.operations;
    for say in says {
        let mut session = live();
        // Its greeting was one.
        for _ in 1..at_once {
            let effects = session.handle(NOW, say());
            assert!(!effects.contains(&Effect::Close(Closing::Over)));
        }
        for _ in 0..each_second {
            let effects = session.handle(at(1), say());
            assert!(!effects.contains(&Effect::Close(Closing::Over)));
        }
        // What it has to say of its work is counted elsewhere.
        let pushed = session.handle(at(1), a_push());
        assert!(matches!(pushed[..], [Effect::Judge(_)]));
        assert_eq!(refused(&session.handle(at(1), say())), ErrorCode::TryLater);
    }
}

#[test]
fn whoever_asks_for_more_than_they_are_given_is_told_that_and_comes_back_later() {
    let effects = live().handle(NOW, Input::Crowded);
    assert_eq!(refused(&effects), ErrorCode::TryLater);
    let failed = live().handle(NOW, Input::Failed);
    assert_eq!(refused(&failed), ErrorCode::TryLater);
    assert_ne!(effects, failed, "the store is not what is at fault");
}

#[test]
fn a_server_that_stops_sends_the_verdicts_that_are_due_and_says_when_to_come_back() {
    let mut session = live();
    session.handle(NOW, a_push());
    let effects = session.handle(NOW, Input::Stopping);
    let [Effect::Send(ServerFrame::GoAway { retry_after_millis })] = effects[..] else {
        panic!("{effects:?}");
    };
    assert!(
        (COME_BACK_MILLIS..COME_BACK_MILLIS + COME_BACK_SPREAD_MILLIS)
            .contains(&retry_after_millis)
    );
    assert!(!session.reads());
    let effects = session.handle(NOW, Input::Judged(postponed()));
    assert!(matches!(effects[..], [Effect::Send(_), Effect::Close(_)]));
    let effects = live().handle(NOW, Input::Stopping);
    assert!(matches!(effects[..], [Effect::Send(_), Effect::Close(_)]));
}

fn renew() -> Input {
    frame(&ClientFrame::Renew {
        token: "next".into(),
    })
}

#[test]
fn a_connection_ends_with_the_token_that_opened_it() {
    let ends = at(3_600);
    let mut session = live();
    session.handle(Timestamp(ends.0 - 1), Input::Heard);
    let effects = session.handle(Timestamp(ends.0 - 1), Input::Tick);
    assert!(
        !effects.contains(&Effect::Close(Closing::Over)),
        "it is good until then"
    );
    let effects = session.handle(ends, Input::Tick);
    assert!(matches!(
        effects[..],
        [
            Effect::Send(ServerFrame::GoAway { .. }),
            Effect::Close(Closing::Over)
        ]
    ));

    // Verdicts that are due still go out.
    let mut session = live();
    session.handle(NOW, a_push());
    let effects = session.handle(ends, Input::Tick);
    assert!(matches!(
        effects[..],
        [Effect::Send(ServerFrame::GoAway { .. })]
    ));
    let effects = session.handle(ends, Input::Judged(postponed()));
    assert!(matches!(effects[..], [Effect::Send(_), Effect::Close(_)]));
}

#[test]
fn another_token_of_the_same_session_lengthens_a_connection() {
    let mut session = live();
    let token = "next".into();
    assert_eq!(
        session.handle(at(3_000), renew()),
        [Effect::Admit { token }]
    );
    let next = Admitted {
        until: at(6_600),
        ..admitted()
    };
    assert_eq!(
        session.handle(at(3_000), Input::Admitted(Some(Box::new(next)))),
        []
    );
    for (seconds, is_over) in [(3_600, false), (6_599, false), (6_600, true)] {
        session.handle(at(seconds), Input::Heard);
        let effects = session.handle(at(seconds), Input::Tick);
        assert_eq!(
            effects.contains(&Effect::Close(Closing::Over)),
            is_over,
            "{seconds}"
        );
    }
}

#[test]
fn a_token_of_anybody_else_ends_the_connection() {
    let own = identity();
    let others = [
        Identity {
            user: RUI,
            ..own.clone()
        },
        Identity {
            device: Device::of(RUI, 2).id,
            ..own.clone()
        },
        Identity {
            session: SessionId(Uuid::from_u128(1)),
            ..own
        },
    ];
    let others = others.map(|who| {
        Some(Admitted {
            who,
            until: at(7_200),
        })
    });
    for shown in others.into_iter().chain([None]) {
        let mut session = live();
        session.handle(NOW, renew());
        let effects = session.handle(NOW, Input::Admitted(shown.map(Box::new)));
        assert_eq!(refused(&effects), ErrorCode::SignedOut);
    }
}

#[test]
fn a_token_is_shown_only_in_a_conversation_that_knows_of_it() {
    let early = Session::new(admitted(), NOW).handle(NOW, renew());
    assert_eq!(refused(&early), ErrorCode::BadRequest);
    let mut older = Session::new(admitted(), NOW);
    older.handle(NOW, frame(&hello(2, None, 0)));
    older.handle(NOW, greeted(3));
    assert_eq!(refused(&older.handle(NOW, renew())), ErrorCode::BadRequest);
}

fn audit_head(number: u64, hash: u8) -> AuditHead {
    AuditHead {
        number,
        hash: vec![hash; 32],
        signature: vec![0; 64],
    }
}

#[test]
fn a_device_is_told_where_the_audit_log_ends_when_that_is_news() {
    let mut session = live();
    let mut tell = |head: &AuditHead| session.handle(NOW, Input::AuditHead(head.clone()));
    let (first, later, other) = (audit_head(3, 3), audit_head(4, 4), audit_head(4, 5));
    for news in [&first, &later, &other] {
        let told = Effect::Send(ServerFrame::AuditHead(news.clone()));
        assert_eq!(tell(news), [told]);
        assert_eq!(tell(news), []);
    }
    // Read before what the device was told, and late.
    assert_eq!(tell(&first), []);
}

#[test]
fn a_device_of_an_earlier_version_or_that_is_not_greeted_is_told_of_no_audit_log() {
    let head = || Input::AuditHead(audit_head(3, 3));
    let mut session = Session::new(admitted(), NOW);
    assert_eq!(session.handle(NOW, head()), []);
    session.handle(NOW, frame(&hello(2, None, 0)));
    session.handle(NOW, greeted(3));
    assert_eq!(session.handle(NOW, head()), []);
}

#[test]
fn whoever_answers_what_the_server_asked_may_do_so_as_often_as_there_is_much_to_send() {
    let mut session = live();
    let mut answers = 0;
    for number in 1..=2 * FRAME_ALLOWANCE.operations.at_once {
        let sent = Input::Delivered {
            last: Sequence(number),
            bytes: AHEAD_BYTES,
        };
        for effect in session.handle(NOW, sent) {
            let Effect::Ping { number } = effect else {
                panic!("{effect:?}");
            };
            assert!(!session.has_room());
            let ping = number;
            assert_eq!(session.handle(NOW, Input::Answered { ping }), []);
            assert!(session.has_room());
            answers += 1;
        }
    }
    assert_eq!(answers, 2 * FRAME_ALLOWANCE.operations.at_once);
    // An answer that is given twice is what anybody could say.
    let again = (0..FRAME_ALLOWANCE.operations.at_once)
        .map(|_| session.handle(NOW, Input::Answered { ping: 1 }))
        .find(|effects| effects.contains(&Effect::Close(Closing::Over)));
    assert!(again.is_some());
}
