//! Problems and refusals as sentences: what happened, what was kept, what to do.

use crate::{
    catalogue::{t, t_count, t_with, t_word},
    clock::short_date,
    letters::small,
};
use keyrack_model::{
    command::Command, ipc::Problem, limits::GIVEN_PASSWORD_DAYS, refusal::Refusal,
};

/// Why a command was not done, here or by the server.
pub fn not_done(command: &Command, reason: &Refusal) -> String {
    match command {
        Command::Undo { .. } => not_taken_back(reason),
        _ => refusal(reason),
    }
}

fn not_taken_back(reason: &Refusal) -> String {
    match reason {
        Refusal::ChangedSince => t("undo.changed-since").to_owned(),
        Refusal::NotFound => t("undo.not-found").to_owned(),
        Refusal::TakenBackTooOften { .. } => refusal(reason),
        other => t_with("undo.refused", &[("reason", &refusal(other))]),
    }
}

pub fn problem(problem: &Problem) -> String {
    match problem {
        Problem::Refused(reason) => refusal(reason),
        Problem::WrongPassword => t("problem.wrong-password").to_owned(),
        Problem::UnknownHotel { address } => {
            t_with("problem.unknown-hotel", &[("address", address)])
        }
        Problem::ServerUnreachable { address } => {
            t_with("problem.server-unreachable", &[("address", address)])
        }
        Problem::BadAddress { address } => t_with("problem.bad-address", &[("address", address)]),
        Problem::Insecure { address } => t_with("problem.insecure", &[("address", address)]),
        Problem::OldProtocol => t("problem.old-protocol").to_owned(),
        Problem::NewProtocol => t("problem.new-protocol").to_owned(),
        Problem::TryLater { seconds } => t_count("problem.try-later", *seconds as usize),
        Problem::ServerBusy => t("problem.server-busy").to_owned(),
        Problem::LogBroughtBack => t("problem.log-brought-back").to_owned(),
        Problem::DeviceKey => t("problem.device-key").to_owned(),
        Problem::OtherAddress { address } => {
            t_with("problem.other-address", &[("address", address)])
        }
        Problem::NotConfirmed => t("problem.not-confirmed").to_owned(),
        Problem::NotEnrolled => t("problem.not-enrolled").to_owned(),
        Problem::PasswordEnded => t_with(
            "problem.password-ended",
            &[("days", &GIVEN_PASSWORD_DAYS.to_string())],
        ),
        Problem::WrongPin { left } => t_count("problem.wrong-pin", *left as usize),
        Problem::PinWaits { seconds } => t_count("problem.pin-waits", *seconds as usize),
        Problem::NoPin => t("problem.no-pin").to_owned(),
        Problem::WeakPin { least, most } => t_with(
            "problem.weak-pin",
            &[("least", &least.to_string()), ("most", &most.to_string())],
        ),
        Problem::NotAllowed => t("problem.not-allowed").to_owned(),
        Problem::Declined { message } => t_with("problem.declined", &[("message", message)]),
        Problem::OtherHotel => t("problem.other-hotel").to_owned(),
        Problem::OtherServer => t("problem.other-server").to_owned(),
        Problem::SignedOut => t("problem.signed-out").to_owned(),
        Problem::SignInNotKept => t("problem.sign-in-not-kept").to_owned(),
        Problem::NotSaved { folder } => t_with("problem.not-saved", &[("folder", folder)]),
        Problem::DiskFull => t("problem.disk-full").to_owned(),
        Problem::StoreUnavailable => t("problem.store-unavailable").to_owned(),
        Problem::ServerConfused => t("problem.server-confused").to_owned(),
        Problem::Internal => t("problem.internal").to_owned(),
    }
}

/// Why a session ended, when it was not the person who ended it.
pub fn ended(reason: &Problem) -> String {
    match reason {
        Problem::SignedOut => t("sign-in.ended").to_owned(),
        other => problem(other),
    }
}

