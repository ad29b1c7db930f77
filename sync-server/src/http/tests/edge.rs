//! What is refused at the server's edge, and whom that leaves alone.

use super::site::{Answer, Device, NOW, Site};
use crate::{peer::Peer, session::Identity};
use keyrack_model::{
    limits::{
        HANDOUT_ALLOWANCE, LOOKUP_ALLOWANCE, MAX_DEVICE_SIGN_IN, PERSONAL_HANDOUT_ALLOWANCE,
        PROTOCOL, REFRESH_COST, SESSION_REFRESHES, STRANGERS_ALLOWANCE,
    },
    time::Timestamp,
};
use std::net::{IpAddr, Ipv4Addr};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

pub(super) const HERE: &str = "203.0.113.7";
const ELSEWHERE: &str = "198.51.100.9";
const SIGN_IN: &str = "POST /v1/sign-in";
/// Tokens of one address that open nothing, before it waits.
pub(super) const GUESSES: u64 =
    STRANGERS_ALLOWANCE.operations.at_once + LOOKUP_ALLOWANCE.operations.at_once;

async fn who(site: &Site, token: &str) -> Identity {
    let token = token.parse().unwrap_or_else(|_| panic!("a token"));
    let who = site.accounts.authenticate(&token, Timestamp(NOW)).await;
    who.unwrap()
}

#[tokio::test]
async fn strangers_of_one_address_are_slowed_down_and_those_of_another_are_not() {
    let site = Site::open().await;
    let rubbish = async |from| site.ask_from(from, SIGN_IN, "", b"{}").await;
    for _ in 0..STRANGERS_ALLOWANCE.operations.at_once {
        assert_eq!(rubbish(HERE).await.status, 400);
    }
    let slowed = rubbish(HERE).await;
    assert_eq!((slowed.status, slowed.code()), (429, "try-later".into()));
    assert_eq!(slowed.header("retry-after"), Some("1"));
    assert_eq!(rubbish(ELSEWHERE).await.status, 400);

    site.wait_seconds(1);
    assert_eq!(rubbish(HERE).await.status, 400);
}

#[tokio::test]
async fn large_bodies_of_strangers_are_counted_before_they_are_read() {
    let site = Site::open().await;
    let large = vec![b' '; 16 << 10];
    let whole = STRANGERS_ALLOWANCE.bytes.at_once / large.len() as u64;
    for _ in 0..whole {
        let answer = site.ask_from(HERE, SIGN_IN, "", &large).await;
        assert_eq!(answer.status, 400);
    }
    let slowed = site.ask_from(HERE, SIGN_IN, "", &large).await;
    assert_eq!((slowed.status, slowed.code()), (429, "try-later".into()));
}

/// Somebody signs in from an address that is used up.
async fn comes_in(site: &Site, device: &Device, name: &str) -> Answer {
    let who = ["resort", name, &format!("{name}-keyrack")];
    let body = serde_json::to_string(&device.sign_in(who, Timestamp(NOW))).unwrap();
    assert!(body.len() as u64 <= MAX_DEVICE_SIGN_IN);
    site.ask_from(HERE, SIGN_IN, "", body.as_bytes()).await
}

#[tokio::test]
async fn whoever_is_on_a_device_of_the_hotel_signs_in_where_strangers_ask_too_much() {
    let site = Site::open().await;
    let [desk, tablet, stranger] = [1, 2, 3].map(Device::numbered);
    let token = site.token(&desk, "maria").await;
    site.token(&tablet, "maria").await;
    for _ in 0..STRANGERS_ALLOWANCE.operations.at_once {
        assert_eq!(site.ask_from(HERE, SIGN_IN, "", b"{}").await.status, 400);
    }
    assert_eq!(comes_in(&site, &stranger, "maria").await.status, 429);
    // As after a start, the server has heard of neither and looks.
    assert_eq!(comes_in(&site, &desk, "rui").await.status, 200);
    let copied = Device {
        key: stranger.key,
        ..desk.clone()
    };
    assert_eq!(comes_in(&site, &copied, "maria").await.status, 429);

    // It looks so often, and knows a device on which somebody is signed in without looking.
    assert_eq!(pull(&site, &token).await.status, 200);
    for _ in 0..LOOKUP_ALLOWANCE.operations.at_once {
        assert_eq!(comes_in(&site, &stranger, "maria").await.status, 429);
    }
    assert_eq!(comes_in(&site, &tablet, "maria").await.status, 429);
    assert_eq!(comes_in(&site, &desk, "maria").await.status, 200);
}

