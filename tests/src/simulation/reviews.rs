//! What somebody did in a role that they no longer have: whoever may decides on it, one action at a
//! time, and what they approve comes into the log in both names.

use super::{
    deeds, hotel,
    ledger::Ledger,
    server_log::ServerLog,
    world::{Broken, World},
};
use futures_util::FutureExt;
use keyrack_model::{
    ids::{ActorId, OperationId, UserId},
    policy::may_review,
    refusal::Refusal,
};
use keyrack_server::{
    hotel::Hotels,
    log::{
        Log,
        review::{Decider, Outcome, Review},
    },
    review::{ReviewError, Reviews},
};
use std::collections::BTreeSet;
use tokio::task::AbortHandle;

/// Whoever may looks at what waits in one of so many seconds.
const LOOKS: u8 = 4;

/// Decisions of a world.
#[derive(Default)]
pub(super) struct Decisions {
    /// What somebody approved, whether it could be carried out or not.
    approved: BTreeSet<OperationId>,
    under_way: Option<AbortHandle>,
}

impl Decisions {
    /// Whether one is being carried out.
    pub fn are_under_way(&self) -> bool {
        let under_way = self.under_way.as_ref();
        under_way.is_some_and(|under_way| !under_way.is_finished())
    }

    /// The server is gone, and with it whatever it still had to write.
    pub fn end(&mut self) {
        if let Some(under_way) = self.under_way.take() {
            under_way.abort();
        }
    }
}

#[derive(Clone, Copy)]
enum Decision {
    /// Under an actor that nobody has written under.
    Approve(ActorId),
    Decline,
}

impl World {
    /// Whoever sits at a device that is connected decides on something, if they may and something
    /// waits.
    pub(super) fn reviews(&mut self, device: usize) -> Result<(), Broken> {
        let Some(person) = self.reviewer(device) else {
            return Ok(());
        };
        let waiting = self.waiting_for(person)?;
        if waiting.is_empty() || self.decisions.are_under_way() || self.rng.u8(0..LOOKS) != 0 {
            return Ok(());
        }
        let Some(review) = self.rng.choice(waiting) else {
            return Ok(());
        };
        let operation = review.kept.action.operation;
        let is_tried = self.decisions.approved.contains(&operation);
        let is_right = review.outcome == Outcome::Approving || (!is_tried && self.rng.bool());
        let decision = if is_right {
            self.decisions.approved.insert(operation);
            Decision::Approve(ActorId(deeds::id(&mut self.rng)))
        } else {
            Decision::Decline
        };
        let by = Decider::SignedIn {
            person,
            device: self.devices[device].identity().device,
        };
        let ledger = self.ledger.clone();
        let server = self.server.as_mut();
        if let Some(server) = server.filter(|server| !server.is_stopping()) {
            let hotels = server.hotels.clone();
            let work = tokio::spawn(decide(hotels, ledger, operation, by, decision));
            self.decisions.under_way = Some(work.abort_handle());
            server.carries_out(work);
        }
        Ok(())
    }

    fn reviewer(&self, device: usize) -> Option<UserId> {
        let sitting = &self.devices[device];
        let running = sitting.running.as_ref().filter(|_| sitting.is_online)?;
        let me = &running.replica.session()?.me;
        may_review(me.role).then_some(me.id)
    }

    /// What is kept of what others did.
    fn waiting_for(&self, person: UserId) -> Result<Vec<Review>, Broken> {
        let reviews = self.disk.memory.reviews(hotel::id()).now_or_never();
        let mut reviews = reviews
            .and_then(Result::ok)
            .ok_or_else(|| Broken("the twin in memory does not answer".to_owned()))?;
        reviews.retain(|review| review.kept.action.author != person);
        Ok(reviews)
    }
}

async fn decide(
    hotels: Hotels<ServerLog>,
    ledger: Ledger,
    operation: OperationId,
    by: Decider,
    decision: Decision,
) {
    let reviews = Reviews::of(&hotels, hotel::id());
    let decided = match decision {
        Decision::Approve(actor) => reviews.approve_under(operation, by, actor).await,
        Decision::Decline => reviews.decline(operation, by).await,
    };
    match (decided, decision) {
        (Ok(()), Decision::Decline) => ledger.declined(operation),
        // What the server plans itself is within the rights of whoever asked for it.
        (Err(ReviewError::NotPossible(reason @ Refusal::Gate { .. })), _)
            if !ledger.was_brought_back() =>
        {
            ledger.fault(format!(
                "what was approved could not be carried out: {reason}"
            ));
        }
        (Ok(()), Decision::Approve(_)) | (Err(_), _) => {}
    }
}
