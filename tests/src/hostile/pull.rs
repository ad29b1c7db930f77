//! What a device takes in from a server that may say anything: nothing that waits is lost, no
//! entry is taken in after a gap, and the rows stay those that the changes make.

mod desk;
mod server;

pub use server::{Says, Wrong, deliver};

use super::choices::Choices;
use desk::Desk;
use keyrack_replica::Input;

/// Steps of one input.
const MAX_STEPS: usize = 12;

/// Each step is something that happens to a device that has the house and some work that waits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    /// A frame as it stands.
    Frame,
    /// A message of the compressed stream.
    Message,
    /// A frame made of what the server could say.
    Says,
    Tick,
    Opened,
    Closed,
    /// Somebody acts.
    Act,
}

impl Step {
    pub const ALL: [Self; 7] = [
        Self::Frame,
        Self::Message,
        Self::Says,
        Self::Tick,
        Self::Opened,
        Self::Closed,
        Self::Act,
    ];
}

/// Takes the bytes for steps, each with what it needs behind it.
pub fn pull(bytes: &[u8]) {
    let mut choices = Choices::of(bytes);
    let mut desk = Desk::at_work();
    for _ in 0..MAX_STEPS {
        if choices.is_over() {
            break;
        }
        match choices.one_of(&Step::ALL) {
            Step::Frame => desk.receives(choices.bytes().to_vec()),
            Step::Message => desk.unpacks(choices.bytes()),
            Step::Says => {
                let frame = server::frame(&desk, &mut choices);
                desk.receives(super::frame::encode(&frame));
            }
            Step::Tick => {
                desk.now.0 += i64::from(choices.byte()) * 1_000;
                desk.takes(Input::Tick);
            }
            Step::Opened => desk.takes(Input::Opened),
            Step::Closed => desk.takes(Input::Closed(None)),
            Step::Act => desk.acts(choices.byte()),
        }
    }
    desk.ends_whole();
}
