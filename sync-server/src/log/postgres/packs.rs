//! Old ranges of the log in packed form: moving entries there, and reading them from there.
//!
//! **Architecture Invariant**: a row without its bytes lies in exactly one packed range that holds
//! them, and what every function of the log returns is the same, packed or not.

use super::rows::{self, ActionRow, ChangeRow};
use crate::{database::Database, log::LogError, packed, processor::off_the_runtime};
use keyrack_model::{
    action::Sequence,
    ids::HotelId,
    limits::{MAX_FRAME, PACK_BYTES, PACK_ENTRIES},
};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;

/// How large a range is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Range {
    /// Entries; fewer are left for later, unless their bytes fill a range.
    pub entries: usize,
    /// Bytes of entries as they were stored.
    pub bytes: usize,
}

impl Default for Range {
    fn default() -> Self {
        Self {
            entries: PACK_ENTRIES,
            bytes: PACK_BYTES,
        }
    }
}

/// What was packed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Packed {
    pub entries: u64,
    /// Bytes of the range in packed form.
    pub bytes: u64,
}

/// What one range holds.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
struct Pack {
    entries: Vec<PackedEntry>,
}

/// The bytes of an entry, with those of its changes in order.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(super) struct PackedEntry {
    sequence: i64,
    #[serde(with = "serde_bytes")]
    command: Vec<u8>,
    changes: Vec<serde_bytes::ByteBuf>,
}

impl PackedEntry {
    pub(super) fn command(&self) -> Vec<u8> {
        self.command.clone()
    }

    pub(super) fn change(&self, ordinal: i32) -> Option<Vec<u8>> {
        let ordinal = usize::try_from(ordinal).ok()?;
        self.changes.get(ordinal).map(|bytes| bytes.to_vec())
    }
}

/// A row whose bytes may lie in a packed range.
pub(super) trait Packable {
    fn sequence(&self) -> i64;
    /// Whether its bytes are elsewhere.
    fn is_packed(&self) -> bool;
    fn unpack(&mut self, entry: &PackedEntry);
}

/// Gives rows their bytes back, one packed range after another in memory. The rows come in the
/// order of the log.
pub(super) async fn unpack<T: Packable>(
    tx: &mut PgConnection,
    hotel: HotelId,
    rows: &mut [T],
) -> Result<(), LogError> {
    let mut rest = rows;
    while let Some(at) = rest.iter().position(Packable::is_packed) {
        rest = &mut rest[at..];
        let (pack, last) = holding(tx, hotel, rest[0].sequence()).await?;
        let inside = rest.partition_point(|row| row.sequence() <= last);
        // At least the first, or this would not end.
        let (here, later) = rest.split_at_mut(inside.max(1));
        for row in here.iter_mut().filter(|row| row.is_packed()) {
            let entries = &pack.entries;
            let found = entries.binary_search_by_key(&row.sequence(), |entry| entry.sequence);
            row.unpack(&entries[found.map_err(|_| rows::unreadable("packed"))?]);
            if row.is_packed() {
                return Err(rows::unreadable("packed"));
            }
        }
        rest = later;
    }
    Ok(())
}

/// The packed range with an entry, and its last one.
async fn holding(
    tx: &mut PgConnection,
    hotel: HotelId,
    sequence: i64,
) -> Result<(Pack, i64), LogError> {
    let found: Option<(i64, Vec<u8>, Vec<u8>)> = sqlx::query_as(
        "select last, checksum, packed from packed_log
         where hotel = $1 and first <= $2 order by first desc limit 1",
    )
    .bind(hotel.0)
    .bind(sequence)
    .fetch_optional(tx)
    .await?;
    let (last, checksum, bytes) = found.ok_or_else(|| rows::unreadable("packed"))?;
    off_the_runtime(|| Ok((read(&checksum, &bytes)?, last)))
}

fn read(checksum: &[u8], bytes: &[u8]) -> Result<Pack, LogError> {
    if *blake3::hash(bytes).as_bytes() != *checksum {
        return Err(rows::unreadable("packed"));
    }
    // A range ends before its bound, but for an entry that is larger by itself.
    let most = PACK_BYTES + MAX_FRAME;
    packed::unpack(bytes, most).map_err(|_| rows::unreadable("packed"))
}

/// Packs the next range of a hotel's log that ends at `up_to` or before; None when there is none
/// of this size. `owner` is the database as the owner of its tables reaches it.
pub async fn pack_next(
    owner: &Database,
    hotel: HotelId,
    up_to: Sequence,
    range: Range,
) -> Result<Option<Packed>, LogError> {
    let mut tx = owner.begin(hotel).await?;
    let packed_so_far: Option<i64> =
        sqlx::query_scalar("select max(last) from packed_log where hotel = $1")
            .bind(hotel.0)
            .fetch_one(&mut *tx)
            .await?;
    let first = packed_so_far.unwrap_or_default() + 1;
    let (actions, is_full) = next(&mut tx, hotel, first, up_to, range).await?;
    let Some(last) = actions.last().map(Packable::sequence).filter(|_| is_full) else {
        return Ok(None);
    };
    let changes: Vec<ChangeRow> = sqlx::query_as(
        "select sequence, ordinal, document, kind, bytes from change
         where hotel = $1 and sequence between $2 and $3
         order by sequence, ordinal",
    )
    .bind(hotel.0)
    .bind(first)
    .bind(last)
    .fetch_all(&mut *tx)
    .await?;
    let counts = (actions.len() as u64, changes.len() as u64);
    let pack = gathered(actions, changes)?;
    let bytes = off_the_runtime(|| packed::pack(&packed::cbor(&pack)));
    put(&mut tx, hotel, (first, last), &bytes).await?;
    // What a later reader will find, before what it replaces is gone.
    let (again, _) = holding(&mut tx, hotel, first).await?;
    if again != pack || take_out(&mut tx, hotel, (first, last)).await? != counts {
        return Err(rows::unreadable("packed"));
    }
    tx.commit().await?;
    Ok(Some(Packed {
        entries: counts.0,
        bytes: bytes.len() as u64,
    }))
}

