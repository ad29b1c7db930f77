use super::*;
use keyrack_model::{
    identity,
    ids::{DeviceId, HotelOrigin, UserId},
    policy::Role,
    rows::Person,
    wire::ErrorBody,
};
use std::{fmt::Write as _, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

const NOW: Timestamp = Timestamp(1_495_700_000_000);

fn desk() -> NewDevice {
    NewDevice {
        id: DeviceId::default(),
        signing_key: [7; 32],
        name: "desk".to_owned(),
    }
}

fn asked() -> SignIn {
    SignIn {
        protocol: limits::PROTOCOL,
        hotel: "resort".to_owned(),
        name: "maria".to_owned(),
        password: "maria-keyrack".to_owned(),
        code: None,
        person_key: None,
        device: desk().registration(),
        proof: None,
    }
}

/// Something that reads one request and says these bytes.
async fn sign_in_to_what_says(bytes: Vec<u8>) -> Result<SignedIn, Problem> {
    let (answered, heard) = sign_in_to_what_says_in_turn(&[bytes]).await;
    assert_eq!(heard.len(), 1);
    answered
}

/// Something that reads a request for each of these answers, and what it read of their bodies.
async fn sign_in_to_what_says_in_turn(
    answers: &[Vec<u8>],
) -> (Result<SignedIn, Problem>, Vec<SignIn>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = ServerAddress::parse(&listener.local_addr().unwrap().to_string()).unwrap();
    let (asked, device) = (asked(), desk());
    tokio::join!(sign_in(&address, &asked, &device, NOW), async {
        let mut heard = Vec::new();
        for bytes in answers {
            let (mut caller, _) = listener.accept().await.unwrap();
            heard.push(read(&mut caller).await);
            // The caller may have enough before it has all.
            let _ = caller.write_all(bytes).await;
            let _ = caller.shutdown().await;
        }
        // Whoever came once more would find nobody.
        drop(listener);
        heard
    })
}

/// The body of a request, as soon as all of it is there.
async fn read(caller: &mut TcpStream) -> SignIn {
    let mut request = Vec::new();
    loop {
        let read = caller.read_buf(&mut request).await.unwrap();
        assert!(read > 0, "the request ends early");
        let head = request.windows(4).position(|four| four == b"\r\n\r\n");
        let body = head.map(|head| &request[head + 4..]);
        if let Some(asked) = body.and_then(|body| serde_json::from_slice(body).ok()) {
            return asked;
        }
    }
}

fn answer(status: &str, headers: &[&str], body: &str) -> Vec<u8> {
    let mut answer = format!("HTTP/1.1 {status}\r\n");
    for header in headers {
        write!(answer, "{header}\r\n").unwrap();
    }
    write!(answer, "content-length: {}\r\n\r\n{body}", body.len()).unwrap();
    answer.into_bytes()
}

#[track_caller]
fn problem_of(answered: Result<SignedIn, Problem>) -> Problem {
    match answered {
        Ok(_) => panic!("nobody should be signed in"),
        Err(problem) => problem,
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_named() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nobody = listener.local_addr().unwrap();
    drop(listener);
    let address = ServerAddress::parse(&nobody.to_string()).unwrap();
    let problem = problem_of(sign_in(&address, &asked(), &desk(), NOW).await);
    let named = format!("http://{nobody}");
    assert_eq!(problem, Problem::ServerUnreachable { address: named });
}

#[tokio::test]
async fn a_throttled_sign_in_says_how_long_to_wait() {
    let body = serde_json::to_string(&ErrorBody {
        code: ErrorCode::TryLater,
        message: "too many tries".to_owned(),
    })
    .unwrap();
    let said = answer("429 Too Many Requests", &["retry-after: 12"], &body);
    let problem = problem_of(sign_in_to_what_says(said).await);
    assert_eq!(problem, Problem::TryLater { seconds: 12 });
}

fn stale(server_time: Timestamp) -> Vec<u8> {
    let body = StaleProof {
        error: ErrorBody {
            code: ErrorCode::StaleProof,
            message: "sign again".to_owned(),
        },
        server_time,
    };
    answer("409 Conflict", &[], &serde_json::to_string(&body).unwrap())
}

fn signed_in() -> Vec<u8> {
    let body = SignedIn {
        password_given: false,
        token: "token".to_owned(),
        renewal: None,
        hotel: identity::hotel("resort"),
        origin: HotelOrigin::default(),
        hotel_name: "Resort H1".to_owned(),
        person: Person {
            id: UserId::default(),
            name: "maria".to_owned(),
            display: "Maria Silva".to_owned(),
            role: Role::Housekeeper,
            left: false,
        },
        server_time: NOW,
        audit_key: None,
    };
    answer("200 OK", &[], &serde_json::to_string(&body).unwrap())
}

#[tokio::test]
async fn a_device_whose_clock_is_a_year_wrong_signs_again_with_the_servers_time() {
    let year = 365 * 24 * 60 * 60 * 1_000;
    let told = Timestamp(NOW.0 + year);
    let answers = [stale(told), signed_in()];
    let (answered, heard) = sign_in_to_what_says_in_turn(&answers).await;
    assert_eq!(answered.ok().map(|it| it.token), Some("token".to_owned()));
    let proofs: Vec<_> = heard.into_iter().map(|asked| asked.proof).collect();
    let origin = proofs[0].as_ref().unwrap().address.clone();
    assert!(origin.starts_with("http://127.0.0.1:"), "{origin}");
    let expected = [NOW, told].map(|at| desk().prove(asked(), &origin, at).proof);
    assert_eq!(proofs, expected);
}

#[tokio::test]
async fn a_server_that_takes_no_time_is_asked_twice_and_no_more() {
    let answers = [stale(Timestamp(1)), stale(Timestamp(2))];
    let (answered, heard) = sign_in_to_what_says_in_turn(&answers).await;
    assert_eq!(problem_of(answered), Problem::ServerConfused);
    assert_eq!(heard.len(), 2);
}

#[tokio::test]
async fn what_is_no_keyrack_server_signs_nobody_in() {
    let long = "x".repeat(limits::MAX_ANSWER + 1);
    for said in [
        answer("200 OK", &[], "<!doctype html>Welcome to the printer"),
        answer("200 OK", &[], &long),
        answer("404 Not Found", &[], "nothing here"),
        answer("302 Found", &["location: http://127.0.0.1:1/"], ""),
        b"SSH-2.0-OpenSSH_9.2\r\n".to_vec(),
        Vec::new(),
    ] {
        let problem = problem_of(sign_in_to_what_says(said).await);
        assert_eq!(problem, Problem::ServerConfused);
    }
}

/// The password stays with the server that it was typed for.
#[tokio::test]
async fn a_sign_in_follows_nobody_who_sends_it_elsewhere() {
    let elsewhere = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let there = elsewhere.local_addr().unwrap();
    for status in [
        "302 Found",
        "307 Temporary Redirect",
        "308 Permanent Redirect",
    ] {
        let moved = format!(
            "HTTP/1.1 {status}\r\nlocation: http://{there}/v1/sign-in\r\n\
             content-length: 0\r\nconnection: close\r\n\r\n"
        );
        let answered = sign_in_to_what_says(moved.into_bytes()).await;
        assert!(answered.is_err(), "{status}");
    }
    let nobody = tokio::time::timeout(Duration::from_millis(50), elsewhere.accept()).await;
    assert!(nobody.is_err(), "somebody came");
}
