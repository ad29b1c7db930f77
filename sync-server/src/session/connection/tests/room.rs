//! Who waits when a hotel has read as much as it may hold.

use super::*;
use crate::gate::{Claim, Word};
use keyrack_model::limits::{HOTEL_WAITING_WEIGHT, MAX_FRAME, MAX_PUSH_ACTIONS, PROMPT_WEIGHT};

#[tokio::test(flavor = "multi_thread")]
async fn a_large_push_waits_for_room_while_a_small_one_goes_ahead() {
    let server = Server::start().await;
    let mut maria = Device::of(MARIA, 1);
    let (mut one, mut two) = (server.connect().await, server.connect().await);
    for socket in [&mut one, &mut two] {
        socket.hello(PROTOCOL).await;
        let welcome = socket.receive().await;
        assert!(matches!(welcome, Some(ServerFrame::Welcome { .. })));
    }
    let small = maria.mark(Cleanliness::Dirty);
    let marks = (0..MAX_PUSH_ACTIONS).map(|_| maria.mark(Cleanliness::Clean));
    let large: Vec<Action> = marks.collect();

    let others = server.hotels.fill(HOTEL, HOTEL_WAITING_WEIGHT);
    one.push(&large).await;
    two.push(std::slice::from_ref(&small)).await;
    let answer = two.receive().await;
    let first = Sequence(OPENED + 1);
    assert!(matches!(answer, Some(ServerFrame::Stored { first: it, .. }) if it == first));
    // Whoever waits is told of it meanwhile.
    match one.receive().await {
        Some(ServerFrame::Deliver { entries }) => {
            assert!(entries.iter().filter_map(LogEntry::action).eq([&small]));
        }
        other => panic!("{other:?}"),
    }

    drop(others);
    let answer = one.receive().await;
    assert!(matches!(answer, Some(ServerFrame::Stored { first: it, .. }) if it == first.next()));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_packed_into_little_and_weighs_much_is_asked_for_again_where_there_is_no_room() {
    let server = Server::start().await;
    let mut maria = Device::of(MARIA, 1);
    let marks = (0..MAX_PUSH_ACTIONS).map(|_| maria.mark(Cleanliness::Clean));
    let claims = |actions: Vec<Action>| {
        let given = |action| Claim {
            action,
            word: Word::Given,
            beside: 0,
        };
        actions.into_iter().map(given).collect::<Vec<_>>()
    };
    let actions: Vec<Action> = marks.collect();
    let from = Author::People(maria.id);
    let others = server.hotels.fill(HOTEL, HOTEL_WAITING_WEIGHT);
    let begin = |turn| {
        let claims = claims(actions.clone());
        server.hotels.begin_claims(HOTEL, from, claims, turn)
    };
    let answer = begin(Turn::Prompt).await.unwrap().await.unwrap();
    let is_later = |told: &OperationVerdict| matches!(told.verdict, Verdict::RetryAfter { .. });
    let put_off = answer.verdicts.iter().position(is_later);
    let put_off = put_off.expect("not all of it had room");
    assert!(put_off > 0 && answer.verdicts[put_off..].iter().all(is_later));
    let weight = |count| {
        let first = actions[..count].iter().cloned();
        first
            .map(|action| ReadAction::of(action).weight)
            .sum::<u64>()
    };
    assert!(weight(put_off) <= PROMPT_WEIGHT && weight(put_off + 1) > PROMPT_WEIGHT);

    drop(others);
    let answer = begin(Turn::Prompt).await.unwrap().await.unwrap();
    assert!(!answer.verdicts.iter().any(is_later));
}

/// More than the buffers of both systems hold, by far.
const MANY: usize = 64;

#[tokio::test(flavor = "multi_thread")]
async fn no_more_is_read_of_whoever_goes_on_sending_while_the_hotel_has_no_room() {
    let server = Server::start().await;
    let (mut one, mut two) = (server.connect().await, server.connect().await);
    for socket in [&mut one, &mut two] {
        socket.hello(PROTOCOL).await;
        let welcome = socket.receive().await;
        assert!(matches!(welcome, Some(ServerFrame::Welcome { .. })));
    }
    let others = server.hotels.fill(HOTEL, HOTEL_WAITING_WEIGHT);
    let mut sent = 0;
    let message = vec![7; MAX_FRAME];
    while sent < MANY {
        let send = one.send_bytes(message.clone());
        if timeout(Duration::from_secs(2), send).await.is_err() {
            break;
        }
        sent += 1;
    }
    assert!(sent >= UNREAD_MESSAGES, "only {sent} were taken");
    assert!(sent < MANY, "all were taken while none could be judged");
    // Nobody else is held up by it.
    let small = Device::of(MARIA, 1).mark(Cleanliness::Dirty);
    two.push(std::slice::from_ref(&small)).await;
    let answer = two.receive().await;
    assert!(matches!(answer, Some(ServerFrame::Stored { .. })));

    // Once there is room they are read and found to be nothing, which ends the connection.
    drop(others);
    let told = loop {
        match one.receive().await {
            Some(ServerFrame::Deliver { .. }) => {}
            told => break told,
        }
    };
    // It may be hung up on before it reads why.
    let is_over = told.is_none_or(|told| matches!(told, ServerFrame::Refuse(_)));
    assert!(is_over && one.receive().await.is_none());
}
