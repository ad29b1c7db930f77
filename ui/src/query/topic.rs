//! What a part of a story is about, so that people can read one thread of it.

use keyrack_model::ids::DocumentKind;

/// A thread of a story.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Topic {
    Cleanliness,
    OccupancySeen,
    Service,
    OutOfUse,
    Stay,
    Tasks,
    Notes,
    /// A work order and what is said about it.
    WorkOrder,
    Other,
}

impl Topic {
    /// In the order in which they are offered.
    pub const ALL: [Self; 9] = [
        Self::Cleanliness,
        Self::OccupancySeen,
        Self::Service,
        Self::OutOfUse,
        Self::Stay,
        Self::Tasks,
        Self::Notes,
        Self::WorkOrder,
        Self::Other,
    ];

    pub fn word(self) -> &'static str {
        match self {
            Self::Cleanliness => "cleanliness",
            Self::OccupancySeen => "occupancy-seen",
            Self::Service => "service",
            Self::OutOfUse => "out-of-use",
            Self::Stay => "stay",
            Self::Tasks => "tasks",
            Self::Notes => "notes",
            Self::WorkOrder => "work-order",
            Self::Other => "other",
        }
    }
}

/// What a field is about; None for one that never makes a thread of its own.
pub fn topic_of(kind: DocumentKind, key: &str) -> Option<Topic> {
    Some(match (kind, key) {
        (_, "note") => Topic::Notes,
        (DocumentKind::Room, "cleanliness") => Topic::Cleanliness,
        (DocumentKind::Room, "hk_occupancy") => Topic::OccupancySeen,
        (DocumentKind::Room, "service_status") => Topic::Service,
        (DocumentKind::Room, "nights") => return None,
        (DocumentKind::Room | DocumentKind::RoomLink, _) => Topic::Other,
        (DocumentKind::RoomBlock, _) => Topic::OutOfUse,
        (DocumentKind::Stay, _) => Topic::Stay,
        (DocumentKind::Task, _) => Topic::Tasks,
        (DocumentKind::WorkOrder | DocumentKind::Comment, _) => Topic::WorkOrder,
        (DocumentKind::Hotel | DocumentKind::RuleSheet, _) => Topic::Other,
    })
}

/// The threads that a story has, in the order in which they are offered.
pub fn threads<'a>(topics: impl Iterator<Item = &'a Topic> + Clone) -> Vec<Topic> {
    let all = Topic::ALL.into_iter();
    all.filter(|topic| topics.clone().any(|other| other == topic))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_are_offered_once_and_in_one_order() {
        let told = [Topic::Tasks, Topic::Cleanliness, Topic::Tasks];
        assert_eq!(threads(told.iter()), [Topic::Cleanliness, Topic::Tasks]);
    }

    #[test]
    fn a_note_is_a_note_whatever_it_stands_on() {
        use DocumentKind::{Room, Stay, Task};
        for kind in [Room, Stay, Task] {
            assert_eq!(topic_of(kind, "note"), Some(Topic::Notes));
        }
        assert_eq!(topic_of(Task, "status"), Some(Topic::Tasks));
        assert_eq!(topic_of(Room, "nights"), None);
    }
}
