//! Many devices at once.

use futures_util::future::join_all;
use keyrack_model::limits::PROTOCOL;
use keyrack_tests::{hotel::MARIA, peer::Peer, world::World};

/// Three times as many as the server has connections to its database.
const AT_ONCE: usize = 48;

#[tokio::test]
async fn more_devices_than_the_server_has_connections_are_greeted_at_once() {
    let world = World::new();
    let server = world.demo_server().await;
    let maria = Peer::signed_in(server.address(), &MARIA).await;
    let greetings = (0..AT_ONCE).map(|_| maria.greet_with_protocol(PROTOCOL));
    for greeting in join_all(greetings).await {
        assert!(greeting.is_ok(), "turned away: {greeting:?}");
    }
}
