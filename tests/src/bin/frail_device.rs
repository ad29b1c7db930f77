//! A device whose disk may fail, without a network: it goes on as the app does, and says what
//! became of everything.
//!
//! Takes the store's path, a number of actions, and a file with entries of the hotel's log (CBOR)
//! to take in between them. Says `done`, `failed` or `refused` with the operation of each action, `took`
//! for what it took in, and at the end `rows` with a hash of all that it shows, when the disk lets it
//! show anything.

use keyrack_model::{action::LogEntry, command::Command, ids::OperationId, room::ServiceStatus};
use keyrack_replica::{ActError, Replica, StoreFile};
use keyrack_tests::{peer, store_file::KEY};
use std::{fs, process::ExitCode};
use uuid::Uuid;

/// Entries that arrive together.
const DELIVERY: usize = 8;
/// Actions between two deliveries.
const BETWEEN_DELIVERIES: usize = 4;
/// How often it tries to take in what is left at the end; a disk may never let it.
const LAST_TRIES: usize = 12;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, store, actions, log] = &arguments[..] else {
        panic!("a store, a number of actions and a log");
    };
    let actions = actions.parse().expect("a number");
    let log = fs::read(log).expect("the log can be read");
    let log: Vec<LogEntry> = ciborium::from_reader(&log[..]).expect("entries");
    let file = StoreFile {
        path: store.as_ref(),
        key: &KEY,
        device: &peer::new_device(),
        fresh: Uuid::now_v7,
    };
    match file.open_or_rescue(peer::now()) {
        Ok(mut replica) => {
            work(&mut replica, actions, &log);
            let mut tries = (0..LAST_TRIES).map(|_| {
                peer::try_digest_of_rows(&replica).inspect_err(|_| open_again(&mut replica))
            });
            if let Some(rows) = tries.find_map(Result::ok) {
                println!("rows {rows}");
            }
            ExitCode::SUCCESS
        }
        Err(error) => {
            println!("closed {error}");
            ExitCode::FAILURE
        }
    }
}

fn work(replica: &mut Replica, actions: usize, log: &[LogEntry]) {
    for number in 0..actions {
        act(replica, number);
        if number % BETWEEN_DELIVERIES == 0 {
            take_in(replica, log);
        }
    }
    for _ in 0..LAST_TRIES {
        take_in(replica, log);
    }
}

fn act(replica: &mut Replica, number: usize) {
    let Ok(rooms) = peer::services(replica) else {
        println!("unread");
        open_again(replica);
        return;
    };
    let (room, service) = rooms
        .into_iter()
        .nth(number * 7 % 100)
        .expect("a hotel with a hundred rooms");
    let value = match service {
        ServiceStatus::None => ServiceStatus::MakeUpRoom,
        _ => ServiceStatus::None,
    };
    let operation = OperationId(Uuid::now_v7());
    let command = Command::SetServiceStatus { room, value };
    match replica.act(&command, operation, peer::now()) {
        Ok(_) => println!("done {operation}"),
        Err(ActError::Store(error)) => println!("failed {operation} {error}"),
        Err(error) => println!("refused {operation} {error}"),
    }
}

/// Takes in the next entries, if there are any and the disk lets it.
fn take_in(replica: &mut Replica, log: &[LogEntry]) {
    let cursor = replica.cursor();
    let mut next = log.iter().filter(|entry| entry.sequence > cursor);
    let entries: Vec<_> = next.by_ref().take(DELIVERY).cloned().collect();
    if entries.is_empty() {
        return;
    }
    match replica.receive(&entries, peer::now()) {
        Ok(_) => println!("took {}", entries.len()),
        Err(error) => {
            println!("untaken {error}");
            open_again(replica);
        }
    }
}

/// When the disk does not let it, it tries again at the next thing that fails.
fn open_again(replica: &mut Replica) {
    let _ = replica.reopen();
}
