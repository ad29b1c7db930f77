//! The key of a computer's data is renewed: everything is there afterwards, and the key of before
//! opens nothing.

use keyrack_tests::{
    desk::Desk,
    hotel::MARIA,
    process,
    small_disk::SmallDisk,
    store_file,
    world::{self, World},
};
use std::fs;

const PIN: &str = "274950";

#[tokio::test]
async fn a_key_moves_from_a_file_into_the_keyring_and_all_that_was_done_offline_is_sent_after_it() {
    let world = World::new();
    let mut server = world.demo_server().await;
    let workplace = world.workplace("desk", &server.url()).without_keyring();
    let maria = Desk::sign_in(workplace.open().await, &MARIA).await;
    maria.window().wait_for("key-in-file").await;
    maria.wait_until_synced().await;
    server.stop().await;
    let board = maria.board().await;
    let dirty = board.iter().find(|(_, tile)| tile.cleanliness == "dirty");
    let (room, _) = dirty.expect("a dirty room");
    maria.set_cleanliness(room, "clean").await;
    maria.wait_until_waiting(1).await;

    let (code, said) = workplace.renew_key().await;
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("Keyrack is open on"), "{said}");
    maria.into_window().close().await;

    let key_file = workplace.data().join("device.key");
    let old = fs::read_to_string(&key_file).expect("the key is in a file");
    let old = store_file::key_from(&old);
    assert_eq!(store_file::opened_by(&old, workplace.data()).len(), 1);
    let workplace = workplace.with_keyring();
    let (code, said) = workplace.renew_key().await;
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("no longer in a file"), "{said}");
    assert!(!key_file.exists());
    assert!(store_file::opened_by(&old, workplace.data()).is_empty());

    let maria = Desk::signed_in(workplace.open().await).await;
    assert!(!maria.window().has("key-in-file").await);
    maria.wait_until_waiting(1).await;
    assert_eq!(maria.board().await[room].cleanliness, "clean");
    server.start_again().await;
    maria.wait_until_waiting(0).await;

    // The server knows the device as the one that it was: a used-up code lets no other in.
    let maria = Desk::sign_in(maria.sign_out().await, &MARIA).await;
    maria.wait_until_synced().await;
}

#[tokio::test]
async fn whoever_had_a_pin_signs_in_by_password_after_it_and_finds_their_work() {
    let world = World::new();
    let mut server = world.demo_server().await;
    let workplace = world.workplace("office", &server.url());
    let maria = Desk::sign_in(workplace.open().await, &MARIA).await;
    maria.choose_pin(PIN).await;
    server.stop().await;
    let board = maria.board().await;
    let dirty = board.iter().find(|(_, tile)| tile.cleanliness == "dirty");
    let (room, _) = dirty.expect("a dirty room");
    maria.set_cleanliness(room, "clean").await;
    maria.wait_until_waiting(1).await;
    maria.leave().await.close().await;

    let (code, said) = workplace.renew_key().await;
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("One person had a PIN here"), "{said}");
    let window = workplace.open().await;
    window.wait_for("sign-in").await;
    assert_eq!(Desk::faces(&window).await, Vec::<String>::new());
    server.start_again().await;
    let maria = Desk::sign_in(window, &MARIA).await;
    maria.wait_until_waiting(0).await;
    assert_eq!(maria.board().await[room].cleanliness, "clean");
}

/// The programs that write beside the app on its disk.
const WEB_VIEW: [&str; 2] = ["WebKitWebProcess", "WebKitNetworkProcess"];

#[tokio::test]
async fn on_a_full_disk_the_key_stays_and_so_does_everything_under_it() {
    let world = World::new();
    let Some(disk) = SmallDisk::mount(world.folder(), "small-disk") else {
        world::skip(
            "on_a_full_disk_the_key_stays_and_so_does_everything_under_it",
            "mounting a disk takes root",
        );
        return;
    };
    let server = world.demo_server().await;
    let workplace = world
        .workplace("desk", &server.url())
        .with_data(disk.folder())
        .without_keyring();
    let maria = Desk::sign_in(workplace.open().await, &MARIA).await;
    maria.wait_until_synced().await;
    maria.into_window().close().await;
    let key = || fs::read_to_string(disk.folder().join("device.key")).expect("a key in a file");
    let before = key();
    let opened = || store_file::opened_by(&store_file::key_from(&before), disk.folder());
    let store = opened();

    // Enough for the next key and for a start, and for no whole copy.
    let size = fs::metadata(&store[0]).expect("a store").len();
    let left = usize::try_from(size / 4 * 3).expect("a small one");
    // What the web view still writes after its window is gone would take the room that is left.
    for program in WEB_VIEW {
        for process in process::of_program_named(world.folder(), program) {
            process::gone(process).await;
        }
    }
    disk.fill_but(left);
    let (code, said) = workplace.renew_key().await;
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("There is no room on the disk"), "{said}");
    assert_eq!((key(), opened()), (before.clone(), store));
    disk.make_room();
    let (code, said) = workplace.renew_key().await;
    assert_eq!(code, Some(0), "{said}");
    assert!(opened().is_empty());
    Desk::signed_in(workplace.open().await).await;
}
