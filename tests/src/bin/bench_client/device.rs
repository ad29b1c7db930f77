//! What a device is to whoever drives it: frames in, frames out, and how far it has come.

use keyrack_model::{
    action::Sequence,
    command::Command,
    ids::{RoomId, UserId, WorkOrderId},
    time::Timestamp,
    work_order::WorkOrder,
};
use keyrack_replica::{Fetched, Wanted};

/// A device that has signed in.
pub trait Device: Send {
    /// What it says first on a new connection; nothing while it waits for what it begins with.
    fn hello(&mut self) -> Result<Frames, String>;
    /// What it asks for next, beside the log.
    fn wanted(&mut self) -> Option<Wanted>;
    /// What became of that.
    fn fetched(&mut self, wanted: Wanted, fetched: Fetched) -> Result<Frames, String>;
    /// Takes in a frame, and returns what is due after it.
    fn take_in(&mut self, frame: &[u8]) -> Result<Frames, String>;
    /// Does something, and returns what is due after it.
    fn act(&mut self, command: &Command) -> Result<Frames, String>;
    /// A second went by.
    fn tick(&mut self) -> Result<Frames, String>;
    fn progress(&self) -> Progress;
    fn work_order(&self, id: WorkOrderId) -> Option<WorkOrder>;
    fn rooms(&self) -> Vec<RoomId>;
    fn people(&self) -> Vec<UserId>;
    /// The same for two devices that hold the same of these work orders.
    fn digest(&self, work_orders: &[WorkOrderId]) -> blake3::Hash;
}

pub type Frames = Vec<Vec<u8>>;

/// How far a device has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Progress {
    /// The last log entry that it has.
    pub cursor: Sequence,
    /// The last one there was when the server greeted it; None before.
    pub greeted: Option<Sequence>,
    /// Its own actions without a verdict.
    pub waiting: usize,
}

impl Progress {
    pub fn is_caught_up(&self) -> bool {
        self.greeted.is_some_and(|head| self.cursor >= head)
    }
}

pub fn now() -> Timestamp {
    Timestamp(jiff::Timestamp::now().as_millisecond())
}
