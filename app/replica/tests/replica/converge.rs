//! Whatever the order, duplication and interleaving, replicas come to show the same.

use crate::world::{
    log, people,
    scene::{Device, ROOMS, Scene, room, stay, task, today},
};
use keyrack_model::{
    action::{Content, LogEntry, Sequence},
    change::Entity,
    cleanliness::Cleanliness,
    command::{Command, ImportedRow, WorkOrderDraft, WorkOrderEdit},
    field::FieldType,
    ids::{CommentId, OperationId, UserId, WorkOrderId},
    policy::Role,
    room::{Occupancy, ServiceStatus},
    stay::Stay,
    wire::ServerFrame,
    work_order::{Priority, WorkOrderStatus},
};
use keyrack_replica::{ActError, Effect, Input};
use proptest::prelude::*;
use uuid::Uuid;

const TEAM: [Role; 3] = [Role::FrontDesk, Role::Housekeeper, Role::Supervisor];

#[derive(Clone, Debug)]
enum Step {
    Act(usize, Deed),
    Connect(usize),
    Cut(usize),
    Deliver(usize, usize),
    /// From so many entries before the cursor, so many, so often.
    DeliverAgain {
        device: usize,
        before: u64,
        limit: usize,
        times: usize,
    },
}

#[derive(Clone, Debug)]
enum Deed {
    Clean(u128, Cleanliness),
    CleanAll(Cleanliness),
    Seen(u128, Occupancy),
    Service(u128, ServiceStatus),
    Start(u128),
    Pause(u128),
    Finish(u128),
    Assign(u128, Option<UserId>),
    CheckIn(u128),
    CheckOut(u128),
    Order(u128, String),
    Retitle(u128, String),
    Describe(u128, String),
    Place(u128, Option<u128>),
    Rank(u128, Priority),
    Progress(u128, WorkOrderStatus),
    Give(u128, Option<UserId>),
    Comment(u128, u128, String),
    Name(u128, String),
    UndoLast,
}

fn order(number: u128) -> WorkOrderId {
    WorkOrderId(Uuid::from_u128(0x0F00 + number))
}

impl Deed {
    fn command(&self, last: Option<OperationId>) -> Option<Command> {
        let edit = |number: &u128, edit| Command::EditWorkOrder {
            work_order: order(*number),
            edit,
        };
        Some(match self {
            Self::Clean(n, value) => Command::SetCleanliness {
                rooms: vec![room(*n)],
                value: *value,
            },
            Self::CleanAll(value) => Command::SetCleanliness {
                rooms: (0..ROOMS).map(room).collect(),
                value: *value,
            },
            Self::Seen(n, value) => Command::SetOccupancySeen {
                room: room(*n),
                value: *value,
            },
            Self::Service(n, value) => Command::SetServiceStatus {
                room: room(*n),
                value: *value,
            },
            Self::Start(n) => Command::StartTask { task: task(*n) },
            Self::Pause(n) => Command::PauseTask { task: task(*n) },
            Self::Finish(n) => Command::FinishTask { task: task(*n) },
            Self::Assign(n, assignee) => Command::AssignTask {
                task: task(*n),
                assignee: *assignee,
            },
            Self::CheckIn(n) => Command::CheckIn { stay: stay(*n) },
            Self::CheckOut(n) => Command::CheckOut { stay: stay(*n) },
            Self::Order(n, title) => Command::CreateWorkOrder {
                work_order: order(*n),
                draft: WorkOrderDraft {
                    title: title.clone(),
                    description: "as found".into(),
                    room: Some(room(*n)),
                    priority: Priority::P2,
                    assignee: None,
                },
            },
            Self::Retitle(n, title) => edit(
                n,
                WorkOrderEdit {
                    title: Some(title.clone()),
                    ..WorkOrderEdit::default()
                },
            ),
            Self::Describe(n, text) => edit(
                n,
                WorkOrderEdit {
                    description: Some(text.clone()),
                    ..WorkOrderEdit::default()
                },
            ),
            Self::Place(n, place) => edit(
                n,
                WorkOrderEdit {
                    room: Some(place.map(room)),
                    ..WorkOrderEdit::default()
                },
            ),
            Self::Rank(n, priority) => edit(
                n,
                WorkOrderEdit {
                    priority: Some(*priority),
                    ..WorkOrderEdit::default()
                },
            ),
            Self::Progress(n, status) => edit(
                n,
                WorkOrderEdit {
                    status: Some(*status),
                    ..WorkOrderEdit::default()
                },
            ),
            Self::Give(n, assignee) => edit(
                n,
                WorkOrderEdit {
                    assignee: Some(*assignee),
                    ..WorkOrderEdit::default()
                },
            ),
            Self::Comment(id, n, text) => Command::AddComment {
                comment: CommentId(Uuid::from_u128(0x0C00 + id)),
                subject: order(*n),
                text: text.clone(),
            },
            // On what the device shows: see where it is done.
            Self::Name(..) => return None,
            Self::UndoLast => Command::Undo { operation: last? },
        })
    }
}

