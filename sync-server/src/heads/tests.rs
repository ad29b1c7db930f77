//! News of heads between two servers of one database.

use super::{Announcements, hear, parse, tell};
use crate::{
    access::Access,
    accounts::Accounts,
    hotel::{Feed, Hotels},
    log::postgres::PostgresLog,
    scratch::Scratch,
    server_author::ServerAuthor,
};
use keyrack_model::{action::Sequence, command::Command, identity, ids::HotelId, time::Timestamp};
use std::{collections::HashMap, sync::Arc, time::Duration};

const PATIENTLY: Duration = Duration::from_secs(20);

#[tokio::test]
async fn heads_announced_together_are_told_once_each() {
    let announcements = Announcements::default();
    let hotel = identity::hotel("resort");
    for number in 1..=100 {
        announcements.announce(hotel, Sequence(number));
    }
    let told = announcements.next().await;
    assert_eq!(told, HashMap::from([(hotel, Sequence(100))]));
}

#[test]
fn news_that_is_none_is_passed_over() {
    for payload in ["", "x", "x 1", "1 x", "\u{0} \u{0}"] {
        assert_eq!(parse(payload), None);
    }
}

#[tokio::test]
async fn what_one_server_appends_reaches_who_follows_at_another() {
    let scratch = Scratch::migrated().await;
    let (here, announcements) = server(&scratch).await;
    let (there, _) = server(&scratch).await;
    let hotel = create_hotel(&scratch).await;
    tokio::spawn(tell(scratch.open().await, announcements));
    tokio::spawn(hear(scratch.open().await, there.clone(), Access::default()));
    let feed = there.follow(hotel, Sequence(0)).unwrap();
    append(&here, hotel).await;
    arrives(feed).await;
}

#[tokio::test]
async fn lost_news_are_made_up_for_by_looking() {
    let scratch = Scratch::migrated().await;
    let (here, _untold) = server(&scratch).await;
    let (there, _) = server(&scratch).await;
    let hotel = create_hotel(&scratch).await;
    tokio::spawn(hear(scratch.open().await, there.clone(), Access::default()));
    let feed = there.follow(hotel, Sequence(0)).unwrap();
    append(&here, hotel).await;
    arrives(feed).await;
}

async fn server(scratch: &Scratch) -> (Hotels<PostgresLog>, Announcements) {
    let announcements = Announcements::default();
    let log = PostgresLog::new(scratch.open().await, announcements.clone());
    let now = || Timestamp(1_495_700_000_000);
    (Hotels::new(Arc::new(log), Arc::new(now)), announcements)
}

async fn create_hotel(scratch: &Scratch) -> HotelId {
    let accounts = Accounts::new(scratch.open().await);
    accounts
        .create_hotel("resort", "Resort H1", Timestamp(0))
        .await
        .unwrap()
}

async fn append(hotels: &Hotels<PostgresLog>, hotel: HotelId) {
    let open = Command::OpenHotel {
        hotel,
        name: "Resort H1".into(),
        business_date: "2017-05-25".parse().unwrap(),
    };
    let mut author = ServerAuthor::at(hotels, hotel).await.unwrap();
    author.act(&[open]).await.unwrap();
}

async fn arrives(mut feed: Feed<PostgresLog>) {
    let delivery = tokio::time::timeout(PATIENTLY, feed.next()).await;
    let delivery = delivery.expect("the entry arrives").unwrap();
    assert_eq!(delivery.last(), Sequence(1));
}
