//! What came under review is decided on at a manager's window, and its author sees what became of it.

use keyrack_tests::{
    desk::Desk,
    hotel::{ANA, CODE, INES},
    server::Cli,
    wait,
    window::Window,
    world::World,
};
use serde_json::json;

/// Waits for a sentence in the window.
async fn reads(window: &Window, sentence: &str) {
    wait::until(format!("“{sentence}”"), wait::SOON, async || {
        let text = window.text().await;
        if text.contains(sentence) {
            Ok(())
        } else {
            Err(text)
        }
    })
    .await;
}

/// Presses a button of what waits about a room.
async fn decide(window: &Window, room: &str, button: &str) {
    let script = "const about = [...document.querySelectorAll('[data-testid=\"review\"]')]
            .find(it => it.querySelector('b').textContent.includes(arguments[0]));
        about.querySelector(`[data-testid=\"${arguments[1]}\"]`).click();";
    window.read(script, &[json!(room), json!(button)]).await;
}

async fn wait_until_to_decide(window: &Window, count: usize) {
    let waiting = "return document.querySelectorAll('[data-testid=\"review\"]').length";
    wait::until_seen("so many to decide on", json!(count), async || {
        window.read(waiting, &[]).await
    })
    .await;
}

#[tokio::test]
async fn a_manager_decides_in_the_settings_and_the_author_sees_what_became_of_it() {
    let world = World::new();
    let mut server = world.demo_server().await;
    let office = world.workplace("office", &server.url()).open().await;
    let ana = Desk::sign_in(office, &ANA).await;
    let cart = world.workplace("cart", &server.url()).open().await;
    let ines = Desk::sign_in(cart, &INES).await;
    let board = ines.board().await;
    let mut dirty = board
        .iter()
        .filter(|(_, tile)| tile.cleanliness == "dirty")
        .map(|(room, _)| room.clone());
    let mut room = || dirty.next().expect("a dirty room");
    let (approved, declined) = (room(), room());

    // A supervisor works without a network, and is none any more when it is back.
    server.stop().await;
    for room in [&approved, &declined] {
        ines.set_cleanliness(room, "inspected").await;
    }
    ines.wait_until_waiting(2).await;
    let cli = Cli::new(server.database());
    let demote = ["user", "role", "--hotel", CODE, INES.name, "housekeeper"];
    cli.succeed(&demote, "").await;
    server.start_again().await;
    ines.wait_until_waiting(0).await;
    ana.wait_until_synced().await;

    ana.window().type_keys("gs").await;
    let office = ana.into_window();
    office.wait_for("to-decide").await;
    office.type_keys("gt").await;
    wait_until_to_decide(&office, 2).await;
    reads(&office, "from Supervisor to Housekeeper").await;
    decide(&office, &approved, "approve").await;
    wait_until_to_decide(&office, 1).await;
    decide(&office, &declined, "decline").await;
    reads(&office, "A decision is not taken back").await;
    office.click("confirm-yes").await;
    office.wait_for("nothing-waits").await;
    office.wait_until_gone("to-decide").await;
    office.click("section-audit").await;
    for told in [
        "Approved what was under review",
        "Declined what was under review",
    ] {
        reads(&office, told).await;
    }

    // What was approved comes by itself, in both names; of the other she hears when she is back.
    ines.wait_for_tile(&approved, |tile| tile.cleanliness == "inspected")
        .await;
    ines.open_room(&approved).await;
    for person in [INES.display, ANA.display] {
        reads(ines.window(), person).await;
    }
    let board = ines.board().await;
    assert_eq!(board[&declined].cleanliness, "dirty");
    server.stop().await;
    server.start_again().await;
    ines.window().click("sync-state").await;
    ines.window().wait_for("refused-action").await;
    reads(ines.window(), "A manager looked at this and declined it").await;
}
