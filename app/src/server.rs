//! The sync server as this device reaches it: its address, signing in and out, and the WebSocket.

mod address;
mod answer;
mod link;
mod sign_in;

pub(crate) use address::ServerAddress;
pub(crate) use link::{Link, LinkEvent};
pub(crate) use sign_in::{sign_in, sign_out};
