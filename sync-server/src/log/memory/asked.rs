//! What every log is asked, answered from memory.

use super::{MemoryLog, hotel::Restored};
use crate::log::{
    ActorBinding, Appended, Basis, Head, KnownRecord, Log, LogError, NewEntry, Page, Refused,
    Served, StoredChange, StoredVerdict,
    review::{self, Amount, Outcome, Review, RoleChange, Standing, Step, kept_size},
    stored_size,
};
use keyrack_model::{
    action::{LogEntry, Sequence},
    administration::Suspicion,
    ids::{ActorId, DeviceId, DocumentRef, HotelId, LogEpoch, OperationId, UserId},
    limits::{GRANT_KEPT_MILLIS, GRANT_RENEWED_MILLIS},
    record::{Payload, Record, RecordRef, Workplace},
    refusal::Refusal,
    rows::Person,
    time::Timestamp,
    wire::{ActorRegistration, KnownPlace},
};
use std::collections::HashSet;

impl Log for MemoryLog {
    async fn head(&self, hotel: HotelId) -> Result<Head, LogError> {
        self.with(hotel, |hotel| hotel.head())
    }

    async fn begin_epoch(
        &self,
        hotel: HotelId,
        epoch: LogEpoch,
        shared: Sequence,
        now: Timestamp,
    ) -> Result<Head, LogError> {
        self.with(hotel, |hotel| {
            let previous = std::mem::replace(&mut hotel.epoch, epoch);
            hotel.restored.push(Restored {
                previous,
                shared,
                at: now,
            });
            hotel.head()
        })
    }

    async fn has(&self, hotel: HotelId, known: KnownPlace) -> Result<bool, LogError> {
        self.with(hotel, |hotel| hotel.has(known))
    }

    async fn shared_with(
        &self,
        hotel: HotelId,
        epoch: LogEpoch,
    ) -> Result<Option<Sequence>, LogError> {
        self.with(hotel, |hotel| {
            if epoch == hotel.epoch {
                return Some(hotel.last());
            }
            let mut after = hotel
                .restored
                .iter()
                .skip_while(|next| next.previous != epoch);
            let first = after.next()?.shared;
            Some(after.map(|next| next.shared).fold(first, Sequence::min))
        })
    }

    async fn append(
        &self,
        hotel: HotelId,
        basis: Basis<'_>,
        entries: &[NewEntry],
        refused: &[Refused],
    ) -> Result<Appended, LogError> {
        self.with(hotel, |hotel| hotel.append(basis, entries, refused))?
    }

    async fn read(
        &self,
        hotel: HotelId,
        after: Sequence,
        page: Page,
    ) -> Result<Vec<LogEntry>, LogError> {
        self.with(hotel, |hotel| {
            let mut bytes = 0;
            let from = usize::try_from(after.0).unwrap_or(usize::MAX);
            let rest = hotel.entries.iter().skip(from);
            rest.take(page.entries.max(1))
                .enumerate()
                .take_while(|(index, entry)| {
                    bytes += stored_size(entry);
                    *index == 0 || bytes <= page.bytes
                })
                .map(|(_, entry)| hotel.told(entry))
                .collect()
        })
    }

    async fn document_changes(
        &self,
        hotel: HotelId,
        documents: &[DocumentRef],
    ) -> Result<Vec<StoredChange>, LogError> {
        self.with(hotel, |hotel| {
            let actions = hotel.entries.iter().filter_map(LogEntry::action);
            let changes = actions.flat_map(|action| &action.changes);
            changes
                .filter(|change| documents.contains(&change.document))
                .map(|change| StoredChange {
                    document: change.document,
                    bytes: change.bytes.clone(),
                })
                .collect()
        })
    }

    async fn verdicts(
        &self,
        hotel: HotelId,
        operations: &[OperationId],
    ) -> Result<Vec<StoredVerdict>, LogError> {
        self.with(hotel, |hotel| {
            let asked: HashSet<_> = operations.iter().collect();
            asked
                .into_iter()
                .filter_map(|operation| hotel.verdict(*operation))
                .collect()
        })
    }

    async fn register_actors(
        &self,
        hotel: HotelId,
        device: DeviceId,
        actors: &[ActorRegistration],
    ) -> Result<Vec<ActorId>, LogError> {
        self.with(hotel, |hotel| {
            let mut clashes = Vec::new();
            for ActorRegistration { actor, user } in actors.iter().copied() {
                let asked = ActorBinding {
                    actor,
                    user,
                    device,
                };
                if *hotel.actors.entry(actor).or_insert(asked) != asked {
                    clashes.push(actor);
                }
            }
            clashes
        })
    }

    async fn actors(
        &self,
        hotel: HotelId,
        actors: &[ActorId],
    ) -> Result<Vec<ActorBinding>, LogError> {
        self.with(hotel, |hotel| {
            let asked: HashSet<_> = actors.iter().collect();
            asked
                .into_iter()
                .filter_map(|actor| hotel.actors.get(actor).copied())
                .collect()
        })
    }

