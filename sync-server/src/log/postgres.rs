//! The log in Postgres.
//!
//! **Architecture Invariant**: an append locks the hotel's head before it writes, so two of them
//! never interleave and a sequence is visible only when all before it are.

mod append;
mod epochs;
mod grants;
pub(crate) mod kept;
mod packs;
mod past;
pub(crate) mod records;
pub(crate) mod reviews;
mod rows;

use super::{
    ActorBinding, Appended, Basis, Head, KnownRecord, Log, LogError, NewEntry, Page, Refused,
    Served, StoredChange, StoredVerdict,
    review::{Review, RoleChange, Standing, Step},
};
use crate::{
    audit::{self, Hand, Notes},
    database::Database,
    heads::Announcements,
};
use keyrack_model::{
    action::{LogEntry, Sequence},
    administration::{AuditEvent, Suspicion},
    ids::{ActorId, DeviceId, DocumentRef, HotelId, LogEpoch, OperationId, UserId},
    record::RecordRef,
    rows::Person,
    time::Timestamp,
    wire::{ActorRegistration, KnownPlace},
};
pub use packs::{Packed, Range, old_up_to, pack_next};
pub use past::PastChange;
use reviews::Distrusted;
use rows::{Place, RefusalColumns};
use sqlx::{PgConnection, error::ErrorKind};
use std::collections::HashSet;
use uuid::Uuid;

/// The log of every hotel of a database.
pub struct PostgresLog {
    database: Database,
    announcements: Announcements,
}

impl PostgresLog {
    pub fn new(database: Database, announcements: Announcements) -> Self {
        Self {
            database,
            announcements,
        }
    }

    /// Where a hotel's log surely ended when the database was started.
    pub async fn end_at_start(&self, hotel: HotelId) -> Result<Sequence, LogError> {
        let mut tx = self.database.begin(hotel).await?;
        epochs::end_at_start(&mut tx, hotel).await
    }

    /// Until when nothing is lost of a hotel that was brought back and is as it was up to an entry:
    /// what was done to people's access since may be. None when nothing tells.
    pub async fn whole_until(
        &self,
        hotel: HotelId,
        shared: Sequence,
    ) -> Result<Option<Timestamp>, LogError> {
        let mut tx = self.database.begin(hotel).await?;
        epochs::whole_until(&mut tx, hotel, shared).await
    }
}

impl Log for PostgresLog {
    async fn head(&self, hotel: HotelId) -> Result<Head, LogError> {
        let mut tx = self.database.begin(hotel).await?;
        epochs::head(&mut tx, hotel).await
    }

    async fn append(
        &self,
        hotel: HotelId,
        basis: Basis<'_>,
        entries: &[NewEntry],
        refused: &[Refused],
    ) -> Result<Appended, LogError> {
        let places = Place::following(basis.end, entries);
        let has_records = entries.iter().any(|entry| entry.record.is_some());
        let mut names = entries.iter().rev();
        let name = names.find_map(|entry| entry.names_hotel.as_deref());
        let appended = if refused.is_empty() && !has_records && name.is_none() {
            // A statement of its own is stored when it has answered.
            let mut connection = self.database.connection().await?;
            append::actions(&mut connection, hotel, basis, &places).await?
        } else {
            let mut tx = self.database.begin(hotel).await?;
            let appended = append::actions(&mut tx, hotel, basis, &places).await?;
            if let Appended::Stored { .. } = appended {
                records::insert(&mut tx, hotel, &places).await?;
                insert_refusals(&mut tx, hotel, refused).await?;
                if let Some(name) = name {
                    name_hotel(&mut tx, hotel, name).await?;
                }
                for notes in reviews::keep(&mut tx, hotel, refused).await? {
                    audit::note(&mut tx, hotel, &notes).await?;
                }
                tx.commit().await?;
            }
            appended
        };
        if let Appended::Stored { last } = appended
            && !entries.is_empty()
        {
            self.announcements.announce(hotel, last);
        }
        Ok(appended)
    }

