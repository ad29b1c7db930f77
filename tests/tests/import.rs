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
use std::collections::{BTreeMap, BTreeSet};

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
    assert_eq!(
        rui.replica().hotel().unwrap().business_date,
        date("2017-05-26")
    );
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
    let to_clean = cleaned_for(&rui, "2017-05-26");
    assert!(!to_clean.is_empty());
    assert!(
        !to_clean.contains(&leaves_early),
        "nobody cleans for a guest who has left"
    );

    let head = rui.head().await;
    import(&server, "2017-05-26").await;
    assert_eq!(
        rui.head().await,
        head,
        "the same import again writes nothing"
    );
}

#[tokio::test]
async fn an_import_for_a_day_that_is_over_is_refused_and_changes_nothing() {
    let world = World::new();
    let server = world.demo_server().await;
    let mut rui = Peer::signed_in(server.address(), &RUI).await;
    rui.sync().await;
    let head = rui.head().await;

    for more in [&[][..], &["--dry-run"]] {
        let file = hotel::bookings();
        let arguments = arguments(file.to_str().unwrap(), "2017-05-24");
        let said = Cli::new(server.database())
            .fail(&[&arguments[..], more].concat(), "")
            .await;
        for part in ["2017-05-24", hotel::BUSINESS_DATE, "nothing was brought in"] {
            assert!(said.contains(part), "no “{part}” in: {said}");
        }
    }
    assert_eq!(rui.head().await, head);
}

async fn import(server: &Server, date: &str) {
    let file = hotel::bookings();
    let file = file.to_str().expect("a path in text");
    Cli::new(server.database())
        .succeed(&arguments(file, date), "")
        .await;
}

fn arguments<'a>(file: &'a str, date: &'a str) -> Vec<&'a str> {
    let of_file = ["import", "bookings", file, "--hotel", hotel::CODE];
    [&of_file[..], &["--business-date", date]].concat()
}

/// The stays that there are tasks for on a day.
fn cleaned_for(peer: &Peer, day: &str) -> BTreeSet<StayId> {
    let rows = peer.replica().all_rows().expect("the store answers");
    let tasks = rows.iter().filter_map(Row::as_task);
    tasks
        .filter(|(_, task)| task.business_date == date(day))
        .filter_map(|(_, task)| task.stay)
        .collect()
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
