//! Which keys speak for whom, and for how long.

use crate::{
    accounts::{
        AccountError, Accounts,
        tests::{DESK, HERE, NOW, SECRET, resort, sign_in},
    },
    pretend,
};
use ed25519_dalek::SigningKey;
use keyrack_model::{
    audit_head::hexadecimal,
    ids::UserId,
    limits::{MAX_USER_KEYS, USER_KEY_MILLIS},
    time::Timestamp,
    wire::SignIn,
};

fn public_key(number: u8) -> [u8; 32] {
    SigningKey::from_bytes(&[number; 32])
        .verifying_key()
        .to_bytes()
}

fn later(millis: i64) -> Timestamp {
    Timestamp(NOW.0 + millis)
}

/// Signs somebody in at the desk with a key. Returns who they are and the keys that speak on the desk.
async fn shown(
    accounts: &Accounts,
    name: &str,
    number: u8,
    at: Timestamp,
) -> (UserId, Vec<(UserId, [u8; 32])>) {
    let asked = SignIn {
        person_key: Some(hexadecimal(&public_key(number))),
        ..sign_in(name, DESK, at)
    };
    let asked = pretend::proved(asked, &SECRET, at);
    let done = accounts.sign_in(asked, HERE, at).await.unwrap();
    let token = done.token.parse().unwrap_or_else(|_| panic!());
    let who = accounts.authenticate(&token, at).await.unwrap();
    let keys = who.keys.iter().map(|key| (key.author, key.key));
    (who.user, keys.collect())
}

#[tokio::test]
async fn the_keys_of_a_desk_are_those_that_its_people_showed_there_the_latest_first() {
    let (_scratch, accounts) = resort().await;
    let (maria, keys) = shown(&accounts, "maria", 1, NOW).await;
    assert_eq!(keys, [(maria, public_key(1))]);
    let (rui, _) = shown(&accounts, "rui", 2, NOW).await;
    let (_, keys) = shown(&accounts, "maria", 3, later(1)).await;
    let of = |person: UserId| keys.iter().filter(move |(author, _)| *author == person);
    let of_maria: Vec<_> = of(maria).map(|(_, key)| *key).collect();
    assert_eq!(of_maria, [public_key(3), public_key(1)]);
    assert!(of(rui).map(|(_, key)| *key).eq([public_key(2)]));
}

#[tokio::test]
async fn what_is_no_key_signs_nobody_in() {
    let (_scratch, accounts) = resort().await;
    let (short, no_digits) = ("00".to_owned(), ["zz", "é"].map(|text| text.repeat(32)));
    let [latin, beyond] = no_digits;
    for text in [
        None,
        Some(String::new()),
        Some(short),
        Some(latin),
        Some(beyond),
    ] {
        let asked = SignIn {
            person_key: text.clone(),
            ..sign_in("maria", DESK, NOW)
        };
        let asked = pretend::proved(asked, &SECRET, NOW);
        let refused = accounts.sign_in(asked, HERE, NOW).await;
        assert!(
            matches!(refused, Err(AccountError::BadRequest(_))),
            "{text:?}"
        );
    }
}

#[tokio::test]
async fn of_one_person_on_one_device_the_latest_keys_are_known_for_a_while() {
    let (_scratch, accounts) = resort().await;
    let (maria, _) = shown(&accounts, "maria", 0, NOW).await;
    let hotel = accounts.find_hotel("resort").await.unwrap();
    let mut tx = accounts.database.begin(hotel).await.unwrap();
    let most = MAX_USER_KEYS as u8;
    let mut show = async |number: u8, at: Timestamp| {
        let key = SigningKey::from_bytes(&[number; 32]).verifying_key();
        super::show(&mut tx, hotel, DESK, maria, &key, at)
            .await
            .unwrap();
        let keys = super::on(&mut tx, hotel, DESK).await.unwrap();
        Vec::from_iter(keys.into_iter().map(|known| known.key))
    };
    let mut keys = Vec::new();
    for number in 1..=most {
        keys = show(number, later(i64::from(number))).await;
    }
    let kept = (1..=most).rev().map(public_key);
    assert_eq!(keys, Vec::from_iter(kept));

    // Of the one before nobody has known for long that it was not the last.
    let keys = show(200, later(i64::from(most) + USER_KEY_MILLIS + 1)).await;
    assert_eq!(keys, [public_key(200), public_key(most)]);
}

#[tokio::test]
async fn what_somebody_signed_before_they_left_is_still_told_from_what_they_did_not() {
    let (scratch, accounts) = resort().await;
    let (maria, _) = shown(&accounts, "maria", 1, NOW).await;
    let ended = "select ended_at from user_key where person = $1";
    let ended = async || -> Option<i64> {
        sqlx::query_scalar(ended)
            .bind(maria.0)
            .fetch_one(&mut scratch.inspect().await)
            .await
            .unwrap()
    };
    assert_eq!(ended().await, None);
    let hotel = accounts.find_hotel("resort").await.unwrap();
    accounts.dismiss(hotel, "maria", later(5)).await.unwrap();
    assert_eq!(ended().await, Some(later(5).0));
    let (_, keys) = shown(&accounts, "rui", 2, later(6)).await;
    assert!(keys.contains(&(maria, public_key(1))));
}
