//! What people ask for, as far as bytes can choose it.
//!
//! **Invariant**: bytes name kinds of command by their place. Further ones go to the end, so that a
//! file goes on asking for what it asked for.

mod desk;
mod hotel;
mod naming;
mod rooms;
mod work;

use crate::hostile::choices::Choices;
use keyrack_model::{
    action::Action,
    cleanliness::Cleanliness,
    command::{
        Command, DeskCommand, RoomCommand, WorkCommand, WorkOrderDraft, WorkOrderEdit,
        bounds::check_bounds,
    },
    ids::{CommentId, WorkOrderId},
    plan::{Context, plan},
    policy::{Role, allows},
    record::{Guest, RecordRef},
    room::{Occupancy, ServiceStatus},
    work_order::{Priority, WorkOrderStatus},
};
use keyrack_server::pretend::{Device, ORDER, ROOM};
use naming::Asking;

/// Names each command once. One that is not among these does not compile.
macro_rules! asks {
    ($($pattern:pat => $ask:ident),* $(,)?) => {
        /// Kinds of command.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
        pub enum Ask { $($ask),* }

        impl Ask {
            pub const ALL: &'static [Self] = &[$(Self::$ask),*];

            pub fn of(command: &Command) -> Self {
                match command { $($pattern => Self::$ask),* }
            }
        }
    };
}

asks! {
    Command::SetCleanliness { .. } => Mark,
    Command::SetOccupancySeen { .. } => Occupancy,
    Command::SetServiceStatus { .. } => Service,
    Command::CheckIn { .. } => CheckIn,
    Command::CheckOut { .. } => CheckOut,
    Command::StartTask { .. } => Start,
    Command::PauseTask { .. } => Pause,
    Command::FinishTask { .. } => Finish,
    Command::AssignTask { .. } => Assign,
    Command::EditWorkOrder { .. } => Edit,
    Command::CreateWorkOrder { .. } => Make,
    Command::AddComment { .. } => Comment,
    Command::Undo { .. } => Undo,
    Command::EditGuest { .. } => NameGuest,
    Command::EraseGuest { .. } => EraseGuest,
    Command::Desk(DeskCommand::Book { .. }) => Book,
    Command::Desk(DeskCommand::EditStay { .. }) => EditStay,
    Command::Desk(DeskCommand::CancelStay { .. }) => CancelStay,
    Command::Desk(DeskCommand::MarkNoShow { .. }) => NoShow,
    Command::Desk(DeskCommand::AssignRoom { .. }) => AssignRoom,
    Command::Desk(DeskCommand::MoveRoom { .. }) => MoveRoom,
    Command::Desk(DeskCommand::SetQueued { .. }) => Queue,
    Command::Desk(DeskCommand::CloseDay { .. }) => CloseDay,
    Command::Desk(DeskCommand::PlanRoom { .. }) => PlanRoom,
    Command::Rooms(RoomCommand::Add { .. }) => AddRoom,
    Command::Rooms(RoomCommand::Edit { .. }) => EditRoom,
    Command::Rooms(RoomCommand::SetRush { .. }) => Rush,
    Command::Rooms(RoomCommand::Note { .. }) => NoteRoom,
    Command::Rooms(RoomCommand::Link { .. }) => Link,
    Command::Rooms(RoomCommand::Block { .. }) => Block,
    Command::Rooms(RoomCommand::EditBlock { .. }) => EditBlock,
    Command::Rooms(RoomCommand::EndBlock { .. }) => EndBlock,
    Command::Work(WorkCommand::Add { .. }) => AddTask,
    Command::Work(WorkCommand::Cancel { .. }) => CancelTask,
    Command::Work(WorkCommand::Pin { .. }) => Pin,
    Command::Work(WorkCommand::KeptOut { .. }) => KeptOut,
    Command::Work(WorkCommand::Enter { .. }) => Enter,
    Command::Work(WorkCommand::Note { .. }) => NoteTask,
    Command::Work(WorkCommand::Inspect { .. }) => Inspect,
    Command::SetRule { .. } => SetRule,
    Command::Settle { .. } => Settle,
    Command::NameHotel { .. } => NameHotel,
    Command::OpenHotel { .. } => OpenHotel,
    Command::Import(_) => Import,
    Command::Approved(_) => Approved,
    Command::Redacted => Redacted,
}

