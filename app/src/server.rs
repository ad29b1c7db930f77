//! The sync server as this device reaches it: its address, signing in and out, going on with a
//! session, the WebSocket, what is asked for beside it, and the administration of people, devices
//! and access.

mod address;
mod administer;
mod answer;
mod fetch;
mod http;
mod import;
mod link;
mod refresh;
mod sign_in;

pub(crate) use address::ServerAddress;
pub(crate) use administer::administer;
pub(crate) use fetch::{Begun, Source, fetch};
pub(crate) use import::import;
pub(crate) use link::{Link, LinkEvent};
pub(crate) use refresh::refresh;
pub(crate) use sign_in::{sign_in, sign_out};