fn deed() -> impl Strategy<Value = Deed> {
    let n = || 0..ROOMS;
    // The one whose day it is to leave, and the one who comes after.
    let guest = || prop_oneof![n(), n().prop_map(|n| n + ROOMS)];
    let text = || "[a-z]{1,6}";
    let somebody = || {
        let team =
            (0..TEAM.len()).prop_map(|index| people::person(index as u128 + 1, TEAM[index]).id);
        prop::option::of(team)
    };
    let of_rooms = prop_oneof![
        (n(), prop::sample::select(Cleanliness::ALL)).prop_map(|(n, v)| Deed::Clean(n, v)),
        prop::sample::select(Cleanliness::ALL).prop_map(Deed::CleanAll),
        (n(), prop::sample::select(Occupancy::ALL)).prop_map(|(n, v)| Deed::Seen(n, v)),
        (n(), prop::sample::select(ServiceStatus::ALL)).prop_map(|(n, v)| Deed::Service(n, v)),
    ];
    let of_tasks = prop_oneof![
        n().prop_map(Deed::Start),
        n().prop_map(Deed::Pause),
        n().prop_map(Deed::Finish),
        (n(), somebody()).prop_map(|(n, who)| Deed::Assign(n, who)),
    ];
    let of_stays = prop_oneof![
        guest().prop_map(Deed::CheckIn),
        guest().prop_map(Deed::CheckOut),
        (guest(), text()).prop_map(|(n, t)| Deed::Name(n, t)),
    ];
    let of_orders = prop_oneof![
        2 => (n(), text()).prop_map(|(n, t)| Deed::Order(n, t)),
        1 => (n(), text()).prop_map(|(n, t)| Deed::Retitle(n, t)),
        1 => (n(), "[a-z ]{0,12}").prop_map(|(n, t)| Deed::Describe(n, t)),
        1 => (n(), prop::option::of(n())).prop_map(|(n, place)| Deed::Place(n, place)),
        1 => (n(), prop::sample::select(Priority::ALL)).prop_map(|(n, v)| Deed::Rank(n, v)),
        1 => (n(), prop::sample::select(WorkOrderStatus::ALL))
            .prop_map(|(n, v)| Deed::Progress(n, v)),
        1 => (n(), somebody()).prop_map(|(n, who)| Deed::Give(n, who)),
        1 => (0..8u128, n(), text()).prop_map(|(id, n, t)| Deed::Comment(id, n, t)),
    ];
    prop_oneof![
        4 => of_rooms,
        4 => of_tasks,
        3 => of_stays,
        5 => of_orders,
        1 => Just(Deed::UndoLast),
    ]
}

/// Somebody arrives today in each room, once it is free.
fn expect_guests(scene: &mut Scene) {
    let due = (0..ROOMS).map(|number| {
        let fields = Stay {
            room: Some(room(number)),
            arrival: today(),
            departure: "2017-05-29".parse().unwrap(),
            ..Stay::default()
        };
        let stay = stay(number + ROOMS);
        Command::Import(ImportedRow::Stay { stay, fields })
    });
    scene.server_does(&due.collect::<Vec<_>>());
    scene.settle();
}

