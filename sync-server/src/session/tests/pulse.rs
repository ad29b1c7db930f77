//! Signs of life, and how far a device has heard.

use super::*;

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
