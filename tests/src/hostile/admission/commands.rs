//! What people ask for, as far as bytes can choose it.

use crate::hostile::choices::Choices;
use keyrack_model::{
    action::Action,
    cleanliness::Cleanliness,
    command::{Command, WorkOrderDraft, WorkOrderEdit},
    ids::{CommentId, WorkOrderId},
    policy::allows,
    record::{Guest, RecordRef},
    room::{Occupancy, ServiceStatus},
    work_order::{Priority, WorkOrderStatus},
};
use keyrack_server::pretend::{
    Device, GUEST, MARIA, NEXT, ORDER, ROOM, TOMAS, departure, stayover,
};

/// Kinds of command.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ask {
    Mark,
    Occupancy,
    Service,
    CheckIn,
    CheckOut,
    Start,
    Pause,
    Finish,
    Assign,
    Edit,
    Make,
    Comment,
    Undo,
    NameGuest,
    EraseGuest,
}

impl Ask {
    pub const ALL: [Self; 15] = [
        Self::Mark,
        Self::Occupancy,
        Self::Service,
        Self::CheckIn,
        Self::CheckOut,
        Self::Start,
        Self::Pause,
        Self::Finish,
        Self::Assign,
        Self::Edit,
        Self::Make,
        Self::Comment,
        Self::Undo,
        Self::NameGuest,
        Self::EraseGuest,
    ];
}

/// Does what the bytes choose, as the app does, which knows of the guests what is stored; None when
/// the app refuses it itself.
pub fn ask(device: &mut Device, stored: &[Action], choices: &mut Choices<'_>) -> Option<Action> {
    let ask = *choices.one_of(&Ask::ALL);
    let command = command(device, ask, stored, choices);
    let Some(record) = command.record() else {
        return device.ask(command).ok();
    };
    allows(device.role, &command).ok()?;
    let is_there = last_of(stored, record)
        .is_some_and(|last| !matches!(last.command, Command::EraseGuest { .. }));
    match &command {
        Command::EditGuest { guest, .. } if guest.checked().as_ref() != Ok(guest) => None,
        Command::EraseGuest { .. } if !is_there => None,
        _ => Some(device.about_guest(command)),
    }
}

/// Versions of a record that are stored.
fn versions_of(stored: &[Action], record: RecordRef) -> impl DoubleEndedIterator<Item = &Action> {
    let of_it = move |action: &&Action| action.command.record() == Some(record);
    stored.iter().filter(of_it)
}

fn last_of(stored: &[Action], record: RecordRef) -> Option<&Action> {
    versions_of(stored, record).next_back()
}

/// What the people of [`super::PEOPLE`] do at the end, in their order.
pub const EVERYDAY: [Ask; 4] = [Ask::Mark, Ask::Comment, Ask::Comment, Ask::Mark];

/// Something that is always possible.
pub fn everyday(device: &mut Device, ask: Ask) -> Action {
    let command = match ask {
        Ask::Mark => Command::SetCleanliness {
            rooms: vec![ROOM],
            value: Cleanliness::Dirty,
        },
        _ => Command::AddComment {
            comment: CommentId(device.operation().0),
            subject: ORDER,
            text: "All as ever.".into(),
        },
    };
    device.ask(command).expect("the app does it")
}

fn command(device: &mut Device, ask: Ask, stored: &[Action], choices: &mut Choices<'_>) -> Command {
    let tasks = [stayover(), departure()];
    let stays = [NEXT, GUEST];
    let people = [None, Some(MARIA), Some(TOMAS)];
    match ask {
        Ask::Mark => Command::SetCleanliness {
            rooms: vec![ROOM],
            value: *choices.one_of(Cleanliness::ALL),
        },
        Ask::Occupancy => Command::SetOccupancySeen {
            room: ROOM,
            value: *choices.one_of(Occupancy::ALL),
        },
        Ask::Service => Command::SetServiceStatus {
            room: ROOM,
            value: *choices.one_of(ServiceStatus::ALL),
        },
        Ask::CheckIn => Command::CheckIn {
            stay: *choices.one_of(&stays),
        },
        Ask::CheckOut => Command::CheckOut {
            stay: *choices.one_of(&stays),
        },
        Ask::Start => Command::StartTask {
            task: *choices.one_of(&tasks),
        },
        Ask::Pause => Command::PauseTask {
            task: *choices.one_of(&tasks),
        },
        Ask::Finish => Command::FinishTask {
            task: *choices.one_of(&tasks),
        },
        Ask::Assign => Command::AssignTask {
            task: *choices.one_of(&tasks),
            assignee: *choices.one_of(&people),
        },
        Ask::Edit => Command::EditWorkOrder {
            work_order: ORDER,
            edit: edit(choices),
        },
        Ask::Make => Command::CreateWorkOrder {
            work_order: WorkOrderId(device.operation().0),
            draft: WorkOrderDraft {
                title: text(choices),
                description: text(choices),
                room: Some(ROOM),
                assignee: *choices.one_of(&people),
                ..WorkOrderDraft::default()
            },
        },
        Ask::Comment => Command::AddComment {
            comment: CommentId(device.operation().0),
            subject: ORDER,
            text: text(choices),
        },
        Ask::Undo => {
            let known = device.knows();
            let operation = known[choices.below(known.len())];
            Command::Undo { operation }
        }
        Ask::NameGuest => {
            let stay = *choices.one_of(&stays);
            Command::EditGuest {
                stay,
                expected: versions_of(stored, stay.into()).count() as u64,
                guest: Guest {
                    name: text(choices),
                    phone: text(choices),
                },
            }
        }
        Ask::EraseGuest => Command::EraseGuest {
            stay: *choices.one_of(&stays),
        },
    }
}

/// Which fields an edit names stands in the bits of its first byte.
fn edit(choices: &mut Choices<'_>) -> WorkOrderEdit {
    let fields = choices.byte();
    let mut edit = WorkOrderEdit::default();
    if fields & 1 != 0 {
        edit.title = Some(text(choices));
    }
    if fields & 2 != 0 {
        edit.description = Some(text(choices));
    }
    if fields & 4 != 0 {
        edit.priority = Some(*choices.one_of(Priority::ALL));
    }
    if fields & 8 != 0 {
        edit.status = Some(*choices.one_of(WorkOrderStatus::ALL));
    }
    if fields & 16 != 0 {
        edit.assignee = Some(*choices.one_of(&[None, Some(MARIA), Some(TOMAS)]));
    }
    edit
}

fn text(choices: &mut Choices<'_>) -> String {
    String::from_utf8_lossy(choices.bytes()).into_owned()
}