#[tokio::test]
async fn a_token_of_before_a_start_opens_where_others_guess() {
    let site = Site::open().await;
    let device = Device::numbered(1);
    let (known, _) = site.session(&device, "maria").await;
    let made_up = made_up(&known);
    for _ in 0..STRANGERS_ALLOWANCE.operations.at_once {
        assert_eq!(pull(&site, &made_up).await.status, 401);
        assert_eq!(refresh(&site, &made_up).await.status, 401);
    }
    // Issued without the edge, which therefore has never heard of it.
    let asked = device.sign_in(["resort", "rui", "rui-keyrack"], Timestamp(NOW));
    let here = Peer(IpAddr::V4(Ipv4Addr::LOCALHOST));
    let signed_in = site.accounts.sign_in(asked, here, Timestamp(NOW)).await;
    let signed_in = signed_in.unwrap();
    let renewal = signed_in.renewal.unwrap();
    assert_eq!(pull(&site, &signed_in.token).await.status, 200);
    assert_eq!(refresh(&site, &renewal.token).await.status, 200);
}

#[tokio::test]
async fn guessing_tokens_is_slowed_down_and_disturbs_no_other_address() {
    let site = Site::open().await;
    let token = site.token(&Device::numbered(1), "maria").await;
    let wrong = format!("{}0", &token[..token.len() - 1]);
    let ask = async |from, token: &str| {
        let headers = format!("keyrack-protocol: {PROTOCOL}\r\nauthorization: Bearer {token}\r\n");
        site.ask_from(from, "GET /v1/pull", &headers, b"").await
    };
    assert_eq!(ask(HERE, &token).await.status, 200);
    let wrong = if wrong == token {
        format!("{}1", &token[..token.len() - 1])
    } else {
        wrong
    };
    for _ in 0..GUESSES {
        assert_eq!(ask(HERE, &wrong).await.status, 401);
    }
    let slowed = ask(HERE, &wrong).await;
    assert_eq!((slowed.status, slowed.code()), (429, "try-later".into()));
    assert_eq!(ask(ELSEWHERE, &wrong).await.status, 401);
    site.wait_seconds(1);
    assert_eq!(ask(HERE, &wrong).await.status, 401);
}

#[tokio::test]
async fn whoever_is_signed_in_goes_on_where_others_guess_until_their_token_opens_nothing() {
    let site = Site::open().await;
    let (token, renewal) = site.session(&Device::numbered(1), "maria").await;
    let made_up = made_up(&token);
    // Shown where nobody looks at it, it is no better known.
    let shown = format!("authorization: Bearer {made_up}\r\n");
    let live = site.ask_from(HERE, "GET /health/live", &shown, b"").await;
    assert_eq!(live.status, 200);
    for _ in 0..GUESSES {
        assert_eq!(pull(&site, &made_up).await.status, 401);
    }
    assert_eq!(pull(&site, &made_up).await.status, 429);
    assert_eq!(pull(&site, &token).await.status, 200);

    assert_eq!(sign_out(&site, HERE, &renewal).await.status, 204);
    assert_eq!(pull(&site, &token).await.status, 401);
    assert_eq!(pull(&site, &token).await.status, 429);
}

#[tokio::test]
async fn sessions_are_refreshed_where_others_sign_in_with_rubbish() {
    let site = Site::open().await;
    let (_, renewal) = site.session(&Device::numbered(1), "maria").await;
    for _ in 0..STRANGERS_ALLOWANCE.operations.at_once {
        let rubbish = site.ask_from(HERE, SIGN_IN, "", b"{}").await;
        assert_eq!(rubbish.status, 400);
    }
    assert_eq!(site.ask_from(HERE, SIGN_IN, "", b"{}").await.status, 429);
    // Also with what the server has not heard of lately: it is looked at.
    assert_eq!(refresh(&site, &made_up(&renewal)).await.status, 401);
    assert_eq!(refresh(&site, &renewal).await.status, 200);
}

