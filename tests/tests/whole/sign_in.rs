//! Signing in and out at a real window, and what a person's computer keeps meanwhile.

use keyrack_tests::{
    bin_dir,
    desk::{Desk, Screen},
    display::Display,
    enrolment,
    hotel::{MARIA, RUI},
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

#[tokio::test]
async fn what_is_wrong_with_a_sign_in_is_said_and_what_was_typed_stays() {
    let world = World::new();
    let mut server = world.demo_server().await;
    let window = world.workplace("desk", &server.url()).open().await;

    Desk::try_password(&window, "maria", "not-her-password").await;
    window.wait_for("problem").await;
    reads(&window, "password").await;
    assert_eq!(window.value("name").await, "maria");
    assert_eq!(window.value("server").await, server.url());

    window.fill("hotel", "grand").await;
    Desk::try_password(&window, "maria", &MARIA.password()).await;
    reads(&window, "hotel").await;
    assert_eq!(window.value("hotel").await, "grand");

    server.stop().await;
    Desk::try_password(&window, "maria", &MARIA.password()).await;
    reads(&window, &server.url()).await;

    window.fill("server", "not an address").await;
    window.click("sign-in").await;
    reads(&window, "not an address").await;

    // All of it put right, the same form signs in.
    server.start_again().await;
    window.fill("server", &server.url()).await;
    window.fill("hotel", "resort").await;
    let maria = Desk::sign_in(window, &MARIA).await;
    assert!(!maria.board().await.is_empty());
}

#[tokio::test]
async fn a_password_is_hidden_while_it_is_typed_and_may_be_pasted() {
    let world = World::new();
    let nobody = "http://127.0.0.1:1";
    let window = world.workplace("desk", nobody).open().await;
    window.wait_for("password").await;
    // A page that wants to keep somebody from pasting says so to this event.
    let kind_and_paste = "const field = document.querySelector('[data-testid=\"password\"]');
        const paste = new Event('paste', {bubbles: true, cancelable: true});
        return [field.type, field.dispatchEvent(paste)]";
    let seen = window.read(kind_and_paste, &[]).await;
    assert_eq!(seen, json!(["password", true]));
}

#[tokio::test]
async fn a_computer_that_the_hotel_does_not_know_stays_out_without_a_code() {
    let world = World::new();
    let server = world.demo_server().await;
    let unknown = world.workplace("desk", &server.url()).without_code();
    let window = unknown.open().await;
    Desk::try_password(&window, "maria", "not-her-password").await;
    reads(&window, "password").await;
    Desk::try_password(&window, "maria", &MARIA.password()).await;
    reads(&window, "does not know this computer").await;

    // With one that the server's operator has made, it comes in: the whole line will do.
    let code = enrolment::code(server.address()).await;
    let line = format!("  keyrack: {code} @ {} ", server.url());
    window.fill("server", "http://127.0.0.1:1").await;
    window.fill("code", &line).await;
    window.fill("name", "maria").await;
    assert_eq!(window.value("code").await, code);
    assert_eq!(window.value("server").await, server.url());
    Desk::try_password(&window, "maria", &MARIA.password()).await;
    let maria = Desk::signed_in(window).await;
    assert!(!maria.board().await.is_empty());
}

#[tokio::test]
async fn a_display_that_is_not_there_is_said_and_nothing_is_touched() {
    let world = World::new();
    let data = world.folder().join("data");
    let app = std::process::Command::new(bin_dir::program("keyrack"))
        .arg("--data")
        .arg(&data)
        .env("DISPLAY", ":7777")
        .env_remove("WAYLAND_DISPLAY")
        .output()
        .expect("the app starts");
    assert_eq!(app.status.code(), Some(1));
    let said = String::from_utf8_lossy(&app.stderr);
    assert!(
        said.contains("There is no display to open a window on"),
        "{said}"
    );
    assert!(!said.contains("panicked"), "{said}");
    assert!(!data.exists());
}

#[tokio::test]
async fn a_computer_without_a_keyring_says_so_before_anybody_has_signed_in() {
    let world = World::new();
    let server = world.demo_server().await;
    let workplace = world.workplace("desk", &server.url()).without_keyring();
    let window = workplace.open().await;

    window.wait_for("sign-in").await;
    window.wait_for("key-in-file").await;
    reads(&window, "This computer has no keyring.").await;

    // Who does not read it is told again once signed in; who reads it is not.
    let rui = Desk::sign_in(window, &RUI).await;
    rui.window().wait_for("key-in-file").await;
    let window = rui.sign_out().await;
    window.click("key-in-file-read").await;
    window.wait_until_gone("key-in-file").await;
    let rui = Desk::sign_in(window, &RUI).await;
    assert!(!rui.window().has("key-in-file").await);

    // Nor is anybody at this computer from then on, whoever comes and however often it starts.
    rui.into_window().close().await;
    let rui = Desk::signed_in(workplace.open().await).await;
    assert!(!rui.window().has("key-in-file").await);
    let window = rui.sign_out().await;
    window.wait_for("sign-in").await;
    assert!(!window.has("key-in-file").await);
    window.close().await;
    let window = workplace.open().await;
    window.wait_for("sign-in").await;
    assert!(!window.has("key-in-file").await);
}

#[tokio::test]
async fn a_computer_with_a_keyring_has_nothing_to_say_about_it() {
    let world = World::new();
    let server = world.demo_server().await;
    let window = world.workplace("desk", &server.url()).open().await;
    window.wait_for("sign-in").await;
    assert!(!window.has("key-in-file").await);
    let rui = Desk::sign_in(window, &RUI).await;
    assert!(!rui.window().has("key-in-file").await);
}

#[tokio::test]
async fn a_restart_without_the_network_stays_signed_in_and_works() {
    let world = World::new();
    let mut server = world.demo_server().await;
    let workplace = world.workplace("desk", &server.url());
    let maria = Desk::sign_in(workplace.open().await, &MARIA).await;
    let board = maria.board().await;
    server.stop().await;
    maria.into_window().close().await;

    let maria = Desk::signed_in(workplace.open().await).await;

    assert_eq!(maria.board().await, board);
    let task = maria.tasks().await.remove(0);
    maria.finish_task(&task).await;
    maria.wait_until_waiting(1).await;
    server.start_again().await;
    maria.wait_until_synced().await;
}

#[tokio::test]
async fn signing_out_says_what_waits_and_keeps_it_for_the_next_sign_in() {
    let world = World::new();
    let mut server = world.demo_server().await;
    let workplace = world.workplace("desk", &server.url());
    let rui = Desk::sign_in(workplace.open().await, &RUI).await;
    let room = rui.board().await.into_keys().next().unwrap();
    server.stop().await;
    rui.wait_until_offline().await;
    rui.set_cleanliness(&room, "pickup").await;

    let said = rui.ask_to_sign_out().await;
    assert!(said.contains("1 action waits to be sent"), "{said}");
    assert!(said.contains("stays on this device"), "{said}");
    rui.window().click("sign-out-stay").await;
    rui.window().wait_until_gone("sign-out-waiting").await;
    assert_eq!(rui.waiting().await, 1, "staying changes nothing");

    let window = rui.sign_out().await;

    window.wait_for("still-waiting").await;
    let kept = window.text_of_css("[data-testid=\"still-waiting\"]").await;
    let kept = kept.unwrap_or_default();
    assert!(kept.contains(RUI.display), "{kept}");
    assert!(kept.contains("1 action waits to be sent"), "{kept}");
    assert!(!window.has("sync-state").await);
    server.start_again().await;
    let rui = Desk::sign_in(window, &RUI).await;
    rui.wait_until_waiting(0).await;
    rui.wait_for_tile(&room, |tile| tile.cleanliness == "pickup")
        .await;

    // And it has reached the hotel: another computer shows it.
    let other = world.workplace("other", &server.url());
    let maria = Desk::sign_in(other.open().await, &MARIA).await;
    maria
        .wait_for_tile(&room, |tile| tile.cleanliness == "pickup")
        .await;
}

#[tokio::test]
async fn starting_the_app_twice_shows_the_first_window() {
    let world = World::new();
    let server = world.demo_server().await;
    let workplace = world.workplace("desk", &server.url());
    let maria = Desk::sign_in(workplace.open().await, &MARIA).await;
    let display = Display::of_the_test_run();
    let app = workplace.app_processes();
    let [process] = app[..] else {
        panic!("{app:?} instead of one process");
    };
    let windows = display.in_sight(process);
    let [window] = windows[..] else {
        panic!("{windows:?} instead of one window");
    };

    // Somebody works in it, and then elsewhere.
    display.press_a_key(window);

    // Minimised: it comes back, with the keyboard.
    display.minimise(window);
    assert!(display.in_sight(process).is_empty());
    display.watch(window);
    assert_eq!(workplace.start_once_more().await, Some(0));
    display.wait_for_the_keyboard().await;
    assert_eq!(display.in_sight(process), [window]);

    // Under a window of another program: it comes over it, with the keyboard.
    let other = display.work_elsewhere();
    assert!(display.is_above(other, window));
    display.watch(window);
    assert_eq!(workplace.start_once_more().await, Some(0));
    display.wait_for_the_keyboard().await;
    assert!(display.is_above(window, other));

    // Both times it was the same window of the same process, and it works on.
    assert_eq!(display.in_sight(process), [window]);
    assert_eq!(workplace.app_processes(), app);
    maria.go_to(Screen::Board).await;
    maria.wait_until_waiting(0).await;
}
