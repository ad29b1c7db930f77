//! What is kept of refused actions for people to decide on, and what the gate needs to know for it.

use super::{Grant, LogError, Mark};
use keyrack_model::{
    action::Action,
    ids::{DeviceId, OperationId, UserId},
    limits::{MAX_REVIEW_BYTES, MAX_REVIEW_SHARE, MAX_REVIEW_SHARE_BYTES, MAX_REVIEWS},
    policy::Role,
    rows::Person,
    time::Timestamp,
    word_enum,
};
use std::collections::{HashMap, HashSet};

word_enum! {
    /// Why an action is kept.
    Cause {
        /// Its author may do it no longer, but might when they did: somebody decides.
        RoleChanged = "role-changed",
        /// Its author does not work at the hotel any more: quarantine.
        Dismissed = "dismissed",
        /// It comes from a device that is not trusted: quarantine.
        Distrusted = "distrusted",
    }
}

word_enum! {
    /// How far a decision is.
    Outcome {
        Waiting = "waiting",
        /// Somebody approved it, and it is being carried out.
        Approving = "approving",
        Approved = "approved",
        Declined = "declined",
    }
}

/// A refused action that is kept whole.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Kept {
    pub cause: Cause,
    /// The author's role as their device had been told it; of what goes to quarantine, the one that
    /// they had by their device's clock. None where nobody knows.
    pub role: Option<Role>,
    pub action: Action,
}

/// A kept action that nobody has decided on to the end.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Review {
    pub kept: Kept,
    pub device: DeviceId,
    pub received_at: Timestamp,
    pub outcome: Outcome,
}

impl Review {
    /// Whether nobody has decided to the end.
    pub fn is_open(&self) -> bool {
        matches!(self.outcome, Outcome::Waiting | Outcome::Approving)
    }
}

/// Who takes a decision.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Decider {
    /// Somebody whose session has shown who they are.
    SignedIn { person: UserId, device: DeviceId },
    /// The server's operator, in the name of somebody who may decide; nobody checks that it is them.
    Operator { named: UserId },
}

impl Decider {
    /// In whose name it is decided.
    pub fn person(self) -> UserId {
        match self {
            Self::SignedIn { person, .. } => person,
            Self::Operator { named } => named,
        }
    }
}

/// One step of a decision.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Step {
    pub operation: OperationId,
    pub from: Outcome,
    pub to: Outcome,
    pub by: Decider,
    pub at: Timestamp,
}

/// Somebody got another role, or none.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RoleChange {
    pub person: UserId,
    /// By the server's clock.
    pub at: Timestamp,
    pub before: Role,
    /// None for somebody who does not work here any more.
    pub after: Option<Role>,
}

/// What the gate asks of a hotel: who is what and was what lately, which devices are not trusted,
/// and how much is kept already.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Standing {
    pub mark: Mark,
    pub roles: HashMap<UserId, Role>,
    /// Who worked here once: things may be theirs still.
    pub left: HashSet<UserId>,
    /// In the order in which they happened.
    pub changes: Vec<RoleChange>,
    pub distrusted: Vec<DeviceId>,
    /// Roles that have changed, as devices knew them; in the order of the changes.
    pub grants: Vec<Grant>,
    pub kept: Amounts,
}

/// How much is kept, by what becomes of it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Amounts {
    pub reviews: Room,
    pub quarantined: Room,
}

/// Who did something, and where.
pub type Whose = (DeviceId, UserId);

/// What a hotel has room for, all in all and for each person on each device.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Room {
    pub all: Amount,
    pub shares: HashMap<Whose, Amount>,
}

/// How much of something is kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Amount {
    pub actions: usize,
    pub bytes: usize,
}

/// All that a hotel keeps.
const MOST: Amount = Amount {
    actions: MAX_REVIEWS,
    bytes: MAX_REVIEW_BYTES,
};

/// What it keeps of one person on one device.
const SHARE: Amount = Amount {
    actions: MAX_REVIEW_SHARE,
    bytes: MAX_REVIEW_SHARE_BYTES,
};

impl Amount {
    fn and(self, other: Self) -> Self {
        Self {
            actions: self.actions.saturating_add(other.actions),
            bytes: self.bytes.saturating_add(other.bytes),
        }
    }

    fn fits(self, most: Self) -> bool {
        self.actions <= most.actions && self.bytes <= most.bytes
    }
}

impl Room {
    /// Counts what is kept already.
    pub fn add(&mut self, whose: Whose, kept: Amount) {
        self.all = self.all.and(kept);
        let share = self.shares.entry(whose).or_default();
        *share = share.and(kept);
    }

    /// Counts one more; false where there is no room for it.
    pub fn take(&mut self, whose: Whose, bytes: usize) -> bool {
        let one = Amount { actions: 1, bytes };
        let share = self.shares.get(&whose).copied().unwrap_or_default();
        let fits = self.all.and(one).fits(MOST) && share.and(one).fits(SHARE);
        if fits {
            self.add(whose, one);
        }
        fits
    }
}

