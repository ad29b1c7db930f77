//! What people do all day at one desk and see at the other, by mouse and by keyboard.

use keyrack_tests::{
    desk::{Desk, Screen, WorkOrderForm},
    hotel::{MARIA, RUI},
    window::Key,
    world::World,
};

#[tokio::test]
async fn what_one_desk_does_shows_at_the_other_and_can_be_taken_back() {
    let world = World::new();
    let server = world.demo_server().await;
    let rui = Desk::sign_in(world.workplace("rui", &server.url()).open().await, &RUI).await;
    let maria = Desk::sign_in(world.workplace("maria", &server.url()).open().await, &MARIA).await;
    let rooms = rui.board().await;
    let (room, before) = rooms.iter().next().expect("the hotel has rooms");

    maria.set_cleanliness(room, "pickup").await;
    rui.wait_for_tile(room, |tile| tile.cleanliness == "pickup")
        .await;
    maria.undo().await;
    for desk in [&rui, &maria] {
        desk.wait_for_tile(room, |tile| tile == before).await;
    }

    rui.create_work_order(WorkOrderForm {
        title: "Curtain is torn",
        room,
        priority: "p4",
        description: "Left side.",
    })
    .await;
    maria.comment("Curtain is torn", "The right one too.").await;
    rui.open_work_order("Curtain is torn").await;
    rui.wait_for_comment("The right one too.").await;
}

#[tokio::test]
async fn a_guest_who_leaves_makes_the_room_dirty_and_one_who_arrives_makes_it_occupied() {
    let world = World::new();
    let server = world.demo_server().await;
    let rui = Desk::sign_in(world.workplace("rui", &server.url()).open().await, &RUI).await;
    let board = rui.board().await;
    let back_to_back = board.iter().find(|(_, tile)| tile.phase == "back-to-back");
    let (room, _) = back_to_back.expect("a room whose guests change today");

    rui.check_out(room).await;
    rui.wait_for_tile(room, |tile| tile.code == "VD" && tile.phase == "due-in")
        .await;
    rui.open_room(room).await;
    rui.wait_for_task_in_drawer("Planned").await;

    rui.check_in(room).await;
    rui.wait_for_tile(room, |tile| tile.phase == "arrived")
        .await;
    rui.wait_until_synced().await;
}

#[tokio::test]
async fn a_day_needs_no_mouse() {
    let world = World::new();
    let server = world.demo_server().await;
    let maria = Desk::sign_in(world.workplace("maria", &server.url()).open().await, &MARIA).await;
    let window = maria.window();
    let rooms = maria.board().await;
    let (room, before) = rooms.iter().next().expect("the hotel has rooms");

    // A room is found, opened, marked, and the mark taken back.
    window.type_keys("/").await;
    window.type_keys(room).await;
    window.press(Key::Escape).await;
    window.press(Key::Down).await;
    window.press(Key::Enter).await;
    window.wait_for("room-drawer").await;
    window.type_keys("p").await;
    window.wait_for("toast-undo").await;
    window.press(Key::Escape).await;
    window.type_keys("u").await;
    maria.wait_for_tile(room, |tile| tile == before).await;

    // The first task of the list is started and finished.
    window.type_keys("gm").await;
    maria.wait_for_screen(Screen::MyList).await;
    let done = |tasks: &[keyrack_tests::desk::TaskRow]| {
        tasks.iter().filter(|task| task.status == "Done").count()
    };
    let before = done(&maria.tasks().await);
    window.type_keys("sf").await;
    maria
        .wait_for_tasks(|tasks| done(tasks) == before + 1)
        .await;

    // A work order is written without leaving the keyboard.
    window.type_keys("gw").await;
    maria.wait_for_screen(Screen::WorkOrders).await;
    window.type_keys("n").await;
    window.wait_for("wo-title").await;
    window.type_keys("Tap is loose").await;
    window.press(Key::Enter).await;
    maria.wait_for_work_orders(&["Tap is loose"]).await;
}

#[tokio::test]
async fn a_tile_says_all_it_has_to_say_however_wide_the_window_is() {
    let world = World::new();
    let server = world.demo_server().await;
    let maria = Desk::sign_in(world.workplace("maria", &server.url()).open().await, &MARIA).await;
    let board = maria.board().await;
    let mut leaving = board.iter().filter(|(_, tile)| tile.phase == "due-out");
    let (room, _) = leaving.next_back().expect("a guest leaves today");
    maria.set_service(room, "do-not-disturb").await;
    maria.set_occupancy_seen(room, "vacant").await;
    maria.go_to(Screen::Board).await;
    let (first, _) = board.iter().next().expect("the hotel has rooms");
    for number in [first, "Garden Villa 1204", "12345678901234567890"] {
        let rename = "document.querySelector(arguments[0]).textContent = arguments[1]";
        let place = format!("[data-testid=\"room-{first}\"] .number");
        maria
            .window()
            .read(rename, &[place.into(), number.into()])
            .await;
        for width in [400, 480, 761, 1024, 1280, 1600, 1920] {
            maria.window().resize((width, 900)).await;
            let cut_off = maria.cut_off_on_tiles().await;
            assert!(cut_off.is_empty(), "{width}, {number}: {cut_off:?}");
        }
    }
}
