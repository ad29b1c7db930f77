//! The demo's state: documents, what was done to them, and a pretended connection.

use super::office::Office;
use keyrack_model::{
    change::{Change, Entity},
    class::{Class, Reading},
    command::{Command, WorkOrderDraft},
    field::FieldValue,
    identity::{self, SERVER, SERVER_DEVICE},
    ids::{CommentId, DeviceId, DocumentRef, HotelId, OperationId, StayId, UserId, WorkOrderId},
    ipc::{
        Connection, Face, Heard, Problem, Receipt, RefusedAction, Session, SyncState,
        WaitingAction, WaitingOf,
    },
    limits::GRANT_MILLIS,
    plan::{Context, Effect, PastAction, Unplanned, entering::check_going_in, plan},
    policy::{Role, allows},
    record::Guest,
    refusal::Refusal,
    rows::{FieldConflict, GuestRow, HistoryEntry, HistoryField, Person, Row},
    time::{BusinessDate, Timestamp},
};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

pub struct Done {
    pub operation: OperationId,
    pub past: PastAction,
    pub at: Timestamp,
    pub sent: bool,
}

pub struct House {
    pub hotel: HotelId,
    pub people: Vec<Person>,
    guests: BTreeMap<StayId, GuestRow>,
    pub me: UserId,
    pub entities: BTreeMap<DocumentRef, Entity>,
    pub conflicts: BTreeMap<DocumentRef, Vec<FieldConflict>>,
    pub changed_at: BTreeMap<DocumentRef, Timestamp>,
    pub done: Vec<Done>,
    connection: Connection,
    pub refused: Vec<RefusedAction>,
    key_in_file: bool,
    /// Of whoever chose one last.
    pub pin: Option<(UserId, String)>,
    pub office: Office,
    ids: u128,
}

impl House {
    pub fn without_rooms(me: &str, now: Timestamp) -> Self {
        let hotel = identity::hotel("resort");
        let people = people();
        let office = Office::of(&people, now);
        let mut house = Self {
            hotel,
            me: people[0].id,
            people,
            guests: BTreeMap::new(),
            entities: BTreeMap::new(),
            conflicts: BTreeMap::new(),
            changed_at: BTreeMap::new(),
            done: Vec::new(),
            connection: Connection::Online,
            refused: Vec::new(),
            key_in_file: false,
            pin: None,
            office,
            ids: 0,
        };
        house.become_person(me);
        let opened = Entity::Hotel(keyrack_model::hotel::Hotel {
            name: "Resort H1".into(),
            business_date: business_date(),
        });
        house.put(hotel.into(), opened, now);
        house
    }

    pub fn become_person(&mut self, name: &str) -> bool {
        let found = self.people.iter().find(|person| person.name == name);
        if let Some(person) = found {
            self.me = person.id;
        }
        found.is_some()
    }

    pub fn put(&mut self, document: DocumentRef, entity: Entity, at: Timestamp) {
        self.entities.insert(document, entity);
        self.changed_at.insert(document, at);
    }

