//! One computer of the housekeeping office, shared for a shift without a network.

use keyrack_model::{action::LogEntry, cleanliness::Cleanliness, command::Command, ids::UserId};
use keyrack_tests::{
    desk::Desk,
    hotel::{ANA, CODE, INES, JOAO, MARIA, NAME, Somebody},
    peer::Peer,
    server::Cli,
    wait,
    window::Window,
    world::World,
};
use serde_json::json;

const PINS: [(Somebody, &str); 3] = [(MARIA, "274950"), (JOAO, "830162"), (INES, "591738")];

fn pin_of(who: &Somebody) -> &'static str {
    let (_, pin) = PINS
        .iter()
        .find(|(person, _)| person == who)
        .expect("a PIN");
    pin
}

/// What a face says that waits of its person's, if anything does.
async fn waits(window: &Window, who: &Somebody) -> Option<String> {
    let waits = format!(
        "[data-testid=\"face\"][data-person=\"{}\"] .waits",
        who.display
    );
    let said = window.text_of_css(&waits).await;
    said.map(|said| said.trim().to_owned())
}

/// Whose actions wait, as whoever signs out is told.
async fn whose_waits(window: &Window) -> Vec<String> {
    let lines = "return [...document.querySelectorAll('[data-testid=\"waits-of\"]')]
        .map(it => it.textContent.trim())";
    let said = window.read(lines, &[]).await;
    serde_json::from_value(said).expect("lines")
}

fn one_waits(who: &Somebody) -> String {
    format!("{} 1 action waits to be sent", who.display)
}

/// Who set which cleanliness, as the log has it.
fn set_by(log: &[LogEntry]) -> Vec<(UserId, Cleanliness)> {
    let actions = log.iter().filter_map(LogEntry::action);
    let set = actions.filter_map(|action| match &action.command {
        Command::SetCleanliness { value, .. } => Some((action.author, *value)),
        _ => None,
    });
    set.collect()
}

#[tokio::test]
async fn three_people_share_a_desktop_offline_and_what_each_did_is_under_their_own_name() {
    let world = World::new();
    let mut server = world.demo_server().await;
    let workplace = world.workplace("office", &server.url());
    let maria = Desk::sign_in(workplace.open().await, &MARIA).await;
    maria.choose_pin(pin_of(&MARIA)).await;
    let joao = Desk::sign_in_beside(maria.leave().await, &JOAO).await;
    joao.choose_pin(pin_of(&JOAO)).await;
    let ines = Desk::sign_in_beside(joao.leave().await, &INES).await;
    ines.choose_pin(pin_of(&INES)).await;
    let dirty = ines.board().await;
    let mut dirty = dirty
        .iter()
        .filter(|(_, tile)| tile.cleanliness == "dirty")
        .map(|(room, _)| room.clone());
    let mut room = || dirty.next().expect("a dirty room");
    let (of_maria, of_joao, of_ines) = (room(), room(), room());
    let window = ines.leave().await;
    let faces = Desk::faces(&window).await;
    assert_eq!(faces, [INES.display, JOAO.display, MARIA.display]);

    // The shift, without a network and over a restart.
    server.stop().await;
    Desk::try_pin(&window, &MARIA, pin_of(&JOAO)).await;
    window.wait_for("problem").await;
    let said = window.text_of_css("[data-testid=\"problem\"]").await;
    assert!(said.unwrap_or_default().contains("9 tries are left"));
    window.click("everybody").await;
    let maria = Desk::go_on(window, &MARIA, pin_of(&MARIA)).await;
    maria.set_cleanliness(&of_maria, "clean").await;
    maria.wait_until_waiting(1).await;
    maria.into_window().close().await;
    let window = workplace.open().await;
    window.wait_for("face").await;
    // Whose computer it is, is said without a network and before anybody is here.
    let hotel = window.text_of_css("[data-testid=\"hotel-name\"]").await;
    assert_eq!(hotel.as_deref(), Some(NAME));
    let device = window.text_of_css("[data-testid=\"this-device\"]").await;
    let device = device.unwrap_or_default();
    assert!(device.starts_with("This computer: "), "{device}");
    let said = waits(&window, &MARIA).await;
    assert_eq!(said.as_deref(), Some("1 action waits to be sent"));
    for other in [JOAO, INES] {
        assert_eq!(waits(&window, &other).await, None, "{}", other.name);
    }
    let joao = Desk::go_on(window, &JOAO, pin_of(&JOAO)).await;
    joao.set_cleanliness(&of_joao, "pickup").await;
    let ines = Desk::go_on(joao.leave().await, &INES, pin_of(&INES)).await;
    ines.set_cleanliness(&of_ines, "inspected").await;
    ines.wait_until_waiting(3).await;
    // Whoever would sign out is told whose work stays.
    ines.ask_to_sign_out().await;
    ines.window().wait_for("waits-of").await;
    let whose = whose_waits(ines.window()).await;
    assert_eq!(whose, [&MARIA, &JOAO, &INES].map(one_waits));
    ines.window().click("sign-out-stay").await;
    let window = ines.leave().await;

    // Meanwhile she is a supervisor no more.
    let cli = Cli::new(server.database());
    let demote = ["user", "role", "--hotel", CODE, INES.name, "housekeeper"];
    cli.succeed(&demote, "").await;
    server.start_again().await;
    let maria = Desk::go_on(window, &MARIA, pin_of(&MARIA)).await;
    maria.wait_until_waiting(0).await;
    let said = maria.refused_of_others().await;
    assert!(said.contains(INES.display), "{said}");
    // What she may not say of a room any more is not said of it; what the others did stays.
    for (room, shown) in [
        (&of_ines, "dirty"),
        (&of_maria, "clean"),
        (&of_joao, "pickup"),
    ] {
        maria
            .wait_for_tile(room, |tile| tile.cleanliness == shown)
            .await;
    }

    let mut ana = Peer::signed_in(server.address(), &ANA).await;
    ana.sync().await;
    let people = ana.replica().people().expect("the store answers");
    let id = |who: &Somebody| {
        let person = people.iter().find(|person| person.name == who.name);
        person.expect("they work here").id
    };
    let set = set_by(&ana.whole_log().await);
    assert_eq!(
        set,
        [
            (id(&MARIA), Cleanliness::Clean),
            (id(&JOAO), Cleanliness::Pickup)
        ]
    );

    // What was refused waits for its author, with the reason.
    let ines = Desk::go_on(maria.leave().await, &INES, pin_of(&INES)).await;
    ines.wait_for_tile(&of_ines, |tile| tile.cleanliness == "dirty")
        .await;
    let reason = ines.refused_reason().await;
    assert!(reason.contains("looked at"), "{reason}");
    let list = cli.succeed(&["review", "list", "--hotel", CODE], "").await;
    assert!(list.contains(INES.display), "{list}");
}

