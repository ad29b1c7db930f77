//! A file of any columns brought in on the server's machine, beside people who work.

use keyrack_model::{
    command::{Command, DeskCommand, RoomCommand, RoomEdit, StayDraft},
    ids::{RoomId, StayId},
    room::Room,
    stay::Stay,
};
use keyrack_tests::{
    hotel::{self, ANA, RUI},
    peer::Peer,
    server::Cli,
    world::World,
};
use uuid::Uuid;

#[tokio::test]
async fn a_file_of_rooms_is_brought_in_on_every_device_and_what_people_wrote_stays() {
    let world = World::new();
    let server = world.demo_server().await;
    let mut ana = Peer::signed_in(server.address(), &ANA).await;
    ana.sync().await;
    let (id, known) = a_room(&ana, |_| true);
    let edit = Box::new(RoomEdit {
        section: Some("Garden".to_owned()),
        ..RoomEdit::default()
    });
    let edit = Command::Rooms(RoomCommand::Edit { room: id, edit });
    ana.act(&edit).unwrap();
    ana.sync().await;

    let file = world.folder().join("rooms.csv");
    let number = &known.number;
    let rows = format!(
        "Zimmer;Bereich;Etage\n{number};Nord;{}\nZ9;Nord;9\n",
        known.floor
    );
    std::fs::write(&file, rows).unwrap();
    let mapping = world.folder().join("mapping.json");
    let columns = r#"{"delimiter": "semicolon", "fields": [
        {"field": "number", "columns": ["Zimmer"]},
        {"field": "section", "columns": ["Bereich"]},
        {"field": "floor", "columns": ["Etage"]}]}"#;
    std::fs::write(&mapping, columns).unwrap();
    let [file, mapping] = [&file, &mapping].map(|path| path.to_str().unwrap());
    let asked = ["import", "file", "rooms", file, "--hotel", hotel::CODE];
    let asked = [&asked[..], &["--mapping", mapping]].concat();
    let cli = Cli::new(server.database());

    let head = ana.head().await;
    let dry = [&asked[..], &["--dry-run"]].concat();
    let seen = cli.run(&dry, "").await;
    assert_eq!(seen.code, Some(0), "{}", seen.stderr);
    let counts = "1 new, 0 changed, 1 unchanged, 0 in error";
    assert!(seen.stdout.contains(counts), "{}", seen.stdout);
    assert!(
        seen.stdout.contains("Nothing was changed."),
        "{}",
        seen.stdout
    );
    let warned = "row 2, column Bereich, “Nord”: people have written “Garden”";
    assert!(seen.stderr.contains(warned), "{}", seen.stderr);
    assert_eq!(ana.head().await, head, "a dry run writes nothing");

    cli.succeed(&asked, "").await;
    ana.sync().await;
    let (_, added) = a_room(&ana, |room| room.number == "Z9");
    assert_eq!((&*added.section, added.floor), ("Nord", 9));
    let (_, kept) = a_room(&ana, |room| room.number == *number);
    assert_eq!(kept.section, "Garden");

    let head = ana.head().await;
    let again = cli.succeed(&asked, "").await;
    assert!(again.contains("0 new, 0 changed, 2 unchanged"), "{again}");
    assert_eq!(ana.head().await, head, "the same again writes nothing");
}

#[tokio::test]
async fn a_booking_that_the_desk_had_entered_is_not_made_twice_and_guests_have_names_once() {
    let world = World::new();
    let server = world.demo_server().await;
    let mut rui = Peer::signed_in(server.address(), &RUI).await;
    rui.sync().await;
    let by_hand = StayId(Uuid::new_v4());
    let draft = StayDraft {
        booking: "K-77".to_owned(),
        arrival: "2017-05-27".parse().unwrap(),
        departure: "2017-05-30".parse().unwrap(),
        adults: 2,
        note: "Late arrival".to_owned(),
        ..StayDraft::default()
    };
    let draft = Box::new(draft);
    let book = DeskCommand::Book {
        stay: by_hand,
        draft,
    };
    rui.act(&Command::Desk(book)).unwrap();
    rui.sync().await;

    let file = world.folder().join("bookings.csv");
    let bring_in = async |rows: &str| {
        let first = "Booking,Guest,Arrival,Departure";
        std::fs::write(&file, format!("{first}\n{rows}")).unwrap();
        let path = file.to_str().unwrap();
        let asked = ["import", "file", "bookings", path, "--hotel", hotel::CODE];
        Cli::new(server.database()).succeed(&asked, "").await
    };
    let rows = "K-77,Ken Mori,2017-05-27,2017-05-30\nK-78,Lena Brandt,2017-05-27,2017-05-29\n";
    let done = bring_in(rows).await;
    assert!(done.contains("1 new, 1 changed, 0 unchanged"), "{done}");
    rui.sync().await;
    let stays = |number: &str| -> Vec<(StayId, Stay)> {
        let rows = rui.replica().all_rows().expect("the store reads");
        let stays = rows.iter().filter_map(|row| row.as_stay());
        let stays = stays.filter(|(_, stay)| stay.booking == number);
        stays.map(|(id, stay)| (id, stay.clone())).collect()
    };
    let [(found, stay)] = &stays("K-77")[..] else {
        panic!("{:?}", stays("K-77"));
    };
    assert_eq!((*found, &*stay.note), (by_hand, "Late arrival"));
    let [(other, _)] = stays("K-78")[..] else {
        panic!("{:?}", stays("K-78"));
    };
    let names = || -> Vec<String> {
        let guests = rui.replica().guests_of([by_hand, other].map(Into::into));
        let guests = guests.expect("the store reads").into_iter();
        let named = guests.filter_map(|row| row.guest);
        named.map(|guest| guest.name).collect()
    };
    assert_eq!(names(), ["Ken Mori", "Lena Brandt"]);

    // Who the guest is was said: the same again, and another name, write nothing.
    let head = rui.head().await;
    for rows in [rows, &rows.replace("Lena", "Lea")] {
        let again = bring_in(rows).await;
        assert!(again.contains("0 new, 0 changed, 2 unchanged"), "{again}");
    }
    assert_eq!(rui.head().await, head);
}

fn a_room(peer: &Peer, is: impl Fn(&Room) -> bool) -> (RoomId, Room) {
    let rows = peer.replica().all_rows().expect("the store reads");
    let mut rooms = rows.iter().filter_map(|row| row.as_room());
    let (id, room) = rooms.find(|(_, room)| is(room)).expect("such a room");
    (id, room.clone())
}
