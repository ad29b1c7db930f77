//! What a hostile or a busy device comes to at a hotel's loop: the log and every document stay as
//! they were, and whoever sends too much waits.

use super::*;
use keyrack_model::{
    action::DocumentChange,
    command::Command,
    ids::{DocumentRef, OperationId},
    limits::{HELD_MILLIS, MAX_UNDO_CHAIN, PERSONAL_ALLOWANCE},
    room::ServiceStatus,
};
use std::sync::atomic::{AtomicI64, Ordering};

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
