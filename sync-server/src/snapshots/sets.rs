//! The tables of working sets and their segments: what is there, parts of it, and what may go.

use keyrack_model::{
    action::Sequence,
    ids::{HotelId, LogEpoch},
    limits::SEGMENT_GRACE_MILLIS,
    segment::{SegmentId, WorkingSet},
    time::Timestamp,
};
use sqlx::PgConnection;

use super::packing::Packed;
use crate::packed;

/// Which bytes of a segment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Asked {
    All,
    /// From one byte to another, both included; to the end without the second.
    From(u64, Option<u64>),
    /// The last so many bytes.
    Last(u64),
}

/// Bytes of a segment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Part {
    /// Of the whole segment.
    pub length: u64,
    /// The place of the first byte, and the bytes; None when the segment has none of what was
    /// asked for.
    pub bytes: Option<(u64, Vec<u8>)>,
}

impl Asked {
    /// First byte and number of bytes of a segment of so many.
    fn within(self, length: u64) -> Option<(u64, u64)> {
        match self {
            Self::All => Some((0, length)),
            Self::From(first, last) => {
                let end = last.map_or(length, |last| last.saturating_add(1).min(length));
                (first < end).then(|| (first, end - first))
            }
            Self::Last(many) => {
                let many = many.min(length);
                (many > 0).then(|| (length - many, many))
            }
        }
    }
}

/// The newest working set that is whole.
pub(super) async fn newest(
    tx: &mut PgConnection,
    hotel: HotelId,
    epoch: LogEpoch,
) -> Result<Option<WorkingSet>, sqlx::Error> {
    let found: Option<Vec<u8>> = sqlx::query_scalar(
        "select manifest from working_set
         where hotel = $1 and epoch = $2 and manifest is not null
         order by sequence desc limit 1",
    )
    .bind(hotel.0)
    .bind(epoch.0)
    .fetch_optional(tx)
    .await?;
    // One that does not read back is made again.
    Ok(found.and_then(|bytes| ciborium::from_reader(&bytes[..]).ok()))
}

/// Keeps the segments of a working set from being taken for those of none.
pub(super) async fn begin(
    tx: &mut PgConnection,
    hotel: HotelId,
    epoch: LogEpoch,
    sequence: Sequence,
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "insert into working_set (hotel, sequence, epoch, begun_at) values ($1, $2, $3, $4)
         on conflict (hotel, sequence) do update set begun_at = $4",
    )
    .bind(hotel.0)
    .bind(sequence.0 as i64)
    .bind(epoch.0)
    .bind(now.0)
    .execute(tx)
    .await?;
    Ok(())
}

pub(super) async fn put(
    tx: &mut PgConnection,
    hotel: HotelId,
    sequence: Sequence,
    segment: &Packed,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "insert into segment (hotel, id, sequence, packed) values ($1, $2, $3, $4)
         on conflict (hotel, id) do update
         set sequence = greatest(segment.sequence, excluded.sequence)",
    )
    .bind(hotel.0)
    .bind(&segment.name.id.0[..])
    .bind(sequence.0 as i64)
    .bind(&segment.bytes)
    .execute(tx)
    .await?;
    Ok(())
}

/// All segments of a working set are there: devices may be told.
pub(super) async fn finish(
    tx: &mut PgConnection,
    hotel: HotelId,
    set: &WorkingSet,
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "update working_set set manifest = $3, finished_at = $4
         where hotel = $1 and sequence = $2",
    )
    .bind(hotel.0)
    .bind(set.sequence.0 as i64)
    .bind(packed::cbor(set))
    .bind(now.0)
    .execute(tx)
    .await?;
    Ok(())
}

/// Removes working sets that a newer one has replaced for long enough that every download of them
/// has ended, and those that were never finished.
pub(super) async fn tidy(
    tx: &mut PgConnection,
    hotel: HotelId,
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "delete from working_set as old
         where hotel = $1 and (
             old.manifest is null and old.begun_at < $2
             or exists (
                 select from working_set as newer
                 where newer.hotel = old.hotel and newer.sequence > old.sequence
                   and newer.finished_at < $2
             )
         )",
    )
    .bind(hotel.0)
    .bind(now.0.saturating_sub(SEGMENT_GRACE_MILLIS))
    .execute(&mut *tx)
    .await?;
    sqlx::query(
        "delete from segment
         where hotel = $1 and not exists (
             select from working_set
             where working_set.hotel = segment.hotel and working_set.sequence = segment.sequence
         )",
    )
    .bind(hotel.0)
    .execute(tx)
    .await?;
    Ok(())
}

/// Bytes of a segment of the hotel; None when it has no such segment.
pub(super) async fn read(
    tx: &mut PgConnection,
    hotel: HotelId,
    id: SegmentId,
    asked: Asked,
) -> Result<Option<Part>, sqlx::Error> {
    let length: Option<i32> =
        sqlx::query_scalar("select octet_length(packed) from segment where hotel = $1 and id = $2")
            .bind(hotel.0)
            .bind(&id.0[..])
            .fetch_optional(&mut *tx)
            .await?;
    let Some(length) = length.and_then(|length| u64::try_from(length).ok()) else {
        return Ok(None);
    };
    let Some((first, many)) = asked.within(length) else {
        let bytes = None;
        return Ok(Some(Part { length, bytes }));
    };
    let bytes: Option<Vec<u8>> = sqlx::query_scalar(
        "select substring(packed from $3 for $4) from segment where hotel = $1 and id = $2",
    )
    .bind(hotel.0)
    .bind(&id.0[..])
    .bind(first as i32 + 1)
    .bind(many as i32)
    .fetch_optional(tx)
    .await?;
    Ok(bytes.map(|bytes| Part {
        length,
        bytes: Some((first, bytes)),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_lies_within_the_segment_or_is_none() {
        for (asked, within) in [
            (Asked::All, Some((0, 10))),
            (Asked::From(0, None), Some((0, 10))),
            (Asked::From(9, None), Some((9, 1))),
            (Asked::From(10, None), None),
            (Asked::From(3, Some(3)), Some((3, 1))),
            (Asked::From(3, Some(u64::MAX)), Some((3, 7))),
            (Asked::From(u64::MAX, Some(u64::MAX)), None),
            (Asked::From(4, Some(3)), None),
            (Asked::Last(4), Some((6, 4))),
            (Asked::Last(11), Some((0, 10))),
            (Asked::Last(0), None),
        ] {
            assert_eq!(asked.within(10), within, "{asked:?}");
        }
    }
}
