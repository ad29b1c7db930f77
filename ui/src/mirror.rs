//! The mirror: what the replica's rows are, for views to read; written by `apply` alone.

use crate::query::{few::in_order_by, room_card::RoomCard};
use cabinet::{Cabinet, RoomFile};
use keyrack_model::{
    ids::{DocumentRef, RoomId, StayId, WorkOrderId},
    rows::{GuestRow, Row},
    stay::Stay,
    time::BusinessDate,
};
use leptos::prelude::*;
use std::{collections::BTreeMap, sync::Arc};

pub mod cabinet;

/// Rows with a mark for each room and each work order: a view that reads one is told of that one.
#[derive(Clone, Copy)]
pub struct Mirror {
    cabinet: StoredValue<Cabinet>,
    marks: StoredValue<BTreeMap<DocumentRef, ArcTrigger>>,
    room_list: Trigger,
    order_list: Trigger,
    /// Anything at all.
    whole: Trigger,
    business_date: RwSignal<BusinessDate>,
    hotel_name: RwSignal<String>,
    guests: RwSignal<BTreeMap<StayId, GuestRow>>,
    cards: RwSignal<BTreeMap<RoomId, ArcMemo<Option<Arc<RoomCard>>>>>,
}

impl Mirror {
    pub fn empty() -> Self {
        Self {
            cabinet: StoredValue::default(),
            marks: StoredValue::default(),
            room_list: Trigger::new(),
            order_list: Trigger::new(),
            whole: Trigger::new(),
            business_date: RwSignal::default(),
            hotel_name: RwSignal::default(),
            guests: RwSignal::default(),
            cards: RwSignal::default(),
        }
    }

    pub fn apply(self, replace: bool, rows: Vec<Row>) {
        let touched = self
            .cabinet
            .try_update_value(|cabinet| cabinet.apply(replace, rows))
            .unwrap_or_default();
        if touched.hotel {
            let hotel = self.cabinet.with_value(|cabinet| cabinet.hotel().cloned());
            let hotel = hotel.unwrap_or_default();
            self.business_date.set(hotel.business_date);
            self.hotel_name.set(hotel.name);
        }
        if touched.room_list {
            self.deal_cards();
        }
        for room in &touched.rooms {
            self.notify((*room).into());
        }
        for order in &touched.work_orders {
            self.notify((*order).into());
        }
        if touched.room_list {
            self.room_list.notify();
        }
        if touched.work_order_list {
            self.order_list.notify();
        }
        if touched.is_anything() {
            self.whole.notify();
        }
    }

    /// Takes in who guests are; with `replace` they are all that are known.
    pub fn apply_guests(self, replace: bool, told: Vec<GuestRow>) {
        self.guests.update(|guests| {
            if replace {
                guests.clear();
            }
            guests.extend(told.into_iter().map(|row| (row.stay, row)));
        });
    }

    /// Who the guest of a stay is, and is told of changes; None when nobody ever said.
    pub fn guest(self, stay: StayId) -> Option<GuestRow> {
        self.guests.read().get(&stay).cloned()
    }

    pub fn business_date(self) -> BusinessDate {
        self.business_date.get()
    }

    /// What the hotel is called by its document; empty before that is here.
    pub fn hotel_name(self) -> String {
        self.hotel_name.get()
    }

    /// Reads the whole cabinet without being told of changes.
    pub fn glance<T>(self, read: impl FnOnce(&Cabinet) -> T) -> T {
        read(&self.cabinet.read_value())
    }

    /// Reads the whole cabinet, and is told when anything in it changes.
    pub fn with_all<T>(self, read: impl FnOnce(&Cabinet) -> T) -> T {
        self.whole.track();
        self.glance(read)
    }

    /// A stay as it is kept, and is told of changes.
    pub fn stay(self, id: StayId) -> Option<Stay> {
        self.with_all(|cabinet| cabinet.stay(id).cloned())
    }

    /// Reads the file of one room, and is told when it changes.
    pub fn with_room<T>(self, room: RoomId, read: impl FnOnce(&RoomFile) -> T) -> Option<T> {
        self.mark(room.into()).track();
        self.cabinet.read_value().file_of(room).map(read)
    }

    /// Reads every room's file, and is told when any changes.
    pub fn with_files<T>(self, read: impl FnOnce(&mut dyn Iterator<Item = &RoomFile>) -> T) -> T {
        self.room_list.track();
        let ids: Vec<_> = self.glance(|cabinet| cabinet.rooms().map(|(id, _)| id).collect());
        for id in &ids {
            self.mark((*id).into()).track();
        }
        let cabinet = self.cabinet.read_value();
        read(&mut ids.iter().filter_map(|id| cabinet.file_of(*id)))
    }

    /// Reads the cabinet for one work order and its comments, and is told when they change.
    pub fn with_order<T>(self, order: WorkOrderId, read: impl FnOnce(&Cabinet) -> T) -> T {
        self.mark(order.into()).track();
        self.glance(read)
    }

    /// Reads every work order, and is told when any comes, goes or changes.
    pub fn with_orders<T>(self, read: impl FnOnce(&Cabinet) -> T) -> T {
        self.track_orders();
        self.glance(read)
    }

