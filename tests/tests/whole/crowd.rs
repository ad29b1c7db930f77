//! Many devices at once.

use futures_util::future::join_all;
use keyrack_model::limits::{DEVICE_SOCKETS, PROTOCOL};
use keyrack_tests::{hotel::MARIA, peer::Peer, world::World};

/// With as many sockets as a device keeps, three times as many as the server has connections to its
/// database.
const DEVICES: usize = 12;

#[tokio::test]
async fn more_devices_than_the_server_has_connections_are_greeted_at_once() {
    let world = World::new();
    let server = world.demo_server().await;
    let mut devices = Vec::new();
    for _ in 0..DEVICES {
        devices.push(Peer::signed_in(server.address(), &MARIA).await);
    }
    let sockets = devices.iter().flat_map(|device| [device; DEVICE_SOCKETS]);
    let greetings = sockets.map(|device| device.greet_with_protocol(PROTOCOL));
    for greeting in join_all(greetings).await {
        assert!(greeting.is_ok(), "turned away: {greeting:?}");
    }
}
