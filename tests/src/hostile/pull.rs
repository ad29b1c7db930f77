//! What a device takes in from a server that may say and hand out anything: nothing that waits is
//! lost, no entry is taken in after a gap, and with an honest server all is well again.

mod desk;
mod handout;
mod honest;
mod server;

pub use handout::Spoilt;
pub use server::{RecordOf, Says, SignedBy, Wrong, deliver};

use super::choices::Choices;
use desk::Desk;
use keyrack_replica::Input;

/// Steps of one input.
const MAX_STEPS: usize = 12;

/// Each step is something that happens to a device, at first one that read the house from the log and
/// has some work that waits.
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
    /// From here on it is one that has nothing yet.
    Fresh,
    /// From here on it is one that was handed out the house.
    HandedOut,
    /// What it asked for comes.
    Comes,
}

impl Step {
    pub const ALL: [Self; 10] = [
        Self::Frame,
        Self::Message,
        Self::Says,
        Self::Tick,
        Self::Opened,
        Self::Closed,
        Self::Act,
        Self::Fresh,
        Self::HandedOut,
        Self::Comes,
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
            Step::Opened => drop(desk.takes(Input::Opened)),
            Step::Closed => drop(desk.takes(Input::Closed(None))),
            Step::Act => desk.acts(choices.byte()),
            Step::Fresh => desk = Desk::fresh(),
            Step::HandedOut => desk = Desk::handed_out(),
            Step::Comes => desk.comes(&mut choices),
        }
    }
    desk.ends_whole();
}
