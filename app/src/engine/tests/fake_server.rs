//! A server's HTTP, as far as signing in and out, going on with a session and the administration go.

use keyrack_model::{
    administration::{Administered, Overview},
    identity,
    ids::{HotelOrigin, UserId},
    policy::Role,
    rows::Person,
    time::Timestamp,
    wire::{ErrorBody, ErrorCode, Refresh, Refreshed, Renewal, SignIn, SignedIn},
};
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    thread,
    time::Duration,
};
use uuid::Uuid;

/// How it treats a device that wants to synchronise.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Sync {
    /// Lets it wait.
    Silent,
    /// Knows no token, the ones that it gave included.
    KnowsNobody,
    /// Lets whoever has this token wait, and knows no other.
    Knows(&'static str),
}

/// What it says to a refresh.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Refreshing {
    /// Gives the token `token-2`, to go on from with `renewal-2`.
    Gives,
    /// Is too busy the first time, and gives then.
    GivesLater,
    /// Asks to be left alone for this many seconds.
    Pauses(u32),
    /// Says that the session is over.
    IsOver,
    /// Says nothing.
    Silent,
}

/// What somebody asked it.
#[derive(PartialEq, Eq, Debug)]
pub(super) enum Asked {
    /// With the token that was in the body.
    Refresh(String),
    /// With the token of its header.
    SignOut(String),
    /// Anything else, as the holder of a token.
    As(String),
}

/// Signs everybody in as maria, and joão as himself, for as long as the tests run.
pub(super) struct FakeServer {
    pub(super) address: String,
    asked: mpsc::Receiver<Asked>,
    held: mpsc::Receiver<()>,
}

impl FakeServer {
    /// A server of the hotel `resort` that has this origin.
    pub(super) fn of(origin: u128, sync: Sync) -> Self {
        Self::that_refreshes(origin, sync, Refreshing::Gives)
    }

    pub(super) fn that_refreshes(origin: u128, sync: Sync, refreshing: Refreshing) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let (tell, asked) = mpsc::channel();
        let (tell_held, held) = mpsc::channel();
        thread::spawn(move || {
            let mut waiting = Vec::new();
            let mut refreshes = 0;
            for caller in listener.incoming() {
                let mut caller = caller.unwrap();
                let request = Request::read(&caller);
                // A test may have heard enough.
                let _ = match request.path.as_str() {
                    "/v1/sign-in" => Ok(()),
                    "/v1/refresh" => tell.send(Asked::Refresh(request.refreshed())),
                    "/v1/sign-out" => tell.send(Asked::SignOut(request.token.clone())),
                    _ => tell.send(Asked::As(request.token.clone())),
                };
                match request.path.as_str() {
                    "/v1/sign-in" => {
                        let body =
                            serde_json::to_string(&signed_in(origin, &request.body)).unwrap();
                        answer(&mut caller, "200 OK", &body);
                    }
                    "/v1/sign-out" => answer(&mut caller, "200 OK", ""),
                    "/v1/administration" if request.body == HELD.as_bytes() => {
                        waiting.push(caller);
                        let _ = tell_held.send(());
                    }
                    "/v1/administration" => {
                        let (status, body) = administered(&request);
                        answer(&mut caller, status, &body);
                    }
                    "/v1/refresh" => {
                        refreshes += 1;
                        match refreshing {
                            Refreshing::GivesLater if refreshes == 1 => {
                                let body = error(ErrorCode::TryLater);
                                answer(&mut caller, "503 Service Unavailable", &body);
                            }
                            Refreshing::Gives | Refreshing::GivesLater => {
                                let body = serde_json::to_string(&refreshed()).unwrap();
                                answer(&mut caller, "200 OK", &body);
                            }
                            Refreshing::Pauses(seconds) => {
                                let body = error(ErrorCode::TryLater);
                                let status =
                                    format!("429 Too Many Requests\r\nretry-after: {seconds}");
                                answer(&mut caller, &status, &body);
                            }
                            Refreshing::IsOver => {
                                let body = error(ErrorCode::SignedOut);
                                answer(&mut caller, "401 Unauthorized", &body);
                            }
                            Refreshing::Silent => waiting.push(caller),
                        }
                    }
                    _ if sync.lets_wait(&request.token) => waiting.push(caller),
                    _ => {
                        let body = error(ErrorCode::SignedOut);
                        answer(&mut caller, "401 Unauthorized", &body);
                    }
                }
            }
        });
        Self {
            address,
            asked,
            held,
        }
    }

    /// What it is asked next.
    #[track_caller]
    pub(super) fn next(&self) -> Asked {
        self.asked.recv_timeout(Duration::from_secs(10)).unwrap()
    }

    /// What it was asked and nobody has looked at.
    pub(super) fn rest(&self) -> Vec<Asked> {
        self.asked.try_iter().collect()
    }

    /// Returns when it holds a question without an answer.
    #[track_caller]
    pub(super) fn wait_for_a_question(&self) {
        self.held.recv_timeout(Duration::from_secs(10)).unwrap();
    }

    /// Returns when somebody signed out, with what they showed.
    #[track_caller]
    pub(super) fn wait_for_a_sign_out(&self) -> String {
        loop {
            if let Asked::SignOut(token) = self.next() {
                return token;
            }
        }
    }
}

