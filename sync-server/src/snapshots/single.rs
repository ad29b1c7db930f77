//! One document with its whole story, and a work order with its comments, for a device that has not
//! had it in its working set.

use super::{
    SnapshotError, Snapshots,
    made::{Extent, Made},
    packing, store,
    upkeep::unsound,
};
use crate::{
    log::{Head, Log},
    processor::off_the_runtime,
};
use keyrack_model::{
    action::Sequence,
    ids::{DocumentKind, DocumentRef, HotelId, LogEpoch},
    time::Timestamp,
};

/// A document as of an entry.
pub struct Single {
    pub epoch: LogEpoch,
    /// No change of the document up to this entry is left out.
    pub sequence: Sequence,
    /// A segment with nothing else in it, the document first.
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
        let Head {
            epoch, sequence, ..
        } = self.log.head(hotel).await?;
        let mut documents = vec![document];
        if document.kind == DocumentKind::WorkOrder {
            let mut tx = self.database.begin(hotel).await?;
            documents.extend(store::comments_on(&mut tx, hotel, document.id).await?);
        }
        let past = self.past(hotel, &documents, sequence).await?;
        if !past.contains_key(&document) {
            return Ok(None);
        }
        documents.retain(|document| past.contains_key(document));
        let made = off_the_runtime(|| {
            let documents = documents.iter();
            documents
                .map(|document| {
                    Made::of_all(*document, &past[document], Extent::Whole)
                        .map_err(|why| unsound(*document, why))
                })
                .collect::<Result<Vec<_>, _>>()
        })?;
        let kept = self.signed(hotel, made).await?;
        let all = Timestamp(i64::MIN);
        let states: Vec<_> = kept
            .into_iter()
            .map(|kept| packing::state(kept, all))
            .collect();
        let lines = self.lines(hotel, &packing::told_of(&states)).await?;
        let packed = off_the_runtime(|| packing::packed_whole(states, &lines));
        Ok(Some(Single {
            epoch,
            sequence,
            packed,
        }))
    }
}
