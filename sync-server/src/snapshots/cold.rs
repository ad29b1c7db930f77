//! Packing the part of a log that snapshots cover and no working set tells of.

use super::{Progress, SnapshotError, Snapshots, made::horizon};
use crate::log::{
    Log,
    postgres::{Packed, Range, old_up_to, pack_next},
};
use keyrack_model::{action::Sequence, ids::HotelId};

impl Snapshots {
    /// Packs every full range of a log that is older than the working set's days. Only on the
    /// database as the owner of its tables reaches it.
    pub async fn pack_log(&self, hotel: HotelId, range: Range) -> Result<Packed, SnapshotError> {
        let covered = {
            let _alone = self.alone(hotel).await;
            while self.step(hotel).await? == Progress::Behind {}
            self.log.head(hotel).await?.sequence
        };
        let before = horizon(self.latest(hotel, covered).await?);
        let old = old_up_to(&self.database, hotel, before).await?;
        self.pack_up_to(hotel, old.min(covered), range).await
    }

    pub(super) async fn pack_up_to(
        &self,
        hotel: HotelId,
        up_to: Sequence,
        range: Range,
    ) -> Result<Packed, SnapshotError> {
        let mut all = Packed::default();
        while let Some(packed) = pack_next(&self.database, hotel, up_to, range).await? {
            all.entries += packed.entries;
            all.bytes += packed.bytes;
        }
        Ok(all)
    }
}
