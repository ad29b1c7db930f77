//! The three calls, and what the watcher is told.

use super::{Call, Engine, KeepsWatching, administering::Errand};
use crate::{clock, device_secret::KeyPlace, saved_file};
use keyrack_model::{
    command::{Command, DeskCommand},
    ids::{CommentId, DocumentKind, DocumentRef, WorkOrderId},
    import::{ImportKind, Mapping},
    ipc::{Answer, Connection, Event, Problem, Question, Receipt, Request, Session, SyncState},
    limits::MAX_MAPPING_FILE,
    refusal::Refusal,
    rows::{GuestRow, Row},
};
use keyrack_replica::{Input, Replica, StoreError};
use uuid::Uuid;

impl Engine {
    pub(super) fn take(&mut self, call: Call) {
        // A reply finds nobody when the window closed meanwhile.
        match call {
            Call::Ask(question, reply) => {
                let _ = reply.send(self.ask(&question));
            }
            Call::Act(
                Request::SignIn {
                    server,
                    hotel,
                    name,
                    password,
                    code,
                },
                reply,
            ) => self.begin_sign_in(&server, &hotel, &name, password, code, reply),
            Call::Act(Request::SetPin { pin, present }, reply) => {
                self.begin_to_choose(pin, present.unwrap_or_default(), reply);
            }
            Call::Act(Request::Unlock { person, pin }, reply) => {
                self.begin_to_open(person, pin, reply);
            }
            Call::Act(Request::Administer(asked), reply) => {
                self.begin_administration(Errand::Administer(asked), reply);
            }
            Call::Act(Request::Import(asked), reply) => {
                self.begin_administration(Errand::Import(asked), reply);
            }
            Call::Act(request, reply) => {
                let _ = reply.send(self.act(request));
            }
            Call::Watch(watcher) => {
                self.watcher = Some(watcher);
                self.tell_everything();
            }
            Call::Finish => {}
        }
    }

    fn ask(&mut self, question: &Question) -> Result<Answer, Problem> {
        let house = self.house.as_mut().ok_or(Problem::SignedOut)?;
        house.with_store(|store| store.answer(question))
    }

    fn act(&mut self, request: Request) -> Result<Receipt, Problem> {
        match request {
            // Taken by `take`, because they wait for the network or for a key.
            Request::SignIn { .. }
            | Request::Administer(_)
            | Request::Import(_)
            | Request::SetPin { .. }
            | Request::Unlock { .. } => Err(Problem::Internal),
            Request::SaveMapping { kind, mapping } => save_mapping(kind, &mapping),
            Request::Lock => self.lock(),
            Request::GoToHotel { hotel } => self.go_to_hotel(hotel),
            Request::SignOut => self.sign_out(),
            Request::Do(command @ Command::Desk(DeskCommand::CloseDay { .. })) => {
                let done = self.carry_through(&command)?;
                self.plan_rooms()?;
                // Another day shows other rows.
                self.tell_all_rows();
                Ok(done)
            }
            Request::Do(command) => self.carry_through(&command),
            Request::CreateWorkOrder(draft) => self.carry_through(&Command::CreateWorkOrder {
                work_order: WorkOrderId(Uuid::now_v7()),
                draft,
            }),
            Request::AddComment { subject, text } => self.carry_through(&Command::AddComment {
                comment: CommentId(Uuid::now_v7()),
                subject,
                text,
            }),
            Request::DismissRefused { operation } => {
                let house = self.house.as_mut().ok_or(Problem::SignedOut)?;
                house.with_store(|store| store.dismiss_refused(operation))?;
                self.tell_sync();
                Ok(Receipt::Noted)
            }
            Request::Open(document) => {
                self.feed(Input::Open(document));
                Ok(Receipt::Noted)
            }
            Request::DismissDamage => {
                let house = self.house.as_mut().ok_or(Problem::SignedOut)?;
                house.with_store(Replica::dismiss_damage)?;
                self.tell_sync();
                Ok(Receipt::Noted)
            }
        }
    }

    fn carry_through(&mut self, command: &Command) -> Result<Receipt, Problem> {
        let house = self.house.as_mut().ok_or(Problem::SignedOut)?;
        let (operation, touched) = house.act(command)?;
        self.tell_rows_of(&touched);
        self.feed(Input::Acted);
        Ok(Receipt::Done {
            operation,
            document: touched.first().copied(),
        })
    }

    /// Something could not be told; it is told when the store has been opened again.
    fn doubt(&mut self, error: StoreError) {
        if let Some(house) = &mut self.house {
            house.failed(&error);
        }
    }

    /// All that a watcher needs to begin with.
    pub(super) fn tell_everything(&mut self) {
        self.go_on_planning();
        self.tell_session();
        self.tell_sync();
        self.tell_all_rows();
    }

