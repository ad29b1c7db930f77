//! What a person is told when the server ends a conversation.

use keyrack_model::{ipc::Problem, wire::ErrorCode};

pub(super) fn problem_of(code: ErrorCode) -> Problem {
    match code {
        ErrorCode::SignedOut | ErrorCode::WrongPassword | ErrorCode::UnknownHotel => {
            Problem::SignedOut
        }
        ErrorCode::OldProtocol => Problem::OldProtocol,
        ErrorCode::NewProtocol => Problem::NewProtocol,
        ErrorCode::DeviceKey => Problem::DeviceKey,
        ErrorCode::TryLater => Problem::TryLater { seconds: 1 },
        ErrorCode::BadRequest
        | ErrorCode::TooLarge
        | ErrorCode::EpochChanged
        | ErrorCode::MustRefetch
        | ErrorCode::Internal => Problem::ServerConfused,
    }
}
