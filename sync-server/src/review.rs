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
        review::{Cause, Outcome, Review, Step},
    },
    server_author::{AuthorError, ServerAuthor},
};
use keyrack_model::{
    command::{Approval, Command},
    ids::{HotelId, OperationId, UserId},
    policy::may_review,
    refusal::Refusal,
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
    pub async fn approve(&self, operation: OperationId, by: UserId) -> Result<(), ReviewError> {
        let review = self.waiting(operation, by).await?;
        let (Cause::RoleChanged, Some(role)) = (review.kept.cause, review.kept.role) else {
            return Err(ReviewError::InQuarantine);
        };
        let people = self.hotels.log().people(self.hotel).await?;
        let author = review.kept.action.author;
        if !people.iter().any(|it| it.id == author && !it.left) {
            return Err(ReviewError::AuthorLeft);
        }
        // One that was cut off goes on where it was.
        if review.outcome == Outcome::Waiting
            && !self
                .step(operation, by, Outcome::Waiting, Outcome::Approving)
                .await?
        {
            return Err(ReviewError::NotWaiting(operation));
        }
        if !self.is_in_log(operation).await? {
            let action = &review.kept.action;
            let approval = Approval {
                command: Box::new(action.command.clone()),
                author: action.author,
                role,
                at: action.at.wall,
                approver: by,
            };
            let ground = ground::of(self.hotels, self.hotel, action).await?;
            let mut author = ServerAuthor::at(self.hotels, self.hotel).await?;
            let command = Command::Approved(approval);
            match author.carry_out(operation, &command, ground).await {
                Ok(()) => {}
                Err(AuthorError::Refused { reason, .. }) => {
                    self.step(operation, by, Outcome::Approving, Outcome::Waiting)
                        .await?;
                    return Err(ReviewError::NotPossible(reason));
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
    pub async fn decline(&self, operation: OperationId, by: UserId) -> Result<(), ReviewError> {
        self.waiting(operation, by).await?;
        if self
            .step(operation, by, Outcome::Waiting, Outcome::Declined)
            .await?
        {
            Ok(())
        } else {
            Err(ReviewError::NotWaiting(operation))
        }
    }

    /// What waits, for somebody who may decide on it.
    async fn waiting(&self, operation: OperationId, by: UserId) -> Result<Review, ReviewError> {
        let mut reviews = self.list().await?.into_iter();
        let found = reviews.find(|review| review.kept.action.operation == operation);
        let review = found.ok_or(ReviewError::NotWaiting(operation))?;
        let people = self.hotels.log().people(self.hotel).await?;
        let mut deciders = people
            .iter()
            .filter(|person| may_review(person.role) && !person.left);
        if review.kept.action.author == by || !deciders.any(|person| person.id == by) {
            return Err(ReviewError::MayNotDecide);
        }
        Ok(review)
    }

    async fn step(
        &self,
        operation: OperationId,
        by: UserId,
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
