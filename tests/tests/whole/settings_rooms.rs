//! The hotel's rooms at the window of whoever keeps them: one by one, and from a file.

use keyrack_tests::{
    desk::{Desk, Screen},
    hotel::{ANA, INES},
    wait,
    window::{Key, Window},
    world::World,
};
use serde_json::json;

/// Goes to a section of the settings by its keys.
async fn section(desk: Desk, keys: &str) -> Window {
    desk.window().type_keys("gs").await;
    let window = desk.into_window();
    window.wait_for("section-access").await;
    window.type_keys(keys).await;
    window
}

/// Waits until elements of a test id say these sentences, each somewhere in its text.
async fn say(window: &Window, id: &str, sentences: &[&[&str]]) {
    let script = "return [...document.querySelectorAll(arguments[0])].map(it => it.textContent)";
    let css = format!("[data-testid=\"{id}\"]");
    wait::until(format!("what {id} says"), wait::SOON, async || {
        let said = window.read(script, &[json!(css)]).await;
        let said: Vec<String> = serde_json::from_value(said).unwrap_or_default();
        let is_said = |(text, parts): (&String, &&[&str])| parts.iter().all(|it| text.contains(it));
        let all = said.iter().zip(sentences).all(is_said);
        if said.len() == sentences.len() && all {
            Ok(())
        } else {
            Err(format!("{said:?}"))
        }
    })
    .await;
}

/// Chooses a file of these bytes, as the window of the system that the driver cannot open does.
async fn choose_file(window: &Window, name: &str, bytes: &[u8]) {
    window.wait_for("import-file").await;
    let script = "const field = document.querySelector('[data-testid=\"import-file\"]');
        const chosen = new DataTransfer();
        chosen.items.add(new File([new Uint8Array(arguments[1])], arguments[0]));
        field.files = chosen.files;
        field.dispatchEvent(new Event('change', {bubbles: true}))";
    window.read(script, &[json!(name), json!(bytes)]).await;
}

#[tokio::test]
async fn a_room_that_is_added_and_changed_is_on_every_board() {
    let world = World::new();
    let server = world.demo_server().await;
    let office = world.workplace("office", &server.url()).open().await;
    let ana = Desk::sign_in(office, &ANA).await;
    let cart = world.workplace("cart", &server.url()).open().await;
    let ines = Desk::sign_in(cart, &INES).await;
    let board = ines.board().await;
    let known = board.keys().next().expect("a room").clone();
    assert!(!board.contains_key("909"));

    let office = section(ana, "gr").await;
    office.click("add-room").await;
    // What is wrong with it is said in the form, which keeps what was typed.
    office.fill("room-number", "909").await;
    office.fill("room-floor", "attic").await;
    office.click("room-save").await;
    office.wait_for("problem").await;
    assert_eq!(office.value("room-number").await, "909");
    office.fill("room-floor", "9").await;
    office.fill("room-type", "Suite").await;
    office.click("room-save").await;
    office.wait_until_gone("room-save").await;
    office.wait_for("room-909").await;
    ines.wait_for_tile("909", |_| true).await;

    // A number is given once.
    office.click("add-room").await;
    office.fill("room-number", &known).await;
    office.fill("room-floor", "1").await;
    office.click("room-save").await;
    office.wait_for("problem").await;
    office.press(Key::Escape).await;
    office.wait_until_gone("room-save").await;

    office.click("room-909").await;
    office.click("edit-room").await;
    office.fill("room-section", "Garden").await;
    office.click("room-save").await;
    office.wait_until_gone("room-save").await;
    let section = "return document.querySelector('[data-testid=\"room-909\"]')
        .textContent.includes('Garden')";
    wait::until_seen("the section of the room", json!(true), async || {
        office.read(section, &[]).await
    })
    .await;
    ines.go_to(Screen::Board).await;
    let chips = "return [...document.querySelectorAll('[data-testid=\"chip-section\"]')]
        .filter(chip => chip.textContent.includes('Garden')).length";
    wait::until_seen("a chip for the section", json!(1), async || {
        ines.window().read(chips, &[]).await
    })
    .await;
}

#[tokio::test]
async fn a_file_is_shown_with_its_errors_by_row_and_column_before_its_rooms_appear() {
    let world = World::new();
    let server = world.demo_server().await;
    let office = world.workplace("office", &server.url()).open().await;
    let ana = Desk::sign_in(office, &ANA).await;
    let cart = world.workplace("cart", &server.url()).open().await;
    let ines = Desk::sign_in(cart, &INES).await;
    let before = ines.board().await;

    let office = section(ana, "gi").await;
    // No letter of it is UTF-8, as a spreadsheet saves it here and there.
    let file = b"number;floor;section\nZ1;9;S\xFCd\nZ2;attic;S\xFCd\nZ3;9;Nord\n";
    choose_file(&office, "rooms.csv", file).await;
    say(&office, "import-name", &[&["rooms.csv", "Windows-1252"]]).await;
    say(&office, "import-problem", &[&["Row 3", "floor", "attic"]]).await;
    let new: &[&str] = &["Z1", "Süd"];
    say(&office, "import-line", &[new, &["Z3"]]).await;

    // Nothing was written, and nothing is as long as a row is wrong and nobody says otherwise.
    let may_now = "return document.querySelector('[data-testid=\"import-now\"]').ariaDisabled";
    assert_eq!(office.read(may_now, &[]).await, json!("true"));
    assert_eq!(ines.board().await, before);
    office.choose("import-wish", "leave-out").await;
    wait::until_seen("the button", json!(null), async || {
        office.read(may_now, &[]).await
    })
    .await;
    office.click("import-now").await;
    say(&office, "import-outcome", &[&["Brought in"]]).await;
    for room in ["Z1", "Z3"] {
        ines.wait_for_tile(room, |_| true).await;
    }
    assert_eq!(ines.board().await.len(), before.len() + 2);

    // What cannot be read at all is said with its row, and the page stays as it is.
    choose_file(&office, "broken.csv", b"number\nZ4\nZ5\x81\n").await;
    say(&office, "problem", &[&["Row 3"]]).await;
    assert!(!office.has("import-now").await);
}
