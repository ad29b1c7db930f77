//! What the log says to a device that comes, and what its person may read.

use crate::{
    hotel::Delivery,
    log::{Log, LogError, Served},
    session::{Greeted, Identity},
};
use keyrack_model::{
    action::Sequence,
    class::Reading,
    ids::LogEpoch,
    time::Timestamp,
    wire::{ActorRegistration, KnownPlace},
};

/// What a device says that it has of the log.
#[derive(Clone, Copy, Debug)]
pub struct Said {
    /// None for a device that has seen no log yet.
    pub epoch: Option<LogEpoch>,
    /// The last entry that it has.
    pub cursor: Sequence,
    pub known: Option<KnownPlace>,
}

/// What the log says to a `Hello`, and takes note of: what the device has, it has heard.
///
/// # Errors
/// When the log cannot be asked.
pub async fn greet<L: Log>(
    log: &L,
    who: &Identity,
    actors: &[ActorRegistration],
    said: Said,
    now: Timestamp,
) -> Result<Greeted, LogError> {
    let Said {
        epoch,
        cursor,
        known,
    } = said;
    let clashes = log.register_actors(who.hotel, who.device, actors).await?;
    // The role after the head: a later one is told of by what follows.
    let head = log.head(who.hotel).await?;
    let reading = reading_of(log, who).await?;
    let shared = match epoch {
        Some(epoch) if epoch != head.epoch => log.shared_with(who.hotel, epoch).await?,
        _ => None,
    };
    let agrees = match known {
        Some(known) if epoch == Some(head.epoch) => log.has(who.hotel, known).await?,
        _ => true,
    };
    // Places of another log say nothing of this one.
    let is_of_this_log = epoch == Some(head.epoch) && agrees && cursor <= head.sequence;
    let heard = if is_of_this_log {
        cursor
    } else {
        Sequence::default()
    };
    log.note_told(who.hotel, who.device, heard, now).await?;
    Ok(Greeted {
        head,
        shared,
        agrees,
        reading,
        clashes,
    })
}

/// What the person at a device may read there at present; nothing, when they do not work here or the
/// device is not trusted: it may still send what was done there, for people to decide on.
pub async fn reading_of<L: Log>(log: &L, who: &Identity) -> Result<Reading, LogError> {
    let served = log.served_as(who.hotel, who.user, who.device).await?;
    Ok(served.map(Served::reading).unwrap_or_default())
}

/// What the person at a device may read when a delivery goes out to them; as before, unless it
/// tells of them or of the device.
pub async fn reading_at<L: Log>(
    log: &L,
    who: &Identity,
    delivery: &Delivery,
    before: Reading,
) -> Result<Reading, LogError> {
    if delivery.tells_of(who.user.into()) || delivery.tells_of(who.device.into()) {
        reading_of(log, who).await
    } else {
        Ok(before)
    }
}
