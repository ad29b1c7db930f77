//! The sentences with which a session ends.

use keyrack_model::{
    ids::ActorId,
    wire::{ErrorBody, ErrorCode},
};

pub(super) fn refuse(code: ErrorCode, message: &str) -> ErrorBody {
    ErrorBody {
        code,
        message: message.to_owned(),
    }
}

pub(super) fn too_large() -> ErrorBody {
    refuse(
        ErrorCode::TooLarge,
        "This device sent more at once than the server takes. Everything is kept on this device.",
    )
}

pub(super) fn bad_request() -> ErrorBody {
    refuse(
        ErrorCode::BadRequest,
        "The server did not understand what this device sent. Everything is kept on this device.",
    )
}

pub(super) fn signed_out() -> ErrorBody {
    refuse(
        ErrorCode::SignedOut,
        "This device showed a token that is not of its own session, or of one that has ended. Everything is kept on this device; sign in again.",
    )
}

pub(super) fn session_ended() -> ErrorBody {
    refuse(
        ErrorCode::SignedOut,
        "The sign-in on this device has ended: somebody ended it, its person signed in here anew, there is another password, the device or its person is not the hotel's any more, it was idle for too long, or a copy of it was used. Everything is kept on this device; sign in again, or ask who looks after people and devices.",
    )
}

pub(super) fn crowded() -> ErrorBody {
    refuse(
        ErrorCode::TryLater,
        "This device says more on its connection than the server listens to. Everything is kept on this device; it will try again.",
    )
}

pub(super) fn asks_too_much() -> ErrorBody {
    refuse(
        ErrorCode::TryLater,
        "This device, or its person on all of their devices, asks for more than the server gives at a time. Everything is kept on this device; it will try again.",
    )
}

/// Actors are random, so two that are alike mean that a device was copied.
pub(crate) fn clashes(clashes: &[ActorId]) -> Result<(), ErrorBody> {
    if clashes.is_empty() {
        return Ok(());
    }
    Err(refuse(
        ErrorCode::DeviceKey,
        "Work on this device is signed as another device's. Its work is kept here; ask whoever runs the server to look at the device.",
    ))
}
