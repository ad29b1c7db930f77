//! A device with all bookings: its first synchronisation, and its next start.

pub mod app;

use super::{
    baseline::BareSqlite,
    figures::{Report, Times, millis},
};
use keyrack_tests::{
    hotel::{self, MARIA},
    peer::Peer,
    server::{Cli, Server},
    world::World,
};
use std::{
    path::Path,
    time::{Duration, Instant},
};

const STARTS: usize = 15;

pub async fn measure(world: &World, bookings: Option<&Path>, report: &mut Report) {
    let server = world.demo_server().await;
    let what = if let Some(file) = bookings {
        let file = file.to_str().expect("a path in text");
        let arguments = ["import", "bookings", file, "--hotel", hotel::CODE];
        let date = ["--business-date", hotel::BUSINESS_DATE];
        let begun = Instant::now();
        Cli::new(server.database())
            .succeed(&[&arguments[..], &date].concat(), "")
            .await;
        report.note(format!("imported {file} in {}", millis(begun.elapsed())));
        "all bookings"
    } else {
        report.note("no --bookings FILE: the start is measured with the demo's week".to_owned());
        "the demo's week"
    };

    let store = world.folder().join("start.db");
    let mut peer = Peer::at(&store, server.address()).that_reads_the_log();
    peer.sign_in(&MARIA).await;
    let begun = Instant::now();
    peer.sync().await;
    let entries = peer.replica().cursor().0;
    report.note(format!(
        "a new device took in {entries} log entries in {}",
        millis(begun.elapsed())
    ));
    let read = begun.elapsed();
    let rows = peer.replica().all_rows().expect("rows").len();
    drop(peer);
    begin_with_the_working_set(world, &server, read, report).await;

    let bare = BareSqlite::at(&world.folder().join("bare-start.db"));
    let mut starting = Times::default();
    let mut reading = Times::default();
    let mut shown = 0;
    for _ in 0..STARTS {
        let begun = Instant::now();
        let peer = Peer::at(&store, server.address());
        shown = peer.replica().rows().expect("rows").len();
        starting.push(begun.elapsed());
    }
    for _ in 0..shown {
        bare.commit(400);
    }
    for _ in 0..STARTS {
        let begun = Instant::now();
        let again = BareSqlite::at(&world.folder().join("bare-start.db"));
        assert!(again.read_all() > 0);
        reading.push(begun.elapsed());
    }
    report.ratio(
        &format!("start of a replica with {what} / reading as many bare rows"),
        starting.median().as_secs_f64(),
        reading.median().as_secs_f64(),
        &format!(
            "{} for {shown} rows shown of {rows} / {}",
            millis(starting.median()),
            millis(reading.median())
        ),
        "(≤ 1 s)",
    );
}

/// Devices that begin with what the server hands out: the first has it made, the second finds it.
async fn begin_with_the_working_set(
    world: &World,
    server: &Server,
    read: Duration,
    report: &mut Report,
) {
    let mut took = Duration::ZERO;
    let mut documents = 0;
    for number in 0..2 {
        let store = world.folder().join(format!("begins-{number}.db"));
        let mut peer = Peer::at(&store, server.address());
        peer.sign_in(&MARIA).await;
        let begun = Instant::now();
        peer.sync().await;
        took = begun.elapsed();
        documents = peer.replica().all_rows().expect("rows").len();
        if number == 0 {
            report.note(format!(
                "the first of them had the working set made and took it in, in {}",
                millis(took)
            ));
        }
    }
    report.ratio(
        "a new device with the working set / one that reads the log",
        took.as_secs_f64(),
        read.as_secs_f64(),
        &format!(
            "{} for {documents} documents / {}",
            millis(took),
            millis(read)
        ),
        "(≤ 3 s for 20,000)",
    );
}