    pub(super) fn tell_session(&mut self) {
        match self.session() {
            Ok(session) => self.tell(Event::Session(session)),
            Err(error) => self.doubt(error),
        }
    }

    pub(super) fn tell_sync(&mut self) {
        let state = match &self.house {
            Some(house) => house.sync.state(&house.replica),
            None => Ok(SyncState {
                connection: Connection::Offline {
                    since: clock::now(),
                    reason: None,
                },
                synced_at: None,
                grant_until: None,
                waiting: 0,
                refused: Vec::new(),
                damage: None,
                audit_alarm: None,
            }),
        };
        match state {
            Ok(state) => self.tell(Event::Sync(state)),
            Err(error) => self.doubt(error),
        }
    }

    pub(super) fn tell_all_rows(&mut self) {
        self.tell_rows(|house| house.replica.rows(), Scope::All);
        let shown = |house: &super::House| {
            let rows = house.replica.rows()?;
            house.replica.guests_of(rows.iter().map(|row| row.document))
        };
        self.tell_guests(shown, Scope::All);
    }

    pub(super) fn tell_rows_of(&mut self, documents: &[DocumentRef]) {
        // Another business date brings other rows into sight.
        if documents.iter().any(|it| it.kind == DocumentKind::Hotel) {
            return self.tell_all_rows();
        }
        self.tell_rows(|house| house.replica.rows_of(documents), Scope::Some);
        self.tell_guests_of(documents);
    }

    /// Who the guests of those documents are that are stays.
    pub(super) fn tell_guests_of(&mut self, documents: &[DocumentRef]) {
        let documents = documents.iter().copied();
        self.tell_guests(|house| house.replica.guests_of(documents), Scope::Some);
    }

    fn tell_guests(
        &mut self,
        read: impl FnOnce(&super::House) -> Result<Vec<GuestRow>, StoreError>,
        scope: Scope,
    ) {
        let Some(house) = &self.house else {
            return;
        };
        if self.watcher.is_none() || house.replica.session().is_none() {
            return;
        }
        match read(house) {
            Ok(guests) if guests.is_empty() && scope == Scope::Some => {}
            Ok(guests) => self.tell(Event::Guests {
                replace: scope == Scope::All,
                guests,
            }),
            Err(error) => self.doubt(error),
        }
    }

    fn tell_rows(
        &mut self,
        read: impl FnOnce(&super::House) -> Result<Vec<Row>, StoreError>,
        scope: Scope,
    ) {
        let Some(house) = &self.house else {
            return;
        };
        if self.watcher.is_none() || house.replica.session().is_none() {
            return;
        }
        match read(house) {
            Ok(rows) => self.tell(Event::Rows {
                replace: scope == Scope::All,
                rows,
            }),
            Err(error) => self.doubt(error),
        }
    }

    pub(super) fn tell(&mut self, event: Event) {
        if let Some(watcher) = &self.watcher
            && watcher(event) == KeepsWatching::No
        {
            self.watcher = None;
        }
    }

    fn session(&self) -> Result<Session, StoreError> {
        let Some(house) = &self.house else {
            return Ok(self.signed_out(None, Vec::new(), Vec::new()));
        };
        let Some(session) = house.replica.session() else {
            let last = house.replica.last_sign_in()?;
            let waiting = house.replica.waiting_by_person()?;
            return Ok(self.signed_out(last, waiting, house.replica.faces()?));
        };
        let hotel_name = house.replica.hotel_name()?;
        Ok(Session::SignedIn {
            hotel: session.hotel,
            hotel_code: session.hotel_code.clone(),
            hotel_name: hotel_name.unwrap_or_else(|| session.hotel_name.clone()),
            server: session.server.clone(),
            device: house.replica.registration().id,
            me: session.me.clone(),
            people: house.replica.people()?,
            devices: house.replica.devices()?,
            utc_offset_minutes: self.shown_utc_offset,
            key_in_file: self.key_in_file(),
            has_pin: house.replica.has_pin(),
            password_given: session.password_given,
            others: self.others.clone(),
        })
    }

    pub(super) fn key_in_file(&self) -> bool {
        self.installation.key_place == KeyPlace::File
    }
}

/// A mapping as one is written by hand.
fn save_mapping(kind: ImportKind, mapping: &Mapping) -> Result<Receipt, Problem> {
    let content = mapping.written().ok_or_else(|| {
        Problem::Refused(Refusal::TooLong {
            field: "mapping".to_owned(),
            limit: MAX_MAPPING_FILE,
        })
    })?;
    let folder = saved_file::folder().ok_or(Problem::NotSaved {
        folder: String::new(),
    })?;
    let name = format!("keyrack-mapping-{kind}");
    let path = saved_file::save(&folder, (&name, "json"), content.as_bytes())?;
    let path = path.display().to_string();
    Ok(Receipt::Saved { path })
}

/// Whether rows are all there are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scope {
    All,
    Some,
}
