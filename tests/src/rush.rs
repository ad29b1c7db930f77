//! The beginning of a shift: everybody signs in at once, behind one address, and several devices ask for
//! all else that a server is asked for meanwhile.

use crate::{
    enrolment,
    hotel::{ANA, MARIA, RUI, Somebody},
    http,
    peer::{self, Peer},
    server::Server,
    sign_in,
};
use futures_util::future::join_all;
use keyrack_model::{
    command::Command,
    ids::DocumentKind,
    limits::{PASSWORDS_AT_ONCE, PROTOCOL, REFRESH_COST, SESSION_REFRESHES},
    room::ServiceStatus,
    wire::{Refresh, Refreshed, SignIn, SignedIn},
};
use serde_json::Value;
use std::{
    collections::BTreeMap,
    net::SocketAddr,
    time::{Duration, Instant},
};
use uuid::Uuid;

/// Who sign in at once.
pub const PEOPLE: u32 = 50;
/// Devices beside them, each with a session of its own.
const DEVICES: usize = 8;

/// What is asked for beside the sign-ins.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Kind {
    /// Over a WebSocket, until it is stored.
    Push,
    Pull,
    /// A document.
    Fetch,
    Refresh,
    Administration,
    Health,
}

/// What came of it.
pub struct Rush {
    /// What was answered while people still waited to be let in, and how long each took.
    pub waits: BTreeMap<Kind, Vec<Duration>>,
    /// How long one password took to check.
    pub check: Duration,
}

impl Rush {
    /// The slowest of a kind but for one in a hundred.
    pub fn p99(&self, kind: Kind) -> Duration {
        let mut waits = self.waits.get(&kind).cloned().unwrap_or_default();
        waits.sort_unstable();
        let at = (waits.len() * 99 / 100).min(waits.len().saturating_sub(1));
        waits.get(at).copied().unwrap_or_default()
    }
}

/// Has everybody sign in at a server of the demo hotel, and asks for all else until they are in.
pub async fn rush(server: &Server) -> Rush {
    take_on(server).await;
    let address = server.address();
    let mut desk = Peer::signed_in(address, &RUI).await;
    desk.sync().await;
    let mut visitors = Vec::new();
    for _ in 0..DEVICES {
        visitors.push(Visitor::of(address, &ANA).await);
    }
    let rooms = desk.rooms();
    let epoch: Uuid = sqlx::query_scalar("select epoch from hotel_head")
        .fetch_one(&mut server.database().inspect().await)
        .await
        .expect("the hotel has a log");

    // At a computer that the hotel knows, as at the beginning of any shift.
    let bodies = (1..=PEOPLE).map(|number| {
        let name = format!("rush-{number}");
        desk.body(SignIn {
            name,
            ..desk.asked(&MARIA)
        })
    });
    let signing_in: Vec<_> = bodies.map(|body| sign_in(address, body)).collect();
    let rush = tokio::spawn(timed(join_all(signing_in)));

    let mut waits: BTreeMap<Kind, Vec<Duration>> = BTreeMap::new();
    let mut note = |kind, wait| {
        if !rush.is_finished() {
            waits.entry(kind).or_default().push(wait);
        }
    };
    for number in 0.. {
        if rush.is_finished() {
            break;
        }
        let room = rooms[number % rooms.len()];
        let value = if desk.services()[&room] == ServiceStatus::None {
            ServiceStatus::MakeUpRoom
        } else {
            ServiceStatus::None
        };
        let before = desk.replica().cursor();
        let command = Command::SetServiceStatus { room, value };
        desk.act(&command).expect("the desk works on");
        let sent = desk.talk_until("what was done is stored", |desk| desk.waiting().is_empty());
        note(Kind::Push, timed(sent).await.1);

        let visitor = &mut visitors[number % DEVICES];
        let pull = format!("/v1/pull?after={}&epoch={epoch}", before.0);
        note(Kind::Pull, visitor.get(&pull).await);
        let document = format!("/v1/documents/{}/{}", DocumentKind::Room as u8, room.0);
        note(Kind::Fetch, visitor.get(&document).await);
        note(Kind::Administration, visitor.look().await);
        if let Some(wait) = visitor.refresh().await {
            note(Kind::Refresh, wait);
        }
        let (ready, wait) = timed(http::get(address, "/health/ready")).await;
        assert_eq!(ready.expect("the server answers").status, 200);
        note(Kind::Health, wait);
    }
    let (signed_in, lasted) = rush.await.expect("everybody gets in");
    assert_eq!(signed_in.len(), PEOPLE as usize);
    assert!(desk.is_online());
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let at_once = u32::try_from(PASSWORDS_AT_ONCE.min(processors)).unwrap_or(1);
    Rush {
        waits,
        check: lasted * at_once / PEOPLE,
    }
}

