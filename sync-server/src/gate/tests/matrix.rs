//! Every role and every command: what is made by hand is admitted exactly when the policy allows it.

use super::*;
use keyrack_model::{
    cleanliness::Cleanliness,
    command::{
        Approval, BlockDraft, BlockEdit, DeskCommand, ImportedRow, RoomCommand, RoomDraft,
        RoomEdit, StayDraft, StayEdit, TaskDraft, WorkCommand, WorkOrderDraft, WorkOrderEdit,
    },
    ids::{BlockId, CommentId, StayId, TaskId, WorkOrderId},
    policy::{allows, allows_edit},
    record::Guest,
    room::{Occupancy, Room, ServiceStatus},
    room_link::RoomLinkKind,
    rule_sheet::{RuleKey, RuleScope},
    task::{EntryReason, InspectionOutcome, TaskKind},
    work_order::{WorkOrder, WorkOrderStatus},
};

const OTHER_ROOM: RoomId = RoomId(Uuid::from_u128(205));
const BLOCK: BlockId = BlockId(Uuid::from_u128(60));
const INSPECTION: TaskId = TaskId(Uuid::from_u128(70));

/// Names each command once, and each kind of it that is a right of its own.
macro_rules! kinds {
    ($($pattern:pat => $kind:ident),* $(,)?) => {
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        enum Kind { $($kind),* }

        impl Kind {
            const ALL: &[Self] = &[$(Self::$kind),*];

            /// A command that is not among these does not compile.
            fn of(command: &Command) -> Self {
                match command { $($pattern => Self::$kind),* }
            }
        }
    };
}

kinds! {
    Command::SetCleanliness { value: Cleanliness::Inspected, .. } => MarkInspected,
    Command::SetCleanliness { .. } => Mark,
    Command::SetOccupancySeen { .. } => SeeOccupancy,
    Command::SetServiceStatus { .. } => SetService,
    Command::StartTask { .. } => Start,
    Command::PauseTask { .. } => Pause,
    Command::FinishTask { .. } => Finish,
    Command::AssignTask { .. } => Assign,
    Command::CheckIn { .. } => CheckIn,
    Command::CheckOut { .. } => CheckOut,
    Command::CreateWorkOrder { draft: WorkOrderDraft { assignee: Some(_), .. }, .. } => CreateGivenOrder,
    Command::CreateWorkOrder { .. } => CreateOrder,
    Command::EditWorkOrder { edit: WorkOrderEdit { status: Some(WorkOrderStatus::Verified), .. }, .. } => VerifyOrder,
    Command::EditWorkOrder { edit: WorkOrderEdit { status: Some(WorkOrderStatus::Cancelled), .. }, .. } => CancelOrder,
    Command::EditWorkOrder { edit: WorkOrderEdit { status: Some(_), .. }, .. } => ProgressOrder,
    Command::EditWorkOrder { edit: WorkOrderEdit { priority: Some(_), .. }, .. } => RankOrder,
    Command::EditWorkOrder { edit: WorkOrderEdit { assignee: Some(_), .. }, .. } => GiveOrder,
    Command::EditWorkOrder { .. } => EditOrder,
    Command::AddComment { .. } => AddComment,
    Command::EditGuest { .. } => EditGuest,
    Command::EraseGuest { .. } => EraseGuest,
    Command::Desk(DeskCommand::Book { .. }) => Book,
    Command::Desk(DeskCommand::EditStay { .. }) => EditStay,
    Command::Desk(DeskCommand::CancelStay { .. }) => CancelStay,
    Command::Desk(DeskCommand::MarkNoShow { .. }) => MarkNoShow,
    Command::Desk(DeskCommand::AssignRoom { .. }) => AssignRoom,
    Command::Desk(DeskCommand::MoveRoom { .. }) => MoveRoom,
    Command::Desk(DeskCommand::SetQueued { .. }) => SetQueued,
    Command::Desk(DeskCommand::CloseDay { .. }) => CloseDay,
    Command::Desk(DeskCommand::PlanRoom { .. }) => PlanRoom,
    Command::Rooms(RoomCommand::Add { .. }) => AddRoom,
    Command::Rooms(RoomCommand::Edit { .. }) => EditRoom,
    Command::Rooms(RoomCommand::SetRush { .. }) => SetRush,
    Command::Rooms(RoomCommand::Note { .. }) => NoteRoom,
    Command::Rooms(RoomCommand::Link { .. }) => LinkRooms,
    Command::Rooms(RoomCommand::Block { .. }) => BlockRoom,
    Command::Rooms(RoomCommand::EditBlock { .. }) => EditBlock,
    Command::Rooms(RoomCommand::EndBlock { .. }) => EndBlock,
    Command::Work(WorkCommand::Add { .. }) => AddTask,
    Command::Work(WorkCommand::Cancel { .. }) => CancelTask,
    Command::Work(WorkCommand::Pin { .. }) => PinTask,
    Command::Work(WorkCommand::KeptOut { .. }) => KeptOut,
    Command::Work(WorkCommand::Enter { .. }) => Enter,
    Command::Work(WorkCommand::Note { .. }) => NoteTask,
    Command::Work(WorkCommand::Inspect { .. }) => Inspect,
    Command::SetRule { .. } => SetRule,
    Command::Settle { .. } => Settle,
    Command::NameHotel { .. } => NameHotel,
    Command::Undo { .. } => Undo,
    Command::OpenHotel { .. } => OpenHotel,
    Command::Import(_) => Import,
    Command::Approved(_) => Approved,
    Command::Redacted => Redacted,
}

