//! The in-page demo host: a small hotel whose edits are applied by the same plans as everywhere.
//!
//! The address chooses what it shows: `?as=maria`, `?demo=offline`, `refused`, `disk-full`, `empty`,
//! `signed-out`, `ended`, `key-in-file`, `password` (it is asked for once more), `silent` (nothing was
//! heard of Maria's device for long), `away` (nor of the server), `colleague` (somebody else edits the
//! first work order after a while), and `?rooms=500`.

use house::House;
use js_sys::Date;
use keyrack_model::{
    administration::Administration,
    ipc::{Answer, Connection, Event, Problem, Question, Receipt, Request, Session, SyncState},
    time::Timestamp,
};
use leptos::prelude::set_timeout;
use std::{cell::RefCell, rc::Rc, time::Duration};

mod desk;
mod hotel;
mod house;
mod office;
mod reviews;
mod trouble;
mod view;

type OnEvent = Box<dyn Fn(Event)>;

/// When the colleague edits, in milliseconds after the page has begun to listen.
const COLLEAGUE_EDITS_AFTER: u64 = 6_000;

/// What the address asks for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scene {
    Online,
    Offline,
    Refused,
    DiskFull,
    Empty,
    SignedOut,
    Ended,
    Colleague,
    KeyInFile,
    Password,
    Silent,
    Away,
}

pub struct Demo {
    house: Rc<RefCell<House>>,
    on_event: Rc<RefCell<Option<OnEvent>>>,
    scene: Scene,
}

impl Demo {
    pub fn from_address() -> Self {
        let scene = match parameter("demo").as_deref() {
            Some("offline") => Scene::Offline,
            Some("refused") => Scene::Refused,
            Some("empty") => Scene::Empty,
            Some("signed-out") => Scene::SignedOut,
            Some("ended") => Scene::Ended,
            Some("disk-full") => Scene::DiskFull,
            Some("colleague") => Scene::Colleague,
            Some("key-in-file") => Scene::KeyInFile,
            Some("password") => Scene::Password,
            Some("silent") => Scene::Silent,
            Some("away") => Scene::Away,
            _ => Scene::Online,
        };
        let rooms = parameter("rooms").and_then(|rooms| rooms.parse().ok());
        let me = parameter("as").unwrap_or_else(|| "ines".into());
        let mut house = match scene {
            Scene::Empty => House::without_rooms(&me, now()),
            _ => hotel::busy_day(&me, rooms.unwrap_or(180), now()),
        };
        match scene {
            Scene::Offline => house.go_offline(half_an_hour_ago(), None),
            Scene::DiskFull => house.go_offline(half_an_hour_ago(), Some(Problem::DiskFull)),
            Scene::Refused => house.have_refused(now()),
            Scene::Ended => house.go_offline(half_an_hour_ago(), None),
            Scene::KeyInFile => house.have_no_keyring(),
            Scene::Password => house.want_password(),
            Scene::Silent => house.hear_nothing_of("maria", two_hours_ago()),
            Scene::Away => house.go_offline(two_hours_ago(), Some(unreachable())),
            Scene::Online | Scene::Empty | Scene::SignedOut | Scene::Colleague => {}
        }
        Self {
            house: Rc::new(RefCell::new(house)),
            on_event: Rc::default(),
            scene,
        }
    }

    pub fn ask(&self, question: &Question) -> Result<Answer, Problem> {
        let house = self.house.borrow();
        Ok(match question {
            Question::History { documents, limit } => {
                Answer::History(house.history(documents, *limit))
            }
            Question::Written {
                document,
                field,
                limit,
            } => Answer::History(house.written(*document, field, *limit)),
            // Everything of the demo hotel is in the page.
            Question::NotWhole { .. } => Answer::NotWhole(Vec::new()),
            Question::Waiting => Answer::Waiting(house.waiting()),
            Question::Heard => Answer::Heard(house.heard()),
        })
    }

    pub fn act(&self, request: Request) -> Result<Receipt, Problem> {
        match request {
            Request::SignIn {
                server,
                name,
                password,
                ..
            } => self.sign_in(&server, &name, &password),
            Request::SignOut => {
                self.tell(vec![Event::Session(self.signed_out(None))]);
                Ok(Receipt::Noted)
            }
            Request::DismissRefused { operation } => {
                self.house.borrow_mut().dismiss(operation);
                let state = self.sync_state();
                self.tell(vec![Event::Sync(state)]);
                Ok(Receipt::Noted)
            }
            // Nothing is ever damaged here.
            Request::Open(_) | Request::DismissDamage => Ok(Receipt::Noted),
            Request::SetPin { pin, present } => {
                let mut house = self.house.borrow_mut();
                if let Some((person, kept)) = &house.pin
                    && *person == house.me
                    && present.as_ref() != Some(kept)
                {
                    return Err(Problem::WrongPin { left: 9 });
                }
                house.pin = Some((house.me, pin));
                let session = house.session(utc_offset_minutes());
                drop(house);
                self.tell(vec![Event::Session(session)]);
                Ok(Receipt::Noted)
            }
            Request::Lock => {
                self.tell(vec![Event::Session(self.signed_out(None))]);
                Ok(Receipt::Noted)
            }
            Request::Unlock { person, pin } => {
                let mut house = self.house.borrow_mut();
                if house.pin != Some((person, pin)) {
                    return Err(Problem::WrongPin { left: 9 });
                }
                house.me = person;
                drop(house);
                self.tell(self.welcome());
                Ok(Receipt::Noted)
            }
            // The demo has one hotel.
            Request::GoToHotel { .. } => Ok(Receipt::Noted),
            Request::Administer(asked) => self.administer(asked),
            // Files are read by a server, and here is none.
            Request::SaveMapping { kind, .. } => Ok(Receipt::Saved {
                path: format!("/home/ana/Downloads/keyrack-mapping-{kind}.json"),
            }),
            Request::Import(_) => Err(unreachable()),
            Request::Do(command) => self.carry_out(|_| command),
            Request::CreateWorkOrder(draft) => self.carry_out(|house| house.creation_of(draft)),
            Request::AddComment { subject, text } => {
                self.carry_out(|house| house.comment_on(subject, text))
            }
        }
    }

