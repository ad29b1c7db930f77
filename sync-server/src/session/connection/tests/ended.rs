//! What a connection sends after news that the session behind it ended, or reads something else.

use super::*;

/// The server's maria, greeted.
async fn greeted(server: &Server) -> Socket {
    let mut socket = server.connect().await;
    socket.hello(PROTOCOL).await;
    let welcome = socket.receive().await;
    assert!(matches!(welcome, Some(ServerFrame::Welcome { .. })));
    socket
}

/// Rui does something at a desk of his own, of which everybody hears.
async fn act_elsewhere(server: &Server) {
    let mut rui = Device::of(RUI, 7);
    let edit = rui.name_guest(GUEST, 0, "Anabela");
    let read = vec![ReadAction::of(edit)];
    let pushed = server
        .hotels
        .push(HOTEL, Author::People(rui.id), read)
        .await;
    assert!(matches!(
        pushed.unwrap()[0].verdict,
        Verdict::Accepted { .. }
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_delivered_after_news_that_the_session_ended() {
    for concerned in [
        Concerned::Everybody,
        Concerned::Person(MARIA),
        Concerned::Device(identity().device),
    ] {
        let server = Server::start().await;
        let mut socket = greeted(&server).await;
        server.ended.store(true, Ordering::Relaxed);
        server.access.stir(HOTEL, concerned);
        act_elsewhere(&server).await;
        match socket.receive().await {
            Some(ServerFrame::Refuse(body)) => assert_eq!(body.code, ErrorCode::SignedOut),
            other => panic!("{concerned:?}: {other:?}"),
        }
        assert_eq!(socket.receive().await, None);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn news_of_others_and_of_a_session_that_goes_on_change_nothing() {
    let server = Server::start().await;
    let mut socket = greeted(&server).await;
    // Whoever looked would see that it has ended.
    server.ended.store(true, Ordering::Relaxed);
    server.access.stir(HOTEL, Concerned::Person(RUI));
    act_elsewhere(&server).await;
    let told = socket.receive().await;
    assert!(
        matches!(told, Some(ServerFrame::Deliver { .. })),
        "{told:?}"
    );
    server.ended.store(false, Ordering::Relaxed);
    server.access.stir(HOTEL, Concerned::Person(MARIA));
    socket.send(&ClientFrame::Ping).await;
    assert_eq!(socket.receive().await, Some(ServerFrame::Pong));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_role_is_heard_of_before_the_log_tells_of_it() {
    let server = Server::start().await;
    let mut socket = greeted(&server).await;
    let maria = people().into_iter().find(|it| it.id == MARIA).unwrap();
    let maria = keyrack_model::rows::Person {
        role: Role::FrontDesk,
        ..maria
    };
    // The hotel's loop has not heard of it.
    server.hotels.log().put_person(HOTEL, maria, NOW).unwrap();
    server.access.stir(HOTEL, Concerned::Person(MARIA));
    let told = socket.receive().await;
    let at_once = Some(ServerFrame::GoAway {
        retry_after_millis: 0,
    });
    assert_eq!(told, at_once);
    assert_eq!(socket.receive().await, None);
}