/// What an admin did before it, the last of it beside another admin who did not hear of it.
fn before(kind: Kind) -> Vec<Command> {
    let status = |status| edit_order(|edit| edit.status = Some(status));
    let titled = |title: &str| edit_order(|edit| edit.title = Some(title.into()));
    match kind {
        Kind::Pause => vec![Command::StartTask { task: stayover() }],
        Kind::CheckIn => vec![Command::CheckOut { stay: GUEST }],
        Kind::VerifyOrder => vec![status(WorkOrderStatus::Done)],
        Kind::EraseGuest => vec![edit_guest()],
        Kind::EditBlock | Kind::EndBlock => vec![block()],
        Kind::Inspect => {
            let draft = TaskDraft {
                kind: TaskKind::Inspection,
                room: ROOM,
                business_date: today(),
                ..TaskDraft::default()
            };
            let (task, draft) = (INSPECTION, Box::new(draft));
            vec![Command::Work(WorkCommand::Add { task, draft })]
        }
        Kind::Enter => vec![set_service()],
        Kind::Undo => vec![see_vacant()],
        Kind::Settle => vec![titled("Shower drips"), titled("Shower runs")],
        _ => Vec::new(),
    }
}

fn create_order(assignee: Option<UserId>) -> Command {
    Command::CreateWorkOrder {
        work_order: WorkOrderId(Uuid::from_u128(80)),
        draft: WorkOrderDraft {
            title: "Lamp".into(),
            assignee,
            ..WorkOrderDraft::default()
        },
    }
}

fn edit_order(edit: impl FnOnce(&mut WorkOrderEdit)) -> Command {
    let mut edited = WorkOrderEdit::default();
    edit(&mut edited);
    Command::EditWorkOrder {
        work_order: ORDER,
        edit: edited,
    }
}

fn edit_guest() -> Command {
    Command::EditGuest {
        stay: GUEST,
        expected: 0,
        guest: Guest {
            name: "Anabela".into(),
            phone: String::new(),
        },
    }
}

fn see_vacant() -> Command {
    Command::SetOccupancySeen {
        room: ROOM,
        value: Occupancy::Vacant,
    }
}

fn block() -> Command {
    let draft = BlockDraft {
        room: OTHER_ROOM,
        reason: "Paint".into(),
        from: today(),
        until: today().plus_days(2),
        ..BlockDraft::default()
    };
    let (block, draft) = (BLOCK, Box::new(draft));
    Command::Rooms(RoomCommand::Block { block, draft })
}

