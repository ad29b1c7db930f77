//! Two servers of one database: their devices are one hotel.

use keyrack_model::{command::Command, room::ServiceStatus};
use keyrack_tests::{
    hotel::{MARIA, RUI},
    peer::Peer,
    server::Server,
    world::World,
};

#[tokio::test]
async fn what_one_server_takes_in_reaches_the_devices_of_the_other() {
    let world = World::new();
    let first = world.demo_server().await;
    let second = Server::start(first.database().clone(), world.folder()).await;
    let mut rui = Peer::signed_in(first.address(), &RUI).await;
    let mut maria = Peer::signed_in(second.address(), &MARIA).await;
    rui.sync().await;
    maria.sync().await;

    // Both write at once, so each server meets what the other has put into the log.
    let rooms = rui.rooms();
    let (his, hers) = rooms.split_at(rooms.len() / 2);
    for (his, hers) in his.iter().zip(hers) {
        for (peer, room) in [(&mut rui, his), (&mut maria, hers)] {
            let wish = Command::SetServiceStatus {
                room: *room,
                value: ServiceStatus::MakeUpRoom,
            };
            peer.act(&wish).expect("a wish that changes something");
            peer.exchange().await;
        }
    }

    // What waits is sent first; then each has what the other's server took in.
    rui.sync().await;
    maria.sync().await;
    rui.sync().await;
    assert_eq!(rui.services(), maria.services());
    let wished = |room| rui.services()[room] == ServiceStatus::MakeUpRoom;
    assert!(rooms[..his.len() * 2].iter().all(wished));
}
