//! How a conversation begins: who is welcomed, and from where on the device is told.

use super::*;

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
