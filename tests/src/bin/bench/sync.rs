//! Edits of durable replicas through the server and Postgres: how many, and how soon another replica
//! has one.

use super::{
    baseline::postgres_commits,
    figures::{Report, Times, millis},
};
use keyrack_model::{command::Command, ids::RoomId, room::Occupancy};
use keyrack_tests::{
    hotel::{MARIA, RUI},
    peer::Peer,
    world::World,
};
use sqlx::PgConnection;
use std::time::{Duration, Instant};

const EDITS: usize = 3_000;
const SINGLE_EDITS: usize = 300;
const COMMITS: usize = 500;

pub async fn measure(world: &World, report: &Report) {
    let server = world.demo_server().await;
    let mut postgres = server.database().inspect().await;
    let commits = postgres_commits(&mut postgres, COMMITS, Duration::ZERO).await;
    let commit = commits.median();

    let [mut maria, mut rui] =
        ["maria.db", "rui.db"].map(|store| Peer::at(&world.folder().join(store), server.address()));
    for (peer, who) in [(&mut maria, &MARIA), (&mut rui, &RUI)] {
        peer.sign_in(who).await;
        peer.sync().await;
    }
    let rooms = maria.rooms();
    until_snapshots_rest(&mut postgres).await;

    for number in 0..EDITS {
        edit(&mut maria, &rooms, number);
    }
    let begun = Instant::now();
    maria.sync().await;
    let pushed = begun.elapsed();
    let head = maria.replica().cursor();
    rui.talk_until("the other replica has all edits", |rui| {
        rui.replica().cursor() >= head
    })
    .await;
    let seen = begun.elapsed();
    report.ratio(
        "edits per second, outbox to acknowledged / single Postgres commits per second",
        EDITS as f64 / pushed.as_secs_f64(),
        1.0 / commit.as_secs_f64(),
        &format!(
            "{:.0}/s (and {:.0}/s until another replica had them) / {:.0}/s",
            EDITS as f64 / pushed.as_secs_f64(),
            EDITS as f64 / seen.as_secs_f64(),
            1.0 / commit.as_secs_f64()
        ),
        "as many as the best peer × 2",
    );

    until_snapshots_rest(&mut postgres).await;
    let mut latency = Times::default();
    // What it is made of: done and durable here, sent, arrived there, taken in and durable there.
    let mut stages: [Times; 4] = Default::default();
    for number in 0..SINGLE_EDITS {
        let begun = Instant::now();
        edit(&mut maria, &rooms, EDITS + number);
        let head = maria.replica().cursor().next();
        let done = begun.elapsed();
        maria.send().await;
        let sent = begun.elapsed();
        rui.await_arrival().await;
        let arrived = begun.elapsed();
        rui.talk_until("the edit has come", |rui| rui.replica().cursor() >= head)
            .await;
        let taken_in = begun.elapsed();
        latency.push(taken_in);
        let took = [done, sent - done, arrived - sent, taken_in - arrived];
        for (stage, took) in stages.iter_mut().zip(took) {
            stage.push(took);
        }
        maria.sync().await;
    }
    for (which, figure, target) in [
        ("p50", latency.median(), "≤ 4"),
        ("p99", latency.p99(), "(p99 ≤ 50 ms)"),
    ] {
        report.ratio(
            &format!("edit on one replica until another has it / one Postgres commit, {which}"),
            figure.as_secs_f64(),
            commit.as_secs_f64(),
            &format!("{} / {}", millis(figure), millis(commit)),
            target,
        );
    }
    report_stages(stages, commit, report);
}

fn report_stages(stages: [Times; 4], commit: Duration, report: &Report) {
    let names = [
        "done and durable here",
        "sent",
        "arrived there",
        "taken in and durable there",
    ];
    for (name, stage) in names.into_iter().zip(stages) {
        let median = stage.median();
        report.ratio(
            &format!("of it: {name} / one Postgres commit, p50"),
            median.as_secs_f64(),
            commit.as_secs_f64(),
            &format!("{} / {}", millis(median), millis(commit)),
            "",
        );
    }
}

/// What was imported and done before is taken into the snapshots, which takes the processor for a
/// while: a hotel at work has that behind it.
async fn until_snapshots_rest(postgres: &mut PgConnection) {
    loop {
        let behind: i64 = sqlx::query_scalar(
            "select count(*) from hotel_head head left join snapshot_mark mark using (hotel)
             where mark.sequence is distinct from head.sequence",
        )
        .fetch_one(&mut *postgres)
        .await
        .expect("the database answers");
        if behind == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// Each round over the rooms says something else than the one before.
fn edit(peer: &mut Peer, rooms: &[RoomId], number: usize) {
    let (round, at) = (number / rooms.len(), number % rooms.len());
    let value = [Occupancy::Vacant, Occupancy::Occupied][round % 2];
    let room = rooms[at];
    peer.act(&Command::SetOccupancySeen { room, value })
        .expect("an edit");
}
