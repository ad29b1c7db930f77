//! Decisions on a log in memory: carried out once, in both names, or told to the author.

use super::*;
use crate::{
    gate::{Author, ReadAction},
    log::memory::MemoryLog,
    pretend::*,
};
use keyrack_model::{
    action::{Action, LogEntry, Sequence},
    cleanliness::Cleanliness,
    identity::SERVER,
    ids::CommentId,
    policy::Role,
    room::ServiceStatus,
    rows::Person,
    time::Timestamp,
    wire::Verdict,
};
use std::sync::Arc;
use uuid::Uuid;

const ANA: UserId = UserId(Uuid::from_u128(0xA5));

/// The server's operator, in somebody's name.
fn for_(named: UserId) -> Decider {
    Decider::Operator { named }
}

/// A hotel with a manager, and a device whose person was something else until a minute ago.
async fn hotel_where_changed(device: &mut Device, to: Role) -> Hotels<MemoryLog> {
    let log: MemoryLog = open_log().await;
    let ana = Person {
        id: ANA,
        name: "ana".into(),
        display: "Ana Costa".into(),
        role: Role::Manager,
        left: false,
    };
    log.put_person(HOTEL, ana, NOW).unwrap();
    let actors = [device.registration()];
    log.register_actors(HOTEL, device.id, &actors)
        .await
        .unwrap();
    device.at = Timestamp(NOW.0 - 60_001);
    for number in 1..=3 {
        let known = Device::of(device.user, number).id;
        log.note_told(HOTEL, known, Sequence(OPENED), device.at)
            .await
            .unwrap();
    }
    let changed = Timestamp(NOW.0 - 60_000);
    log.change_role(HOTEL, device.user, to, changed).unwrap();
    Hotels::new(Arc::new(log), Arc::new(|| NOW))
}

async fn push(hotels: &Hotels<MemoryLog>, device: &Device, action: &Action) -> Verdict {
    let read = vec![ReadAction::of(action.clone())];
    let from = Author::People(device.id);
    let verdicts = hotels.push(HOTEL, from, read).await.unwrap();
    verdicts[0].verdict.clone()
}

/// Pushes what is to be under review.
async fn ask(hotels: &Hotels<MemoryLog>, device: &Device, action: &Action) {
    let verdict = push(hotels, device, action).await;
    assert_eq!(verdict, Verdict::Refused(Refusal::UnderReview));
}

