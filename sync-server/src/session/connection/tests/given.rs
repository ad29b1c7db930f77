//! What a device is told that asks for more than it is given.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_asks_for_too_much_is_not_told_that_the_store_fails() {
    let server = Server::start().await;
    let token = || "next".to_owned();
    let actors = || vec![Device::of(MARIA, 2).registration()];
    for said in [
        ClientFrame::Renew { token: token() },
        ClientFrame::Register { actors: actors() },
    ] {
        server.crowded.store(false, Ordering::Relaxed);
        let mut socket = server.connect().await;
        socket.hello(PROTOCOL).await;
        let welcome = socket.receive().await;
        assert!(matches!(welcome, Some(ServerFrame::Welcome { .. })));
        server.crowded.store(true, Ordering::Relaxed);
        socket.send(&said).await;
        match socket.receive().await {
            Some(ServerFrame::Refuse(body)) => {
                assert_eq!(body.code, ErrorCode::TryLater);
                assert!(
                    body.message.contains("more than the server gives"),
                    "{body:?}"
                );
            }
            other => panic!("{said:?}: {other:?}"),
        }
        assert_eq!(socket.receive().await, None);
    }
}
