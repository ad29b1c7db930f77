//! Importing again, after people have worked with what the first import brought.

use keyrack_model::{
    command::Command,
    ids::{RoomId, StayId},
    rows::Row,
    stay::{Stay, StayStatus},
    time::BusinessDate,
};
use keyrack_tests::{
    hotel::{self, RUI},
    peer::Peer,
    server::{Cli, Server},
    world::World,
};
use std::collections::BTreeMap;

type Stays = BTreeMap<StayId, Stay>;

#[tokio::test]
async fn a_later_import_follows_the_source_and_keeps_what_people_changed() {
    let world = World::new();
    let server = world.demo_server().await;
    let mut rui = Peer::signed_in(server.address(), &RUI).await;
    rui.sync().await;
    let morning = stays(&rui);
    let rooms = room_of(&morning);
    let leaves_early = find(&morning, |stay| {
        stay.status == StayStatus::InHouse && stay.departure > date("2017-05-27")
    });
    rui.act(&Command::CheckOut { stay: leaves_early }).unwrap();
    rui.sync().await;

    import(&server, "2017-05-26").await;
    rui.sync().await;
    let next_day = stays(&rui);
    assert_eq!(next_day[&leaves_early].status, StayStatus::Departed);
    assert!(next_day[&leaves_early].departed_at.is_some());
    for (id, stay) in &next_day {
        let arrived_yesterday = stay.arrival == date(hotel::BUSINESS_DATE);
        if arrived_yesterday && morning[id].status == StayStatus::Expected {
            assert_ne!(stay.status, StayStatus::Expected, "{}", stay.booking);
        }
    }
    assert_eq!(room_of(&next_day), rooms, "a stay keeps its room");

    let head = rui.head().await;
    import(&server, "2017-05-26").await;
    assert_eq!(
        rui.head().await,
        head,
        "the same import again writes nothing"
    );
}

async fn import(server: &Server, date: &str) {
    let file = hotel::bookings();
    let file = file.to_str().expect("a path in text");
    let arguments = ["import", "bookings", file, "--hotel", hotel::CODE];
    let date = ["--business-date", date];
    Cli::new(server.database())
        .succeed(&[&arguments[..], &date].concat(), "")
        .await;
}

fn stays(peer: &Peer) -> Stays {
    let rows = peer.replica().all_rows().expect("the store answers");
    let stays = rows.iter().filter_map(Row::as_stay);
    stays.map(|(id, stay)| (id, stay.clone())).collect()
}

fn room_of(stays: &Stays) -> BTreeMap<StayId, Option<RoomId>> {
    stays.iter().map(|(id, stay)| (*id, stay.room)).collect()
}

fn find(stays: &Stays, wanted: impl Fn(&Stay) -> bool) -> StayId {
    let found = stays.iter().find(|(_, stay)| wanted(stay));
    *found.expect("the demo has such a stay").0
}

fn date(text: &str) -> BusinessDate {
    text.parse().expect("a date")
}
