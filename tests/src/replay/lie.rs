//! Rules that do otherwise than they should, so that each check is seen to find it.

use keyrack_model::{
    change::Entity,
    cleanliness::Cleanliness,
    ids::DocumentRef,
    task::{TaskKind, TaskRule, TaskStatus},
};
use uuid::Uuid;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Lie {
    LosesDepartures,
    ForgetsStayovers,
    KeepsWhatIsOver,
    DoublesTasks,
    CancelsWhatIsBegun,
    OverlooksDirt,
}

impl Lie {
    /// What is written of a document instead of what it should be.
    pub(super) fn bent(
        self,
        document: DocumentRef,
        before: Option<&Entity>,
        after: Entity,
    ) -> Vec<(DocumentRef, Entity)> {
        match (self, before, after) {
            (Self::LosesDepartures, _, Entity::Task(mut task))
                if task.kind == TaskKind::Departure && task.status.is_open() =>
            {
                task.status = TaskStatus::Cancelled;
                task.rule = TaskRule::Person;
                vec![(document, task.into())]
            }
            (Self::ForgetsStayovers, None, Entity::Task(task))
                if task.kind == TaskKind::Stayover =>
            {
                vec![]
            }
            (Self::KeepsWhatIsOver, Some(_), Entity::Task(task))
                if task.status == TaskStatus::Cancelled =>
            {
                vec![]
            }
            (Self::DoublesTasks, None, Entity::Task(task)) => {
                let mut twin = document;
                twin.id.0 = Uuid::from_u128(document.id.0.as_u128() ^ 1);
                vec![(twin, task.clone().into()), (document, task.into())]
            }
            (Self::CancelsWhatIsBegun, _, Entity::Task(mut task))
                if task.status == TaskStatus::Paused =>
            {
                task.status = TaskStatus::Cancelled;
                vec![(document, task.into())]
            }
            (Self::OverlooksDirt, Some(_), Entity::Room(mut room))
                if room.cleanliness.value == Cleanliness::Dirty =>
            {
                room.cleanliness.value = Cleanliness::Clean;
                vec![(document, room.into())]
            }
            (
                Self::LosesDepartures
                | Self::ForgetsStayovers
                | Self::KeepsWhatIsOver
                | Self::DoublesTasks
                | Self::CancelsWhatIsBegun
                | Self::OverlooksDirt,
                _,
                after,
            ) => vec![(document, after)],
        }
    }
}
