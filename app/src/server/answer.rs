//! What an answer of a server that is not what was hoped for means to a person.

use super::ServerAddress;
use keyrack_model::{
    ipc::Problem,
    wire::{ErrorBody, ErrorCode},
};

/// Seconds to wait when a server says to come back later and not when.
const LATER: u32 = 10;
/// The longest wait that a person is told of, in seconds.
const LONGEST: u32 = 24 * 60 * 60;

/// Reads an answer whose status is not the one that was hoped for.
pub(super) fn problem(
    address: &ServerAddress,
    status: u16,
    retry_after: Option<&str>,
    body: &[u8],
) -> Problem {
    match serde_json::from_slice::<ErrorBody>(body) {
        // Too much from here, and not too much for the server.
        Ok(error) if error.code == ErrorCode::TryLater && status == 429 => Problem::TryLater {
            seconds: seconds(retry_after),
        },
        Ok(error) => problem_of(address, error.code),
        Err(_) => {
            tracing::warn!(status, "an answer that is not a Keyrack server's");
            match status {
                429 => Problem::TryLater {
                    seconds: seconds(retry_after),
                },
                // A proxy before a server that is not there.
                502..=504 => unreachable(address),
                _ => Problem::ServerConfused,
            }
        }
    }
}

pub(super) fn unreachable(address: &ServerAddress) -> Problem {
    Problem::ServerUnreachable {
        address: address.to_string(),
    }
}

fn problem_of(address: &ServerAddress, code: ErrorCode) -> Problem {
    match code {
        ErrorCode::WrongPassword => Problem::WrongPassword,
        ErrorCode::UnknownHotel => Problem::UnknownHotel {
            address: address.to_string(),
        },
        ErrorCode::SignedOut => Problem::SignedOut,
        ErrorCode::OldProtocol => Problem::OldProtocol,
        ErrorCode::NewProtocol => Problem::NewProtocol,
        ErrorCode::TryLater | ErrorCode::Internal => Problem::ServerBusy,
        ErrorCode::EpochChanged => Problem::LogBroughtBack,
        ErrorCode::DeviceKey => Problem::DeviceKey,
        ErrorCode::NotEnrolled => Problem::NotEnrolled,
        ErrorCode::PasswordEnded => Problem::PasswordEnded,
        ErrorCode::NotAllowed => Problem::NotAllowed,
        ErrorCode::NotConfirmed => Problem::NotConfirmed,
        ErrorCode::OtherAddress => Problem::OtherAddress {
            address: address.to_string(),
        },
        ErrorCode::BadRequest
        | ErrorCode::TooLarge
        | ErrorCode::MustRefetch
        | ErrorCode::StaleProof => Problem::ServerConfused,
    }
}

fn seconds(retry_after: Option<&str>) -> u32 {
    retry_after
        .and_then(|seconds| seconds.trim().parse().ok())
        .unwrap_or(LATER)
        .clamp(1, LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address() -> ServerAddress {
        ServerAddress::parse("https://10.0.0.9:7300").unwrap()
    }

    fn answered(code: ErrorCode) -> Problem {
        let body = serde_json::to_vec(&ErrorBody {
            code,
            message: "for terminals".to_owned(),
        })
        .unwrap();
        problem(&address(), 400, None, &body)
    }

    #[test]
    fn each_refusal_of_a_server_is_told_apart() {
        assert_eq!(answered(ErrorCode::WrongPassword), Problem::WrongPassword);
        assert_eq!(
            answered(ErrorCode::UnknownHotel),
            Problem::UnknownHotel {
                address: "https://10.0.0.9:7300".to_owned()
            }
        );
        assert_eq!(answered(ErrorCode::OldProtocol), Problem::OldProtocol);
        assert_eq!(answered(ErrorCode::DeviceKey), Problem::DeviceKey);
    }

    #[test]
    fn the_wait_is_the_one_that_the_server_states() {
        let body = br#"{"code":"try-later","message":""}"#;
        for (stated, seconds) in [
            (Some("7"), 7),
            (Some("0"), 1),
            (Some("soon"), LATER),
            (None, LATER),
        ] {
            let waited = problem(&address(), 429, stated, body);
            assert_eq!(waited, Problem::TryLater { seconds });
        }
    }

    #[test]
    fn a_page_of_something_else_is_not_taken_for_a_keyrack_server() {
        let page = b"<!doctype html><title>404</title>";
        assert_eq!(
            problem(&address(), 404, None, page),
            Problem::ServerConfused
        );
        // A proxy's 401 must not sign anybody out.
        assert_eq!(
            problem(&address(), 401, None, page),
            Problem::ServerConfused
        );
        assert_eq!(
            problem(&address(), 502, None, page),
            unreachable(&address())
        );
    }
}
