//! What people do all day at one desk and see at the other, by mouse and by keyboard.

use keyrack_tests::{
    desk::{Desk, Screen, WorkOrderForm},
    display::Display,
    hotel::{CODE, INES, MARIA, RUI},
    server::Cli,
    wait,
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
async fn a_room_is_found_opened_marked_and_unmarked_without_a_mouse() {
    let world = World::new();
    let server = world.demo_server().await;
    let maria = Desk::sign_in(world.workplace("maria", &server.url()).open().await, &MARIA).await;
    let window = maria.window();
    let rooms = maria.board().await;
    let mut others = rooms.iter().skip(1);
    let (room, before) = others
        .find(|(_, tile)| tile.cleanliness != "pickup")
        .expect("a room that is not the first, and no pickup");

    maria.find_by_keys(room).await;
    assert!(!window.has("room-drawer").await);
    window.press(Key::Enter).await;
    window.wait_for("room-drawer").await;
    maria.wait_for_focus("drawer-number").await;
    let number = window.text_of_css("[data-testid=\"drawer-number\"]").await;
    assert_eq!(number.as_ref(), Some(room));

    window.type_keys("p").await;
    maria
        .watch_tile(room, |tile| tile.cleanliness == "pickup")
        .await;
    window.press(Key::Escape).await;
    window.wait_until_gone("room-drawer").await;
    maria.wait_for_focus(&format!("room-{room}")).await;
    window.type_keys("u").await;
    maria.watch_tile(room, |tile| tile == before).await;

    // One level further back, every room is in sight again.
    assert_eq!(maria.rooms_in_sight().await, [room.as_str()]);
    window.press(Key::Escape).await;
    maria.watch_value("filter", "").await;
    assert_eq!(maria.rooms_in_sight().await.len(), rooms.len());
}

#[tokio::test]
async fn arrows_go_over_the_whole_board_of_which_only_a_part_is_on_the_page() {
    let world = World::new();
    let server = world.demo_server().await;
    let maria = Desk::sign_in(world.workplace("maria", &server.url()).open().await, &MARIA).await;
    let window = maria.window();
    maria.go_to(Screen::Board).await;
    let rooms = maria.rooms_in_sight().await;
    assert!(maria.tiles_on_page().await < rooms.len());
    let all = async |when: &str| {
        wait::until_seen(when, Some(rooms.len()), || maria.rooms_told()).await;
    };
    all("every room told of at the top").await;

    // Down to the last row, and along it to the last room.
    let mut before = String::new();
    for key in [Key::Down, Key::Right] {
        loop {
            window.press(key).await;
            let focus = maria.focus().await;
            if focus == before {
                break;
            }
            before = focus;
        }
    }
    let [.., one, last] = &rooms[..] else {
        panic!("{rooms:?}");
    };
    assert_eq!(before, format!("room-{last}"));
    all("every room told of at the end").await;

    // Whoever scrolls away has the focus where it was, and goes on from there.
    let scroll = "document.querySelector('.board .scroller').scrollTop = 0";
    window.read(scroll, &[]).await;
    let first = format!("room-{}", rooms[0]);
    window.wait_for(&first).await;
    assert_eq!(maria.focus().await, before);
    window.press(Key::Left).await;
    maria.wait_for_focus(&format!("room-{one}")).await;
}

#[tokio::test]
async fn several_rooms_are_set_and_taken_back_at_once_without_a_mouse() {
    let world = World::new();
    let server = world.demo_server().await;
    let ines = Desk::sign_in(world.workplace("ines", &server.url()).open().await, &INES).await;
    let window = ines.window();
    let rooms = ines.board().await;

    window.press(Key::Down).await;
    let first = ines.rooms_in_sight().await.remove(0);
    ines.wait_for_focus(&format!("room-{first}")).await;
    assert!(ines.rooms_selected().await.is_empty());
    window.type_keys("x").await;
    selected(&ines, &[&first]).await;
    window.press(Key::Right).await;
    let second = ines.rooms_in_sight().await.remove(1);
    ines.wait_for_focus(&format!("room-{second}")).await;
    window.type_keys("x").await;
    selected(&ines, &[&first, &second]).await;

    let both = [&first, &second];
    let is_at = |value: &str| both.iter().any(|room| rooms[*room].cleanliness == value);
    let (key, value) = [("p", "pickup"), ("c", "clean"), ("d", "dirty")]
        .into_iter()
        .find(|(_, value)| !is_at(value))
        .expect("two rooms leave one of three");
    window.type_keys(key).await;
    for room in both {
        ines.watch_tile(room, |tile| tile.cleanliness == value)
            .await;
    }
    selected(&ines, &[]).await;
    window.type_keys("u").await;
    for room in both {
        ines.watch_tile(room, |tile| *tile == rooms[room]).await;
    }
}

/// Waits until exactly these rooms are selected.
async fn selected(desk: &Desk, rooms: &[&String]) {
    let rooms: Vec<String> = rooms.iter().map(|room| (*room).clone()).collect();
    wait::until_seen("the selected rooms", rooms, async || {
        desk.rooms_selected().await
    })
    .await;
}

#[tokio::test]
async fn a_guest_leaves_and_another_arrives_without_a_mouse() {
    let world = World::new();
    let server = world.demo_server().await;
    let rui = Desk::sign_in(world.workplace("rui", &server.url()).open().await, &RUI).await;
    let window = rui.window();
    let rooms = rui.board().await;
    let mut back_to_back = rooms
        .iter()
        .filter(|(_, tile)| tile.phase == "back-to-back");
    let (room, before) = back_to_back.next().expect("guests change today");
    assert!(before.code.starts_with('O'));
    rui.find_by_keys(room).await;

    rui.press_shift_and('O').await;
    rui.watch_tile(room, |tile| tile.code == "VD" && tile.phase == "due-in")
        .await;
    rui.press_shift_and('I').await;
    rui.watch_tile(room, |tile| {
        tile.code.starts_with('O') && tile.phase == "arrived"
    })
    .await;

    // The palette does what its words say: Control and K open it even from a field.
    assert!(!window.has("palette-query").await);
    window.fill("filter", "\u{e009}k").await;
    window.wait_for("palette-query").await;
    rui.wait_for_focus("palette-query").await;
    window.type_keys("undo").await;
    window.press(Key::Enter).await;
    window.wait_until_gone("palette-query").await;
    rui.watch_tile(room, |tile| tile.code == "VD" && tile.phase == "due-in")
        .await;

    // It finds a guest by the name.
    rui.open_room(room).await;
    window.fill("guest-name", "Inês Carvalho").await;
    window.click("guest-save").await;
    window.wait_until_gone("guest-save").await;
    window.press(Key::Escape).await;
    window.wait_until_gone("room-drawer").await;
    window.fill("filter", "\u{e009}k").await;
    rui.wait_for_focus("palette-query").await;
    window.type_keys("carva").await;
    window.press(Key::Enter).await;
    window.wait_for("room-drawer").await;
    rui.watch_value("guest-name", "Inês Carvalho").await;
}

#[tokio::test]
async fn a_list_is_worked_through_without_a_mouse() {
    let world = World::new();
    let server = world.demo_server().await;
    let maria = Desk::sign_in(world.workplace("maria", &server.url()).open().await, &MARIA).await;
    let window = maria.window();
    maria.go_by_keys("gb", Screen::Board).await;
    assert!(maria.list_as_it_is().await.is_empty());
    maria.go_by_keys("gm", Screen::MyList).await;

    // What is on the card is started, and then finished.
    let list = maria.list_as_it_is().await;
    let (task, status) = &list[0];
    assert_eq!(status, "Planned");
    window.type_keys("s").await;
    maria.watch_task(task, "InProgress").await;
    window.type_keys("f").await;
    maria.watch_task(task, "Done").await;
    window.type_keys("u").await;
    maria.watch_task(task, "InProgress").await;
    window.type_keys("u").await;
    maria.watch_task(task, "Planned").await;
    window.type_keys("s").await;
    maria.watch_task(task, "InProgress").await;
    maria.wait_until_synced().await;
    window.type_keys("u").await;
    maria.watch_task(task, "Planned").await;
    window.type_keys("s").await;
    maria.watch_task(task, "InProgress").await;

    // A line opens, closes to where it was, and the next arrow goes on from there.
    let list = maria.list_as_it_is().await;
    for _ in 0..3 {
        window.press(Key::Down).await;
    }
    maria.wait_for_focus(&list[2].0).await;
    window.press(Key::Enter).await;
    maria.wait_for_focus("drawer-number").await;
    let number = window.text_of_css("[data-testid=\"drawer-number\"]").await;
    let room = list[2].0.split('-').nth(1).map(str::to_owned);
    assert_eq!(number, room);
    window.press(Key::Escape).await;
    window.wait_until_gone("room-drawer").await;
    maria.wait_for_focus(&list[2].0).await;
    window.press(Key::Down).await;
    maria.wait_for_focus(&list[3].0).await;

    // Tab stops at the buttons of this line, and then at none of the others.
    for button in ["start", "finish"] {
        window.press(Key::Tab).await;
        maria.wait_for_focus(button).await;
    }
    window.press(Key::Tab).await;
    let focus = maria.focus().await;
    assert!(!focus.starts_with("task-"), "{focus}");
    assert!(!["start", "finish"].contains(&focus.as_str()), "{focus}");
}

#[tokio::test]
async fn a_work_order_is_written_found_and_changed_without_a_mouse() {
    let world = World::new();
    let server = world.demo_server().await;
    let ines = Desk::sign_in(world.workplace("ines", &server.url()).open().await, &INES).await;
    let window = ines.window();
    ines.go_by_keys("gw", Screen::WorkOrders).await;
    for title in ["Lamp is dark", "Tap is loose"] {
        window.type_keys("n").await;
        window.wait_for("wo-title").await;
        ines.wait_for_focus("wo-title").await;
        window.type_keys(title).await;
        window.press(Key::Enter).await;
        // It is open, and the focus in it.
        window.wait_for("order-drawer").await;
        ines.watch_value("order-title", title).await;
        ines.wait_for_focus("order-place").await;
        window.press(Key::Escape).await;
        window.wait_until_gone("order-drawer").await;
        ines.wait_for_focus(&format!("work-order {title}")).await;
    }
    assert_eq!(
        ines.lines_in_sight().await,
        ["Lamp is dark", "Tap is loose"]
    );

    // Arrows go from line to line; Enter opens the one, and Escape comes back to it.
    window.press(Key::Up).await;
    ines.wait_for_focus("work-order Lamp is dark").await;
    window.press(Key::Enter).await;
    ines.wait_for_focus("order-place").await;
    ines.watch_value("order-title", "Lamp is dark").await;
    window.press(Key::Escape).await;
    ines.wait_for_focus("work-order Lamp is dark").await;
    window.press(Key::Down).await;
    ines.wait_for_focus("work-order Tap is loose").await;
    window.press(Key::Enter).await;
    ines.wait_for_focus("order-place").await;

    // Both texts are written and saved.
    ines.tab_to("order-title").await;
    window.press(Key::End).await;
    window.type_keys(" in the bath").await;
    ines.tab_to("order-description").await;
    window.type_keys("It turns with the handle.").await;
    assert_eq!(ines.lines_in_sight().await[1], "Tap is loose");
    ines.tab_to("order-save").await;
    window.press(Key::Enter).await;
    window.wait_until_gone("order-save").await;
    let titles = ["Lamp is dark", "Tap is loose in the bath"];
    wait::until_seen(
        "the new title",
        titles.map(str::to_owned).to_vec(),
        async || ines.lines_in_sight().await,
    )
    .await;
    ines.watch_value("order-description", "It turns with the handle.")
        .await;

    // What stands there already is written on, and the server takes that too.
    ines.wait_until_synced().await;
    ines.tab_to("order-description").await;
    window.press(Key::End).await;
    window.type_keys(" Since Monday.").await;
    ines.tab_to("order-save").await;
    window.press(Key::Enter).await;
    window.wait_until_gone("order-save").await;
    ines.wait_until_synced().await;
    let both = "It turns with the handle. Since Monday.";
    ines.watch_value("order-description", both).await;

    // Each list takes the choice whose letter is typed.
    for (list, before, letter, after) in [
        ("order-status", "open", "a", "acknowledged"),
        ("order-priority", "p3", "p", "p4"),
    ] {
        ines.watch_value(list, before).await;
        ines.tab_to(list).await;
        window.type_keys(letter).await;
        ines.watch_value(list, after).await;
    }
    let verified = "[data-testid=\"order-status\"] option[value=\"verified\"]:disabled";
    let why = window.text_of_css(verified).await.unwrap_or_default();
    assert!(why.contains("once it is Done"), "{why}");
    ines.watch_value("order-assignee", "").await;
    ines.tab_to("order-assignee").await;
    window.type_keys("m").await;
    assigned_to(&ines, MARIA.display).await;

    // Back in the drawer, the last of it is taken back.
    window.press(Key::Escape).await;
    ines.wait_for_focus("order-place").await;
    window.type_keys("u").await;
    ines.watch_value("order-assignee", "").await;
    ines.watch_value("order-status", "acknowledged").await;
    ines.wait_until_synced().await;
}

/// Waits until the list of the open work order names somebody.
async fn assigned_to(desk: &Desk, name: &str) {
    let chosen = "[data-testid=\"order-assignee\"] option:checked";
    wait::until_seen("who has it", Some(name.to_owned()), async || {
        desk.window().text_of_css(chosen).await
    })
    .await;
}

#[tokio::test]
async fn what_is_typed_and_not_saved_is_there_again() {
    let world = World::new();
    let server = world.demo_server().await;
    let rui = Desk::sign_in(world.workplace("rui", &server.url()).open().await, &RUI).await;
    let window = rui.window();
    rui.go_to(Screen::WorkOrders).await;

    // A press that slips beside the form leaves it; Escape closes it and keeps what is in it.
    window.click("new-work-order").await;
    window.fill("wo-title", "Door sticks").await;
    slip_beside_the_form(&rui, "wo-title").await;
    slip_beside_the_form(&rui, "wo-form").await;
    assert_eq!(window.value("wo-title").await, "Door sticks");
    window.press(Key::Escape).await;
    window.wait_until_gone("wo-title").await;
    window.click("new-work-order").await;
    rui.watch_value("wo-title", "Door sticks").await;
    window.wait_for("wo-taken-up").await;
    window.click("wo-save").await;
    window.wait_for("order-drawer").await;

    // A comment and a title are kept while another work order is open.
    window.fill("comment-text", "Only when it rains").await;
    window.fill("order-title", "Door sticks in the rain").await;
    rui.create_work_order(WorkOrderForm {
        title: "Window rattles",
        room: "",
        priority: "p4",
        description: "",
    })
    .await;
    rui.open_work_order("Window rattles").await;
    assert_eq!(window.value("comment-text").await, "");
    assert!(!window.has("not-saved").await);
    window.wait_for("draft").await;
    rui.open_work_order("Door sticks").await;
    rui.watch_value("comment-text", "Only when it rains").await;
    rui.watch_value("order-title", "Door sticks in the rain")
        .await;
    assert!(rui.comments().await.is_empty(), "nothing was sent");

    // Signing out says so, and whoever signs in again finds it.
    window.click("sign-out").await;
    window.wait_for("sign-out-unsaved").await;
    window.click("sign-out-stay").await;

    // What is let go of by name is gone.
    window.click("order-discard").await;
    rui.watch_value("order-title", "Door sticks").await;
    window.click("comment-send").await;
    rui.wait_for_comment("Only when it rains").await;
    window.wait_until_gone("draft").await;
}

/// A drag that begins at an element and ends beside the form.
async fn slip_beside_the_form(desk: &Desk, from: &str) {
    let script = "const dialog = document.querySelector('dialog');
        const from = document.querySelector(`[data-testid=\"${arguments[0]}\"]`) ?? dialog;
        from.dispatchEvent(new MouseEvent('mousedown', {bubbles: true}));
        dialog.dispatchEvent(new MouseEvent('click', {bubbles: true}))";
    desk.window().read(script, &[from.into()]).await;
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
    for width in [400, 480, 761, 1024, 1280, 1600, 1920, 1100] {
        maria.window().resize((width, 900)).await;
        let cut_off = maria.cut_off_on_tiles().await;
        assert!(cut_off.is_empty(), "{width}: {cut_off:?}");
        for number in ["Garden Villa 1204", "12345678901234567890"] {
            let cut_off = maria.cut_off_if_called(first, number).await;
            assert!(cut_off.is_empty(), "{width}, {number}: {cut_off:?}");
        }
    }
    // A drawer beside the board leaves less room for it.
    maria.open_room(first).await;
    let cut_off = maria.cut_off_on_tiles().await;
    assert!(cut_off.is_empty(), "beside a drawer: {cut_off:?}");
}

#[tokio::test]
async fn a_page_that_is_loaded_again_is_where_it_was_and_says_what_is_gone() {
    let world = World::new();
    let server = world.demo_server().await;
    let maria = Desk::sign_in(world.workplace("maria", &server.url()).open().await, &MARIA).await;
    let window = maria.window();
    let rooms = maria.board().await;
    let (room, _) = rooms.iter().next().expect("the hotel has rooms");
    maria.open_room(room).await;

    window.read("location.reload()", &[]).await;
    wait::until("a sentence about it", wait::SOON, async || {
        match window.text_of_css(".toast.wrong").await {
            Some(said) if said.contains("what was typed and not saved is not") => Ok(()),
            other => Err(format!("{other:?}")),
        }
    })
    .await;
    window.wait_for("room-drawer").await;
    wait::until_seen("the room's number", Some(room.clone()), async || {
        window.text_of_css("[data-testid=\"drawer-number\"]").await
    })
    .await;
    maria.set_cleanliness(room, "pickup").await;
    maria.wait_until_synced().await;
}

#[tokio::test]
async fn a_page_whose_process_ends_is_shown_again() {
    let world = World::new();
    let server = world.demo_server().await;
    let workplace = world.workplace("maria", &server.url());
    let maria = Desk::sign_in(workplace.open().await, &MARIA).await;
    let display = Display::of_the_test_run();
    let app = workplace.app_processes();
    let shown = display.in_sight(app[0]);

    // The second end comes before the page has settled. The driver loses a page that ends, so what
    // is in the window is seen as the display has it: a window without a page has one colour.
    for _ in 0..2 {
        let ended = maria.window().kill_page().await;
        wait::until("the page in the window", wait::PATIENTLY, async || {
            let drawing = maria.window().pages();
            let colours = display.colours(shown[0]);
            if drawing.len() == 1 && drawing[0] != ended && colours > 8 {
                Ok(())
            } else {
                Err(format!("{colours} colours, drawn by {drawing:?}"))
            }
        })
        .await;
    }
    assert_eq!(workplace.app_processes(), app);
}

#[tokio::test]
async fn a_screen_shows_no_more_than_another_role_may_see_without_a_restart() {
    let world = World::new();
    let server = world.demo_server().await;
    let rui = Desk::sign_in(world.workplace("rui", &server.url()).open().await, &RUI).await;
    let window = rui.window();
    let rooms = rui.board().await;
    let mut taken = rooms.iter().filter(|(_, tile)| tile.code.starts_with('O'));
    let (room, _) = taken.next().expect("somebody is in house");
    rui.open_room(room).await;
    window.fill("guest-name", "Inês Carvalho").await;
    window.click("guest-save").await;
    window.wait_until_gone("guest-save").await;
    rui.wait_until_synced().await;

    let demote = ["user", "role", "--hotel", CODE, RUI.name, "housekeeper"];
    Cli::new(server.database()).succeed(&demote, "").await;
    window.wait_until_gone("guest-name").await;
    assert!(!window.text().await.contains("Carvalho"));
    // The window is the one that it was, and goes on.
    window.wait_for("room-drawer").await;
    rui.set_cleanliness(room, "pickup").await;
    rui.wait_until_synced().await;
}
