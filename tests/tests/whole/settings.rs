//! The page of people, devices and access at real windows: what a manager does there reaches the
//! window of whom it is about.

use keyrack_tests::{
    desk::Desk,
    hotel::{ANA, INES, MARIA, RUI},
    wait,
    window::{Key, Window},
    world::World,
};
use serde_json::json;

/// Goes to the settings as a person does who types.
async fn settings_of(desk: Desk) -> Window {
    desk.window().type_keys("gs").await;
    let window = desk.into_window();
    window.wait_for("back").await;
    window.wait_for("section-access").await;
    window
}

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

async fn shown(window: &Window, id: &str) -> String {
    window.wait_for(id).await;
    let css = format!("[data-testid=\"{id}\"]");
    window.text_of_css(&css).await.unwrap_or_default()
}

#[tokio::test]
async fn whom_a_manager_takes_on_signs_in_at_another_window_with_the_password_that_was_shown() {
    let world = World::new();
    let server = world.demo_server().await;
    let office = world.workplace("office", &server.url()).open().await;
    let office = settings_of(Desk::sign_in(office, &ANA).await).await;

    office.click("section-people").await;
    office.wait_for("person-maria").await;
    office.click("take-on").await;
    office.fill("take-on-display", "Lena Faro").await;
    office.fill("take-on-name", "lena").await;
    office.choose("take-on-role", "housekeeper").await;
    office.click("take-on-save").await;
    let password = shown(&office, "one-time-password").await;
    assert!(!password.trim().is_empty());
    reads(&office, "It is not shown again").await;
    office.click("handed-over").await;
    office.wait_until_gone("one-time-password").await;
    office.wait_for("person-lena").await;
    assert!(
        !office.text().await.contains(&password),
        "nobody can look it up"
    );

    let cart = world.workplace("cart", &server.url()).open().await;
    Desk::try_password(&cart, "lena", password.trim()).await;
    let lena = Desk::signed_in(cart).await;

    // Until she has a password of her own she is asked for one, and it is seen.
    office.wait_for("password-given").await;
    lena.window().wait_for("password-given").await;
    lena.window().click("choose-password").await;
    lena.window().wait_for("change-password").await;
    lena.window().wait_for("password-given").await;
    lena.window()
        .fill("present-password", password.trim())
        .await;
    for field in ["new-password", "new-password-again"] {
        lena.window().fill(field, "a lantern of her own").await;
    }
    lena.window().click("change-password").await;
    lena.window().wait_until_gone("password-given").await;

    // Who leaves is signed out wherever they are.
    office.click("person-lena").await;
    office.click("dismiss").await;
    reads(&office, "stays, under their name").await;
    office.click("confirm-yes").await;
    lena.window().wait_for("sign-in").await;
    office.wait_for("people-gone").await;
}

#[tokio::test]
async fn a_manager_who_showed_their_password_a_while_ago_is_asked_for_it_before_they_let_somebody_go()
 {
    let world = World::new();
    let server = world.demo_server().await;
    let office = world.workplace("office", &server.url()).open().await;
    let office = settings_of(Desk::sign_in(office, &ANA).await).await;
    sqlx::query("update session set confirmed_at = 0")
        .execute(&mut server.database().inspect().await)
        .await
        .expect("a superuser may");

    office.click("section-people").await;
    office.click("person-rui").await;
    office.click("dismiss").await;
    reads(&office, "stays, under their name").await;
    office.click("confirm-yes").await;
    // Whoever does not know it goes no further, and nothing was changed.
    office.fill("confirm-password", "a guess").await;
    office.click("confirm-password-yes").await;
    office.wait_for("problem").await;
    office.press(Key::Escape).await;
    office.wait_until_gone("confirm-password").await;
    reads(&office, "takes your password once more").await;
    assert!(!office.has("people-gone").await);

    office.click("confirm-yes").await;
    office.fill("confirm-password", &ANA.password()).await;
    office.click("confirm-password-yes").await;
    office.wait_for("people-gone").await;
    office.wait_until_gone("confirm-password").await;

    // It holds for a while.
    office.click("person-maria").await;
    office.click("dismiss").await;
    reads(&office, "stays, under their name").await;
    office.click("confirm-yes").await;
    reads(&office, "Maria Silva does not work here any more").await;
    assert!(!office.has("confirm-password").await);
}

