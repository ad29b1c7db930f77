//! What was done on this device and the log had, of which the changes are not here any more.

use super::{decode, encode, id};
use crate::error::StoreError;
use keyrack_model::{
    action::{Action, Sequence},
    command::Command,
    ids::OperationId,
    time::Timestamp,
};
use rusqlite::{Connection, params};

/// An action of this device, without its changes, and its place in the log.
pub(crate) struct DoneHere {
    pub(crate) sequence: Sequence,
    pub(crate) received_at: Timestamp,
    pub(crate) action: Action,
}

pub(crate) fn put(db: &Connection, done: &DoneHere) -> Result<(), StoreError> {
    db.prepare_cached(
        "insert or replace into done_here (operation, sequence, received_at, action)
         values (?1, ?2, ?3, ?4)",
    )?
    .execute(params![
        done.action.operation.0.as_bytes(),
        done.sequence.0 as i64,
        done.received_at.0,
        encode(&done.action)
    ])?;
    Ok(())
}

/// Takes out what the log had after an entry, in its order.
pub(crate) fn take_after(db: &Connection, last: Sequence) -> Result<Vec<Action>, StoreError> {
    let mut statement =
        db.prepare_cached("select action from done_here where sequence > ?1 order by sequence")?;
    let rows = statement.query_map([last.0 as i64], |row| row.get::<_, Vec<u8>>(0))?;
    let taken = rows.map(|row| decode(&row?)).collect();
    db.prepare_cached("delete from done_here where sequence > ?1")?
        .execute([last.0 as i64])?;
    taken
}

pub(crate) fn any(db: &Connection) -> Result<bool, StoreError> {
    Ok(db
        .prepare_cached("select 1 from done_here limit 1")?
        .exists([])?)
}

/// Lets go of what the log has had since before a time.
pub(crate) fn drop_before(db: &Connection, horizon: Timestamp) -> Result<(), StoreError> {
    db.prepare_cached("delete from done_here where received_at < ?1")?
        .execute([horizon.0])?;
    Ok(())
}

/// Lets go of what some commands did; true when there were any.
pub(crate) fn forget(db: &Connection, goes: impl Fn(&Command) -> bool) -> Result<bool, StoreError> {
    let mut statement = db.prepare_cached("select operation, action from done_here")?;
    let rows = statement.query_map([], |row| {
        Ok((OperationId(id(row.get(0)?)), row.get::<_, Vec<u8>>(1)?))
    })?;
    let mut were_any = false;
    for row in rows.collect::<Result<Vec<_>, _>>()? {
        let (operation, action) = row;
        if goes(&decode::<Action>(&action)?.command) {
            were_any = true;
            db.prepare_cached("delete from done_here where operation = ?1")?
                .execute([operation.0.as_bytes()])?;
        }
    }
    Ok(were_any)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{open_in_memory, records::erases_in_its_log};
    use keyrack_model::{
        class::Class,
        ids::{StayId, UserId},
        limits,
        record::{Guest, Payload, Record, RecordRef},
        time::HybridTime,
    };
    use uuid::Uuid;

    fn stay(number: u128) -> StayId {
        StayId(Uuid::from_u128(number))
    }

    fn done(number: u128, command: Command) -> DoneHere {
        DoneHere {
            sequence: Sequence(number as u64),
            received_at: Timestamp(number as i64 * 1_000),
            action: Action {
                operation: OperationId(Uuid::from_u128(number)),
                author: UserId::default(),
                at: HybridTime::default(),
                schema: limits::SCHEMA,
                command,
                changes: Vec::new(),
            },
        }
    }

    fn named(of: StayId, expected: u64) -> Command {
        Command::EditGuest {
            stay: of,
            expected,
            guest: Guest {
                name: "Ana Reis".into(),
                phone: String::new(),
            },
        }
    }

    #[test]
    fn what_was_written_of_an_erased_guest_goes_and_nothing_else() {
        let db = open_in_memory().unwrap();
        let kept = [
            done(1, named(stay(7), 0)),
            done(2, named(stay(8), 0)),
            done(3, named(stay(7), 2)),
        ];
        for done in &kept {
            put(&db, done).unwrap();
        }
        let of = RecordRef::from(stay(7));
        let erased = Record {
            kind: of.kind,
            id: of.id,
            version: 2,
            audience: Class::Guests,
            payload: Payload::Erased,
        };
        let goes = |command: &Command| erases_in_its_log(&erased, command);
        assert!(forget(&db, goes).unwrap());
        assert!(!forget(&db, goes).unwrap());
        let left = take_after(&db, Sequence::default()).unwrap();
        // The last one is of whoever had the stay after that.
        assert_eq!(left, [kept[1].action.clone(), kept[2].action.clone()]);
        assert!(!any(&db).unwrap());
    }

    #[test]
    fn what_the_log_lost_is_taken_out_in_its_order_and_what_is_old_is_let_go_of() {
        let db = open_in_memory().unwrap();
        let check_in = |number| done(number, Command::CheckIn { stay: stay(number) });
        for number in [4, 2, 3, 1] {
            put(&db, &check_in(number)).unwrap();
        }
        let lost = take_after(&db, Sequence(2)).unwrap();
        assert_eq!(lost, [check_in(3).action, check_in(4).action]);
        drop_before(&db, Timestamp(2_000)).unwrap();
        let left = take_after(&db, Sequence::default()).unwrap();
        assert_eq!(left, [check_in(2).action]);
    }
}
