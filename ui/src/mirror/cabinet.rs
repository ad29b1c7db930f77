//! Rows filed where they are looked for: everything about a room under its room.

use crate::query::few::in_order;
use keyrack_model::{
    change::Entity,
    hotel::Hotel,
    ids::{BlockId, CommentId, DocumentKind, DocumentRef, RoomId, StayId, TaskId, WorkOrderId},
    room::Room,
    room_block::RoomBlock,
    room_link::RoomLinkKind,
    rows::Row,
    rule_sheet::RuleSheet,
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

    pub fn blocks(&self) -> impl Iterator<Item = (BlockId, &RoomBlock)> + Clone {
        self.rows.values().filter_map(Row::as_room_block)
    }

    /// The rooms that this one belongs together with, and how.
    pub fn links(&self) -> impl Iterator<Item = (RoomId, RoomLinkKind)> {
        let own = self.room().map(|(id, _)| id);
        let links = self.rows.values().filter_map(Row::as_room_link);
        links
            .filter(|(_, link)| !link.removed)
            .filter_map(move |(_, link)| Some((link.other(own?)?, link.kind)))
    }

    pub fn rows(&self) -> impl Iterator<Item = &Row> {
        self.rows.values()
    }

    pub fn row(&self, document: DocumentRef) -> Option<&Row> {
        self.rows.get(&document)
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
    /// What is in no room: a stay that has none yet, the rules.
    pub elsewhere: bool,
}

impl Touched {
    pub fn is_anything(&self) -> bool {
        *self != Self::default()
    }
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
    /// What could be in a room and is in none.
    nowhere: RoomFile,
    sheets: BTreeMap<DocumentRef, Row>,
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

    /// Every room's file, and that of what is in none.
    pub fn files(&self) -> impl Iterator<Item = &RoomFile> + Clone {
        self.rooms.values().chain(std::iter::once(&self.nowhere))
    }

    pub fn stays(&self) -> impl Iterator<Item = (StayId, &Stay)> + Clone {
        self.files().flat_map(RoomFile::stays)
    }

    pub fn blocks(&self) -> impl Iterator<Item = (BlockId, &RoomBlock)> + Clone {
        self.files().flat_map(RoomFile::blocks)
    }

    pub fn sheets(&self) -> impl Iterator<Item = &RuleSheet> {
        let sheets = self.sheets.values().filter_map(Row::as_rule_sheet);
        sheets.map(|(_, sheet)| sheet)
    }

    /// A stay, whether it has a room or not.
    pub fn stay(&self, id: StayId) -> Option<&Stay> {
        self.row(id.into())?.as_stay().map(|(_, stay)| stay)
    }

    /// The row of what is filed under a room, or under none.
    pub fn row(&self, document: DocumentRef) -> Option<&Row> {
        let file = match self.homes.get(&document)? {
            Some(room) => self.file_of(*room)?,
            None => &self.nowhere,
        };
        file.row(document)
    }

    /// Every row that people can be asked to decide about, each once.
    pub fn rows(&self) -> impl Iterator<Item = &Row> {
        let in_rooms = self.rooms.iter().flat_map(|(room, file)| {
            // What belongs to two rooms is filed under both.
            let is_home = |row: &&Row| self.homes.get(&row.document) == Some(&Some(*room));
            file.rows().filter(is_home)
        });
        let is_no_order = |row: &&Row| row.document.kind != DocumentKind::WorkOrder;
        in_rooms
            .chain(self.nowhere.rows())
            .filter(is_no_order)
            .chain(self.work_orders.values())
            .chain(self.sheets.values())
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
            elsewhere: true,
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
            // Which rooms it is about never changes.
            Entity::RoomLink(link) => {
                self.homes.insert(row.document, link.first);
                for room in [link.first, link.second].into_iter().flatten() {
                    let file = self.rooms.entry(room).or_default();
                    file.rows.insert(row.document, row.clone());
                    touched.rooms.insert(room);
                }
            }
            Entity::RuleSheet(_) => {
                self.sheets.insert(row.document, row);
                touched.elsewhere = true;
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
        let before = self.homes.insert(document, room);
        if let Some(before) = before.filter(|before| *before != room) {
            self.file_under(before, touched).rows.remove(&document);
        }
        self.file_under(room, touched).rows.insert(document, row);
    }

    fn file_under(&mut self, room: Option<RoomId>, touched: &mut Touched) -> &mut RoomFile {
        match room {
            Some(room) => {
                touched.rooms.insert(room);
                self.rooms.entry(room).or_default()
            }
            None => {
                touched.elsewhere = true;
                &mut self.nowhere
            }
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
    use keyrack_model::{ids::LinkId, room_link::RoomLink, time::Timestamp};
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
    fn a_stay_is_found_with_a_room_and_without() {
        let mut cabinet = Cabinet::default();
        cabinet.apply(
            true,
            vec![row(A, Room::default()), row(STAY, Stay::default())],
        );
        let found = |cabinet: &Cabinet| {
            let stay = cabinet.stay(STAY).map(|stay| stay.room);
            (stay, cabinet.stays().count(), cabinet.rows().count())
        };
        assert_eq!(found(&cabinet), (Some(None), 1, 2));
        let touched = cabinet.apply(false, vec![stay_in(A)]);
        assert!(touched.elsewhere && touched.rooms.contains(&A));
        assert_eq!(found(&cabinet), (Some(Some(A)), 1, 2));
    }

    #[test]
    fn rooms_that_belong_together_know_of_one_another() {
        let mut cabinet = Cabinet::default();
        let link = |removed| {
            let link = RoomLink {
                first: Some(A),
                second: Some(B),
                kind: RoomLinkKind::Connecting,
                removed,
            };
            row(LinkId(Uuid::from_u128(4)), link)
        };
        let rooms = [A, B].map(|id| row(id, Room::default()));
        cabinet.apply(true, rooms.into_iter().chain([link(false)]).collect());
        let linked = |cabinet: &Cabinet, room| -> Vec<_> {
            let file = cabinet.file_of(room).unwrap();
            file.links().map(|(other, _)| other).collect()
        };
        assert_eq!(
            (linked(&cabinet, A), linked(&cabinet, B)),
            (vec![B], vec![A])
        );
        assert_eq!(cabinet.rows().count(), 3);
        cabinet.apply(false, vec![link(true)]);
        assert_eq!((linked(&cabinet, A), linked(&cabinet, B)), (vec![], vec![]));
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
