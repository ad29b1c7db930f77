//! A day at the desk to its end: who is written down, who does not come, a room out of use, and the
//! night audit, with what each leaves on the board.

use keyrack_model::{cleanliness::Cleanliness, command::Command};
use keyrack_tests::{
    desk::{Desk, Screen},
    hotel::{self, INES, RUI},
    peer::Peer,
    server::{Cli, Server},
    wait,
    world::World,
};
use serde_json::json;

#[tokio::test]
async fn a_day_of_the_desk_is_written_down_gone_through_at_night_and_over() {
    let world = World::new();
    let server = world.demo_server().await;
    open_new_wing(&world, &server).await;
    let rui = Desk::sign_in(world.workplace("rui", &server.url()).open().await, &RUI).await;
    let window = rui.window();

    // Somebody walks in, and is in the room at once.
    let walked_in = rui.write_down("Vera Lopes", "book-and-check-in").await;
    rui.wait_for_tile(&walked_in, |tile| {
        tile.code.starts_with('O') && tile.phase == "arrived"
    })
    .await;

    // One booking is cancelled, and of another nobody comes.
    let cancelled = rui.write_down("Paulo Cruz", "book").await;
    let stood_up = rui.write_down("Nuno Faria", "book").await;
    for room in [&cancelled, &stood_up] {
        rui.wait_for_tile(room, |tile| tile.phase == "due-in").await;
    }
    rui.open_stay(&cancelled, "expected").await;
    window.click("cancel-stay").await;
    rui.wait_for_tile(&cancelled, |tile| tile.phase == "not-reserved")
        .await;

    // A room is out of use for a night, and nobody is offered it.
    let broken = rui.free_room().await;
    rui.open_room(&broken).await;
    window.click("add-block").await;
    window.fill("new-block-reason", "The tap is broken").await;
    window.click("block-save").await;
    window.wait_for("end-block").await;
    assert!(rui.is_out_of_order(&broken).await);
    assert_ne!(rui.free_room().await, broken);

    // The sheet has everybody who did not come or leave, and is gone through one by one.
    rui.go_to(Screen::Desk).await;
    window.click("night-audit").await;
    window.wait_for("audit-sheet").await;
    let lines = rui.audit_lines().await;
    let line = lines.iter().find(|line| line.contains("Nuno Faria"));
    assert!(
        line.is_some_and(|line| line.contains(&stood_up)),
        "{lines:?}"
    );
    for name in ["Vera Lopes", "Paulo Cruz"] {
        assert!(!lines.iter().any(|line| line.contains(name)), "{lines:?}");
    }
    for left in (0..lines.len()).rev() {
        rui.decide_next_of_audit().await;
        wait::until_seen("one line less", left, async || {
            rui.audit_lines().await.len()
        })
        .await;
    }
    window.wait_for("audit-nothing-open").await;
    window.click("close-day").await;
    window.wait_until_gone("audit-sheet").await;
    reads_date(&rui, "26").await;

    // What the day leaves: whoever walked in leaves today, nobody waits for who did not come, and
    // the room is in use again, to be cleaned.
    rui.wait_for_tile(&walked_in, |tile| {
        tile.phase == "due-out" || tile.phase == "back-to-back"
    })
    .await;
    for room in [&cancelled, &stood_up] {
        rui.wait_for_tile(room, |tile| tile.code.starts_with('V'))
            .await;
    }
    rui.wait_for_tile(&broken, |tile| tile.code == "VD").await;
    assert!(!rui.is_out_of_order(&broken).await);
    rui.open_room(&walked_in).await;
    window
        .wait_for(&format!("task-{walked_in}-departure"))
        .await;
    rui.wait_until_synced().await;
}

/// Six rooms that nobody has booked and that are ready: the demo is a night on which there is none.
async fn open_new_wing(world: &World, server: &Server) {
    let numbers = ["Z1", "Z2", "Z3", "Z4", "Z5", "Z6"];
    let file = world.folder().join("rooms.csv");
    let rows = numbers.map(|number| format!("{number},9\n")).concat();
    std::fs::write(&file, format!("Number,Floor\n{rows}")).expect("a file");
    let file = file.to_str().expect("a name in UTF-8");
    let asked = ["import", "file", "rooms", file, "--hotel", hotel::CODE];
    Cli::new(server.database()).succeed(&asked, "").await;
    let mut ines = Peer::signed_in(server.address(), &INES).await;
    ines.sync().await;
    let rows = ines.replica().all_rows().expect("the store reads");
    let rooms = rows.iter().filter_map(|row| row.as_room());
    let new = rooms.filter(|(_, room)| numbers.contains(&&*room.number));
    let ready = Command::SetCleanliness {
        rooms: new.map(|(id, _)| id).collect(),
        value: Cleanliness::Inspected,
    };
    ines.act(&ready).expect("inspectors mark rooms");
    ines.sync().await;
}

async fn reads_date(desk: &Desk, day: &str) {
    wait::until(format!("the day {day}"), wait::SOON, async || {
        let date = "return document.querySelector('[data-testid=\"business-date\"]')?.innerText";
        let date = desk.window().read(date, &[]).await;
        let is_it = date.as_str().is_some_and(|date| date.contains(day));
        is_it.then_some(()).ok_or(json!(date).to_string())
    })
    .await;
}
