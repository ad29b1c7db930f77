//! People of the hotel.

use super::{decode, encode};
use crate::error::StoreError;
use keyrack_model::rows::Person;
use rusqlite::{Connection, params};

pub(crate) fn replace(db: &Connection, people: &[Person]) -> Result<(), StoreError> {
    db.execute("delete from person", [])?;
    for person in people {
        db.prepare_cached("insert into person (id, person) values (?1, ?2)")?
            .execute(params![person.id.0.as_bytes(), encode(person)])?;
    }
    Ok(())
}

pub(crate) fn all(db: &Connection) -> Result<Vec<Person>, StoreError> {
    let mut statement = db.prepare_cached("select person from person order by id")?;
    let rows = statement.query_map([], |row| row.get::<_, Vec<u8>>(0))?;
    rows.map(|bytes| decode(&bytes?)).collect()
}
