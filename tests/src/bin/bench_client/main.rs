//! Devices under workload W, in a process of their own, told what to do line by line.
//!
//! `bench_client ws://HOST:PORT COUNT FILE [FOLDER | --crowd]`: COUNT devices sign in, with codes
//! that are made in the database at KEYRACK_DATABASE_URL, and open their sockets; FILE keeps the ids of the work orders between processes; with FOLDER the devices keep
//! their replicas there, in SQLite, and without it in memory. Reads one JSON command a line on
//! standard input (`seed`, `attach`, `edit`, `latency`, `same`, `quit`) and answers each with one
//! line, as the clients of other sync servers do that are measured beside Keyrack. With `--crowd`
//! they are many devices that were offline and come back at once (`meet`, `part`, `work`,
//! `return`).

mod beginning;
mod client;
mod crowd;
mod device;
mod durable;
mod enrol;
mod memory;
mod outbox;
mod session;
mod told;
mod workload;

use keyrack_tests::{enrolment, server::Cli};
use serde_json::{Value, json};
use session::Devices;
use std::{
    io::{BufRead, Write},
    net::SocketAddr,
    path::PathBuf,
    time::Instant,
};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [url, count, file, folder @ ..] = &arguments[..] else {
        eprintln!("usage: bench_client ws://HOST:PORT COUNT FILE [FOLDER | --crowd]");
        std::process::exit(2);
    };
    let server: SocketAddr = url
        .trim_start_matches("ws://")
        .parse()
        .expect("ws://HOST:PORT");
    enrolment::operated(server, Cli::of_the_environment());
    let count = count.parse().expect("how many devices");
    if let [mode, ..] = folder
        && mode == "--crowd"
    {
        return crowd::listen(server, count, file.as_ref());
    }
    let folder = folder.first().map(PathBuf::from);
    let mut devices = Devices::begin(server, count, file.into(), folder.as_deref());
    converse(|command, argument| match command {
        "seed" => devices.seed(argument("n")),
        "attach" => devices.attach(),
        "edit" => devices.edit(argument("k")),
        "latency" => devices.latency(argument("n")),
        "same" => devices.same(),
        other => Err(format!("no such command: {other}")),
    });
}

/// Answers commands until `quit` or the end of the input.
pub fn converse(mut answer: impl FnMut(&str, &dyn Fn(&str) -> usize) -> Result<Value, String>) {
    say(&json!({ "ready": true }));
    for line in std::io::stdin().lock().lines() {
        let line = line.expect("standard input is text");
        let asked: Value = serde_json::from_str(&line).expect("a line is JSON");
        let command = asked["cmd"].as_str().expect("a command has a name");
        if command == "quit" {
            say(&json!({ "bye": true }));
            return;
        }
        let argument = |name: &str| asked[name].as_u64().expect("a number") as usize;
        let begun = Instant::now();
        let mut said = match answer(command, &argument) {
            Ok(said) => said,
            Err(error) => json!({ "error": error }),
        };
        said["cmd"] = command.into();
        said["s"] = begun.elapsed().as_secs_f64().into();
        say(&said);
    }
}

fn say(what: &Value) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{what}").expect("somebody reads");
    out.flush().expect("somebody reads");
}