fn step() -> impl Strategy<Value = Step> {
    let device = 0..TEAM.len();
    prop_oneof![
        6 => (device.clone(), deed()).prop_map(|(device, deed)| Step::Act(device, deed)),
        1 => device.clone().prop_map(Step::Connect),
        1 => device.clone().prop_map(Step::Cut),
        1 => (device.clone(), 0..6usize).prop_map(|(device, limit)| Step::Deliver(device, limit)),
        2 => (device, 0..8u64, 0..12usize, 1..3usize).prop_map(|(device, before, limit, times)| {
            Step::DeliverAgain { device, before, limit, times }
        }),
    ]
}

/// Entries as a device would be sent them, beginning so many before the first it has not.
fn entries_from(scene: &Scene, device: usize, before: u64, limit: usize) -> Vec<LogEntry> {
    let replica = &scene.devices[device].replica;
    let from = Sequence(replica.cursor().0.saturating_sub(before));
    let mut entries = scene.log.after(TEAM[device], from);
    entries.truncate(limit);
    entries
}

/// Delivers entries to a device that is connected, whatever it has of them.
fn deliver(scene: &mut Scene, device: usize, entries: Vec<LogEntry>) {
    let now = scene.tick();
    let Device {
        replica,
        session,
        connected,
    } = &mut scene.devices[device];
    if !*connected {
        return;
    }
    let before = replica.cursor();
    let last = entries.last().map_or(before, |entry| entry.sequence);
    let frame = log::encode(&ServerFrame::Deliver { entries });
    let effects = session
        .handle(replica, now, Input::Received(frame))
        .unwrap();
    let (reached, own) = (replica.cursor(), replica.registration().id);
    assert!(reached >= before.max(last), "it never goes back");
    let passed = &scene.log.entries[before.max(last).0 as usize..reached.0 as usize];
    let is_own =
        |entry: &LogEntry| matches!(entry.content, Content::Action { device, .. } if device == own);
    assert!(
        passed.iter().all(is_own),
        "what it was not told it did itself"
    );
    // Whatever it has to say, it says to a server that answers.
    if effects
        .iter()
        .any(|effect| matches!(effect, Effect::Send(_) | Effect::Close))
    {
        scene.connect(device);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn any_interleaving_of_actions_shows_the_same_everywhere(
        steps in prop::collection::vec(step(), 1..40)
    ) {
        let mut scene = Scene::with(&TEAM);
        expect_guests(&mut scene);
        let mut last = [None; TEAM.len()];
        for step in steps {
            match step {
                Step::Act(device, deed) => {
                    let done = match (&deed, deed.command(last[device])) {
                        (Deed::Name(n, name), _) => scene.name_guest(device, stay(*n), name),
                        (_, Some(command)) => scene.act(device, &command),
                        (_, None) => continue,
                    };
                    match done {
                        Ok(operation) => last[device] = Some(operation),
                        Err(ActError::Refused(_)) => {}
                        Err(other) => panic!("{other}"),
                    }
                }
                Step::Connect(device) => scene.connect(device),
                Step::Cut(device) => scene.cut(device),
                Step::Deliver(device, limit) => scene.deliver(device, limit),
                Step::DeliverAgain { device, before, limit, times } => {
                    let entries = entries_from(&scene, device, before, limit);
                    for _ in 0..times {
                        deliver(&mut scene, device, entries.clone());
                    }
                }
            }
        }
        scene.settle();
        scene.check_agreement();
    }
}

#[test]
fn a_delivery_that_begins_before_the_cursor_brings_what_is_missing_and_nothing_twice() {
    let mut scene = Scene::with(&TEAM);
    let mark = |number, value| Command::SetCleanliness {
        rooms: vec![room(number)],
        value,
    };
    for number in 0..ROOMS {
        scene.act(0, &mark(number, Cleanliness::Pickup)).unwrap();
    }
    let all = entries_from(&scene, 1, u64::MAX, usize::MAX);
    let known = scene.devices[1].replica.cursor();
    assert!(known > Sequence::default() && known < scene.log.head());
    for entries in [&all[..], &all[1..], &all[..1], &all[all.len() - 1..], &[]] {
        deliver(&mut scene, 1, entries.to_vec());
        assert_eq!(scene.devices[1].replica.cursor(), scene.log.head());
    }
    scene.settle();
    scene.check_agreement();
}

#[test]
fn a_room_marked_dirty_and_clean_at_the_same_time_reads_dirty_at_both() {
    let mut scene = Scene::with(&TEAM);
    scene.cut(0);
    scene.cut(1);
    let mark = |value| Command::SetCleanliness {
        rooms: vec![room(1)],
        value,
    };
    scene.act(0, &mark(Cleanliness::Dirty)).unwrap();
    scene.act(1, &mark(Cleanliness::Clean)).unwrap();
    scene.settle();
    scene.check_agreement();
    let rows = scene.devices[1].replica.rows_of(&[room(1).into()]).unwrap();
    let Entity::Room(shown) = &rows[0].entity else {
        panic!("not a room")
    };
    assert_eq!(shown.cleanliness.value, Cleanliness::Dirty);
    let conflict = &rows[0].conflicts[0];
    assert_eq!(conflict.key, "cleanliness");
    assert_ne!(conflict.shown.author, conflict.gave_way[0].author);
}

#[test]
fn do_not_disturb_is_kept_and_told_until_somebody_says_it_once_more() {
    let mut scene = Scene::with(&TEAM);
    let wants = |value| Command::SetServiceStatus {
        room: room(1),
        value,
    };
    scene.act(0, &wants(ServiceStatus::MakeUpRoom)).unwrap();
    scene.settle();
    scene.cut(0);
    scene.cut(1);
    scene.act(0, &wants(ServiceStatus::None)).unwrap();
    scene.act(1, &wants(ServiceStatus::DoNotDisturb)).unwrap();
    scene.settle();
    scene.check_agreement();
    let shown = |scene: &Scene| scene.devices[2].replica.rows_of(&[room(1).into()]).unwrap();
    let rows = shown(&scene);
    let [told] = &rows[0].conflicts[..] else {
        panic!("nobody is told")
    };
    assert_eq!(told.key, "service_status");
    assert_eq!(told.shown.value, ServiceStatus::DoNotDisturb.to_value());
    let gave_way: Vec<_> = told.gave_way.iter().map(|side| &side.value).collect();
    assert_eq!(gave_way, [&ServiceStatus::None.to_value()]);
    scene.act(2, &wants(ServiceStatus::DoNotDisturb)).unwrap();
    scene.settle();
    scene.check_agreement();
    assert!(shown(&scene)[0].conflicts.is_empty());
}

#[test]
fn an_undo_takes_back_the_whole_action_on_every_device() {
    let mut scene = Scene::with(&TEAM);
    let before = scene.devices[2].replica.rows_of(&[stay(2).into()]).unwrap();
    let operation = scene.act(0, &Command::CheckOut { stay: stay(2) }).unwrap();
    scene.act(0, &Command::Undo { operation }).unwrap();
    scene.settle();
    scene.check_agreement();
    let after = scene.devices[2].replica.rows_of(&[stay(2).into()]).unwrap();
    assert_eq!(before[0].entity, after[0].entity);
}

#[test]
fn keeping_the_value_that_is_shown_settles_a_conflict_for_everybody() {
    let mut scene = Scene::with(&TEAM);
    let retitle = |title: &str| Deed::Retitle(1, title.into()).command(None).unwrap();
    let made = Deed::Order(1, "Tap".into()).command(None).unwrap();
    scene.act(0, &made).unwrap();
    scene.settle();
    scene.cut(0);
    scene.cut(1);
    scene.act(0, &retitle("Shower")).unwrap();
    scene.act(1, &retitle("Basin")).unwrap();
    scene.settle();
    let shown = |scene: &Scene| {
        scene.devices[2]
            .replica
            .rows_of(&[order(1).into()])
            .unwrap()
    };
    let row = &shown(&scene)[0];
    assert_eq!(row.conflicts.len(), 1);
    let Entity::WorkOrder(contested) = &row.entity else {
        panic!("not a work order")
    };
    scene.act(2, &retitle(&contested.title)).unwrap();
    scene.settle();
    scene.check_agreement();
    assert!(shown(&scene)[0].conflicts.is_empty());
}
