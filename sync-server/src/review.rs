//! Deciding on what is kept for review: somebody who may decides, and what they approve is carried
//! out as its author asked for it.
//!
//! **Architecture Invariant**: what is approved takes its own operation's place in the log, which
//! there is once. So it is carried out once, however often it is approved, and its author's device
//! finds there what it was refused.

use crate::{
    hotel::Hotels,
    log::{
        Log, LogError, StoredVerdict,
        review::{Cause, Decider, Outcome, Review, Step},
    },
    server_author::{AuthorError, ServerAuthor},
};
use keyrack_model::{
    command::{Approval, Command},
    ids::{HotelId, OperationId, UserId},
    policy::may_review,
    refusal::Refusal,
    rows::Person,
};

mod ground;

pub(crate) use ground::Ground;

#[derive(Debug, thiserror::Error)]
pub enum ReviewError {
    #[error(transparent)]
    Log(#[from] LogError),
    #[error(transparent)]
    Author(#[from] AuthorError),
    #[error("no action {0} waits for a decision")]
    NotWaiting(OperationId),
    #[error("the action is in quarantine: it can be read and declined, and not be approved")]
    InQuarantine,
    #[error(
        "who a guest is is not written in somebody else's name: if it is right, write it yourself, \
         and decline it here"
    )]
    OfAGuest,
    #[error(
        "who did it does not work here any more and cannot be asked: decline it, and do yourself \
         what is right of it"
    )]
    AuthorLeft,
    #[error("only managers and admins of the hotel decide, and nobody on what they did themselves")]
    MayNotDecide,
    #[error(
        "it cannot be carried out any more: {0}. It still waits; decline it, or try again later"
    )]
    NotPossible(Refusal),
}

/// What somebody decides.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Decision {
    Approve,
    Decline,
}

/// Whether somebody of the hotel may decide so on what is kept.
pub(crate) fn check(
    review: &Review,
    decision: Decision,
    by: UserId,
    people: &[Person],
) -> Result<(), ReviewError> {
    let author = review.kept.action.author;
    let mut working = people.iter().filter(|person| !person.left);
    let may_decide = working
        .clone()
        .any(|person| person.id == by && may_review(person.role));
    if author == by || !may_decide {
        return Err(ReviewError::MayNotDecide);
    }
    if decision == Decision::Approve {
        if review.kept.cause != Cause::RoleChanged || review.kept.role.is_none() {
            return Err(ReviewError::InQuarantine);
        }
        // An approval stays in the log, and what it says could not be erased.
        if review.kept.action.command.record().is_some() {
            return Err(ReviewError::OfAGuest);
        }
        if !working.any(|person| person.id == author) {
            return Err(ReviewError::AuthorLeft);
        }
    }
    Ok(())
}

/// The reviews of one hotel.
pub struct Reviews<'a, L> {
    hotels: &'a Hotels<L>,
    hotel: HotelId,
}

impl<'a, L: Log> Reviews<'a, L> {
    pub fn of(hotels: &'a Hotels<L>, hotel: HotelId) -> Self {
        Self { hotels, hotel }
    }

    /// What waits, in the order in which it came.
    pub async fn list(&self) -> Result<Vec<Review>, ReviewError> {
        Ok(self.hotels.log().reviews(self.hotel).await?)
    }

    /// Carries out what somebody asked for, in both names.
    pub async fn approve(&self, operation: OperationId, by: Decider) -> Result<(), ReviewError> {
        let review = self.waiting(operation, Decision::Approve, by).await?;
        if review.outcome == Outcome::Waiting
            && !self
                .step(operation, by, Outcome::Waiting, Outcome::Approving)
                .await?
        {
            return Err(ReviewError::NotWaiting(operation));
        }
        self.carry_out(review, by).await
    }

    /// Goes on with what was approved where that was left; whoever asks for it was found to have the
    /// right.
    pub(crate) async fn complete(
        &self,
        operation: OperationId,
        by: Decider,
    ) -> Result<(), ReviewError> {
        let review = self.hotels.log().review(self.hotel, operation).await?;
        if let Some(review) = review.filter(|review| review.outcome == Outcome::Approving) {
            return self.carry_out(review, by).await;
        }
        // Somebody who approved it at the same time has completed it, or found that it cannot be.
        if self.is_in_log(operation).await? {
            Ok(())
        } else {
            Err(ReviewError::NotWaiting(operation))
        }
    }

    async fn carry_out(&self, review: Review, by: Decider) -> Result<(), ReviewError> {
        let operation = review.kept.action.operation;
        let role = review.kept.role.ok_or(ReviewError::InQuarantine)?;
        if !self.is_in_log(operation).await? {
            let action = &review.kept.action;
            let approval = Approval {
                command: Box::new(action.command.clone()),
                author: action.author,
                role,
                at: action.at.wall,
                approver: by.person(),
            };
            let ground = ground::of(self.hotels, self.hotel, action).await?;
            let mut author = ServerAuthor::at(self.hotels, self.hotel).await?;
            let command = Command::Approved(approval);
            match author.carry_out(operation, &command, ground).await {
                Ok(()) => {}
                Err(AuthorError::Refused { reason, .. }) => {
                    // By somebody who approved it at the same time: planned after that, it is refused.
                    if !self.is_in_log(operation).await? {
                        self.step(operation, by, Outcome::Approving, Outcome::Waiting)
                            .await?;
                        return Err(ReviewError::NotPossible(reason));
                    }
                }
                Err(error) => return Err(error.into()),
            }
        }
        // Somebody who approved it at the same time may have noted it already.
        self.step(operation, by, Outcome::Approving, Outcome::Approved)
            .await?;
        Ok(())
    }

    /// Leaves everything as it is; the author's device is told when it asks again.
    pub async fn decline(&self, operation: OperationId, by: Decider) -> Result<(), ReviewError> {
        self.waiting(operation, Decision::Decline, by).await?;
        if self
            .step(operation, by, Outcome::Waiting, Outcome::Declined)
            .await?
        {
            Ok(())
        } else {
            Err(ReviewError::NotWaiting(operation))
        }
    }

    /// What waits, for somebody who may decide on it so.
    async fn waiting(
        &self,
        operation: OperationId,
        decision: Decision,
        by: Decider,
    ) -> Result<Review, ReviewError> {
        let found = self.hotels.log().review(self.hotel, operation).await?;
        let review = found.ok_or(ReviewError::NotWaiting(operation))?;
        let people = self.hotels.log().people(self.hotel).await?;
        check(&review, decision, by.person(), &people)?;
        Ok(review)
    }

    async fn step(
        &self,
        operation: OperationId,
        by: Decider,
        from: Outcome,
        to: Outcome,
    ) -> Result<bool, ReviewError> {
        let step = Step {
            operation,
            from,
            to,
            by,
            at: self.hotels.now(),
        };
        Ok(self.hotels.log().decide(self.hotel, step).await?)
    }

    async fn is_in_log(&self, operation: OperationId) -> Result<bool, ReviewError> {
        let verdicts = self.hotels.log().verdicts(self.hotel, &[operation]).await?;
        Ok(matches!(verdicts[..], [StoredVerdict::Accepted { .. }]))
    }
}

#[cfg(test)]
mod tests;
