use super::*;
use keyrack_model::{
    ids::DeviceId,
    wire::{DeviceRegistration, ErrorBody, ErrorCode},
};
use std::fmt::Write as _;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

fn asked() -> SignIn {
    SignIn {
        protocol: limits::PROTOCOL,
        hotel: "resort".to_owned(),
        name: "maria".to_owned(),
        password: "maria-keyrack".to_owned(),
        code: None,
        person_key: None,
        device: DeviceRegistration {
            id: DeviceId::default(),
            name: "desk".to_owned(),
            public_key: "00".repeat(32),
        },
    }
}

/// Something that reads one request and says these bytes.
async fn sign_in_to_what_says(bytes: Vec<u8>) -> Result<SignedIn, Problem> {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = ServerAddress::parse(&listener.local_addr().unwrap().to_string()).unwrap();
    let asked = asked();
    let (answered, ()) = tokio::join!(sign_in(&address, &asked), async {
        let (mut caller, _) = listener.accept().await.unwrap();
        let mut request = [0; 4_096];
        let _ = caller.read(&mut request).await.unwrap();
        // The caller may have enough before it has all.
        let _ = caller.write_all(&bytes).await;
        let _ = caller.shutdown().await;
    });
    answered
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
    let problem = problem_of(sign_in(&address, &asked()).await);
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
