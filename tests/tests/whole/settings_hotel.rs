//! The hotel itself at the window of whoever runs it: what it is called, everywhere.

use keyrack_tests::{
    desk::{Desk, settings::says},
    hotel::{self, ANA, INES},
    wait,
    window::Window,
    world::World,
};
use serde_json::json;

const CALLED: &str = "Hotel do Mar";

/// Whether the button that keeps the name may be pressed.
async fn may_save(window: &Window) -> bool {
    let script = "return document.querySelector('[data-testid=\"hotel-save\"]').ariaDisabled";
    window.read(script, &[]).await != json!("true")
}

#[tokio::test]
async fn a_manager_says_what_the_hotel_is_called_and_every_window_and_the_server_follow() {
    let world = World::new();
    let server = world.demo_server().await;
    let office = world.workplace("office", &server.url()).open().await;
    let ana = Desk::sign_in(office, &ANA).await;
    let cart = world.workplace("cart", &server.url()).open().await;
    let ines = Desk::sign_in(cart, &INES).await;
    says(ines.window(), "hotel-name", &[&[hotel::NAME]]).await;

    let office = ana.into_settings("gh").await;
    says(&office, "hotel-code", &[&[hotel::CODE]]).await;
    says(&office, "hotel-date", &[&["2017"]]).await;
    assert_eq!(office.value("hotel-called").await, hotel::NAME);
    assert!(!may_save(&office).await, "it is called that already");
    office.fill("hotel-called", CALLED).await;
    office.click("hotel-save").await;
    says(&office, "hotel-name", &[&[CALLED]]).await;
    says(ines.window(), "hotel-name", &[&[CALLED]]).await;

    // Whoever comes without the hotel's document is told the same.
    let told = async || {
        let mut rows = server.database().inspect().await;
        let name = sqlx::query_scalar("select name from hotel").fetch_one(&mut rows);
        name.await.expect("a superuser may")
    };
    let told_otherwise = |name: String| if name == CALLED { Ok(()) } else { Err(name) };
    wait::until("the name beside the accounts", wait::SOON, async || {
        told_otherwise(told().await)
    })
    .await;

    // A supervisor reads it, and why it is not theirs to say.
    let cart = ines.into_settings("gh").await;
    says(&cart, "why", &[&["Naming the hotel"]]).await;
    assert_eq!(cart.value("hotel-called").await, CALLED);
    assert!(!may_save(&cart).await);

    says(
        &office,
        "hotel-named",
        &[&[CALLED, "Ana Costa"], &[hotel::NAME]],
    )
    .await;

    office.click("hotel-take-back").await;
    for window in [&office, &cart] {
        says(window, "hotel-name", &[&[hotel::NAME]]).await;
    }
    assert_eq!(office.value("hotel-called").await, hotel::NAME);
    wait::until_seen("the name beside the accounts", hotel::NAME.to_owned(), told).await;
}
