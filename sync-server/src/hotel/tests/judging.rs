//! Verdicts: each action once, whoever asks and however often.

use super::*;
use crate::{gate::stumble, log::StoredVerdict};
use keyrack_model::{
    change::Change,
    command::{TaskDraft, WorkCommand, WorkOrderDraft},
    hotel::HotelChange,
    ids::{TaskId, WorkOrderId},
    limits::{APPEND_TRIES, MAX_ROUND_WEIGHT, MAX_TEXT},
    plan::{Context, plan},
    refusal::GateReason,
    room::RoomChange,
    rule_sheet::{RuleKey, RuleScope},
    task::TaskKind,
};

#[tokio::test(flavor = "multi_thread")]
async fn an_action_sent_twice_from_everywhere_is_in_the_log_once() {
    let mut maria = Device::of(MARIA, 1);
    let log = log_with(&[&maria]).await;
    let hotels = Hotels::new(log.clone(), clock());
    let actions: Vec<Action> = (0..20).map(|_| maria.mark(Cleanliness::Clean)).collect();
    let (one, two) = futures_util::future::join(
        push(&hotels, &maria, &actions),
        push(&hotels, &maria, &actions),
    )
    .await;
    assert_eq!(sequences(&one), (1..=20).collect::<Vec<_>>());
    assert_eq!(one, two);
    // A server that has just started says the same.
    let restarted = Hotels::new(log.clone(), clock());
    assert_eq!(push(&restarted, &maria, &actions).await, one);
    assert_eq!(log.head(HOTEL).await.unwrap().sequence, nth(20));
}

