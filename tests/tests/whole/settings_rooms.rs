//! The hotel's rooms at the window of whoever keeps them: one by one, and from a file.

use keyrack_tests::{
    desk::{
        Desk, Screen,
        settings::{choose_file, says},
    },
    hotel::{ANA, INES},
    wait,
    window::Key,
    world::World,
};
use serde_json::json;

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

    let office = ana.into_settings("gr").await;
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

    let office = ana.into_settings("gi").await;
    // No letter of it is UTF-8, as a spreadsheet saves it here and there.
    let file = b"number;floor;section\nZ1;9;S\xFCd\nZ2;attic;S\xFCd\nZ3;9;Nord\n";
    choose_file(&office, "import-file", "rooms.csv", file).await;
    says(&office, "import-name", &[&["rooms.csv", "Windows-1252"]]).await;
    says(&office, "import-problem", &[&["Row 3", "floor", "attic"]]).await;
    let new: &[&str] = &["Z1", "Süd"];
    says(&office, "import-line", &[new, &["Z3"]]).await;

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
    says(&office, "import-outcome", &[&["Brought in"]]).await;
    for room in ["Z1", "Z3"] {
        ines.wait_for_tile(room, |_| true).await;
    }
    assert_eq!(ines.board().await.len(), before.len() + 2);

    // What cannot be read at all is said with its row, and the page stays as it is.
    choose_file(
        &office,
        "import-file",
        "broken.csv",
        b"number\nZ4\nZ5\x81\n",
    )
    .await;
    says(&office, "problem", &[&["Row 3"]]).await;
    assert!(!office.has("import-now").await);
}

#[tokio::test]
async fn a_mapping_is_told_what_is_wrong_with_it_line_by_line_and_the_one_in_sight_is_saved() {
    let world = World::new();
    let server = world.demo_server().await;
    let place = world.workplace("office", &server.url());
    let ana = Desk::sign_in(place.open().await, &ANA).await;
    let office = ana.into_settings("gi").await;

    // Nobody would guess what these columns mean.
    let file = "Zi;Et;Wo\nZ1;9;Nord\n".as_bytes();
    choose_file(&office, "import-file", "rooms.csv", file).await;
    says(&office, "import-name", &[&["rooms.csv"]]).await;
    office.wait_for("import-problem").await;

    let wrong = "{\"delimiter\": \"semicolon\",\n \"fields\": [\n  \
        {\"field\": \"number\", \"columns\": [\"Zi\"]},\n  \
        {\"field\": \"arrival\", \"columns\": [\"Et\"]}]}";
    choose_file(&office, "mapping-file", "ours.json", wrong.as_bytes()).await;
    says(&office, "mapping-fault", &[&["Line 4"]]).await;
    assert!(!office.has("mapping-name").await);

    let right = wrong.replace("arrival", "floor");
    choose_file(&office, "mapping-file", "ours.json", right.as_bytes()).await;
    says(&office, "mapping-name", &[&["ours.json"]]).await;
    says(&office, "import-line", &[&["Z1"]]).await;
    assert!(!office.has("mapping-fault").await);

    // What somebody says of a column by hand is part of what is saved.
    let columns = "[data-testid=\"import-column\"]";
    let script = "const lists = [...document.querySelectorAll(arguments[0])];
        lists[2].value = 'section';
        lists[2].dispatchEvent(new Event('change', {bubbles: true}))";
    office.read(script, &[json!(columns)]).await;
    says(&office, "import-line", &[&["Z1", "Nord"]]).await;
    office.click("mapping-save").await;
    let path = place.home().join("keyrack-mapping-rooms.json");
    let saved = wait::until("the saved mapping", wait::SOON, async || {
        std::fs::read_to_string(&path).map_err(|error| error.to_string())
    })
    .await;
    let saved: serde_json::Value = serde_json::from_str(&saved).expect("it is JSON");
    assert_eq!(saved["delimiter"], json!("semicolon"));
    let fields = saved["fields"].as_array().expect("fields");
    let of = |field: &str| fields.iter().find(|it| it["field"] == json!(field));
    assert_eq!(of("section").map(|it| &it["columns"]), Some(&json!(["Wo"])));

    // It is a mapping to read by, and one that is let go of is none any more.
    let saved = serde_json::to_vec(&saved).expect("it was read");
    choose_file(&office, "mapping-file", "saved.json", &saved).await;
    says(&office, "mapping-name", &[&["saved.json"]]).await;
    says(&office, "import-line", &[&["Z1", "Nord"]]).await;
    office.click("mapping-let-go").await;
    office.wait_until_gone("mapping-name").await;
    office.wait_for("import-problem").await;
}
