//! What came too late: done in a role that its author no longer has, by somebody who has left, or
//! on a device that is not trusted. It is refused, and kept whole for people to decide on where
//! nobody could know better.
//!
//! **Architecture Invariant**: nothing that is kept has written to a document, and nothing is kept
//! whose author and device are not who they say.

use super::{
    admission::{Author, Gate, Stop},
    fields::check_command,
    reading::{ReadAction, ReadChange},
    shelf::Draft,
};
use crate::log::review::{Cause, Kept};
use keyrack_model::{
    ids::DeviceId,
    limits::{LATE_ACTION_MILLIS, SCHEMA},
    policy::{Role, allows},
    refusal::{GateReason, Refusal},
    time::Timestamp,
};
use std::collections::BTreeSet;

/// What becomes of something that is refused.
pub(super) enum Late {
    /// Nothing else: it has nothing to do with what has changed.
    AsEver,
    Kept(Box<Kept>),
    /// For another reason, which says what has changed.
    Refused(Refusal),
}

impl Gate<'_> {
    /// Whether a device of the hotel is not trusted: nothing of it is admitted.
    pub(super) fn is_distrusted(&self, from: Author) -> bool {
        match from {
            Author::People(device) => self.standing.distrusted.contains(&device),
            Author::Server(_) => false,
        }
    }

    /// What becomes of a refused action.
    pub(super) fn late(
        &self,
        read: &ReadAction,
        from: Author,
        refusal: &Refusal,
        draft: &Draft<'_>,
    ) -> Result<Late, Stop> {
        let Author::People(device) = from else {
            return Ok(Late::AsEver);
        };
        if !self.is_genuine(read, device, draft) {
            return Ok(Late::AsEver);
        }
        let action = &read.action;
        let (author, at) = (action.author, action.at.wall);
        let kept = |cause, role| {
            let action = action.clone();
            Late::Kept(Box::new(Kept {
                cause,
                role,
                action,
            }))
        };
        if *refusal == Refusal::from(GateReason::WrongAuthor) {
            let then = self.standing.role_at(author, at);
            return Ok(if self.is_distrusted(from) {
                kept(Cause::Distrusted, then)
            } else if self.is_recent(at) {
                kept(Cause::Dismissed, then)
            } else {
                Late::AsEver
            });
        }
        let Refusal::NotAllowed { command, role } = refusal else {
            return Ok(Late::AsEver);
        };
        for grant in self.standing.grants(device, author) {
            if grant.role != *role
                && grant.may_cover(at, self.now)
                && self.hangs_on_role(read, from, grant.role, draft)?
            {
                return Ok(kept(Cause::RoleChanged, Some(grant.role)));
            }
        }
        let earlier: BTreeSet<Role> = self.standing.earlier_roles(author).collect();
        for earlier in earlier {
            if self.hangs_on_role(read, from, earlier, draft)? {
                return Ok(Late::Refused(Refusal::GrantEnded {
                    command: command.clone(),
                    role: *role,
                }));
            }
        }
        Ok(Late::AsEver)
    }

    /// Whether everything says that this author did it on this device: of whom nobody ever heard,
    /// nothing is kept. Where it writes a record it is their word alone that says so, and of a record
    /// that was erased nothing is kept again.
    fn is_genuine(&self, read: &ReadAction, device: DeviceId, draft: &Draft<'_>) -> bool {
        let Ok(changes) = &read.changes else {
            return false;
        };
        let writes = match read.action.command.record() {
            Some(record) => !self.present(record, draft).is_erased,
            None => !changes.is_empty(),
        };
        let author = read.action.author;
        let of_author = |change: &ReadChange| {
            self.check_actor(change, author, Author::People(device))
                .is_ok()
        };
        writes
            && changes.iter().all(of_author)
            && (1..=SCHEMA).contains(&read.action.schema)
            && check_command(&read.action.command).is_ok()
    }

    /// A device's clock is a claim: it counts only within a shift. One that is ahead says nothing of when
    /// it was, and what it says is set aside as well: nobody loses their work by it, and whoever makes up
    /// a time may as well make up the present one.
    fn is_recent(&self, at: Timestamp) -> bool {
        self.now.millis_since(at) <= LATE_ACTION_MILLIS
    }

    /// Whether an action that the author's present role has no right to is fit in an earlier one.
    /// What is missing before it may be what waits for review itself.
    fn hangs_on_role(
        &self,
        read: &ReadAction,
        from: Author,
        then: Role,
        draft: &Draft<'_>,
    ) -> Result<bool, Stop> {
        if allows(then, &read.action.command).is_err() {
            return Ok(false);
        }
        match self.examine(read, from, then, draft) {
            Ok(_) => Ok(true),
            Err(Stop::Refused(Refusal::Gate { reason })) => Ok(matches!(
                reason,
                GateReason::Sequence | GateReason::MissingDependency | GateReason::StartOp
            )),
            Err(Stop::Needs(earlier)) => Err(Stop::Needs(earlier)),
            Err(_) => Ok(false),
        }
    }
}

/// The verdict of something that is kept.
pub(super) fn verdict(cause: Cause) -> Refusal {
    match cause {
        Cause::RoleChanged => Refusal::UnderReview,
        Cause::Dismissed | Cause::Distrusted => Refusal::Quarantined,
    }
}
