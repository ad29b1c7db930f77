//! When something was heard of others last, by what they did.

use super::id;
use crate::error::StoreError;
use keyrack_model::{
    identity::SERVER_DEVICE,
    ids::{DeviceId, UserId},
    ipc::Heard,
    limits::HEARD_ACTIONS,
    time::Timestamp,
};
use rusqlite::{Connection, params};

/// Who did something last at which device, among the latest actions of people: an import is as many
/// actions as it has rows, and tells nothing of anybody.
pub(crate) fn lately(db: &Connection) -> Result<Vec<Heard>, StoreError> {
    // A device that began with a working set has others' latest actions as lines.
    let mut statement = db.prepare_cached(
        "select author, device, max(wall), max(received_at) from (
             select * from (select author, device, wall, received_at from action
                            where device <> ?2 order by id desc limit ?1)
             union all
             select * from (select author, device, wall, received_at from line
                            where device <> ?2 order by sequence desc limit ?1))
         group by author, device order by author, device",
    )?;
    let server = SERVER_DEVICE.0.as_bytes();
    let rows = statement.query_map(params![HEARD_ACTIONS as i64, server], |row| {
        Ok(Heard {
            person: UserId(id(row.get(0)?)),
            device: DeviceId(id(row.get(1)?)),
            done_at: Timestamp(row.get(2)?),
            known_at: row.get::<_, Option<i64>>(3)?.map(Timestamp),
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::open_in_memory;
    use uuid::Uuid;

    const MARIA: u128 = 1;
    const RUI: u128 = 2;
    const CART: u128 = 3;
    const DESK: u128 = 4;

    fn bytes(number: u128) -> [u8; 16] {
        *Uuid::from_u128(number).as_bytes()
    }

    /// An action in the order in which this device learned of it.
    fn learn(db: &Connection, number: i64, (author, device): (u128, u128), known: Option<i64>) {
        db.prepare_cached(
            "insert into action
                 (operation, author, device, wall, counter, received_at, schema, command)
             values (?1, ?2, ?3, ?4, 0, ?5, 1, x'')",
        )
        .unwrap()
        .execute(params![
            bytes(number as u128),
            bytes(author),
            bytes(device),
            number,
            known
        ])
        .unwrap();
    }

    /// An action that a working set told of.
    fn be_told(db: &Connection, number: i64, (author, device): (u128, u128)) {
        db.execute(
            "insert into line
                 (sequence, operation, author, device, wall, counter, received_at, documents, command)
             values (?1, ?2, ?3, ?4, ?1, 0, ?1, 1, x'')",
            params![number, bytes(number as u128), bytes(author), bytes(device)],
        )
        .unwrap();
    }

    fn heard((person, device): (u128, u128), done: i64, known: Option<i64>) -> Heard {
        Heard {
            person: UserId(Uuid::from_u128(person)),
            device: DeviceId(Uuid::from_u128(device)),
            done_at: Timestamp(done),
            known_at: known.map(Timestamp),
        }
    }

    #[test]
    fn each_person_at_each_device_is_known_by_the_last_that_they_did_there() {
        let db = open_in_memory().unwrap();
        be_told(&db, 1, (MARIA, DESK));
        be_told(&db, 2, (MARIA, CART));
        learn(&db, 3, (MARIA, CART), Some(30));
        learn(&db, 4, (RUI, DESK), Some(20));
        learn(&db, 5, (RUI, DESK), None);
        let expected = [
            heard((MARIA, CART), 3, Some(30)),
            heard((MARIA, DESK), 1, Some(1)),
            heard((RUI, DESK), 5, Some(20)),
        ];
        assert_eq!(lately(&db).unwrap(), expected);
    }

    #[test]
    fn only_so_many_of_the_latest_actions_are_looked_at() {
        let db = open_in_memory().unwrap();
        learn(&db, 1, (MARIA, CART), Some(1));
        let last = HEARD_ACTIONS as i64;
        for number in 2..=last {
            learn(&db, number, (RUI, DESK), Some(number));
        }
        assert_eq!(lately(&db).unwrap().len(), 2);
        learn(&db, last + 1, (RUI, DESK), None);
        let expected = [heard((RUI, DESK), last + 1, Some(last))];
        assert_eq!(lately(&db).unwrap(), expected);
    }

    #[test]
    fn what_the_server_does_hides_nobody_and_is_heard_of_nobody() {
        let db = open_in_memory().unwrap();
        let server = SERVER_DEVICE.0.as_u128();
        be_told(&db, 1, (MARIA, CART));
        learn(&db, 2, (RUI, DESK), Some(2));
        let last = HEARD_ACTIONS as i64 + 2;
        for number in 3..=last {
            learn(&db, number, (0, server), Some(number));
            be_told(&db, last + number, (0, server));
        }
        let expected = [
            heard((MARIA, CART), 1, Some(1)),
            heard((RUI, DESK), 2, Some(2)),
        ];
        assert_eq!(lately(&db).unwrap(), expected);
    }
}
