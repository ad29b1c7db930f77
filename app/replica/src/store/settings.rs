//! Single values of a store, each with its own type.

use super::{decode, encode};
use crate::error::StoreError;
use rusqlite::{Connection, OptionalExtension, params};
use serde::{Serialize, de::DeserializeOwned};
use std::marker::PhantomData;

/// A key with the type of its value.
pub(crate) struct Setting<T> {
    key: &'static str,
    value: PhantomData<T>,
}

impl<T: Serialize + DeserializeOwned> Setting<T> {
    pub(crate) const fn named(key: &'static str) -> Self {
        Self {
            key,
            value: PhantomData,
        }
    }

    pub(crate) fn get(&self, db: &Connection) -> Result<Option<T>, StoreError> {
        let bytes: Option<Vec<u8>> = db
            .prepare_cached("select value from setting where key = ?1")?
            .query_row([self.key], |row| row.get(0))
            .optional()?;
        bytes.map(|bytes| decode(&bytes)).transpose()
    }

    pub(crate) fn set(&self, db: &Connection, value: &T) -> Result<(), StoreError> {
        db.prepare_cached("insert or replace into setting (key, value) values (?1, ?2)")?
            .execute(params![self.key, encode(value)])?;
        Ok(())
    }

    pub(crate) fn clear(&self, db: &Connection) -> Result<(), StoreError> {
        db.prepare_cached("delete from setting where key = ?1")?
            .execute([self.key])?;
        Ok(())
    }
}
