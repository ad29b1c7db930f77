//! What a hostile or a busy device comes to at a hotel's loop: the log and every document stay as
//! they were, and whoever sends too much waits.

use super::*;
use automerge::{Change as CrdtChange, ExpandedChange, legacy::OpId};
use keyrack_model::{
    action::DocumentChange,
    administration::Suspicion,
    change::Change,
    command::{Command, WorkOrderDraft, WorkOrderEdit},
    ids::{DocumentRef, OperationId, TaskId, WorkOrderId},
    limits::{
        HELD_MILLIS, MAX_FRAME, MAX_TITLE, MAX_UNDO_CHAIN, PERSONAL_ALLOWANCE, SUSPECTED_MILLIS,
    },
    room::{RoomChange, ServiceStatus},
    task::{TaskChange, TaskStatus},
    work_order::WorkOrderChange,
};
use std::sync::atomic::{AtomicI64, Ordering};
use uuid::Uuid;

/// Everything that a hotel has, in bytes.
async fn state(hotels: &Hotels<MemoryLog>) -> (Vec<LogEntry>, Vec<Vec<u8>>) {
    let page = crate::log::Page {
        entries: usize::MAX,
        bytes: usize::MAX,
    };
    let entries = hotels.log().read(HOTEL, Sequence(0), page).await.unwrap();
    let documents = hotels.documents(HOTEL, documents()).await.unwrap();
    (entries, documents.iter().map(Document::save).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn attacks_leave_the_log_and_every_document_as_they_were_byte_for_byte() {
    let (maria, mut tomas) = (Device::of(MARIA, 1), Device::of(TOMAS, 2));
    let log = log_with(&[&maria, &tomas]).await;
    let hotels = Hotels::new(log, clock());
    let before = state(&hotels).await;
    let attack = |make: fn(&mut Device) -> Action| make(&mut maria.clone());
    let attacks = [
        attack(|device| device.act_beyond_role(Command::CheckOut { stay: GUEST })),
        attack(|device| device.mark(Cleanliness::Inspected)),
        attack(|device| {
            let mut action = device.mark(Cleanliness::Clean);
            action.author = RUI;
            action
        }),
        attack(|device| {
            let mut action = device.mark(Cleanliness::Clean);
            action.changes[0].bytes.truncate(60);
            action
        }),
        attack(|device| {
            device.mark(Cleanliness::Clean);
            device.mark(Cleanliness::Dirty)
        }),
        attack(|device| {
            let mut action = device.mark(Cleanliness::Clean);
            action.command = Command::SetServiceStatus {
                room: ROOM,
                value: ServiceStatus::None,
            };
            action
        }),
    ];
    for action in attacks {
        let told = push(&hotels, &maria, std::slice::from_ref(&action)).await;
        assert!(matches!(told[0].verdict, Verdict::Refused(_)), "{told:?}");
        assert_eq!(state(&hotels).await, before, "{:?}", action.command);
        // Sent again, it gets the same answer, from a server that has just started too.
        let restarted = Hotels::new(hotels.log().clone(), clock());
        assert_eq!(push(&restarted, &maria, &[action]).await, told);
    }
    let honest = [tomas.edit(vec![WorkOrderChange::Title("Tap".into())])];
    assert_eq!(sequences(&push(&hotels, &tomas, &honest).await), [1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_undo_is_judged_by_the_action_in_the_log_whoever_serves_it() {
    let mut maria = Device::of(MARIA, 1);
    let log = log_with(&[&maria]).await;
    let status = Command::SetServiceStatus {
        room: ROOM,
        value: ServiceStatus::DoNotDisturb,
    };
    let first = maria.ask(status).unwrap();
    let mut operation: OperationId = first.operation;
    let mut actions = vec![first];
    for _ in 0..MAX_UNDO_CHAIN {
        let undone = maria.ask(Command::Undo { operation }).unwrap();
        operation = undone.operation;
        actions.push(undone);
    }
    // Some in the same push as what they take back, the others at servers that have just started.
    let (together, apart) = actions.split_at(4);
    let hotels = Hotels::new(log.clone(), clock());
    let told = push(&hotels, &maria, together).await;
    assert_eq!(sequences(&told), [1, 2, 3, 4]);
    for (number, action) in (5..).zip(apart) {
        let restarted = Hotels::new(log.clone(), clock());
        let told = push(&restarted, &maria, std::slice::from_ref(action)).await;
        assert_eq!(sequences(&told), [number]);
    }
    // Of what the log does not have nothing is taken back.
    let mut unknown = maria.mark(Cleanliness::Clean);
    unknown.command = Command::Undo {
        operation: OperationId(uuid::Uuid::max()),
    };
    let told = push(&hotels, &maria, &[unknown]).await;
    let reason = GateReason::MissingDependency;
    assert_eq!(told[0].verdict, Verdict::Refused(Refusal::Gate { reason }));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_pushes_too_much_waits_and_loses_nothing() {
    let (mut maria, mut rui) = (Device::of(MARIA, 1), Device::of(RUI, 2));
    let log = log_with(&[&maria, &rui]).await;
    let now = Arc::new(AtomicI64::new(NOW.0));
    let clock: Clock = {
        let now = now.clone();
        Arc::new(move || Timestamp(now.load(Ordering::Relaxed)))
    };
    let hotels = Hotels::new(log, clock);
    const EACH: usize = 1 << 20;
    let all = PERSONAL_ALLOWANCE.bytes.at_once as usize / EACH;
    let junk = |device: &mut Device| {
        let mut action = device.clone().mark(Cleanliness::Clean);
        action.operation = device.operation();
        action.changes = vec![DocumentChange {
            document: DocumentRef::from(ROOM),
            bytes: vec![0; EACH],
        }];
        action
    };
    for _ in 0..all {
        let action = junk(&mut maria);
        let told = push(&hotels, &maria, &[action]).await;
        let reason = GateReason::TooLarge;
        assert_eq!(told[0].verdict, Verdict::Refused(Refusal::Gate { reason }));
    }
    // From here on even what is honest waits, and so does what follows it.
    let first = maria.mark(Cleanliness::Clean);
    let second = maria.mark(Cleanliness::Dirty);
    let later = |told: &[OperationVerdict]| match told[0].verdict {
        Verdict::RetryAfter { millis } => i64::from(millis),
        ref other => panic!("not asked to wait: {other:?}"),
    };
    let told = push(&hotels, &maria, &[first.clone(), second.clone()]).await;
    let wait = later(&told).max(later(&told[1..]));
    assert!(wait < HELD_MILLIS);
    later(&push(&hotels, &maria, std::slice::from_ref(&second)).await);
    // Others go on.
    let by_rui = [rui.mark(Cleanliness::Dirty)];
    assert_eq!(sequences(&push(&hotels, &rui, &by_rui).await), [1]);
    now.fetch_add(wait, Ordering::Relaxed);
    let told = push(&hotels, &maria, &[first, second]).await;
    assert_eq!(sequences(&told), [2, 3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_sent_around_an_action_is_pushed_like_what_is_in_it() {
    let mut maria = Device::of(MARIA, 1);
    let hotels = Hotels::new(log_with(&[&maria]).await, clock());
    let action = maria.mark(Cleanliness::Clean);
    let told = async || {
        let mut claims = given(vec![action.clone()]);
        claims[0].beside = MAX_FRAME as u64;
        let from = Author::People(maria.id);
        let pending = hotels.begin_claims(HOTEL, from, claims, Turn::Prompt);
        let mut answer = pending.await.unwrap().await.unwrap();
        answer.verdicts.remove(0).verdict
    };
    // Its changes are the rest.
    let whole = PERSONAL_ALLOWANCE.bytes.at_once / (MAX_FRAME as u64 + 1_024);
    for _ in 0..whole {
        let verdict = told().await;
        assert!(matches!(verdict, Verdict::Accepted { .. }), "{verdict:?}");
    }
    let verdict = told().await;
    assert!(matches!(verdict, Verdict::RetryAfter { .. }), "{verdict:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_looks_like_an_attack_is_told_once_an_hour_and_what_follows_a_refusal_is_not() {
    let (maria, tomas) = (Device::of(MARIA, 1), Device::of(TOMAS, 2));
    let log = log_with(&[&maria, &tomas]).await;
    let now = Arc::new(AtomicI64::new(NOW.0));
    let clock: Clock = {
        let now = now.clone();
        Arc::new(move || Timestamp(now.load(Ordering::Relaxed)))
    };
    let hotels = Hotels::new(log, clock);
    // The loop is asked something once it has told the audit log.
    let told = async || {
        hotels.documents(HOTEL, documents()).await.unwrap();
        hotels.log().suspected(HOTEL).unwrap()
    };
    let refuses = async |device: &Device, action: Action| {
        let told = push(&hotels, device, &[action]).await;
        assert!(matches!(told[0].verdict, Verdict::Refused(_)), "{told:?}");
    };
    // Beyond a role: nobody is suspected, nor of what was built on what was refused.
    let mut honest = tomas.clone();
    refuses(
        &tomas,
        honest.act_beyond_role(Command::CheckOut { stay: GUEST }),
    )
    .await;
    let order = WorkOrderId(Uuid::from_u128(77));
    let draft = WorkOrderDraft {
        title: "x".repeat(MAX_TITLE + 1),
        ..WorkOrderDraft::default()
    };
    let command = Command::CreateWorkOrder {
        work_order: order,
        draft,
    };
    let operation = honest.operation();
    let title = WorkOrderChange::Title("x".repeat(MAX_TITLE + 1));
    let made = honest.act(operation, command, &[Change::WorkOrder(order, title)]);
    refuses(&tomas, made).await;
    let text = WorkOrderEdit {
        title: Some("Tap".into()),
        ..WorkOrderEdit::default()
    };
    let edit = Command::EditWorkOrder {
        work_order: order,
        edit: text,
    };
    let built_on_it = honest.ask(edit).unwrap();
    refuses(&tomas, built_on_it).await;
    assert!(told().await.is_empty());
    // Another device's actor, another name, a second content, another hotel's document.
    // Each of them has operations of its own.
    let ahead = |by: usize| {
        let mut device = maria.clone();
        for _ in 0..by {
            device.operation();
        }
        device
    };
    let mut forged = ahead(20);
    forged.actor = tomas.actor;
    let anothers_name = |device: &mut Device| Action {
        author: RUI,
        ..device.mark(Cleanliness::Clean)
    };
    let mut twin = maria.clone();
    let first = twin.clone().mark(Cleanliness::Clean);
    assert_eq!(sequences(&push(&hotels, &maria, &[first]).await), [1]);
    let of_elsewhere = {
        let (mut server, mut stranger) = (tomas.clone(), ahead(10));
        let task = TaskId(Uuid::from_u128(0xE15E));
        let noted = Change::Task(task, TaskChange::Note("Elsewhere".into()));
        let operation = server.operation();
        let there = server.act(operation, Command::Redacted, &[noted]);
        stranger.receive(&there);
        let operation = stranger.operation();
        let begun = Change::Task(task, TaskChange::Status(TaskStatus::InProgress));
        stranger.act(operation, Command::StartTask { task }, &[begun])
    };
    twin.operation();
    for _ in 0..2 {
        refuses(&maria, of_elsewhere.clone()).await;
        refuses(&maria, forged.mark(Cleanliness::Clean)).await;
        refuses(&maria, anothers_name(&mut ahead(30))).await;
        refuses(&maria, twin.clone().mark(Cleanliness::Dirty)).await;
        let of_maria = told().await;
        assert_eq!(
            of_maria,
            [
                (maria.id, Suspicion::UnknownDocument),
                (maria.id, Suspicion::ForgedActor),
                (maria.id, Suspicion::Equivocation),
            ]
        );
    }
    now.fetch_add(SUSPECTED_MILLIS, Ordering::Relaxed);
    refuses(&maria, forged.mark(Cleanliness::Pickup)).await;
    assert_eq!(told().await.len(), 4);
}

fn rewritten(mut action: Action, rewrite: impl FnOnce(&mut ExpandedChange)) -> Action {
    let bytes = action.changes[0].bytes.clone();
    let mut change = CrdtChange::from_bytes(bytes).unwrap().decode();
    rewrite(&mut change);
    action.changes[0].bytes = CrdtChange::from(change).raw_bytes().to_vec();
    action
}

/// Whole in itself, and on top of what is here: no app writes these, of whatever version.
#[tokio::test(flavor = "multi_thread")]
async fn what_no_app_writes_is_told_and_what_may_only_be_damaged_is_not() {
    type Rewrite = fn(Action) -> Action;
    let attacks: [(Rewrite, GateReason, Option<Suspicion>); 5] = [
        (
            |mut action| {
                action.changes[0].bytes[5] ^= 1;
                action
            },
            GateReason::Checksum,
            None,
        ),
        (
            |action| action,
            GateReason::NotOfCommand,
            Some(Suspicion::BeyondCommand),
        ),
        (
            |action| {
                rewritten(action, |change| {
                    change.start_op = 4_000_000_000_u64.try_into().unwrap();
                })
            },
            GateReason::StartOp,
            Some(Suspicion::OperationCounter),
        ),
        (
            |action| {
                rewritten(action, |change| {
                    let ghost = OpId(4_000, change.actor_id.clone());
                    change.operations[0].pred = vec![ghost].into();
                })
            },
            GateReason::Unreadable,
            Some(Suspicion::Unfit),
        ),
        (
            |mut action| {
                // Two to the power of sixty rows, in a column of ten bytes.
                let mut bomb = vec![0x85, 0x6f, 0x4a, 0x83, 0, 0, 0, 0, 1, 36, 0, 16];
                bomb.extend([7; 16]);
                bomb.extend([1, 1, 0, 0, 0, 1, 0x42, 10]);
                bomb.extend([0x80; 8]);
                bomb.extend([0x10, 1]);
                action.changes[0].bytes = bomb;
                action
            },
            GateReason::TooManyRows,
            Some(Suspicion::TooManyRows),
        ),
    ];
    let maria = Device::of(MARIA, 1);
    let hotels = Hotels::new(log_with(&[&maria]).await, clock());
    let mut names = maria.clone();
    let mut expected = Vec::new();
    for (rewrite, reason, suspicion) in attacks {
        let command = Command::SetServiceStatus {
            room: ROOM,
            value: ServiceStatus::None,
        };
        let other = Change::Room(ROOM, RoomChange::ServiceStatus(ServiceStatus::MakeUpRoom));
        let action = maria.clone().act(names.operation(), command, &[other]);
        let told = push(&hotels, &maria, &[rewrite(action)]).await;
        assert_eq!(told[0].verdict, Verdict::Refused(reason.into()));
        // The loop is asked something once it has told the audit log.
        hotels.documents(HOTEL, documents()).await.unwrap();
        expected.extend(suspicion.map(|suspicion| (maria.id, suspicion)));
        assert_eq!(hotels.log().suspected(HOTEL).unwrap(), expected);
    }
}
