//! The board as a person lays it out, and on paper.

use keyrack_model::{
    command::{Command, RoomCommand, RoomEdit},
    ids::RoomId,
};
use keyrack_tests::{
    desk::{Desk, Screen},
    hotel::{self, ANA, INES, RUI},
    peer::Peer,
    server::Server,
    wait,
    window::{Key, Window},
    world::World,
};
use serde_json::{Value, json};

/// Puts rooms of each floor into sections.
async fn lay_out_sections(server: &Server) {
    let mut ana = Peer::signed_in(server.address(), &ANA).await;
    ana.sync().await;
    let rooms: Vec<RoomId> = ana.rooms();
    for (room, section) in rooms.iter().rev().zip(["10", "9", "Garden", "9"]) {
        let edit = RoomEdit {
            section: Some(section.to_owned()),
            ..RoomEdit::default()
        };
        let edit = RoomCommand::Edit {
            room: *room,
            edit: Box::new(edit),
        };
        ana.act(&Command::Rooms(edit)).expect("a manager may");
    }
    ana.sync().await;
}

const SECTIONS: [&str; 4] = ["Section 9", "Section 10", "Section Garden", "No section"];

/// Waits until a board has these groups, and tells of this many rooms in them.
async fn wait_for_groups(desk: &Desk, groups: &[&str], rooms: usize) {
    let groups: Vec<String> = groups.iter().map(|name| (*name).to_owned()).collect();
    wait::until_seen("the groups", groups, || desk.groups()).await;
    wait::until_seen("every room told of", Some(rooms), || desk.rooms_told()).await;
}

async fn is_on(window: &Window, control: &str) -> Value {
    let script = "return document.querySelector(arguments[0])?.ariaPressed";
    let control = format!("[data-testid=\"{control}\"]");
    window.read(script, &[json!(control)]).await
}

#[tokio::test]
async fn everybody_finds_the_board_as_they_laid_it_out_themselves() {
    let world = World::new();
    let server = world.demo_server().await;
    lay_out_sections(&server).await;
    let workplace = world.workplace("desk", &server.url());
    let rui = Desk::sign_in(workplace.open().await, &RUI).await;
    rui.go_to(Screen::Board).await;
    let rooms = rui.rooms_in_sight().await;
    let floors = rui.groups().await;
    assert!(
        floors.iter().all(|name| name.starts_with("Floor ")),
        "{floors:?}"
    );

    let window = rui.window();
    window.click("by-section").await;
    wait_for_groups(&rui, &SECTIONS, rooms.len()).await;
    assert_eq!(is_on(window, "by-section").await, "true");
    window.type_keys("z").await;
    wait::until_seen("small tiles", true, || rui.has_small_tiles()).await;
    assert_eq!(is_on(window, "small-tiles").await, "true");

    // Arrows go through the sections in the order in which they stand.
    let by_section = rui.rooms_in_sight().await;
    assert_ne!(by_section, rooms);
    window.press(Key::Down).await;
    rui.wait_for_focus(&format!("room-{}", by_section[0])).await;
    for room in &by_section[1..5] {
        window.press(Key::Right).await;
        rui.wait_for_focus(&format!("room-{room}")).await;
    }

    window
        .read(
            "document.body.dataset.page = 'before'; location.reload()",
            &[],
        )
        .await;
    let page = "return document.body?.dataset.page ?? 'none'";
    wait::until_seen("the page anew", json!("main"), async || {
        window.read(page, &[]).await
    })
    .await;
    wait_for_groups(&rui, &SECTIONS, rooms.len()).await;
    assert!(rui.has_small_tiles().await);

    let ines = Desk::sign_in(rui.sign_out().await, &INES).await;
    ines.go_to(Screen::Board).await;
    let floors: Vec<&str> = floors.iter().map(String::as_str).collect();
    wait_for_groups(&ines, &floors, rooms.len()).await;
    assert!(!ines.has_small_tiles().await);
    let rui = Desk::sign_in(ines.sign_out().await, &RUI).await;
    rui.go_to(Screen::Board).await;
    wait_for_groups(&rui, &SECTIONS, rooms.len()).await;
    rui.window().type_keys("v").await;
    wait_for_groups(&rui, &floors, rooms.len()).await;
    assert!(rui.has_small_tiles().await);
}

#[tokio::test]
async fn where_no_room_is_in_a_section_there_is_no_choice_and_it_is_said_why() {
    let world = World::new();
    let server = world.demo_server().await;
    let rui = Desk::sign_in(world.workplace("desk", &server.url()).open().await, &RUI).await;
    rui.go_to(Screen::Board).await;
    let floors = rui.groups().await;
    let window = rui.window();
    window.wait_for("small-tiles").await;
    assert!(!window.has("by-section").await);
    window.type_keys("v").await;
    wait::until("a sentence about it", wait::SOON, async || {
        match window.text_of_css(".toast").await {
            Some(said) if said.contains("No room is in a section yet") => Ok(()),
            other => Err(format!("{other:?}")),
        }
    })
    .await;
    assert_eq!(rui.groups().await, floors);
}

#[tokio::test]
async fn everything_to_press_on_the_board_has_a_name() {
    let world = World::new();
    let server = world.demo_server().await;
    lay_out_sections(&server).await;
    let rui = Desk::sign_in(world.workplace("desk", &server.url()).open().await, &RUI).await;
    rui.go_to(Screen::Board).await;
    let script = "return [...document.querySelectorAll('.board button')]
        .filter(it => !(it.ariaLabel ?? it.innerText).trim())
        .map(it => it.outerHTML)";
    rui.window().wait_for("by-section").await;
    assert_eq!(rui.window().read(script, &[]).await, json!([]));
}

/// What stands above the rooms on paper; empty on the screen.
async fn sheet_head(window: &Window) -> String {
    let script = "return document.querySelector('.sheet-head')?.textContent ?? ''";
    let text = window.read(script, &[]).await;
    text.as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn paper_has_every_room_that_the_filter_leaves_and_says_what_and_when_it_is() {
    let world = World::new();
    let server = world.demo_server().await;
    let rui = Desk::sign_in(world.workplace("desk", &server.url()).open().await, &RUI).await;
    rui.go_to(Screen::Board).await;
    let window = rui.window();
    window.click("chip-dirty").await;
    let all_dirty = async || {
        let rooms = rui.board_as_it_is().await;
        rooms.values().all(|tile| tile.cleanliness == "dirty")
    };
    wait::until_seen("only dirty rooms", true, all_dirty).await;
    let rooms = rui.rooms_in_sight().await;
    let only_some = async || rui.tiles_on_page().await < rooms.len();
    wait::until_seen("only the tiles in sight", true, only_some).await;
    assert_eq!(sheet_head(window).await, "");

    window
        .read("dispatchEvent(new Event('beforeprint'))", &[])
        .await;
    wait::until_seen("all tiles", rooms.len(), || rui.tiles_on_page()).await;
    let head = sheet_head(window).await;
    let count = format!("{} rooms", rooms.len());
    for said in [
        hotel::NAME,
        "Thu 25 May 2017",
        "Dirty",
        &count,
        "Printed",
        RUI.display,
        "Synced",
    ] {
        assert!(head.contains(said), "“{said}” is missing: {head}");
    }
    window
        .read("dispatchEvent(new Event('afterprint'))", &[])
        .await;
    wait::until_seen("only the tiles in sight again", true, only_some).await;
    assert_eq!(sheet_head(window).await, "");
}
