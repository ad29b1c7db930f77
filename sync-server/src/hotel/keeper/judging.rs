//! A round on its way into the log: judged on what is known, until the log takes it.

use super::{Keeper, documents_of, knowing::Verdicts};
use crate::{
    gate::{Gate, inspections_of},
    hotel::{
        Answer, Push,
        keeper::Footing,
        past,
        round::{Ground, Judged, judge},
    },
    log::{Appended, Basis, Head, Log, LogError, review::Standing},
    processor::off_the_runtime_if_much,
};
use keyrack_model::{
    action::Sequence,
    ids::OperationId,
    limits::{APPEND_TRIES, MAX_UNDO_CHAIN},
};
use std::collections::BTreeSet;

impl<L: Log> Keeper<L> {
    /// Judges a round on what is known of the log, until the log takes it.
    ///
    /// Most of what comes is new and admitted: then the log is asked nothing before it stores, and
    /// says itself when something was not as it was taken to be.
    pub(super) async fn judge_and_store(
        &mut self,
        pushes: &[Push],
    ) -> Result<Vec<Answer>, LogError> {
        let operations = operations_of(pushes);
        // None until the log was asked for them.
        let mut known: Option<Verdicts> = None;
        for _ in 0..APPEND_TRIES {
            let head = self.head().await?;
            if self.look_around(head).await? == Footing::Lost {
                break;
            }
            self.fetch(pushes).await?;
            let mut judged = self.judge(pushes, head, known.as_ref()).await?;
            if known.is_none() && !judged.admits_all() {
                let found = self.verdicts(&operations).await?;
                if !found.is_empty() {
                    judged = self.judge(pushes, head, Some(&found)).await?;
                }
                known = Some(found);
            }
            if !judged.entries.is_empty() || !judged.refused.is_empty() {
                match self
                    .append(head, &operations, known.as_ref(), &judged)
                    .await?
                {
                    Appended::Stored { .. } => {}
                    Appended::Known => {
                        known = Some(self.verdicts(&operations).await?);
                        continue;
                    }
                    Appended::StandingMoved => {
                        self.standing = None;
                        continue;
                    }
                    Appended::HeadMoved => {
                        known = None;
                        self.catch_up(head).await?;
                        if self.footing == Footing::Lost {
                            break;
                        }
                        continue;
                    }
                }
            }
            return Ok(self.take_in(pushes, head, judged));
        }
        tracing::warn!(hotel = %self.hotel, "the log kept moving; devices will ask again");
        Ok(self.not_now(pushes))
    }

    async fn append(
        &self,
        head: Head,
        operations: &[OperationId],
        known: Option<&Verdicts>,
        judged: &Judged,
    ) -> Result<Appended, LogError> {
        let is_unknown =
            |operation: &&OperationId| known.is_none_or(|it| !it.contains_key(operation));
        let unknown: Vec<_> = operations.iter().filter(is_unknown).copied().collect();
        let basis = Basis {
            end: head.sequence,
            last: self.last,
            standing: self.standing.as_ref().map(|(standing, _)| standing.mark),
            unknown: &unknown,
        };
        let (entries, refused) = (&judged.entries, &judged.refused);
        self.log.append(self.hotel, basis, entries, refused).await
    }

    /// What the log has stored is what is known here, and is published.
    fn take_in(&mut self, pushes: &[Push], head: Head, judged: Judged) -> Vec<Answer> {
        if judged.refused.iter().any(|refused| refused.kept.is_some()) {
            // There is more for people to decide on now.
            self.standing = None;
        }
        self.suspected.extend(judged.suspected);
        self.shelf.keep(judged.written);
        let entries = judged.entries.into_iter().zip(head.sequence.0 + 1..);
        let entries = entries.map(|(entry, sequence)| entry.at(Sequence(sequence)));
        self.publish(head, entries.collect());
        self.shelf.end_round(documents_of(pushes));
        judged.answers
    }

    async fn judge(
        &mut self,
        pushes: &[Push],
        head: Head,
        known: Option<&Verdicts>,
    ) -> Result<Judged, LogError> {
        let records = self.records_of(pushes).await?;
        let mut past = past::taken_back(&*self.log, self.hotel, pushes).await?;
        let nobody = Standing::default();
        let weight = pushes.iter().map(Push::weight).sum();
        let mut steps = 0;
        loop {
            let inspections = inspections_of(self.hotel, past.values());
            self.load(inspections.into_iter()).await?;
            let gate = Gate {
                hotel: self.hotel,
                past: &past,
                records: &records,
                actors: &self.actors,
                standing: self
                    .standing
                    .as_ref()
                    .map_or(&nobody, |(standing, _)| standing),
                now: (self.clock)(),
            };
            let known = known.cloned().unwrap_or_default();
            let ground = Ground {
                gate: &gate,
                shelf: &self.shelf,
                head,
                known: &known,
            };
            let mut held = self.held.clone();
            let judged = off_the_runtime_if_much(weight, || judge(pushes, ground, &mut held));
            let is_new = |earlier: &&OperationId| !past.contains_key(*earlier);
            let needed: BTreeSet<_> = judged.needed.iter().filter(is_new).copied().collect();
            // The first of them is through by then; for the others the device asks again.
            if needed.is_empty() || steps == MAX_UNDO_CHAIN {
                self.held = held;
                return Ok(judged);
            }
            past.extend(past::with_undone(&*self.log, self.hotel, needed).await?);
            steps += 1;
        }
    }
}

fn operations_of(pushes: &[Push]) -> Vec<OperationId> {
    let actions = pushes.iter().flat_map(|push| &push.actions);
    actions.map(|read| read.action.operation).collect()
}
