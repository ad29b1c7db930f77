//! One press, one deed: a nervous double click, and a key that is held too long.

use keyrack_tests::{
    desk::Desk,
    hotel::{MARIA, RUI},
    wait,
    world::World,
};
use serde_json::json;

#[tokio::test]
async fn a_double_click_on_check_in_does_not_check_the_guest_out_again() {
    let world = World::new();
    let server = world.demo_server().await;
    let window = world.workplace("desk", &server.url()).open().await;
    let rui = Desk::sign_in(window, &RUI).await;
    let board = rui.board().await;
    let mut ready = board
        .iter()
        .filter(|(_, tile)| tile.phase == "due-in" && tile.code == "VC");
    let room = loop {
        let (room, _) = ready.next().expect("a clean room that somebody is due in");
        rui.open_room(room).await;
        if rui.window().double_click("check-in").await {
            break room;
        }
    };

    rui.window().wait_for("check-out").await;
    rui.wait_until_synced().await;
    rui.wait_for_tile(room, |tile| tile.phase == "arrived")
        .await;

    // A click that is meant is one.
    rui.check_out(room).await;
}

#[tokio::test]
async fn a_key_that_is_held_finishes_one_task() {
    let world = World::new();
    let server = world.demo_server().await;
    let window = world.workplace("maria", &server.url()).open().await;
    let maria = Desk::sign_in(window, &MARIA).await;
    let open = async || {
        let tasks = maria.tasks().await;
        tasks.iter().filter(|task| task.status != "Done").count()
    };
    let before = open().await;
    maria.window().type_keys("f").await;
    wait::until_seen("one task less", before - 1, &open).await;

    // What a keyboard repeats of it says that it does.
    let held = "for (let n = 0; n < 9; n += 1) {
        const it = document.activeElement ?? document.body;
        const init = {key: 'f', repeat: true, bubbles: true, cancelable: true};
        it.dispatchEvent(new KeyboardEvent('keydown', init));
    } return 'held'";
    assert_eq!(maria.window().read(held, &[]).await, json!("held"));
    maria.wait_until_synced().await;
    assert_eq!(open().await, before - 1);
    maria.window().type_keys("f").await;
    wait::until_seen("the next one", before - 2, &open).await;
}
