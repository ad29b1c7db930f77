//! The local engine of one device: an encrypted store, Automerge documents, the rows made from
//! them, the outbox, and the sync session as a state machine.
//!
//! **Architecture Invariant**: nothing here opens a socket or knows Tauri. Time and randomness are
//! arguments. SQLite is called directly: one transaction a decision.

mod documents;
mod error;
mod replica;
mod store;
mod sync_session;
mod user_key;
mod view;

pub use error::{ActError, StoreError};
pub use replica::{
    Copied, Fresh, HasLeft, KeptRenewal, KeyRenewal, LastSignIn, LeftOut, NewDevice, NotTried,
    OpenError, Received, Replica, Rescued, StoreFile, UserSession, Withdrawal, damaged_aside,
    other_hotel,
};
pub use store::{StoreKey, vault::Sealed};
pub use sync_session::{Backoff, Effect, Fetched, Input, SyncSession, Wanted};
pub use user_key::UserKey;