#[tokio::test]
async fn what_is_made_again_while_it_waits_to_be_refused_has_one_verdict() {
    let (mut maria, mut rui) = (Device::of(MARIA, 1), Device::of(RUI, 2));
    let mut again = Device::of(RUI, 2);
    again.actor = ActorId(uuid::Uuid::from_u128(0xAC99));
    let log = log_with(&[&maria, &rui]).await;
    let actors = [again.registration()];
    log.register_actors(HOTEL, again.id, &actors).await.unwrap();
    // It rests on what nobody has sent.
    rui.receive(&maria.mark(Cleanliness::Clean));
    let (groundless, anew) = (rui.mark(Cleanliness::Dirty), again.mark(Cleanliness::Dirty));
    assert_eq!(groundless.operation, anew.operation);

    let hotels = Hotels::new(log.clone(), clock());
    let from = Author::People(rui.id);
    let mut both = Vec::new();
    // Nothing is judged before both are in line.
    for action in [&groundless, &anew] {
        let actions = read(std::slice::from_ref(action));
        both.push(hotels.begin_push(HOTEL, from, actions).await.unwrap());
    }
    for pending in both {
        assert_eq!(sequences(&pending.await.unwrap().verdicts), [1]);
    }
    let known = log.verdicts(HOTEL, &[anew.operation]).await.unwrap();
    assert!(matches!(known[..], [StoredVerdict::Accepted { .. }]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_action_leaves_the_others_and_is_judged_anew_when_it_is_made_anew() {
    let mut maria = Device::of(MARIA, 1);
    let mut tomas = Device::of(TOMAS, 2);
    let log = log_with(&[&maria, &tomas]).await;
    let hotels = Hotels::new(log.clone(), clock());
    let beyond = tomas.mark(Cleanliness::Clean);
    let edit = tomas.edit(vec![WorkOrderChange::Title("Drips".into())]);
    let verdicts = push(&hotels, &tomas, &[beyond.clone(), edit]).await;
    assert!(matches!(
        &verdicts[0].verdict,
        Verdict::Refused(Refusal::NotAllowed { .. })
    ));
    assert_eq!(sequences(&verdicts[1..]), [1]);
    // He is a housekeeper from entry 2 on; what was refused stays refused.
    let mut person = people().remove(2);
    person.role = keyrack_model::policy::Role::Housekeeper;
    log.put_person(HOTEL, person, NOW).unwrap();
    let again = push(&hotels, &tomas, std::slice::from_ref(&beyond)).await;
    assert_eq!(again[0], verdicts[0]);
    // The same command on another ground, under another actor and the same operation.
    tomas = Device::of(TOMAS, 2);
    tomas.actor = ActorId(uuid::Uuid::from_u128(0xAC99));
    let actors = [tomas.registration()];
    log.register_actors(HOTEL, tomas.id, &actors).await.unwrap();
    let room = maria.mark(Cleanliness::Dirty);
    assert_eq!(
        sequences(&push(&hotels, &maria, std::slice::from_ref(&room)).await),
        [3]
    );
    tomas.receive(&room);
    let anew = tomas.mark(Cleanliness::Clean);
    assert_eq!(anew.operation, beyond.operation);
    assert_eq!(sequences(&push(&hotels, &tomas, &[anew]).await), [4]);
    assert_eq!(sequences(&push(&hotels, &tomas, &[beyond]).await), [4]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_servers_clock_that_is_set_back_costs_no_work_from_before_a_change_of_role() {
    const MINUTE: i64 = 60_000;
    let (mut maria, mut rui) = (Device::of(MARIA, 1), Device::of(RUI, 2));
    let log = log_with(&[&maria, &rui]).await;
    let after = |minutes: i64| NOW.0 + minutes * MINUTE;
    let time = Arc::new(AtomicI64::new(after(24 * 60)));
    let shown = time.clone();
    let hotels = Hotels::new(
        log.clone(),
        Arc::new(move || Timestamp(shown.load(Ordering::Relaxed))),
    );
    let mark = maria.mark(Cleanliness::Clean);
    told(&log, &maria, OPENED, NOW).await;
    log.change_role(HOTEL, MARIA, Role::Engineer, Timestamp(after(1)))
        .unwrap();
    let of_today = [rui.mark(Cleanliness::Dirty)];
    sequences(&push(&hotels, &rui, &of_today).await);

    time.store(after(2), Ordering::Relaxed);
    let judged = push(&hotels, &maria, &[mark]).await;
    assert_eq!(judged[0].verdict, Verdict::Refused(Refusal::UnderReview));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_done_in_an_earlier_role_is_looked_at_until_the_device_has_heard_of_the_change() {
    let mut maria = Device::of(MARIA, 1);
    let mut elsewhere = Device::of(MARIA, 2);
    let log = log_with(&[&maria, &elsewhere]).await;
    told(&log, &maria, OPENED, NOW).await;
    let ahead = Timestamp(NOW.0 + 3_600_000);
    let hotels = Hotels::new(log.clone(), Arc::new(move || ahead));
    let engineer = Person {
        role: Role::Engineer,
        ..people().into_iter().find(|it| it.id == MARIA).unwrap()
    };
    log.put_person(HOTEL, engineer, NOW).unwrap();
    maria.at = ahead;
    let late = maria.mark(Cleanliness::Clean);
    let judged = push(&hotels, &maria, &[late]).await;
    assert_eq!(judged[0].verdict, Verdict::Refused(Refusal::UnderReview));
    let ended = Verdict::Refused(Refusal::GrantEnded {
        command: "set-cleanliness".into(),
        role: Role::Engineer,
    });
    // A device that had not heard the server at all.
    elsewhere.at = ahead;
    let mark = elsewhere.mark(Cleanliness::Clean);
    assert_eq!(push(&hotels, &elsewhere, &[mark]).await[0].verdict, ended);
    // And one that has heard of it since.
    told(&log, &maria, OPENED + 1, Timestamp(NOW.0 + 60_000)).await;
    let mark = maria.clone().mark(Cleanliness::Dirty);
    assert_eq!(push(&hotels, &maria, &[mark]).await[0].verdict, ended);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_action_that_the_gate_panics_over_is_refused_and_nothing_else_is() {
    // No other test uses the operations of these devices.
    let (mut maria, mut rui) = (Device::of(MARIA, 0x570), Device::of(RUI, 0x571));
    let log = log_with(&[&maria, &rui]).await;
    let hotels = Hotels::new(log, clock());
    let before = maria.mark(Cleanliness::Clean);
    let mut heavy = maria.clone();
    let stone = heavy.mark(Cleanliness::Dirty);
    let after = heavy.mark(Cleanliness::Clean);
    let elsewhere = rui.mark(Cleanliness::Dirty);
    stumble::lay(stone.operation);
    let actions = [before.clone(), stone.clone(), after.clone()];
    let from = Author::People(maria.id);
    let pending = hotels
        .begin_push(HOTEL, from, read(&actions))
        .await
        .unwrap();
    let beside = push(&hotels, &rui, &[elsewhere]).await;
    assert!(matches!(beside[0].verdict, Verdict::Accepted { .. }));
    let told = pending.await.unwrap().verdicts;
    assert!(matches!(told[0].verdict, Verdict::Accepted { .. }));
    let refused = Verdict::Refused(GateReason::Panicked.into());
    assert_eq!(told[1].verdict, refused);
    assert!(matches!(told[2].verdict, Verdict::RetryAfter { .. }));
    // It has its verdict, whoever asks again, and the device goes on without it.
    assert_eq!(push(&hotels, &maria, &[stone]).await[0].verdict, refused);
    let spent = [maria.operation(), maria.operation()];
    assert_eq!(spent, [told[1].operation, told[2].operation]);
    let instead = maria.mark(Cleanliness::Dirty);
    let told = push(&hotels, &maria, &[instead]).await;
    assert!(
        matches!(told[0].verdict, Verdict::Accepted { .. }),
        "{told:?}"
    );
}

/// On one thread: what comes without a pause waits together.
#[tokio::test]
async fn a_name_that_no_log_keeps_is_refused_and_a_colleagues_work_of_the_round_is_admitted() {
    let (mut ines, rui) = (Device::of(INES, 1), Device::of(RUI, 2));
    let log = log_with(&[&ines, &rui]).await;
    let manager = Person {
        role: Role::Manager,
        ..people().into_iter().find(|it| it.id == INES).unwrap()
    };
    log.put_person(HOTEL, manager, NOW).unwrap();
    let hotels = Hotels::new(log, clock());
    let name = "Hotel\0do Mar".to_owned();
    let named = Change::Hotel(HOTEL, HotelChange::Name(name.clone()));
    let operation = ines.operation();
    let unseen = ines.act(operation, Command::NameHotel { name }, &[named]);
    let mut both = Vec::new();
    for (device, action) in [
        (&ines, unseen),
        (&rui, rui.clone().mark(Cleanliness::Dirty)),
    ] {
        let from = Author::People(device.id);
        both.push(
            hotels
                .begin_push(HOTEL, from, read(&[action]))
                .await
                .unwrap(),
        );
    }
    let mut told = Vec::new();
    for pending in both {
        told.extend(pending.await.unwrap().verdicts);
    }
    let refused = Refusal::ControlCharacter {
        field: "name".into(),
    };
    assert_eq!(told[0].verdict, Verdict::Refused(refused));
    assert!(matches!(told[1].verdict, Verdict::Accepted { .. }));
}

/// On one thread: what comes without a pause waits together.
#[tokio::test]
async fn a_round_takes_what_waits_up_to_its_bound() {
    let mut maria = Device::of(MARIA, 1);
    let log = Arc::new(Failing::that_works(log_with(&[&maria]).await));
    let hotels = Hotels::new(log.clone(), clock());
    let mut pending = Vec::new();
    let count = 3 * MAX_ROUND_PUSHES as u64;
    for _ in 0..count {
        let from = Author::People(maria.id);
        let actions = read(&[maria.mark(Cleanliness::Clean)]);
        pending.push(hotels.begin_push(HOTEL, from, actions).await.unwrap());
    }
    for (pending, expected) in pending.into_iter().zip(1..=count) {
        let answer = pending.await.unwrap();
        assert_eq!(sequences(&answer.verdicts), [expected]);
        let (first, last) = (nth(expected), nth(expected));
        let received_at = NOW;
        let stored = Stored {
            first,
            last,
            received_at,
        };
        assert_eq!(answer.stored, Some(stored));
    }
    assert_eq!(log.appends(), [MAX_ROUND_PUSHES; 3]);
}

#[tokio::test]
async fn a_round_takes_no_more_than_it_may_weigh() {
    const ORDERS: usize = 20;
    let mut maria = Device::of(MARIA, 1);
    let log = Arc::new(Failing::that_works(log_with(&[&maria]).await));
    let hotels = Hotels::new(log.clone(), clock());
    let mut pending = Vec::new();
    let mut weight = 0;
    while weight <= MAX_ROUND_WEIGHT {
        let first = pending.len() * ORDERS;
        let orders = (first..first + ORDERS).map(|number| {
            maria.act_beyond_role(Command::CreateWorkOrder {
                work_order: WorkOrderId(uuid::Uuid::from_u128(0x0E00 + number as u128)),
                draft: WorkOrderDraft {
                    title: "Lamp".to_owned(),
                    description: "x".repeat(MAX_TEXT),
                    ..WorkOrderDraft::default()
                },
            })
        });
        let actions = read(&orders.collect::<Vec<_>>());
        weight += actions.iter().map(|read| read.weight).sum::<u64>();
        let from = Author::People(maria.id);
        pending.push(hotels.begin_push(HOTEL, from, actions).await.unwrap());
    }
    let together = pending.len() - 1;
    assert!(together < MAX_ROUND_PUSHES);
    for (answer, number) in pending.into_iter().zip(0..) {
        let places = number * ORDERS as u64 + 1..=(number + 1) * ORDERS as u64;
        let verdicts = answer.await.unwrap().verdicts;
        assert_eq!(sequences(&verdicts), places.collect::<Vec<_>>());
    }
    assert_eq!(log.appends(), [together * ORDERS, ORDERS]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_round_is_judged_again_so_often_and_then_asked_for_later() {
    for (moves, is_stored) in [(APPEND_TRIES - 1, true), (APPEND_TRIES, false)] {
        let mut maria = Device::of(MARIA, 1);
        let log = Arc::new(Failing::that_works(log_with(&[&maria]).await));
        log.moves.store(moves, Ordering::Relaxed);
        let hotels = Hotels::new(log.clone(), clock());
        let mark = [maria.mark(Cleanliness::Clean)];
        let told = push(&hotels, &maria, &mark).await;
        assert_eq!(log.appends(), [1; APPEND_TRIES]);
        if !is_stored {
            assert!(matches!(told[0].verdict, Verdict::RetryAfter { .. }));
        }
        assert_eq!(sequences(&push(&hotels, &maria, &mark).await), [1]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_push_that_is_all_new_and_admitted_is_stored_as_it_was_sent() {
    let mut maria = Device::of(MARIA, 1);
    let log = log_with(&[&maria]).await;
    let hotels = Hotels::new(log, clock());
    let from = Author::People(maria.id);
    let marks: Vec<Action> = (0..4).map(|_| maria.mark(Cleanliness::Clean)).collect();
    let mut refused = maria.mark(Cleanliness::Clean);
    refused.changes.clear();
    let pushes = [
        (marks[..2].to_vec(), Some((nth(1), nth(2)))),
        // Said before.
        (marks[1..3].to_vec(), None),
        (vec![marks[2].clone()], None),
        // Twice in one push.
        (vec![marks[3].clone(), marks[3].clone()], None),
        (vec![refused], None),
        (vec![], None),
    ];
    for (actions, places) in pushes {
        let pending = hotels
            .begin_push(HOTEL, from, read(&actions))
            .await
            .unwrap();
        let answer = pending.await.unwrap();
        assert_eq!(answer.verdicts.len(), actions.len());
        let stored = answer.stored.map(|stored| (stored.first, stored.last));
        assert_eq!(stored, places);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_that_weighs_too_much_is_judged_in_parts() {
    let mut maria = Device::of(MARIA, 1);
    let log = log_with(&[&maria]).await;
    let hotels = Hotels::new(log, clock());
    let long: Vec<Action> = (0..32)
        .map(|number| {
            let letters = [keyrack_model::limits::MAX_TEXT, 0][number % 2];
            let text = "x".repeat(letters);
            maria.edit(vec![WorkOrderChange::Description(text)])
        })
        .collect();
    let from = Author::People(maria.id);
    let mut told = Vec::new();
    let mut rounds = 0;
    while told.len() < long.len() {
        let rest = long[told.len()..].to_vec();
        let verdicts = hotels
            .push(HOTEL, from, read_push(given(rest)))
            .await
            .unwrap();
        let accepted = verdicts
            .iter()
            .take_while(|told| matches!(told.verdict, Verdict::Accepted { .. }));
        let before = told.len();
        told.extend(accepted.cloned());
        assert!(told.len() > before, "{:?}", verdicts[0].verdict);
        let others = &verdicts[told.len() - before..];
        let is_later = |told: &OperationVerdict| matches!(told.verdict, Verdict::RetryAfter { .. });
        assert!(others.iter().all(is_later));
        rounds += 1;
    }
    assert!(rounds > 1, "it fits into one push");
    assert_eq!(sequences(&told), (1..=32).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_new_and_admitted_costs_the_log_no_question() {
    let mut maria = Device::of(MARIA, 1);
    let memory = log_with(&[&maria]).await;
    let log = Arc::new(Failing::that_works(memory.clone()));
    let asked = || log.asked.load(Ordering::Relaxed);
    let hotels = Hotels::new(log.clone(), clock());
    let first = [maria.mark(Cleanliness::Clean)];
    let verdicts = push(&hotels, &maria, &first).await;
    assert_eq!(asked(), 1, "who may do what");
    for number in 2..10 {
        let action = [maria.mark(Cleanliness::Clean)];
        assert_eq!(sequences(&push(&hotels, &maria, &action).await), [number]);
    }
    assert_eq!(asked(), 1);
    // What was judged before is looked up.
    assert_eq!(push(&hotels, &maria, &first).await, verdicts);
    assert_eq!(asked(), 2);

    // Somebody else changes the role: it bites at the next action. Where the device has not heard of
    // it, what is done there is kept for review.
    let later = Timestamp(NOW.0 + 1_000);
    told(&memory, &maria, OPENED, NOW).await;
    memory
        .change_role(HOTEL, MARIA, Role::Engineer, later)
        .unwrap();
    let late = [maria.mark(Cleanliness::Clean)];
    let refused = push(&hotels, &maria, &late).await;
    let under_review = Verdict::Refused(Refusal::UnderReview);
    assert_eq!(refused[0].verdict, under_review);
    let standing = log.standing(HOTEL, Timestamp(0)).await.unwrap();
    assert_eq!(standing.kept.reviews.all.actions, 1);
    assert_eq!(push(&hotels, &maria, &late).await, refused);
    assert_eq!(memory.reviews(HOTEL).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_done_one_after_another_is_taken_back_one_after_another() {
    let mut maria = Device::of(MARIA, 1);
    let memory = log_with(&[&maria]).await;
    let log = Arc::new(Failing::that_works(memory.clone()));
    let asked = || log.asked.load(Ordering::Relaxed);
    let hotels = Hotels::new(log.clone(), clock());
    let mut done = Vec::new();
    for value in [Cleanliness::Pickup, Cleanliness::Clean, Cleanliness::Dirty] {
        let action = maria.mark(value);
        done.push(action.operation);
        push(&hotels, &maria, &[action]).await;
    }
    let mut questions = Vec::new();
    for (operation, number) in done.into_iter().rev().zip(4..) {
        let before = asked();
        let undo = maria.ask(Command::Undo { operation }).unwrap();
        assert_eq!(sequences(&push(&hotels, &maria, &[undo]).await), [number]);
        questions.push(asked() - before);
    }
    // The undone action, and from the second on the undo that put it back with what that undid.
    assert_eq!(questions, [1, 3, 3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verdict_of_another_server_is_the_verdict_here() {
    let mut maria = Device::of(MARIA, 1);
    let log = log_with(&[&maria]).await;
    let (here, there) = (
        Hotels::new(log.clone(), clock()),
        Hotels::new(log.clone(), clock()),
    );
    let first = [maria.mark(Cleanliness::Clean)];
    assert_eq!(sequences(&push(&here, &maria, &first).await), [1]);
    let mut broken = maria.mark(Cleanliness::Dirty);
    let whole = broken.clone();
    let last = broken.changes[0].bytes.len() - 1;
    broken.changes[0].bytes[last] ^= 1;
    let refused = push(&there, &maria, &[broken]).await;
    assert!(
        matches!(refused[0].verdict, Verdict::Refused(_)),
        "{refused:?}"
    );
    // Made again as it should have been: acceptance follows the refusal.
    let accepted = push(&here, &maria, std::slice::from_ref(&whole)).await;
    assert_eq!(sequences(&accepted), [2]);
    assert_eq!(push(&there, &maria, &[whole]).await, accepted);
}

/// A colleague's device shows what somebody did before they send it themselves.
#[tokio::test]
async fn what_was_refused_without_its_authors_word_is_taken_with_it() {
    let mut maria = Device::of(MARIA, 1);
    let log = log_with(&[&maria]).await;
    let hotels = Hotels::new(log, clock());
    let from = Author::People(maria.id);
    let action = maria.mark(Cleanliness::Clean);
    let told = async |word| {
        let action = action.clone();
        let claim = Claim {
            action,
            word,
            beside: 0,
        };
        let read = read_push(vec![claim]);
        let mut verdicts = hotels.push(HOTEL, from, read).await.unwrap();
        verdicts.remove(0).verdict
    };
    let refused = Verdict::Refused(GateReason::WrongAuthor.into());
    for _ in 0..2 {
        assert_eq!(told(Word::Missing).await, refused);
    }
    let accepted = told(Word::Given).await;
    assert!(matches!(accepted, Verdict::Accepted { .. }), "{accepted:?}");
    // Asking what became of it is not claiming it.
    assert_eq!(told(Word::Missing).await, accepted);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_else_is_to_inspect_is_looked_up_in_the_log() {
    let (mut maria, mut ines) = (Device::of(MARIA, 1), Device::of(INES, 2));
    ines.role = Role::Manager;
    let log = log_with(&[&maria, &ines]).await;
    let mut manager = people().remove(3);
    manager.role = Role::Manager;
    log.put_person(HOTEL, manager, NOW).unwrap();
    let again = TaskId(uuid::Uuid::from_u128(51));
    let finish = |task| Command::FinishTask { task };
    let rule = |scope, rule| Command::SetRule {
        scope,
        rule,
        number: Some(1),
    };
    let draft = TaskDraft {
        kind: TaskKind::TouchUp,
        room: ROOM,
        business_date: today(),
        ..TaskDraft::default()
    };
    let add = WorkCommand::Add {
        task: again,
        draft: Box::new(draft),
    };
    for (author, command) in [
        (INES, rule(RuleScope::Hotel, RuleKey::InspectEvery)),
        (MARIA, finish(stayover())),
        (INES, rule(RuleScope::Person(MARIA), RuleKey::SelfCheck)),
        (INES, Command::Work(add)),
    ] {
        let (one, other) = match author {
            MARIA => (&mut maria, &mut ines),
            _ => (&mut ines, &mut maria),
        };
        let action = one.ask(command).unwrap();
        other.receive(&action);
        // Each at a server that has none of the documents at hand.
        let hotels = Hotels::new(log.clone(), clock());
        let told = push(&hotels, one, std::slice::from_ref(&action)).await;
        assert!(
            matches!(told[0].verdict, Verdict::Accepted { .. }),
            "{told:?}"
        );
    }

    let operation = maria.operation();
    let context = Context {
        hotel: HOTEL,
        operation,
        author: MARIA,
        role: Role::Housekeeper,
        at: maria.at,
    };
    let mut changes = plan(&finish(again), context, &maria).unwrap();
    for change in &mut changes {
        if let Change::Room(_, RoomChange::Cleanliness(mark)) = change {
            mark.value = Cleanliness::Inspected;
        }
    }
    let beyond = maria.act(operation, finish(again), &changes);
    let hotels = Hotels::new(log.clone(), clock());
    let told = push(&hotels, &maria, &[beyond]).await;
    let refused = Verdict::Refused(Refusal::InspectionAwaited);
    assert_eq!(told[0].verdict, refused);
}
