//! How a session goes on when its token ends, and when it does not.

use super::{
    fake_server::{Asked, FakeServer, Refreshing, Sync},
    *,
};
use crate::engine::{administering::Errand, renewing::Exchange};
use keyrack_model::{administration::Administration, time::Timestamp};
use keyrack_replica::KeptRenewal;

const HOUR: i64 = 60 * 60 * 1_000;

/// Maria's session at a server, with a token that came so long ago and was good for an hour.
fn world_at(server: &FakeServer, millis_ago: i64) -> World {
    let session = UserSession {
        server: server.address.clone(),
        renewal: Some(KeptRenewal {
            token: "renewal".to_owned(),
            received_at: Timestamp(clock::now().0 - millis_ago),
            lasts_millis: HOUR,
        }),
        ..session_of_maria(identity::hotel("resort"))
    };
    World::new().with_session(session)
}

fn refresh(token: &str) -> Asked {
    Asked::Refresh(token.to_owned())
}

fn as_holder_of(token: &str) -> Asked {
    Asked::As(token.to_owned())
}

/// The tokens of the session that is stored.
fn stored(world: &World) -> Option<(String, String)> {
    let replica = world.replica(identity::hotel("resort"));
    let session = replica.session()?;
    let renewal = session.renewal.as_ref()?;
    Some((session.token.clone(), renewal.token.clone()))
}

#[track_caller]
fn why_signed_out(told: &std_mpsc::Receiver<Event>) -> Option<Problem> {
    loop {
        if let Session::SignedOut { ended, .. } = next_session(told) {
            return ended;
        }
    }
}

#[test]
fn an_old_token_is_refreshed_before_anything_is_asked_with_it() {
    let server = FakeServer::of(1, Sync::Knows("token-2"));
    let world = world_at(&server, 2 * HOUR);
    let desk = world.start();
    assert_eq!(server.next(), refresh("renewal"));
    assert_eq!(server.next(), as_holder_of("token-2"));
    let session = next_session(&desk.watch());
    assert!(matches!(session, Session::SignedIn { .. }));
    desk.close();
    let tokens = ("token-2".to_owned(), "renewal-2".to_owned());
    assert_eq!(stored(&world), Some(tokens));

    // The next start goes on with what was stored.
    let desk = world.start();
    assert_eq!(server.next(), as_holder_of("token-2"));
    desk.close();
    let rest = server.rest();
    assert!(rest.iter().all(|asked| *asked == as_holder_of("token-2")));
}

#[test]
fn a_token_that_is_about_to_end_is_used_and_refreshed_meanwhile() {
    let server = FakeServer::of(1, Sync::Silent);
    let world = world_at(&server, HOUR - limits::REFRESH_AHEAD_MILLIS);
    let desk = world.start();
    let mut asked = [server.next(), server.next()];
    asked.sort_by_key(|asked| *asked == refresh("renewal"));
    assert_eq!(asked, [as_holder_of("token"), refresh("renewal")]);
    desk.close();
}

/// The clock was set back while the app was closed, or forward before it was.
#[test]
fn a_token_of_which_nobody_can_tell_how_old_it_is_is_refreshed_first() {
    let server = FakeServer::of(1, Sync::Knows("token-2"));
    let desk = world_at(&server, -1_000 * HOUR).start();
    assert_eq!(server.next(), refresh("renewal"));
    assert_eq!(server.next(), as_holder_of("token-2"));
    desk.close();
}

#[test]
fn a_token_that_the_server_does_not_know_is_refreshed_and_nobody_is_signed_out() {
    let server = FakeServer::of(1, Sync::Knows("token-2"));
    let desk = world_at(&server, 0).start();
    let told = desk.watch();
    assert_eq!(server.next(), as_holder_of("token"));
    assert_eq!(server.next(), refresh("renewal"));
    while server.next() != as_holder_of("token-2") {}
    desk.close();
    let sessions = told.try_iter().filter_map(|event| match event {
        Event::Session(session) => Some(session),
        Event::Sync(_) | Event::Rows { .. } | Event::Guests { .. } => None,
    });
    let mut sessions = sessions.peekable();
    assert!(sessions.peek().is_some());
    assert!(sessions.all(|session| matches!(session, Session::SignedIn { .. })));
}

#[test]
fn a_session_that_is_over_at_the_server_is_over_here() {
    let server = FakeServer::that_refreshes(1, Sync::KnowsNobody, Refreshing::IsOver);
    let world = world_at(&server, 2 * HOUR);
    let desk = world.start();
    assert_eq!(why_signed_out(&desk.watch()), Some(Problem::SignedOut));
    desk.close();
    assert_eq!(stored(&world), None);
    assert_eq!(server.next(), refresh("renewal"));
    assert_eq!(server.rest(), [], "nothing was asked with the old token");
}

