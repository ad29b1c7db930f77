//! A decision that is taken back is taken back at every window.

use keyrack_tests::{
    desk::{Desk, Screen},
    hotel::{ANA, INES},
    world::World,
};

#[tokio::test]
async fn a_decision_that_is_taken_back_leaves_every_screen_as_it_was_decided_before() {
    let world = World::new();
    let mut server = world.demo_server().await;
    let ana = Desk::sign_in(world.workplace("ana", &server.url()).open().await, &ANA).await;
    let ines = Desk::sign_in(world.workplace("ines", &server.url()).open().await, &INES).await;
    let desks = [&ana, &ines];
    let board = ana.board().await;
    let mut dirty = board.iter().filter(|(_, tile)| tile.cleanliness == "dirty");
    let (room, _) = dirty.next().expect("a dirty room");

    server.stop().await;
    for desk in desks {
        desk.wait_until_offline().await;
    }
    ines.set_cleanliness(room, "clean").await;
    ana.set_cleanliness(room, "pickup").await;
    server.start_again().await;
    for desk in desks {
        desk.wait_until_synced().await;
        // The safer of the two is shown until somebody decides.
        desk.wait_for_tile(room, |tile| tile.cleanliness == "pickup")
            .await;
    }

    ana.go_to(Screen::Conflicts).await;
    ana.window().click("conflict-take").await;
    ana.window().wait_for("toast-undo").await;
    for desk in desks {
        desk.wait_for_decisions(&[]).await;
        desk.wait_for_tile(room, |tile| tile.cleanliness == "clean")
            .await;
    }

    ana.window().type_keys("u").await;
    for desk in desks {
        desk.wait_for_tile(room, |tile| tile.cleanliness == "pickup")
            .await;
        desk.wait_for_decisions(&[]).await;
    }
    for desk in desks {
        desk.wait_until_synced().await;
    }
    assert_eq!(ana.board().await, ines.board().await);
}
