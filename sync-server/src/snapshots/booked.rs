//! Which stays people have booked under a number, found without reading the log.

use super::{SnapshotError, Snapshots, store};
use crate::log::Log;
use keyrack_model::{
    action::Sequence,
    command::{Command, DeskCommand},
    ids::{HotelId, StayId},
};

/// Stays that people have booked.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Booked {
    /// Oldest first.
    pub stays: Vec<StayId>,
    /// The last entry of the log that snapshots know of: what is after it was not looked at.
    pub up_to: Sequence,
}

impl Snapshots {
    /// The stays with one of these numbers that people have booked, as far as snapshots reach.
    pub async fn booked(&self, hotel: HotelId, numbers: &[&str]) -> Result<Booked, SnapshotError> {
        let head = self.log.head(hotel).await?;
        let mut tx = self.database.begin(hotel).await?;
        let (up_to, made) = store::made_with(&mut tx, hotel, head, numbers).await?;
        drop(tx);
        // What files brought in has numbers, too.
        let lines = self.log.lines(hotel, &made).await?;
        let stays = lines.iter().filter_map(|line| booked(&line.command));
        let stays = stays.map(|(stay, _)| stay).collect();
        Ok(Booked { stays, up_to })
    }
}

/// The stay that a command books, and its number as it was typed.
pub fn booked(command: &Command) -> Option<(StayId, &str)> {
    if let Command::Desk(DeskCommand::Book { stay, draft }) = command.asked() {
        Some((*stay, &draft.booking))
    } else {
        None
    }
}