/// A command of a kind, which something comes of after what was done before it.
fn asked(kind: Kind, done: &[OperationId]) -> Command {
    let task = stayover();
    match kind {
        Kind::MarkInspected => mark(Cleanliness::Inspected),
        Kind::Mark => mark(Clean),
        Kind::SeeOccupancy => see_vacant(),
        Kind::SetService => set_service(),
        Kind::Start => Command::StartTask { task },
        Kind::Pause => Command::PauseTask { task },
        Kind::Finish => Command::FinishTask { task },
        Kind::Assign => Command::AssignTask {
            task,
            assignee: Some(INES),
        },
        Kind::CheckIn => Command::CheckIn { stay: NEXT },
        Kind::CheckOut => Command::CheckOut { stay: GUEST },
        Kind::CreateOrder => create_order(None),
        Kind::CreateGivenOrder => create_order(Some(INES)),
        Kind::VerifyOrder => edit_order(|edit| edit.status = Some(WorkOrderStatus::Verified)),
        Kind::CancelOrder => edit_order(|edit| edit.status = Some(WorkOrderStatus::Cancelled)),
        Kind::ProgressOrder => edit_order(|edit| edit.status = Some(WorkOrderStatus::InProgress)),
        Kind::RankOrder => edit_order(|edit| edit.priority = Some(Priority::P1)),
        Kind::GiveOrder => edit_order(|edit| edit.assignee = Some(Some(INES))),
        Kind::EditOrder => edit_order(|edit| edit.title = Some("Shower drips".into())),
        Kind::AddComment => Command::AddComment {
            comment: CommentId(Uuid::from_u128(81)),
            subject: ORDER,
            text: "Ordered a part.".into(),
        },
        Kind::EditGuest => edit_guest(),
        Kind::EraseGuest => Command::EraseGuest { stay: GUEST },
        Kind::SetRule => Command::SetRule {
            scope: RuleScope::Hotel,
            rule: RuleKey::LinenEvery,
            number: Some(2),
        },
        Kind::Settle => Command::Settle {
            document: ORDER.into(),
            key: "title".into(),
            chosen: done[0],
        },
        Kind::NameHotel => Command::NameHotel {
            name: "Resort H2".into(),
        },
        Kind::Undo => Command::Undo { operation: done[0] },
        Kind::OpenHotel => Command::OpenHotel {
            hotel: HOTEL,
            name: "Another".into(),
            business_date: today(),
        },
        Kind::Import => import(ROOM, "206"),
        Kind::Approved => Command::Approved(Approval {
            command: Box::new(set_service()),
            author: MARIA,
            role: Role::Housekeeper,
            at: NOW,
            approver: INES,
        }),
        Kind::Redacted => Command::Redacted,
        Kind::Book
        | Kind::EditStay
        | Kind::CancelStay
        | Kind::MarkNoShow
        | Kind::AssignRoom
        | Kind::MoveRoom
        | Kind::SetQueued
        | Kind::CloseDay
        | Kind::PlanRoom => Command::Desk(asked_of_desk(kind)),
        Kind::AddRoom
        | Kind::EditRoom
        | Kind::SetRush
        | Kind::NoteRoom
        | Kind::LinkRooms
        | Kind::BlockRoom
        | Kind::EditBlock
        | Kind::EndBlock => asked_of_rooms(kind),
        Kind::AddTask
        | Kind::CancelTask
        | Kind::PinTask
        | Kind::KeptOut
        | Kind::Enter
        | Kind::NoteTask
        | Kind::Inspect => Command::Work(asked_of_work(kind)),
    }
}

fn asked_of_desk(kind: Kind) -> DeskCommand {
    match kind {
        Kind::Book => DeskCommand::Book {
            stay: StayId(Uuid::from_u128(33)),
            draft: Box::new(StayDraft {
                arrival: today(),
                departure: today().plus_days(1),
                adults: 1,
                ..StayDraft::default()
            }),
        },
        Kind::EditStay => DeskCommand::EditStay {
            stay: GUEST,
            edit: Box::new(StayEdit {
                adults: Some(1),
                ..StayEdit::default()
            }),
        },
        Kind::CancelStay => DeskCommand::CancelStay { stay: NEXT },
        Kind::MarkNoShow => DeskCommand::MarkNoShow { stay: NEXT },
        Kind::AssignRoom => DeskCommand::AssignRoom {
            stay: NEXT,
            room: Some(OTHER_ROOM),
        },
        Kind::MoveRoom => DeskCommand::MoveRoom {
            stay: GUEST,
            room: OTHER_ROOM,
        },
        Kind::SetQueued => DeskCommand::SetQueued {
            stay: NEXT,
            queued: true,
        },
        Kind::CloseDay => DeskCommand::CloseDay { date: today() },
        Kind::PlanRoom => DeskCommand::PlanRoom {
            room: ROOM,
            date: today(),
        },
        other => panic!("{other:?} is none of the desk's"),
    }
}

