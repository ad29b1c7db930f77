//! A disk that fills up under the app: the person is told, and nothing is lost.

use keyrack_tests::{
    desk::Desk,
    hotel::RUI,
    small_disk::SmallDisk,
    world::{self, World},
};

/// Room for starting the app and a few actions; one action takes some tens of kilobytes.
const LEFT: usize = 400 << 10;

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
