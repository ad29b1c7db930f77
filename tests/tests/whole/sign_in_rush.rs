//! The beginning of a shift: everybody signs in at once, behind one address, beside work that goes on.

use futures_util::future::join_all;
use keyrack_model::{
    command::Command, limits::PASSWORDS_AT_ONCE, room::ServiceStatus, wire::SignIn,
};
use keyrack_tests::{
    hotel::{MARIA, RUI},
    http,
    peer::Peer,
    server::Server,
    world::World,
};
use serde_json::Value;
use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

const PEOPLE: u32 = 50;
/// Times as long as a password takes to check that anything else may take in the rush.
const CHECKS: u32 = 4;

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

#[tokio::test]
async fn fifty_people_who_sign_in_at_once_all_get_in_and_hold_up_nobody_else() {
    let world = World::new();
    let server = world.demo_server().await;
    take_on(&server).await;
    let mut desk = Peer::signed_in(server.address(), &RUI).await;
    desk.sync().await;
    let rooms = desk.rooms();

    // At a computer that the hotel knows, as at the beginning of any shift.
    let bodies = (1..=PEOPLE).map(|number| {
        let name = format!("rush-{number}");
        desk.body(SignIn {
            name,
            ..desk.asked(&MARIA)
        })
    });
    let address = server.address();
    let signing_in: Vec<_> = bodies.map(|body| sign_in(address, body)).collect();
    let rush = tokio::spawn(timed(join_all(signing_in)));

    let mut waits = Vec::new();
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
        let command = Command::SetServiceStatus { room, value };
        desk.act(&command).expect("the desk works on");
        let sent = desk.talk_until("what was done is stored", |desk| desk.waiting().is_empty());
        waits.push(timed(sent).await.1);
        for path in ["/health/live", "/health/ready"] {
            let (answer, wait) = timed(http::get(address, path)).await;
            assert_eq!(answer.expect("the server answers").status, 200);
            waits.push(wait);
        }
    }
    let (signed_in, lasted) = rush.await.expect("everybody gets in");
    assert_eq!(signed_in.len(), PEOPLE as usize);
    assert!(desk.is_online());

    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let at_once = PASSWORDS_AT_ONCE.min(processors);
    let check = lasted * u32::try_from(at_once).unwrap() / PEOPLE;
    waits.sort_unstable();
    let slowest = waits[(waits.len() * 99 / 100).min(waits.len() - 1)];
    assert!(waits.len() >= 30, "only {} requests beside it", waits.len());
    assert!(
        slowest < check * CHECKS,
        "of {} requests one in a hundred took {slowest:?}, where a password took {check:?}",
        waits.len()
    );
}
