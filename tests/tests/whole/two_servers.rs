//! Two servers of one database: their devices are one hotel.

use keyrack_model::{command::Command, room::ServiceStatus};
use keyrack_tests::{
    hotel::{MARIA, RUI},
    own_postgres::OwnPostgres,
    peer::Peer,
    postgres::Database,
    server::Server,
    world::World,
};
use std::time::Instant;

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

/// Edits that one device makes and the other hears of, each before the next.
const EDITS: usize = 20;

/// A server that is told of nothing looks for itself once a second, and would find one edit each time.
async fn the_news_travels(rui: &mut Peer, maria: &mut Peer, value: ServiceStatus) {
    let rooms = rui.rooms();
    let began = Instant::now();
    for room in &rooms[..EDITS] {
        let wish = Command::SetServiceStatus { room: *room, value };
        rui.act(&wish).expect("a wish that changes something");
        rui.exchange().await;
        maria
            .talk_until("news of the other server", |maria| {
                maria.services()[room] == value
            })
            .await;
    }
    let looks = began.elapsed().as_secs() as usize;
    assert!(looks < EDITS / 2, "{looks} looks for {EDITS} edits");
}

#[tokio::test]
async fn servers_tell_each_other_of_news_and_do_so_again_after_their_database_was_killed() {
    let world = World::new();
    let mut postgres = OwnPostgres::start().await;
    let database = Database::with_demo_on(postgres.options()).await;
    let first = Server::start(database.clone(), world.folder()).await;
    let second = Server::start(database, world.folder()).await;
    let mut rui = Peer::signed_in(first.address(), &RUI).await;
    let mut maria = Peer::signed_in(second.address(), &MARIA).await;
    rui.sync().await;
    maria.sync().await;
    the_news_travels(&mut rui, &mut maria, ServiceStatus::MakeUpRoom).await;

    postgres.kill();
    for server in [&first, &second] {
        server.until_ready_is(503).await;
    }
    postgres.start_again().await;
    for server in [&first, &second] {
        server.until_ready_is(200).await;
    }
    rui.sync().await;
    maria.sync().await;
    the_news_travels(&mut rui, &mut maria, ServiceStatus::None).await;
}