#[tokio::test]
async fn a_form_stays_as_it_was_filled_in_while_the_password_is_asked_for_above_it() {
    let world = World::new();
    let server = world.demo_server().await;
    let office = world.workplace("office", &server.url()).open().await;
    let office = settings_of(Desk::sign_in(office, &ANA).await).await;
    sqlx::query("update session set confirmed_at = 0")
        .execute(&mut server.database().inspect().await)
        .await
        .expect("a superuser may");

    let typed = async || {
        let mut typed = Vec::new();
        for field in ["take-on-display", "take-on-name", "take-on-role"] {
            typed.push(office.value(field).await);
        }
        typed
    };
    let is_in_form = async || {
        let focused = "return document.activeElement.closest('form')
            ?.querySelector('[data-testid=\"take-on-save\"]') != null";
        office.read(focused, &[]).await
    };
    office.click("section-people").await;
    office.click("take-on").await;
    office.fill("take-on-display", "Lena Faro").await;
    office.fill("take-on-name", "lena").await;
    office.choose("take-on-role", "manager").await;
    office.click("take-on-save").await;
    office.wait_for("confirm-password").await;
    let lena = ["Lena Faro", "lena", "manager"];
    assert_eq!(typed().await, lena);

    // Whoever leaves it is back in the form, which says that nothing came of it.
    office.press(Key::Escape).await;
    office.wait_until_gone("confirm-password").await;
    reads(&office, "takes your password once more").await;
    assert_eq!(typed().await, lena);
    wait::until_seen("the focus back in the form", json!(true), is_in_form).await;
    assert!(!office.has("person-lena").await);

    office.fill("take-on-display", "Lena Maria Faro").await;
    office.click("take-on-save").await;
    office.fill("confirm-password", &ANA.password()).await;
    office.click("confirm-password-yes").await;
    office.wait_for("one-time-password").await;
    reads(&office, "Lena Maria Faro").await;
    assert!(!office.has("confirm-password").await);
    office.click("handed-over").await;
    office.wait_for("person-lena").await;
}

#[tokio::test]
async fn a_housekeeper_finds_only_her_own_access_and_comes_back_to_where_she_was() {
    let world = World::new();
    let server = world.demo_server().await;
    let workplace = world.workplace("cart", &server.url()).with_size(400, 800);
    let maria = Desk::sign_in(workplace.open().await, &MARIA).await;
    let room = maria.board().await.into_keys().next().expect("a room");
    maria.open_room(&room).await;
    let there = "return location.hash";
    let before = maria.window().read(there, &[]).await;

    let window = settings_of(maria).await;
    window.wait_for("change-password").await;
    window.wait_for("session").await;
    for other in ["section-people", "section-devices", "section-audit"] {
        assert!(!window.has(other).await, "{other}");
    }

    // What is wrong is said before the server is asked; her new password works afterwards.
    window.fill("present-password", &MARIA.password()).await;
    window.fill("new-password", "a lantern at noon").await;
    window.fill("new-password-again", "a lantern at nine").await;
    window.click("change-password").await;
    reads(&window, "not the same").await;
    window.fill("new-password-again", "a lantern at noon").await;
    window.click("change-password").await;
    reads(&window, "Your password is changed").await;

    window.press(Key::Escape).await;
    window.wait_until_left("settings.html").await;
    window.wait_for("room-drawer").await;
    assert_eq!(window.read(there, &[]).await, before);
    window.resize((1280, 800)).await;
    let window = Desk::signed_in(window).await.sign_out().await;
    Desk::try_password(&window, MARIA.name, "a lantern at noon").await;
    Desk::signed_in(window).await;
}

