//! What leaves the server for somebody who may not read everything.

use super::*;
use keyrack_model::{
    action::Content,
    class::Class,
    record::{Payload, RecordKind},
    rows::Person,
};

const NAME: &str = "Anabela Quintanilha";

/// The server's maria, as a device that has the log up to a cursor.
async fn hello(socket: &mut Socket, cursor: u64, classes: Vec<Class>) {
    socket
        .send(&ClientFrame::Hello {
            protocol: PROTOCOL,
            epoch: Some(EPOCH),
            cursor: Sequence(cursor),
            known: None,
            classes,
            actors: vec![],
        })
        .await;
}

/// Rui writes who a guest is, at a desk of his own.
async fn name_guest(server: &Server, expected: u64, name: &str) -> Action {
    let mut rui = Device::of(RUI, 7);
    for _ in 0..expected {
        rui.operation();
    }
    let edit = rui.name_guest(GUEST, expected, name);
    let read = vec![ReadAction::of(edit.clone())];
    let from = Author::People(rui.id);
    let verdicts = server.hotels.push(HOTEL, from, read).await.unwrap();
    assert!(matches!(verdicts[0].verdict, Verdict::Accepted { .. }));
    edit
}

/// Gives maria another role, and tells the hotel's loop that something came from elsewhere.
fn give_role(server: &Server, role: Role) {
    let maria = people().into_iter().find(|it| it.id == MARIA).unwrap();
    let maria = Person { role, ..maria };
    let head = server.hotels.log().put_person(HOTEL, maria, NOW).unwrap();
    server.hotels.head_moved(HOTEL, head);
}

/// Frames until entries up to a place have come, and what they were in.
async fn until(socket: &mut Socket, last: u64) -> (Vec<LogEntry>, Vec<u8>) {
    let (mut entries, mut bytes) = (Vec::new(), Vec::new());
    while entries
        .last()
        .is_none_or(|entry: &LogEntry| entry.sequence < Sequence(last))
    {
        let frame = socket.receive_bytes().await.unwrap();
        if let ServerFrame::Deliver { entries: told } = ciborium::from_reader(&frame[..]).unwrap() {
            entries.extend(told);
        }
        bytes.extend(frame);
    }
    (entries, bytes)
}

fn says(bytes: &[u8], text: &str) -> bool {
    bytes
        .windows(text.len())
        .any(|part| part == text.as_bytes())
}

#[tokio::test(flavor = "multi_thread")]
async fn no_byte_of_a_guests_record_reaches_a_housekeepers_device() {
    let server = Server::start().await;
    name_guest(&server, 0, NAME).await;
    // What was there before, and what comes while the device listens.
    let mut socket = server.connect().await;
    hello(&mut socket, 0, vec![]).await;
    let (entries, mut bytes) = until(&mut socket, OPENED + 1).await;
    assert!(matches!(
        entries.last().unwrap().content,
        Content::Hidden { .. }
    ));
    name_guest(&server, 1, "Anabela Q.").await;
    let (entries, live) = until(&mut socket, OPENED + 2).await;
    assert!(matches!(entries[0].content, Content::Hidden { .. }));
    bytes.extend(live);
    assert!(!says(&bytes, "Anabela") && !says(&bytes, "Guest"));
    assert!(says(&bytes, "OpenHotel"), "the rest is there");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_changes_counts_from_its_place_in_the_log_on() {
    let server = Server::start().await;
    give_role(&server, Role::FrontDesk);
    let mut socket = server.connect().await;
    hello(&mut socket, 0, vec![]).await;
    let (_, _) = until(&mut socket, OPENED + 1).await;
    name_guest(&server, 0, NAME).await;
    let (entries, _) = until(&mut socket, OPENED + 2).await;
    let record = entries[0].record().unwrap();
    assert!(matches!(&record.payload, Payload::Guest(guest) if guest.name == NAME));

    give_role(&server, Role::Housekeeper);
    let (entries, _) = until(&mut socket, OPENED + 3).await;
    assert_eq!(entries[0].record().unwrap().kind, RecordKind::Person);
    name_guest(&server, 1, "Anabela Q.").await;
    let mut rest = Vec::new();
    while let Some(frame) = socket.receive_bytes().await {
        rest.extend(frame);
    }
    assert!(says(&rest, "GoAway") && !says(&rest, "Anabela"));

    // It comes back on other terms, and when it may read more again it has to read it all.
    let mut socket = server.connect().await;
    hello(&mut socket, OPENED + 3, Class::ALL.to_vec()).await;
    let Some(ServerFrame::Welcome { classes, .. }) = socket.receive().await else {
        panic!("no welcome");
    };
    assert!(!classes.contains(&Class::Guests));
    let (entries, _) = until(&mut socket, OPENED + 4).await;
    assert!(matches!(entries[0].content, Content::Hidden { .. }));
    give_role(&server, Role::Manager);
    while socket.receive().await.is_some() {}
    let mut socket = server.connect().await;
    hello(&mut socket, OPENED + 5, classes).await;
    let refused = socket.receive().await;
    assert!(
        matches!(&refused, Some(ServerFrame::Refuse(body)) if body.code == ErrorCode::MustRefetch),
        "{refused:?}"
    );
    let mut socket = server.connect().await;
    hello(&mut socket, 0, vec![]).await;
    let (entries, bytes) = until(&mut socket, OPENED + 5).await;
    assert_eq!(entries.len() as u64, OPENED + 5);
    assert!(says(&bytes, NAME));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_that_is_pushed_again_makes_no_second_version() {
    let server = Server::start().await;
    let edit = name_guest(&server, 0, NAME).await;
    let again = name_guest(&server, 0, NAME).await;
    assert_eq!(edit, again);
    let log = server.hotels.log();
    assert_eq!(log.head(HOTEL).await.unwrap().sequence.0, OPENED + 1);
}
