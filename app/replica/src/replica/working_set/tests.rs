//! How much a device lets go of at once.

use super::*;
use crate::replica::NewDevice;
use keyrack_model::{
    ids::{DeviceId, WorkOrderId},
    work_order::{WorkOrder, WorkOrderStatus},
};
use rusqlite::params;
use uuid::Uuid;

const NOW: Timestamp = Timestamp(1_495_700_000_000);

/// A device that let go of what was over on another day, and has work orders that have been done for
/// longer than it keeps them.
fn with_work_orders(done: usize) -> Replica {
    let device = NewDevice {
        id: DeviceId::default(),
        signing_key: [7; 32],
        name: "desk".to_owned(),
    };
    let mut numbers = 0;
    let fresh = move || {
        numbers += 1;
        Uuid::from_u128(numbers)
    };
    let replica = Replica::open_in_memory(device, Box::new(fresh)).unwrap();
    let another_day = replica.hotel().unwrap().business_date.plus_days(1);
    TIDIED.set(&replica.db, &another_day).unwrap();
    // It began with what was handed out, and the log has told it something a moment ago.
    for statement in [
        "insert into base (document, kind, sequence, bytes, entity_row, story, is_whole)
         values (x'01', 1, ?1 * 0, x'', x'', x'', 1)",
        "insert into action
             (operation, sequence, author, device, wall, counter, received_at, schema, command)
         values (x'01', 1, x'01', x'01', ?1, 0, ?1, 1, x'')",
    ] {
        replica.db.execute(statement, params![NOW.0]).unwrap();
    }
    for number in 0..done {
        let order = WorkOrder {
            status: WorkOrderStatus::Done,
            ..WorkOrder::default()
        };
        let row = Row {
            document: WorkOrderId(Uuid::from_u128(number as u128)).into(),
            entity: order.into(),
            conflicts: vec![],
            changed_at: Timestamp(0),
        };
        rows::upsert(&replica.db, &row).unwrap();
    }
    replica
}

#[test]
fn a_device_lets_go_of_so_much_at_once_and_of_the_rest_when_it_looks_again() {
    let mut replica = with_work_orders(TIDY_DOCUMENTS + 1);
    let left = |replica: &Replica| rows::all(&replica.db).unwrap().len();
    assert!(replica.tidy(NOW).unwrap());
    assert_eq!(left(&replica), 1);
    assert!(replica.tidy(NOW).unwrap());
    assert_eq!(left(&replica), 0);
    assert!(!replica.tidy(NOW).unwrap(), "once a day is enough");
}
