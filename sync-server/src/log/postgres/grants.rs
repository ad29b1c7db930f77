//! What devices were told of roles, as rows.

use super::rows::unreadable;
use crate::log::{Grant, LogError};
use keyrack_model::{
    action::Sequence,
    ids::{DeviceId, HotelId, UserId},
    limits::{GRANT_KEPT_MILLIS, GRANT_RENEWED_MILLIS},
    time::Timestamp,
};
use sqlx::PgConnection;
use uuid::Uuid;

/// Returns whether anything is to be committed.
pub(super) async fn note_told(
    tx: &mut PgConnection,
    hotel: HotelId,
    device: DeviceId,
    up_to: Sequence,
    now: Timestamp,
) -> Result<bool, LogError> {
    let ago = |millis| now.0.saturating_sub(millis);
    let renewed = sqlx::query(
        "update device set told_at = $3
         where hotel = $1 and device = $2
             -- One that is ahead was written down by a clock that has been set back.
             and (told_at is null or told_at <= $4 or told_at > $3)",
    )
    .bind(hotel.0)
    .bind(device.0)
    .bind(now.0)
    .bind(ago(GRANT_RENEWED_MILLIS))
    .execute(&mut *tx)
    .await?;
    let ended = sqlx::query(
        "update offline_grant set ended_at = $3
         where hotel = $1 and device = $2 and ended_at is null and sequence < $4",
    )
    .bind(hotel.0)
    .bind(device.0)
    .bind(now.0)
    .bind(up_to.0 as i64)
    .execute(&mut *tx)
    .await?;
    if ended.rows_affected() > 0 {
        sqlx::query("delete from offline_grant where hotel = $1 and device = $2 and told_at < $3")
            .bind(hotel.0)
            .bind(device.0)
            .bind(ago(GRANT_KEPT_MILLIS))
            .execute(&mut *tx)
            .await?;
    }
    Ok(renewed.rows_affected() + ended.rows_affected() > 0)
}

/// Those of which a device was told after this, in the order in which the roles were changed.
pub(super) async fn told_after(
    tx: &mut PgConnection,
    hotel: HotelId,
    after: Timestamp,
) -> Result<Vec<Grant>, LogError> {
    let rows: Vec<(Uuid, Uuid, String, i64, Option<i64>)> = sqlx::query_as(
        "select device, person, role, told_at, ended_at from offline_grant
         where hotel = $1 and told_at > $2 order by turn",
    )
    .bind(hotel.0)
    .bind(after.0)
    .fetch_all(tx)
    .await?;
    let grants = rows
        .into_iter()
        .map(|(device, person, role, told_at, ended_at)| {
            Ok(Grant {
                device: DeviceId(device),
                person: UserId(person),
                role: role.parse().map_err(|_| unreadable("role"))?,
                told_at: Timestamp(told_at),
                ended_at: ended_at.map(Timestamp),
            })
        });
    grants.collect()
}
