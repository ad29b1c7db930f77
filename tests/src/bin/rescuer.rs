//! Opens a store as the app does, without a window: what was not sent is rescued from a damaged
//! one, and that is put aside.
//!
//! Takes the store's path. Says `waits` with the operation of each action that is not sent yet.

use keyrack_model::ipc::{Answer, Question};
use keyrack_replica::{Replica, StoreFile};
use keyrack_tests::{peer, store_file::KEY};
use std::process::ExitCode;
use uuid::Uuid;

fn main() -> ExitCode {
    let path = std::env::args().nth(1).expect("the path of a store");
    let store = StoreFile {
        path: path.as_ref(),
        key: &KEY,
        device: &peer::new_device(),
        fresh: Uuid::now_v7,
    };
    match store.open_or_rescue(peer::now()) {
        Ok(replica) => {
            tell_waiting(&replica);
            ExitCode::SUCCESS
        }
        Err(error) => {
            println!("closed: {error}");
            ExitCode::FAILURE
        }
    }
}

fn tell_waiting(replica: &Replica) {
    match replica.answer(&Question::Waiting) {
        Ok(Answer::Waiting(actions)) => {
            for action in actions {
                println!("waits {}", action.operation);
            }
        }
        other => panic!("what waits is not told: {other:?}"),
    }
}
