//! Where the log ends, by what was seen of it: taken in, and told to those who follow.

use super::{Footing, Keeper, patient};
use crate::{
    hotel::{Delivery, delivery::PAGE},
    log::{Head, Log, LogError, Page},
    processor::off_the_runtime,
};
use keyrack_model::{
    action::{LogEntry, Sequence},
    wire::KnownPlace,
};
use tokio::time::Instant;

impl<L: Log> Keeper<L> {
    pub(super) async fn head(&mut self) -> Result<Head, LogError> {
        match self.head {
            Some(head) => Ok(head),
            None => {
                let head = self.log.head(self.hotel).await?;
                self.last = self.last_of(head).await?;
                self.head = Some(head);
                // Whoever follows already may not know what came before.
                self.published.read_again();
                Ok(head)
            }
        }
    }

    async fn last_of(&self, head: Head) -> Result<Option<KnownPlace>, LogError> {
        let Some(before) = head.sequence.0.checked_sub(1) else {
            return Ok(None);
        };
        let one = Page { entries: 1, ..PAGE };
        let entries = self.log.read(self.hotel, Sequence(before), one).await?;
        Ok(entries.first().and_then(KnownPlace::of))
    }

    pub(super) async fn head_moved(&mut self, sequence: Sequence) {
        let caught_up = patient(async {
            match self.head().await? {
                head if head.sequence >= sequence => Ok(()),
                head => self.catch_up(head).await,
            }
        });
        if let Err(error) = caught_up.await {
            // The hint is gone, but the next append or hint finds the log moved.
            tracing::warn!(hotel = %self.hotel, %error, "the log could not be read again");
        }
    }

    /// Somebody saw the log's head; by now there may be more of it, but not less.
    pub(super) async fn head_seen(&mut self, seen: Head) {
        match self.head {
            Some(head) if head.epoch != seen.epoch || seen.sequence < head.sequence => {
                if let Err(error) = patient(self.check_footing(head)).await {
                    tracing::warn!(hotel = %self.hotel, %error, "the log could not be read again");
                }
            }
            _ => self.head_moved(seen.sequence).await,
        }
    }

    /// Nobody appends while this loop looks but others, and they only make the log longer. One that
    /// was brought back may have grown past where it was, and ends otherwise there.
    pub(super) async fn check_footing(&mut self, head: Head) -> Result<(), LogError> {
        let present = self.log.head(self.hotel).await?;
        let is_same = present.epoch == head.epoch
            && present.sequence >= head.sequence
            && match self.last {
                Some(last) => self.log.has(self.hotel, last).await?,
                None => true,
            };
        if !is_same {
            tracing::error!(hotel = %self.hotel, had = head.sequence.0, has = present.sequence.0, "the log was brought back; everybody begins anew");
            self.footing = Footing::Lost;
            self.published.forget();
        }
        Ok(())
    }

    /// Takes in what was appended elsewhere, and publishes it, while the footing holds.
    pub(super) async fn catch_up(&mut self, mut head: Head) -> Result<(), LogError> {
        loop {
            let entries = self.log.read(self.hotel, head.sequence, PAGE).await?;
            // After reading: what was brought back before that is seen.
            self.check_footing(head).await?;
            if entries.is_empty() || self.footing == Footing::Lost {
                return Ok(());
            }
            off_the_runtime(|| entries.iter().for_each(|entry| self.shelf.observe(entry)));
            head = self.publish(head, entries);
        }
    }

    /// Tells the sessions, and returns where the log ends by that.
    pub(super) fn publish(&mut self, mut head: Head, entries: Vec<LogEntry>) -> Head {
        if let Some(last) = entries.last() {
            head.sequence = last.sequence;
            self.head = Some(head);
            self.last = KnownPlace::of(last);
            self.published.tell(Delivery::cut(entries));
            self.told_at = Instant::now();
        }
        head
    }
}