#[tokio::test]
async fn a_device_that_is_lost_is_signed_out_and_its_window_says_so() {
    let world = World::new();
    let server = world.demo_server().await;
    let office = world.workplace("office", &server.url()).open().await;
    let office = settings_of(Desk::sign_in(office, &ANA).await).await;
    let lost = world.workplace("lost", &server.url()).open().await;
    let ines = Desk::sign_in(lost, &INES).await;

    office.click("section-devices").await;
    office.wait_for("add-device").await;
    // The one that is not before her.
    let others = "[...document.querySelectorAll('[data-testid^=\"device-\"]')]
        .filter(line => !line.textContent.includes('this one'))";
    wait::until_seen("the other device", json!(1), async || {
        office.read(&format!("return {others}.length"), &[]).await
    })
    .await;
    office.read(&format!("{others}[0].click()"), &[]).await;
    office.click("lost").await;
    reads(&office, "comes late is set aside").await;
    office.click("confirm-yes").await;
    office.wait_for("revoked").await;

    ines.window().wait_for("ended").await;
    let said = shown(ines.window(), "ended").await;
    assert!(said.contains("device"), "{said}");
}

#[tokio::test]
async fn without_the_server_the_page_says_who_works_here_and_what_still_works() {
    let world = World::new();
    let mut server = world.demo_server().await;
    let office = world.workplace("office", &server.url()).open().await;
    let ana = Desk::sign_in(office, &ANA).await;
    server.stop().await;
    ana.wait_until_offline().await;

    let office = settings_of(ana).await;
    office.wait_for("unreachable").await;
    reads(&office, "Rooms, tasks and work orders go on").await;
    reads(&office, RUI.display).await;
    let disabled = "return document.querySelector('[data-testid=\"take-on\"]').ariaDisabled";
    wait::until_seen("no way to take on", json!("true"), async || {
        office.read(disabled, &[]).await
    })
    .await;

    // It is looked again by itself, or at once by a press.
    server.start_again().await;
    office.wait_until_gone("unreachable").await;
    wait::until_seen("a way to take on", json!(null), async || {
        office.read(disabled, &[]).await
    })
    .await;
}

#[tokio::test]
async fn what_is_typed_and_not_saved_is_not_left_behind_without_a_word() {
    let world = World::new();
    let server = world.demo_server().await;
    let desk = world.workplace("desk", &server.url()).open().await;
    let rui = Desk::sign_in(desk, &RUI).await;
    rui.window().type_keys("n").await;
    rui.window().fill("wo-title", "Tap drips").await;
    rui.window().press(Key::Escape).await;
    rui.window().wait_until_gone("wo-title").await;

    rui.window().type_keys("gs").await;
    rui.window().wait_for("leave-unsaved").await;
    rui.window().click("sign-out-stay").await;
    rui.window().wait_until_gone("leave-unsaved").await;
    rui.window().type_keys("n").await;
    assert_eq!(rui.window().value("wo-title").await, "Tap drips");
    rui.window().click("wo-discard").await;
    rui.window().wait_until_gone("wo-title").await;
    settings_of(rui).await;
}

#[tokio::test]
async fn guests_names_stay_off_a_device_once_a_manager_says_so_and_come_back_when_they_may() {
    let world = World::new();
    let server = world.demo_server().await;
    let office = world.workplace("office", &server.url()).open().await;
    let office = settings_of(Desk::sign_in(office, &ANA).await).await;
    let lobby = world.workplace("lobby", &server.url()).open().await;
    let rui = Desk::sign_in(lobby, &RUI).await;
    let board = rui.board().await;
    let taken = board.iter().find(|(_, tile)| tile.code.starts_with('O'));
    let (room, _) = taken.expect("somebody is in house");
    rui.open_room(room).await;
    let lobby = rui.window();
    lobby.fill("guest-name", "Ana Reis").await;
    lobby.click("guest-save").await;
    lobby.wait_until_gone("guest-save").await;
    rui.wait_until_waiting(0).await;

    office.click("section-devices").await;
    office.wait_for("add-device").await;
    let others = "[...document.querySelectorAll('[data-testid^=\"device-\"]')]
        .filter(line => !line.textContent.includes('this one'))";
    wait::until_seen("the other device", json!(1), async || {
        office.read(&format!("return {others}.length"), &[]).await
    })
    .await;
    office.read(&format!("{others}[0].click()"), &[]).await;
    office.click("guest-names").await;
    reads(&office, "whatever their role").await;
    office.click("confirm-yes").await;
    office.wait_for("kept-off").await;
    // In the drawer that is open there.
    lobby.wait_for("guests-kept-off").await;
    lobby.wait_until_gone("guest-name").await;

    office.click("guest-names").await;
    reads(&office, "reads it there too").await;
    office.click("confirm-yes").await;
    office.wait_until_gone("kept-off").await;
    lobby.wait_for("guest-name").await;
    let name = async || lobby.value("guest-name").await;
    wait::until_seen("the guest's name", "Ana Reis".to_owned(), name).await;
}