fn asked_of_rooms(kind: Kind) -> Command {
    Command::Rooms(match kind {
        Kind::AddRoom => RoomCommand::Add {
            room: identity::room(HOTEL, "207"),
            draft: Box::new(RoomDraft {
                number: "207".into(),
                ..RoomDraft::default()
            }),
        },
        Kind::EditRoom => RoomCommand::Edit {
            room: ROOM,
            edit: Box::new(RoomEdit {
                floor: Some(3),
                ..RoomEdit::default()
            }),
        },
        Kind::SetRush => RoomCommand::SetRush {
            rooms: vec![ROOM],
            rush: true,
        },
        Kind::NoteRoom => RoomCommand::Note {
            room: ROOM,
            text: "The lock sticks.".into(),
            base: String::new(),
        },
        Kind::LinkRooms => RoomCommand::Link {
            first: ROOM,
            second: OTHER_ROOM,
            kind: Some(RoomLinkKind::Connecting),
        },
        Kind::BlockRoom => return block(),
        Kind::EditBlock => RoomCommand::EditBlock {
            block: BLOCK,
            edit: Box::new(BlockEdit {
                reason: Some("Paint, twice".into()),
                ..BlockEdit::default()
            }),
        },
        Kind::EndBlock => RoomCommand::EndBlock { block: BLOCK },
        other => panic!("{other:?} is not about rooms"),
    })
}

fn asked_of_work(kind: Kind) -> WorkCommand {
    let task = stayover();
    match kind {
        Kind::AddTask => WorkCommand::Add {
            task: TaskId(Uuid::from_u128(71)),
            draft: Box::new(TaskDraft {
                kind: TaskKind::Extra,
                room: ROOM,
                business_date: today(),
                title: "Windows".into(),
                ..TaskDraft::default()
            }),
        },
        Kind::CancelTask => WorkCommand::Cancel { task },
        Kind::PinTask => WorkCommand::Pin { task, pinned: true },
        Kind::KeptOut => WorkCommand::KeptOut {
            task,
            by: ServiceStatus::DoNotDisturb,
        },
        Kind::Enter => WorkCommand::Enter {
            task,
            reason: EntryReason::GuestLeft,
        },
        Kind::NoteTask => WorkCommand::Note {
            task,
            text: "Two pillows.".into(),
            base: String::new(),
        },
        Kind::Inspect => WorkCommand::Inspect {
            task: INSPECTION,
            outcome: InspectionOutcome::Passed,
            reason: String::new(),
        },
        other => panic!("{other:?} is no work"),
    }
}

fn mark(value: Cleanliness) -> Command {
    Command::SetCleanliness {
        rooms: vec![ROOM],
        value,
    }
}

fn set_service() -> Command {
    Command::SetServiceStatus {
        room: ROOM,
        value: ServiceStatus::DoNotDisturb,
    }
}

fn import(room: RoomId, number: &str) -> Command {
    let fields = Room {
        number: number.into(),
        ..Room::default()
    };
    Command::Import(ImportedRow::Room { room, fields })
}

/// Whether the policy allows it: what recalls something is allowed to whoever may do that.
fn is_allowed(role: Role, kind: Kind, asked: &Command) -> bool {
    let first = match kind {
        Kind::Undo | Kind::Settle => before(kind).into_iter().next(),
        _ => None,
    };
    allows(role, asked).is_ok()
        && first.is_none_or(|first| allows(role, &first).is_ok())
        && of_order(kind).is_none_or(|field| {
            // The front desk reported it, and nobody has it.
            let order = WorkOrder {
                reported_by: Some(RUI),
                ..WorkOrder::default()
            };
            allows_edit(role, MARIA, &order, &field).is_ok()
        })
}

