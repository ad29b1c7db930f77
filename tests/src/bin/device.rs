//! A device that works on until it is killed: for tests of what survives that.
//!
//! Takes the store's path, the server's address, and the code for its first sign-in. Prints the operation of each
//! action once it is durable, and flushes it before the next.

use keyrack_model::{command::Command, room::ServiceStatus};
use keyrack_tests::{hotel::RUI, peer::Peer};
use std::io::Write;

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let mut argument = |name| arguments.next().unwrap_or_else(|| panic!("no {name}"));
    let store = argument("path of the store");
    let server = argument("address of the server");
    let server = server.parse().expect("an address and port");
    let mut peer = Peer::at(store.as_ref(), server);
    if peer.replica().session().is_none() {
        peer.sign_in_with(&RUI, arguments.next()).await;
    }
    // People work as soon as there is something to see, while the rest still comes.
    peer.talk_until("rooms", |peer| !peer.rooms().is_empty())
        .await;
    let mut out = std::io::stdout();
    for value in [ServiceStatus::MakeUpRoom, ServiceStatus::None]
        .into_iter()
        .cycle()
    {
        for room in peer.rooms() {
            // A room that says so already has nothing to change.
            if let Ok(operation) = peer.act(&Command::SetServiceStatus { room, value }) {
                writeln!(out, "{operation}").expect("somebody reads");
                out.flush().expect("somebody reads");
            }
            // One that was started again connects by the clock.
            peer.tick().await;
        }
    }
}
