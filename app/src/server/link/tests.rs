use super::*;
use keyrack_model::wire::{ErrorBody, ErrorCode};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use tokio_tungstenite::{
    accept_hdr_async,
    tungstenite::handshake::server::{Request, Response},
};

async fn listener() -> (TcpListener, Link) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    (listener, Link::open(address, "token-of-maria".to_owned()))
}

#[expect(
    clippy::result_large_err,
    reason = "the handshake's callback has this type"
)]
async fn accepted(listener: &TcpListener) -> WebSocketStream<TcpStream> {
    let (stream, _) = listener.accept().await.unwrap();
    accept_hdr_async(stream, |request: &Request, response: Response| {
        assert_eq!(request.uri().path(), "/v1/sync");
        let bearer = request.headers().get(header::AUTHORIZATION).unwrap();
        assert_eq!(bearer, "Bearer token-of-maria");
        Ok(response)
    })
    .await
    .unwrap()
}

#[tokio::test]
async fn frames_go_both_ways_and_dropping_the_link_says_goodbye() {
    let (listener, mut link) = listener().await;
    let mut server = accepted(&listener).await;
    assert!(matches!(link.event().await, LinkEvent::Opened));
    let (mut incoming, mut outgoing) = (Incoming::default(), Outgoing::default());
    for frame in [vec![1, 2, 3], vec![4; 9_000], vec![5]] {
        link.send(frame.clone()).unwrap();
        let received = server.next().await.unwrap().unwrap().into_data();
        assert_eq!(incoming.unpack(&received), Ok(frame.clone()));
        let message = outgoing.pack(&frame).unwrap();
        server.send(Message::binary(message)).await.unwrap();
        assert!(matches!(link.event().await, LinkEvent::Received(other) if other == frame));
    }
    drop(link);
    assert!(matches!(server.next().await, Some(Ok(Message::Close(_)))));
}

#[tokio::test]
async fn a_frame_beyond_the_bound_ends_the_connection() {
    let (listener, mut link) = listener().await;
    let mut server = accepted(&listener).await;
    assert!(matches!(link.event().await, LinkEvent::Opened));
    let frame = vec![0; limits::MAX_FRAME + 1];
    let _ = server.send(Message::binary(frame)).await;
    assert!(matches!(link.event().await, LinkEvent::Closed(None)));
}

#[tokio::test]
async fn a_message_that_is_no_piece_of_the_stream_ends_the_connection() {
    let (listener, mut link) = listener().await;
    let mut server = accepted(&listener).await;
    assert!(matches!(link.event().await, LinkEvent::Opened));
    for _ in 0..2 {
        server.send(Message::binary(vec![4; 40])).await.unwrap();
    }
    assert!(matches!(link.event().await, LinkEvent::Received(_)));
    let end = link.event().await;
    assert!(matches!(
        end,
        LinkEvent::Closed(Some(Problem::ServerConfused))
    ));
}

#[tokio::test]
async fn a_token_that_is_not_known_is_told_from_a_server_that_is_not_there() {
    let (listener, mut link) = listener().await;
    let (mut caller, _) = listener.accept().await.unwrap();
    let mut request = [0; 4_096];
    let _ = caller.read(&mut request).await.unwrap();
    let body = serde_json::to_string(&ErrorBody {
        code: ErrorCode::SignedOut,
        message: "sign in again".to_owned(),
    })
    .unwrap();
    let answer = format!(
        "HTTP/1.1 401 Unauthorized\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    caller.write_all(answer.as_bytes()).await.unwrap();
    let end = link.event().await;
    assert!(matches!(end, LinkEvent::Closed(Some(Problem::SignedOut))));

    drop((caller, listener));
    let mut link = Link::open("127.0.0.1:1".to_owned(), "token".to_owned());
    let end = link.event().await;
    assert!(matches!(
        end,
        LinkEvent::Closed(Some(Problem::ServerUnreachable { .. }))
    ));
}

#[tokio::test]
async fn a_server_that_does_not_read_loses_the_link_and_not_the_memory() {
    let (listener, mut link) = listener().await;
    let _server = accepted(&listener).await;
    assert!(matches!(link.event().await, LinkEvent::Opened));
    let refused = (0..=limits::LINK_QUEUE).any(|_| link.send(vec![0; limits::MAX_FRAME]).is_err());
    assert!(refused);
}
