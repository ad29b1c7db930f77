//! Honest work of every role passes, whatever is done at the same time.

use super::*;
use keyrack_model::{
    change::Entity,
    cleanliness::Cleanliness,
    command::{WorkOrderDraft, WorkOrderEdit},
    ids::{CommentId, TaskId, WorkOrderId},
    room::{Occupancy, ServiceStatus},
    work_order::WorkOrderStatus,
};

/// One step: who, what, whether they have first received what is stored, and how much later it is.
#[derive(Clone, Debug)]
struct Step {
    device: usize,
    ask: Ask,
    receives: Receives,
    minutes: i64,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Receives {
    Everything,
    Nothing,
}

#[derive(Clone, Debug)]
enum Ask {
    Command(Command),
    /// A work order or a comment of the device's own.
    Make(WorkOrderDraft),
    Comment(String),
    Undo(prop::sample::Index),
}

fn tasks() -> BoxedStrategy<TaskId> {
    prop::sample::select(vec![stayover(), departure()]).boxed()
}

fn rooms_and_desk() -> BoxedStrategy<Command> {
    prop_oneof![
        prop::sample::select(Cleanliness::ALL).prop_map(|value| Command::SetCleanliness {
            rooms: vec![ROOM, ROOM],
            value
        }),
        prop::sample::select(Occupancy::ALL)
            .prop_map(|value| Command::SetOccupancySeen { room: ROOM, value }),
        prop::sample::select(ServiceStatus::ALL)
            .prop_map(|value| Command::SetServiceStatus { room: ROOM, value }),
        prop::sample::select(vec![GUEST, NEXT]).prop_map(|stay| Command::CheckIn { stay }),
        prop::sample::select(vec![GUEST, NEXT]).prop_map(|stay| Command::CheckOut { stay }),
        tasks().prop_map(|task| Command::StartTask { task }),
        tasks().prop_map(|task| Command::PauseTask { task }),
        tasks().prop_map(|task| Command::FinishTask { task }),
        (tasks(), somebody()).prop_map(|(task, assignee)| Command::AssignTask { task, assignee }),
    ]
    .boxed()
}

fn somebody() -> BoxedStrategy<Option<UserId>> {
    prop::option::of(prop::sample::select(vec![MARIA, TOMAS])).boxed()
}

fn edits() -> BoxedStrategy<Command> {
    let edit = (
        prop::option::of("[a-zé💧]{1,20} ?"),
        (
            prop::option::of("[a-zé💧 ]{0,40}(\n[a-z]{1,5})?"),
            prop::option::of("[a-z]{0,3}"),
        ),
        prop::option::of(prop::option::of(Just(ROOM))),
        prop::option::of(prop::sample::select(Priority::ALL)),
        prop::option::of(prop::sample::select(WorkOrderStatus::ALL)),
        prop::option::of(somebody()),
    );
    edit.prop_map(
        |(title, (description, base), room, priority, status, assignee)| Command::EditWorkOrder {
            work_order: ORDER,
            edit: WorkOrderEdit {
                title,
                title_base: None,
                description,
                description_base: base,
                room,
                priority,
                status,
                assignee,
            },
        },
    )
    .boxed()
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let draft =
        ("[a-z]{1,9}", "[a-zé💧 ]{0,20}", somebody()).prop_map(|(title, description, assignee)| {
            WorkOrderDraft {
                title,
                description,
                assignee,
                room: Some(ROOM),
                ..WorkOrderDraft::default()
            }
        });
    let ask = prop_oneof![
        5 => rooms_and_desk().prop_map(Ask::Command),
        3 => edits().prop_map(Ask::Command),
        1 => draft.prop_map(Ask::Make),
        1 => "[a-zé💧]{1,30}".prop_map(Ask::Comment),
        3 => any::<prop::sample::Index>().prop_map(Ask::Undo),
    ];
    let receives = prop::sample::select(&[Receives::Everything, Receives::Nothing][..]);
    let step =
        (0..DEVICES.len(), ask, receives, 0..90i64).prop_map(|(device, ask, receives, minutes)| {
            Step {
                device,
                ask,
                receives,
                minutes,
            }
        });
    prop::collection::vec(step, 1..40)
}

const DEVICES: [UserId; 5] = [MARIA, MARIA, RUI, TOMAS, INES];

fn command(device: &mut Device, ask: Ask) -> Command {
    match ask {
        Ask::Command(command) => command,
        Ask::Make(draft) => Command::CreateWorkOrder {
            work_order: WorkOrderId(device.operation().0),
            draft,
        },
        Ask::Comment(text) => Command::AddComment {
            comment: CommentId(device.operation().0),
            subject: ORDER,
            text,
        },
        Ask::Undo(which) => {
            let known = device.knows();
            let operation = known[which.index(known.len())];
            Command::Undo { operation }
        }
    }
}

/// As the drawer does: a text is saved over the one that its author has before them.
fn over_what_is_seen(device: &mut Device, command: Command) -> Command {
    let Command::EditWorkOrder {
        work_order,
        mut edit,
    } = command
    else {
        return command;
    };
    // A base that was drawn stands for somebody who has not seen what came last.
    let is_up_to_date = edit.description_base.is_none();
    if let Entity::WorkOrder(seen) = device.document(work_order.into()).reading().entity
        && is_up_to_date
    {
        edit.title_base = Some(seen.title);
        edit.description_base = Some(seen.description);
    }
    Command::EditWorkOrder { work_order, edit }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn whatever_is_planned_passes_whatever_its_order(steps in steps()) {
        let mut devices: Vec<Device> = (1u128..).zip(DEVICES).map(|(n, user)| Device::of(user, n)).collect();
        let mut hotel = Hotel::with(&devices.iter().collect::<Vec<_>>());
        let mut stored: Vec<Action> = Vec::new();
        let mut now = NOW;
        for step in steps {
            now = Timestamp(now.0 + step.minutes * 60_000);
            let device = &mut devices[step.device];
            device.at = now;
            if step.receives == Receives::Everything {
                stored.iter().for_each(|action| device.receive(action));
            }
            let wished = command(device, step.ask);
            let command = over_what_is_seen(device, wished);
            let Ok(action) = device.ask(command) else {
                continue;
            };
            let device = device.clone();
            prop_assert_eq!(hotel.judge(&device, action.clone()), Ok(()), "{:?}", action.command);
            stored.push(action);
        }
        for device in &mut devices {
            stored.iter().for_each(|action| device.receive(action));
            for change in stored.iter().flat_map(|action| &action.changes) {
                let reference = change.document;
                prop_assert_eq!(hotel.document(reference).heads(), device.document(reference).heads());
                prop_assert_eq!(hotel.document(reference).reading(), device.document(reference).reading());
            }
        }
    }
}

#[test]
fn what_the_server_imports_passes_and_so_does_importing_it_again() {
    let mut server = Device::of(identity::SERVER, 9);
    let mut hotel = Hotel::with(&[&server]);
    let from = Author::Server(server.id);
    for opened in opening() {
        let Command::Import(_) = &opened.command else {
            continue;
        };
        // Nothing is new of what opened the house.
        assert_eq!(
            server.ask(opened.command.clone()).err(),
            Some(Refusal::NothingToDo)
        );
    }
    let row = |departure: &str| {
        Command::Import(keyrack_model::command::ImportedRow::Stay {
            stay: GUEST,
            fields: keyrack_model::stay::Stay {
                room: Some(ROOM),
                arrival: "2017-05-22".parse().unwrap(),
                departure: departure.parse().unwrap(),
                status: keyrack_model::stay::StayStatus::InHouse,
                ..Default::default()
            },
        })
    };
    for departure in ["2017-05-28", "2017-05-29"] {
        let action = server.ask(row(departure)).unwrap();
        assert_eq!(hotel.judge_from(from, action), Ok(()));
    }
}
