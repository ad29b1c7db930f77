//! Every command there is: each tried with more in it than was asked for, then done, and each sent by
//! somebody whose role has no right to it.

use super::Input;
use crate::hostile::{
    admission::{Ask, Attack, step},
    choices::Script,
};
use keyrack_model::{
    cleanliness::Cleanliness,
    ids::UserId,
    room::{Occupancy, ServiceStatus},
    rule_sheet::RuleKey,
    task::{EntryReason, InspectionOutcome, TaskKind},
};
use keyrack_server::pretend::{INES, MARIA, RUI, TOMAS};

/// Who asks for what, and what they choose for it.
type Line = (UserId, Ask, Script);

pub(super) fn inputs() -> Vec<Input> {
    let inputs = [
        ("orders-of-a-day", done(orders())),
        ("desk-of-a-day", done(desk())),
        ("rooms-of-a-day", done(rooms())),
        ("work-of-a-day", done(work())),
        ("hotel-of-a-day", hotel()),
        ("desk-by-a-housekeeper", forced(beyond_a_housekeeper())),
        ("rooms-by-a-housekeeper", forced(rooms_beyond_her())),
        ("work-by-an-engineer", forced(beyond_an_engineer())),
        ("hotel-by-the-desk", forced(beyond_the_desk())),
        ("what-only-the-server-says", forced(of_the_server())),
        ("nothing-to-settle", forced([(INES, Ask::Settle, byte(0))])),
        ("any-command-over-a-mark", any_command()),
        ("another-argument-of-a-booking", another_argument()),
    ];
    inputs
        .map(|(name, script)| (name.to_owned(), script.done()))
        .into()
}

fn nothing() -> Script {
    Script::default()
}

fn byte(chosen: u8) -> Script {
    bytes([chosen])
}

fn bytes<const N: usize>(chosen: [u8; N]) -> Script {
    Script::default().rest(&chosen)
}

fn said(script: Script, (user, ask, chosen): Line) -> Script {
    step(script, user, ask).rest(&chosen.done())
}

/// As the app makes it; everybody hears of it.
fn honest(script: Script) -> Script {
    script.one_of(&Attack::ALL, Attack::None).byte(0)
}

/// With another name for the hotel in it, which is of no other command.
fn with_more(script: Script) -> Script {
    let script = script.one_of(&Attack::ALL, Attack::MoreThanAsked);
    script.one_of(Ask::ALL, Ask::NameHotel).bytes(b"Mine")
}

/// Each is tried with more in it, which is refused, and done.
fn done(lines: impl IntoIterator<Item = Line>) -> Script {
    lines.into_iter().fold(nothing(), |script, line| {
        let tried = with_more(said(script, line.clone()));
        honest(said(tried, line))
    })
}

/// Each is refused by the app, and sent all the same.
fn forced(lines: impl IntoIterator<Item = Line>) -> Script {
    lines.into_iter().fold(nothing(), said)
}

fn orders() -> [Line; 4] {
    let made = nothing().bytes(b"Lamp").bytes(b"").byte(0);
    [
        (RUI, Ask::Make, made),
        (TOMAS, Ask::Comment, nothing().bytes(b"Ordered a part.")),
        (TOMAS, Ask::Edit, byte(1).bytes(b"Tap")),
        (
            MARIA,
            Ask::Mark,
            nothing().one_of(Cleanliness::ALL, Cleanliness::Pickup),
        ),
    ]
}

fn add_room(number: u8) -> Line {
    (INES, Ask::AddRoom, bytes([number, 0, 0]))
}

