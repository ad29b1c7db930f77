//! Versions of records, and what they say for as long as it is not erased.

use super::{
    PostgresLog,
    rows::{self, Place},
};
use crate::log::{KnownRecord, LogError, NewEntry};
use keyrack_model::{
    action::{Content, LogEntry, Sequence},
    class::Reading,
    ids::{DeviceId, HotelId, OperationId, RecordId, UserId},
    record::{Payload, Record, RecordRef},
    time::Timestamp,
};
use sqlx::PgConnection;
use uuid::Uuid;

/// Stores the records among entries, each at its place. What one of them erases is gone from every
/// version before it.
pub(crate) async fn insert(
    tx: &mut PgConnection,
    hotel: HotelId,
    entries: &[Place<'_>],
) -> Result<(), LogError> {
    for Place { entry, sequence } in entries {
        if let Some(record) = &entry.record {
            insert_version(tx, hotel, *sequence, entry, record).await?;
        }
    }
    Ok(())
}

async fn insert_version(
    tx: &mut PgConnection,
    hotel: HotelId,
    sequence: u64,
    entry: &NewEntry,
    record: &Record,
) -> Result<(), LogError> {
    sqlx::query(
        "insert into record
             (hotel, sequence, operation, author, role, device, wall, counter, received_at, clock,
              kind, id, version, audience, size)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
    )
    .bind(hotel.0)
    .bind(sequence as i64)
    .bind(entry.action.operation.0)
    .bind(entry.action.author.0)
    .bind(entry.role.to_string())
    .bind(entry.device.0)
    .bind(entry.action.at.wall.0)
    .bind(i64::from(entry.action.at.counter))
    .bind(entry.received_at.0)
    .bind(rows::clock(entry.clock))
    .bind(record.kind.word())
    .bind(record.id.0)
    .bind(record.version as i64)
    .bind(record.audience.word())
    .bind(rows::size(entry, sequence))
    .execute(&mut *tx)
    .await?;
    if record.payload == Payload::Erased {
        sqlx::query(
            "delete from record_payload using record
             where record_payload.hotel = $1 and record.hotel = $1
               and record.sequence = record_payload.sequence
               and record.kind = $2 and record.id = $3",
        )
        .bind(hotel.0)
        .bind(record.kind.word())
        .bind(record.id.0)
        .execute(&mut *tx)
        .await?;
        sqlx::query("delete from review where hotel = $1 and record = $2")
            .bind(hotel.0)
            .bind(record.id.0)
            .execute(tx)
            .await?;
    } else {
        sqlx::query(
            "insert into record_payload (hotel, sequence, payload) values ($1, $2, $3::jsonb)",
        )
        .bind(hotel.0)
        .bind(sequence as i64)
        .bind(rows::json(&record.payload))
        .execute(tx)
        .await?;
    }
    Ok(())
}

type Columns = (
    i64,
    Uuid,
    Uuid,
    Uuid,
    i64,
    String,
    Uuid,
    i64,
    String,
    Option<String>,
);

/// The records at places after one and up to another, in order.
pub(super) async fn between(
    tx: &mut PgConnection,
    hotel: HotelId,
    after: i64,
    last: i64,
) -> Result<Vec<LogEntry>, LogError> {
    let found: Vec<Columns> = sqlx::query_as(
        "select record.sequence, operation, author, device, received_at, kind, id, version,
                audience, payload::text
         from record left join record_payload using (hotel, sequence)
         where hotel = $1 and sequence > $2 and sequence <= $3
         order by sequence",
    )
    .bind(hotel.0)
    .bind(after)
    .bind(last)
    .fetch_all(tx)
    .await?;
    found.into_iter().map(entry).collect()
}

fn entry(
    (sequence, operation, author, device, received_at, kind, id, version, audience, payload): Columns,
) -> Result<LogEntry, LogError> {
    let payload = match payload {
        Some(json) => rows::from_json(&json, "payload")?,
        None => Payload::Erased,
    };
    Ok(LogEntry {
        sequence: rows::sequence(sequence),
        content: Content::Record {
            received_at: Timestamp(received_at),
            device: DeviceId(device),
            author: UserId(author),
            operation: OperationId(operation),
            record: Record {
                kind: rows::word(&kind, "kind")?,
                id: RecordId(id),
                version: version.max(0) as u64,
                audience: rows::word(&audience, "audience")?,
                payload,
            },
        },
    })
}

impl PostgresLog {
    /// The records of some classes as they were at an entry: the last version of each up to there,
    /// those after a place, in log order. What was erased is among them whatever its class, also
    /// when somebody else was written down after it.
    pub async fn records_as_of(
        &self,
        hotel: HotelId,
        up_to: Sequence,
        reading: Reading,
        after: Sequence,
        limit: usize,
    ) -> Result<Vec<LogEntry>, LogError> {
        let classes = reading.classes();
        let words: Vec<&str> = classes.iter().map(|class| class.word()).collect();
        let mut tx = self.database.begin(hotel).await?;
        let found: Vec<Columns> = sqlx::query_as(
            "select record.sequence, operation, author, device, received_at, kind, id, version,
                    audience, payload::text
             from record left join record_payload using (hotel, sequence)
             where hotel = $1 and sequence > $2 and sequence <= $3
               and (audience = any($4) or payload is null)
               and not exists (
                   select from record as later
                   left join record_payload as content
                       on content.hotel = later.hotel and content.sequence = later.sequence
                   where later.hotel = record.hotel and later.kind = record.kind
                     and later.id = record.id and later.version > record.version
                     and later.sequence <= $3
                     and (record_payload.payload is not null or content.payload is null)
               )
             order by sequence limit $5",
        )
        .bind(hotel.0)
        .bind(after.0 as i64)
        .bind(up_to.0 as i64)
        .bind(&words)
        .bind(limit as i64)
        .fetch_all(&mut *tx)
        .await?;
        found.into_iter().map(entry).collect()
    }
}

/// The present versions of those records that there are.
pub(crate) async fn known(
    tx: &mut PgConnection,
    hotel: HotelId,
    records: &[RecordRef],
) -> Result<Vec<KnownRecord>, LogError> {
    let kinds: Vec<&str> = records.iter().map(|record| record.kind.word()).collect();
    let ids: Vec<Uuid> = records.iter().map(|record| record.id.0).collect();
    let found: Vec<(String, Uuid, i64, bool)> = sqlx::query_as(
        "select distinct on (kind, id) kind, id, version, payload is null
         from record left join record_payload using (hotel, sequence)
         where hotel = $1 and (kind, id) in (select * from unnest($2::text[], $3::uuid[]))
         order by kind, id, version desc",
    )
    .bind(hotel.0)
    .bind(&kinds)
    .bind(&ids)
    .fetch_all(tx)
    .await?;
    found
        .into_iter()
        .map(|(kind, id, version, is_erased)| {
            Ok(KnownRecord {
                record: RecordRef {
                    kind: rows::word(&kind, "kind")?,
                    id: RecordId(id),
                },
                version: version.max(0) as u64,
                is_erased,
            })
        })
        .collect()
}

/// Adds the next version of a record of the server's own to the end of the log, within a
/// transaction that does something else too. Returns the place.
pub(crate) async fn put(
    tx: &mut PgConnection,
    hotel: HotelId,
    of: RecordRef,
    payload: Payload,
    now: Timestamp,
) -> Result<Sequence, LogError> {
    let last: Option<i64> = sqlx::query_scalar(
        "update hotel_head set sequence = sequence + 1 where hotel = $1 returning sequence",
    )
    .bind(hotel.0)
    .fetch_optional(&mut *tx)
    .await?;
    let last = last.ok_or(LogError::UnknownHotel)?;
    let present = known(&mut *tx, hotel, &[of]).await?;
    let version = present.first().map_or(0, |known| known.version) + 1;
    let entry = NewEntry::of_the_server(hotel, Record::version(of, version, payload), now);
    let place = Place {
        entry: &entry,
        sequence: last.max(0) as u64,
    };
    insert(tx, hotel, &[place]).await?;
    Ok(rows::sequence(last))
}