#[tokio::test]
async fn guessing_what_refreshes_a_session_is_slowed_down_and_disturbs_nobody_else() {
    let site = Site::open().await;
    let (_, renewal) = site.session(&Device::numbered(1), "maria").await;
    let made_up = made_up(&renewal);
    for _ in 0..GUESSES {
        assert_eq!(refresh(&site, &made_up).await.status, 401);
    }
    let slowed = refresh(&site, &made_up).await;
    assert_eq!((slowed.status, slowed.code()), (429, "try-later".into()));
    assert_eq!(slowed.header("retry-after"), Some("1"));
    assert_eq!(site.ask_from(HERE, SIGN_IN, "", b"{}").await.status, 400);
    let (_, next) = refresh(&site, &renewal).await.tokens();
    assert_eq!(refresh(&site, &next).await.status, 200);
}

#[tokio::test]
async fn a_session_is_refreshed_so_often_and_then_once_a_minute() {
    let site = Site::open().await;
    let device = Device::numbered(1);
    let (token, mut renewal) = site.session(&device, "maria").await;
    let (_, of_rui) = site.session(&device, "rui").await;
    for _ in 0..SESSION_REFRESHES.operations.at_once / REFRESH_COST {
        (_, renewal) = refresh(&site, &renewal).await.tokens();
    }
    let slowed = refresh(&site, &renewal).await;
    assert_eq!((slowed.status, slowed.code()), (429, "try-later".into()));
    assert_eq!(slowed.header("retry-after"), Some("60"));
    // Nothing is lost by it, and nobody else waits.
    assert_eq!(pull(&site, &token).await.status, 200);
    assert_eq!(refresh(&site, &of_rui).await.status, 200);
    site.wait_seconds(59);
    let slowed = refresh(&site, &renewal).await;
    assert_eq!(slowed.header("retry-after"), Some("1"));
    site.wait_seconds(1);
    assert_eq!(refresh(&site, &renewal).await.status, 200);
}

#[tokio::test]
async fn signing_out_of_nothing_is_a_guess() {
    let site = Site::open().await;
    let (token, _) = site.session(&Device::numbered(1), "maria").await;
    let made_up = made_up(&token);
    for _ in 0..GUESSES {
        assert_eq!(sign_out(&site, HERE, &made_up).await.status, 204);
    }
    assert_eq!(sign_out(&site, HERE, &made_up).await.status, 429);
    assert_eq!(sign_out(&site, ELSEWHERE, &made_up).await.status, 204);
    assert_eq!(sign_out(&site, HERE, &token).await.status, 204);
}

/// What looks like a token and is none.
pub(super) fn made_up(token: &str) -> String {
    let (hotel, _) = token.split_once('.').unwrap();
    format!("{hotel}.{}", "0".repeat(64))
}

pub(super) async fn pull(site: &Site, token: &str) -> Answer {
    let headers = format!("keyrack-protocol: {PROTOCOL}\r\nauthorization: Bearer {token}\r\n");
    site.ask_from(HERE, "GET /v1/pull", &headers, b"").await
}

async fn sign_out(site: &Site, from: &str, token: &str) -> Answer {
    let headers = format!("authorization: Bearer {token}\r\n");
    site.ask_from(from, "POST /v1/sign-out", &headers, b"")
        .await
}

