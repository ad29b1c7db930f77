//! A disk that fills up under the app: the person is told, and nothing is lost.

use keyrack_tests::{
    desk::Desk,
    hotel::RUI,
    small_disk::SmallDisk,
    wait,
    window::{Key, Window},
    world::{self, World},
};

/// Room for starting the app and a few actions; one action takes some tens of kilobytes.
const LEFT: usize = 400 << 10;
/// How often a password is changed until the store has no room left from before.
const CHANGES: usize = 40;

#[tokio::test]
async fn on_a_full_disk_an_edit_is_refused_aloud_and_works_again_when_there_is_room() {
    let world = World::new();
    let Some(disk) = SmallDisk::mount(world.folder(), "small-disk") else {
        world::skip(
            "on_a_full_disk_an_edit_is_refused_aloud",
            "mounting a disk takes root",
        );
        return;
    };
    let server = world.demo_server().await;
    let workplace = world
        .workplace("desk", &server.url())
        .with_data(disk.folder());
    let rui = Desk::sign_in(workplace.open().await, &RUI).await;
    let rooms: Vec<_> = rui.board().await.into_keys().collect();
    rui.into_window().close().await;

    disk.fill_but(LEFT);
    let rui = Desk::signed_in(workplace.open().await).await;
    let mut done = Vec::new();
    let mut reason = String::new();
    for room in &rooms {
        match rui.try_cleanliness(room, "pickup").await {
            Ok(()) => done.push(room),
            Err(sentence) => {
                reason = sentence;
                break;
            }
        }
    }
    assert!(
        reason.contains("disk is full"),
        "{reason:?} after {} edits",
        done.len()
    );
    let board = rui.board().await;
    for room in &done {
        assert_eq!(
            board[*room].cleanliness, "pickup",
            "what was shown as done is kept"
        );
    }
    let refused = &rooms[done.len()];
    assert_ne!(
        board[refused].cleanliness, "pickup",
        "what failed is not shown as done"
    );

    disk.make_room();
    rui.set_cleanliness(refused, "pickup").await;
    rui.wait_until_synced().await;
    let board = rui.board().await;
    rui.into_window().kill().await;
    let rui = Desk::signed_in(workplace.open().await).await;
    assert_eq!(rui.board().await, board);
}

#[tokio::test]
async fn a_password_that_is_changed_on_a_full_disk_is_told_with_what_could_not_be_kept() {
    let world = World::new();
    let Some(disk) = SmallDisk::mount(world.folder(), "small-disk") else {
        world::skip(
            "a_password_that_is_changed_on_a_full_disk",
            "mounting a disk takes root",
        );
        return;
    };
    let server = world.demo_server().await;
    let workplace = world
        .workplace("desk", &server.url())
        .with_data(disk.folder());
    let rui = Desk::sign_in(workplace.open().await, &RUI).await;
    let room = rui.board().await.into_keys().next().expect("a room");
    rui.window().type_keys("gs").await;
    rui.window().wait_for("change-password").await;

    disk.fill_but(0);
    let mut password = RUI.password();
    let mut said = String::new();
    for number in 0..CHANGES {
        let next = format!("a lantern at noon {number}");
        said = change_password(rui.window(), &password, &next).await;
        password = next;
        if !said.is_empty() {
            break;
        }
    }
    for part in [
        "is changed",
        "could not keep",
        "Your work is kept",
        "sign in again",
    ] {
        assert!(said.contains(part), "{said:?}");
    }

    // With room it goes on by itself, and knows itself after a start.
    disk.make_room();
    rui.window().press(Key::Escape).await;
    rui.window().wait_until_left("settings.html").await;
    rui.window().wait_for("nav-board").await;
    rui.set_cleanliness(&room, "pickup").await;
    rui.wait_until_synced().await;
    rui.into_window().kill().await;
    let rui = Desk::signed_in(workplace.open().await).await;
    rui.wait_until_synced().await;
    assert_eq!(rui.board().await[&room].cleanliness, "pickup");
}

/// What the person is told of it that is not good.
async fn change_password(window: &Window, present: &str, new: &str) -> String {
    window.fill("present-password", present).await;
    for field in ["new-password", "new-password-again"] {
        window.fill(field, new).await;
    }
    window.click("change-password").await;
    // Done or not kept, nobody has to type the old one again.
    wait::until("another password", wait::SOON, async || {
        match window.value("present-password").await {
            typed if typed.is_empty() => Ok(()),
            _ => Err(window.text().await),
        }
    })
    .await;
    let problem = window.text_of_css("[data-testid=\"problem\"]").await;
    problem.unwrap_or_default()
}
