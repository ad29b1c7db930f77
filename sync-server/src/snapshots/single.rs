//! One document with its whole story, for a device that has not had it in its working set.

use super::{
    SnapshotError, Snapshots,
    made::{Extent, Made},
    packing,
    upkeep::unsound,
};
use crate::{hotel::off_the_runtime, log::Log};
use keyrack_model::{
    action::Sequence,
    ids::{DocumentRef, HotelId},
    time::Timestamp,
};

/// A document as of an entry.
pub struct Single {
    /// No change of the document up to this entry is left out.
    pub sequence: Sequence,
    /// A segment with nothing else in it.
    pub packed: Vec<u8>,
}

impl Snapshots {
    /// A document as the log has it; None when the hotel has none of this name.
    pub async fn document(
        &self,
        hotel: HotelId,
        document: DocumentRef,
    ) -> Result<Option<Single>, SnapshotError> {
        let _bench = self.bench().await?;
        let sequence = self.log.head(hotel).await?.sequence;
        let past = self.past(hotel, &[document], sequence).await?;
        let Some(touches) = past.get(&document) else {
            return Ok(None);
        };
        let made = off_the_runtime(|| Made::of_all(document, touches, Extent::Whole));
        let made = made.map_err(|why| unsound(document, why))?;
        let kept = self.signed(hotel, vec![made]).await?;
        let all = Timestamp(i64::MIN);
        let states: Vec<_> = kept
            .into_iter()
            .map(|kept| packing::state(kept, all))
            .collect();
        let lines = self.lines(hotel, &packing::told_of(&states)).await?;
        let packed = off_the_runtime(|| packing::packed(states, &lines));
        let packed = packed.into_iter().next();
        Ok(packed.map(|segment| Single {
            sequence,
            packed: segment.bytes,
        }))
    }
}