impl Ask {
    /// What nobody at a hotel asks for.
    pub const OF_THE_SERVER: [Self; 4] = [
        Self::OpenHotel,
        Self::Import,
        Self::Approved,
        Self::Redacted,
    ];
}

/// What the bytes choose, whatever the app says to it.
pub fn chosen(device: &mut Device, stored: &[Action], choices: &mut Choices<'_>) -> Command {
    let ask = *choices.one_of(Ask::ALL);
    let command = Asking::of(device, stored, choices).command(ask);
    assert_eq!(Ask::of(&command), ask);
    command
}

/// Does it as the app does, which knows of the guests what is stored; None when the app refuses it
/// itself.
pub fn ask(device: &mut Device, stored: &[Action], command: Command) -> Option<Action> {
    let Some(record) = command.record() else {
        check_bounds(&command).ok()?;
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

/// What a modified app makes of a command that the app refuses: what it makes for whoever may ask
/// for it, or, where nobody makes anything of it, something else.
pub fn force(device: &mut Device, command: Command) -> Option<Action> {
    if command.record().is_some() {
        return Some(device.about_guest(command));
    }
    let something_else = Command::SetOccupancySeen {
        room: ROOM,
        value: Occupancy::Vacant,
    };
    let role = std::mem::replace(&mut device.role, Role::Admin);
    let planned = device.ask(command.clone());
    let planned = planned.or_else(|_| device.ask(something_else));
    device.role = role;
    let mut action = planned.ok()?;
    action.command = command;
    Some(action)
}

/// What two commands make, in one action that says only the first of them; None when either comes
/// to nothing.
pub fn with_more(device: &mut Device, command: &Command, other: &Command) -> Option<Action> {
    let operation = device.operation();
    let context = Context {
        hotel: device.hotel,
        operation,
        author: device.user,
        role: Role::Admin,
        at: device.at,
    };
    let mut changes = plan(command, context, &*device).ok()?;
    changes.extend(plan(other, context, &*device).ok()?);
    Some(device.act(operation, command.clone(), &changes))
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

impl Asking<'_, '_> {
    fn command(&mut self, ask: Ask) -> Command {
        match ask {
            Ask::Mark => Command::SetCleanliness {
                rooms: vec![ROOM],
                value: self.one_of(Cleanliness::ALL),
            },
            Ask::Occupancy => Command::SetOccupancySeen {
                room: ROOM,
                value: self.one_of(Occupancy::ALL),
            },
            Ask::Service => Command::SetServiceStatus {
                room: ROOM,
                value: self.one_of(ServiceStatus::ALL),
            },
            Ask::CheckIn => Command::CheckIn { stay: self.stay() },
            Ask::CheckOut => Command::CheckOut { stay: self.stay() },
            Ask::Start => Command::StartTask { task: self.task() },
            Ask::Pause => Command::PauseTask { task: self.task() },
            Ask::Finish => Command::FinishTask { task: self.task() },
            Ask::Assign => Command::AssignTask {
                task: self.task(),
                assignee: self.person(),
            },
            Ask::Edit => Command::EditWorkOrder {
                work_order: ORDER,
                edit: self.edit_work_order(),
            },
            Ask::Make => Command::CreateWorkOrder {
                work_order: WorkOrderId(self.id()),
                draft: WorkOrderDraft {
                    title: self.text(),
                    description: self.text(),
                    room: Some(ROOM),
                    assignee: self.person(),
                    ..WorkOrderDraft::default()
                },
            },
            Ask::Comment => Command::AddComment {
                comment: CommentId(self.id()),
                subject: ORDER,
                text: self.text(),
            },
            Ask::Undo => Command::Undo {
                operation: self.known_action(),
            },
            Ask::NameGuest => {
                let stay = self.stay();
                let versions = versions_of(self.stored, stay.into());
                Command::EditGuest {
                    stay,
                    expected: versions.count() as u64,
                    guest: Guest {
                        name: self.text(),
                        phone: self.text(),
                    },
                }
            }
            Ask::EraseGuest => Command::EraseGuest { stay: self.stay() },
            Ask::Book => Command::Desk(self.book()),
            Ask::EditStay => Command::Desk(self.edit_stay()),
            Ask::CancelStay => Command::Desk(DeskCommand::CancelStay { stay: self.stay() }),
            Ask::NoShow => Command::Desk(DeskCommand::MarkNoShow { stay: self.stay() }),
            Ask::AssignRoom => Command::Desk(DeskCommand::AssignRoom {
                stay: self.stay(),
                room: self.room_or_none(),
            }),
            Ask::MoveRoom => Command::Desk(DeskCommand::MoveRoom {
                stay: self.stay(),
                room: self.room(),
            }),
            Ask::Queue => Command::Desk(DeskCommand::SetQueued {
                stay: self.stay(),
                queued: self.yes_or_no(),
            }),
            Ask::CloseDay => Command::Desk(DeskCommand::CloseDay { date: self.day() }),
            Ask::PlanRoom => Command::Desk(DeskCommand::PlanRoom {
                room: self.room(),
                date: self.day(),
            }),
            Ask::AddRoom => Command::Rooms(self.add_room()),
            Ask::EditRoom => Command::Rooms(self.edit_room()),
            Ask::Rush => Command::Rooms(RoomCommand::SetRush {
                rooms: vec![self.room()],
                rush: self.yes_or_no(),
            }),
            Ask::NoteRoom => Command::Rooms(RoomCommand::Note {
                room: self.room(),
                text: self.text(),
                base: self.text(),
            }),
            Ask::Link => Command::Rooms(self.link()),
            Ask::Block => Command::Rooms(self.block_room()),
            Ask::EditBlock => Command::Rooms(self.edit_block()),
            Ask::EndBlock => Command::Rooms(RoomCommand::EndBlock {
                block: self.block(),
            }),
            Ask::AddTask => Command::Work(self.add_task()),
            Ask::CancelTask => Command::Work(WorkCommand::Cancel { task: self.task() }),
            Ask::Pin => Command::Work(WorkCommand::Pin {
                task: self.task(),
                pinned: self.yes_or_no(),
            }),
            Ask::KeptOut => Command::Work(WorkCommand::KeptOut {
                task: self.task(),
                by: self.one_of(ServiceStatus::ALL),
            }),
            Ask::Enter => Command::Work(self.enter()),
            Ask::NoteTask => Command::Work(WorkCommand::Note {
                task: self.task(),
                text: self.text(),
                base: self.text(),
            }),
            Ask::Inspect => Command::Work(self.inspect()),
            Ask::SetRule => self.set_rule(),
            Ask::Settle => self.settle(),
            Ask::NameHotel => Command::NameHotel { name: self.text() },
            Ask::OpenHotel => hotel::open(),
            Ask::Import => hotel::import(),
            Ask::Approved => hotel::approved(),
            Ask::Redacted => Command::Redacted,
        }
    }

    fn edit_work_order(&mut self) -> WorkOrderEdit {
        let fields = self.fields();
        let mut edit = WorkOrderEdit::default();
        if fields & 1 != 0 {
            edit.title = Some(self.text());
        }
        if fields & 2 != 0 {
            edit.description = Some(self.text());
        }
        if fields & 4 != 0 {
            edit.priority = Some(self.one_of(Priority::ALL));
        }
        if fields & 8 != 0 {
            edit.status = Some(self.one_of(WorkOrderStatus::ALL));
        }
        if fields & 16 != 0 {
            edit.assignee = Some(self.person());
        }
        edit
    }
}
