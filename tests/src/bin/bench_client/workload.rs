//! Workload W in Keyrack's words: what a work order says at first, and one-field edits of it.
//!
//! W's task has eight scalars, a text and six checklist items. A work order has seven scalars and
//! a text; its comments are documents of their own. The names of the checklist items stand at the
//! end of the description, so that the documents are no smaller, and what W does to a checklist
//! item is done to the title: one scalar of the same document.

use keyrack_model::{
    command::{Command, WorkOrderDraft, WorkOrderEdit},
    ids::{RoomId, UserId, WorkOrderId},
    work_order::{Priority, WorkOrder, WorkOrderStatus},
};

const WORDS: &str = "room guest towels minibar leak shower tv remote needs late checkout deep \
                     clean carpet window lamp replaced ask reception extra pillow noise a/c \
                     filter done before noon vip again please";
const CHECKLIST: &str = "bathroom linen minibar dust floor amenities";
/// Any of them may follow any other, in anybody's hands.
const STATUSES: [WorkOrderStatus; 5] = [
    WorkOrderStatus::Open,
    WorkOrderStatus::Acknowledged,
    WorkOrderStatus::InProgress,
    WorkOrderStatus::OnHold,
    WorkOrderStatus::Done,
];
/// Characters after which a description is written anew instead of made longer.
const LONG: usize = 3_900;

/// What a work order can name.
pub struct House {
    pub rooms: Vec<RoomId>,
    pub people: Vec<UserId>,
}

impl House {
    fn room(&self, random: &mut fastrand::Rng) -> Option<RoomId> {
        random.choice(&self.rooms).copied()
    }

    fn person(&self, random: &mut fastrand::Rng, other_than: Option<UserId>) -> Option<UserId> {
        let mut people = self.people.clone();
        people.retain(|person| Some(*person) != other_than);
        random.choice(people)
    }
}

/// A new work order, with all that a person can say of one.
pub fn creation(work_order: WorkOrderId, house: &House, random: &mut fastrand::Rng) -> Command {
    let draft = WorkOrderDraft {
        title: words(random, 4),
        description: format!("{} {CHECKLIST}", words(random, 12)),
        room: house.room(random),
        priority: Priority::ALL[random.usize(..Priority::ALL.len())],
        assignee: house.person(random, None),
    };
    Command::CreateWorkOrder { work_order, draft }
}

/// A one-field edit that changes something: 30 % status, 10 % priority, 10 % assignee, 30 % the
/// title in place of a checklist item, 20 % three more words of description.
pub fn edit(
    work_order: WorkOrderId,
    now: &WorkOrder,
    house: &House,
    random: &mut fastrand::Rng,
) -> Command {
    let mut edit = WorkOrderEdit::default();
    match random.usize(..10) {
        0..=2 => edit.status = Some(another(&STATUSES, now.status, random)),
        3 => edit.priority = Some(another(Priority::ALL, now.priority, random)),
        4 => edit.assignee = Some(house.person(random, now.assignee)),
        5..=7 => edit.title = Some(format!("{} {}", words(random, 1), random.u32(..))),
        _ => edit.description = Some(longer(&now.description, random)),
    }
    Command::EditWorkOrder { work_order, edit }
}

fn longer(description: &str, random: &mut fastrand::Rng) -> String {
    if description.len() > LONG {
        return words(random, 12);
    }
    format!("{description} {}", words(random, 3))
}

fn another<T: Copy + PartialEq>(all: &[T], now: T, random: &mut fastrand::Rng) -> T {
    let others: Vec<T> = all.iter().copied().filter(|it| *it != now).collect();
    random.choice(others).unwrap_or(now)
}

fn words(random: &mut fastrand::Rng, count: usize) -> String {
    let all: Vec<&str> = WORDS.split(' ').collect();
    let chosen: Vec<&str> = (0..count).map(|_| all[random.usize(..all.len())]).collect();
    chosen.join(" ")
}
