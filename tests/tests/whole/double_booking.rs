//! One room, two stays: two desks, each without knowing of the other, and what both are told.

use keyrack_model::{
    change::Entity,
    command::Command,
    ids::{RoomId, StayId},
    stay::StayStatus,
    time::BusinessDate,
};
use keyrack_tests::{
    desk::Desk,
    hotel::{self, ANA, RUI},
    peer::Peer,
    world::World,
};

#[tokio::test]
async fn a_room_that_two_desks_gave_away_says_so_until_one_guest_is_out_of_it() {
    let world = World::new();
    let mut server = world.demo_server().await;
    let window = world.workplace("desk", &server.url()).open().await;
    let rui = Desk::sign_in(window, &RUI).await;
    let mut ana = Peer::signed_in(server.address(), &ANA).await;
    let board = rui.board().await;
    let back_to_back = board.iter().find(|(_, tile)| tile.phase == "back-to-back");
    let (room, before) = back_to_back.expect("a room whose guests change today");
    rui.check_out(room).await;
    rui.wait_until_synced().await;
    ana.sync().await;

    // The guest is not gone after all, says one desk; the other has checked in who comes next.
    server.stop().await;
    rui.wait_until_offline().await;
    rui.window().type_keys("u").await;
    rui.watch_tile(room, |tile| tile == before).await;
    let stay = due_in(&ana, room);
    ana.act(&Command::CheckIn { stay }).unwrap();
    assert!(!rui.window().has("double-booked").await);

    server.start_again().await;
    ana.sync().await;
    rui.wait_until_synced().await;
    rui.open_room(room).await;
    rui.window().wait_for("double-booked").await;

    // Both are kept, and the desk decides.
    rui.window().click("check-out").await;
    rui.window().wait_until_gone("double-booked").await;
}

/// The stay that is to begin in a room.
fn due_in(device: &Peer, number: &str) -> StayId {
    let rows = device.replica().all_rows().expect("the store is read");
    let room = rows.iter().find_map(|row| match &row.entity {
        Entity::Room(room) if room.number == number => Some(RoomId(row.document.id.0)),
        _ => None,
    });
    let mut stays = rows.iter().filter_map(|row| row.as_stay());
    let today: BusinessDate = hotel::BUSINESS_DATE.parse().expect("a date");
    let due = stays.find(|(_, it)| {
        it.room == room && it.status == StayStatus::Expected && it.arrival == today
    });
    due.expect("somebody is due in").0
}