pub fn refusal(refusal: &Refusal) -> String {
    match refusal {
        Refusal::NotAllowed { command, role } => t_with(
            "refusal.not-allowed",
            &[
                ("command", t_word("right", command)),
                ("role", t_word("role", role.word())),
            ],
        ),
        Refusal::GrantEnded { command, role } => t_with(
            "refusal.grant-ended",
            &[
                ("command", t_word("right", command)),
                ("role", t_word("role", role.word())),
            ],
        ),
        Refusal::NoSelfCheck => t("refusal.no-self-check").to_owned(),
        Refusal::InspectionAwaited => t("refusal.inspection-awaited").to_owned(),
        Refusal::NotOfCleaner => t("refusal.not-of-cleaner").to_owned(),
        Refusal::KeptOut { by } => t_with(
            "refusal.kept-out",
            &[("value", t_word("service", by.word()))],
        ),
        Refusal::NotFound => t("refusal.not-found").to_owned(),
        Refusal::TaskState { status } => t_with(
            "refusal.task-state",
            &[("status", &small(t_word("task", status.word())))],
        ),
        Refusal::StayState { status } => t_with(
            "refusal.stay-state",
            &[("status", &small(t_word("stay", status.word())))],
        ),
        Refusal::WorkOrderState { status } => t_with(
            "refusal.work-order-state",
            &[("status", &small(t_word("order", status.word())))],
        ),
        Refusal::ArrivesLater { arrival } => {
            t_with("refusal.arrives-later", &[("date", &short_date(*arrival))])
        }
        Refusal::NoRoom => t("refusal.no-room").to_owned(),
        Refusal::RoomOccupied { number } => t_with("refusal.room-occupied", &[("room", number)]),
        Refusal::RoomTaken {
            number,
            from,
            until,
        } => t_with(
            "refusal.room-taken",
            &[
                ("room", number),
                ("from", &short_date(*from)),
                ("until", &short_date(*until)),
            ],
        ),
        Refusal::RoomOutOfOrder { number, until } => t_with(
            "refusal.room-out-of-order",
            &[("room", number), ("until", &short_date(*until))],
        ),
        Refusal::NotForGuests { number } => t_with("refusal.not-for-guests", &[("room", number)]),
        Refusal::DayOver { date } => t_with("refusal.day-over", &[("date", &short_date(*date))]),
        Refusal::BadDays { nights } => {
            t_with("refusal.bad-days", &[("nights", &nights.to_string())])
        }
        Refusal::BadGuests { most } => t_with("refusal.bad-guests", &[("most", &most.to_string())]),
        Refusal::RoomExists { number } => t_with("refusal.room-exists", &[("room", number)]),
        Refusal::SameRoom => t("refusal.same-room").to_owned(),
        Refusal::BlockEnded => t("refusal.block-ended").to_owned(),
        Refusal::BadBlock { days } => t_with("refusal.bad-block", &[("days", &days.to_string())]),
        Refusal::BadNumber { field, least, most } => t_with(
            "refusal.bad-number",
            &[
                ("field", field_name(field)),
                ("least", &least.to_string()),
                ("most", &most.to_string()),
            ],
        ),
        Refusal::Empty { field } => t_with("refusal.empty", &[("field", field_name(field))]),
        Refusal::TooLong { field, limit } => t_with(
            "refusal.too-long",
            &[("field", field_name(field)), ("limit", &limit.to_string())],
        ),
        Refusal::ControlCharacter { field } => {
            t_with("refusal.control-character", &[("field", field_name(field))])
        }
        Refusal::TooMany { limit } => t_with("refusal.too-many", &[("limit", &limit.to_string())]),
        Refusal::NothingToDo => t("refusal.nothing-to-do").to_owned(),
        Refusal::OtherDay { business_date } => t_with(
            "refusal.other-day",
            &[("date", &short_date(*business_date))],
        ),
        Refusal::OutOfBounds { least, most } => t_with(
            "refusal.out-of-bounds",
            &[("least", &least.to_string()), ("most", &most.to_string())],
        ),
        Refusal::NotAnInspection => t("refusal.not-an-inspection").to_owned(),
        Refusal::RecordChanged { .. } => t("refusal.record-changed").to_owned(),
        Refusal::RecordErased => t("refusal.record-erased").to_owned(),
        Refusal::ChangedSince => t("refusal.changed-since").to_owned(),
        Refusal::WrittenMeanwhile { field } => {
            t_with("refusal.written-meanwhile", &[("field", field_name(field))])
        }
        Refusal::TakenBackTooOften { limit } => t_with(
            "refusal.taken-back-too-often",
            &[("limit", &limit.to_string())],
        ),
        Refusal::UnderReview => t("refusal.under-review").to_owned(),
        Refusal::Declined => t("refusal.declined").to_owned(),
        Refusal::Quarantined => t("refusal.quarantined").to_owned(),
        Refusal::AuthorUnknown => t("refusal.author-unknown").to_owned(),
        Refusal::ServerOnly => t("refusal.server-only").to_owned(),
        Refusal::Gate { reason } => {
            t_with("refusal.gate", &[("reason", t_word("gate", reason.word()))])
        }
    }
}