/// The stays are the expected one, the one in house and the one that is booked; the rooms the house's,
/// 205 and 206. What may be no room begins with none.
fn desk() -> [Line; 10] {
    [
        add_room(0),
        (RUI, Ask::Book, bytes([2, 0, 0, 0, 0])),
        (RUI, Ask::EditStay, bytes([2, 1, 1])),
        (RUI, Ask::Queue, bytes([2, 0])),
        (RUI, Ask::AssignRoom, bytes([2, 0])),
        (RUI, Ask::MoveRoom, bytes([1, 1])),
        (RUI, Ask::CancelStay, byte(2)),
        (RUI, Ask::NoShow, byte(0)),
        (INES, Ask::PlanRoom, bytes([0, 0])),
        (RUI, Ask::CloseDay, byte(0)),
    ]
}

fn rooms() -> [Line; 9] {
    let note = byte(0).bytes(b"The lock sticks.").bytes(b"");
    let block = bytes([1, 0, 0, 0, 0]).bytes(b"Paint");
    [
        add_room(0),
        add_room(1),
        (INES, Ask::EditRoom, bytes([1, 1, 1])),
        (RUI, Ask::Rush, bytes([0, 0])),
        (TOMAS, Ask::NoteRoom, note),
        (INES, Ask::Link, bytes([1, 2, 0])),
        (TOMAS, Ask::Block, block),
        (TOMAS, Ask::EditBlock, bytes([0, 1]).bytes(b"Paint, twice")),
        (TOMAS, Ask::EndBlock, byte(0)),
    ]
}

fn add_task(kind: TaskKind) -> Script {
    nothing().one_of(TaskKind::ALL, kind).rest(&[0, 0, 0])
}

/// The tasks are the Stayover, the Departure that nobody has made yet, and those that are added.
fn work() -> [Line; 12] {
    let kept_out = byte(0).one_of(ServiceStatus::ALL, ServiceStatus::DoNotDisturb);
    let enter = byte(0).one_of(EntryReason::ALL, EntryReason::GuestLeft);
    let passed = byte(2).one_of(InspectionOutcome::ALL, InspectionOutcome::Passed);
    [
        (RUI, Ask::AddTask, add_task(TaskKind::Inspection)),
        (
            MARIA,
            Ask::NoteTask,
            byte(0).bytes(b"Two pillows.").bytes(b""),
        ),
        (INES, Ask::Pin, bytes([0, 0])),
        (INES, Ask::Assign, bytes([0, 1])),
        (MARIA, Ask::KeptOut, kept_out),
        (MARIA, Ask::Enter, enter),
        (MARIA, Ask::Pause, byte(0)),
        (MARIA, Ask::Start, byte(0)),
        (MARIA, Ask::Finish, byte(0)),
        (INES, Ask::Inspect, passed.bytes(b"")),
        (RUI, Ask::AddTask, add_task(TaskKind::Extra)),
        (RUI, Ask::CancelTask, byte(3)),
    ]
}

/// Rules and a name, what two wrote at once and a third decides, what is taken back, and a guest who
/// makes room for the next.
fn hotel() -> Script {
    let rule = byte(0).one_of(RuleKey::ALL, RuleKey::LinenEvery).byte(0);
    let vacant = nothing().one_of(Occupancy::ALL, Occupancy::Vacant);
    let refused = nothing().one_of(ServiceStatus::ALL, ServiceStatus::ServiceRefused);
    let before: [Line; 2] = [
        (INES, Ask::SetRule, rule),
        (INES, Ask::NameHotel, nothing().bytes(b"Resort H2")),
    ];
    let after: [Line; 6] = [
        (INES, Ask::Settle, byte(0)),
        (MARIA, Ask::Occupancy, vacant),
        (MARIA, Ask::Undo, nothing().below(0)),
        (MARIA, Ask::Service, refused),
        (RUI, Ask::CheckOut, byte(1)),
        (RUI, Ask::CheckIn, byte(0)),
    ];
    // Nobody hears of it before the other has written too.
    let title = |script, user, title: &[u8]| {
        let script = said(script, (user, Ask::Edit, byte(1).bytes(title)));
        script.one_of(&Attack::ALL, Attack::None)
    };
    let script = title(done(before), RUI, b"Tap").byte(1);
    let script = title(script, TOMAS, b"Shower drips").byte(0);
    script.rest(&done(after).done())
}

