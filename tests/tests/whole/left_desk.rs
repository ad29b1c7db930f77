//! A desk that somebody finds as another person left it, at real windows.

use keyrack_model::limits::IDLE_LOCK_MILLIS;
use keyrack_tests::{
    desk::Desk,
    hotel::{MARIA, RUI},
    wait,
    window::Window,
    world::World,
};
use serde_json::json;

const PIN: &str = "274950";

/// Lets nobody touch a window until it shows something: its page believes at each look that as much
/// time went by as makes a desk a left one.
async fn leave_alone_until(window: &Window, id: &str) {
    let script = "const real = window.realNow ??= Date.now.bind(Date);
        window.gone = (window.gone ?? 0) + arguments[0];
        Date.now = () => real() + window.gone;";
    wait::until(format!("“{id}” by itself"), wait::SOON, async || {
        if window.has(id).await {
            return Ok(());
        }
        window.read(script, &[json!(IDLE_LOCK_MILLIS)]).await;
        Err(window.text().await)
    })
    .await;
}

#[tokio::test]
async fn a_first_pin_takes_the_password_of_whoever_was_left_signed_in() {
    let world = World::new();
    let server = world.demo_server().await;
    let workplace = world.workplace("office", &server.url());
    let maria = Desk::sign_in(workplace.open().await, &MARIA).await;
    maria.into_window().close().await;

    // Who is there after a start has shown nothing.
    let maria = Desk::signed_in(workplace.open().await).await;
    let window = maria.window();
    window.click("me").await;
    window.click("menu-pin").await;
    for field in ["pin-new", "pin-again"] {
        window.fill(field, PIN).await;
    }
    window.click("pin-save").await;
    window.wait_for("pin-password").await;
    window.fill("pin-password", "a guess").await;
    window.click("pin-save").await;
    window.wait_for("problem").await;
    window.fill("pin-password", &MARIA.password()).await;
    window.click("pin-save").await;
    window.wait_until_gone("pin-save").await;
    Desk::go_on(maria.leave().await, &MARIA, PIN).await;
}

#[tokio::test]
async fn a_desk_that_nobody_touches_is_left_to_the_pin_or_where_there_is_none_to_a_sign_in() {
    let world = World::new();
    let server = world.demo_server().await;
    let workplace = world.workplace("office", &server.url());
    let rui = Desk::sign_in(workplace.open().await, &RUI).await;
    let window = rui.into_window();
    leave_alone_until(&window, "sign-in").await;
    assert_eq!(Desk::faces(&window).await, Vec::<String>::new());

    let rui = Desk::sign_in(window, &RUI).await;
    rui.choose_pin(PIN).await;
    let window = rui.into_window();
    leave_alone_until(&window, "face").await;
    Desk::go_on(window, &RUI, PIN).await;
}
