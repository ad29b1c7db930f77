//! A sign-in comes from the device that it names, or nobody comes in.

use super::site::{Answer, Device, NOW, Site};
use crate::pretend;
use ed25519_dalek::{Signer, SigningKey};
use keyrack_model::{
    administration::{AuditEvent, TurnedAway},
    identity,
    limits::{AUDIT_FAILED_MILLIS, OLDEST_PROTOCOL, OLDEST_SIGN_IN, SIGN_IN_PROOF_MILLIS},
    time::Timestamp,
    wire::{SignIn, StaleProof},
};
use std::time::Duration;
use uuid::Uuid;

const MARIA: [&str; 3] = ["resort", "maria", "maria-keyrack"];
const NOT_HERS: [&str; 3] = ["resort", "maria", "a guess"];
const YEAR_SECONDS: i64 = 365 * 24 * 60 * 60;

/// Every row of every table.
pub(super) async fn rows(site: &Site) -> Vec<String> {
    let mut inspected = site.scratch.inspect().await;
    let tables: Vec<String> = sqlx::query_scalar(
        "select table_name::text from information_schema.tables
         where table_schema = 'public' and table_type = 'BASE TABLE' order by table_name",
    )
    .fetch_all(&mut inspected)
    .await
    .unwrap();
    let mut rows = Vec::new();
    for table in tables {
        let all = format!("select '{table} ' || t::text as row from {table} t order by row");
        let found = sqlx::query_scalar::<_, String>(sqlx::AssertSqlSafe(all));
        rows.extend(found.fetch_all(&mut inspected).await.unwrap());
    }
    rows
}

/// The same but for what the audit log tells of sign-ins that were turned away.
async fn other_rows(site: &Site) -> Vec<String> {
    let word = AuditEvent::SignInRefused.word();
    let mut rows = rows(site).await;
    rows.retain(|row| !row.starts_with("audit_head ") && !row.contains(word));
    rows
}

/// Of which devices, and of whom, the audit log tells that their sign-in was turned away, and why.
async fn turned_away(site: &Site) -> Vec<(Uuid, Option<Uuid>, String)> {
    sqlx::query_as(
        "select device, person, detail from audit where event = $1 order by hotel, number",
    )
    .bind(AuditEvent::SignInRefused.word())
    .fetch_all(&mut site.scratch.inspect().await)
    .await
    .unwrap()
}

