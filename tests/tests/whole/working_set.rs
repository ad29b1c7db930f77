//! A device that begins with what the server hands out: the same hotel as the log tells, with what is
//! over left at the server until somebody asks.

use keyrack_model::{
    command::Command,
    ids::{DocumentKind, DocumentRef},
    ipc::{Answer, Question},
    room::ServiceStatus,
    rows::{HistoryEntry, Row},
};
use keyrack_tests::{
    hotel::{self, ANA, MARIA, RUI},
    peer::Peer,
    server::{Cli, Server},
    world::World,
};
use std::collections::BTreeMap;

fn story(peer: &Peer, document: DocumentRef) -> Vec<HistoryEntry> {
    let question = Question::History {
        documents: vec![document],
        limit: 500,
    };
    match peer.replica().answer(&question).expect("the store answers") {
        Answer::History(story) => story,
        Answer::NotWhole(_) | Answer::Waiting(_) | Answer::Heard(_) => {
            unreachable!("another question")
        }
    }
}

fn rows(peer: &Peer) -> BTreeMap<DocumentRef, Row> {
    let rows = peer.replica().all_rows().expect("the store answers");
    rows.into_iter().map(|row| (row.document, row)).collect()
}

#[tokio::test]
async fn a_new_device_shows_what_the_log_tells_without_having_read_it() {
    let world = World::new();
    let server = world.demo_server().await;
    let mut reader = Peer::signed_in(server.address(), &RUI)
        .await
        .that_reads_the_log();
    reader.sync().await;
    let wish = |room| Command::SetServiceStatus {
        room,
        value: ServiceStatus::MakeUpRoom,
    };
    for room in &reader.rooms()[..20] {
        reader
            .act(&wish(*room))
            .expect("the desk says what guests want");
    }
    reader.sync().await;

    let mut new = Peer::signed_in(server.address(), &ANA).await;
    new.sync().await;
    let (told, handed_out) = (rows(&reader), rows(&new));
    assert!(!handed_out.is_empty());
    for (document, row) in &handed_out {
        assert_eq!(told.get(document), Some(row));
        assert_eq!(story(&reader, *document), story(&new, *document));
    }
    let shown = |peer: &Peer| peer.replica().rows().expect("the store answers");
    assert_eq!(
        shown(&reader),
        shown(&new),
        "what the screens of the day show"
    );
    assert_eq!(
        reader.replica().people().expect("people"),
        new.replica().people().expect("people")
    );

    // Both go on from there.
    let room = reader.rooms()[30];
    new.act(&wish(room)).expect("a manager too");
    new.sync().await;
    reader.sync().await;
    assert_eq!(
        rows(&reader).get(&room.into()),
        rows(&new).get(&room.into())
    );
}

/// The business date moves on, so far that all of this week is over, and there is one booking for
/// then. Whoever begins from here on is handed out what is of that day.
pub(crate) async fn the_summer_passes(world: &World, server: &Server) {
    let bookings = std::fs::read_to_string(hotel::bookings()).expect("the demo's file");
    let last = bookings.lines().last().expect("a last booking");
    let later = last
        .replace("2017,May,22,28", "2017,August,32,6")
        .replace("2017-06-11", "2017-08-20");
    assert_ne!(last, later);
    let file = world.folder().join("bookings.csv");
    std::fs::write(&file, format!("{bookings}{later}\n")).expect("the test's own folder");
    let file = file.to_str().expect("a path in text");
    let arguments = ["import", "bookings", file, "--hotel", hotel::CODE];
    let date = ["--business-date", "2017-08-01"];
    Cli::new(server.database())
        .succeed(&[&arguments[..], &date].concat(), "")
        .await;
    // What the first device of the morning began with would still be recent enough.
    sqlx::query("delete from working_set")
        .execute(&mut server.database().inspect().await)
        .await
        .expect("a cache can go");
}

#[tokio::test]
async fn what_is_over_is_not_handed_out_and_opens_from_the_server() {
    let world = World::new();
    let server = world.demo_server().await;
    let mut reader = Peer::signed_in(server.address(), &RUI)
        .await
        .that_reads_the_log();
    reader.sync().await;
    the_summer_passes(&world, &server).await;
    reader.sync().await;
    let mut new = Peer::signed_in(server.address(), &MARIA).await;
    new.sync().await;
    let (told, handed_out) = (rows(&reader), rows(&new));
    let over: Vec<&Row> = told
        .values()
        .filter(|row| !handed_out.contains_key(&row.document))
        .collect();
    let is_stay = |row: &&&Row| row.document.kind == DocumentKind::Stay;
    let stay = over.iter().find(is_stay).expect("stays that are over");
    new.open(stay.document);
    new.talk_until("it has come", |peer| {
        rows(peer).contains_key(&stay.document)
    })
    .await;
    new.sync().await;
    assert_eq!(rows(&new).get(&stay.document), Some(*stay), "it stays");
    assert_eq!(story(&new, stay.document), story(&reader, stay.document));
}
