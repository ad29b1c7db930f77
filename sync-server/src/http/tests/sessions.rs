//! Sessions over real sockets: refreshed in time, renewed on an open connection, and ended.

use super::{
    site::{Device, NOW, Site},
    socket::Socket,
};
use keyrack_model::{
    action::Sequence,
    limits::{
        DEVICE_SOCKETS, HANDOUT_ALLOWANCE, PING_MILLIS, PROTOCOL, SESSION_LONGEST_MILLIS,
        TOKEN_MILLIS,
    },
    time::Timestamp,
    wire::{ClientFrame, ErrorCode, ServerFrame},
};

/// Seconds of a token's time.
const HOUR: i64 = TOKEN_MILLIS / 1_000;
/// Seconds of silence after which the server pings a device, with some to spare.
const QUIET: i64 = PING_MILLIS / 1_000 + 5;

#[tokio::test]
async fn a_session_is_refreshed_without_a_bearer_token_and_ends_by_what_refreshes_it() {
    let site = Site::open().await;
    let (token, renewal) = site.session(&Device::numbered(1), "maria").await;
    site.wait_seconds(HOUR);
    assert_eq!(site.open_socket(&token).await.status, 401);
    let answer = site.refresh(&renewal).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let (token, renewal) = answer.tokens();
    let lasts = &answer.json()["renewal"]["expires_at"];
    let lasts = lasts.as_i64().unwrap() - answer.json()["server_time"].as_i64().unwrap();
    assert_eq!(lasts, TOKEN_MILLIS);
    assert_eq!(site.open_socket(&token).await.status, 101);

    let out = site.post_with("/v1/sign-out", &renewal, "").await;
    assert_eq!(out.status, 204);
    assert_eq!(site.open_socket(&token).await.status, 401);
    let over = site.refresh(&renewal).await;
    assert_eq!((over.status, over.code()), (401, "signed-out".into()));
}

/// However often somebody comes back.
#[tokio::test]
async fn a_session_ends_ninety_days_after_its_sign_in() {
    let site = Site::open().await;
    let desk = Device::numbered(1);
    let (_, mut renewal) = site.session(&desk, "maria").await;
    let days = SESSION_LONGEST_MILLIS / (24 * 60 * 60 * 1_000);
    for _ in 0..days / 15 - 1 {
        site.wait_days(15);
        (_, renewal) = site.refresh(&renewal).await.tokens();
    }
    site.wait_days(15);
    site.wait_seconds(-1);
    let (token, renewal) = site.refresh(&renewal).await.tokens();
    site.wait_seconds(1);
    let over = site.refresh(&renewal).await;
    assert_eq!((over.status, over.code()), (401, "signed-out".into()));
    assert_eq!(site.open_socket(&token).await.status, 401);
    site.token(&desk, "maria").await;
}

#[tokio::test]
async fn what_refreshes_nothing_is_told_apart_from_what_is_no_refresh() {
    let site = Site::open().await;
    let (token, renewal) = site.session(&Device::numbered(1), "maria").await;
    let elsewhere = site.other_hotel().0.simple().to_string();
    let (_, secret) = renewal.split_once('.').unwrap();
    for wrong in [
        String::new(),
        token,
        secret.to_owned(),
        format!("{elsewhere}.{secret}"),
    ] {
        let answer = site.refresh(&wrong).await;
        assert_eq!((answer.status, answer.code()), (401, "signed-out".into()));
    }
    for (body, status) in [("", 400), ("{}", 400), (&"x".repeat(1 << 20), 413)] {
        assert_eq!(site.post("/v1/refresh", body).await.status, status);
    }
    assert_eq!(site.refresh(&renewal).await.status, 200);
}

/// A device that is greeted shortly before its token ends.
pub async fn greeted(site: &Site, token: &str, protocol: u16) -> Socket {
    let mut socket = Socket::open(site, token).await;
    let hello = ClientFrame::Hello {
        protocol,
        epoch: None,
        cursor: Sequence(0),
        known: None,
        classes: vec![],
        actors: vec![],
    };
    send(&mut socket, &hello).await;
    let welcome = receive(&mut socket).await;
    assert!(
        matches!(welcome, ServerFrame::Welcome { .. }),
        "{welcome:?}"
    );
    // The people of the hotel.
    let told = receive(&mut socket).await;
    assert!(matches!(told, ServerFrame::Deliver { .. }), "{told:?}");
    socket
}

async fn send(socket: &mut Socket, frame: &ClientFrame) {
    let mut bytes = Vec::new();
    ciborium::into_writer(frame, &mut bytes).unwrap();
    socket.send(&bytes).await;
}