    async fn read(
        &self,
        hotel: HotelId,
        after: Sequence,
        page: Page,
    ) -> Result<Vec<LogEntry>, LogError> {
        let mut tx = self.database.begin(hotel).await?;
        let Some(last) = last_of_page(&mut tx, hotel, after, page).await? else {
            return Ok(Vec::new());
        };
        let mut actions: Vec<rows::ActionRow> = sqlx::query_as(
            "select sequence, operation, author, device, wall, counter, received_at, schema, command
             from action
             where hotel = $1 and sequence > $2 and sequence <= $3
             order by sequence",
        )
        .bind(hotel.0)
        .bind(after.0 as i64)
        .bind(last)
        .fetch_all(&mut *tx)
        .await?;
        packs::unpack(&mut tx, hotel, &mut actions).await?;
        let mut changes: Vec<rows::ChangeRow> = sqlx::query_as(
            "select sequence, ordinal, document, kind, bytes from change
             where hotel = $1 and sequence > $2 and sequence <= $3
             order by sequence, ordinal",
        )
        .bind(hotel.0)
        .bind(after.0 as i64)
        .bind(last)
        .fetch_all(&mut *tx)
        .await?;
        packs::unpack(&mut tx, hotel, &mut changes).await?;
        let records = records::between(&mut tx, hotel, after.0 as i64, last).await?;
        let mut entries = rows::entries(actions, changes)?;
        if !records.is_empty() {
            entries.extend(records);
            entries.sort_unstable_by_key(|entry| entry.sequence);
        }
        Ok(entries)
    }

    async fn document_changes(
        &self,
        hotel: HotelId,
        documents: &[DocumentRef],
    ) -> Result<Vec<StoredChange>, LogError> {
        let ids: Vec<Uuid> = documents.iter().map(|document| document.id.0).collect();
        let kinds: Vec<i16> = documents
            .iter()
            .map(|document| rows::kind(*document))
            .collect();
        let mut tx = self.database.begin(hotel).await?;
        let mut found: Vec<rows::ChangeRow> = sqlx::query_as(
            "select sequence, ordinal, document, kind, bytes from change
             where hotel = $1
               and (document, kind) in (select * from unnest($2::uuid[], $3::smallint[]))
             order by sequence, ordinal",
        )
        .bind(hotel.0)
        .bind(&ids)
        .bind(&kinds)
        .fetch_all(&mut *tx)
        .await?;
        packs::unpack(&mut tx, hotel, &mut found).await?;
        found.into_iter().map(rows::ChangeRow::stored).collect()
    }

    async fn verdicts(
        &self,
        hotel: HotelId,
        operations: &[OperationId],
    ) -> Result<Vec<StoredVerdict>, LogError> {
        let asked: Vec<Uuid> = operations.iter().map(|operation| operation.0).collect();
        let mut tx = self.database.begin(hotel).await?;
        let accepted: Vec<(Uuid, i64, i64)> = sqlx::query_as(
            "select operation, sequence, received_at from action
             where hotel = $1 and operation = any($2)
             union all
             select operation, sequence, received_at from record
             where hotel = $1 and operation = any($2)
             order by operation",
        )
        .bind(hotel.0)
        .bind(&asked)
        .fetch_all(&mut *tx)
        .await?;
        let refused: Vec<(Uuid, Vec<u8>, Vec<u8>)> = sqlx::query_as(
            "select distinct on (operation) operation, digest, refusal from refusal
             where hotel = $1 and operation = any($2) order by operation, turn desc",
        )
        .bind(hotel.0)
        .bind(&asked)
        .fetch_all(&mut *tx)
        .await?;
        let known: HashSet<Uuid> = accepted.iter().map(|(operation, ..)| *operation).collect();
        let mut verdicts: Vec<StoredVerdict> = accepted.into_iter().map(rows::accepted).collect();
        for row in refused {
            if !known.contains(&row.0) {
                verdicts.push(rows::refused(row)?);
            }
        }
        Ok(verdicts)
    }

