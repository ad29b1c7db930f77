//! Judged actions on their way into the log: one statement, whatever their number.

use super::rows::{ActionColumns, ChangeColumns, Place, unreadable};
use crate::log::{Appended, Basis, LogError};
use keyrack_model::{action::Sequence, ids::HotelId};
use sqlx::PgConnection;
use uuid::Uuid;

/// Moves the end of the log and stores the actions and their changes, if the basis holds. Records
/// among the entries take their places; what they say is stored by whoever calls.
pub(super) async fn actions(
    connection: &mut PgConnection,
    hotel: HotelId,
    basis: Basis<'_>,
    places: &[Place<'_>],
) -> Result<Appended, LogError> {
    let last = Sequence(basis.end.0 + places.len() as u64);
    let unknown: Vec<Uuid> = basis.unknown.iter().map(|operation| operation.0).collect();
    let actions = ActionColumns::of(places);
    let changes = ChangeColumns::of(places);
    let word: String = sqlx::query_scalar(
        "select case when $27 is null or log_has($1, $27, $28, $29) then append_actions(
             $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19,
             $20, $21, $22, $23, $24, $25, $26) else 'end' end",
    )
    .bind(hotel.0)
    .bind(basis.end.0 as i64)
    .bind(basis.standing.map(|mark| mark.epoch.0))
    .bind(basis.standing.map(|mark| mark.count as i64))
    .bind(&unknown)
    .bind(last.0 as i64)
    .bind(&actions.sequences)
    .bind(&actions.operations)
    .bind(&actions.authors)
    .bind(&actions.roles)
    .bind(&actions.devices)
    .bind(&actions.walls)
    .bind(&actions.counters)
    .bind(&actions.received)
    .bind(&actions.clocks)
    .bind(&actions.schemas)
    .bind(&actions.commands)
    .bind(&actions.sizes)
    .bind(&changes.sequences)
    .bind(&changes.ordinals)
    .bind(&changes.documents)
    .bind(&changes.kinds)
    .bind(&changes.actors)
    .bind(&changes.actor_seqs)
    .bind(&changes.hashes)
    .bind(&changes.bytes)
    .bind(basis.last.map(|known| known.sequence.0 as i64))
    .bind(basis.last.map(|known| known.operation.0))
    .bind(
        basis
            .last
            .and_then(|known| known.received_at)
            .map(|at| at.0),
    )
    .fetch_one(connection)
    .await?;
    match &*word {
        "stored" => Ok(Appended::Stored { last }),
        "known" => Ok(Appended::Known),
        "end" => Ok(Appended::HeadMoved),
        "standing" => Ok(Appended::StandingMoved),
        "hotel" => Err(LogError::UnknownHotel),
        _ => Err(unreadable("append")),
    }
}