#[tokio::test]
async fn a_device_is_renamed_a_session_ended_from_another_and_the_log_of_both_is_whole() {
    let world = World::new();
    let mut server = world.demo_server().await;
    let tablet = world.workplace("tablet", &server.url()).open().await;
    let tablet = Desk::sign_in(tablet, &ANA).await;
    let office = world.workplace("office", &server.url()).open().await;
    let office = settings_of(Desk::sign_in(office, &ANA).await).await;

    office.click("section-devices").await;
    office.wait_for("add-device").await;
    let own = "[...document.querySelectorAll('[data-testid^=\"device-\"]')]
        .filter(line => line.textContent.includes('this one'))";
    wait::until_seen("her own device", json!(1), async || {
        office.read(&format!("return {own}.length"), &[]).await
    })
    .await;
    office.read(&format!("{own}[0].click()"), &[]).await;
    office.click("rename").await;
    office.fill("device-name", "Quendel desk").await;
    office.click("rename-save").await;
    let is_called = format!("return {own}[0]?.textContent.includes('Quendel desk') ?? null");
    wait::until_seen("its other name", json!(true), async || {
        office.read(&is_called, &[]).await
    })
    .await;

    // Of her two sessions the other one can be ended from here.
    office.click("section-access").await;
    office.click("end-session").await;
    office.wait_until_gone("end-session").await;
    office.wait_for("session").await;

    office.click("section-audit").await;
    for told in ["Device renamed", "Session ended"] {
        reads(&office, told).await;
    }
    office.click("check-log").await;
    let said = shown(&office, "log-checked").await;
    assert!(said.contains("The log is whole"), "{said}");
    let focus = "return document.activeElement.dataset.testid";
    assert_eq!(office.read(focus, &[]).await, json!("check-log"));

    // A device learns of it within a minute, and at once when it comes back.
    server.stop().await;
    server.start_again().await;
    tablet.window().wait_for("ended").await;
    let said = shown(tablet.window(), "ended").await;
    assert!(!said.trim().is_empty());
    assert!(!tablet.window().has("sync-state").await);
}

#[tokio::test]
async fn the_page_is_gone_about_by_keys_that_its_sheet_and_its_palette_name() {
    let world = World::new();
    let server = world.demo_server().await;
    let office = world.workplace("office", &server.url()).open().await;
    let office = settings_of(Desk::sign_in(office, &ANA).await).await;
    office.wait_for("person-maria").await;

    office.type_keys("?").await;
    reads(&office, "Log of access").await;
    reads(&office, "g l").await;
    office.press(Key::Escape).await;
    office.type_keys("gl").await;
    office.wait_for("check-log").await;

    // A person is found by a few letters, and all there is to her is shown.
    office.click("finder").await;
    office.wait_for("palette-query").await;
    office.type_keys("maria s").await;
    office.press(Key::Enter).await;
    office.wait_until_gone("palette-query").await;
    office.wait_for("new-password").await;
    let unfolded = "return document.activeElement.dataset.testid";
    wait::until_seen("her line", json!("person-maria"), async || {
        office.read(unfolded, &[]).await
    })
    .await;

    // What is asked about stays until the server has answered, and gives way to what came of it.
    office.click("new-password").await;
    office.click("confirm-yes").await;
    let password = shown(&office, "one-time-password").await;
    assert!(!password.trim().is_empty());
    reads(&office, "has to choose a password").await;
    assert!(!office.has("confirm-yes").await);
}
