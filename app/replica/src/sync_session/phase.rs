//! Where a device's conversation with its server stands.

use crate::{
    replica::{LeftOut, Pushed},
    store::actions::ActionId,
};
use keyrack_model::{
    action::Sequence,
    ids::OperationId,
    ipc::{Connection, Problem},
    time::Timestamp,
};
use std::collections::{HashSet, VecDeque};

#[derive(Debug)]
pub(super) enum Phase {
    Offline {
        since: Timestamp,
        reason: Option<Problem>,
        retry_at: Timestamp,
    },
    Connecting {
        since: Timestamp,
        reason: Option<Problem>,
    },
    /// `Hello` is sent.
    Greeting {
        since: Timestamp,
        greeted_at: Timestamp,
    },
    Live(Live),
}

#[derive(Debug)]
pub(super) struct Live {
    /// The version that both sides speak.
    pub(super) protocol: u16,
    /// Whether the server hands nothing to this device any more, and only takes what was done here.
    pub(super) reads_nothing: bool,
    /// How long after the server was heard last it looks at what is done here in a role that it has
    /// changed meanwhile; None where it has not said.
    pub(super) grant_millis: Option<u32>,
    /// Where the log ended when the server greeted.
    pub(super) head_at_greeting: Sequence,
    pub(super) head: Sequence,
    pub(super) heard_at: Timestamp,
    pub(super) pinged_at: Timestamp,
    /// The action up to which everything that waits was pushed in this connection.
    pub(super) pushed: ActionId,
    /// What was pushed and has no verdict, by push. Nothing in one that asks what became of what is
    /// under review.
    pub(super) in_flight: VecDeque<Vec<Pushed>>,
    /// Of what was pushed, what is not going to be delivered.
    pub(super) left_out: LeftOut,
    /// Actions that were done again while an earlier version of them was on its way.
    pub(super) superseded: HashSet<OperationId>,
    /// Nothing is pushed before this.
    pub(super) push_after: Timestamp,
    /// Whether the server was asked what became of what is under review.
    pub(super) asked_for_reviews: bool,
}

impl Live {
    pub(super) fn begun(protocol: u16, head: Sequence, now: Timestamp) -> Self {
        Self {
            protocol,
            reads_nothing: false,
            grant_millis: None,
            head_at_greeting: head,
            head,
            heard_at: now,
            pinged_at: now,
            pushed: ActionId::default(),
            in_flight: VecDeque::new(),
            left_out: LeftOut::default(),
            superseded: HashSet::new(),
            push_after: now,
            asked_for_reviews: false,
        }
    }
}

impl Phase {
    /// What a person is shown of it, on a device that has the log up to `cursor`.
    pub(super) fn connection(&self, cursor: Sequence) -> Connection {
        match self {
            Self::Offline { since, reason, .. } | Self::Connecting { since, reason } => {
                Connection::Offline {
                    since: *since,
                    reason: reason.clone(),
                }
            }
            Self::Greeting { since, .. } => Connection::Offline {
                since: *since,
                reason: None,
            },
            Self::Live(live) if cursor < live.head => Connection::CatchingUp,
            Self::Live(_) => Connection::Online,
        }
    }

    pub(super) fn offline_since(&self) -> Option<Timestamp> {
        match self {
            Self::Offline { since, .. }
            | Self::Connecting { since, .. }
            | Self::Greeting { since, .. } => Some(*since),
            Self::Live(_) => None,
        }
    }

    pub(super) fn take_reason(&mut self) -> Option<Problem> {
        match self {
            Self::Offline { reason, .. } | Self::Connecting { reason, .. } => reason.take(),
            Self::Greeting { .. } | Self::Live(_) => None,
        }
    }

    /// The wall clock was set back: what was to happen in a minute still happens in a minute.
    pub(super) fn move_back(&mut self, millis: i64) {
        let moments: &mut [&mut Timestamp] = match self {
            Self::Offline {
                since, retry_at, ..
            } => &mut [since, retry_at],
            Self::Connecting { since, .. } => &mut [since],
            Self::Greeting { since, greeted_at } => &mut [since, greeted_at],
            Self::Live(live) => &mut [
                &mut live.heard_at,
                &mut live.pinged_at,
                &mut live.push_after,
            ],
        };
        for moment in moments {
            moment.0 = moment.0.saturating_sub(millis);
        }
    }
}
