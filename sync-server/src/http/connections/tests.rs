//! Connections over real sockets: slow ones, many of one address, encrypted ones.

use super::*;
use crate::http::tls::tests::Certified;
use keyrack_model::limits::Steady;
use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    sync::Notify,
};
use tokio_rustls::{TlsConnector, client::TlsStream, rustls::pki_types::ServerName};

const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// A listener that answers `done`.
async fn opened(places: Places, transport: Transport) -> SocketAddr {
    opened_at((places, Arrivals::at(CONNECTION_ALLOWANCE)), transport).await
}

async fn opened_at(bounds: (Places, Arrivals), transport: Transport) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let routes = Router::new().route("/", axum::routing::get(async || "done"));
    let nobody = TrustedProxies::default();
    let for_ever = std::future::pending();
    tokio::spawn(serve_at(
        bounds, listener, transport, nobody, routes, for_ever,
    ));
    address
}

/// Asks over a connection that stays open; the whole answer, if there is one.
async fn answer(stream: &mut (impl AsyncRead + AsyncWrite + Unpin)) -> Option<String> {
    let mut heard = Vec::new();
    stream.write_all(REQUEST).await.ok()?;
    while !heard.ends_with(b"done") {
        if stream.read_buf(&mut heard).await.unwrap_or(0) == 0 {
            return None;
        }
    }
    String::from_utf8(heard).ok()
}

async fn is_answered(stream: &mut (impl AsyncRead + AsyncWrite + Unpin)) -> bool {
    answer(stream).await.is_some()
}

async fn encrypted(
    address: SocketAddr,
    client: &TlsConnector,
) -> std::io::Result<TlsStream<TcpStream>> {
    let stream = TcpStream::connect(address).await?;
    let name = ServerName::try_from("localhost").unwrap();
    client.connect(name, stream).await
}

#[tokio::test(start_paused = true)]
async fn whoever_says_nothing_or_never_ends_is_not_waited_for() {
    let address = opened(Places::default(), Transport::Plain).await;
    for said in ["", "GET / HTTP/1.1\r\nHost: x\r\n"] {
        let mut caller = TcpStream::connect(address).await.unwrap();
        caller.write_all(said.as_bytes()).await.unwrap();
        let mut heard = Vec::new();
        caller.read_to_end(&mut heard).await.unwrap();
    }
}

#[tokio::test]
async fn what_is_under_way_is_finished_before_serving_ends() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopping) = tokio::sync::oneshot::channel::<()>();
    let [arrived, answer] = [(); 2].map(|()| Arc::new(Notify::new()));
    let (has_arrived, goes_on) = (arrived.clone(), answer.clone());
    let slow = axum::routing::get(async move || {
        arrived.notify_one();
        goes_on.notified().await;
        "done"
    });
    let routes = Router::new().route("/", slow);
    let stopped = async move {
        let _ = stopping.await;
    };
    let nobody = TrustedProxies::default();
    let serving = serve(listener, Transport::Plain, nobody, routes, stopped);
    let serving = tokio::spawn(serving);
    let mut caller = TcpStream::connect(address).await.unwrap();
    let request = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    caller.write_all(request).await.unwrap();
    has_arrived.notified().await;
    stop.send(()).unwrap();
    answer.notify_one();
    let mut heard = String::new();
    caller.read_to_string(&mut heard).await.unwrap();
    assert!(heard.ends_with("done"), "{heard}");
    serving.await.unwrap();
}

#[tokio::test]
async fn a_host_that_holds_every_place_makes_room_for_another_and_keeps_its_oldest() {
    let address = opened(Places::of(2, 2), Transport::Plain).await;
    let mut first = TcpStream::connect(address).await.unwrap();
    assert!(is_answered(&mut first).await);
    let mut second = TcpStream::connect(address).await.unwrap();
    assert!(is_answered(&mut second).await);
    let mut third = TcpStream::connect(address).await.unwrap();
    assert!(!is_answered(&mut third).await, "a share is two");

    let elsewhere = TcpSocket::new_v4().unwrap();
    elsewhere.bind("127.0.0.2:0".parse().unwrap()).unwrap();
    let mut other = elsewhere.connect(address).await.unwrap();
    assert!(is_answered(&mut other).await);
    assert!(!is_answered(&mut second).await, "it made room");
    assert!(is_answered(&mut first).await);
}

