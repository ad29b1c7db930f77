//! Rows filed where they are looked for: everything about a room under its room.

use crate::query::few::in_order;
use keyrack_model::{
    change::Entity,
    hotel::Hotel,
    ids::{CommentId, DocumentKind, DocumentRef, RoomId, StayId, TaskId, WorkOrderId},
    room::Room,
    room_block::RoomBlock,
    rows::Row,
    stay::Stay,
    task::Task,
    work_order::{Comment, WorkOrder},
};
use std::collections::{BTreeMap, BTreeSet};

/// A room with its stays, tasks and work orders.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RoomFile {
    rows: BTreeMap<DocumentRef, Row>,
}

impl RoomFile {
    pub fn room(&self) -> Option<(RoomId, &Room)> {
        self.rows.values().find_map(Row::as_room)
    }

    pub fn room_row(&self) -> Option<&Row> {
        self.rows.values().find(|row| row.as_room().is_some())
    }

    pub fn stays(&self) -> impl Iterator<Item = (StayId, &Stay)> + Clone {
        self.rows.values().filter_map(Row::as_stay)
    }

    pub fn tasks(&self) -> impl Iterator<Item = (TaskId, &Task)> + Clone {
        self.rows.values().filter_map(Row::as_task)
    }

    pub fn work_orders(&self) -> impl Iterator<Item = (WorkOrderId, &WorkOrder)> + Clone {
        self.rows.values().filter_map(Row::as_work_order)
    }

    pub fn blocks(&self) -> impl Iterator<Item = &RoomBlock> {
        let blocks = self.rows.values().filter_map(Row::as_room_block);
        blocks.map(|(_, block)| block)
    }

    pub fn rows(&self) -> impl Iterator<Item = &Row> {
        self.rows.values()
    }
}

/// What an application of rows touched.
#[derive(PartialEq, Eq, Debug, Default)]
pub struct Touched {
    pub hotel: bool,
    pub rooms: BTreeSet<RoomId>,
    pub work_orders: BTreeSet<WorkOrderId>,
    /// Rooms came or went.
    pub room_list: bool,
    /// Work orders came or went.
    pub work_order_list: bool,
}

#[derive(Debug, Default)]
pub struct Cabinet {
    hotel: Option<Hotel>,
    rooms: BTreeMap<RoomId, RoomFile>,
    work_orders: BTreeMap<DocumentRef, Row>,
    comments: BTreeMap<DocumentRef, Row>,
    /// Comments by the work order that they are about.
    threads: BTreeMap<DocumentRef, BTreeSet<DocumentRef>>,
    /// The room under which a document is filed at present; None when it is in no room.
    homes: BTreeMap<DocumentRef, Option<RoomId>>,
}

impl Cabinet {
    /// Files rows; with `replace` they are all there is.
    pub fn apply(&mut self, replace: bool, rows: Vec<Row>) -> Touched {
        let mut touched = Touched::default();
        if replace {
            touched = self.everything();
            *self = Self::default();
        }
        for row in rows {
            self.file(row, &mut touched);
        }
        touched
    }

    pub fn hotel(&self) -> Option<&Hotel> {
        self.hotel.as_ref()
    }

    /// Rooms whose own row is here; others may have arrived before it.
    pub fn rooms(&self) -> impl Iterator<Item = (RoomId, &Room)> {
        self.rooms.values().filter_map(RoomFile::room)
    }

    pub fn file_of(&self, room: RoomId) -> Option<&RoomFile> {
        self.rooms.get(&room)
    }

    pub fn room_number(&self, room: RoomId) -> Option<&str> {
        Some(&self.file_of(room)?.room()?.1.number)
    }

    /// The room under which a stay or task is filed.
    pub fn home_of(&self, document: DocumentRef) -> Option<&RoomFile> {
        self.file_of((*self.homes.get(&document)?)?)
    }

    pub fn work_orders(&self) -> impl Iterator<Item = (WorkOrderId, &WorkOrder)> {
        self.work_orders.values().filter_map(Row::as_work_order)
    }

    pub fn work_order(&self, id: WorkOrderId) -> Option<&WorkOrder> {
        self.work_order_row(id)?.as_work_order().map(|(_, it)| it)
    }

    pub fn work_order_row(&self, id: WorkOrderId) -> Option<&Row> {
        self.work_orders.get(&id.into())
    }

    /// Comments on a work order, oldest first, without those taken back.
    pub fn comments(&self, id: WorkOrderId) -> Vec<(CommentId, &Comment)> {
        let thread = self.threads.get(&id.into()).into_iter().flatten();
        let comments = thread
            .filter_map(|comment| self.comments.get(comment)?.as_comment())
            .filter(|(_, comment)| !comment.withdrawn);
        in_order(comments, |(id, comment)| (comment.written_at, *id))
    }

    fn everything(&self) -> Touched {
        let mut touched = Touched {
            hotel: true,
            room_list: true,
            work_order_list: true,
            ..Touched::default()
        };
        let orders = self.work_orders.keys();
        touched.rooms.extend(self.rooms.keys());
        touched
            .work_orders
            .extend(orders.map(|order| WorkOrderId(order.id.0)));
        touched
    }

