//! A connection lasts no longer than the token that was shown last.

use super::*;

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
        [Effect::Send(ServerFrame::GoAway { .. }), Effect::Close(_)]
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