/// Entries from `first` on, and whether they fill a range.
async fn next(
    tx: &mut PgConnection,
    hotel: HotelId,
    first: i64,
    up_to: Sequence,
    range: Range,
) -> Result<(Vec<ActionRow>, bool), LogError> {
    let rows: Vec<ActionRow> = sqlx::query_as(
        "select sequence, operation, author, device, wall, counter, received_at, schema, command
         from (
             select *, sum(size) over (order by sequence) - size as before
             from (
                 select * from action where hotel = $1 and sequence between $2 and $3
                 order by sequence limit $4
             ) as page
         ) as sized
         where before = 0 or before + size <= $5::bigint
         order by sequence",
    )
    .bind(hotel.0)
    .bind(first)
    .bind(up_to.0 as i64)
    .bind(range.entries.max(1) as i64)
    .bind(range.bytes.max(1) as i64)
    .fetch_all(tx)
    .await?;
    // Fewer are full when the next one had no room.
    let end = rows.last().map_or(0, Packable::sequence);
    let is_full = rows.len() >= range.entries.max(1) || !rows.is_empty() && end < up_to.0 as i64;
    Ok((rows, is_full))
}

fn gathered(actions: Vec<ActionRow>, changes: Vec<ChangeRow>) -> Result<Pack, LogError> {
    let mut changes = changes.into_iter().peekable();
    let mut entries = Vec::with_capacity(actions.len());
    for action in actions {
        let sequence = action.sequence;
        let mut own = Vec::new();
        while let Some(change) = changes.next_if(|change| change.sequence == sequence) {
            let bytes = change.bytes.ok_or_else(|| rows::unreadable("bytes"))?;
            // They are found again by their place.
            if change.ordinal != own.len() as i32 {
                return Err(rows::unreadable("ordinal"));
            }
            own.push(serde_bytes::ByteBuf::from(bytes));
        }
        entries.push(PackedEntry {
            sequence,
            command: action.command.ok_or_else(|| rows::unreadable("command"))?,
            changes: own,
        });
    }
    Ok(Pack { entries })
}

async fn put(
    tx: &mut PgConnection,
    hotel: HotelId,
    (first, last): (i64, i64),
    bytes: &[u8],
) -> Result<(), LogError> {
    // Whoever packs the same range at the same time waits here, and is then refused.
    sqlx::query(
        "insert into packed_log (hotel, first, last, checksum, packed)
         values ($1, $2, $3, $4, $5)",
    )
    .bind(hotel.0)
    .bind(first)
    .bind(last)
    .bind(&blake3::hash(bytes).as_bytes()[..])
    .bind(bytes)
    .execute(tx)
    .await?;
    Ok(())
}

/// Takes the bytes of a range out of the tables, and says how many actions and changes had some.
async fn take_out(
    tx: &mut PgConnection,
    hotel: HotelId,
    (first, last): (i64, i64),
) -> Result<(u64, u64), LogError> {
    let mut taken = [0, 0];
    for (statement, taken) in [
        "update action set command = null
         where hotel = $1 and sequence between $2 and $3 and command is not null",
        "update change set bytes = null
         where hotel = $1 and sequence between $2 and $3 and bytes is not null",
    ]
    .into_iter()
    .zip(&mut taken)
    {
        let done = sqlx::query(statement)
            .bind(hotel.0)
            .bind(first)
            .bind(last)
            .execute(&mut *tx)
            .await?;
        *taken = done.rows_affected();
    }
    Ok((taken[0], taken[1]))
}

/// The last entry that everything up to is old: received before `before`, without exception.
pub async fn old_up_to(
    database: &Database,
    hotel: HotelId,
    before: keyrack_model::time::Timestamp,
) -> Result<Sequence, LogError> {
    let mut tx = database.begin(hotel).await?;
    // What is packed already is old: only the rest is looked through.
    let first_young: Option<i64> = sqlx::query_scalar(
        "select min(sequence) from action
         where hotel = $1 and received_at >= $2 and sequence > coalesce(
             (select max(last) from packed_log where hotel = $1), 0)",
    )
    .bind(hotel.0)
    .bind(before.0)
    .fetch_one(&mut *tx)
    .await?;
    if let Some(young) = first_young {
        return Ok(rows::sequence(young - 1));
    }
    Ok(super::epochs::head(&mut tx, hotel).await?.sequence)
}
