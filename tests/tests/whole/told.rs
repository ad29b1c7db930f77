//! What a window tells people about what they do, and where it leaves them.

use keyrack_tests::{
    desk::{Desk, Screen, Tile},
    hotel::{MARIA, RUI},
    wait,
    window::{Key, Window},
    world::World,
};
use std::collections::BTreeMap;

/// The messages in sight.
async fn toasts(window: &Window) -> String {
    let script = "return [...document.querySelectorAll('[data-testid=\"toast\"]')]
        .map(toast => toast.textContent).join(' | ')";
    let said = window.read(script, &[]).await;
    said.as_str().unwrap_or_default().to_owned()
}

/// Waits until a message says something.
async fn told(window: &Window, text: &str) {
    wait::until(format!("“{text}”"), wait::SOON, async || {
        let said = toasts(window).await;
        if said.contains(text) {
            Ok(())
        } else {
            Err(said)
        }
    })
    .await;
}

fn room_where(board: &BTreeMap<String, Tile>, fits: impl Fn(&Tile) -> bool) -> &str {
    let mut rooms = board.iter().filter(|(_, tile)| fits(tile));
    rooms.next().expect("a room as it is looked for").0
}

#[tokio::test]
async fn a_guest_is_not_checked_in_to_a_dirty_room_without_a_word() {
    let world = World::new();
    let server = world.demo_server().await;
    let rui = Desk::sign_in(world.workplace("rui", &server.url()).open().await, &RUI).await;
    let window = rui.window();
    let board = rui.board().await;
    let dirty = room_where(&board, |it| it.phase == "back-to-back");
    let clean = room_where(&board, |it| it.phase == "due-in" && it.code == "VC");

    rui.open_room(clean).await;
    window.wait_for("check-in").await;
    assert!(!window.has("not-ready").await);
    rui.check_out(dirty).await;
    rui.open_room(dirty).await;
    window.wait_for("not-ready").await;
    window.click("check-in").await;
    told(window, "The room is not ready: Dirty").await;

    // What was done is named when it is taken back, without the warning.
    window.type_keys("u").await;
    told(window, &format!("Taken back: Checked in to {dirty}")).await;
    let named = format!("Taken back: Checked in to {dirty}. The room");
    assert!(!toasts(window).await.contains(&named));
    rui.watch_tile(dirty, |tile| tile.phase == "due-in").await;

    // The history offers to do that again, and not to take back what is taken back already.
    let buttons = "return [...document.querySelectorAll('[data-testid=\"history-undo\"]')]
        .map(button => button.ariaDisabled ?? 'false').slice(0, 2).join()";
    wait::until_seen("ways back", serde_json::json!("false,true"), async || {
        window.read(buttons, &[]).await
    })
    .await;
    let why = "return document.querySelector(
        '[data-testid=\"history-undo\"][aria-disabled=\"true\"]').title";
    let why = window.read(why, &[]).await;
    assert!(
        why.as_str()
            .unwrap_or_default()
            .contains("written again since"),
        "{why}"
    );
}

#[tokio::test]
async fn who_finds_something_sees_it_and_is_left_where_they_were() {
    let world = World::new();
    let mut server = world.demo_server().await;
    let workplace = world.workplace("rui", &server.url());
    let rui = Desk::sign_in(workplace.open().await, &RUI).await;
    let window = rui.window();
    let board = rui.board().await;
    let arriving = room_where(&board, |it| it.phase == "due-in");
    let (last, _) = board.iter().next_back().expect("the hotel has rooms");

    // A stay is found by its booking.
    rui.open_room(arriving).await;
    let booking =
        "return document.querySelector('[data-testid=\"stay\"][data-status=\"expected\"]')
        .textContent.match(/B-[0-9A-F-]+/)[0]";
    let booking = window.read(booking, &[]).await;
    window.press(Key::Escape).await;
    window.wait_until_gone("room-drawer").await;
    for (typed, room) in [(booking.as_str().unwrap(), arriving), (last, last)] {
        window.fill("filter", "\u{e009}k").await;
        rui.wait_for_focus("palette-query").await;
        window.type_keys(typed).await;
        window.press(Key::Enter).await;
        window.wait_for("room-drawer").await;
        wait::until_seen("the room's number", Some(room.to_owned()), async || {
            window.text_of_css("[data-testid=\"drawer-number\"]").await
        })
        .await;
        // Its tile is in sight beside it.
        let in_sight = "const place = document.querySelector(arguments[0]).getBoundingClientRect();
            return place.top >= 0 && place.bottom <= innerHeight";
        let tile = format!("[data-testid=\"room-{room}\"]");
        wait::until_seen("the tile in sight", serde_json::json!(true), async || {
            window.read(in_sight, &[tile.clone().into()]).await
        })
        .await;
        window.press(Key::Escape).await;
        window.wait_until_gone("room-drawer").await;
    }

    // Since when there is no connection is still known after a restart.
    server.stop().await;
    rui.wait_until_offline().await;
    let since = "return document.querySelector('[data-testid=\"sync-state\"]').textContent";
    let said = window.read(since, &[]).await;
    assert!(
        said.as_str().unwrap_or_default().contains("Offline since"),
        "{said}"
    );
    let in_another_minute = "return Math.floor(Date.now() / 60000)";
    let minute = window.read(in_another_minute, &[]).await;
    wait::until(
        "the next minute",
        std::time::Duration::from_secs(90),
        async || {
            let now = window.read(in_another_minute, &[]).await;
            if now == minute {
                Err(now.to_string())
            } else {
                Ok(())
            }
        },
    )
    .await;
    rui.into_window().close().await;
    let rui = Desk::signed_in(workplace.open().await).await;
    rui.wait_until_offline().await;
    // All was in sync a moment before the connection was lost, which may be the minute before.
    let again = rui.window().read(since, &[]).await;
    assert!(again.as_str() <= said.as_str(), "{again} after {said}");

    // Who signs out may go on typing.
    rui.window().click("sign-out").await;
    rui.window().click("sign-out-confirm").await;
    rui.window().wait_for("sign-in").await;
    rui.wait_for_focus("password").await;
}

