//! The server's routes over a real socket, on real Postgres.

mod administration;
mod another_hotel;
mod device_proof;
mod edge;
mod ended;
mod enrolment;
mod frames;
mod guesses;
mod imports;
mod keys_taken_back;
mod rates;
mod record_pages;
mod records;
mod sealed;
mod sessions;
mod site;
mod socket;
mod transcripts;
mod transports;
mod working_set;

use keyrack_model::{limits::PROTOCOL, time::Timestamp};
use serde_json::json;
use site::{Device, Site};

#[tokio::test]
async fn a_token_opens_the_socket_until_its_person_signs_out() {
    let site = Site::open().await;
    let token = site.token(&Device::numbered(1), "maria").await;
    assert_eq!(site.open_socket(&token).await.status, 101);

    let out = site.post_with("/v1/sign-out", &token, "").await;
    assert_eq!(out.status, 204);

    let refused = site.open_socket(&token).await;
    assert_eq!((refused.status, refused.code()), (401, "signed-out".into()));
    let again = site.post_with("/v1/sign-out", &token, "").await;
    assert_eq!(again.status, 204);
}

#[tokio::test]
async fn a_token_in_an_address_or_in_a_body_opens_nothing() {
    let site = Site::open().await;
    let token = site.token(&Device::numbered(1), "maria").await;
    for path in ["/v1/pull", "/v1/working-set", "/v1/records"] {
        for name in ["token", "access_token", "authorization"] {
            let answer = site.get(&format!("{path}?{name}={token}")).await;
            assert!((400..=401).contains(&answer.status), "{path}: {answer:?}");
        }
    }
    let body = format!(r#"{{"token":"{token}","Look":null}}"#);
    let answer = site.post("/v1/administration", &body).await;
    assert!((400..=401).contains(&answer.status), "{answer:?}");
    assert_eq!(site.open_socket(&token).await.status, 101);
}

#[tokio::test]
async fn a_token_ends_after_an_hour() {
    let site = Site::open().await;
    let token = site.token(&Device::numbered(1), "maria").await;
    site.wait_seconds(3_599);
    assert_eq!(site.open_socket(&token).await.status, 101);
    site.wait_seconds(1);
    assert_eq!(site.open_socket(&token).await.status, 401);
}

#[tokio::test]
async fn what_is_not_a_token_of_this_hotel_opens_nothing() {
    let site = Site::open().await;
    let token = site.token(&Device::numbered(1), "maria").await;
    let (hotel, secret) = token.split_once('.').unwrap();
    let elsewhere = site.other_hotel().0.simple().to_string();
    for wrong in [
        String::new(),
        "x".into(),
        hotel.into(),
        secret.into(),
        format!("{elsewhere}.{secret}"),
        format!("{hotel}.{}", "0".repeat(64)),
        format!("{token}0"),
    ] {
        assert_eq!(site.open_socket(&wrong).await.status, 401, "{wrong}");
    }
    let unsigned = site.get("/v1/sync").await;
    assert_eq!(
        (unsigned.status, unsigned.code()),
        (401, "signed-out".into())
    );
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_name_are_answered_alike() {
    let site = Site::open().await;
    let device = Device::numbered(1);
    let wrong = site
        .sign_in(&device, "resort", "maria", "rui-keyrack")
        .await;
    let unknown = site
        .sign_in(&device, "resort", "nobody", "rui-keyrack")
        .await;
    assert_eq!((wrong.status, wrong.code()), (401, "wrong-password".into()));
    assert_eq!((unknown.status, &unknown.body), (wrong.status, &wrong.body));
}

#[tokio::test]
async fn a_person_of_one_hotel_does_not_come_into_another() {
    let site = Site::open().await;
    let device = Device::numbered(1);
    let other = site
        .sign_in(&device, "city", "maria", "maria-keyrack")
        .await;
    assert_eq!(other.code(), "wrong-password");
    let nowhere = site
        .sign_in(&device, "grand", "maria", "maria-keyrack")
        .await;
    assert_eq!(
        (nowhere.status, nowhere.code()),
        (404, "unknown-hotel".into())
    );
    assert!(nowhere.body.contains("grand"), "{}", nowhere.body);
}

#[tokio::test]
async fn names_and_codes_are_the_same_however_they_are_typed() {
    let site = Site::open().await;
    let answer = site
        .sign_in(&Device::numbered(1), " Resort ", "MARIA", "maria-keyrack")
        .await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.json()["person"]["name"], "maria");
}

#[tokio::test]
async fn guessing_is_slowed_down_for_the_one_who_knows_too() {
    let site = Site::open().await;
    let device = Device::numbered(1);
    for _ in 0..5 {
        let wrong = site.sign_in(&device, "resort", "maria", "guess").await;
        assert_eq!(wrong.status, 401);
    }
    let slowed = site
        .sign_in(&device, "resort", "maria", "maria-keyrack")
        .await;
    assert_eq!((slowed.status, slowed.code()), (429, "try-later".into()));
    assert!(slowed.header("retry-after").is_some());
    assert_eq!(
        site.sign_in(&device, "resort", "rui", "rui-keyrack")
            .await
            .status,
        200
    );
    site.wait_seconds(2);
    let known = site
        .sign_in(&device, "resort", "maria", "maria-keyrack")
        .await;
    assert_eq!(known.status, 200);
}

#[tokio::test]
async fn on_a_device_of_theirs_nobody_waits_for_what_others_guess_at_the_same_address() {
    let site = Site::open().await;
    let [desk, stranger] = [1, 2].map(Device::numbered);
    site.token(&desk, "maria").await;
    for _ in 0..5 {
        let wrong = site.sign_in(&stranger, "resort", "maria", "guess").await;
        assert_eq!(wrong.status, 401);
    }
    for (device, status) in [(&stranger, 429), (&desk, 200)] {
        let answer = site.sign_in(device, "resort", "maria", "maria-keyrack");
        assert_eq!(answer.await.status, status);
    }
    // A device that says it is the desk is not.
    let copy = Device {
        key: stranger.key,
        ..desk.clone()
    };
    let answer = site.sign_in(&copy, "resort", "maria", "maria-keyrack");
    assert_eq!(answer.await.status, 429);
    for _ in 0..5 {
        let wrong = site.sign_in(&desk, "resort", "maria", "guess").await;
        assert_eq!(wrong.status, 401);
    }
    let slowed = site.sign_in(&desk, "resort", "maria", "maria-keyrack");
    assert_eq!(slowed.await.status, 429);
}

#[tokio::test]
async fn the_first_key_of_a_device_stays_its_key() {
    let site = Site::open().await;
    let device = Device::numbered(1);
    let token = site.token(&device, "maria").await;
    let copy = Device {
        key: [9; 32],
        ..device.clone()
    };
    let clash = site
        .sign_in(&copy, "resort", "maria", "maria-keyrack")
        .await;
    assert_eq!((clash.status, clash.code()), (401, "wrong-password".into()));
    assert_eq!(site.open_socket(&token).await.status, 101);
    assert_eq!(
        site.sign_in(&device, "resort", "rui", "rui-keyrack")
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn another_protocol_is_told_which_side_to_update_whatever_else_it_says() {
    let site = Site::open().await;
    for (protocol, code) in [(0, "old-protocol"), (PROTOCOL + 1, "new-protocol")] {
        let body = json!({ "protocol": protocol, "something": "else" });
        let answer = site.post("/v1/sign-in", &body.to_string()).await;
        assert_eq!((answer.status, answer.code()), (426, code.into()));
        assert!(answer.body.contains("version"), "{}", answer.body);
    }
}

#[tokio::test]
async fn what_no_route_takes_gets_a_sentence() {
    let site = Site::open().await;
    for (path, body, status, code) in [
        ("/v1/sign-in", "maria".to_owned(), 400, "bad-request"),
        ("/v1/sign-in", "[]".to_owned(), 400, "bad-request"),
        ("/v1/sign-in", "x".repeat(1 << 20), 413, "too-large"),
        ("/v1/unknown", "{}".to_owned(), 404, "bad-request"),
        ("/health/live", "{}".to_owned(), 405, "bad-request"),
    ] {
        let answer = site.post(path, &body).await;
        assert_eq!(
            (answer.status, answer.code()),
            (status, code.into()),
            "{path}"
        );
    }
}

#[tokio::test]
async fn what_fails_inside_is_not_told_outside() {
    let site = Site::open().await;
    sqlx::query("alter table person rename to people")
        .execute(&mut site.scratch.inspect().await)
        .await
        .unwrap();
    let answer = site
        .sign_in(&Device::numbered(1), "resort", "maria", "maria-keyrack")
        .await;
    assert_eq!((answer.status, answer.code()), (503, "internal".into()));
    assert!(!answer.body.contains("person"), "{}", answer.body);
}

#[tokio::test]
async fn every_answer_has_an_id_and_tells_browsers_nothing() {
    let site = Site::open().await;
    let token = site.token(&Device::numbered(1), "maria").await;
    let mut answers = Vec::new();
    for (status, path) in [
        (200, "/health/live"),
        (401, "/v1/sync"),
        (404, "/v1/unknown"),
        (200, "/metrics"),
    ] {
        answers.push((status, path, site.get(path).await));
    }
    let long = "x".repeat(1 << 20);
    for (status, path, body) in [
        (200, "/v1/administration", r#""Look""#),
        (403, "/v1/administration", r#""MakeDeviceCode""#),
        (400, "/v1/sign-in", "[]"),
        (413, "/v1/refresh", &long[..]),
        (405, "/health/live", "{}"),
    ] {
        let answer = site.post_with(path, &token, body).await;
        answers.push((status, path, answer));
    }
    for (status, path, answer) in answers {
        assert_eq!(answer.status, status, "{path}");
        assert!(answer.header("x-request-id").is_some(), "{path}");
        let policy = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'";
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("cache-control", "no-store"),
            ("content-security-policy", policy),
            ("referrer-policy", "no-referrer"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{path}");
        }
        assert_eq!(answer.header("access-control-allow-origin"), None);
    }
}

#[tokio::test]
async fn a_server_is_ready_until_it_stops_or_its_schema_goes() {
    let site = Site::open().await;
    assert_eq!(site.get("/health/live").await.status, 200);
    let ready = site.get("/health/ready").await;
    assert_eq!((ready.status, &ready.json()["ready"]), (200, &json!(true)));

    // A later version adds to the schema while this one serves.
    let mut rows = site.scratch.inspect().await;
    let later = "insert into _sqlx_migrations
                     (version, description, success, checksum, execution_time)
                 values (9999, 'later', true, '', 0)";
    sqlx::query(later).execute(&mut rows).await.unwrap();
    assert_eq!(site.get("/health/ready").await.status, 200);

    sqlx::query("delete from _sqlx_migrations where version > 1")
        .execute(&mut rows)
        .await
        .unwrap();
    site.wait_seconds(1);
    let unfit = site.get("/health/ready").await;
    assert_eq!(unfit.status, 503);
    assert!(unfit.body.contains("schema"), "{}", unfit.body);

    site.stop();
    let stopping = site.get("/health/ready").await;
    assert_eq!(stopping.status, 503);
    assert!(stopping.body.contains("stopping"), "{}", stopping.body);
}

#[tokio::test]
async fn however_often_readiness_is_asked_for_the_database_is_asked_once_a_second() {
    let site = Site::open().await;
    assert_eq!(site.get("/health/ready").await.status, 200);
    sqlx::query("delete from _sqlx_migrations")
        .execute(&mut site.scratch.inspect().await)
        .await
        .unwrap();
    assert_eq!(site.get("/health/ready").await.status, 200);
    site.wait_seconds(1);
    assert_eq!(site.get("/health/ready").await.status, 503);
}

#[tokio::test]
async fn people_who_share_a_device_are_all_known_on_it() {
    let site = Site::open().await;
    let device = Device::numbered(1);
    site.token(&device, "rui").await;
    let token = site
        .token(&device, "maria")
        .await
        .parse()
        .unwrap_or_else(|_| panic!());
    let who = site
        .accounts
        .authenticate(&token, Timestamp(site::NOW))
        .await
        .unwrap();
    assert_eq!(who.people.len(), 2);
    assert!(who.people.contains(&who.user));
}

#[tokio::test]
async fn metrics_are_in_the_text_format_of_prometheus_and_for_the_servers_own_machine() {
    let site = Site::open().await;
    let answer = site.get("/metrics").await;
    assert_eq!(answer.status, 200);
    let elsewhere = site.ask_from("203.0.113.7", "GET /metrics", "", b"").await;
    assert_eq!(elsewhere.status, 404);
}
