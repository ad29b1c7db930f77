//! How a device comes to a hotel: with a code that is good once and for a while.

use super::site::{Answer, Device, NOW, Site};
use keyrack_model::{
    identity,
    limits::{DEVICE_CODE_MINUTES, MAX_DEVICE_CODE_MINUTES, MAX_OPEN_DEVICE_CODES},
    time::Timestamp,
};

const MARIA: [&str; 3] = ["resort", "maria", "maria-keyrack"];

async fn come(site: &Site, device: u8, code: Option<&str>) -> Answer {
    site.sign_in_with(&Device::numbered(device), MARIA, code)
        .await
}

#[track_caller]
fn check_not_enrolled(answer: &Answer) {
    assert_eq!(
        (answer.status, answer.code()),
        (403, "not-enrolled".into()),
        "{}",
        answer.body
    );
}

async fn code(site: &Site) -> String {
    site.device_code("resort").await.unwrap()
}

async fn count(site: &Site, table: &str) -> i64 {
    let question = format!("select count(*) from {table}");
    sqlx::query_scalar(sqlx::AssertSqlSafe(question))
        .fetch_one(&mut site.scratch.inspect().await)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_device_that_nobody_knows_takes_a_code_and_a_known_one_none() {
    let site = Site::open().await;
    check_not_enrolled(&come(&site, 1, None).await);
    assert_eq!(count(&site, "device").await, 0);
    let code = code(&site).await;
    let typed = format!(" {} ", code.to_lowercase().replace('-', " "));
    assert_eq!(come(&site, 1, Some(&typed)).await.status, 200);
    for none in [None, Some(""), Some("ZZZZ-ZZZZ"), Some(&*code)] {
        let answer = come(&site, 1, none).await;
        assert_eq!(answer.status, 200, "{none:?}: {}", answer.body);
    }
}

#[tokio::test]
async fn a_code_is_good_once_for_a_quarter_of_an_hour_and_at_its_own_hotel() {
    let site = Site::open().await;
    let used = code(&site).await;
    assert_eq!(come(&site, 1, Some(&used)).await.status, 200);
    check_not_enrolled(&come(&site, 2, Some(&used)).await);
    let elsewhere = site.device_code("city").await.unwrap();
    check_not_enrolled(&come(&site, 2, Some(&elsewhere)).await);

    let (first, second) = (code(&site).await, code(&site).await);
    let good_for = i64::from(DEVICE_CODE_MINUTES) * 60;
    site.wait_seconds(good_for - 1);
    assert_eq!(come(&site, 2, Some(&first)).await.status, 200);
    site.wait_seconds(1);
    check_not_enrolled(&come(&site, 3, Some(&second)).await);
}

#[tokio::test]
async fn nobody_learns_without_the_password_whether_a_device_or_a_code_is_known() {
    let site = Site::open().await;
    let code = code(&site).await;
    let wrong = ["resort", "maria", "not-hers"];
    let device = Device::numbered(1);
    let mut answers = Vec::new();
    for tried in [None, Some("ZZZZ-ZZZZ"), Some(&*code)] {
        answers.push(site.sign_in_with(&device, wrong, tried).await);
    }
    for answer in &answers {
        assert_eq!((answer.status, &answer.body), (401, &answers[0].body));
    }
    let kept = come(&site, 1, Some(&code)).await;
    assert_eq!(kept.status, 200, "the code was not used up: {}", kept.body);
}

#[tokio::test]
async fn a_code_is_used_up_by_nothing_but_a_sign_in_that_succeeds() {
    let site = Site::open().await;
    let first = Device::numbered(1);
    site.token(&first, "maria").await;
    let code = code(&site).await;
    let copy = Device {
        key: [9; 32],
        ..first
    };
    let clash = site.sign_in_with(&copy, MARIA, Some(&code)).await;
    assert_eq!(clash.code(), "wrong-password");
    assert_eq!(come(&site, 2, Some(&code)).await.status, 200);
    check_not_enrolled(&come(&site, 3, Some(&code)).await);
}

#[tokio::test]
async fn codes_are_guessed_no_faster_than_passwords() {
    let site = Site::open().await;
    for _ in 0..5 {
        check_not_enrolled(&come(&site, 1, Some("ZZZZ-ZZZZ")).await);
    }
    let right = code(&site).await;
    let slowed = come(&site, 1, Some(&right)).await;
    assert_eq!((slowed.status, slowed.code()), (429, "try-later".into()));
    site.wait_seconds(2);
    assert_eq!(come(&site, 1, Some(&right)).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_devices_that_come_at_once_with_one_code_one_gets_in() {
    let site = Site::open().await;
    let code = code(&site).await;
    let (second, rui) = (Device::numbered(2), ["resort", "rui", "rui-keyrack"]);
    let (one, other) = tokio::join!(
        come(&site, 1, Some(&code)),
        site.sign_in_with(&second, rui, Some(&code)),
    );
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 403], "{} {}", one.body, other.body);
    assert_eq!(count(&site, "device").await, 1);
    assert_eq!(count(&site, "token").await, 1);
}

#[tokio::test]
async fn a_device_that_is_not_trusted_does_not_come_back_with_a_code() {
    let site = Site::open().await;
    let lost = Device::numbered(1);
    site.token(&lost, "maria").await;
    let mut rows = site.scratch.inspect().await;
    sqlx::query("update device set distrusted_at = 1")
        .execute(&mut rows)
        .await
        .unwrap();
    let code = code(&site).await;
    let refused = come(&site, 1, Some(&code)).await;
    assert_eq!((refused.status, refused.code()), (403, "device-key".into()));
    assert_eq!(come(&site, 2, Some(&code)).await.status, 200);
}

#[tokio::test]
async fn a_hotel_has_so_many_codes_open_and_no_more() {
    let site = Site::open().await;
    let resort = identity::hotel("resort");
    let make = |count, minutes, at| {
        let at = Timestamp(NOW + at);
        site.accounts.make_device_codes(resort, count, minutes, at)
    };
    assert!(make(1, 0, 0).await.is_err());
    assert!(make(1, MAX_DEVICE_CODE_MINUTES + 1, 0).await.is_err());
    assert!(make(MAX_OPEN_DEVICE_CODES + 1, 1, 0).await.is_err());
    let codes = make(MAX_OPEN_DEVICE_CODES, 1, 0).await.unwrap();
    assert_eq!(codes.len(), MAX_OPEN_DEVICE_CODES);
    assert!(make(1, 1, 0).await.is_err());
    assert_eq!(
        count(&site, "device_code").await,
        MAX_OPEN_DEVICE_CODES as i64
    );

    let used = codes[0].to_string();
    assert_eq!(come(&site, 1, Some(&used)).await.status, 200);
    make(1, 1, 0).await.unwrap();
    assert!(make(1, 1, 59_999).await.is_err());
    make(MAX_OPEN_DEVICE_CODES, 1, 60_000).await.unwrap();
}
