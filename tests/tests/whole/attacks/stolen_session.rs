//! What refreshes a session, taken from its owner and used after they have gone on with it.

use super::*;
use keyrack_model::{
    ipc::Problem,
    limits::REFRESH_GRACE_MILLIS,
    wire::{ErrorBody, Refreshed, SignIn, SignedIn},
};
use keyrack_tests::{enrolment, http, wire};
use serde_json::json;
use std::{collections::BTreeSet, net::SocketAddr};

async fn refresh(server: SocketAddr, token: &str) -> http::Response {
    let body = json!({ "token": token });
    let answer = http::post(server, "/v1/refresh", &body).await;
    answer.expect("the server answers")
}

/// Somebody's session, which ended when what refreshed it was used by two.
pub(super) struct Stolen {
    token: String,
    renewal: String,
}

impl Stolen {
    pub(super) async fn from_joao(scene: &Scene) -> Self {
        let server = scene.server.address();
        let signed_in = signed_in(server).await;
        let renewal = signed_in.renewal.expect("it can be refreshed").token;
        go_on(scene, &renewal).await;
        assert_refreshes_nothing(scene, &renewal).await;
        Self {
            token: signed_in.token,
            renewal,
        }
    }

    /// Neither refreshes anything nor opens a connection, however often it is tried; after many times it
    /// is not even looked at.
    pub(super) async fn opens_nothing(&self, server: SocketAddr, way: Way) {
        match way {
            Way::Requests => {
                let answer = refresh(server, &self.renewal).await;
                assert!(matches!(answer.status, 401 | 429), "{answer:?}");
            }
            Way::Socket => {
                let opened = wire::connect(server, &self.token).await;
                assert!(opened.is_err(), "the socket does not open");
            }
        }
    }
}

/// João's, on a device of his.
async fn signed_in(server: SocketAddr) -> SignedIn {
    let device = Peer::in_memory(server);
    let body = device.body(SignIn {
        code: Some(enrolment::code(server).await),
        ..device.asked(&JOAO)
    });
    let answer = http::post(server, "/v1/sign-in", &body).await;
    let signed_in = answer.expect("the server answers").json();
    serde_json::from_value(signed_in).expect("a session")
}

/// Its owner goes on with a session, and the time is over in which an answer may have been lost.
async fn go_on(scene: &Scene, renewal: &str) -> Refreshed {
    let server = scene.server.address();
    let answer = refresh(server, renewal).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let owners: Refreshed = serde_json::from_value(answer.json()).expect("tokens");
    let opened = wire::connect(server, &owners.token).await;
    drop(opened.expect("its owner goes on with it"));
    let later =
        sqlx::query("update refresh_token set used_at = used_at - $1 where used_at is not null")
            .bind(REFRESH_GRACE_MILLIS + 1)
            .execute(&mut scene.server.database().inspect().await)
            .await;
    assert_eq!(later.expect("a superuser may").rows_affected(), 1);
    owners
}

/// Fails unless there is nothing for whoever shows this any more.
async fn assert_refreshes_nothing(scene: &Scene, token: &str) {
    let answer = refresh(scene.server.address(), token).await;
    let said: ErrorBody = serde_json::from_value(answer.json()).expect("a refusal");
    assert_eq!((answer.status, said.code), (401, ErrorCode::SignedOut));
}

/// The rows of a table that only the first of two dumps has.
fn only_in<'a>(one: &'a Dump, other: &Dump, table: &str) -> Vec<&'a str> {
    let rows = one[table].iter().filter(|row| !other[table].contains(row));
    rows.map(String::as_str).collect()
}

#[tokio::test]
async fn a_stolen_refresh_token_ends_the_session_for_both_and_changes_nothing_else() {
    let mut scene = Scene::set().await;
    let address = scene.server.address();
    let signed_in = signed_in(address).await;
    let stolen = signed_in.renewal.expect("it can be refreshed").token;
    let owners = go_on(&scene, &stolen).await;

    let before = scene.works().await;
    assert_refreshes_nothing(&scene, &stolen).await;
    let after = scene.dump().await;
    assert_refreshes_nothing(&scene, &owners.renewal.token).await;
    assert_refreshes_nothing(&scene, &stolen).await;
    for token in [&signed_in.token, &owners.token] {
        let opened = wire::connect(address, token).await;
        let refused = opened.err().expect("the socket does not open");
        assert_eq!(wire::problem_of(&refused), Some(Problem::SignedOut));
    }
    assert_untouched("used once more", &after, &scene.dump().await, 0);

    let is_touched = |table: &&str| before[*table] != after[*table];
    let touched: BTreeSet<&str> = before
        .keys()
        .map(String::as_str)
        .filter(is_touched)
        .collect();
    // What its owner did offline since is proven anew, with the key of their next sign-in.
    let access = [
        "audit",
        "audit_head",
        "refresh_token",
        "session",
        "token",
        "user_key",
    ];
    assert_eq!(touched, BTreeSet::from(access));
    let gone = |table| only_in(&before, &after, table);
    let come = |table| only_in(&after, &before, table);
    let [ended] = come("session")[..] else {
        panic!("one session: {:?}", come("session"));
    };
    assert!(ended.contains(",reused,"), "{ended}");
    let session = ended.split(',').nth(1).expect("a session has an id");
    for table in ["session", "token", "refresh_token"] {
        let gone = gone(table);
        assert!(!gone.is_empty(), "{table}");
        let are_its = gone.iter().all(|row| row.contains(session));
        assert!(are_its, "{table}: {gone:?}");
        assert_eq!(
            after[table].len() + gone.len(),
            before[table].len() + come(table).len()
        );
    }
    assert!(come("token").is_empty() && come("refresh_token").is_empty());
    assert!(gone("audit").is_empty());
    let [noted] = come("audit")[..] else {
        panic!("one entry: {:?}", come("audit"));
    };
    assert!(noted.contains(",session-reused,"), "{noted}");
    scene.ends_as_ever().await;
}
