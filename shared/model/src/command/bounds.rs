//! How large what is asked of desk, rooms, work and rules can be, at whichever edge it comes in.
//!
//! **Architecture Invariant**: what is within these bounds means something else or nothing by the plan
//! alone; no text, list or number of a command passes an edge without one.

use super::{
    BlockDraft, BlockEdit, Command, DeskCommand, RoomCommand, RoomDraft, RoomEdit, StayDraft,
    StayEdit, TaskDraft, WorkCommand,
};
use crate::{
    limits::{
        MAX_BLOCK_DAYS, MAX_BULK_ROOMS, MAX_FLOOR, MAX_GUESTS, MAX_MERGED_TEXT, MAX_NAME,
        MAX_NIGHTS, MAX_TEXT, MAX_TITLE,
    },
    plan::rules,
    refusal::Refusal,
    time::BusinessDate,
};

impl DeskCommand {
    /// Refuses what is larger than any a person can ask for.
    ///
    /// # Errors
    /// The first text, number or stretch of days that is too long, or runs backwards.
    pub fn check_bounds(&self) -> Result<(), Refusal> {
        match self {
            Self::Book { draft, .. } => check_stay(draft),
            Self::EditStay { edit, .. } => check_stay_edit(edit),
            Self::CancelStay { .. }
            | Self::MarkNoShow { .. }
            | Self::AssignRoom { .. }
            | Self::MoveRoom { .. }
            | Self::SetQueued { .. }
            | Self::CloseDay { .. }
            | Self::PlanRoom { .. } => Ok(()),
        }
    }
}

impl RoomCommand {
    /// As [`DeskCommand::check_bounds`].
    ///
    /// # Errors
    /// The first text, list, number or stretch of days that is too long, or runs backwards.
    pub fn check_bounds(&self) -> Result<(), Refusal> {
        match self {
            Self::Add { draft, .. } => check_room(draft),
            Self::Edit { edit, .. } => check_room_edit(edit),
            Self::SetRush { rooms, .. } if rooms.len() > MAX_BULK_ROOMS => Err(Refusal::TooMany {
                limit: MAX_BULK_ROOMS,
            }),
            Self::Note { text, base, .. } => {
                check("note", text, MAX_TEXT)?;
                check("note", base, MAX_TEXT)
            }
            Self::Block { draft, .. } => check_block(draft),
            Self::EditBlock { edit, .. } => check_block_edit(edit),
            Self::SetRush { .. } | Self::Link { .. } | Self::EndBlock { .. } => Ok(()),
        }
    }
}

impl WorkCommand {
    /// As [`DeskCommand::check_bounds`].
    ///
    /// # Errors
    /// The first text that is too long.
    pub fn check_bounds(&self) -> Result<(), Refusal> {
        match self {
            Self::Add { draft, .. } => check_task(draft),
            Self::Note { text, base, .. } => {
                check("note", text, MAX_TEXT)?;
                // Several may have written what the person saw.
                check("note", base, MAX_MERGED_TEXT)
            }
            Self::Inspect { reason, .. } => check("reason", reason, MAX_TEXT),
            Self::Cancel { .. } | Self::Pin { .. } | Self::KeptOut { .. } | Self::Enter { .. } => {
                Ok(())
            }
        }
    }
}

/// Refuses what is asked of desk, rooms, work, rules or the hotel, or to be settled, and is larger than
/// any a person can ask for; every other command is bounded where it comes in.
///
/// # Errors
/// The first text, list, number or stretch of days that is too long, or runs backwards.
pub fn check_bounds(command: &Command) -> Result<(), Refusal> {
    match command {
        Command::Desk(asked) => asked.check_bounds(),
        Command::Rooms(asked) => asked.check_bounds(),
        Command::Work(asked) => asked.check_bounds(),
        Command::SetRule {
            scope,
            rule,
            number,
        } => rules::check(scope, *rule, *number),
        Command::Settle { key, .. } => check("key", key, MAX_NAME),
        Command::NameHotel { name } => check("name", name, MAX_NAME),
        Command::SetCleanliness { .. }
        | Command::SetOccupancySeen { .. }
        | Command::SetServiceStatus { .. }
        | Command::StartTask { .. }
        | Command::PauseTask { .. }
        | Command::FinishTask { .. }
        | Command::AssignTask { .. }
        | Command::CheckIn { .. }
        | Command::CheckOut { .. }
        | Command::CreateWorkOrder { .. }
        | Command::EditWorkOrder { .. }
        | Command::AddComment { .. }
        | Command::EditGuest { .. }
        | Command::EraseGuest { .. }
        | Command::Undo { .. }
        | Command::OpenHotel { .. }
        | Command::Import(_)
        | Command::Approved(_)
        | Command::Redacted => Ok(()),
    }
}