    async fn register_actors(
        &self,
        hotel: HotelId,
        device: DeviceId,
        actors: &[ActorRegistration],
    ) -> Result<Vec<ActorId>, LogError> {
        let ids: Vec<Uuid> = actors.iter().map(|actor| actor.actor.0).collect();
        let people: Vec<Uuid> = actors.iter().map(|actor| actor.user.0).collect();
        let mut tx = self.database.begin(hotel).await?;
        sqlx::query(
            "insert into actor (hotel, actor, person, device)
             select $1, actor, person, $2 from unnest($3::uuid[], $4::uuid[]) as new (actor, person)
             on conflict do nothing",
        )
        .bind(hotel.0)
        .bind(device.0)
        .bind(&ids)
        .bind(&people)
        .execute(&mut *tx)
        .await?;
        let clashes: Vec<Uuid> = sqlx::query_scalar(
            "select distinct new.actor
             from unnest($3::uuid[], $4::uuid[]) as new (actor, person)
             join actor on actor.hotel = $1 and actor.actor = new.actor
             where actor.person <> new.person or actor.device <> $2
             order by new.actor",
        )
        .bind(hotel.0)
        .bind(device.0)
        .bind(&ids)
        .bind(&people)
        .fetch_all(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(clashes.into_iter().map(ActorId).collect())
    }

    async fn actors(
        &self,
        hotel: HotelId,
        actors: &[ActorId],
    ) -> Result<Vec<ActorBinding>, LogError> {
        let asked: Vec<Uuid> = actors.iter().map(|actor| actor.0).collect();
        let mut tx = self.database.begin(hotel).await?;
        let found: Vec<(Uuid, Uuid, Uuid)> = sqlx::query_as(
            "select actor, person, device from actor
             where hotel = $1 and actor = any($2) order by actor",
        )
        .bind(hotel.0)
        .bind(&asked)
        .fetch_all(&mut *tx)
        .await?;
        Ok(found.into_iter().map(rows::binding).collect())
    }

    async fn begin_epoch(
        &self,
        hotel: HotelId,
        epoch: LogEpoch,
        shared: Sequence,
        now: Timestamp,
    ) -> Result<Head, LogError> {
        let mut tx = self.database.begin(hotel).await?;
        // Before the hotel's head, as whoever makes or uses a code.
        epochs::end_device_codes(&mut tx, hotel).await?;
        let head = epochs::begin(&mut tx, hotel, epoch, shared, now).await?;
        let mut notes = Notes::by(Hand::unnamed(now));
        notes.add(AuditEvent::LogRestored, None, shared.0.to_string());
        audit::note(&mut tx, hotel, &notes).await?;
        tx.commit().await?;
        Ok(head)
    }

    async fn shared_with(
        &self,
        hotel: HotelId,
        epoch: LogEpoch,
    ) -> Result<Option<Sequence>, LogError> {
        let mut tx = self.database.begin(hotel).await?;
        epochs::shared_with(&mut tx, hotel, epoch).await
    }

    async fn has(&self, hotel: HotelId, known: KnownPlace) -> Result<bool, LogError> {
        let mut connection = self.database.connection().await?;
        Ok(sqlx::query_scalar("select log_has($1, $2, $3, $4)")
            .bind(hotel.0)
            .bind(known.sequence.0 as i64)
            .bind(known.operation.0)
            .bind(known.received_at.map(|at| at.0))
            .fetch_one(&mut *connection)
            .await?)
    }

    async fn records(
        &self,
        hotel: HotelId,
        records: &[RecordRef],
    ) -> Result<Vec<KnownRecord>, LogError> {
        let mut tx = self.database.begin(hotel).await?;
        records::known(&mut tx, hotel, records).await
    }

    async fn people(&self, hotel: HotelId) -> Result<Vec<Person>, LogError> {
        let mut tx = self.database.begin(hotel).await?;
        let found: Vec<(Uuid, String, String, String, bool)> = sqlx::query_as(
            "select person, name, display, role, left_at is not null from person
             where hotel = $1 order by name",
        )
        .bind(hotel.0)
        .fetch_all(&mut *tx)
        .await?;
        found.into_iter().map(rows::person).collect()
    }

    async fn served_as(
        &self,
        hotel: HotelId,
        person: UserId,
        device: DeviceId,
    ) -> Result<Option<Served>, LogError> {
        let mut tx = self.database.begin(hotel).await?;
        reviews::served_as(&mut tx, hotel, person, device).await
    }

    async fn standing(&self, hotel: HotelId, after: Timestamp) -> Result<Standing, LogError> {
        let mut tx = self.database.begin(hotel).await?;
        reviews::standing(&mut tx, hotel, after).await
    }

    async fn note_role_change(&self, hotel: HotelId, change: RoleChange) -> Result<(), LogError> {
        let mut tx = self.database.begin(hotel).await?;
        reviews::note_role_change(&mut tx, hotel, change).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn note_told(
        &self,
        hotel: HotelId,
        device: DeviceId,
        up_to: Sequence,
        now: Timestamp,
    ) -> Result<(), LogError> {
        let mut tx = self.database.begin(hotel).await?;
        if grants::note_told(&mut tx, hotel, device, up_to, now).await? {
            tx.commit().await?;
        }
        Ok(())
    }

    async fn note_suspicion(
        &self,
        hotel: HotelId,
        (device, actor): (DeviceId, Option<UserId>),
        suspicion: Suspicion,
        at: Timestamp,
    ) -> Result<(), LogError> {
        let mut tx = self.database.begin(hotel).await?;
        let device = Some(device);
        let mut notes = Notes::by(Hand { actor, device, at });
        notes.add(AuditEvent::WorkRefused, None, suspicion.word());
        audit::note(&mut tx, hotel, &notes).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn distrust(
        &self,
        hotel: HotelId,
        device: DeviceId,
        now: Timestamp,
    ) -> Result<bool, LogError> {
        let mut tx = self.database.begin(hotel).await?;
        let mut notes = Notes::by(Hand::unnamed(now));
        let told = match reviews::distrust(&mut tx, hotel, device, &mut notes).await? {
            Distrusted::Unknown => return Ok(false),
            Distrusted::Before => return Ok(true),
            Distrusted::Now { told } => told,
        };
        audit::note(&mut tx, hotel, &notes).await?;
        tx.commit().await?;
        self.announcements.announce(hotel, told);
        Ok(true)
    }

    async fn reviews(&self, hotel: HotelId) -> Result<Vec<Review>, LogError> {
        let mut tx = self.database.begin(hotel).await?;
        kept::all(&mut tx, hotel).await
    }

    async fn review(
        &self,
        hotel: HotelId,
        operation: OperationId,
    ) -> Result<Option<Review>, LogError> {
        let mut tx = self.database.begin(hotel).await?;
        kept::one(&mut tx, hotel, operation).await
    }

    async fn decide(&self, hotel: HotelId, step: Step) -> Result<bool, LogError> {
        let mut tx = self.database.begin(hotel).await?;
        let Some(notes) = reviews::decide(&mut tx, hotel, step).await? else {
            return Ok(false);
        };
        audit::note(&mut tx, hotel, &notes).await?;
        tx.commit().await?;
        Ok(true)
    }
}

async fn name_hotel(
    connection: &mut PgConnection,
    hotel: HotelId,
    name: &str,
) -> Result<(), LogError> {
    sqlx::query("update hotel set name = $2 where hotel = $1")
        .bind(hotel.0)
        .bind(name)
        .execute(connection)
        .await?;
    Ok(())
}

/// The place of the last entry that fits a page; None when there is nothing after `after`.
async fn last_of_page(
    tx: &mut PgConnection,
    hotel: HotelId,
    after: Sequence,
    page: Page,
) -> Result<Option<i64>, LogError> {
    let last: Option<i64> = sqlx::query_scalar(
        "select max(sequence)
         from (
             select *, sum(size) over (order by sequence) - size as before
             from (
                 (select sequence, size from action where hotel = $1 and sequence > $2
                  order by sequence limit $3)
                 union all
                 (select sequence, size from record where hotel = $1 and sequence > $2
                  order by sequence limit $3)
                 order by sequence limit $3
             ) as page
         ) as sized
         where before = 0 or before + size <= $4::bigint",
    )
    .bind(hotel.0)
    .bind(after.0 as i64)
    .bind(page.entries.max(1) as i64)
    .bind(page.bytes.max(1) as i64)
    .fetch_one(tx)
    .await?;
    Ok(last)
}

async fn insert_refusals(
    tx: &mut PgConnection,
    hotel: HotelId,
    refused: &[Refused],
) -> Result<(), LogError> {
    if refused.is_empty() {
        return Ok(());
    }
    let columns = RefusalColumns::of(refused);
    sqlx::query(
        "insert into refusal (hotel, operation, digest, author, device, received_at, refusal)
         select $1, * from unnest(
             $2::uuid[], $3::bytea[], $4::uuid[], $5::uuid[], $6::bigint[], $7::bytea[])",
    )
    .bind(hotel.0)
    .bind(&columns.operations)
    .bind(&columns.digests)
    .bind(&columns.authors)
    .bind(&columns.devices)
    .bind(&columns.received)
    .bind(&columns.refusals)
    .execute(tx)
    .await?;
    Ok(())
}

impl From<sqlx::Error> for LogError {
    fn from(error: sqlx::Error) -> Self {
        let kind = error.as_database_error().map(|error| error.kind());
        match kind {
            Some(ErrorKind::UniqueViolation) => Self::Taken,
            Some(ErrorKind::ForeignKeyViolation) => Self::UnknownHotel,
            _ => Self::Unavailable(Box::new(error)),
        }
    }
}

#[cfg(test)]
mod tests;
