//! What waits goes to the server together, as far as a push may carry it.

use crate::world::{
    log::{self, Log},
    people,
};
use keyrack_model::{
    action::{Action, Sequence},
    command::{Command, WorkOrderDraft},
    ids::{OperationId, WorkOrderId},
    limits::{MAX_PUSH_ACTIONS, MAX_PUSH_BYTES, MAX_TEXT},
    policy::Role,
    time::Timestamp,
    wire::ClientFrame,
};
use keyrack_replica::{Effect, Input, SyncSession};
use uuid::Uuid;

const NOW: Timestamp = Timestamp(1_495_700_000_000);

/// The batches that a device sends when it is greeted, after so many work orders were reported there
/// with the same description.
fn pushed(orders: usize, description: &str) -> Vec<Vec<u8>> {
    let mut replica = people::replica(1, Role::FrontDesk);
    for number in 0..orders as u128 {
        let draft = WorkOrderDraft {
            title: "Lamp".into(),
            description: description.into(),
            ..WorkOrderDraft::default()
        };
        let order = Command::CreateWorkOrder {
            work_order: WorkOrderId(Uuid::from_u128(0x500 + number)),
            draft,
        };
        let operation = OperationId(Uuid::from_u128(0x100_0000 + number));
        replica.act(&order, operation, NOW).unwrap();
    }
    let welcome = Log::default().welcome(Role::FrontDesk, None, Sequence(0), Vec::new());
    let mut sync = SyncSession::new(NOW, 7);
    let mut batches = Vec::new();
    for input in [
        Input::Tick,
        Input::Opened,
        Input::Received(log::encode(&welcome)),
    ] {
        for effect in sync.handle(&mut replica, NOW, input).unwrap() {
            if let Effect::Send(frame) = effect
                && let ClientFrame::Push { batch, .. } = log::decode(&frame)
            {
                batches.push(batch);
            }
        }
    }
    batches
}

fn counts(batches: &[Vec<u8>]) -> Vec<usize> {
    let actions = batches.iter().map(|batch| log::decode_batch(batch).len());
    actions.collect()
}

#[test]
fn what_waits_goes_in_one_push() {
    assert_eq!(counts(&pushed(40, "")), [40]);
}

#[test]
fn a_push_has_no_more_actions_than_it_may() {
    let batches = pushed(MAX_PUSH_ACTIONS + 1, "");
    assert_eq!(counts(&batches), [MAX_PUSH_ACTIONS, 1]);
}

#[test]
fn a_push_has_as_many_bytes_as_it_may_and_no_more() {
    let batches = pushed(60, &"💧".repeat(MAX_TEXT));
    assert_eq!(counts(&batches).iter().sum::<usize>(), 60);
    assert!(batches.len() > 1);
    for pair in batches.windows(2) {
        let next: Action = log::decode_batch(&pair[1]).remove(0);
        let with_the_next = pair[0].len() + encoded(&next);
        assert!(pair[0].len() <= MAX_PUSH_BYTES && with_the_next > MAX_PUSH_BYTES);
    }
}

fn encoded(action: &Action) -> usize {
    let mut bytes = Vec::new();
    ciborium::into_writer(action, &mut bytes).unwrap();
    bytes.len()
}