/// What a command writes into a work order, where it counts whose the order is.
fn of_order(kind: Kind) -> Option<WorkOrderChange> {
    match kind {
        Kind::CreateGivenOrder | Kind::GiveOrder => Some(WorkOrderChange::Assignee(Some(INES))),
        Kind::CancelOrder => Some(WorkOrderChange::Status(WorkOrderStatus::Cancelled)),
        Kind::ProgressOrder => Some(WorkOrderChange::Status(WorkOrderStatus::InProgress)),
        Kind::RankOrder => Some(WorkOrderChange::Priority(Priority::P1)),
        _ => None,
    }
}

/// A hotel in which an admin did what comes before, and somebody in a role whose device heard of it.
struct Table {
    hotel: Hotel,
    hand: Device,
    done: Vec<OperationId>,
}

impl Table {
    fn set(role: Role, kind: Kind) -> Self {
        let mut server = Device::of(identity::SERVER, 0xFC);
        let mut admins = [Device::of(INES, 7), Device::of(INES, 8)];
        let user = match role {
            Role::Server => identity::SERVER,
            _ => MARIA,
        };
        let mut hand = Device::of(user, 1);
        hand.role = role;
        let mut hotel = Hotel::with(&[&server, &admins[0], &admins[1], &hand]);
        hotel.standing.roles.insert(INES, Role::Admin);
        hotel.standing.roles.insert(MARIA, role);
        let second = server.ask(import(OTHER_ROOM, "205")).unwrap();
        let from = Author::Server(server.id);
        hotel.judge_from(from, second.clone()).unwrap();
        for device in admins.iter_mut().chain([&mut hand]) {
            device.receive(&second);
        }
        let mut done = Vec::new();
        for (admin, command) in admins.iter_mut().zip(before(kind)) {
            admin.role = Role::Admin;
            let action = by_hand(admin, command);
            hotel.judge(admin, action.clone()).unwrap();
            hand.receive(&action);
            done.push(action.operation);
        }
        Self { hotel, hand, done }
    }

    /// What the gate says to it, made as for somebody who may.
    fn judge(&mut self, role: Role, kind: Kind, command: Command) -> Result<(), Refusal> {
        let others = [Role::Admin, Role::Server];
        let mut others = others.into_iter();
        let planned_as = if is_allowed(role, kind, &command) {
            Some(role)
        } else {
            others.find(|other| allows(*other, &command).is_ok())
        };
        let action = match planned_as {
            Some(role) => {
                self.hand.role = role;
                by_hand(&mut self.hand, command)
            }
            // Nobody plans it.
            None => {
                let mut action = self.hand.act_beyond_role(set_service());
                action.command = command;
                action
            }
        };
        match role {
            Role::Server => self.hotel.judge_from(Author::Server(self.hand.id), action),
            _ => self.hotel.judge(&self.hand, action),
        }
    }
}

fn by_hand(device: &mut Device, command: Command) -> Action {
    match command.record() {
        Some(_) => device.about_guest(command),
        None => {
            let name = command.name();
            let action = device.ask(command);
            action.unwrap_or_else(|refusal| panic!("{name} comes to nothing: {refusal}"))
        }
    }
}

#[test]
fn what_is_made_by_hand_is_admitted_exactly_when_the_role_may_ask_for_it() {
    for kind in Kind::ALL {
        for role in Role::ALL {
            let mut table = Table::set(*role, *kind);
            let command = asked(*kind, &table.done);
            assert_eq!(Kind::of(&command), *kind, "{command:?}");
            let may = is_allowed(*role, *kind, &command);
            let before = table.hotel.state();
            match table.judge(*role, *kind, command) {
                Ok(()) => assert!(may, "{role} did {kind:?}"),
                Err(Refusal::NotAllowed { .. } | Refusal::ServerOnly) => {
                    assert!(!may, "{role} may {kind:?}");
                    assert_eq!(table.hotel.state(), before, "{role} and {kind:?}");
                }
                Err(other) => panic!("{role} and {kind:?}: {other}"),
            }
        }
    }
}
