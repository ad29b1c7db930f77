//! What is wrong with a cell, in words.

use crate::catalogue::{t, t_with, t_word};
use keyrack_model::import::{DateOrder, ImportFault};

pub(super) fn fault(fault: &ImportFault) -> String {
    match fault {
        ImportFault::Unmapped { field } => t_with(
            "import-fault.unmapped",
            &[("field", t_word("import-field", field.word()))],
        ),
        ImportFault::NoColumn => t("import-fault.no-column").to_owned(),
        ImportFault::CellCount { found, expected } => t_with(
            "import-fault.cell-count",
            &[
                ("found", &found.to_string()),
                ("expected", &expected.to_string()),
            ],
        ),
        ImportFault::Missing => t("import-fault.missing").to_owned(),
        ImportFault::Date { order } => {
            let example = match order {
                DateOrder::YearMonthDay => "2026-05-25",
                DateOrder::DayMonthYear => "25.05.2026",
                DateOrder::MonthDayYear => "05/25/2026",
            };
            t_with("import-fault.date", &[("example", example)])
        }
        ImportFault::Number { least, most } => t_with(
            "import-fault.number",
            &[("least", &least.to_string()), ("most", &most.to_string())],
        ),
        ImportFault::YesOrNo => t("import-fault.yes-or-no").to_owned(),
        ImportFault::Word { known } => t_with("import-fault.word", &[("known", &known.join(", "))]),
        ImportFault::TooLong { most } => {
            t_with("import-fault.too-long", &[("n", &most.to_string())])
        }
        ImportFault::Unreadable => t("import-fault.unreadable").to_owned(),
        ImportFault::Twice { row } => t_with("import-fault.twice", &[("n", &row.to_string())]),
        ImportFault::UnknownRoom => t("import-fault.unknown-room").to_owned(),
        ImportFault::NoRoom => t("import-fault.no-room").to_owned(),
        ImportFault::BeforeArrival => t("import-fault.before-arrival").to_owned(),
        ImportFault::TooManyNights { most } => {
            t_with("import-fault.too-many-nights", &[("n", &most.to_string())])
        }
        ImportFault::Role => t("import-fault.role").to_owned(),
        ImportFault::Kept { stays } => t_with("import-fault.kept", &[("stays", stays)]),
        ImportFault::WorksHere => t("import-fault.works-here").to_owned(),
        ImportFault::RoomTaken { row } => {
            t_with("import-fault.room-taken", &[("n", &row.to_string())])
        }
    }
}
