//! What a device asks the server for beside the log: the working set that it begins with, and
//! documents and records that it lacks.
//!
//! **Architecture Invariant**: one thing is asked for at a time, what arrives was asked for, and what
//! did not come is asked for again later. Nothing is taken in before the log was told as far: what
//! an action did elsewhere comes with the log, and nobody is shown a part of it.

use super::{Effect, SyncSession, backoff::Backoff, later, phase::Phase};
use crate::{error::StoreError, replica::Replica};
use keyrack_model::{
    action::Sequence,
    ids::{DocumentRef, LogEpoch},
    ipc::Problem,
    segment::{RecordPage, Segment, SegmentName, WorkingSet},
    time::Timestamp,
};

/// What to ask the server for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wanted {
    /// `GET /v1/working-set`.
    WorkingSet,
    /// `GET /v1/records`: a page of the records up to an entry, after another one.
    Records { up_to: Sequence, after: Sequence },
    /// `GET /v1/segments/{id}`.
    Segment(SegmentName),
    /// `GET /v1/documents/{kind}/{id}`.
    Document(DocumentRef),
}

/// What came.
#[derive(Debug)]
pub enum Fetched {
    WorkingSet(WorkingSet),
    Records(RecordPage),
    Segment(Segment),
    Document {
        epoch: LogEpoch,
        /// Everything of the document up to this entry is in it.
        sequence: Sequence,
        segment: Segment,
    },
    /// The server has no such thing.
    Gone,
    /// The server is there and cannot give it at the moment.
    NotYet,
    /// It could not be asked, or turned the person away.
    Failed(Problem),
}

/// How often a server may be unable to hand out a working set before the log is read instead.
const PATIENCE: u32 = 5;

#[derive(Debug)]
pub(super) struct Fetching {
    /// Whether the runtime can ask. One that cannot reads the log from its beginning.
    pub(super) offered: bool,
    asked: Option<Wanted>,
    /// What came, until the log was told up to this entry.
    early: Option<(Sequence, Fetched)>,
    /// Whether something is wanted.
    pub(super) lacks: bool,
    retry_at: Timestamp,
    backoff: Backoff,
    /// How often a working set was not to be had.
    in_vain: u32,
    /// What somebody waits for, and why it does not come.
    pub(super) trouble: Option<Problem>,
    /// Whether the server has another log than this device has read, and does not know. What it hands
    /// out does not belong to what is here.
    pub(super) is_another_log: bool,
}

impl Fetching {
    pub(super) fn begun(now: Timestamp, jitter: u64) -> Self {
        Self {
            offered: false,
            asked: None,
            early: None,
            lacks: false,
            retry_at: now,
            backoff: Backoff::seeded(jitter),
            in_vain: 0,
            trouble: None,
            is_another_log: false,
        }
    }

    /// Another session: what was asked for under the one before does not count.
    pub(super) fn start_over(&mut self, now: Timestamp) {
        self.asked = None;
        self.early = None;
        self.retry_at = now;
        self.backoff.reset();
        self.trouble = None;
        self.is_another_log = false;
    }

    /// What came before the log was brought back is asked for again.
    pub(super) fn let_go_of_early(&mut self, now: Timestamp) {
        if self.early.take().is_some() {
            self.asked = None;
            self.retry_at = now;
        }
    }

    pub(super) fn move_back(&mut self, millis: i64) {
        self.retry_at.0 = self.retry_at.0.saturating_sub(millis);
    }

    /// Whether something was asked for that nothing has stood in the way of.
    pub(super) fn is_asking(&self) -> bool {
        self.asked.is_some() && self.trouble.is_none()
    }

    /// Whether the log is to be read only after what is asked for has come.
    pub(super) fn holds_back(&self, replica: &Replica) -> Result<bool, StoreError> {
        Ok(self.offered && self.in_vain < PATIENCE && replica.is_beginning()?)
    }
}

impl SyncSession {
    /// Of a runtime that carries out [`Effect::Fetch`].
    pub fn that_fetches(mut self) -> Self {
        self.fetching.offered = true;
        self
    }

    /// Asks for what is wanted most, when nothing is asked for.
    pub(super) fn fetch(
        &mut self,
        replica: &Replica,
        now: Timestamp,
        effects: &mut Vec<Effect>,
    ) -> Result<(), StoreError> {
        let fetching = &mut self.fetching;
        if fetching.asked.is_some() || fetching.is_another_log && !replica.is_beginning()? {
            return Ok(());
        }
        let wanted = match replica.session() {
            Some(_) if fetching.offered => replica.wanted()?,
            Some(_) | None => None,
        };
        let wanted =
            wanted.filter(|wanted| *wanted != Wanted::WorkingSet || fetching.in_vain < PATIENCE);
        fetching.lacks = wanted.is_some();
        if let Some(wanted) = wanted
            && fetching.retry_at <= now
        {
            fetching.asked = Some(wanted);
            effects.push(Effect::Fetch(wanted));
        }
        Ok(())
    }