#[tokio::test(start_paused = true)]
async fn whoever_does_not_finish_a_handshake_is_not_waited_for() {
    let tls = Certified::new().tls().unwrap();
    let address = opened(Places::default(), Transport::Encrypted(tls)).await;
    let mut caller = TcpStream::connect(address).await.unwrap();
    let mut heard = Vec::new();
    caller.read_to_end(&mut heard).await.unwrap();
    assert!(heard.is_empty());
}

#[tokio::test]
async fn whoever_trusts_the_certificate_is_served_in_http_1_and_nobody_else_is() {
    let certified = Certified::new();
    let tls = Transport::Encrypted(certified.tls().unwrap());
    let address = opened(Places::default(), tls).await;
    let mut trusting = encrypted(address, &certified.client()).await.unwrap();
    assert!(is_answered(&mut trusting).await);
    let (_, connection) = trusting.get_ref();
    assert_eq!(connection.alpn_protocol(), Some(&b"http/1.1"[..]));

    let stranger = Certified::new().client();
    assert!(encrypted(address, &stranger).await.is_err());
    let mut plain = TcpStream::connect(address).await.unwrap();
    assert!(!is_answered(&mut plain).await);
}

#[tokio::test]
async fn another_certificate_is_shown_to_whoever_comes_and_ends_no_connection() {
    let mut certified = Certified::new();
    let tls = certified.tls().unwrap();
    let transport = Transport::Encrypted(tls.clone());
    let address = opened(Places::default(), transport).await;
    let before = certified.client();
    let mut early = encrypted(address, &before).await.unwrap();
    assert!(is_answered(&mut early).await);

    certified.renew();
    tls.read_again().unwrap();
    assert!(encrypted(address, &before).await.is_err());
    let mut late = encrypted(address, &certified.client()).await.unwrap();
    assert!(is_answered(&mut late).await);
    assert!(is_answered(&mut early).await);
}

#[tokio::test]
async fn browsers_are_to_come_back_over_tls_where_there_is_tls_and_only_there() {
    const HEADER: &str = "strict-transport-security: max-age=31536000; includeSubDomains";
    let certified = Certified::new();
    let tls = Transport::Encrypted(certified.tls().unwrap());
    let address = opened(Places::default(), tls).await;
    let mut stream = encrypted(address, &certified.client()).await.unwrap();
    let said = answer(&mut stream).await.unwrap();
    assert!(said.contains(HEADER), "{said}");

    let address = opened(Places::default(), Transport::Plain).await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    let said = answer(&mut stream).await.unwrap();
    assert!(!said.contains(HEADER), "{said}");
}

fn rate(at_once: u64) -> Rate {
    let steady = |at_once, each_second| Steady {
        at_once,
        each_second,
    };
    Rate {
        operations: steady(at_once, 1),
        bytes: steady(1_000, 1_000),
    }
}

#[tokio::test]
async fn an_address_opens_so_many_connections_and_then_so_many_each_second() {
    let mut arrivals = Arrivals::at(rate(3));
    let from = |last: u8| Caller::Direct(IpAddr::from([203, 0, 113, last]).into());
    for (caller, millis, may_come) in [
        (from(7), 0, true),
        (from(7), 0, true),
        (from(7), 0, true),
        (from(7), 999, false),
        (from(8), 999, true),
        (Caller::Proxy, 999, true),
        (from(7), 1_000, true),
        (from(7), 1_000, false),
    ] {
        let came = arrivals.admit(caller, Duration::from_millis(millis));
        assert_eq!(came, may_come, "{millis}");
    }
}

#[tokio::test]
async fn on_who_opens_too_many_it_is_hung_up() {
    let nobody = (Places::default(), Arrivals::at(rate(0)));
    let address = opened_at(nobody, Transport::Plain).await;
    let mut caller = TcpStream::connect(address).await.unwrap();
    assert!(!is_answered(&mut caller).await);
}
