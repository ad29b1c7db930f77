//! The hotel's rules at the window of whoever makes them, and of whoever only reads them.

use keyrack_tests::{
    desk::{Desk, Screen},
    hotel::{ANA, INES},
    wait,
    window::{Key, Window},
    world::World,
};
use serde_json::json;

/// The hotel's own cell of a rule.
fn cell(rule: &str) -> String {
    format!("[data-testid=\"rule-{rule}\"] td:nth-of-type(1)")
}

/// What the hotel says of a rule itself, and whose word holds.
async fn said(window: &Window, rule: &str) -> (String, String) {
    let script = "const cell = document.querySelector(arguments[0]);
        return [cell?.querySelector('[data-testid=\"rule-cell\"]')?.value ?? 'none',
            cell?.dataset.origin ?? 'none']";
    let said = window.read(script, &[json!(cell(rule))]).await;
    serde_json::from_value(said).expect("two words")
}

async fn until_said(window: &Window, rule: &str, wanted: (&str, &str)) {
    let wanted = (wanted.0.to_owned(), wanted.1.to_owned());
    wait::until_seen(format!("what is said of {rule}"), wanted, async || {
        said(window, rule).await
    })
    .await;
}

#[tokio::test]
async fn a_manager_says_how_often_rooms_are_cleaned_and_it_holds_for_everybody_and_is_taken_back() {
    let world = World::new();
    let server = world.demo_server().await;
    let office = world.workplace("office", &server.url()).open().await;
    let ana = Desk::sign_in(office, &ANA).await;
    let cart = world.workplace("cart", &server.url()).open().await;
    let ines = Desk::sign_in(cart, &INES).await;
    ana.go_to(Screen::Rules).await;
    // They are not a supervisor's to make: nothing leads there, and what does all the same is read only.
    assert!(!ines.window().has("nav-rules").await);
    let there = "location.hash = '#/rules'";
    ines.window().read(there, &[]).await;
    for desk in [&ana, &ines] {
        until_said(desk.window(), "stayover-every", ("", "standard")).await;
    }
    let office = ana.window();
    let input = format!("{} [data-testid=\"rule-cell\"]", cell("stayover-every"));

    office.click_css(&input).await;
    office.type_keys("3").await;
    office.press(Key::Enter).await;
    until_said(office, "stayover-every", ("3", "own")).await;
    until_said(ines.window(), "stayover-every", ("3", "own")).await;

    let why = "const cell = document.querySelector(arguments[0]);
        return [cell.disabled, cell.title.length > 0]";
    let cart = ines.window();
    assert_eq!(cart.read(why, &[json!(input)]).await, json!([true, true]));

    // What cannot be meant gives way to what is.
    office.click_css(&input).await;
    office.press(Key::Backspace).await;
    office.type_keys("9999").await;
    office.press(Key::Enter).await;
    until_said(office, "stayover-every", ("3", "own")).await;
    until_said(ines.window(), "stayover-every", ("3", "own")).await;

    // Undone, the standard holds again, everywhere.
    ana.undo().await;
    until_said(ines.window(), "stayover-every", ("", "standard")).await;
}
