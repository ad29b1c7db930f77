//! How sessions, connections and the engine itself end.

use super::{
    fake_server::{FakeServer, Sync},
    *,
};
use keyrack_model::{
    action::Sequence,
    class::Class,
    ids::LogEpoch,
    wire::{ErrorBody, ErrorCode, ServerFrame},
};
use std::cell::Cell;

fn work_order() -> Request {
    Request::CreateWorkOrder(WorkOrderDraft {
        title: "The lamp in 204 flickers".to_owned(),
        ..WorkOrderDraft::default()
    })
}

#[test]
fn a_hotel_with_the_same_code_on_another_server_does_not_get_this_ones_data() {
    let (ours, theirs) = (
        FakeServer::of(1, Sync::Silent),
        FakeServer::of(2, Sync::Silent),
    );
    let world = World::new();
    let desk = world.start();
    assert_eq!(desk.sign_in_at(&ours.address), Ok(Receipt::Noted));
    desk.act(work_order()).unwrap();

    // Nothing goes there while somebody is here.
    assert_eq!(desk.sign_in_at(&theirs.address), Err(Problem::OtherServer));
    let Session::SignedIn { server, .. } = next_session(&desk.watch()) else {
        panic!("maria is where she was");
    };
    assert_eq!(server, ours.address);

    assert_eq!(desk.act(Request::SignOut), Ok(Receipt::Noted));
    desk.close();
    let desk = world.start();
    assert_eq!(desk.sign_in_at(&theirs.address), Err(Problem::OtherHotel));
    theirs.wait_for_a_sign_out();
    let Session::SignedOut { waiting, .. } = next_session(&desk.watch()) else {
        panic!("nobody is signed in");
    };
    assert_eq!(waiting.iter().map(|of| of.actions).sum::<usize>(), 1);
    assert_eq!(desk.sign_in_at(&ours.address), Ok(Receipt::Noted));
    desk.close();
}

#[test]
fn whoever_comes_later_is_told_too_that_the_server_ended_the_session() {
    let server = FakeServer::of(1, Sync::KnowsNobody);
    let world = World::new();
    let desk = world.start();
    let told = desk.watch();
    assert!(matches!(
        next_session(&told),
        Session::SignedOut { ended: None, .. }
    ));
    assert_eq!(desk.sign_in_at(&server.address), Ok(Receipt::Noted));
    assert!(matches!(next_session(&told), Session::SignedIn { .. }));
    let why = |told| match next_session(told) {
        Session::SignedOut { ended, .. } => ended,
        Session::SignedIn { .. } => panic!("the server knows nobody"),
    };
    assert_eq!(why(&told), Some(Problem::SignedOut));
    assert_eq!(why(&desk.watch()), Some(Problem::SignedOut));
    desk.close();
}

#[test]
fn a_session_that_the_server_refuses_in_a_frame_says_so_until_the_next_sign_in() {
    // Nothing drives this runtime: what is asked for is never answered.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let inside = runtime.enter();
    let server = FakeServer::of(1, Sync::Silent);
    let world = World::new().with_maria_signed_in();
    let mut engine = Engine::open(world.installation()).unwrap();
    engine.feed(Input::Opened);
    engine.feed(Input::Received(frame(&ServerFrame::Refuse(ErrorBody {
        code: ErrorCode::SignedOut,
        message: "sign in again".to_owned(),
    }))));
    drop(inside);
    let (line, running) = engine.start().unwrap();
    let desk = Desk { line, running };
    let told = desk.watch();
    let Session::SignedOut { ended, .. } = next_session(&told) else {
        panic!("the server does not know maria");
    };
    assert_eq!(ended, Some(Problem::SignedOut));

    desk.sign_in_at(&server.address).unwrap();
    assert!(matches!(next_session(&told), Session::SignedIn { .. }));
    desk.act(Request::SignOut).unwrap();
    assert!(matches!(
        next_session(&told),
        Session::SignedOut { ended: None, .. }
    ));
    desk.close();
}

#[test]
fn what_is_told_last_of_a_connection_that_broke_off_is_that_it_did() {
    // Nothing drives this runtime: what is sent stays where it is.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let _inside = runtime.enter();
    let world = World::new().with_maria_signed_in();
    let mut engine = Engine::open(world.installation()).unwrap();
    let (tell, told) = std_mpsc::channel();
    engine.watcher = Some(Box::new(move |event| {
        tell.send(event).unwrap();
        KeepsWatching::Yes
    }));
    let (reply, _) = oneshot::channel();
    engine.take(Call::Act(work_order(), reply));
    engine.connect();
    engine.feed(Input::Opened);
    while engine.link.as_ref().unwrap().send(Vec::new()).is_ok() {}
    engine.feed(Input::Received(frame(&ServerFrame::Welcome {
        protocol: limits::PROTOCOL,
        epoch: LogEpoch(Uuid::from_u128(1)),
        head: Sequence::default(),
        after: Sequence::default(),
        server_time: clock::now(),
        classes: Class::ALL.to_vec(),
        grant_millis: None,
    })));
    assert!(engine.link.is_none());
    let connections: Vec<_> = told
        .try_iter()
        .filter_map(|event| match event {
            Event::Sync(state) => Some(state.connection),
            Event::Session(_) | Event::Rows { .. } | Event::Guests { .. } => None,
        })
        .collect();
    // What it asked for before the greeting is still on its way.
    assert!(
        connections.contains(&Connection::CatchingUp),
        "{connections:?}"
    );
    let last = connections.last().unwrap();
    assert!(
        matches!(last, Connection::Offline { .. }),
        "{connections:?}"
    );
}

#[test]
fn closing_does_not_wait_for_a_name_that_is_being_looked_up() {
    let desk = World::new().start();
    let (begin, begun) = std_mpsc::channel();
    let (_answer, answered) = std_mpsc::channel::<()>();
    // As the lookup of a name does, on a thread that cannot be stopped.
    let lookup = Cell::new(Some(move || {
        begin.send(()).unwrap();
        answered.recv()
    }));
    wait_for(desk.line.watch(move |_| {
        lookup.take().map(tokio::task::spawn_blocking);
        KeepsWatching::Yes
    }))
    .unwrap();
    let patience = Duration::from_secs(10);
    begun.recv_timeout(patience).unwrap();
    let (close, closed) = std_mpsc::channel();
    thread::spawn(move || {
        desk.close();
        close.send(()).unwrap();
    });
    closed.recv_timeout(patience).unwrap();
}

fn frame(frame: &ServerFrame) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(frame, &mut bytes).unwrap();
    bytes
}