fn field_name(field: &str) -> &'static str {
    match field {
        "title" => t("field.title"),
        "description" => t("field.description"),
        "comment" => t("field.comment"),
        "name" => t("field.name"),
        "phone" => t("field.phone"),
        "address" => t("field.address"),
        "note" => t("field.note"),
        "reason" => t("field.reason"),
        "booking" => t("field.booking"),
        "number" => t("field.number"),
        "room_type" => t("field.room-type"),
        "section" => t("field.section"),
        "country" => t("field.country"),
        "meal" => t("field.meal"),
        "rate" => t("field.rate"),
        "hotel" => t("sign-in.hotel"),
        "password" => t("sign-in.password"),
        _ => t("field.other"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use keyrack_model::policy::Role;

    #[test]
    fn a_refusal_for_a_role_names_the_right_and_the_role() {
        let sentence = refusal(&Refusal::NotAllowed {
            command: "check-out".into(),
            role: Role::Housekeeper,
        });
        assert_eq!(
            sentence,
            "Checking out is not among the rights of a housekeeper: ask somebody who may."
        );
    }

    #[test]
    fn an_undo_that_was_refused_says_what_happened_what_was_kept_and_what_to_do() {
        let undo = Command::Undo {
            operation: Default::default(),
        };
        assert_eq!(
            not_done(&undo, &Refusal::ChangedSince),
            "Not taken back: it was written again since, by somebody else or by you. What was \
             written last stays, and what you did is in the history. Look at it, and set it anew \
             if it is still wrong."
        );
        let not_allowed = Refusal::NotAllowed {
            command: "check-out".into(),
            role: Role::Housekeeper,
        };
        assert_eq!(
            not_done(&undo, &not_allowed),
            "Not taken back: everything is as it was before you tried. Checking out is not among \
             the rights of a housekeeper: ask somebody who may."
        );
    }

    #[test]
    fn a_session_that_the_server_ended_says_so_and_what_to_do() {
        let sentence = ended(&Problem::SignedOut);
        assert!(sentence.starts_with("The server ended"), "{sentence}");
        assert_eq!(ended(&Problem::DeviceKey), problem(&Problem::DeviceKey));
    }

    /// Work that waits is on somebody's mind whenever something is wrong with a server.
    #[test]
    fn what_is_wrong_with_a_server_is_said_with_what_is_kept_and_what_to_do() {
        for told in [
            Problem::OldProtocol,
            Problem::NewProtocol,
            Problem::ServerBusy,
            Problem::LogBroughtBack,
            Problem::DeviceKey,
            Problem::ServerConfused,
            Problem::SignInNotKept,
        ] {
            let sentence = problem(&told);
            assert!(sentence.contains("Your work is kept"), "{sentence}");
            assert!(!sentence.ends_with("kept."), "nothing to do: {sentence}");
        }
        let problem = |seconds| problem(&Problem::TryLater { seconds });
        assert!(problem(1).contains("a second"), "{}", problem(1));
        assert!(problem(12).contains("12 seconds"), "{}", problem(12));
    }

    #[test]
    fn an_address_in_the_clear_is_refused_with_the_danger_and_what_to_type() {
        let sentence = problem(&Problem::Insecure {
            address: "http://keyrack.example".into(),
        });
        for said in ["http://keyrack.example", "in the clear", "https://"] {
            assert!(sentence.contains(said), "{sentence}");
        }
    }

    #[test]
    fn a_server_that_is_not_there_is_named_with_what_to_do() {
        let sentence = problem(&Problem::ServerUnreachable {
            address: "https://10.0.0.9:7300".into(),
        });
        assert!(sentence.contains("https://10.0.0.9:7300"), "{sentence}");
    }
}
