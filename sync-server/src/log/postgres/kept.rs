//! Kept actions as rows, read for those who decide on them.

use super::{reviews::word, rows::decode};
use crate::log::{
    LogError,
    review::{Cause, Kept, Review},
};
use keyrack_model::{
    ids::{DeviceId, HotelId, OperationId},
    limits::{REVIEW_PAGE, REVIEW_PAGE_BYTES},
    time::Timestamp,
};
use sqlx::PgConnection;
use uuid::Uuid;

/// What becomes of what is kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Fate {
    /// Somebody decides.
    Decided,
    /// It is there to be read.
    Quarantine,
}

impl Fate {
    fn causes(self) -> Vec<&'static str> {
        let causes = Cause::ALL.iter().filter(|cause| Self::of(**cause) == self);
        causes.map(|cause| cause.word()).collect()
    }

    pub(crate) fn of(cause: Cause) -> Self {
        match cause {
            Cause::RoleChanged => Self::Decided,
            Cause::Dismissed | Cause::Distrusted => Self::Quarantine,
        }
    }
}

/// What is open, in the order in which it came.
pub(super) async fn all(tx: &mut PgConnection, hotel: HotelId) -> Result<Vec<Review>, LogError> {
    let rows: Vec<ReviewRow> = sqlx::query_as(
        "select cause, role, device, received_at, action, outcome from review
         where hotel = $1 and outcome in ('waiting', 'approving') order by turn",
    )
    .bind(hotel.0)
    .fetch_all(tx)
    .await?;
    rows.into_iter().map(ReviewRow::review).collect()
}

/// One that is open.
pub(crate) async fn one(
    tx: &mut PgConnection,
    hotel: HotelId,
    operation: OperationId,
) -> Result<Option<Review>, LogError> {
    let row: Option<ReviewRow> = sqlx::query_as(
        "select cause, role, device, received_at, action, outcome from review
         where hotel = $1 and operation = $2 and outcome in ('waiting', 'approving')",
    )
    .bind(hotel.0)
    .bind(operation.0)
    .fetch_optional(tx)
    .await?;
    row.map(ReviewRow::review).transpose()
}

/// The oldest of what is open, as far as one answer takes them.
pub(crate) async fn oldest(
    tx: &mut PgConnection,
    hotel: HotelId,
    fate: Fate,
) -> Result<Vec<Review>, LogError> {
    let rows: Vec<ReviewRow> = sqlx::query_as(
        "select cause, role, device, received_at, action, outcome
         from (select *, sum(size) over (order by turn) - size as before
               from (select * from review
                     where hotel = $1 and outcome in ('waiting', 'approving')
                         and cause = any ($2)
                     order by turn limit $3) as first) as measured
         where before = 0 or before + size <= $4
         order by turn",
    )
    .bind(hotel.0)
    .bind(fate.causes())
    .bind(REVIEW_PAGE as i64)
    .bind(REVIEW_PAGE_BYTES as i64)
    .fetch_all(tx)
    .await?;
    rows.into_iter().map(ReviewRow::review).collect()
}

/// How much is open.
pub(crate) async fn count(
    tx: &mut PgConnection,
    hotel: HotelId,
    fate: Fate,
) -> Result<u64, LogError> {
    let count: i64 = sqlx::query_scalar(
        "select count(*) from review
         where hotel = $1 and outcome in ('waiting', 'approving') and cause = any ($2)",
    )
    .bind(hotel.0)
    .bind(fate.causes())
    .fetch_one(tx)
    .await?;
    Ok(count.unsigned_abs())
}

#[derive(sqlx::FromRow)]
struct ReviewRow {
    cause: String,
    role: Option<String>,
    device: Uuid,
    received_at: i64,
    action: Vec<u8>,
    outcome: String,
}

impl ReviewRow {
    fn review(self) -> Result<Review, LogError> {
        let role = self.role.as_deref();
        Ok(Review {
            kept: Kept {
                cause: word(&self.cause, "cause")?,
                role: role.map(|role| word(role, "role")).transpose()?,
                action: decode(&self.action, "action")?,
            },
            device: DeviceId(self.device),
            received_at: Timestamp(self.received_at),
            outcome: word(&self.outcome, "outcome")?,
        })
    }
}