#[tokio::test]
async fn a_button_that_another_takes_the_place_of_hands_its_focus_on() {
    let world = World::new();
    let server = world.demo_server().await;
    let maria = Desk::sign_in(world.workplace("maria", &server.url()).open().await, &MARIA).await;
    let window = maria.window();
    let list = maria.list_as_it_is().await;
    let room = list[0]
        .0
        .split('-')
        .nth(1)
        .expect("a room's number")
        .to_owned();
    maria.go_to(Screen::Board).await;
    maria.find_by_keys(&room).await;
    window.press(Key::Enter).await;
    maria.wait_for_focus("drawer-number").await;

    maria.tab_to("set-pickup").await;
    window.press(Key::Enter).await;
    maria
        .watch_tile(&room, |tile| tile.cleanliness == "pickup")
        .await;
    maria.wait_for_focus("set-pickup").await;
    maria.tab_to("start").await;
    for next in ["pause", "start", "pause"] {
        window.press(Key::Enter).await;
        maria.wait_for_focus(next).await;
    }
    maria.tab_to("finish").await;
    window.press(Key::Enter).await;
    maria.wait_for_task_in_drawer("Done").await;
    let in_drawer = "return document.activeElement.closest('.drawer') !== null";
    wait::until_seen(
        "the focus in the drawer",
        serde_json::json!(true),
        async || window.read(in_drawer, &[]).await,
    )
    .await;
}

#[tokio::test]
async fn a_long_title_is_shown_whole_however_narrow_the_window_is() {
    let world = World::new();
    let server = world.demo_server().await;
    let rui = Desk::sign_in(world.workplace("rui", &server.url()).open().await, &RUI).await;
    let title = "The shower in the bath drips all night, and the guest asks for another room";
    rui.create_work_order(keyrack_tests::desk::WorkOrderForm {
        title,
        room: "",
        priority: "p3",
        description: "",
    })
    .await;
    rui.open_work_order(title).await;
    rui.watch_value("order-title", title).await;
    let hidden = "const title = document.querySelector('[data-testid=\"order-title\"]');
        return title.scrollHeight - title.clientHeight";
    for width in [1280, 400] {
        rui.window().resize((width, 800)).await;
        wait::until(
            format!("all of the title, {width} wide"),
            wait::SOON,
            async || {
                let hidden = rui.window().read(hidden, &[]).await;
                if hidden.as_i64().is_some_and(|hidden| hidden <= 1) {
                    Ok(())
                } else {
                    Err(hidden.to_string())
                }
            },
        )
        .await;
    }
}

#[tokio::test]
async fn what_a_role_may_not_looks_so_and_says_whose_right_it_is_not() {
    let world = World::new();
    let server = world.demo_server().await;
    let maria = Desk::sign_in(world.workplace("maria", &server.url()).open().await, &MARIA).await;
    let window = maria.window();
    let board = maria.board().await;
    let room = room_where(&board, |it| it.cleanliness == "dirty");
    maria.open_room(room).await;
    let looks = "const button = document.querySelector(`[data-testid=\"${arguments[0]}\"]`);
        return [button?.ariaDisabled ?? 'false', button?.title ?? '']";
    let look = async |button: &str| {
        let seen = window.read(looks, &[button.into()]).await;
        (seen[0] == "true", seen[1].to_string())
    };
    let (is_disabled, why) = look("set-inspected").await;
    assert!(is_disabled && why.contains("a housekeeper"), "{why}");
    let (is_disabled, why) = look("set-clean").await;
    assert!(!is_disabled && !why.contains("housekeeper"), "{why}");

    // Whoever presses it all the same is told the same, and the room stays as it is.
    let refused = maria.try_cleanliness(room, "inspected").await;
    let reason = refused.expect_err("she inspects nothing");
    assert!(reason.contains("a housekeeper"), "{reason}");
    assert_eq!(maria.tile(room).await.as_ref(), board.get(room));
    assert_eq!(maria.waiting().await, 0);
}