    pub fn next_id(&mut self) -> Uuid {
        self.ids += 1;
        Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + self.ids)
    }

    pub fn creation_of(&mut self, draft: WorkOrderDraft) -> Command {
        Command::CreateWorkOrder {
            work_order: WorkOrderId(self.next_id()),
            draft,
        }
    }

    pub fn comment_on(&mut self, subject: WorkOrderId, text: String) -> Command {
        Command::AddComment {
            comment: CommentId(self.next_id()),
            subject,
            text,
        }
    }

    /// Carries a command out for the person signed in.
    pub fn act(&mut self, command: Command, at: Timestamp) -> Result<(Receipt, Vec<Row>), Refusal> {
        let author = self.me;
        let sent = self.connection == Connection::Online;
        let (operation, documents) = self.act_as(author, command, at, sent)?;
        let rows = documents.iter().filter_map(|it| self.row(*it)).collect();
        let receipt = Receipt::Done {
            operation,
            document: documents.first().copied(),
        };
        Ok((receipt, rows))
    }

    /// Writes down who a guest is, as somebody did before this page began.
    pub fn know_guest(&mut self, stay: StayId, name: &str) {
        let guest = Guest {
            name: name.to_owned(),
            phone: String::new(),
        };
        let row = GuestRow {
            stay,
            version: 1,
            guest: Some(guest),
        };
        self.guests.insert(stay, row);
    }

    /// The guests whom the person may know.
    pub fn known_guests(&self) -> Vec<GuestRow> {
        let here = self.office.guests_here();
        if Reading::at(self.role_of(self.me), here).has(Class::Guests) {
            self.guests.values().cloned().collect()
        } else {
            Vec::new()
        }
    }

    /// Writes or erases who a guest is.
    pub fn write_guest(&mut self, command: &Command) -> Result<GuestRow, Refusal> {
        allows(self.role_of(self.me), command)?;
        let (stay, guest) = match command {
            Command::EditGuest { stay, guest, .. } => (*stay, Some(guest.checked()?)),
            Command::EraseGuest { stay } => (*stay, None),
            _ => return Err(Refusal::NotFound),
        };
        let version = self.guests.get(&stay).map_or(0, |row| row.version) + 1;
        let row = GuestRow {
            stay,
            version,
            guest,
        };
        self.guests.insert(stay, row.clone());
        Ok(row)
    }

    pub fn act_as(
        &mut self,
        author: UserId,
        command: Command,
        at: Timestamp,
        sent: bool,
    ) -> Result<(OperationId, Vec<DocumentRef>), Refusal> {
        let operation = OperationId(self.next_id());
        let role = self.role_of(author);
        let context = Context {
            hotel: self.hotel,
            operation,
            author,
            role,
            at,
        };
        let planned =
            check_going_in(&command, role, &*self).and_then(|()| plan(&command, context, &*self));
        let changes = planned.map_err(|unplanned| match unplanned {
            Unplanned::Refused(refusal) => refusal,
            Unplanned::Unread(never) => match never {},
        })?;
        let mut effects = Vec::new();
        let mut made = BTreeSet::new();
        for change in changes {
            effects.push(self.apply(&change, at, &mut made));
        }
        let documents: BTreeSet<_> = effects.iter().map(|effect| effect.document).collect();
        self.done.push(Done {
            operation,
            past: PastAction {
                command,
                author,
                effects,
            },
            at,
            sent,
        });
        Ok((operation, documents.into_iter().collect()))
    }

    fn apply(
        &mut self,
        change: &Change,
        at: Timestamp,
        made: &mut BTreeSet<DocumentRef>,
    ) -> Effect {
        let document = change.document();
        let key = change.key();
        if !self.entities.contains_key(&document) {
            made.insert(document);
        }
        let entity = self
            .entities
            .entry(document)
            .or_insert_with(|| Entity::empty(document.kind));
        let before = entity.field(key).unwrap_or(FieldValue::Nothing);
        entity.put(key, &change.value());
        self.changed_at.insert(document, at);
        if let Some(conflicts) = self.conflicts.get_mut(&document) {
            conflicts.retain(|conflict| conflict.key != key);
        }
        Effect {
            document,
            created: made.contains(&document),
            key: key.to_owned(),
            before,
            after: change.value(),
        }
    }

    pub fn contest(&self, document: DocumentRef, key: &str) -> Option<&FieldConflict> {
        let conflicts = self.conflicts.get(&document)?;
        conflicts.iter().find(|conflict| conflict.key == key)
    }

    pub fn rows(&self) -> Vec<Row> {
        self.entities
            .keys()
            .filter_map(|it| self.row(*it))
            .collect()
    }

    pub fn row(&self, document: DocumentRef) -> Option<Row> {
        Some(Row {
            document,
            entity: self.entities.get(&document)?.clone(),
            conflicts: self.conflicts.get(&document).cloned().unwrap_or_default(),
            changed_at: self.changed_at.get(&document).copied().unwrap_or_default(),
        })
    }

    pub fn history(&self, documents: &[DocumentRef], limit: usize) -> Vec<HistoryEntry> {
        self.done
            .iter()
            .rev()
            .filter(|done| {
                done.past
                    .effects
                    .iter()
                    .any(|it| documents.contains(&it.document))
            })
            .take(limit)
            .flat_map(|done| {
                documents
                    .iter()
                    .filter_map(move |document| self.entry(done, *document))
            })
            .collect()
    }

    /// What wrote a field of a document.
    pub fn written(&self, document: DocumentRef, key: &str, limit: usize) -> Vec<HistoryEntry> {
        let mut entries = self.history(&[document], usize::MAX);
        entries.retain(|entry| entry.fields.iter().any(|field| field.key == key));
        entries.truncate(limit);
        entries
    }

    fn entry(&self, done: &Done, document: DocumentRef) -> Option<HistoryEntry> {
        let fields: Vec<_> = done
            .past
            .effects
            .iter()
            .filter(|effect| effect.document == document)
            .map(|effect| HistoryField {
                key: effect.key.clone(),
                before: effect.before.clone(),
                after: effect.after.clone(),
            })
            .collect();
        (!fields.is_empty()).then(|| HistoryEntry {
            document,
            operation: done.operation,
            command: done.past.command.clone(),
            author: done.past.author,
            device: self.device_of(done.past.author),
            at: done.at,
            known_at: done.sent.then_some(done.at),
            fields,
        })
    }

    /// Each works at a device of their own; whoever is here at this one.
    fn device_of(&self, author: UserId) -> DeviceId {
        if author == SERVER {
            return SERVER_DEVICE;
        }
        let others = self.people.iter().filter(|person| person.id != self.me);
        let place = others.zip(1..).find(|(person, _)| person.id == author);
        self.office.device_at(place.map_or(0, |(_, place)| place))
    }

    /// What everybody did last at their devices.
    pub fn heard(&self) -> Vec<Heard> {
        let mut heard: BTreeMap<UserId, Heard> = BTreeMap::new();
        for done in &self.done {
            let person = done.past.author;
            let last = heard.entry(person).or_insert(Heard {
                person,
                device: self.device_of(person),
                done_at: done.at,
                known_at: None,
            });
            last.done_at = last.done_at.max(done.at);
            last.known_at = last.known_at.max(done.sent.then_some(done.at));
        }
        heard.into_values().collect()
    }

    pub fn waiting(&self) -> Vec<WaitingAction> {
        self.done
            .iter()
            .filter(|done| !done.sent)
            .map(|done| WaitingAction {
                operation: done.operation,
                command: done.past.command.clone(),
                author: done.past.author,
                at: done.at,
                awaits: None,
            })
            .collect()
    }

    pub fn sync(&self) -> SyncState {
        SyncState {
            connection: self.connection.clone(),
            synced_at: match self.connection {
                Connection::Offline { since, .. } => Some(since),
                Connection::Online | Connection::CatchingUp => None,
            },
            grant_until: match self.connection {
                Connection::Offline { since, .. } => Some(Timestamp(since.0 + GRANT_MILLIS)),
                Connection::Online | Connection::CatchingUp => None,
            },
            waiting: self.waiting().len(),
            refused: self.refused.clone(),
            damage: None,
            audit_alarm: None,
        }
    }

    pub fn go_offline(&mut self, since: Timestamp, reason: Option<Problem>) {
        self.connection = Connection::Offline { since, reason };
        for done in self.done.iter_mut().filter(|done| done.at >= since) {
            done.sent = false;
        }
    }

    pub fn have_no_keyring(&mut self) {
        self.key_in_file = true;
    }

    pub fn dismiss(&mut self, operation: OperationId) {
        self.refused
            .retain(|refused| refused.operation != operation);
    }

    pub fn session(&self, utc_offset_minutes: i32) -> Session {
        Session::SignedIn {
            hotel: self.hotel,
            hotel_code: "resort".into(),
            hotel_name: "Resort H1".into(),
            server: "http://127.0.0.1:7300".into(),
            device: DeviceId::default(),
            me: self.person(self.me).clone(),
            people: self.people.clone(),
            devices: self.office.names(),
            utc_offset_minutes,
            key_in_file: self.key_in_file,
            has_pin: self.pin.as_ref().is_some_and(|(user, _)| *user == self.me),
            password_given: self.office.given.contains(&self.me),
            others: vec![],
        }
    }

    pub fn signed_out(&self, ended: Option<Problem>) -> Session {
        let waiting = self.waiting().len();
        let me = self.person(self.me);
        Session::SignedOut {
            server: "http://127.0.0.1:7300".into(),
            hotel: "resort".into(),
            hotel_name: "Resort H1".into(),
            device_name: "reception".into(),
            name: me.name.clone(),
            code: String::new(),
            waiting: Vec::from_iter((waiting > 0).then(|| WaitingOf {
                user: me.id,
                display: me.display.clone(),
                actions: waiting,
                unsigned: 0,
            })),
            others: vec![],
            faces: self.faces(waiting),
            ended,
            key_in_file: self.key_in_file,
        }
    }

    fn faces(&self, waiting: usize) -> Vec<Face> {
        let face = |(user, _): &(UserId, String)| {
            let person = self.person(*user);
            Face {
                user: *user,
                name: person.name.clone(),
                display: person.display.clone(),
                role: person.role,
                waiting: if *user == self.me { waiting } else { 0 },
                unsigned: 0,
                confirmed_at: None,
                waits_until: None,
            }
        };
        self.pin.iter().map(face).collect()
    }

    pub fn role_of(&self, author: UserId) -> Role {
        self.person(author).role
    }

    fn person(&self, id: UserId) -> &Person {
        let found = self.people.iter().find(|person| person.id == id);
        found.unwrap_or(&self.people[0])
    }
}

pub fn business_date() -> BusinessDate {
    BusinessDate(jiff::civil::date(2017, 5, 25))
}

fn people() -> Vec<Person> {
    [
        ("ana", "Ana Costa", Role::Manager),
        ("rui", "Rui Alves", Role::FrontDesk),
        ("maria", "Maria Silva", Role::Housekeeper),
        ("joao", "João Reis", Role::Housekeeper),
        ("ines", "Inês Dias", Role::Supervisor),
        ("tomas", "Tomás Nunes", Role::Engineer),
    ]
    .into_iter()
    .zip(1..)
    .map(|((name, display, role), number)| Person {
        id: UserId(Uuid::from_u128(number)),
        name: name.into(),
        display: display.into(),
        role,
        left: false,
    })
    .collect()
}
