//! A device's store as files: copied, put back, and read beside the device.

use super::{Device, KEY};
use keyrack_model::ids::OperationId;
use rusqlite::{Connection, types::ValueRef};
use std::{fs, io, path::PathBuf};

/// The files of a store as they were at one moment.
pub(super) type Files = Vec<(PathBuf, Vec<u8>)>;

impl Device {
    /// Every text and every value in its store, table by table.
    pub fn contents(&self) -> Result<Vec<u8>, rusqlite::Error> {
        let db = self.opened_beside()?;
        let mut tables = db.prepare("select name from sqlite_schema where type = 'table'")?;
        let tables = tables.query_map([], |row| row.get::<_, String>(0))?;
        let mut contents = Vec::new();
        for table in tables {
            let mut all = db.prepare(&format!("select * from {}", table?))?;
            let columns = all.column_count();
            let mut rows = all.query([])?;
            while let Some(row) = rows.next()? {
                for column in 0..columns {
                    if let ValueRef::Text(bytes) | ValueRef::Blob(bytes) = row.get_ref(column)? {
                        contents.extend_from_slice(bytes);
                    }
                }
            }
        }
        Ok(contents)
    }

    /// Whether its store has the content of a refused action, put away or not.
    pub fn keeps_refused(&self, operation: OperationId) -> Result<bool, rusqlite::Error> {
        let db = self.opened_beside()?;
        let mut kept = db.prepare("select 1 from refused where operation = ?1")?;
        kept.exists([operation.0.as_bytes()])
    }

    fn opened_beside(&self) -> Result<Connection, rusqlite::Error> {
        let db = Connection::open(&self.store)?;
        let key: String = KEY.iter().map(|byte| format!("{byte:02x}")).collect();
        db.execute_batch(&format!("pragma key = \"x'{key}'\""))?;
        Ok(db)
    }

    pub(super) fn files(&self) -> io::Result<Files> {
        let mut files = Vec::new();
        for path in self.paths() {
            match fs::read(&path) {
                Ok(bytes) => files.push((path, bytes)),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(files)
    }

    pub(super) fn put_back(&self, files: &Files) -> io::Result<()> {
        for path in self.paths() {
            if path.exists() {
                fs::remove_file(path)?;
            }
        }
        files
            .iter()
            .try_for_each(|(path, bytes)| fs::write(path, bytes))
    }

    fn paths(&self) -> [PathBuf; 2] {
        let mut log = self.store.clone().into_os_string();
        log.push("-wal");
        [self.store.clone(), log.into()]
    }
}