    async fn records(
        &self,
        hotel: HotelId,
        records: &[RecordRef],
    ) -> Result<Vec<KnownRecord>, LogError> {
        self.with(hotel, |hotel| {
            let asked: HashSet<_> = records.iter().collect();
            asked
                .into_iter()
                .filter_map(|record| hotel.version(*record))
                .collect()
        })
    }

    async fn people(&self, hotel: HotelId) -> Result<Vec<Person>, LogError> {
        self.with(hotel, |hotel| hotel.people.values().cloned().collect())
    }

    async fn standing(&self, hotel: HotelId, after: Timestamp) -> Result<Standing, LogError> {
        self.with(hotel, |hotel| {
            let changes = hotel.changes.iter().filter(|change| change.at > after);
            let told_after = Timestamp(after.0.saturating_sub(GRANT_KEPT_MILLIS));
            let grants = hotel.grants.iter().map(|(_, grant)| *grant);
            let people = hotel.people.values();
            let mut standing = Standing {
                mark: hotel.mark(),
                roles: people.map(|person| (person.id, person.role)).collect(),
                changes: changes.copied().collect(),
                left: hotel.left.clone(),
                distrusted: hotel.distrusted.clone(),
                grants: grants.filter(|it| it.told_at > told_after).collect(),
                ..Standing::default()
            };
            for review in hotel.reviews.iter().filter(|review| review.is_open()) {
                let kept = Amount {
                    actions: 1,
                    bytes: kept_size(&review.kept.action),
                };
                let whose = (review.device, review.kept.action.author);
                standing.kept.of(review.kept.cause).add(whose, kept);
            }
            standing
        })
    }

    async fn served_as(
        &self,
        hotel: HotelId,
        person: UserId,
        device: DeviceId,
    ) -> Result<Option<Served>, LogError> {
        self.with(hotel, |hotel| {
            let mut people = hotel.people.values();
            let found = people.find(|found| found.id == person);
            let found = found.filter(|_| !hotel.distrusted.contains(&device));
            found.map(|found| Served {
                role: found.role,
                guests: hotel.guests_on(device),
            })
        })
    }

    async fn note_role_change(&self, hotel: HotelId, change: RoleChange) -> Result<(), LogError> {
        self.with(hotel, |hotel| hotel.note_role_change(change))
    }

    async fn note_told(
        &self,
        hotel: HotelId,
        device: DeviceId,
        up_to: Sequence,
        now: Timestamp,
    ) -> Result<(), LogError> {
        self.with(hotel, |hotel| {
            let told = hotel.told.entry(device).or_insert(now);
            if now < *told || now.millis_since(*told) >= GRANT_RENEWED_MILLIS {
                *told = now;
            }
            for (sequence, grant) in &mut hotel.grants {
                if grant.device == device && grant.ended_at.is_none() && *sequence < up_to {
                    grant.ended_at = Some(now);
                    hotel.moved += 1;
                }
            }
        })
    }

    async fn note_suspicion(
        &self,
        hotel: HotelId,
        (device, _): (DeviceId, Option<UserId>),
        suspicion: Suspicion,
        _: Timestamp,
    ) -> Result<(), LogError> {
        self.with(hotel, |hotel| hotel.suspected.push((device, suspicion)))
    }

    async fn distrust(
        &self,
        hotel: HotelId,
        device: DeviceId,
        now: Timestamp,
    ) -> Result<bool, LogError> {
        let id = hotel;
        self.with(hotel, |hotel| {
            if hotel.distrusted.contains(&device) {
                return Ok(true);
            }
            hotel.distrusted.push(device);
            hotel.moved += 1;
            let of = RecordRef::from(device);
            let version = hotel.version(of).map_or(0, |known| known.version) + 1;
            let revoked = Payload::Device(Workplace {
                name: String::new(),
                revoked: true,
                guests: hotel.guests_on(device),
            });
            let record = Record::version(of, version, revoked);
            let entry = NewEntry::of_the_server(id, record, now);
            hotel.append(Basis::end(hotel.last()), &[entry], &[])?;
            Ok(true)
        })?
    }

    async fn reviews(&self, hotel: HotelId) -> Result<Vec<Review>, LogError> {
        self.with(hotel, |hotel| {
            let reviews = hotel.reviews.iter().filter(|review| review.is_open());
            reviews.cloned().collect()
        })
    }

    async fn review(
        &self,
        hotel: HotelId,
        operation: OperationId,
    ) -> Result<Option<Review>, LogError> {
        let mut open = self.reviews(hotel).await?.into_iter();
        Ok(open.find(|review| review.kept.action.operation == operation))
    }

    async fn decide(&self, hotel: HotelId, step: Step) -> Result<bool, LogError> {
        review::check(step)?;
        self.with(hotel, |hotel| {
            let found = hotel.reviews.iter_mut().find(|review| {
                review.kept.action.operation == step.operation && review.outcome == step.from
            });
            let Some(review) = found else { return false };
            review.outcome = step.to;
            hotel.moved += 1;
            if step.to == Outcome::Declined
                && let Some(refused) = hotel.refused.get_mut(&step.operation)
            {
                refused.refusal = Refusal::Declined;
            }
            true
        })
    }
}
