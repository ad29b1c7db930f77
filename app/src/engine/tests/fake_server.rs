//! A server's HTTP, as far as signing in and out and the administration go.

use keyrack_model::{
    administration::{Administered, Overview},
    identity,
    ids::{HotelOrigin, UserId},
    policy::Role,
    rows::Person,
    time::Timestamp,
    wire::{ErrorBody, ErrorCode, SignedIn},
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
}

/// Signs everybody in as maria, for as long as the tests run.
pub(super) struct FakeServer {
    pub(super) address: String,
    signed_out: mpsc::Receiver<()>,
    held: mpsc::Receiver<()>,
}

impl FakeServer {
    /// A server of the hotel `resort` that has this origin.
    pub(super) fn of(origin: u128, sync: Sync) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let (tell, signed_out) = mpsc::channel();
        let (tell_held, held) = mpsc::channel();
        thread::spawn(move || {
            let mut waiting = Vec::new();
            for caller in listener.incoming() {
                let mut caller = caller.unwrap();
                let asked = read_request(&caller);
                match asked.path.as_str() {
                    "/v1/sign-in" => {
                        let body = serde_json::to_string(&signed_in(origin)).unwrap();
                        answer(&mut caller, "200 OK", &body);
                    }
                    "/v1/sign-out" => {
                        answer(&mut caller, "200 OK", "");
                        let _ = tell.send(());
                    }
                    "/v1/administration" if asked.body == HELD => {
                        waiting.push(caller);
                        let _ = tell_held.send(());
                    }
                    "/v1/administration" => {
                        let (status, body) = administered(&asked);
                        answer(&mut caller, status, &body);
                    }
                    _ if sync == Sync::Silent => waiting.push(caller),
                    _ => answer(&mut caller, "401 Unauthorized", &signed_out_body()),
                }
            }
        });
        Self {
            address,
            signed_out,
            held,
        }
    }

    /// Returns when it holds a question without an answer.
    #[track_caller]
    pub(super) fn wait_for_a_question(&self) {
        self.held.recv_timeout(Duration::from_secs(10)).unwrap();
    }

    /// Returns when somebody signed out.
    #[track_caller]
    pub(super) fn wait_for_a_sign_out(&self) {
        self.signed_out
            .recv_timeout(Duration::from_secs(10))
            .unwrap();
    }
}

/// What it never answers.
const HELD: &str = r#""VerifyAudit""#;
/// What it answers; anything else it declines.
const SEEN: &str = r#""Look""#;
/// Why it declines.
pub(super) const TAKEN: &str = "the name `rui` is taken at this hotel; nothing was changed";

fn administered(asked: &Asked) -> (&'static str, String) {
    if asked.authorization != "bearer token" {
        return ("401 Unauthorized", signed_out_body());
    }
    if asked.body == SEEN {
        let seen = Administered::Seen(Overview::default());
        return ("200 OK", serde_json::to_string(&seen).unwrap());
    }
    let body = ErrorBody {
        code: ErrorCode::BadRequest,
        message: TAKEN.to_owned(),
    };
    ("400 Bad Request", serde_json::to_string(&body).unwrap())
}

fn signed_in(origin: u128) -> SignedIn {
    SignedIn {
        token: "token".to_owned(),
        renewal: None,
        hotel: identity::hotel("resort"),
        origin: HotelOrigin(Uuid::from_u128(origin)),
        hotel_name: "Resort H1".to_owned(),
        person: Person {
            id: UserId(Uuid::from_u128(1)),
            name: "maria".to_owned(),
            display: "Maria Silva".to_owned(),
            role: Role::Housekeeper,
            left: false,
        },
        server_time: Timestamp(0),
    }
}

fn signed_out_body() -> String {
    let body = ErrorBody {
        code: ErrorCode::SignedOut,
        message: "sign in again".to_owned(),
    };
    serde_json::to_string(&body).unwrap()
}

struct Asked {
    path: String,
    /// In lower case.
    authorization: String,
    body: String,
}

/// Reads the whole request.
fn read_request(caller: &TcpStream) -> Asked {
    let mut request = BufReader::new(caller);
    let mut line = || {
        let mut line = String::new();
        request.read_line(&mut line).unwrap();
        line.trim().to_ascii_lowercase()
    };
    let path = line().split(' ').nth(1).unwrap_or_default().to_owned();
    let (mut length, mut authorization) = (0, String::new());
    loop {
        let header = line();
        if header.is_empty() {
            break;
        }
        if let Some(stated) = header.strip_prefix("content-length:") {
            length = stated.trim().parse().unwrap();
        }
        if let Some(shown) = header.strip_prefix("authorization:") {
            authorization = shown.trim().to_owned();
        }
    }
    let mut body = vec![0; length];
    request.read_exact(&mut body).unwrap();
    Asked {
        path,
        authorization,
        body: String::from_utf8(body).unwrap(),
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
