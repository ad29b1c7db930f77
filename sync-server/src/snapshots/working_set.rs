//! Making a working set: which documents, in which order, in segments one after another.
//!
//! **Architecture Invariant**: every document of a working set is as of its sequence, whatever was
//! written while it was made. One segment at a time is in memory.

use super::{
    Asked, Part, Progress, SnapshotError, Snapshots,
    kept::Kept,
    made::{Extent, Made, horizon},
    packing::{self, Packed},
    sets,
    store::{self, Choice},
    upkeep::unsound,
};
use crate::{
    log::{Log, Page},
    processor::off_the_runtime,
};
use keyrack_model::{
    action::{LogEntry, Sequence},
    change::Entity,
    ids::{DocumentRef, HotelId},
    limits::{MAX_PUSH_BYTES, WORKING_SET_DAYS, WORKING_SET_REACH, WORKING_SET_REUSE},
    segment::{ActionLine, DocumentState, SegmentId, SegmentName, WorkingSet},
    time::{BusinessDate, Timestamp},
};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use tokio::task::JoinHandle;

/// What a working set is good for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Age {
    Recent,
    /// To begin with, while another one is made.
    WithinReach,
    Old,
}

impl Age {
    /// Of one that so many entries follow.
    fn of(later: u64) -> Self {
        match later {
            0..=WORKING_SET_REUSE => Self::Recent,
            _ if later <= WORKING_SET_REACH => Self::WithinReach,
            _ => Self::Old,
        }
    }
}

impl Snapshots {
    /// What a new device should ask for. One that is recent enough serves many devices; while
    /// another one is made, whoever can reads on from the one before.
    pub async fn working_set(&self, hotel: HotelId) -> Result<WorkingSet, SnapshotError> {
        let there = self.newest_set(hotel).await?;
        let age = there.as_ref().map(|(_, later)| Age::of(*later));
        match (there, age) {
            (Some((set, _)), Some(Age::Recent)) => Ok(set),
            (Some((set, _)), Some(Age::WithinReach)) => {
                self.begin_set(hotel);
                Ok(set)
            }
            _ => {
                let made = self.begin_set(hotel);
                made.await.map_err(|_| SnapshotError::Stopped)?
            }
        }
    }

    /// On a task of its own: a device that does not wait finds it when it comes again.
    fn begin_set(&self, hotel: HotelId) -> JoinHandle<Result<WorkingSet, SnapshotError>> {
        let own = self.clone();
        tokio::spawn(async move {
            let made = own.make_set(hotel).await;
            if let Err(error) = &made {
                let error = error as &dyn std::error::Error;
                tracing::error!(%hotel, error, "no working set was made");
            }
            made
        })
    }

    /// Bytes of a segment of the hotel; None when it has no such segment.
    pub async fn segment(
        &self,
        hotel: HotelId,
        id: SegmentId,
        asked: Asked,
    ) -> Result<Option<Part>, SnapshotError> {
        let mut tx = self.database.begin(hotel).await?;
        Ok(sets::read(&mut tx, hotel, id, asked).await?)
    }

    /// The newest working set, with the number of entries after it.
    pub(super) async fn newest_set(
        &self,
        hotel: HotelId,
    ) -> Result<Option<(WorkingSet, u64)>, SnapshotError> {
        let head = self.log.head(hotel).await?;
        let mut tx = self.database.begin(hotel).await?;
        let newest = sets::newest(&mut tx, hotel, head.epoch).await?;
        Ok(newest.and_then(|set| {
            let later = head.sequence.0.checked_sub(set.sequence.0)?;
            Some((set, later))
        }))
    }

    async fn make_set(&self, hotel: HotelId) -> Result<WorkingSet, SnapshotError> {
        let _alone = self.alone(hotel).await;
        // Others may have waited for the same.
        if let Some((set, later)) = self.newest_set(hotel).await?
            && Age::of(later) == Age::Recent
        {
            return Ok(set);
        }
        self.drop_unless_all_are_there(hotel).await?;
        while self.step(hotel).await? == Progress::Behind {}
        let head = self.log.head(hotel).await?;
        let (today, latest) = self.today(hotel, head.sequence).await?;
        let choice = Choice {
            since: today.plus_days(-WORKING_SET_DAYS),
            today,
            horizon: horizon(latest),
        };
        let mut tx = self.database.begin(hotel).await?;
        let (as_of, chosen) = store::choose(&mut tx, hotel, &choice).await?;
        let sequence = as_of.unwrap_or_default();
        sets::begin(&mut tx, hotel, head.epoch, sequence, (self.clock)()).await?;
        tx.commit().await?;
        let mut segments = Vec::new();
        let mut rest = &chosen[..];
        while !rest.is_empty() {
            let many = packing::fitting(rest.iter().map(|chosen| chosen.size));
            let (next, later) = rest.split_at(many);
            let documents: Vec<DocumentRef> = next.iter().map(|chosen| chosen.document).collect();
            segments.extend(
                self.pack(hotel, sequence, choice.horizon, &documents)
                    .await?,
            );
            rest = later;
        }
        let set = WorkingSet {
            epoch: head.epoch,
            sequence,
            since: choice.since,
            segments,
        };
        let now = (self.clock)();
        let mut tx = self.database.begin(hotel).await?;
        sets::finish(&mut tx, hotel, &set, now).await?;
        sets::tidy(&mut tx, hotel, now).await?;
        tx.commit().await?;
        Ok(set)
    }

