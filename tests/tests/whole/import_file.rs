//! A file of any columns brought in on the server's machine, beside people who work.

use keyrack_model::{
    command::{Command, RoomCommand, RoomEdit},
    ids::RoomId,
    room::Room,
};
use keyrack_tests::{
    hotel::{self, ANA},
    peer::Peer,
    server::Cli,
    world::World,
};

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

fn a_room(peer: &Peer, is: impl Fn(&Room) -> bool) -> (RoomId, Room) {
    let rows = peer.replica().all_rows().expect("the store reads");
    let mut rooms = rows.iter().filter_map(|row| row.as_room());
    let (id, room) = rooms.find(|(_, room)| is(room)).expect("such a room");
    (id, room.clone())
}