    fn administer(&self, asked: Administration) -> Result<Receipt, Problem> {
        if let Connection::Offline { .. } = self.sync_state().connection {
            return Err(unreachable());
        }
        let answer = self.house.borrow_mut().administer(asked, now())?;
        Ok(Receipt::Administered(Box::new(answer)))
    }

    pub fn watch(&self, on_event: impl Fn(Event) + 'static) {
        *self.on_event.borrow_mut() = Some(Box::new(on_event));
        let ended = match self.scene {
            Scene::SignedOut => None,
            Scene::Ended => Some(Problem::SignedOut),
            scene => {
                self.tell(self.welcome());
                if scene == Scene::Colleague {
                    self.expect_colleague();
                }
                return;
            }
        };
        self.tell(vec![
            Event::Session(self.signed_out(ended)),
            Event::Sync(self.sync_state()),
        ]);
    }

    fn expect_colleague(&self) {
        let (house, on_event) = (self.house.clone(), self.on_event.clone());
        let edit = move || {
            let rows = house.borrow_mut().colleague_edits(now());
            if let Some(on_event) = &*on_event.borrow() {
                on_event(Event::Rows {
                    replace: false,
                    rows,
                });
            }
        };
        set_timeout(edit, Duration::from_millis(COLLEAGUE_EDITS_AFTER));
    }

    fn carry_out(
        &self,
        command: impl FnOnce(&mut House) -> keyrack_model::command::Command,
    ) -> Result<Receipt, Problem> {
        let (receipt, rows) = {
            let mut house = self.house.borrow_mut();
            let command = command(&mut house);
            if command.record().is_some() {
                let guests = vec![house.write_guest(&command).map_err(Problem::Refused)?];
                drop(house);
                self.tell(vec![Event::Guests {
                    replace: false,
                    guests,
                }]);
                return Ok(Receipt::Noted);
            }
            house.act(command, now()).map_err(Problem::Refused)?
        };
        let state = self.sync_state();
        self.tell(vec![
            Event::Rows {
                replace: false,
                rows,
            },
            Event::Sync(state),
        ]);
        Ok(receipt)
    }

    fn sign_in(&self, server: &str, name: &str, password: &str) -> Result<Receipt, Problem> {
        if !server.starts_with("http") {
            return Err(Problem::BadAddress {
                address: server.to_owned(),
            });
        }
        if password != format!("{name}-keyrack") || !self.house.borrow_mut().become_person(name) {
            return Err(Problem::WrongPassword);
        }
        self.tell(self.welcome());
        Ok(Receipt::Noted)
    }

    fn welcome(&self) -> Vec<Event> {
        vec![
            Event::Session(self.house.borrow().session(utc_offset_minutes())),
            Event::Sync(self.sync_state()),
            Event::Rows {
                replace: true,
                rows: self.house.borrow().rows(),
            },
            Event::Guests {
                replace: true,
                guests: self.house.borrow().known_guests(),
            },
        ]
    }

    fn signed_out(&self, ended: Option<Problem>) -> Session {
        self.house.borrow().signed_out(ended)
    }

    fn sync_state(&self) -> SyncState {
        let mut state = self.house.borrow().sync();
        if state.connection == Connection::Online {
            state.synced_at = Some(now());
        }
        state
    }

    fn tell(&self, events: Vec<Event>) {
        if let Some(on_event) = &*self.on_event.borrow() {
            events.into_iter().for_each(on_event);
        }
    }
}

fn now() -> Timestamp {
    Timestamp(Date::now() as i64)
}

fn half_an_hour_ago() -> Timestamp {
    Timestamp(now().0 - 30 * 60_000)
}

fn two_hours_ago() -> Timestamp {
    Timestamp(now().0 - 120 * 60_000)
}

/// There is no server here.
fn unreachable() -> Problem {
    Problem::ServerUnreachable {
        address: "http://127.0.0.1:7300".to_owned(),
    }
}

fn utc_offset_minutes() -> i32 {
    -(Date::new_0().get_timezone_offset() as i32)
}

/// A parameter of the page's address.
fn parameter(name: &str) -> Option<String> {
    let search = web_sys::window()?.location().search().ok()?;
    search
        .trim_start_matches('?')
        .split('&')
        .find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
        .map(str::to_owned)
}
