//! The ends of logs, and the epochs of those that were brought back.

use super::rows;
use crate::log::{Head, LogError};
use keyrack_model::{
    action::Sequence,
    ids::{HotelId, LogEpoch},
    time::Timestamp,
};
use sqlx::PgConnection;
use uuid::Uuid;

pub(super) async fn head(tx: &mut PgConnection, hotel: HotelId) -> Result<Head, LogError> {
    let found: Option<(Uuid, i64, Option<i64>)> = sqlx::query_as(
        "select hotel_head.epoch, sequence, began_at
         from hotel_head left join hotel_epoch using (hotel, epoch)
         where hotel = $1",
    )
    .bind(hotel.0)
    .fetch_optional(tx)
    .await?;
    let (epoch, sequence, restored_at) = found.ok_or(LogError::UnknownHotel)?;
    Ok(Head {
        epoch: LogEpoch(epoch),
        sequence: rows::sequence(sequence),
        restored_at: restored_at.map(Timestamp),
    })
}

/// The last entry before the first that was received, by its server's clock, since the database
/// was started: what is later may have been written after the log was brought back.
pub(super) async fn end_at_start(
    tx: &mut PgConnection,
    hotel: HotelId,
) -> Result<Sequence, LogError> {
    let end: Option<i64> = sqlx::query_scalar(
        "select coalesce(
             (select min(sequence) - 1
              from (select sequence, received_at from action where hotel = $1
                    union all
                    select sequence, received_at from record where hotel = $1) as entry
              where received_at >= 1000 * extract(epoch from pg_postmaster_start_time())),
             (select sequence from hotel_head where hotel = $1))",
    )
    .bind(hotel.0)
    .fetch_one(tx)
    .await?;
    end.map(rows::sequence).ok_or(LogError::UnknownHotel)
}

/// When the latest was written that was surely brought back: an entry that is shared, or one of the
/// audit log from before the database was started.
pub(super) async fn whole_until(
    tx: &mut PgConnection,
    hotel: HotelId,
    shared: Sequence,
) -> Result<Option<Timestamp>, LogError> {
    let at: Option<i64> = sqlx::query_scalar(
        "select greatest(
             (select received_at from action where hotel = $1 and sequence = $2),
             (select received_at from record where hotel = $1 and sequence = $2),
             (select at from audit
              where hotel = $1 and at < 1000 * extract(epoch from pg_postmaster_start_time())
              order by number desc limit 1))",
    )
    .bind(hotel.0)
    .bind(shared.0 as i64)
    .fetch_one(tx)
    .await?;
    Ok(at.map(Timestamp))
}

/// Codes that were brought back with the log may have been used since.
pub(super) async fn end_device_codes(
    tx: &mut PgConnection,
    hotel: HotelId,
) -> Result<(), LogError> {
    sqlx::query("delete from device_code where hotel = $1")
        .bind(hotel.0)
        .execute(tx)
        .await?;
    Ok(())
}

pub(super) async fn begin(
    tx: &mut PgConnection,
    hotel: HotelId,
    epoch: LogEpoch,
    shared: Sequence,
    now: Timestamp,
) -> Result<Head, LogError> {
    let previous: Option<Uuid> =
        sqlx::query_scalar("select epoch from hotel_head where hotel = $1 for update")
            .bind(hotel.0)
            .fetch_optional(&mut *tx)
            .await?;
    let previous = previous.ok_or(LogError::UnknownHotel)?;
    sqlx::query(
        "insert into hotel_epoch (hotel, number, epoch, previous, shared, began_at)
         select $1, 1 + coalesce(max(number), 0), $2, $3, $4, $5
         from hotel_epoch where hotel = $1",
    )
    .bind(hotel.0)
    .bind(epoch.0)
    .bind(previous)
    .bind(shared.0 as i64)
    .bind(now.0)
    .execute(&mut *tx)
    .await?;
    sqlx::query("update hotel_head set epoch = $2 where hotel = $1")
        .bind(hotel.0)
        .bind(epoch.0)
        .execute(&mut *tx)
        .await?;
    head(tx, hotel).await
}

pub(super) async fn shared_with(
    tx: &mut PgConnection,
    hotel: HotelId,
    epoch: LogEpoch,
) -> Result<Option<Sequence>, LogError> {
    let present = head(&mut *tx, hotel).await?;
    if present.epoch == epoch {
        return Ok(Some(present.sequence));
    }
    let shared: Option<i64> = sqlx::query_scalar(
        "select min(later.shared)
         from hotel_epoch as next
         join hotel_epoch as later on later.hotel = next.hotel and later.number >= next.number
         where next.hotel = $1 and next.previous = $2",
    )
    .bind(hotel.0)
    .bind(epoch.0)
    .fetch_one(tx)
    .await?;
    Ok(shared.map(rows::sequence))
}