/// The reasons alone, once there are so many: they are told after whoever asked was answered.
async fn told_reasons(site: &Site, number: usize) -> Vec<String> {
    for _ in 0..1_000 {
        if turned_away(site).await.len() >= number {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let mut told: Vec<String> = turned_away(site)
        .await
        .into_iter()
        .map(|told| told.2)
        .collect();
    told.sort();
    told
}

/// As whoever knows all of a sign-in but the device's secret key makes one.
fn forged(device: &Device, who: [&str; 3], at: i64) -> SignIn {
    let asked = pretend::sign_in(who, device.id, &device.key);
    pretend::proved(asked, &[99; 32], Timestamp(at))
}

fn now(site: &Site) -> Timestamp {
    site.hotels.now()
}

#[track_caller]
fn told_the_time(answer: &Answer) -> Timestamp {
    let code = (answer.status, answer.code());
    assert_eq!(code, (409, "stale-proof".into()), "{}", answer.body);
    let stale: StaleProof = serde_json::from_str(&answer.body).unwrap();
    assert!(!stale.error.message.is_empty());
    stale.server_time
}

#[tokio::test]
async fn whoever_knows_a_password_and_all_that_is_public_of_a_device_does_not_come_in() {
    let site = Site::open().await;
    let desk = Device::numbered(1);
    site.token(&desk, "maria").await;
    let code = site.device_code("resort").await;
    let before = other_rows(&site).await;
    let mut answers = Vec::new();
    for (who, code) in [(MARIA, None), (MARIA, code), (NOT_HERS, None)] {
        let body = SignIn {
            code,
            ..forged(&desk, who, NOW)
        };
        answers.push(site.sign_in_by(&body).await);
    }
    for answer in &answers {
        let code = (answer.status, answer.code());
        assert_eq!(code, (403, "device-key".into()), "{}", answer.body);
        // Nobody learns whether the password was right.
        assert_eq!(answer.body, answers[0].body);
    }
    assert_eq!(other_rows(&site).await, before);
}

/// Whoever has people sign in at a server of their own, or stands between, hands on what they signed.
#[tokio::test]
async fn a_sign_in_that_was_made_for_another_server_opens_nothing_here_and_changes_nothing() {
    let site = Site::open().await;
    let desk = Device::numbered(1);
    site.token(&desk, "maria").await;
    let code = site.device_code("resort").await;
    let before = other_rows(&site).await;
    let key = SigningKey::from_bytes(&desk.key);
    let asked = || pretend::sign_in(MARIA, desk.id, &desk.key);
    for address in [
        "https://evil.example",
        "https://keyrack.example",
        "http://127.0.0.1.example:7300",
    ] {
        let relayed = SignIn {
            code: code.clone(),
            ..asked().proved(address, now(&site), |stated| key.sign(stated).to_bytes())
        };
        let refused = site.sign_in_by(&relayed).await;
        let told = (refused.status, refused.code());
        assert_eq!(told, (403, "other-address".into()), "{}", refused.body);
        assert!(refused.body.contains(address), "{}", refused.body);
        // Nor under the address that this server has.
        let mut renamed = relayed;
        renamed.proof.as_mut().unwrap().address = pretend::ADDRESS.to_owned();
        assert_eq!(site.sign_in_by(&renamed).await.code(), "device-key");
    }
    assert_eq!(other_rows(&site).await, before);
    assert_eq!(
        site.sign_in_by(&desk.sign_in(MARIA, now(&site)))
            .await
            .status,
        200
    );
}

/// The audit log tells of what nobody else notices: a password that was typed elsewhere, a device that
/// somebody claims to have.
#[tokio::test]
async fn a_sign_in_that_is_turned_away_on_a_device_of_the_hotels_is_told_once_a_minute() {
    let site = Site::open().await;
    let desk = Device::numbered(1);
    site.token(&desk, "maria").await;
    let key = SigningKey::from_bytes(&desk.key);
    let for_another = |name| {
        let asked = pretend::sign_in(["resort", name, "a guess"], desk.id, &desk.key);
        asked.proved("https://evil.example", now(&site), |stated| {
            key.sign(stated).to_bytes()
        })
    };
    // Of a device that nobody knows, and of an address that no device signed, nothing is told.
    let stranger = Device::numbered(7);
    site.sign_in_by(&forged(&stranger, MARIA, NOW)).await;
    let mut unsigned = for_another("maria");
    unsigned.name = "rui".into();
    assert_eq!(site.sign_in_by(&unsigned).await.code(), "other-address");

    for _ in 0..3 {
        let relayed = site.sign_in_by(&for_another("maria")).await;
        assert_eq!(relayed.code(), "other-address");
        let borrowed = site.sign_in_by(&forged(&desk, MARIA, NOW)).await;
        assert_eq!(borrowed.code(), "device-key");
    }
    let both = [TurnedAway::OtherAddress, TurnedAway::Unproven].map(TurnedAway::word);
    assert_eq!(told_reasons(&site, 2).await, both);
    for (device, person, _) in turned_away(&site).await {
        assert_eq!((device, person), (desk.id.0, Some(pretend::MARIA.0)));
    }
    site.wait_seconds(AUDIT_FAILED_MILLIS / 1_000);
    // Whose name nobody has is nobody.
    site.sign_in_by(&for_another("nobody")).await;
    let other = TurnedAway::OtherAddress.word();
    assert_eq!(told_reasons(&site, 3).await, [other, other, both[1]]);
    assert_eq!(turned_away(&site).await[2].1, None);
}

#[tokio::test]
async fn a_right_password_on_a_device_that_is_not_trusted_is_told_of() {
    let site = Site::open().await;
    let desk = Device::numbered(1);
    site.token(&desk, "maria").await;
    let resort = identity::hotel("resort");
    let distrusted = site.accounts.distrust_device(resort, desk.id, now(&site));
    distrusted.await.unwrap();
    let wrong = desk.sign_in(NOT_HERS, now(&site));
    assert_eq!(site.sign_in_by(&wrong).await.code(), "wrong-password");
    let right = desk.sign_in(MARIA, now(&site));
    assert_eq!(site.sign_in_by(&right).await.code(), "device-key");
    let not_trusted = TurnedAway::NotTrusted.word();
    assert_eq!(told_reasons(&site, 1).await, [not_trusted]);
    let told = &turned_away(&site).await[0];
    assert_eq!((told.0, told.1), (desk.id.0, Some(pretend::MARIA.0)));
}

/// Whoever has the id of a device and not its key learns nothing of a password by it, nor of the device.
#[tokio::test]
async fn a_device_with_another_key_is_told_the_same_whatever_the_password_is() {
    let site = Site::open().await;
    let desk = Device::numbered(1);
    site.token(&desk, "maria").await;
    let with_another_key = |device: &Device| Device {
        key: [99; 32],
        ..device.clone()
    };
    let copied = with_another_key(&desk);
    let unknown = with_another_key(&Device::numbered(7));
    let nobody = ["resort", "nobody", "maria-keyrack"];
    let names = |answer: &Answer| answer.names().map(str::to_owned).collect::<Vec<_>>();
    let mut told = Vec::new();
    for (device, who) in [
        (&copied, MARIA),
        (&copied, NOT_HERS),
        (&copied, nobody),
        (&unknown, NOT_HERS),
    ] {
        told.push(site.sign_in_by(&device.sign_in(who, now(&site))).await);
    }
    for answer in &told {
        let code = (answer.status, answer.code());
        assert_eq!(code, (401, "wrong-password".into()), "{}", answer.body);
        assert_eq!(
            (&answer.body, names(answer)),
            (&told[0].body, names(&told[0]))
        );
    }
    // The right one counts as a wrong one does.
    for _ in 0..2 {
        let again = copied.sign_in(MARIA, now(&site));
        assert_eq!(site.sign_in_by(&again).await.status, 401);
    }
    let slowed = site.sign_in_by(&copied.sign_in(MARIA, now(&site))).await;
    assert_eq!((slowed.status, slowed.code()), (429, "try-later".into()));
    let hers = site.sign_in_by(&desk.sign_in(MARIA, now(&site))).await;
    assert_eq!(hers.status, 200, "{}", hers.body);
}

/// Nobody is kept out by them either.
#[tokio::test]
async fn sign_ins_without_the_devices_key_are_no_tries_of_a_password() {
    let site = Site::open().await;
    let desk = Device::numbered(1);
    site.token(&desk, "maria").await;
    let before = other_rows(&site).await;
    for _ in 0..40 {
        let answer = site.sign_in_by(&forged(&desk, NOT_HERS, NOW)).await;
        assert_eq!(answer.status, 403, "{}", answer.body);
    }
    assert_eq!(other_rows(&site).await, before);
    let hers = desk.sign_in(MARIA, now(&site));
    assert_eq!(site.sign_in_by(&hers).await.status, 200);
}

#[tokio::test]
async fn a_device_that_is_new_proves_its_key_before_its_code_counts() {
    let site = Site::open().await;
    let desk = Device::numbered(1);
    let code = site.device_code("resort").await;
    let before = rows(&site).await;
    let body = SignIn {
        code: code.clone(),
        ..forged(&desk, MARIA, NOW)
    };
    assert_eq!(site.sign_in_by(&body).await.code(), "device-key");
    assert_eq!(rows(&site).await, before);
    let answer = site.sign_in_with(&desk, MARIA, code.as_deref()).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
}

#[tokio::test]
async fn a_sign_in_that_was_recorded_is_good_for_a_few_minutes() {
    let site = Site::open().await;
    let desk = Device::numbered(1);
    site.token(&desk, "maria").await;
    let recorded = desk.sign_in(MARIA, now(&site));
    site.wait_seconds(i64::try_from(SIGN_IN_PROOF_MILLIS).unwrap() / 1_000);
    assert_eq!(site.sign_in_by(&recorded).await.status, 200);
    site.wait_seconds(1);
    let before = other_rows(&site).await;
    let told = told_the_time(&site.sign_in_by(&recorded).await);
    assert_eq!(told, now(&site));
    assert_eq!(other_rows(&site).await, before);
    // Another time is not slipped in.
    let mut dated = recorded;
    dated.proof.as_mut().unwrap().at = told;
    assert_eq!(site.sign_in_by(&dated).await.code(), "device-key");
    assert_eq!(other_rows(&site).await, before);
}

#[tokio::test]
async fn a_device_whose_clock_is_a_year_wrong_is_told_the_time_and_comes_in_with_it() {
    let site = Site::open().await;
    let desk = Device::numbered(1);
    site.token(&desk, "maria").await;
    for wrong in [-YEAR_SECONDS, YEAR_SECONDS] {
        let shown = Timestamp(now(&site).0 + wrong * 1_000);
        let answer = site.sign_in_by(&desk.sign_in(MARIA, shown)).await;
        let told = told_the_time(&answer);
        assert_eq!(told, now(&site));
        let answer = site.sign_in_by(&desk.sign_in(MARIA, told)).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
}

#[tokio::test]
async fn versions_that_prove_nothing_are_told_what_to_do() {
    let site = Site::open().await;
    let desk = Device::numbered(1);
    let token = site.token(&desk, "maria").await;
    let mut told = Vec::new();
    for protocol in OLDEST_PROTOCOL..OLDEST_SIGN_IN {
        // With a proof neither: nobody signed it as of that version.
        for proof in [None, desk.sign_in(MARIA, now(&site)).proof] {
            let asked = SignIn {
                protocol,
                proof,
                ..desk.sign_in(MARIA, now(&site))
            };
            told.push(site.sign_in_by(&asked).await);
        }
    }
    let unproven = SignIn {
        proof: None,
        ..desk.sign_in(MARIA, now(&site))
    };
    told.push(site.sign_in_by(&unproven).await);
    for answer in told {
        let code = (answer.status, answer.code());
        assert_eq!(code, (426, "old-protocol".into()), "{}", answer.body);
        assert!(answer.body.contains("please update"), "{}", answer.body);
    }
    // Whoever is signed in goes on, whatever version they speak.
    for protocol in OLDEST_PROTOCOL..OLDEST_SIGN_IN {
        let answer = site.ask("GET /v1/working-set", protocol, &token, b"").await;
        assert_ne!(answer.status, 426, "{}", answer.body);
        assert_ne!(answer.status, 401, "{}", answer.body);
    }
}
