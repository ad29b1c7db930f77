//! How many actors a device has bound to it: each is a row that stays, whether anybody writes under it
//! or not.

use crate::{
    accounts::AccountError,
    log::{Log, LogError},
};
use keyrack_model::{
    ids::{ActorId, HotelId},
    wire::ActorRegistration,
};
use std::collections::HashSet;

/// Counts actors that are to be bound to the device for the first time.
pub type Binds = Box<dyn Fn(usize) -> Result<(), AccountError> + Send + Sync>;

/// How many of the actors the log has bound to nobody yet.
///
/// # Errors
/// When the log cannot be asked.
pub async fn fresh_actors<L: Log>(
    log: &L,
    hotel: HotelId,
    actors: &[ActorRegistration],
) -> Result<usize, LogError> {
    let asked: HashSet<ActorId> = actors.iter().map(|asked| asked.actor).collect();
    if asked.is_empty() {
        return Ok(0);
    }
    let asked: Vec<ActorId> = asked.into_iter().collect();
    let bound = log.actors(hotel, &asked).await?;
    Ok(asked.len() - bound.len().min(asked.len()))
}
