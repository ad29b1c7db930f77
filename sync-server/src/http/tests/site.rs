//! One server with two hotels, and requests as any client would send them.

use crate::{
    accounts::{Accounts, NewPerson},
    audit::AuditHeads,
    heads::Announcements,
    hotel::{Clock, Hotels},
    http::{
        self, Edge, Fitness, Metrics, OpenSockets, State,
        connections::{self, Transport},
    },
    log::postgres::PostgresLog,
    peer::{TrustedProxies, network},
    pretend::{self, EPOCH, MARIA, RUI},
    scratch::Scratch,
    snapshots::Snapshots,
};
use keyrack_model::{
    identity,
    ids::{DeviceId, HotelId},
    limits::PROTOCOL,
    policy::Role,
    time::Timestamp,
    wire::{ServerFrame, SignIn},
};
use metrics_exporter_prometheus::PrometheusBuilder;
use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
};
use tokio_util::task::TaskTracker;
use uuid::Uuid;

pub const NOW: i64 = 1_495_700_000_000;

pub struct Site {
    pub scratch: Scratch,
    pub accounts: Accounts,
    pub hotels: Hotels<PostgresLog>,
    pub edge: Edge,
    address: SocketAddr,
    clock: Arc<AtomicI64>,
    stopping: watch::Sender<bool>,
}

#[derive(Clone)]
pub struct Device {
    pub id: DeviceId,
    pub key: [u8; 32],
}

impl Device {
    pub fn numbered(number: u8) -> Self {
        Self {
            id: DeviceId(Uuid::from_u128(u128::from(number))),
            key: [number; 32],
        }
    }

    /// Somebody's sign-in here, as the device signs it when its clock shows this.
    pub fn sign_in(&self, [hotel, name, password]: [&str; 3], at: Timestamp) -> SignIn {
        let asked = pretend::sign_in([hotel, name, password], self.id, &self.key);
        pretend::proved(asked, &self.key, at)
    }
}