pub async fn receive(socket: &mut Socket) -> ServerFrame {
    ciborium::from_reader(&socket.receive().await[..]).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_ends_with_its_token() {
    let site = Site::open().await;
    let device = Device::numbered(1);
    let (token, _) = site.session(&device, "maria").await;
    site.wait_seconds(HOUR - 1);
    for protocol in [2, PROTOCOL] {
        let mut socket = greeted(&site, &token, protocol).await;
        site.wait_seconds(1);
        let told = receive(&mut socket).await;
        assert!(matches!(told, ServerFrame::GoAway { .. }), "{told:?}");
        site.wait_seconds(-1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_goes_on_with_another_token_of_its_session() {
    let site = Site::open().await;
    let (token, renewal) = site.session(&Device::numbered(1), "maria").await;
    site.wait_seconds(HOUR - 1);
    let mut socket = greeted(&site, &token, PROTOCOL).await;
    let (token, _) = site.refresh(&renewal).await.tokens();
    send(&mut socket, &ClientFrame::Renew { token }).await;
    send(&mut socket, &ClientFrame::Ping).await;
    assert_eq!(receive(&mut socket).await, ServerFrame::Pong);

    // The server looks at the clock, and what it does is ask for a sign of life.
    site.wait_seconds(QUIET);
    socket.is_pinged().await;
    send(&mut socket, &ClientFrame::Ping).await;
    assert_eq!(receive(&mut socket).await, ServerFrame::Pong);
    site.wait_seconds(HOUR);
    let told = receive(&mut socket).await;
    assert!(matches!(told, ServerFrame::GoAway { .. }), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_another_session_is_not_gone_on_with() {
    let site = Site::open().await;
    let (desk, laptop) = (Device::numbered(1), Device::numbered(2));
    // Of the same person at the same device, and an earlier sign-in.
    let earlier = site.token(&desk, "maria").await;
    let (token, renewal) = site.session(&desk, "maria").await;
    let others = [
        earlier,
        site.token(&desk, "rui").await,
        site.token(&laptop, "maria").await,
        renewal,
        "nonsense".to_owned(),
    ];
    for other in others {
        let mut socket = greeted(&site, &token, PROTOCOL).await;
        send(&mut socket, &ClientFrame::Renew { token: other }).await;
        match receive(&mut socket).await {
            ServerFrame::Refuse(body) => assert_eq!(body.code, ErrorCode::SignedOut),
            told => panic!("{told:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_signs_in_again_on_a_device_leaves_no_earlier_session_there() {
    let site = Site::open().await;
    let (desk, laptop) = (Device::numbered(1), Device::numbered(2));
    let (earlier, renewal) = site.session(&desk, "maria").await;
    let elsewhere = site.token(&laptop, "maria").await;
    let of_rui = site.token(&desk, "rui").await;
    let token = site.token(&desk, "maria").await;
    assert_eq!(site.open_socket(&earlier).await.status, 401);
    let over = site.refresh(&renewal).await;
    assert_eq!((over.status, over.code()), (401, "signed-out".into()));
    for token in [&token, &elsewhere, &of_rui] {
        assert_eq!(site.open_socket(token).await.status, 101);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_device_catches_up_with_on_a_connection_counts_like_what_it_is_handed_out() {
    let site = Site::open().await;
    let device = Device::numbered(1);
    let token = site.token(&device, "maria").await;
    let now = Timestamp(NOW);
    let shown = token.parse().unwrap_or_else(|_| panic!("a token"));
    let who = site.accounts.authenticate(&shown, now).await.unwrap();
    // Enough to come in with, and less than there is to tell.
    let most = HANDOUT_ALLOWANCE.bytes.at_once - 50;
    site.edge.gave(&who, most, now);
    greeted(&site, &token, PROTOCOL).await;
    assert_eq!(site.open_socket(&token).await.status, 429);
    let other = site.token(&Device::numbered(2), "maria").await;
    assert_eq!(site.open_socket(&other).await.status, 101);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_keeps_its_newest_connections_and_the_oldest_is_sent_away() {
    let site = Site::open().await;
    let (token, _) = site.session(&Device::numbered(1), "maria").await;
    let (other, _) = site.session(&Device::numbered(2), "maria").await;
    let of_another = greeted(&site, &other, PROTOCOL).await;
    let mut oldest = greeted(&site, &token, PROTOCOL).await;
    let mut newest = Vec::new();
    for _ in 0..DEVICE_SOCKETS {
        newest.push(greeted(&site, &token, PROTOCOL).await);
    }
    let told = receive(&mut oldest).await;
    assert!(matches!(told, ServerFrame::GoAway { .. }), "{told:?}");
    newest.push(of_another);
    for socket in &mut newest {
        send(socket, &ClientFrame::Ping).await;
        assert_eq!(receive(socket).await, ServerFrame::Pong);
    }
}