    fn track_orders(self) {
        self.order_list.track();
        let ids: Vec<_> = self.glance(|cabinet| cabinet.work_orders().map(|(id, _)| id).collect());
        for id in ids {
            self.mark(id.into()).track();
        }
    }

    /// Every room's card, in the order of the doors.
    pub fn cards(self) -> Vec<Arc<RoomCard>> {
        self.room_list.track();
        let memos: Vec<_> = self.cards.read().values().cloned().collect();
        let cards = memos.iter().filter_map(|memo| memo.get());
        in_order_by(cards, |a, b| a.door().cmp(&b.door()))
    }

    pub fn card(self, room: RoomId) -> Option<Arc<RoomCard>> {
        let memo = self.cards.read().get(&room).cloned()?;
        memo.get()
    }

    /// Gives every room that has none its card, and lets go of those of rooms that are gone.
    fn deal_cards(self) {
        let rooms: Vec<_> = self.glance(|cabinet| cabinet.rooms().map(|(id, _)| id).collect());
        self.cards.update(|cards| {
            let before = std::mem::take(cards);
            for id in rooms {
                let card = before.get(&id).cloned();
                cards.insert(id, card.unwrap_or_else(|| self.card_memo(id)));
            }
        });
    }

    fn card_memo(self, room: RoomId) -> ArcMemo<Option<Arc<RoomCard>>> {
        ArcMemo::new(move |_| {
            let date = self.business_date();
            self.with_room(room, |file| RoomCard::of(file, date))
                .flatten()
                .map(Arc::new)
        })
    }

    fn mark(self, document: DocumentRef) -> ArcTrigger {
        self.marks
            .try_update_value(|marks| {
                marks
                    .entry(document)
                    .or_insert_with(ArcTrigger::new)
                    .clone()
            })
            .unwrap_or_else(ArcTrigger::new)
    }

    fn notify(self, document: DocumentRef) {
        let mark = self.marks.read_value().get(&document).cloned();
        if let Some(mark) = mark {
            mark.notify();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use keyrack_model::{
        change::Entity,
        ids::{CommentId, TaskId},
        room::Room,
        task::Task,
        time::Timestamp,
        work_order::{Comment, WorkOrder},
    };
    use uuid::Uuid;

    const ROOM: RoomId = RoomId(Uuid::from_u128(1));
    const GONE: RoomId = RoomId(Uuid::from_u128(2));
    const ORDER: WorkOrderId = WorkOrderId(Uuid::from_u128(3));
    const OTHER: WorkOrderId = WorkOrderId(Uuid::from_u128(4));

    fn row(document: impl Into<DocumentRef>, entity: impl Into<Entity>) -> Row {
        Row {
            document: document.into(),
            entity: entity.into(),
            conflicts: vec![],
            changed_at: Timestamp(0),
        }
    }

    fn order_in(room: RoomId) -> WorkOrder {
        WorkOrder {
            room: Some(room),
            ..WorkOrder::default()
        }
    }

    fn comment_on(order: WorkOrderId) -> Comment {
        Comment {
            subject: Some(order),
            ..Comment::default()
        }
    }

    /// What the views show: rooms, stays, tasks and work orders of the room that stays, whether
    /// each work order is there, comments on the one that stays, all work orders.
    fn shown(mirror: Mirror) -> Memo<[usize; 8]> {
        Memo::new(move |_| {
            let of_room = mirror.with_room(ROOM, |file| {
                [
                    file.stays().count(),
                    file.tasks().count(),
                    file.work_orders().count(),
                ]
            });
            let [stays, tasks, orders] = of_room.unwrap_or_default();
            let has = |id| mirror.with_order(id, |all| usize::from(all.work_order(id).is_some()));
            [
                mirror.cards().len(),
                stays,
                tasks,
                orders,
                has(ORDER),
                has(OTHER),
                mirror.with_order(ORDER, |all| all.comments(ORDER).len()),
                mirror.with_orders(|all| all.work_orders().count()),
            ]
        })
    }

    #[test]
    fn what_all_rows_leave_out_is_gone_from_every_view() {
        let owner = Owner::new();
        owner.set();
        let mirror = Mirror::empty();
        let shown = shown(mirror);
        let kept = || {
            vec![
                row(ROOM, Room::default()),
                row(ORDER, order_in(ROOM)),
                row(CommentId(Uuid::from_u128(5)), comment_on(ORDER)),
            ]
        };
        let stay = Stay {
            room: Some(ROOM),
            ..Stay::default()
        };
        let task = Task {
            room: Some(ROOM),
            ..Task::default()
        };
        let withdrawn = [
            row(GONE, Room::default()),
            row(OTHER, order_in(ROOM)),
            row(CommentId(Uuid::from_u128(6)), comment_on(ORDER)),
            row(CommentId(Uuid::from_u128(7)), comment_on(OTHER)),
            row(StayId(Uuid::from_u128(8)), stay),
            row(TaskId(Uuid::from_u128(9)), task),
        ];
        mirror.apply(true, kept().into_iter().chain(withdrawn).collect());
        assert_eq!(shown.get_untracked(), [2, 1, 1, 2, 1, 1, 2, 2]);
        mirror.apply(true, kept());
        assert_eq!(shown.get_untracked(), [1, 0, 0, 1, 1, 0, 1, 1]);
        assert!(mirror.card(GONE).is_none());
    }
}