async fn logged(hotels: &Hotels<MemoryLog>) -> Vec<Action> {
    let page = crate::hotel::PAGE;
    let after = Sequence(OPENED);
    let entries = hotels.log().read(HOTEL, after, page).await.unwrap();
    entries
        .iter()
        .filter_map(LogEntry::action)
        .cloned()
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_approved_is_in_the_log_once_and_names_both_people() {
    let mut maria = Device::of(MARIA, 1);
    let hotels = hotel_where_changed(&mut maria, Role::Engineer).await;
    let start = maria.ask(Command::StartTask { task: stayover() }).unwrap();
    let finish = maria.ask(Command::FinishTask { task: stayover() }).unwrap();
    let reviews = Reviews::of(&hotels, HOTEL);
    for action in [&start, &finish] {
        ask(&hotels, &maria, action).await;
    }
    assert_eq!(logged(&hotels).await, []);
    let waiting = reviews.list().await.unwrap();
    let actions = waiting.iter().map(|review| review.kept.action.clone());
    assert_eq!(actions.collect::<Vec<_>>(), [start.clone(), finish.clone()]);
    for action in [&start, &finish] {
        reviews.approve(action.operation, for_(ANA)).await.unwrap();
        let again = reviews.approve(action.operation, for_(ANA)).await;
        assert!(matches!(again, Err(ReviewError::NotWaiting(_))));
    }
    let entries = logged(&hotels).await;
    assert_eq!(entries.len(), 2);
    for (entry, asked) in entries.iter().zip([&start, &finish]) {
        let approval = Approval {
            command: Box::new(asked.command.clone()),
            author: MARIA,
            role: Role::Housekeeper,
            at: maria.at,
            approver: ANA,
        };
        assert_eq!(entry.author, SERVER);
        assert_eq!(entry.operation, asked.operation);
        assert_eq!(entry.command, Command::Approved(approval));
        let verdict = push(&hotels, &maria, asked).await;
        assert!(matches!(verdict, Verdict::Accepted { .. }), "{verdict:?}");
    }
    // Another device makes of it what maria did.
    let mut rui = Device::of(RUI, 2);
    entries.iter().for_each(|entry| rui.receive(entry));
    for document in [stayover().into(), ROOM.into()] {
        let (here, there) = (rui.document(document).clone(), maria.document(document));
        assert_eq!(here.reading().entity, there.reading().entity);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_a_guest_is_is_read_and_declined_and_not_approved() {
    let mut rui = Device::of(RUI, 1);
    let hotels = hotel_where_changed(&mut rui, Role::Housekeeper).await;
    let named = rui.name_guest(GUEST, 0, "Ana Reis");
    ask(&hotels, &rui, &named).await;
    let reviews = Reviews::of(&hotels, HOTEL);
    let approved = reviews.approve(named.operation, for_(ANA)).await;
    assert!(matches!(approved, Err(ReviewError::OfAGuest)));
    reviews.decline(named.operation, for_(ANA)).await.unwrap();
    let verdict = push(&hotels, &rui, &named).await;
    assert_eq!(verdict, Verdict::Refused(Refusal::Declined));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_out_can_be_approved_and_so_can_taking_it_back() {
    let mut rui = Device::of(RUI, 1);
    let hotels = hotel_where_changed(&mut rui, Role::Engineer).await;
    let reviews = Reviews::of(&hotels, HOTEL);
    let out = rui.ask(Command::CheckOut { stay: GUEST }).unwrap();
    let back = Command::Undo {
        operation: out.operation,
    };
    ask(&hotels, &rui, &out).await;
    reviews.approve(out.operation, for_(ANA)).await.unwrap();
    let entries = logged(&hotels).await;
    // The device finds it in the log and takes it back, still in its former role.
    let mut rui_again = Device::of(RUI, 3);
    let actors = [rui_again.registration()];
    let log = hotels.log();
    log.register_actors(HOTEL, rui_again.id, &actors)
        .await
        .unwrap();
    rui_again.at = rui.at;
    entries.iter().for_each(|entry| rui_again.receive(entry));
    let undo = rui_again.ask(back).unwrap();
    ask(&hotels, &rui_again, &undo).await;
    reviews.approve(undo.operation, for_(ANA)).await.unwrap();
    let undone = logged(&hotels).await;
    assert_eq!(undone.len(), 2);
    let mut ines = Device::of(INES, 4);
    undone.iter().for_each(|entry| ines.receive(entry));
    let keyrack_model::change::Entity::Stay(stay) = ines.document(GUEST.into()).reading().entity
    else {
        panic!("not a stay");
    };
    assert_eq!(stay.status, keyrack_model::stay::StayStatus::InHouse);
    // A comment is everybody's to make, and needs nobody.
    let comment = Command::AddComment {
        comment: CommentId(Uuid::from_u128(50)),
        subject: ORDER,
        text: "It is the seal.".into(),
    };
    let said = rui_again.ask(comment).unwrap();
    let verdict = push(&hotels, &rui_again, &said).await;
    assert!(matches!(verdict, Verdict::Accepted { .. }), "{verdict:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_can_be_approved_in_a_room_that_was_marked_since() {
    let mut maria = Device::of(MARIA, 1);
    let hotels = hotel_where_changed(&mut maria, Role::Engineer).await;
    let start = maria.ask(Command::StartTask { task: stayover() }).unwrap();
    ask(&hotels, &maria, &start).await;

    let mut rui = Device::of(RUI, 2);
    let actors = [rui.registration()];
    let log = hotels.log();
    log.register_actors(HOTEL, rui.id, &actors).await.unwrap();
    let sign = Command::SetServiceStatus {
        room: ROOM,
        value: ServiceStatus::DoNotDisturb,
    };
    let sign = rui.ask(sign).unwrap();
    let marked = push(&hotels, &rui, &sign).await;
    assert!(matches!(marked, Verdict::Accepted { .. }), "{marked:?}");

    let reviews = Reviews::of(&hotels, HOTEL);
    reviews.approve(start.operation, for_(ANA)).await.unwrap();
    let entries = logged(&hotels).await;
    let operations: Vec<_> = entries.iter().map(|entry| entry.operation).collect();
    assert_eq!(operations, [sign.operation, start.operation]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_declined_changes_nothing_and_says_so_to_whoever_asks_again() {
    let mut maria = Device::of(MARIA, 1);
    let hotels = hotel_where_changed(&mut maria, Role::Engineer).await;
    let reviews = Reviews::of(&hotels, HOTEL);
    let mark = maria.mark(Cleanliness::Clean);
    ask(&hotels, &maria, &mark).await;
    reviews.decline(mark.operation, for_(ANA)).await.unwrap();
    assert_eq!(logged(&hotels).await, []);
    assert_eq!(reviews.list().await.unwrap(), []);
    let verdict = push(&hotels, &maria, &mark).await;
    assert_eq!(verdict, Verdict::Refused(Refusal::Declined));
    for decided in [
        reviews.decline(mark.operation, for_(ANA)).await,
        reviews.approve(mark.operation, for_(ANA)).await,
    ] {
        assert!(matches!(decided, Err(ReviewError::NotWaiting(_))));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manager_decides_and_not_on_their_own_work_nor_on_what_is_in_quarantine() {
    let mut maria = Device::of(MARIA, 1);
    let hotels = hotel_where_changed(&mut maria, Role::Engineer).await;
    let reviews = Reviews::of(&hotels, HOTEL);
    let mark = maria.mark(Cleanliness::Clean);
    ask(&hotels, &maria, &mark).await;
    let manager = Role::Manager;
    let log = hotels.log();
    for by in [INES, MARIA] {
        if by == MARIA {
            log.change_role(HOTEL, MARIA, manager, NOW).unwrap();
        }
        for decided in [
            reviews.approve(mark.operation, for_(by)).await,
            reviews.decline(mark.operation, for_(by)).await,
        ] {
            assert!(matches!(decided, Err(ReviewError::MayNotDecide)));
        }
    }
    log.dismiss(HOTEL, MARIA).unwrap();
    let approved = reviews.approve(mark.operation, for_(ANA)).await;
    assert!(matches!(approved, Err(ReviewError::AuthorLeft)));
    let late = maria.mark(Cleanliness::Dirty);
    let verdict = push(&hotels, &maria, &late).await;
    assert_eq!(verdict, Verdict::Refused(Refusal::Quarantined));
    let approved = reviews.approve(late.operation, for_(ANA)).await;
    assert!(matches!(approved, Err(ReviewError::InQuarantine)));
    reviews.decline(late.operation, for_(ANA)).await.unwrap();
    assert_eq!(logged(&hotels).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approval_that_was_cut_off_is_completed_and_one_that_is_not_possible_waits_on() {
    let mut rui = Device::of(RUI, 1);
    let hotels = hotel_where_changed(&mut rui, Role::Housekeeper).await;
    let reviews = Reviews::of(&hotels, HOTEL);
    let out = rui.ask(Command::CheckOut { stay: GUEST }).unwrap();
    ask(&hotels, &rui, &out).await;
    let step = Step {
        operation: out.operation,
        from: Outcome::Waiting,
        to: Outcome::Approving,
        by: for_(ANA),
        at: NOW,
    };
    assert!(hotels.log().decide(HOTEL, step).await.unwrap());
    let declined = reviews.decline(out.operation, for_(ANA)).await;
    assert!(matches!(declined, Err(ReviewError::NotWaiting(_))));
    reviews.approve(out.operation, for_(ANA)).await.unwrap();
    assert_eq!(logged(&hotels).await.len(), 1);
    // The guest has left by now, so that nobody can check them out again.
    let mut twin = Device::of(RUI, 2);
    let actors = [twin.registration()];
    let log = hotels.log();
    log.register_actors(HOTEL, twin.id, &actors).await.unwrap();
    twin.at = rui.at;
    let again = twin.ask(Command::CheckOut { stay: GUEST }).unwrap();
    ask(&hotels, &twin, &again).await;
    let approved = reviews.approve(again.operation, for_(ANA)).await;
    assert!(
        matches!(
            approved,
            Err(ReviewError::NotPossible(Refusal::StayState { .. }))
        ),
        "{approved:?}"
    );
    assert_eq!(reviews.list().await.unwrap().len(), 1);
    reviews.decline(again.operation, for_(ANA)).await.unwrap();
}
