//! Devices and sign-ins as they are kept.

use super::*;
use crate::{pretend, scratch::Scratch};
use ed25519_dalek::SigningKey;
use keyrack_model::{
    identity::SERVER_DEVICE,
    ids::DeviceId,
    limits::{SESSION_MILLIS, TOKEN_MILLIS},
    policy::Role,
};
use std::net::{IpAddr, Ipv4Addr};

pub(super) const NOW: Timestamp = Timestamp(1_495_700_000_000);
pub(super) const HERE: Peer = Peer(IpAddr::V4(Ipv4Addr::LOCALHOST));
pub(super) const DESK: DeviceId = DeviceId(Uuid::from_u128(1));
/// Of all devices here.
pub(super) const SECRET: [u8; 32] = [7; 32];

#[tokio::test]
async fn the_servers_own_device_is_nobody_elses() {
    let (_scratch, accounts) = resort().await;
    let refused = accounts
        .sign_in(sign_in("maria", SERVER_DEVICE, NOW), HERE, NOW)
        .await;
    let refused = refused.err().expect("it is refused");
    assert!(matches!(refused, AccountError::BadRequest(_)), "{refused}");
    accounts
        .sign_in(sign_in("maria", DESK, NOW), HERE, NOW)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_sign_in_ends_what_that_person_began_and_did_not_come_back_to() {
    let (scratch, accounts) = resort().await;
    let hotel = identity::hotel("resort");
    let [laptop, tablet] = [2, 3].map(|number| DeviceId(Uuid::from_u128(number)));
    let sign_in_at = async |name: &str, device: DeviceId, at: i64| {
        let at = Timestamp(NOW.0 + at);
        let codes = accounts.make_device_codes(hotel, 1, 15, at).await.unwrap();
        let mut asked = sign_in(name, device, at);
        asked.code = codes.first().map(ToString::to_string);
        let done = accounts.sign_in(asked, HERE, at).await.unwrap();
        done.token.parse::<Token>().unwrap_or_else(|_| panic!())
    };
    sign_in_at("maria", DESK, 0).await;
    sign_in_at("rui", DESK, 0).await;
    let good = sign_in_at("maria", laptop, 1).await;
    assert_eq!(tokens(&scratch).await, ["maria", "maria", "rui"]);

    sign_in_at("maria", tablet, SESSION_MILLIS).await;
    assert_eq!(tokens(&scratch).await, ["maria", "maria", "rui"]);
    let soon = Timestamp(NOW.0 + TOKEN_MILLIS);
    accounts.authenticate(&good, soon).await.unwrap();
}

#[tokio::test]
async fn a_hotel_is_told_apart_from_one_with_the_same_code_on_another_server() {
    let origin = async |accounts: &Accounts, name: &str| {
        let done = accounts
            .sign_in(sign_in(name, DESK, NOW), HERE, NOW)
            .await
            .unwrap();
        done.origin
    };
    let (_here, ours) = resort().await;
    let (_there, theirs) = resort().await;
    let first = origin(&ours, "maria").await;
    assert_eq!(origin(&ours, "rui").await, first);
    assert_ne!(origin(&theirs, "maria").await, first);
}

/// The password becomes another one while it is checked.
#[tokio::test(flavor = "multi_thread")]
async fn a_password_that_was_right_when_the_sign_in_began_opens_nothing_afterwards() {
    let (scratch, accounts) = resort().await;
    let mut manager = scratch.inspect().await;
    let mut tx = sqlx::Connection::begin(&mut manager).await.unwrap();
    sqlx::query("update person set password_hash = 'another' where name = 'maria'")
        .execute(&mut *tx)
        .await
        .unwrap();
    let signing_in = {
        let accounts = accounts.clone();
        let asked = sign_in("maria", DESK, NOW);
        tokio::spawn(async move { accounts.sign_in(asked, HERE, NOW).await })
    };
    let mut watching = scratch.inspect().await;
    let waits = "select exists (select from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock')";
    while !sqlx::query_scalar::<_, bool>(waits)
        .fetch_one(&mut watching)
        .await
        .unwrap()
    {
        assert!(!signing_in.is_finished(), "nothing held it up");
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    tx.commit().await.unwrap();
    let refused = signing_in.await.unwrap();
    assert!(matches!(refused, Err(AccountError::WrongPassword)));
    assert!(tokens(&scratch).await.is_empty());
}

/// The hotel `resort` with maria, rui and the desk.
pub(super) async fn resort() -> (Scratch, Accounts) {
    let scratch = Scratch::migrated().await;
    let accounts = Accounts::new(scratch.open().await);
    let hotel = accounts
        .create_hotel("resort", "Resort H1", NOW)
        .await
        .unwrap();
    for name in ["maria", "rui"] {
        let person = NewPerson {
            name: name.into(),
            display: name.into(),
            role: Role::Housekeeper,
            password: format!("{name}-keyrack"),
        };
        accounts.add_person(hotel, person, NOW).await.unwrap();
    }
    let desk = "insert into device (hotel, device, name, public_key) values ($1, $2, 'desk', $3)";
    sqlx::query(desk)
        .bind(hotel.0)
        .bind(DESK.0)
        .bind(key_of_all().as_bytes().as_slice())
        .execute(&mut scratch.inspect().await)
        .await
        .unwrap();
    (scratch, accounts)
}

fn key_of_all() -> VerifyingKey {
    SigningKey::from_bytes(&SECRET).verifying_key()
}

/// As a device signs it whose clock shows this.
pub(super) fn sign_in(name: &str, device: DeviceId, at: Timestamp) -> SignIn {
    let asked = pretend::sign_in(
        ["resort", name, &format!("{name}-keyrack")],
        device,
        &SECRET,
    );
    pretend::proved(asked, &SECRET, at)
}

/// Whose tokens there are.
async fn tokens(scratch: &Scratch) -> Vec<String> {
    sqlx::query_scalar(
        "select person.name from token join person using (hotel, person) order by person.name",
    )
    .fetch_all(&mut scratch.inspect().await)
    .await
    .unwrap()
}