fn beyond_a_housekeeper() -> [Line; 12] {
    let her = |ask, chosen| (MARIA, ask, chosen);
    [
        her(Ask::Book, bytes([1, 0, 0, 0, 0])),
        her(Ask::EditStay, bytes([1, 1, 0])),
        her(Ask::CancelStay, byte(0)),
        her(Ask::NoShow, byte(0)),
        her(Ask::AssignRoom, bytes([0, 0])),
        her(Ask::MoveRoom, bytes([1, 1])),
        her(Ask::Queue, bytes([0, 0])),
        her(Ask::CloseDay, byte(0)),
        her(Ask::PlanRoom, bytes([0, 0])),
        her(Ask::CheckIn, byte(0)),
        her(Ask::CheckOut, byte(1)),
        her(Ask::NameGuest, byte(1).bytes(b"Ana").bytes(b"")),
    ]
}

fn rooms_beyond_her() -> [Line; 7] {
    let her = |ask, chosen| (MARIA, ask, chosen);
    [
        her(Ask::AddRoom, bytes([0, 0, 0])),
        her(Ask::EditRoom, bytes([0, 1, 1])),
        her(Ask::Rush, bytes([0, 0])),
        her(Ask::Link, bytes([0, 1, 0])),
        her(Ask::Block, bytes([0, 0, 0, 0, 0]).bytes(b"Paint")),
        her(Ask::EditBlock, bytes([0, 1]).bytes(b"Paint")),
        her(Ask::EndBlock, byte(0)),
    ]
}

fn beyond_an_engineer() -> [Line; 14] {
    let his = |ask, chosen| (TOMAS, ask, chosen);
    let passed = byte(0).one_of(InspectionOutcome::ALL, InspectionOutcome::Passed);
    [
        his(Ask::AddTask, add_task(TaskKind::Extra)),
        his(Ask::CancelTask, byte(0)),
        his(Ask::Pin, bytes([0, 0])),
        his(Ask::KeptOut, bytes([0, 5])),
        his(Ask::Enter, bytes([0, 0])),
        his(Ask::NoteTask, byte(0).bytes(b"Two pillows.").bytes(b"")),
        his(Ask::Inspect, passed.bytes(b"")),
        his(Ask::Start, byte(0)),
        his(Ask::Pause, byte(0)),
        his(Ask::Finish, byte(0)),
        his(Ask::Assign, bytes([0, 1])),
        his(Ask::Mark, byte(0)),
        his(Ask::Occupancy, byte(1)),
        his(Ask::Service, byte(5)),
    ]
}

fn beyond_the_desk() -> [Line; 4] {
    let its = |ask, chosen| (RUI, ask, chosen);
    [
        its(Ask::SetRule, bytes([0, 2, 0])),
        its(Ask::NameHotel, nothing().bytes(b"Mine")),
        its(Ask::EraseGuest, byte(1)),
        // What the server did is nobody's to take back: its actions go behind people's.
        its(Ask::Undo, nothing().below(5)),
    ]
}

fn of_the_server() -> [Line; 4] {
    Ask::OF_THE_SERVER.map(|ask| (INES, ask, nothing()))
}

fn mark() -> Script {
    said(nothing(), (MARIA, Ask::Mark, byte(1)))
}

/// A booking, with the changes of a mark.
fn any_command() -> Script {
    let script = mark().one_of(&Attack::ALL, Attack::AnyCommand);
    script.one_of(Ask::ALL, Ask::Book).rest(&[0, 0, 0, 0, 0])
}

/// A booking that leaves on another day than was written.
fn another_argument() -> Script {
    let script = said(nothing(), (RUI, Ask::Book, bytes([0, 0, 0, 0, 0])));
    let script = script.one_of(&Attack::ALL, Attack::AnotherArgument);
    script.rest(&[2, 3])
}