fn check_stay(draft: &StayDraft) -> Result<(), Refusal> {
    for (field, name) in [
        ("booking", &draft.booking),
        ("room_type", &draft.room_type),
        ("country", &draft.country),
        ("meal", &draft.meal),
        ("rate", &draft.rate),
    ] {
        check(field, name, MAX_NAME)?;
    }
    check("note", &draft.note, MAX_TEXT)?;
    check_guests(draft.adults)?;
    check_guests(draft.children)?;
    if is_within(draft.arrival, draft.departure, 0..=MAX_NIGHTS) {
        return Ok(());
    }
    Err(Refusal::BadDays { nights: MAX_NIGHTS })
}

fn check_stay_edit(edit: &StayEdit) -> Result<(), Refusal> {
    for (field, name) in [
        ("room_type", &edit.room_type),
        ("meal", &edit.meal),
        ("rate", &edit.rate),
    ] {
        check_given(field, name, MAX_NAME)?;
    }
    check_given("note", &edit.note, MAX_TEXT)?;
    check_given("note", &edit.note_base, MAX_TEXT)?;
    let mut guests = [edit.adults, edit.children].into_iter().flatten();
    guests.try_for_each(check_guests)?;
    match (edit.arrival, edit.departure) {
        (Some(from), Some(to)) if !is_within(from, to, 0..=MAX_NIGHTS) => {
            Err(Refusal::BadDays { nights: MAX_NIGHTS })
        }
        (Some(_) | None, Some(_) | None) => Ok(()),
    }
}

fn check_room(draft: &RoomDraft) -> Result<(), Refusal> {
    for (field, name) in [
        ("number", &draft.number),
        ("room_type", &draft.room_type),
        ("section", &draft.section),
        ("building", &draft.building),
    ] {
        check(field, name, MAX_NAME)?;
    }
    check_floor(draft.floor)
}

fn check_room_edit(edit: &RoomEdit) -> Result<(), Refusal> {
    for (field, name) in [
        ("room_type", &edit.room_type),
        ("section", &edit.section),
        ("building", &edit.building),
    ] {
        check_given(field, name, MAX_NAME)?;
    }
    edit.floor.map_or(Ok(()), check_floor)
}

fn check_block(draft: &BlockDraft) -> Result<(), Refusal> {
    check("reason", &draft.reason, MAX_TITLE)?;
    check_block_days(draft.from, draft.until)
}

fn check_block_edit(edit: &BlockEdit) -> Result<(), Refusal> {
    check_given("reason", &edit.reason, MAX_TITLE)?;
    match (edit.from, edit.until) {
        (Some(from), Some(until)) => check_block_days(from, until),
        (Some(_) | None, Some(_) | None) => Ok(()),
    }
}

fn check_task(draft: &TaskDraft) -> Result<(), Refusal> {
    check("title", &draft.title, MAX_TITLE)?;
    check("note", &draft.note, MAX_TEXT)
}

fn check_block_days(from: BusinessDate, until: BusinessDate) -> Result<(), Refusal> {
    if is_within(from, until, 1..=MAX_BLOCK_DAYS) {
        return Ok(());
    }
    Err(Refusal::BadBlock {
        days: MAX_BLOCK_DAYS,
    })
}

fn check_guests(number: i64) -> Result<(), Refusal> {
    if (0..=MAX_GUESTS).contains(&number) {
        return Ok(());
    }
    Err(Refusal::BadGuests { most: MAX_GUESTS })
}

fn check_floor(floor: i64) -> Result<(), Refusal> {
    if (-MAX_FLOOR..=MAX_FLOOR).contains(&floor) {
        return Ok(());
    }
    Err(Refusal::BadNumber {
        field: "floor".to_owned(),
        least: -MAX_FLOOR,
        most: MAX_FLOOR,
    })
}

fn is_within(from: BusinessDate, to: BusinessDate, days: std::ops::RangeInclusive<i32>) -> bool {
    (i64::from(*days.start())..=i64::from(*days.end())).contains(&to.days_since(from))
}

fn check_given(field: &str, typed: &Option<String>, limit: usize) -> Result<(), Refusal> {
    check(field, typed.as_deref().unwrap_or_default(), limit)
}

