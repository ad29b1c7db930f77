//! A server's HTTP, as far as signing in and out goes.

use keyrack_model::{
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
}

impl FakeServer {
    /// A server of the hotel `resort` that has this origin.
    pub(super) fn of(origin: u128, sync: Sync) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let (tell, signed_out) = mpsc::channel();
        thread::spawn(move || {
            let mut waiting = Vec::new();
            for caller in listener.incoming() {
                let mut caller = caller.unwrap();
                match path_of_request(&caller).as_str() {
                    "/v1/sign-in" => {
                        let body = serde_json::to_string(&signed_in(origin)).unwrap();
                        answer(&mut caller, "200 OK", &body);
                    }
                    "/v1/sign-out" => {
                        answer(&mut caller, "200 OK", "");
                        let _ = tell.send(());
                    }
                    _ if sync == Sync::Silent => waiting.push(caller),
                    _ => answer(&mut caller, "401 Unauthorized", &signed_out_body()),
                }
            }
        });
        Self {
            address,
            signed_out,
        }
    }

    /// Returns when somebody signed out.
    #[track_caller]
    pub(super) fn wait_for_a_sign_out(&self) {
        self.signed_out
            .recv_timeout(Duration::from_secs(10))
            .unwrap();
    }
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

/// Reads the whole request.
fn path_of_request(caller: &TcpStream) -> String {
    let mut request = BufReader::new(caller);
    let mut line = || {
        let mut line = String::new();
        request.read_line(&mut line).unwrap();
        line.trim().to_ascii_lowercase()
    };
    let path = line().split(' ').nth(1).unwrap_or_default().to_owned();
    let mut length = 0;
    loop {
        let header = line();
        if header.is_empty() {
            break;
        }
        if let Some(stated) = header.strip_prefix("content-length:") {
            length = stated.trim().parse().unwrap();
        }
    }
    request.read_exact(&mut vec![0; length]).unwrap();
    path
}

fn answer(caller: &mut TcpStream, status: &str, body: &str) {
    let answer = format!(
        "HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    // The caller may be gone.
    let _ = caller.write_all(answer.as_bytes());
}
