//! The database dies under load: clients wait, readiness says so, and everything is stored once
//! when it is back.

use keyrack_tests::{
    http, load::Load, own_postgres::OwnPostgres, postgres::Database, server::Server, world::World,
};

#[tokio::test]
async fn a_database_that_is_killed_loses_nothing_and_the_server_recovers_with_it() {
    let world = World::new();
    let mut postgres = OwnPostgres::start().await;
    let database = Database::with_demo_on(postgres.options()).await;
    let server = Server::start(database, world.folder()).await;
    let mut load = Load::on(&server, 3).await;

    for _ in 0..2 {
        load.work(8).await;
        // All connections end with one of them, and the database recovers by itself.
        postgres.kill_a_backend_of("keyrack_app").await;
        load.work(8).await;
        server.until_ready_is(200).await;

        load.work(8).await;
        postgres.kill();
        load.work(8).await;
        server.until_ready_is(503).await;
        let live = http::get(server.address(), "/health/live").await.unwrap();
        assert_eq!(live.status, 200, "a server without a database lives");
        postgres.start_again().await;
        server.until_ready_is(200).await;
    }
    load.settle().await;
}
