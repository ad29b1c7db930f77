//! What a person has typed and not saved.
//!
//! **Architecture Invariant**: a draft stays, whatever is closed or opened over it, until it is
//! saved, its author lets go of it, or somebody else signs in.

use crate::query::draft::Draft;
use keyrack_model::{
    ids::{RoomId, StayId, UserId, WorkOrderId},
    work_order::{Priority, WorkOrder},
};
use leptos::prelude::*;
use std::collections::BTreeSet;

/// One of the texts of a work order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OrderText {
    Title,
    Description,
}

impl OrderText {
    pub fn of(self, order: &WorkOrder) -> &str {
        match self {
            Self::Title => &order.title,
            Self::Description => &order.description,
        }
    }
}

/// The name of a guest, and the version that was seen when the typing began.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GuestDraft {
    pub name: String,
    pub expected: u64,
}

/// What the form of a new work order holds, as its fields have it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewOrder {
    pub title: String,
    pub number: String,
    pub priority: String,
    pub assignee: String,
    pub description: String,
}

impl NewOrder {
    /// The form as it is before anything is typed.
    pub fn blank(number: String) -> Self {
        Self {
            title: String::new(),
            number,
            priority: Priority::default().word().to_owned(),
            assignee: String::new(),
            description: String::new(),
        }
    }
}

/// Drafts of one kind: so few that looking at each is quick, and less to download than a map.
type Few<K, V> = Vec<(K, V)>;

/// All drafts, each by what it is about. Copies are handles to the same.
#[derive(Clone, Copy)]
pub struct Drafts {
    texts: RwSignal<Few<(WorkOrderId, OrderText), Draft>>,
    comments: RwSignal<Few<WorkOrderId, String>>,
    guests: RwSignal<Few<StayId, GuestDraft>>,
    /// By the room that the form was opened for.
    new_orders: RwSignal<Few<Option<RoomId>, NewOrder>>,
    author: StoredValue<Option<UserId>>,
}

impl Drafts {
    pub fn none() -> Self {
        Self {
            texts: RwSignal::default(),
            comments: RwSignal::default(),
            guests: RwSignal::default(),
            new_orders: RwSignal::default(),
            author: StoredValue::default(),
        }
    }

    /// Nobody sees what another person has typed.
    pub fn belong_to(self, person: UserId) {
        if self.author.get_value() != Some(person) {
            self.author.set_value(Some(person));
            self.texts.update(Vec::clear);
            self.comments.update(Vec::clear);
            self.guests.update(Vec::clear);
            self.new_orders.update(Vec::clear);
        }
    }

    pub fn text(
        self,
        order: WorkOrderId,
        text: OrderText,
    ) -> Slot<(WorkOrderId, OrderText), Draft> {
        Slot::new(self.texts, (order, text))
    }

    pub fn comment(self, order: WorkOrderId) -> Slot<WorkOrderId, String> {
        Slot::new(self.comments, order)
    }

    pub fn guest(self, stay: StayId) -> Slot<StayId, GuestDraft> {
        Slot::new(self.guests, stay)
    }

    pub fn new_order(self, room: Option<RoomId>) -> Slot<Option<RoomId>, NewOrder> {
        Slot::new(self.new_orders, room)
    }

    /// Whether something typed about a work order is not saved; whoever asks is told of changes.
    pub fn has_order(self, id: WorkOrderId) -> bool {
        let texts = [OrderText::Title, OrderText::Description];
        self.comment(id).has() || texts.iter().any(|text| self.text(id, *text).has())
    }

    pub fn has_guest(self, stay: StayId) -> bool {
        self.guest(stay).has()
    }

    /// How many things have something typed about them that is not saved.
    pub fn count(self) -> usize {
        let mut orders = BTreeSet::new();
        orders.extend(self.texts.read().iter().map(|((order, _), _)| *order));
        orders.extend(self.comments.read().iter().map(|(order, _)| *order));
        orders.len() + self.guests.read().len() + self.new_orders.read().len()
    }
}

/// The place of one draft.
pub struct Slot<K: 'static, V: 'static> {
    drafts: RwSignal<Few<K, V>>,
    key: K,
}

impl<K: Copy, V> Clone for Slot<K, V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K: Copy, V> Copy for Slot<K, V> {}

impl<K, V> Slot<K, V>
where
    K: PartialEq + Copy + Send + Sync,
    V: Clone + Send + Sync,
{
    fn new(drafts: RwSignal<Few<K, V>>, key: K) -> Self {
        Self { drafts, key }
    }

    pub fn has(self) -> bool {
        self.drafts.read().iter().any(|(key, _)| *key == self.key)
    }

    pub fn has_untracked(self) -> bool {
        untrack(|| self.has())
    }

    pub fn get(self) -> Option<V> {
        let drafts = self.drafts.read();
        let mine = drafts.iter().find(|(key, _)| *key == self.key);
        mine.map(|(_, draft)| draft.clone())
    }

    pub fn get_untracked(self) -> Option<V> {
        untrack(|| self.get())
    }

    pub fn set(self, draft: Option<V>) {
        let nothing = draft.is_none() && !self.has_untracked();
        if nothing {
            return;
        }
        self.drafts.update(|drafts| {
            drafts.retain(|(key, _)| *key != self.key);
            drafts.extend(draft.map(|draft| (self.key, draft)));
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const MARIA: UserId = UserId(Uuid::from_u128(1));
    const RUI: UserId = UserId(Uuid::from_u128(2));
    const LAMP: WorkOrderId = WorkOrderId(Uuid::from_u128(3));
    const DOOR: WorkOrderId = WorkOrderId(Uuid::from_u128(4));

    fn drafts() -> (Owner, Drafts) {
        let owner = Owner::new();
        owner.set();
        let drafts = Drafts::none();
        drafts.belong_to(MARIA);
        (owner, drafts)
    }

    #[test]
    fn a_draft_is_found_again_by_what_it_is_about() {
        let (_owner, drafts) = drafts();
        drafts.comment(LAMP).set(Some("Still dark".into()));
        assert!(drafts.has_order(LAMP) && !drafts.has_order(DOOR));
        assert_eq!(drafts.comment(LAMP).get().as_deref(), Some("Still dark"));
        drafts.comment(LAMP).set(None);
        assert!(!drafts.has_order(LAMP));
    }

    #[test]
    fn signing_in_again_finds_what_was_typed_and_a_colleague_does_not() {
        let (_owner, drafts) = drafts();
        let typed = NewOrder {
            title: "Tap drips".into(),
            ..NewOrder::blank("204".into())
        };
        drafts.new_order(None).set(Some(typed.clone()));
        drafts.belong_to(MARIA);
        assert_eq!(drafts.new_order(None).get(), Some(typed));
        drafts.belong_to(RUI);
        assert_eq!(drafts.count(), 0);
    }

    #[test]
    fn several_texts_about_one_thing_count_once() {
        let (_owner, drafts) = drafts();
        let draft = || Some(Draft::typing(None, String::new(), "x".into()));
        drafts.text(LAMP, OrderText::Title).set(draft());
        drafts.text(LAMP, OrderText::Description).set(draft());
        drafts.comment(LAMP).set(Some("y".into()));
        drafts.comment(DOOR).set(Some("y".into()));
        assert_eq!(drafts.count(), 2);
    }
}