#[tokio::test]
async fn whoever_forgets_their_pin_loses_nothing_and_comes_back_by_password() {
    let world = World::new();
    let mut server = world.demo_server().await;
    let workplace = world.workplace("office", &server.url());
    let maria = Desk::sign_in(workplace.open().await, &MARIA).await;
    maria.choose_pin(pin_of(&MARIA)).await;
    server.stop().await;
    let board = maria.board().await;
    let dirty = board.iter().find(|(_, tile)| tile.cleanliness == "dirty");
    let (room, _) = dirty.expect("a dirty room");
    maria.set_cleanliness(room, "clean").await;
    let window = maria.leave().await;
    for left in (5..10).rev() {
        Desk::try_pin(&window, &MARIA, "000001").await;
        let tries = format!("{left} tries are left");
        wait::until(tries.clone(), wait::SOON, async || {
            let text = window.text().await;
            if text.contains(&tries) {
                Ok(())
            } else {
                Err(text)
            }
        })
        .await;
        window.click("everybody").await;
    }
    // From here on she has to wait, even with the right one: the pad counts down and takes nothing,
    // and says aloud only once how long it is.
    let css = |id: &str| format!("[data-testid=\"{id}\"]");
    let face = format!("{}[data-person=\"{}\"]", css("face"), MARIA.display);
    window.click_css(&face).await;
    window.wait_for("pin-waits").await;
    let aloud = window.text_of_css(&css("pin-wait-said")).await;
    assert!(
        aloud.clone().unwrap_or_default().contains("Wait"),
        "{aloud:?}"
    );
    let first = window.text_of_css(&css("pin-waits")).await;
    wait::until("the wait to shrink", wait::SOON, async || {
        match window.text_of_css(&css("pin-waits")).await {
            now if now == first => Err(format!("{now:?}")),
            _ => Ok(()),
        }
    })
    .await;
    assert_eq!(window.text_of_css(&css("pin-wait-said")).await, aloud);
    let keys = "return document.querySelector('[data-testid=\"pin-enter\"]').ariaDisabled";
    assert_eq!(window.read(keys, &[]).await, json!("true"));

    server.start_again().await;
    window.click("use-password").await;
    let maria = Desk::sign_in(window, &MARIA).await;
    maria.wait_until_waiting(0).await;
    // Of the forgotten one nothing is left.
    let window = maria.sign_out().await;
    assert_eq!(Desk::faces(&window).await, Vec::<String>::new());
}