impl Standing {
    /// Of people who have always been what they are.
    pub fn of(people: &[Person]) -> Self {
        let roles = people.iter().map(|person| (person.id, person.role));
        Self {
            roles: roles.collect(),
            ..Self::default()
        }
    }

    /// What somebody is; None for nobody of the hotel.
    pub fn role(&self, person: UserId) -> Option<Role> {
        self.roles.get(&person).copied()
    }

    /// Whether somebody works here, or did.
    pub fn knows(&self, person: UserId) -> bool {
        self.roles.contains_key(&person) || self.left.contains(&person)
    }

    /// What a device had been told of somebody's earlier roles, in the order in which they changed.
    pub fn grants(&self, device: DeviceId, person: UserId) -> impl Iterator<Item = &Grant> {
        let grants = self.grants.iter();
        grants.filter(move |grant| (grant.device, grant.person) == (device, person))
    }

    /// What somebody was lately, and is no longer.
    pub fn earlier_roles(&self, person: UserId) -> impl Iterator<Item = Role> {
        let present = self.role(person);
        let changed = self.changes.iter().filter(move |it| it.person == person);
        let known = self.grants.iter().filter(move |it| it.person == person);
        let roles = changed.map(|it| it.before).chain(known.map(|it| it.role));
        roles.filter(move |role| Some(*role) != present)
    }

    /// What somebody was at a time; None for nobody of the hotel.
    pub fn role_at(&self, person: UserId, at: Timestamp) -> Option<Role> {
        let mut since = self.changes.iter().filter(|it| it.person == person);
        let next = since.find(|change| change.at > at);
        next.map_or(self.role(person), |change| Some(change.before))
    }
}

impl Amounts {
    /// What is kept for one cause.
    pub fn of(&mut self, cause: Cause) -> &mut Room {
        match cause {
            Cause::RoleChanged => &mut self.reviews,
            Cause::Dismissed | Cause::Distrusted => &mut self.quarantined,
        }
    }
}

/// What an action counts for among those that are kept: its CBOR.
pub fn kept_size(action: &Action) -> usize {
    super::cbor_size(action)
}

/// A step that is not one: from where to where decisions go.
pub(super) fn check(step: Step) -> Result<(), LogError> {
    use Outcome::{Approved, Approving, Declined, Waiting};
    match (step.from, step.to) {
        (Waiting, Approving | Declined) | (Approving, Waiting | Approved) => Ok(()),
        _ => Err(LogError::Unavailable("no such step of a decision".into())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn what_somebody_was_is_told_by_the_change_that_followed() {
        let maria = UserId(Uuid::from_u128(1));
        let change = |at, before, after| RoleChange {
            person: maria,
            at: Timestamp(at),
            before,
            after,
        };
        let standing = Standing {
            roles: HashMap::from([(UserId(Uuid::from_u128(2)), Role::FrontDesk)]),
            changes: vec![
                change(10, Role::Housekeeper, Some(Role::Supervisor)),
                change(20, Role::Supervisor, None),
            ],
            ..Standing::default()
        };
        for (at, role) in [
            (9, Some(Role::Housekeeper)),
            (10, Some(Role::Supervisor)),
            (19, Some(Role::Supervisor)),
            (20, None),
        ] {
            assert_eq!(standing.role_at(maria, Timestamp(at)), role, "{at}");
        }
        let rui = UserId(Uuid::from_u128(2));
        let present = Some(Role::FrontDesk);
        assert_eq!(standing.role_at(rui, Timestamp(9)), present);
    }

    fn whose(device: u128, author: u128) -> Whose {
        (
            DeviceId(Uuid::from_u128(device)),
            UserId(Uuid::from_u128(author)),
        )
    }

    #[test]
    fn a_hotel_keeps_so_many_actions_and_so_many_bytes() {
        let mut room = Room::default();
        let shares = (MAX_REVIEWS / MAX_REVIEW_SHARE) as u128;
        for device in 0..shares {
            assert!((0..MAX_REVIEW_SHARE).all(|_| room.take(whose(device, 1), 1)));
        }
        assert!(!room.take(whose(shares, 1), 1));
        let mut room = Room::default();
        for device in 0..shares {
            assert!(room.take(whose(device, 1), MAX_REVIEW_SHARE_BYTES));
        }
        assert!(!room.take(whose(shares, 1), 1));
    }

    #[test]
    fn of_one_person_on_one_device_it_keeps_a_share_and_of_everybody_else_as_before() {
        let mut room = Room::default();
        assert!((0..MAX_REVIEW_SHARE).all(|_| room.take(whose(1, 1), 1)));
        assert!(!room.take(whose(1, 1), 1));
        for other in [whose(1, 2), whose(2, 1)] {
            assert!(room.take(other, 1), "{other:?}");
        }
        let mut room = Room::default();
        assert!(!room.take(whose(1, 1), MAX_REVIEW_SHARE_BYTES + 1));
        assert_eq!(room, Room::default());
    }
}