async fn refresh(site: &Site, token: &str) -> Answer {
    let body = format!(r#"{{"token": "{token}"}}"#);
    site.ask_from(HERE, "POST /v1/refresh", "", body.as_bytes())
        .await
}

#[tokio::test]
async fn what_a_stranger_pushes_is_not_waited_for() {
    let site = Site::open().await;
    for path in ["/v1/push", "/v1/actors"] {
        let mut stream = TcpStream::connect(site.address()).await.unwrap();
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: keyrack\r\ncontent-length: 1000000\r\n\
             keyrack-protocol: {PROTOCOL}\r\nauthorization: Bearer nobody\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut heard = [0; 12];
        stream.read_exact(&mut heard).await.unwrap();
        assert_eq!(&heard, b"HTTP/1.1 401");
    }
}

#[tokio::test]
async fn a_device_that_was_given_too_much_waits_and_no_other_does() {
    let site = Site::open().await;
    let greedy = site.token(&Device::numbered(1), "maria").await;
    let other = site.token(&Device::numbered(2), "maria").await;
    let pull = async |token: &str| site.ask("GET /v1/pull", PROTOCOL, token, b"").await;
    let first = pull(&greedy).await;
    assert_eq!(first.status, 200);

    // As if it had been given so much: what it has just been given is no longer left.
    let rest = HANDOUT_ALLOWANCE.bytes.at_once - first.bytes.len() as u64;
    let now = Timestamp(NOW);
    site.edge.gave(&who(&site, &greedy).await, rest, now);
    let refused = pull(&greedy).await;
    assert_eq!((refused.status, refused.code()), (429, "try-later".into()));
    assert_eq!(refused.header("retry-after"), Some("1"));
    assert_eq!(site.open_socket(&greedy).await.status, 429);
    assert_eq!(pull(&other).await.status, 200);
    site.wait_seconds(1);
    assert_eq!(pull(&greedy).await.status, 200);
}

#[tokio::test]
async fn a_person_who_was_given_too_much_waits_on_every_device_and_nobody_else_does() {
    let site = Site::open().await;
    let last = Device::numbered(99);
    let (token, other) = (
        site.token(&last, "maria").await,
        site.token(&last, "rui").await,
    );
    let maria = who(&site, &token).await;
    // Each of her devices was given no more than it may be.
    let devices = PERSONAL_HANDOUT_ALLOWANCE.bytes.at_once / HANDOUT_ALLOWANCE.bytes.at_once;
    for number in 1..=u8::try_from(devices).unwrap() {
        let there = Identity {
            device: Device::numbered(number).id,
            ..maria.clone()
        };
        let whole = HANDOUT_ALLOWANCE.bytes.at_once;
        site.edge.gave(&there, whole, Timestamp(NOW));
    }
    for path in ["GET /v1/pull", "GET /v1/working-set", "GET /v1/records"] {
        let refused = site.ask(path, PROTOCOL, &token, b"").await;
        assert_eq!((refused.status, refused.code()), (429, "try-later".into()));
        assert_eq!(refused.header("retry-after"), Some("1"), "{path}");
    }
    assert_eq!(site.open_socket(&token).await.status, 429);
    // On the same device.
    let served = site.ask("GET /v1/pull", PROTOCOL, &other, b"").await;
    assert_eq!(served.status, 200);
    site.wait_seconds(1);
    let served = site.ask("GET /v1/pull", PROTOCOL, &token, b"").await;
    assert_eq!(served.status, 200);
}

#[tokio::test]
async fn a_device_that_asks_too_often_waits() {
    let site = Site::open().await;
    let token = site.token(&Device::numbered(1), "maria").await;
    let who = who(&site, &token).await;
    for _ in 0..HANDOUT_ALLOWANCE.operations.at_once {
        site.edge.asks(&who, Timestamp(NOW)).unwrap();
    }
    let asks = async || site.ask("GET /v1/working-set", PROTOCOL, &token, b"").await;
    let refused = asks().await;
    assert_eq!((refused.status, refused.code()), (429, "try-later".into()));
    assert_eq!(refused.header("retry-after"), Some("1"));
    // Then it may ask again, as often as it may each second and no oftener.
    site.wait_seconds(1);
    for _ in 0..HANDOUT_ALLOWANCE.operations.each_second {
        assert_ne!(asks().await.status, 429);
    }
    assert_eq!(asks().await.status, 429);
}

#[tokio::test]
async fn pages_of_browsers_are_told_nothing_and_open_no_socket() {
    let site = Site::open().await;
    let token = site.token(&Device::numbered(1), "maria").await;
    let page = "origin: https://elsewhere.example\r\n";
    let preflight = format!(
        "{page}access-control-request-method: POST\r\n\
         access-control-request-headers: authorization, content-type\r\n"
    );
    for path in ["/v1/sign-in", "/v1/pull", "/v1/sync", "/health/live"] {
        for (method, headers) in [("OPTIONS", &preflight[..]), ("GET", page), ("POST", page)] {
            let line = format!("{method} {path}");
            let answer = site.ask_from(HERE, &line, headers, b"").await;
            let allows = answer
                .names()
                .any(|name| name.starts_with("access-control-"));
            assert!(!allows, "{line}: {answer:?}");
            assert!(method != "OPTIONS" || answer.status == 405, "{line}");
        }
    }
    for page in [page, "origin: null\r\n", "origin: http://localhost\r\n"] {
        let refused = site.open_socket_with(&token, page).await;
        assert_eq!(
            (refused.status, refused.code()),
            (403, "not-allowed".into())
        );
    }
    assert_eq!(site.open_socket(&token).await.status, 101);
}
