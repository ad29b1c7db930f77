//! What waits for a decision, for whoever may decide; and deciding.
//!
//! **Architecture Invariant**: who decides is the person of the session, and their right and their
//! device's stay as they are until the decision is committed.

use super::{AccountError, Accounts, devices, people};
use crate::{
    audit::Notes,
    log::{
        postgres::{
            kept::{self, Fate},
            reviews,
        },
        review::{Cause, Decider, Outcome, Review, Step},
    },
    review::{Decision, ReviewError, check},
    session::Identity,
};
use keyrack_model::{
    administration::{Administered, Administration},
    class::Reading,
    ids::{HotelId, OperationId},
    policy::Role,
    review::{Queue, Reviews, SeenReview, Why, as_read},
    rows::Person,
    time::Timestamp,
};
use sqlx::{Postgres, Transaction};

const OWN: AccountError = AccountError::NotAllowed(
    "nobody decides on what they did themselves: ask somebody else who decides; it waits as before",
);
const TO_BE_READ: AccountError = AccountError::BadRequest(
    "it is set aside: here it can be read, and nobody decides on it; nothing was changed",
);

impl Accounts {
    /// The oldest of what is kept, as the asker's role reads it on their device.
    pub(super) async fn reviews(
        &self,
        who: &Identity,
        asked: &Administration,
    ) -> Result<Administered, AccountError> {
        let (mut tx, me) = self.enter(who, asked).await?;
        let people = everybody(&mut tx, who.hotel).await?;
        let guests = devices::guest_names_on(&mut tx, who.hotel, who.device).await?;
        let reading = Reading::at(me.role, guests);
        Ok(Administered::Kept(Reviews {
            waiting: queue(&mut tx, who.hotel, Fate::Decided, reading, &people).await?,
            set_aside: queue(&mut tx, who.hotel, Fate::Quarantine, reading, &people).await?,
        }))
    }

    /// Decides that it is to be carried out, which is for the hotel's loop to do.
    pub(super) async fn approve(
        &self,
        who: &Identity,
        asked: &Administration,
        operation: OperationId,
        now: Timestamp,
    ) -> Result<Administered, AccountError> {
        let (tx, review) = self
            .enter_review(who, asked, operation, Decision::Approve)
            .await?;
        match review.outcome {
            Outcome::Waiting => {
                self.take(tx, who, operation, Outcome::Approving, now)
                    .await?;
            }
            // It was broken off, or somebody else approves it at this moment.
            Outcome::Approving => {}
            Outcome::Approved | Outcome::Declined => {
                return Err(ReviewError::NotWaiting(operation).into());
            }
        }
        Ok(Administered::Done)
    }

    pub(super) async fn decline(
        &self,
        who: &Identity,
        asked: &Administration,
        operation: OperationId,
        now: Timestamp,
    ) -> Result<Administered, AccountError> {
        let (tx, review) = self
            .enter_review(who, asked, operation, Decision::Decline)
            .await?;
        if Fate::of(review.kept.cause) == Fate::Quarantine {
            return Err(TO_BE_READ);
        }
        self.take(tx, who, operation, Outcome::Declined, now)
            .await?;
        Ok(Administered::Done)
    }

    /// A transaction in which the asker keeps the right to decide so on something that is kept.
    async fn enter_review(
        &self,
        who: &Identity,
        asked: &Administration,
        operation: OperationId,
        decision: Decision,
    ) -> Result<(Transaction<'static, Postgres>, Review), AccountError> {
        let (mut tx, me) = self.enter(who, asked).await?;
        let review = kept::one(&mut tx, who.hotel, operation).await?;
        let review = review.ok_or(ReviewError::NotWaiting(operation))?;
        let people = everybody(&mut tx, who.hotel).await?;
        match check(&review, decision, me.id, &people) {
            Ok(()) => Ok((tx, review)),
            Err(ReviewError::MayNotDecide) => Err(OWN),
            Err(error) => Err(error.into()),
        }
    }

    /// Takes a first step, and commits.
    async fn take(
        &self,
        mut tx: Transaction<'_, Postgres>,
        who: &Identity,
        operation: OperationId,
        to: Outcome,
        now: Timestamp,
    ) -> Result<(), AccountError> {
        let step = Step {
            operation,
            from: Outcome::Waiting,
            to,
            by: Decider::SignedIn {
                person: who.user,
                device: who.device,
            },
            at: now,
        };
        let taken: Option<Notes> = reviews::decide(&mut tx, who.hotel, step).await?;
        let notes = taken.ok_or(ReviewError::NotWaiting(operation))?;
        self.conclude(tx, who.hotel, None, &notes).await
    }
}

/// The people of a hotel, those who have left among them.
async fn everybody(
    tx: &mut Transaction<'_, Postgres>,
    hotel: HotelId,
) -> Result<Vec<Person>, AccountError> {
    let seen = people::seen(tx, hotel, None).await?.into_iter();
    Ok(seen.map(|seen| seen.person).collect())
}

async fn queue(
    tx: &mut Transaction<'_, Postgres>,
    hotel: HotelId,
    fate: Fate,
    reading: Reading,
    people: &[Person],
) -> Result<Queue, AccountError> {
    let oldest = kept::oldest(tx, hotel, fate).await?.into_iter();
    let first = oldest.map(|review| seen(review, reading, people)).collect();
    let in_all = kept::count(tx, hotel, fate).await?;
    Ok(Queue { first, in_all })
}

fn seen(review: Review, reading: Reading, people: &[Person]) -> SeenReview {
    let Review {
        kept,
        device,
        received_at,
        outcome,
    } = review;
    let action = kept.action;
    let why = match (kept.cause, outcome) {
        (Cause::RoleChanged, Outcome::Approving) => Why::BeingApproved,
        (Cause::RoleChanged, Outcome::Waiting | Outcome::Approved | Outcome::Declined) => {
            let author = people.iter().find(|person| person.id == action.author);
            let present = author.filter(|author| !author.left);
            let to: Option<Role> = present.map(|author| author.role);
            Why::RoleChanged { to }
        }
        (Cause::Dismissed, _) => Why::Dismissed,
        (Cause::Distrusted, _) => Why::Distrusted,
    };
    SeenReview {
        operation: action.operation,
        author: action.author,
        device,
        at: action.at.wall,
        received_at,
        role: kept.role,
        why,
        command: as_read(reading, action),
    }
}