/// A device that asks without a WebSocket.
struct Visitor {
    server: SocketAddr,
    token: String,
    renewal: String,
    /// As often as it may at once.
    refreshes: u64,
}

impl Visitor {
    async fn of(server: SocketAddr, who: &Somebody) -> Self {
        let device = peer::new_device();
        let asked = SignIn {
            code: Some(enrolment::code(server).await),
            ..sign_in::asked(who, &device)
        };
        let answer = sign_in::answer(server, asked, &device, peer::now()).await;
        let answer = answer.expect("the server answers");
        let signed_in: SignedIn = serde_json::from_value(answer.json()).expect("a session");
        Self {
            server,
            token: signed_in.token,
            renewal: signed_in.renewal.expect("a session goes on").token,
            refreshes: SESSION_REFRESHES.operations.at_once / REFRESH_COST,
        }
    }

    fn headers(&self) -> [String; 2] {
        [
            format!("authorization: Bearer {}", self.token),
            format!("keyrack-protocol: {PROTOCOL}"),
        ]
    }

    async fn get(&self, path: &str) -> Duration {
        let [bearer, protocol] = self.headers();
        let headers = [&*bearer, &*protocol];
        let (answer, wait) = timed(http::get_bytes(self.server, path, &headers)).await;
        let answer = answer.expect("the server answers");
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        wait
    }

    async fn look(&self) -> Duration {
        let [bearer, _] = self.headers();
        self.post("/v1/administration", &[&bearer], br#""Look""#)
            .await
            .1
    }

    /// None when it has done so as often as a session may at once.
    async fn refresh(&mut self) -> Option<Duration> {
        self.refreshes = self.refreshes.checked_sub(1)?;
        let token = self.renewal.clone();
        let body = serde_json::to_vec(&Refresh { token }).expect("a refresh is JSON");
        let json = ["content-type: application/json"];
        let (answer, wait) = self.post("/v1/refresh", &json, &body).await;
        let refreshed: Refreshed = serde_json::from_slice(&answer).expect("other tokens");
        (self.token, self.renewal) = (refreshed.token, refreshed.renewal.token);
        Some(wait)
    }

    async fn post(&self, path: &str, headers: &[&str], body: &[u8]) -> (Vec<u8>, Duration) {
        let (answer, wait) = timed(http::post_bytes(self.server, path, headers, body)).await;
        let answer = answer.expect("the server answers");
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        (answer.body, wait)
    }
}

/// So many people with maria's password, as `rush-1` and so on.
async fn take_on(server: &Server) {
    sqlx::query(
        "insert into person (hotel, person, name, display, role, password_hash)
         select hotel, gen_random_uuid(), 'rush-' || number, 'Rush ' || number, role, password_hash
         from person, generate_series(1, $1) number where name = $2",
    )
    .bind(i32::try_from(PEOPLE).expect("a hotel is not that large"))
    .bind(MARIA.name)
    .execute(&mut server.database().inspect().await)
    .await
    .expect("people can be taken on");
}

/// Signs in as a device does: whoever is told to come later comes then.
async fn sign_in(server: SocketAddr, body: Value) {
    let body = body.to_string();
    loop {
        let headers = ["content-type: application/json"];
        let answer = http::post_bytes(server, "/v1/sign-in", &headers, body.as_bytes()).await;
        let answer = answer.expect("the server answers");
        if answer.status == 200 {
            return;
        }
        assert_eq!(answer.status, 429, "{answer:?}");
        let later = answer.header("retry-after").and_then(|it| it.parse().ok());
        let later = later.expect("whoever is told to come later is told when");
        tokio::time::sleep(Duration::from_secs(later)).await;
    }
}

/// Something that is done beside the rush, and how long that took.
async fn timed<T>(deed: impl Future<Output = T>) -> (T, Duration) {
    let begun = Instant::now();
    (deed.await, begun.elapsed())
}
