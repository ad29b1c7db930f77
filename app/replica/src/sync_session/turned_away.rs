//! What a person is told when the server ends a conversation.

use keyrack_model::{ipc::Problem, wire::ErrorCode};

pub(super) fn problem_of(code: ErrorCode) -> Problem {
    match code {
        ErrorCode::NotEnrolled
        | ErrorCode::NotAllowed
        | ErrorCode::SignedOut
        | ErrorCode::WrongPassword
        | ErrorCode::PasswordEnded
        | ErrorCode::UnknownHotel => Problem::SignedOut,
        ErrorCode::OldProtocol => Problem::OldProtocol,
        ErrorCode::NewProtocol => Problem::NewProtocol,
        ErrorCode::DeviceKey => Problem::DeviceKey,
        ErrorCode::TryLater | ErrorCode::Internal => Problem::ServerBusy,
        ErrorCode::EpochChanged => Problem::LogBroughtBack,
        ErrorCode::BadRequest
        | ErrorCode::TooLarge
        | ErrorCode::MustRefetch
        | ErrorCode::StaleProof
        | ErrorCode::OtherAddress
        | ErrorCode::NotConfirmed => Problem::ServerConfused,
    }
}
