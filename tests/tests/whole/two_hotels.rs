//! Somebody who works for two hotels, with another role in each, at one computer.

use keyrack_tests::{
    desk::Desk,
    hotel::{self, ANA, Somebody},
    server::{Cli, Server},
    wait,
    window::Window,
    world::World,
};

const CITY: &str = "city";
const CITY_NAME: &str = "City Lisboa";
/// Whoever manages the one hotel helps out in the other.
const ANA_THERE: Somebody = Somebody {
    role: "housekeeper",
    ..ANA
};
const PIN: &str = "274950";
const PIN_THERE: &str = "830162";

/// A second hotel of the server's; the code of a device for it.
async fn found_city(server: &Server) -> String {
    let cli = Cli::new(server.database());
    let day = ["--business-date", hotel::BUSINESS_DATE];
    let create = ["hotel", "create", "--code", CITY, "--name", CITY_NAME];
    cli.succeed(&[&create[..], &day].concat(), "").await;
    cli.add_person(CITY, &ANA_THERE).await;
    let file = hotel::bookings().display().to_string();
    let import = ["import", "bookings", &file, "--hotel", CITY, "--assign"];
    cli.succeed(&[&import[..], &day].concat(), "").await;
    let code = ["device", "code", "--hotel", CITY];
    cli.succeed(&code, "").await.trim().to_owned()
}

async fn sign_in_at_city(window: Window, code: &str) -> Desk {
    window.click("somebody-else").await;
    window.fill("hotel", CITY).await;
    Desk::try_password(&window, ANA_THERE.name, &ANA_THERE.password()).await;
    window.wait_for("code").await;
    window.fill("code", code).await;
    window.click("sign-in").await;
    let ana = Desk::signed_in(window).await;
    ana.wait_until_synced().await;
    ana
}

/// Goes to the other hotel that the sign-in offers; what is said to wait there.
async fn go_to(window: &Window, code: &str, name: &str) -> String {
    let other = format!("[data-testid=\"other-hotel\"][data-hotel=\"{code}\"]");
    let waits = window.text_of_css(&format!("{other} .waits")).await;
    window.click_css(&other).await;
    is_at(window, name).await;
    waits.unwrap_or_default().trim().to_owned()
}

async fn is_at(window: &Window, name: &str) {
    let at_hand = "[data-testid=\"hotel-name\"]";
    wait::until_seen("the hotel at hand", Some(name.to_owned()), async || {
        window.text_of_css(at_hand).await
    })
    .await;
}

async fn a_room(desk: &Desk, cleanliness: &str) -> String {
    let board = desk.board().await;
    let mut rooms = board.into_iter();
    let found = rooms.find(|(_, tile)| tile.cleanliness == cleanliness);
    found.expect("a room like that").0
}

#[tokio::test]
async fn somebody_of_two_hotels_goes_from_one_to_the_other_offline_with_the_rights_of_each() {
    let world = World::new();
    let mut server = world.demo_server().await;
    let code = found_city(&server).await;
    let workplace = world.workplace("office", &server.url());
    let ana = Desk::sign_in(workplace.open().await, &ANA).await;
    ana.choose_pin(PIN).await;
    let ana = sign_in_at_city(ana.leave().await, &code).await;
    ana.choose_pin(PIN_THERE).await;

    server.stop().await;
    let cleaned = a_room(&ana, "dirty").await;
    ana.set_cleanliness(&cleaned, "clean").await;
    ana.wait_until_waiting(1).await;
    let refused = ana.try_cleanliness(&cleaned, "inspected").await;
    assert!(refused.is_err(), "a housekeeper inspects nothing");
    let window = ana.leave().await;

    // The PIN of the one hotel is not that of the other.
    assert_eq!(go_to(&window, hotel::CODE, hotel::NAME).await, "");
    Desk::try_pin(&window, &ANA, PIN_THERE).await;
    window.wait_for("problem").await;
    window.click("everybody").await;
    let ana = Desk::go_on(window, &ANA, PIN).await;
    let inspected = a_room(&ana, "clean").await;
    ana.set_cleanliness(&inspected, "inspected").await;
    ana.wait_until_waiting(1).await;
    ana.into_window().close().await;

    // The hotel at hand is the one of before, after a start too.
    let window = workplace.open().await;
    is_at(&window, hotel::NAME).await;
    let waits = go_to(&window, CITY, CITY_NAME).await;
    assert!(waits.contains("1 action waits"), "{waits}");
    server.start_again().await;
    let ana = Desk::go_on(window, &ANA_THERE, PIN_THERE).await;
    ana.wait_until_waiting(0).await;
    let window = ana.leave().await;
    let waits = go_to(&window, hotel::CODE, hotel::NAME).await;
    assert!(waits.contains("1 action waits"), "{waits}");
    let ana = Desk::go_on(window, &ANA, PIN).await;
    ana.wait_until_waiting(0).await;
    assert_eq!(ana.board().await[&inspected].cleanliness, "inspected");
}