/// What is typed counts as it comes, with the blanks around it that the plan leaves out.
fn check(field: &str, typed: &str, limit: usize) -> Result<(), Refusal> {
    if typed.chars().count() <= limit {
        return Ok(());
    }
    Err(Refusal::TooLong {
        field: field.to_owned(),
        limit,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ids::RoomId,
        rule_sheet::{RuleKey, RuleScope},
        task::InspectionOutcome,
    };

    /// A text or list of so many, or a number, is taken; one more is not.
    fn crosses(what: &str, limit: usize, command: impl Fn(usize) -> Command) {
        assert_eq!(check_bounds(&command(limit)), Ok(()), "{what}");
        assert!(check_bounds(&command(limit + 1)).is_err(), "{what}");
    }

    fn text(length: usize) -> String {
        "é".repeat(length)
    }

    fn date(days: usize) -> BusinessDate {
        let first: BusinessDate = "2017-05-25".parse().unwrap();
        first.plus_days(i32::try_from(days).unwrap())
    }

    fn number(number: usize) -> i64 {
        i64::try_from(number).unwrap()
    }

    fn book(write: impl Fn(&mut StayDraft, usize)) -> impl Fn(usize) -> Command {
        move |amount| {
            let mut draft = StayDraft {
                arrival: date(0),
                departure: date(1),
                adults: 1,
                ..StayDraft::default()
            };
            write(&mut draft, amount);
            Command::Desk(DeskCommand::Book {
                stay: Default::default(),
                draft: Box::new(draft),
            })
        }
    }

    fn edit_stay(write: impl Fn(&mut StayEdit, usize)) -> impl Fn(usize) -> Command {
        move |amount| {
            let mut edit = StayEdit::default();
            write(&mut edit, amount);
            Command::Desk(DeskCommand::EditStay {
                stay: Default::default(),
                edit: Box::new(edit),
            })
        }
    }

    #[test]
    fn a_stay_is_bounded_as_it_is_booked_and_as_it_is_edited() {
        let nights = usize::try_from(MAX_NIGHTS).unwrap();
        let guests = usize::try_from(MAX_GUESTS).unwrap();
        crosses("booking", MAX_NAME, book(|it, n| it.booking = text(n)));
        crosses("type", MAX_NAME, book(|it, n| it.room_type = text(n)));
        crosses("country", MAX_NAME, book(|it, n| it.country = text(n)));
        crosses("meal", MAX_NAME, book(|it, n| it.meal = text(n)));
        crosses("rate", MAX_NAME, book(|it, n| it.rate = text(n)));
        crosses("note", MAX_TEXT, book(|it, n| it.note = text(n)));
        crosses("adults", guests, book(|it, n| it.adults = number(n)));
        crosses("children", guests, book(|it, n| it.children = number(n)));
        crosses("nights", nights, book(|it, n| it.departure = date(n)));
        let some = |length| Some(text(length));
        crosses(
            "type",
            MAX_NAME,
            edit_stay(move |it, n| it.room_type = some(n)),
        );
        crosses("meal", MAX_NAME, edit_stay(move |it, n| it.meal = some(n)));
        crosses("rate", MAX_NAME, edit_stay(move |it, n| it.rate = some(n)));
        crosses("note", MAX_TEXT, edit_stay(move |it, n| it.note = some(n)));
        crosses(
            "base",
            MAX_TEXT,
            edit_stay(move |it, n| it.note_base = some(n)),
        );
        let count = |count| Some(number(count));
        crosses(
            "adults",
            guests,
            edit_stay(move |it, n| it.adults = count(n)),
        );
        crosses(
            "children",
            guests,
            edit_stay(move |it, n| it.children = count(n)),
        );
        let days = edit_stay(|it, n| {
            it.arrival = Some(date(0));
            it.departure = Some(date(n));
        });
        crosses("nights", nights, days);
        let nobody_more = book(|it, _| it.children = -1);
        assert!(check_bounds(&nobody_more(0)).is_err());
        let backwards = book(|it, _| it.departure = it.arrival.plus_days(-1));
        assert!(check_bounds(&backwards(0)).is_err());
    }

    fn rooms(asked: impl Fn(usize) -> RoomCommand) -> impl Fn(usize) -> Command {
        move |amount| Command::Rooms(asked(amount))
    }

    fn add(write: impl Fn(&mut RoomDraft, usize)) -> impl Fn(usize) -> Command {
        rooms(move |amount| {
            let mut draft = RoomDraft::default();
            write(&mut draft, amount);
            let draft = Box::new(draft);
            RoomCommand::Add {
                room: RoomId::default(),
                draft,
            }
        })
    }

    fn edit_room(write: impl Fn(&mut RoomEdit, usize)) -> impl Fn(usize) -> Command {
        rooms(move |amount| {
            let mut edit = RoomEdit::default();
            write(&mut edit, amount);
            let edit = Box::new(edit);
            RoomCommand::Edit {
                room: RoomId::default(),
                edit,
            }
        })
    }

    #[test]
    fn a_room_and_what_is_said_of_it_are_bounded() {
        let floor = usize::try_from(MAX_FLOOR).unwrap();
        crosses("number", MAX_NAME, add(|it, n| it.number = text(n)));
        crosses("type", MAX_NAME, add(|it, n| it.room_type = text(n)));
        crosses("section", MAX_NAME, add(|it, n| it.section = text(n)));
        crosses("building", MAX_NAME, add(|it, n| it.building = text(n)));
        crosses("floor", floor, add(|it, n| it.floor = number(n)));
        crosses("cellar", floor, add(|it, n| it.floor = -number(n)));
        let some = |length| Some(text(length));
        crosses(
            "type",
            MAX_NAME,
            edit_room(move |it, n| it.room_type = some(n)),
        );
        crosses(
            "section",
            MAX_NAME,
            edit_room(move |it, n| it.section = some(n)),
        );
        crosses(
            "building",
            MAX_NAME,
            edit_room(move |it, n| it.building = some(n)),
        );
        crosses(
            "floor",
            floor,
            edit_room(|it, n| it.floor = Some(number(n))),
        );
        let room = RoomId::default();
        let rush = |count| RoomCommand::SetRush {
            rooms: vec![room; count],
            rush: true,
        };
        crosses("rush", MAX_BULK_ROOMS, rooms(rush));
        let note = |length| RoomCommand::Note {
            room,
            text: text(length),
            base: String::new(),
        };
        crosses("note", MAX_TEXT, rooms(note));
        let over = |length| RoomCommand::Note {
            room,
            text: String::new(),
            base: text(length),
        };
        crosses("base", MAX_TEXT, rooms(over));
    }

    #[test]
    fn a_block_is_bounded_as_it_is_made_and_as_it_is_edited() {
        let days = usize::try_from(MAX_BLOCK_DAYS).unwrap();
        let block = |reason: usize, until: usize| RoomCommand::Block {
            block: Default::default(),
            draft: Box::new(BlockDraft {
                reason: text(reason),
                from: date(0),
                until: date(until),
                ..BlockDraft::default()
            }),
        };
        let edit = |reason: usize, until: usize| RoomCommand::EditBlock {
            block: Default::default(),
            edit: Box::new(BlockEdit {
                reason: Some(text(reason)),
                from: Some(date(0)),
                until: Some(date(until)),
                ..BlockEdit::default()
            }),
        };
        crosses("reason", MAX_TITLE, rooms(move |length| block(length, 1)));
        crosses("days", days, rooms(move |until| block(1, until)));
        crosses("reason", MAX_TITLE, rooms(move |length| edit(length, 1)));
        crosses("days", days, rooms(move |until| edit(1, until)));
        assert!(check_bounds(&Command::Rooms(block(1, 0))).is_err());
    }

    #[test]
    fn work_rules_and_what_is_settled_are_bounded() {
        let task = Default::default();
        let work = |asked: WorkCommand| Command::Work(asked);
        let draft = |title: usize, note: usize| {
            work(WorkCommand::Add {
                task,
                draft: Box::new(TaskDraft {
                    title: text(title),
                    note: text(note),
                    ..TaskDraft::default()
                }),
            })
        };
        crosses("title", MAX_TITLE, |length| draft(length, 0));
        crosses("note", MAX_TEXT, |length| draft(0, length));
        let note = |typed: usize, base: usize| {
            work(WorkCommand::Note {
                task,
                text: text(typed),
                base: text(base),
            })
        };
        crosses("note", MAX_TEXT, |length| note(length, 0));
        crosses("base", MAX_MERGED_TEXT, |length| note(0, length));
        crosses("reason", MAX_TEXT, |length| {
            work(WorkCommand::Inspect {
                task,
                outcome: InspectionOutcome::Failed,
                reason: text(length),
            })
        });
        crosses("key", MAX_NAME, |length| Command::Settle {
            document: RoomId::default().into(),
            key: text(length),
            chosen: Default::default(),
        });
        for rule in RuleKey::ALL {
            let (_, most) = rule.bounds();
            crosses(rule.word(), usize::try_from(most).unwrap(), |it| {
                Command::SetRule {
                    scope: RuleScope::Hotel,
                    rule: *rule,
                    number: Some(number(it)),
                }
            });
        }
        let named = |length: usize| Command::SetRule {
            scope: RuleScope::Rate(text(length)),
            rule: RuleKey::Turndown,
            number: None,
        };
        // The kind of scope is written before its name.
        crosses("scope", MAX_NAME - "rate ".len(), named);
    }
}