impl Sync {
    fn lets_wait(self, token: &str) -> bool {
        match self {
            Self::Silent => true,
            Self::KnowsNobody => false,
            Self::Knows(known) => token == known,
        }
    }
}

/// What it never answers.
const HELD: &str = r#""VerifyAudit""#;
/// What it answers; anything else it declines.
const SEEN: &str = r#""Look""#;
/// The password that is right.
const RIGHT: &str = r#"{"Confirm":{"present":"maria-keyrack"}}"#;
/// Why it declines.
pub(super) const TAKEN: &str = "the name `rui` is taken at this hotel; nothing was changed";

fn administered(asked: &Request) -> (&'static str, String) {
    if asked.token != "token" {
        return ("401 Unauthorized", error(ErrorCode::SignedOut));
    }
    if asked.body == SEEN.as_bytes() {
        let seen = Administered::Seen(Overview::default());
        return ("200 OK", serde_json::to_string(&seen).unwrap());
    }
    if asked.body.starts_with(br#"{"ChangePassword""#) {
        let done = serde_json::to_string(&Administered::PasswordChanged(refreshed())).unwrap();
        return ("200 OK", done);
    }
    if asked.body == RIGHT.as_bytes() {
        let done = serde_json::to_string(&Administered::Done).unwrap();
        return ("200 OK", done);
    }
    if asked.body.starts_with(br#"{"Confirm""#) {
        return ("401 Unauthorized", error(ErrorCode::WrongPassword));
    }
    let body = ErrorBody {
        code: ErrorCode::BadRequest,
        message: TAKEN.to_owned(),
    };
    ("400 Bad Request", serde_json::to_string(&body).unwrap())
}

fn refreshed() -> Refreshed {
    Refreshed {
        token: "token-2".to_owned(),
        renewal: Renewal {
            token: "renewal-2".to_owned(),
            expires_at: Timestamp(60 * 60 * 1_000),
        },
        server_time: Timestamp(0),
    }
}

fn signed_in(origin: u128, asked: &[u8]) -> SignedIn {
    let asked: SignIn = serde_json::from_slice(asked).unwrap();
    let (id, name, display) = match asked.name.as_str() {
        "joao" => (2, "joao", "João Reis"),
        _ => (1, "maria", "Maria Silva"),
    };
    SignedIn {
        token: "token".to_owned(),
        renewal: None,
        hotel: identity::hotel("resort"),
        origin: HotelOrigin(Uuid::from_u128(origin)),
        hotel_name: "Resort H1".to_owned(),
        person: Person {
            id: UserId(Uuid::from_u128(id)),
            name: name.to_owned(),
            display: display.to_owned(),
            role: Role::Housekeeper,
            left: false,
        },
        server_time: Timestamp(0),
        password_given: false,
        audit_key: None,
    }
}

fn error(code: ErrorCode) -> String {
    let message = "as the test wants it".to_owned();
    serde_json::to_string(&ErrorBody { code, message }).unwrap()
}

/// What somebody said.
struct Request {
    path: String,
    /// Of the `Authorization` header, or empty.
    token: String,
    body: Vec<u8>,
}

impl Request {
    /// Reads all of it.
    fn read(caller: &TcpStream) -> Self {
        let mut request = BufReader::new(caller);
        let mut line = || {
            let mut line = String::new();
            request.read_line(&mut line).unwrap();
            line.trim().to_ascii_lowercase()
        };
        let path = line().split(' ').nth(1).unwrap_or_default().to_owned();
        let mut length = 0;
        let mut token = String::new();
        loop {
            let header = line();
            if header.is_empty() {
                break;
            }
            if let Some(stated) = header.strip_prefix("content-length:") {
                length = stated.trim().parse().unwrap();
            }
            if let Some(shown) = header.strip_prefix("authorization: bearer ") {
                token = shown.to_owned();
            }
        }
        let mut body = vec![0; length];
        request.read_exact(&mut body).unwrap();
        Self { path, token, body }
    }

    /// What a refresh is to go on from.
    fn refreshed(&self) -> String {
        let Refresh { token } = serde_json::from_slice(&self.body).unwrap();
        token
    }
}

fn answer(caller: &mut TcpStream, status: &str, body: &str) {
    let answer = format!(
        "HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    // The caller may be gone.
    let _ = caller.write_all(answer.as_bytes());
}