    /// The hotel's business date, and when the entry was received.
    async fn today(
        &self,
        hotel: HotelId,
        at: Sequence,
    ) -> Result<(BusinessDate, Timestamp), SnapshotError> {
        let (ready, _) = self.ready(hotel, &[hotel.into()]).await?;
        let today = ready.values().find_map(|(kept, _)| match &kept.row.entity {
            Entity::Hotel(hotel) => Some(hotel.business_date),
            _ => None,
        });
        Ok((today.unwrap_or_default(), self.latest(hotel, at).await?))
    }

    /// When the last entry of a log was received, whatever it tells of: often it is the device that
    /// has just signed in.
    pub(super) async fn latest(
        &self,
        hotel: HotelId,
        last: Sequence,
    ) -> Result<Timestamp, SnapshotError> {
        let Some(before) = last.0.checked_sub(1) else {
            return Ok(Timestamp::default());
        };
        let one = Page {
            entries: 1,
            bytes: MAX_PUSH_BYTES,
        };
        let entries = self.log.read(hotel, Sequence(before), one).await?;
        let latest = entries.first().and_then(LogEntry::received_at);
        Ok(latest.unwrap_or_default())
    }

    /// Stores documents as of an entry in segments.
    async fn pack(
        &self,
        hotel: HotelId,
        as_of: Sequence,
        horizon: Timestamp,
        documents: &[DocumentRef],
    ) -> Result<Vec<SegmentName>, SnapshotError> {
        let _bench = self.bench().await?;
        let mut kept = self.as_of(hotel, as_of, documents).await?;
        let states: Vec<DocumentState> = documents
            .iter()
            .filter_map(|document| Some(packing::state(kept.remove(document)?, horizon)))
            .collect();
        let lines = self.lines(hotel, &packing::told_of(&states)).await?;
        let packed: Vec<Packed> = off_the_runtime(|| packing::packed(states, &lines));
        let mut tx = self.database.begin(hotel).await?;
        for segment in &packed {
            sets::put(&mut tx, hotel, as_of, segment).await?;
        }
        tx.commit().await?;
        Ok(packed.iter().map(|segment| segment.name).collect())
    }

    /// Snapshots of documents as of an entry. Those that do not hold, or were overtaken by another
    /// server, are made from the log.
    pub(super) async fn as_of(
        &self,
        hotel: HotelId,
        as_of: Sequence,
        documents: &[DocumentRef],
    ) -> Result<HashMap<DocumentRef, Kept>, SnapshotError> {
        let (mut ready, damaged) = self.ready(hotel, documents).await?;
        ready.retain(|_, (kept, _)| kept.sequence <= as_of);
        let lacks = |document: &&DocumentRef| !ready.contains_key(*document);
        let lacking: Vec<DocumentRef> = documents.iter().filter(lacks).copied().collect();
        let mut all: HashMap<DocumentRef, Kept> = ready
            .into_iter()
            .map(|(document, (kept, _))| (document, kept))
            .collect();
        let past = self.past(hotel, &lacking, as_of).await?;
        let made = off_the_runtime(|| {
            let past = past.into_iter();
            past.map(|(document, touches)| {
                Made::of_all(document, &touches, Extent::Recent)
                    .map_err(|why| unsound(document, why))
            })
            .collect::<Result<Vec<_>, _>>()
        })?;
        let made = self.signed(hotel, made).await?;
        self.heal(hotel, as_of, &damaged, &made).await?;
        all.extend(made.into_iter().map(|kept| (kept.document(), kept)));
        Ok(all)
    }

    /// Puts what was made again in the place of what did not hold, unless the mark moved on.
    async fn heal(
        &self,
        hotel: HotelId,
        as_of: Sequence,
        damaged: &[DocumentRef],
        made: &[Kept],
    ) -> Result<(), SnapshotError> {
        let is_damaged = |kept: &&Kept| damaged.contains(&kept.document());
        let again: Vec<Kept> = made.iter().filter(is_damaged).cloned().collect();
        if again.is_empty() {
            return Ok(());
        }
        let mut tx = self.database.begin(hotel).await?;
        if let Some(mark) = store::mark(&mut tx, hotel).await?
            && mark.sequence == as_of
            && store::advance(&mut tx, hotel, mark, mark).await?
        {
            store::put(&mut tx, hotel, &again).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    pub(super) async fn lines(
        &self,
        hotel: HotelId,
        sequences: &BTreeSet<Sequence>,
    ) -> Result<BTreeMap<Sequence, ActionLine>, SnapshotError> {
        let asked: Vec<i64> = sequences.iter().map(|at| at.0 as i64).collect();
        let lines = self.log.lines(hotel, &asked).await?.into_iter();
        Ok(lines.map(|line| (line.sequence, line)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_working_set_is_handed_out_while_the_log_has_not_gone_too_far() {
        for (later, age) in [
            (0, Age::Recent),
            (WORKING_SET_REUSE, Age::Recent),
            (WORKING_SET_REUSE + 1, Age::WithinReach),
            (WORKING_SET_REACH, Age::WithinReach),
            (WORKING_SET_REACH + 1, Age::Old),
            (u64::MAX, Age::Old),
        ] {
            assert_eq!(Age::of(later), age, "{later}");
        }
    }
}
