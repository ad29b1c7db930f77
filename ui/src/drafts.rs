//! What a person has typed and not saved.
//!
//! **Architecture Invariant**: a draft stays, whatever is closed or opened over it, until it is
//! saved, its author lets go of it, or somebody else signs in.

use crate::query::draft::Draft;
use keyrack_model::{
    ids::{DocumentRef, RoomId, StayId, UserId, WorkOrderId},
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

/// What the form of a new stay holds, as its fields have it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct NewStay {
    pub guest: String,
    pub booking: String,
    pub arrival: String,
    pub departure: String,
    pub room_type: String,
    pub room: String,
    pub adults: String,
    pub children: String,
    pub country: String,
    pub meal: String,
    pub rate: String,
    pub vip: bool,
    pub note: String,
}

/// A block of a room that is being written down, as its fields have it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewBlock {
    pub kind: String,
    pub reason: String,
    pub from: String,
    pub until: String,
    pub return_status: String,
}

/// A task for a room that is being written down, as its fields have it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewTask {
    pub kind: String,
    pub title: String,
    pub assignee: String,
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
    /// Of rooms, stays and tasks.
    notes: RwSignal<Few<DocumentRef, Draft>>,
    new_stays: RwSignal<Few<(), NewStay>>,
    new_blocks: RwSignal<Few<RoomId, NewBlock>>,
    new_tasks: RwSignal<Few<RoomId, NewTask>>,
    author: StoredValue<Option<UserId>>,
}

impl Drafts {
    pub fn none() -> Self {
        Self {
            texts: RwSignal::default(),
            comments: RwSignal::default(),
            guests: RwSignal::default(),
            new_orders: RwSignal::default(),
            notes: RwSignal::default(),
            new_stays: RwSignal::default(),
            new_blocks: RwSignal::default(),
            new_tasks: RwSignal::default(),
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
            self.notes.update(Vec::clear);
            self.new_stays.update(Vec::clear);
            self.new_blocks.update(Vec::clear);
            self.new_tasks.update(Vec::clear);
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

    pub fn note(self, document: DocumentRef) -> Slot<DocumentRef, Draft> {
        Slot::new(self.notes, document)
    }

    pub fn new_stay(self) -> Slot<(), NewStay> {
        Slot::new(self.new_stays, ())
    }

    /// There while its form is open.
    pub fn new_block(self, room: RoomId) -> Slot<RoomId, NewBlock> {
        Slot::new(self.new_blocks, room)
    }

    /// There while its form is open.
    pub fn new_task(self, room: RoomId) -> Slot<RoomId, NewTask> {
        Slot::new(self.new_tasks, room)
    }

    /// Rooms for which something is typed in a form: choosing alone is soon done again.
    fn begun_for(self) -> Vec<RoomId> {
        let (blocks, tasks) = (self.new_blocks.read(), self.new_tasks.read());
        let blocks = blocks.iter().filter(|(_, block)| !block.reason.is_empty());
        let tasks = tasks.iter().filter(|(_, task)| !task.title.is_empty());
        blocks
            .map(|(room, _)| *room)
            .chain(tasks.map(|(room, _)| *room))
            .collect()
    }

    /// Whether something typed about a work order is not saved; whoever asks is told of changes.
    pub fn has_order(self, id: WorkOrderId) -> bool {
        let texts = [OrderText::Title, OrderText::Description];
        self.comment(id).has() || texts.iter().any(|text| self.text(id, *text).has())
    }

    pub fn has_stay(self, stay: StayId) -> bool {
        self.guest(stay).has() || self.note(stay.into()).has()
    }

    /// Whether something typed about one of some rooms, stays and tasks is not saved.
    pub fn has_about(self, is_one: &dyn Fn(DocumentRef) -> bool) -> bool {
        let guests = self.guests.read();
        let notes = self.notes.read();
        guests.iter().any(|(stay, _)| is_one((*stay).into()))
            || notes.iter().any(|(document, _)| is_one(*document))
            || self.begun_for().iter().any(|room| is_one((*room).into()))
    }

    /// How many things have something typed about them that is not saved.
    pub fn count(self) -> usize {
        let mut orders = BTreeSet::new();
        orders.extend(self.texts.read().iter().map(|((order, _), _)| *order));
        orders.extend(self.comments.read().iter().map(|(order, _)| *order));
        let begun = self.new_orders.read().len() + self.new_stays.read().len();
        let begun = begun + self.begun_for().len();
        orders.len() + begun + self.guests.read().len() + self.notes.read().len()
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
    fn a_note_belongs_to_the_room_in_which_it_was_begun() {
        let (_owner, drafts) = drafts();
        let stay = StayId(Uuid::from_u128(5));
        let draft = Draft::typing(None, String::new(), "Late".into());
        drafts.note(stay.into()).set(Some(draft));
        assert!(drafts.has_stay(stay) && drafts.has_about(&|it| it == stay.into()));
        assert!(!drafts.has_about(&|it| it == LAMP.into()));
        assert_eq!(drafts.count(), 1);
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
