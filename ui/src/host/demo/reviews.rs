//! What waits for a decision in the demo, and deciding it.

use super::house::House;
use keyrack_model::{
    cleanliness::Cleanliness,
    command::Command,
    ids::{DeviceId, DocumentKind, OperationId, RoomId, UserId},
    policy::Role,
    review::{SeenReview, Why},
    room::ServiceStatus,
    time::Timestamp,
};
use uuid::Uuid;

const MINUTE: i64 = 60_000;

impl House {
    /// A supervisor works in housekeeping since an hour ago, and somebody has left: what both did
    /// without a network has come in.
    pub fn have_reviews(&mut self, now: Timestamp) {
        let mut rooms = self.entities.keys();
        let mut room = || {
            let room = rooms.find(|document| document.kind == DocumentKind::Room);
            RoomId(room.map(|document| document.id.0).unwrap_or_default())
        };
        let commands = [
            Command::SetCleanliness {
                rooms: vec![room(), room()],
                value: Cleanliness::Inspected,
            },
            Command::SetServiceStatus {
                room: room(),
                value: ServiceStatus::MakeUpRoom,
            },
            Command::SetCleanliness {
                rooms: vec![room()],
                value: Cleanliness::Dirty,
            },
        ];
        let changed = |to| Why::RoleChanged { to: Some(to) };
        let kept = [
            ("joao", Role::Supervisor, changed(Role::Housekeeper), 95),
            ("ana", Role::Housekeeper, changed(Role::Manager), 70),
            ("maria", Role::Housekeeper, Why::Distrusted, 300),
        ];
        let kept = kept.into_iter().zip(commands);
        for ((author, role, why, minutes), command) in kept {
            let review = SeenReview {
                operation: OperationId(self.next_id()),
                command,
                author: self.person_named(author),
                device: DeviceId(Uuid::from_u128(2)),
                at: Timestamp(now.0 - minutes * MINUTE),
                received_at: Timestamp(now.0 - 20 * MINUTE),
                role: Some(role),
                why,
            };
            let queue = match why {
                Why::RoleChanged { .. } | Why::BeingApproved => &mut self.office.reviews.waiting,
                Why::Dismissed | Why::Distrusted => &mut self.office.reviews.set_aside,
            };
            queue.first.push(review);
            queue.in_all += 1;
        }
    }

    /// Takes away what was decided on; None when it does not wait, or its own author asks.
    pub fn take_review(&mut self, operation: OperationId) -> Option<SeenReview> {
        let me = self.me;
        let queue = &mut self.office.reviews.waiting;
        let is_it = |review: &SeenReview| review.operation == operation && review.author != me;
        let place = queue.first.iter().position(is_it)?;
        queue.in_all -= 1;
        Some(queue.first.remove(place))
    }

    fn person_named(&self, name: &str) -> UserId {
        let mut people = self.people.iter();
        let found = people.find(|person| person.name == name);
        found.map_or(self.me, |person| person.id)
    }
}