impl Site {
    /// The hotel `resort` with maria and rui, and the hotel `city` with nobody. Whoever asks it the
    /// same hears the same, from one test to the next.
    pub async fn open() -> Self {
        let scratch = Scratch::migrated().await;
        let database = scratch.open().await;
        let accounts = Accounts::new(database.clone());
        let resort = accounts
            .create_hotel("resort", "Resort H1", Timestamp(NOW))
            .await
            .unwrap();
        accounts
            .create_hotel("city", "City H2", Timestamp(NOW))
            .await
            .unwrap();
        sqlx::query("update hotel_head set epoch = $1 where hotel = $2")
            .bind(EPOCH.0)
            .bind(resort.0)
            .execute(&mut scratch.inspect().await)
            .await
            .unwrap();
        for (person, name, display, role) in [
            (MARIA, "maria", "Maria Silva", Role::Housekeeper),
            (RUI, "rui", "Rui Alves", Role::FrontDesk),
        ] {
            let new = NewPerson {
                name: name.into(),
                display: display.into(),
                role,
                password: format!("{name}-keyrack"),
            };
            accounts
                .take_on(resort, person, new, Timestamp(NOW))
                .await
                .unwrap();
        }
        let clock = Arc::new(AtomicI64::new(NOW));
        let log = PostgresLog::new(database.clone(), Announcements::default());
        let log = Arc::new(log);
        let time = clock.clone();
        let now: Clock = Arc::new(move || Timestamp(time.load(Ordering::Relaxed)));
        let hotels = Hotels::new(log.clone(), now.clone());
        let snapshots = Snapshots::new(database.clone(), log, now);
        let (stopping, is_stopping) = watch::channel(false);
        // Tests come from here, and may say for whom.
        let proxies = TrustedProxies::new(vec![network("127.0.0.1").unwrap()]);
        let edge = Edge::new(proxies.clone());
        let state = State {
            accounts: accounts.clone(),
            database,
            hotels: hotels.clone(),
            snapshots,
            metrics: PrometheusBuilder::new().build_recorder().handle(),
            edge: edge.clone(),
            audit_heads: AuditHeads::default(),
            stopping: is_stopping,
            sockets: TaskTracker::new(),
            open: OpenSockets::default(),
            fitness: Fitness::default(),
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let routes = http::routes(state, Metrics::Here);
        let for_ever = std::future::pending();
        tokio::spawn(connections::serve(
            listener,
            Transport::Plain,
            proxies,
            routes,
            for_ever,
        ));
        Self {
            scratch,
            accounts,
            hotels,
            edge,
            address,
            clock,
            stopping,
        }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn other_hotel(&self) -> HotelId {
        identity::hotel("city")
    }

    pub fn wait_seconds(&self, seconds: i64) {
        self.clock.fetch_add(seconds * 1_000, Ordering::Relaxed);
    }

    pub fn wait_days(&self, days: i64) {
        self.wait_seconds(days * 24 * 60 * 60);
    }

    /// What the process does when it is asked to stop, as far as the routes see it.
    pub fn stop(&self) {
        self.stopping.send_replace(true);
    }

    /// Signs somebody in with a code, in case that the hotel does not know the device.
    pub async fn sign_in(
        &self,
        device: &Device,
        hotel: &str,
        name: &str,
        password: &str,
    ) -> Answer {
        let code = self.device_code(hotel).await;
        self.sign_in_with(device, [hotel, name, password], code.as_deref())
            .await
    }

    /// A code of the operator's; None where there is no such hotel.
    pub async fn device_code(&self, hotel: &str) -> Option<String> {
        let hotel = self.accounts.find_hotel(hotel).await.ok()?;
        let now = self.hotels.now();
        let made = self.accounts.make_device_codes(hotel, 1, 15, now).await;
        Some(made.unwrap()[0].to_string())
    }

    pub async fn sign_in_with(
        &self,
        device: &Device,
        [hotel, name, password]: [&str; 3],
        code: Option<&str>,
    ) -> Answer {
        let body = SignIn {
            code: code.map(str::to_owned),
            ..device.sign_in([hotel, name, password], self.hotels.now())
        };
        self.sign_in_by(&body).await
    }

    /// Asks for a sign-in as it stands.
    pub async fn sign_in_by(&self, body: &SignIn) -> Answer {
        let body = serde_json::to_string(body).unwrap();
        self.post("/v1/sign-in", &body).await
    }

    /// Signs somebody of the resort in.
    pub async fn token(&self, device: &Device, name: &str) -> String {
        let password = format!("{name}-keyrack");
        let answer = self.sign_in(device, "resort", name, &password).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()["token"].as_str().unwrap().to_owned()
    }

    /// Signs somebody of the resort in: the token, and what it is refreshed with.
    pub async fn session(&self, device: &Device, name: &str) -> (String, String) {
        let password = format!("{name}-keyrack");
        let answer = self.sign_in(device, "resort", name, &password).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.tokens()
    }

    pub async fn refresh(&self, token: &str) -> Answer {
        let body = serde_json::json!({ "token": token });
        self.post("/v1/refresh", &body.to_string()).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.exchange(&format!("GET {path}"), "connection: close\r\n", b"")
            .await
    }

    pub async fn post(&self, path: &str, body: &str) -> Answer {
        let headers = "connection: close\r\ncontent-type: application/json\r\n";
        self.exchange(&format!("POST {path}"), headers, body.as_bytes())
            .await
    }

    pub async fn post_with(&self, path: &str, token: &str, body: &str) -> Answer {
        let headers = format!("connection: close\r\nauthorization: Bearer {token}\r\n");
        self.exchange(&format!("POST {path}"), &headers, body.as_bytes())
            .await
    }

    /// Sends a request of the protocol; `line` is its method and path.
    pub async fn ask(&self, line: &str, protocol: u16, token: &str, body: &[u8]) -> Answer {
        let headers = format!(
            "connection: close\r\nkeyrack-protocol: {protocol}\r\nauthorization: Bearer {token}\r\n"
        );
        self.exchange(line, &headers, body).await
    }

    /// Asks for a part of what a path has.
    pub async fn part(&self, path: &str, token: &str, range: &str) -> Answer {
        let headers = format!(
            "connection: close\r\nkeyrack-protocol: {PROTOCOL}\r\nauthorization: Bearer {token}\r\n\
             range: {range}\r\n"
        );
        self.exchange(&format!("GET {path}"), &headers, b"").await
    }

    pub async fn open_socket(&self, token: &str) -> Answer {
        self.open_socket_with(token, "").await
    }

    /// With further headers, each with its end of line.
    pub async fn open_socket_with(&self, token: &str, headers: &str) -> Answer {
        let headers = format!(
            "connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\
             sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nauthorization: Bearer {token}\r\n\
             {headers}"
        );
        self.exchange("GET /v1/sync", &headers, b"").await
    }

    /// Sends a request through a proxy, for somebody at another address.
    pub async fn ask_from(&self, address: &str, line: &str, headers: &str, body: &[u8]) -> Answer {
        let headers = format!("connection: close\r\nx-forwarded-for: {address}\r\n{headers}");
        self.exchange(line, &headers, body).await
    }

    /// Sends one request, and reads to the end of the connection or of an upgrade's head.
    async fn exchange(&self, line: &str, headers: &str, body: &[u8]) -> Answer {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let length = body.len();
        let request = format!(
            "{line} HTTP/1.1\r\nhost: {}\r\ncontent-length: {length}\r\n{headers}\r\n",
            self.address
        );
        let request = [request.as_bytes(), body].concat();
        // A server that refuses a large body may not read it to its end.
        stream.write_all(&request).await.ok();
        answered(&mut stream).await
    }

    /// Begins a request of the protocol whose body comes in two parts: the first, and the length of both.
    pub async fn begin(&self, line: &str, token: &str, (first, length): (&[u8], usize)) -> Begun {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let head = format!(
            "{line} HTTP/1.1\r\nhost: {}\r\ncontent-length: {length}\r\nconnection: close\r\n\
             keyrack-protocol: {PROTOCOL}\r\nauthorization: Bearer {token}\r\n\r\n",
            self.address
        );
        let request = [head.as_bytes(), first].concat();
        stream.write_all(&request).await.unwrap();
        Begun(stream)
    }
}

/// A request of which the rest is still to come.
pub struct Begun(TcpStream);

impl Begun {
    pub async fn finish(mut self, rest: &[u8]) -> Answer {
        self.0.write_all(rest).await.unwrap();
        answered(&mut self.0).await
    }
}

async fn answered(stream: &mut TcpStream) -> Answer {
    let mut answer = Vec::new();
    loop {
        let read = stream.read_buf(&mut answer).await.unwrap_or(0);
        let is_upgrade = answer.starts_with(b"HTTP/1.1 101") && answer.ends_with(b"\r\n\r\n");
        if read == 0 || is_upgrade || is_whole(&answer) {
            return Answer::of(&answer);
        }
    }
}

/// Whether head and body of an answer are there.
fn is_whole(answer: &[u8]) -> bool {
    let Some((head, body)) = parts(answer) else {
        return false;
    };
    let length = head.lines().find_map(|line| {
        line.to_ascii_lowercase()
            .strip_prefix("content-length:")?
            .trim()
            .parse()
            .ok()
    });
    length.is_some_and(|length: usize| body.len() >= length)
}

/// Head and body, once the head is there.
fn parts(answer: &[u8]) -> Option<(String, &[u8])> {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&answer[..end]).into_owned();
    Some((head, &answer[end + 4..]))
}

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub body: String,
    pub bytes: Vec<u8>,
    headers: Vec<(String, String)>,
}