#[test]
fn a_server_that_cannot_answer_is_asked_the_same_again() {
    let server = FakeServer::that_refreshes(1, Sync::Knows("token-2"), Refreshing::GivesLater);
    let desk = world_at(&server, 2 * HOUR).start();
    let told = desk.watch();
    assert!(matches!(next_session(&told), Session::SignedIn { .. }));
    for _ in 0..2 {
        assert_eq!(server.next(), refresh("renewal"));
    }
    assert_eq!(server.next(), as_holder_of("token-2"));
    desk.close();
}

#[test]
fn a_server_that_asks_for_a_pause_is_not_asked_again_whatever_a_person_wants() {
    let pauses = Refreshing::Pauses(3_600);
    let server = FakeServer::that_refreshes(1, Sync::Knows("token-2"), pauses);
    let desk = world_at(&server, 2 * HOUR).start();
    let told = desk.watch();
    assert!(matches!(next_session(&told), Session::SignedIn { .. }));
    assert_eq!(server.next(), refresh("renewal"));
    for _ in 0..3 {
        let asked = desk.act(Request::Administer(Administration::Look));
        assert!(matches!(asked, Err(Problem::TryLater { seconds: 1.. })));
    }
    desk.close();
    assert_eq!(server.rest(), [], "it was left alone");
}

#[test]
fn a_server_that_gives_tokens_and_knows_none_of_them_is_believed_in_the_end() {
    let server = FakeServer::of(1, Sync::KnowsNobody);
    let desk = world_at(&server, 0).start();
    assert_eq!(why_signed_out(&desk.watch()), Some(Problem::SignedOut));
    desk.close();
    let asked = server.rest();
    let refreshes = asked.iter().filter(|it| matches!(it, Asked::Refresh(_)));
    assert_eq!(refreshes.count() as u32, limits::MAX_REFRESHED_IN_VAIN);
}

#[test]
fn whoever_signs_out_while_the_session_is_refreshed_is_signed_out_everywhere() {
    let server = FakeServer::that_refreshes(1, Sync::Silent, Refreshing::Silent);
    let world = world_at(&server, 2 * HOUR);
    let desk = world.start();
    assert_eq!(server.next(), refresh("renewal"));
    assert_eq!(desk.act(Request::SignOut), Ok(Receipt::Noted));
    // The server knows the session by this, whether or not it has answered.
    assert_eq!(server.wait_for_a_sign_out(), "renewal");
    let session = next_session(&desk.watch());
    assert!(matches!(session, Session::SignedOut { ended: None, .. }));
    desk.close();
    assert_eq!(stored(&world), None);
}

/// Nothing of the session before is done in the name of the next one.
#[test]
fn an_answer_that_comes_after_signing_out_changes_nothing() {
    // Nothing drives this runtime: what is asked for is never answered.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let _inside = runtime.enter();
    let server = FakeServer::of(1, Sync::Silent);
    let world = world_at(&server, 2 * HOUR);
    let mut engine = Engine::open(world.installation()).unwrap();
    engine.connect();
    assert_eq!(engine.renewing.refreshes.len(), 1);
    engine.connect();
    engine.tick();
    assert_eq!(engine.renewing.refreshes.len(), 1, "one at a time");
    engine.sign_out().unwrap();
    assert!(engine.renewing.refreshes.is_empty());
    engine.tick();
    assert!(engine.link.is_none());
    assert!(engine.renewing.refreshes.is_empty());
}

/// Whether the server has given other tokens, nobody knows then.
#[test]
fn a_change_of_the_password_that_breaks_off_leaves_the_session_to_what_its_tokens_open() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let _inside = runtime.enter();
    let server = FakeServer::of(1, Sync::Silent);
    let world = world_at(&server, 0);
    let mut engine = Engine::open(world.installation()).unwrap();
    let change = Administration::ChangePassword {
        present: "maria-keyrack".into(),
        new: "one of her own".into(),
    };
    let (reply, _heard) = oneshot::channel();
    engine.begin_administration(Errand::Administer(change), reply);
    engine.doubt_session(Problem::SignedOut);
    assert!(
        engine.renewing.refreshes.is_empty(),
        "other tokens may come"
    );

    engine.administrations.abort_all();
    let end = runtime.block_on(engine.administrations.join_next());
    let end = end.filter(Result::is_err).unwrap();
    engine.end_administration(end);
    assert_eq!(engine.renewing.exchange, Exchange::None);
    engine.doubt_session(Problem::SignedOut);
    assert_eq!(engine.renewing.refreshes.len(), 1);
}
