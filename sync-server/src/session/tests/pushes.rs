//! What is pushed, and how it is answered.

use super::*;

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
fn an_earlier_version_has_no_word_for_a_name_that_holds_what_is_not_seen() {
    let refusal = Refusal::ControlCharacter {
        field: "name".to_owned(),
    };
    for (protocol, told) in [
        (4, refusal.clone()),
        (3, Refusal::from(GateReason::UnknownField)),
    ] {
        let verdict = OperationVerdict {
            operation: OperationId(Uuid::from_u128(1)),
            verdict: Verdict::Refused(refusal.clone()),
        };
        let verdict = told_in(protocol, vec![verdict]).remove(0).verdict;
        assert_eq!(verdict, Verdict::Refused(told));
    }
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
