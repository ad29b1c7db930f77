//! A room that is marked to be left alone: whoever goes in says why, with one press.

use keyrack_tests::{
    desk::Desk,
    hotel::{MARIA, RUI},
    wait,
    window::Key,
    world::World,
};

#[tokio::test]
async fn whoever_starts_in_a_room_that_is_marked_says_why_and_the_mark_goes() {
    let world = World::new();
    let server = world.demo_server().await;
    let maria = Desk::sign_in(world.workplace("cart", &server.url()).open().await, &MARIA).await;
    let rui = Desk::sign_in(world.workplace("desk", &server.url()).open().await, &RUI).await;
    let tasks = maria.tasks().await;
    let task = tasks.iter().find(|task| task.status == "Planned");
    let task = task.expect("a task to be done").clone();

    rui.set_service(&task.room, "do-not-disturb").await;
    maria.open_room(&task.room).await;
    let window = maria.window();
    window.wait_for("enter").await;
    let of_task = format!(
        "[data-testid=\"room-drawer\"] [data-testid=\"{}\"]",
        task.id
    );
    let has = async |button: &str| {
        let script = "return !!document.querySelector(arguments[0])";
        let css = format!("{of_task} [data-testid=\"{button}\"]");
        window.read(script, &[serde_json::json!(css)]).await == serde_json::json!(true)
    };
    assert!(!has("start").await, "nothing starts it without a word");
    window
        .click_css(&format!("{of_task} [data-testid=\"enter-guest-asked\"]"))
        .await;
    maria.wait_for_task_in_drawer("InProgress").await;
    wait::until_seen("what the guest wants", "none".to_owned(), async || {
        maria.service().await
    })
    .await;
    wait::until("why, in the history", wait::SOON, async || {
        let told = format!("{:?}", maria.story().await);
        if told.contains("The guest asked") {
            Ok(())
        } else {
            Err(told)
        }
    })
    .await;

    // It comes back with the mark.
    maria.undo().await;
    window.wait_for("enter").await;
    wait::until_seen(
        "what the guest wants",
        "do-not-disturb".to_owned(),
        async || maria.service().await,
    )
    .await;
}

#[tokio::test]
async fn the_keys_that_start_and_finish_lead_to_the_reasons() {
    let world = World::new();
    let server = world.demo_server().await;
    let maria = Desk::sign_in(world.workplace("cart", &server.url()).open().await, &MARIA).await;
    let tasks = maria.tasks().await;
    let task = tasks.iter().find(|task| task.status == "Planned");
    let room = task.expect("a task to be done").room.clone();
    maria.set_service(&room, "do-not-disturb").await;
    let window = maria.window();
    window.wait_for("enter").await;
    window.press(Key::Escape).await;
    maria.find_by_keys(&room).await;

    let tile = format!("room-{room}");
    for key in ["f", "s"] {
        window.type_keys(key).await;
        maria.wait_for_focus("enter-guest-asked").await;
        window.press(Key::Escape).await;
        maria.wait_for_focus(&tile).await;
    }
    window.type_keys("s").await;
    maria.wait_for_focus("enter-guest-asked").await;
    window.press(Key::Enter).await;
    maria.wait_for_task_in_drawer("InProgress").await;
}