impl Answer {
    fn of(bytes: &[u8]) -> Self {
        let (head, body) = parts(bytes).expect("an answer is HTTP");
        let mut lines = head.lines();
        let status = lines.next().and_then(|line| line.split(' ').nth(1));
        Self {
            status: status
                .and_then(|status| status.parse().ok())
                .expect("a status"),
            body: String::from_utf8_lossy(body).into_owned(),
            bytes: body.to_vec(),
            headers: lines
                .filter_map(|line| line.split_once(": "))
                .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
                .collect(),
        }
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body)
            .unwrap_or_else(|error| panic!("not JSON ({error}): {}", self.body))
    }

    /// The token, and what it is refreshed with.
    #[track_caller]
    pub fn tokens(&self) -> (String, String) {
        let said = self.json();
        let text = |value: &serde_json::Value| value.as_str().expect("a token").to_owned();
        (text(&said["token"]), text(&said["renewal"]["token"]))
    }

    /// What the server said.
    #[track_caller]
    pub fn frames(&self) -> Vec<ServerFrame> {
        assert_eq!(self.status, 200, "{}", self.body);
        assert_eq!(self.header("content-type"), Some("application/cbor"));
        ciborium::from_reader(&self.bytes[..]).expect("an array of frames")
    }

    /// The code of an error.
    pub fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }

    /// The names of its headers.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.headers.iter().map(|(name, _)| &name[..])
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(other, _)| other == name);
        found.map(|(_, value)| value.as_str())
    }
}
