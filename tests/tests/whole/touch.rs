//! Fingers: at the narrowest width that Keyrack is made for, nothing to press is too small for one.

use keyrack_tests::{
    desk::{Desk, Screen},
    hotel::INES,
    window::Window,
    world::World,
};
use serde_json::{Value, json};

/// Pixels across and down that a finger hits without looking twice.
const FINGER: u32 = 44;

/// What can be pressed and is smaller than that, with its size. A field is pressed by its label.
async fn too_small(window: &Window) -> Value {
    let script = "return [...document.querySelectorAll('button, a[href], select, summary, input, textarea')]
        .filter(it => !it.closest('.unseen') && !it.matches('.curtain'))
        .map(it => [it, (it.closest('label') ?? it).getBoundingClientRect()])
        .filter(([, at]) => at.width > 0 && at.height > 0)
        .filter(([, at]) => Math.ceil(at.width) < arguments[0] || Math.ceil(at.height) < arguments[0])
        .map(([it, at]) => [it.dataset.testid ?? it.className, at.width, at.height])";
    window.read(script, &[json!(FINGER)]).await
}

#[tokio::test]
async fn nothing_to_press_is_too_small_for_a_finger_on_a_narrow_screen() {
    let world = World::new();
    let server = world.demo_server().await;
    let workplace = world.workplace("cart", &server.url()).with_size(360, 800);
    let window = workplace.open().await;
    window.wait_for("sign-in").await;
    assert_eq!(too_small(&window).await, json!([]), "signing in");

    let ines = Desk::sign_in(window, &INES).await;
    for screen in [Screen::MyList, Screen::WorkOrders, Screen::Board] {
        ines.go_to(screen).await;
        ines.wait_for_screen(screen).await;
        assert_eq!(too_small(ines.window()).await, json!([]), "{screen:?}");
    }
    let room = ines.board().await.into_keys().next().expect("a room");
    ines.open_room(&room).await;
    ines.window().wait_for("room-drawer").await;
    assert_eq!(too_small(ines.window()).await, json!([]), "a room");
}