    /// Takes in what came early once the log was told as far. Without a connection nobody tells it:
    /// then it is asked for again.
    pub(super) fn take_what_was_early(
        &mut self,
        replica: &mut Replica,
        now: Timestamp,
        effects: &mut Vec<Effect>,
    ) -> Result<(), StoreError> {
        let fetching = &mut self.fetching;
        let (Some(wanted), Some((place, fetched))) = (fetching.asked, fetching.early.take()) else {
            return Ok(());
        };
        if replica.cursor() >= place {
            return self.fetched(replica, now, wanted, fetched, effects);
        }
        if matches!(self.phase, Phase::Offline { .. }) {
            fetching.asked = None;
            fetching.retry_at = later(now, fetching.backoff.pause());
        } else {
            fetching.early = Some((place, fetched));
        }
        Ok(())
    }

    /// Takes in what came, or asks for it again later.
    pub(super) fn fetched(
        &mut self,
        replica: &mut Replica,
        now: Timestamp,
        wanted: Wanted,
        fetched: Fetched,
        effects: &mut Vec<Effect>,
    ) -> Result<(), StoreError> {
        if self.fetching.asked != Some(wanted) {
            // Of another session.
            return Ok(());
        }
        if let Some(place) = place_of(&fetched, replica)?
            && place > replica.cursor()
        {
            self.fetching.early = Some((place, fetched));
            return Ok(());
        }
        self.fetching.asked = None;
        // Whatever goes wrong below, nothing is asked for again at once.
        self.fetching.retry_at = later(now, self.fetching.backoff.pause());
        let is_first = replica.is_beginning()?;
        if self.fetching.is_another_log && !is_first {
            return replica.put_off(wanted);
        }
        let taken = match (wanted, fetched) {
            (Wanted::WorkingSet, Fetched::WorkingSet(set)) => replica.begin_with(&set),
            (Wanted::Segment(_), Fetched::WorkingSet(set)) => replica.go_on_with(&set),
            (Wanted::Records { .. }, Fetched::Records(page)) => {
                let told = replica.take_records(&page);
                told.and_then(|told| self.tell_records(replica, &told, effects))
            }
            (Wanted::Segment(name), Fetched::Segment(segment)) => {
                let touched = replica.take_segment(name, &segment);
                touched.map(|_| effects.push(Effect::AllRows))
            }
            (
                Wanted::Document(document),
                Fetched::Document {
                    epoch,
                    sequence,
                    segment,
                },
            ) => replica
                .take_document(document, epoch, sequence, &segment)
                .map(|touched| effects.push(Effect::Rows(touched))),
            (Wanted::Document(document), Fetched::Gone) => replica.give_up_on(document),
            // A server that does not hand anything out.
            (Wanted::WorkingSet, Fetched::Gone) => {
                self.fetching.in_vain = PATIENCE;
                return self.tick(replica, now, effects);
            }
            (_, Fetched::Failed(Problem::SignedOut)) => {
                self.signed_out(replica, now, effects);
                return Ok(());
            }
            (_, Fetched::Failed(problem)) => {
                // Nothing is read here any more, but what was done here can be handed in.
                let is_turned_away = is_first && problem == Problem::DeviceKey;
                self.fetching.trouble = Some(problem);
                if is_turned_away {
                    self.fetching.in_vain = PATIENCE;
                    return self.tick(replica, now, effects);
                }
                return replica.put_off(wanted);
            }
            (_, _) => {
                self.fetching.in_vain += u32::from(is_first);
                return replica.put_off(wanted);
            }
        };
        match taken {
            Ok(()) => {
                self.fetching.trouble = None;
                self.fetching.in_vain = 0;
                if replica.wanted()? != Some(wanted) {
                    self.fetching.backoff.reset();
                    self.fetching.retry_at = now;
                }
                self.tick(replica, now, effects)
            }
            // Of another epoch, for one: the greeting tells of that.
            Err(StoreError::Gap) if is_first => {
                self.fetching.in_vain = PATIENCE;
                self.tick(replica, now, effects)
            }
            Err(StoreError::Gap | StoreError::NotAsked | StoreError::Document(_)) => {
                tracing::error!("what the server handed out does not fit the replica");
                self.fetching.in_vain += u32::from(is_first);
                replica.put_off(wanted)
            }
            Err(error) => Err(error),
        }
    }
}

/// The entry of the log up to which something has everything.
fn place_of(fetched: &Fetched, replica: &Replica) -> Result<Option<Sequence>, StoreError> {
    match fetched {
        Fetched::Segment(_) => replica.segments_as_of(),
        Fetched::Document { sequence, .. } => Ok(Some(*sequence)),
        Fetched::WorkingSet(_)
        | Fetched::Records(_)
        | Fetched::Gone
        | Fetched::NotYet
        | Fetched::Failed(_) => Ok(None),
    }
}