    fn file(&mut self, row: Row, touched: &mut Touched) {
        match &row.entity {
            Entity::Hotel(hotel) => {
                self.hotel = Some(hotel.clone());
                touched.hotel = true;
            }
            Entity::Room(_) => {
                let id = RoomId(row.id().0);
                let known = self.file_of(id).is_some_and(|file| file.room().is_some());
                touched.room_list |= !known;
                self.put(Some(id), row, touched);
            }
            Entity::Stay(stay) => self.put(stay.room, row, touched),
            Entity::Task(task) => self.put(task.room, row, touched),
            Entity::RoomBlock(block) => self.put(block.room, row, touched),
            Entity::RoomLink(link) => {
                let second = link.second;
                self.put(link.first, row, touched);
                touched.rooms.extend(second);
            }
            Entity::RuleSheet(_) => {
                self.homes.insert(row.document, None);
            }
            Entity::WorkOrder(order) => {
                let id = WorkOrderId(row.id().0);
                touched.work_orders.insert(id);
                touched.work_order_list |=
                    self.work_orders.insert(row.document, row.clone()).is_none();
                self.put(order.room, row, touched);
            }
            Entity::Comment(comment) => {
                if let Some(subject) = comment.subject {
                    let thread = self.threads.entry(subject.into()).or_default();
                    thread.insert(row.document);
                    touched.work_orders.insert(subject);
                    self.comments.insert(row.document, row);
                }
            }
        }
    }

    /// Puts a row under a room and takes it away from the one it was under.
    fn put(&mut self, room: Option<RoomId>, row: Row, touched: &mut Touched) {
        let document = row.document;
        let before = self.homes.insert(document, room).flatten();
        if let Some(before) = before.filter(|before| Some(*before) != room) {
            if let Some(file) = self.rooms.get_mut(&before) {
                file.rows.remove(&document);
            }
            touched.rooms.insert(before);
        }
        if let Some(room) = room {
            self.rooms
                .entry(room)
                .or_default()
                .rows
                .insert(document, row);
            touched.rooms.insert(room);
        }
    }
}

/// The documents whose story is the story of a room: itself, and what is filed under it.
pub fn documents_of(file: &RoomFile) -> Vec<DocumentRef> {
    file.rows
        .keys()
        .filter(|document| document.kind != DocumentKind::WorkOrder)
        .copied()
        .collect()
}

/// The documents whose story is the story of a work order: itself and its comments.
pub fn documents_of_order(cabinet: &Cabinet, id: WorkOrderId) -> Vec<DocumentRef> {
    let comments = cabinet.threads.get(&id.into()).into_iter().flatten();
    std::iter::once(id.into())
        .chain(comments.copied())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use keyrack_model::time::Timestamp;
    use uuid::Uuid;

    fn row(document: impl Into<DocumentRef>, entity: impl Into<Entity>) -> Row {
        Row {
            document: document.into(),
            entity: entity.into(),
            conflicts: vec![],
            changed_at: Timestamp(0),
        }
    }

    const A: RoomId = RoomId(Uuid::from_u128(1));
    const B: RoomId = RoomId(Uuid::from_u128(2));
    const STAY: StayId = StayId(Uuid::from_u128(3));

    fn stay_in(room: RoomId) -> Row {
        let stay = Stay {
            room: Some(room),
            ..Stay::default()
        };
        row(STAY, stay)
    }

    #[test]
    fn a_stay_that_moves_leaves_its_old_room_and_both_are_touched() {
        let mut cabinet = Cabinet::default();
        let rooms = [A, B].map(|id| row(id, Room::default()));
        cabinet.apply(true, rooms.into_iter().chain([stay_in(A)]).collect());
        let touched = cabinet.apply(false, vec![stay_in(B)]);
        assert_eq!(touched.rooms, BTreeSet::from([A, B]));
        assert!(!touched.room_list);
        let stays = |room| cabinet.file_of(room).unwrap().stays().count();
        assert_eq!((stays(A), stays(B)), (0, 1));
    }

    #[test]
    fn a_stay_that_arrives_before_its_room_waits_for_it() {
        let mut cabinet = Cabinet::default();
        cabinet.apply(false, vec![stay_in(A)]);
        assert_eq!(cabinet.rooms().count(), 0);
        let touched = cabinet.apply(false, vec![row(A, Room::default())]);
        assert!(touched.room_list);
        assert_eq!(cabinet.rooms().count(), 1);
        assert_eq!(cabinet.file_of(A).unwrap().stays().count(), 1);
    }

    #[test]
    fn replacing_drops_what_is_not_there_again() {
        let mut cabinet = Cabinet::default();
        cabinet.apply(true, vec![row(A, Room::default()), stay_in(A)]);
        let touched = cabinet.apply(true, vec![row(B, Room::default())]);
        assert_eq!(touched.rooms, BTreeSet::from([A, B]));
        assert!(cabinet.file_of(A).is_none());
    }
}
