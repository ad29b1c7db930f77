//! The page's state in its homes, and what the host's events make of it.

use super::{ask::Asking, audit::Log, before::Before, present::Awaiting, section::Section};
use crate::{
    app::{ToastKind, Toasts, current_hash},
    clock::LocalClock,
    focus::Stop,
    host::Host,
    mirror::cabinet::Cabinet,
    pages::Page,
    theme::Theme,
    words::{Names, person_among},
};
use keyrack_model::{
    administration::{Administration, Overview, SeenDevice},
    ids::{DeviceId, HotelId, RoomId, UserId},
    ipc::{Connection, Event, Session},
    policy::Role,
    review::Reviews,
    room::Room,
    rows::{DeviceRow, Person, Row},
    time::{BusinessDate, Timestamp},
};
use leptos::prelude::*;
use std::{collections::BTreeMap, rc::Rc, sync::Arc};

/// Who is signed in, and what the replica knows of who works here.
#[derive(Clone, PartialEq, Debug)]
pub struct Here {
    pub hotel: HotelId,
    /// By which it is signed in to.
    pub hotel_code: String,
    pub hotel_name: String,
    pub server: String,
    pub device: DeviceId,
    pub me: Person,
    pub people: Vec<Person>,
    pub devices: Vec<DeviceRow>,
    pub clock: LocalClock,
    pub has_pin: bool,
    /// Whether somebody else chose the password.
    pub password_given: bool,
}

#[derive(Clone, PartialEq, Debug)]
pub enum Dialog {
    TakeOn,
    /// A password that is shown this once.
    HandOver {
        display: String,
        name: String,
        password: String,
    },
    Code {
        code: String,
        expires_at: Timestamp,
    },
    Rename(SeenDevice),
    /// A key that is shown this once.
    NewKey(String),
    /// None for a new one.
    Room(Option<RoomId>),
    Confirm(Confirm),
    Palette,
    Shortcuts,
}

/// Something that is asked of the server once the person has read what it means.
#[derive(Clone, PartialEq, Debug)]
pub struct Confirm {
    pub title: String,
    pub means: Vec<String>,
    pub yes: &'static str,
    pub asked: Administration,
    /// Whom a password is for, when one comes of it.
    pub about: Option<Person>,
    /// What is said when it is done.
    pub done: String,
}

/// Everything that views share. Copies are handles to the same state.
#[derive(Clone, Copy)]
pub struct Settings {
    pub(super) host: StoredValue<Rc<Host>, LocalStorage>,
    pub here: RwSignal<Option<Arc<Here>>>,
    connection: RwSignal<Option<Connection>>,
    /// What the server said last.
    pub overview: RwSignal<Option<Arc<Overview>>>,
    /// As the replica has them.
    pub rooms: RwSignal<BTreeMap<RoomId, Room>>,
    /// What the server keeps for people to decide on, as it said last.
    pub reviews: RwSignal<Option<Arc<Reviews>>>,
    /// What things of the hotel are called.
    cabinet: RwSignal<Cabinet>,
    pub asking: RwSignal<Asking>,
    pub log: Log,
    pub section: RwSignal<Section>,
    pub dialog: RwSignal<Option<Dialog>>,
    /// The line that shows all there is to it.
    pub unfolded: RwSignal<Option<Stop>>,
    pub toasts: Toasts,
    pub now: RwSignal<Timestamp>,
    pub theme: RwSignal<Theme>,
    /// What had the focus when the dialog was opened.
    before_dialog: Before,
    /// What waits for the password, which is asked for above the dialog.
    pub(super) awaiting: RwSignal<Option<Awaiting>, LocalStorage>,
    /// And before the password was asked for.
    pub(super) before_password: Before,
}

impl Settings {
    pub fn new(host: Host, now: Timestamp) -> Self {
        Self {
            host: StoredValue::new_local(Rc::new(host)),
            here: RwSignal::new(None),
            connection: RwSignal::new(None),
            overview: RwSignal::new(None),
            rooms: RwSignal::new(BTreeMap::new()),
            reviews: RwSignal::new(None),
            cabinet: RwSignal::new(Cabinet::default()),
            asking: RwSignal::new(Asking::Now),
            log: Log::unread(),
            section: RwSignal::new(Section::Access),
            dialog: RwSignal::new(None),
            unfolded: RwSignal::new(None),
            toasts: Toasts::none(),
            now: RwSignal::new(now),
            theme: RwSignal::new(Theme::kept()),
            before_dialog: Before::nothing(),
            awaiting: RwSignal::new_local(None),
            before_password: Before::nothing(),
        }
    }

    /// The state that the whole page shares.
    pub fn of_page() -> Self {
        expect_context()
    }

    /// Starts hearing from the host.
    pub fn watch(self) {
        let host = self.host.get_value();
        host.watch(move |event| self.apply(event));
    }

    fn apply(self, event: Event) {
        match event {
            // Signing in, and why a session ended, is the other page's to say.
            Event::Session(Session::SignedOut { .. }) => Page::Main.take_over(),
            Event::Session(Session::SignedIn {
                hotel,
                hotel_code,
                hotel_name,
                server,
                device,
                me,
                people,
                devices,
                utc_offset_minutes,
                has_pin,
                password_given,
                ..
            }) => self.hear_who(Here {
                hotel,
                hotel_code,
                hotel_name,
                server,
                device,
                me,
                people,
                devices,
                clock: LocalClock { utc_offset_minutes },
                has_pin,
                password_given,
            }),
            Event::Sync(state) => self.hear_connection(state.connection),
            // Of the hotel's work the rooms, and what things are called where somebody decides about them.
            Event::Rows { replace, rows } => {
                self.hear_rooms(replace, &rows);
                self.cabinet.update(|cabinet| {
                    cabinet.apply(replace, rows);
                });
            }
            Event::Guests { .. } => {}
        }
    }

    fn hear_who(self, here: Here) {
        let before = self.here.get_untracked();
        if before.as_deref() == Some(&here) {
            return;
        }
        let mine = |here: &Here| (here.me.id, here.me.role);
        if before.as_deref().map(mine) != Some(mine(&here)) {
            self.section.set(Section::at(&current_hash(), here.me.role));
        }
        self.here.set(Some(Arc::new(here)));
        self.look();
    }

    /// Of the hotel's work only its rooms are shown here.
    fn hear_rooms(self, replace: bool, rows: &[Row]) {
        let mut told = rows.iter().filter_map(Row::as_room).peekable();
        if !replace && told.peek().is_none() {
            return;
        }
        self.rooms.update(|rooms| {
            if replace {
                rooms.clear();
            }
            rooms.extend(told.map(|(id, room)| (id, room.clone())));
        });
    }

    fn hear_connection(self, connection: Connection) {
        let is_back = connection == Connection::Online && untrack(|| self.is_offline());
        if self.connection.read_untracked().as_ref() != Some(&connection) {
            self.connection.set(Some(connection));
        }
        if is_back && self.here.read_untracked().is_some() {
            self.look();
        }
    }

    /// Whether the app has no connection to the server; whoever asks is told of changes.
    pub fn is_offline(self) -> bool {
        matches!(*self.connection.read(), Some(Connection::Offline { .. }))
    }

    pub fn me(self) -> Option<Person> {
        self.here.read().as_ref().map(|here| here.me.clone())
    }

    pub fn role(self) -> Option<Role> {
        self.here.read().as_ref().map(|here| here.me.role)
    }

    pub fn hotel(self) -> HotelId {
        let here = self.here.read_untracked();
        here.as_ref().map(|here| here.hotel).unwrap_or_default()
    }

    /// What the hotel is called: by its document, once that is here.
    pub fn hotel_name(self) -> String {
        let cabinet = self.cabinet.read();
        let named = cabinet.hotel().filter(|hotel| !hotel.name.is_empty());
        let here = self.here.read();
        let told = || here.as_ref().map(|here| here.hotel_name.clone());
        named
            .map(|hotel| hotel.name.clone())
            .or_else(told)
            .unwrap_or_default()
    }

    /// The day that the hotel is at, as far as that is known here.
    pub fn business_date(self) -> Option<BusinessDate> {
        self.cabinet.read().hotel().map(|hotel| hotel.business_date)
    }

    /// This device.
    pub fn device(self) -> DeviceId {
        let here = self.here.read();
        here.as_ref().map(|here| here.device).unwrap_or_default()
    }

    pub fn person(self, id: UserId) -> String {
        let seen = self.overview.read();
        let mut people = seen.iter().flat_map(|seen| &seen.people);
        if let Some(found) = people.find(|seen| seen.person.id == id) {
            return found.person.display.clone();
        }
        let here = self.here.read();
        person_among(here.as_ref().map_or(&[][..], |here| &here.people), id)
    }

    /// Says something that names people and things of the hotel.
    pub fn in_words<T>(self, say: impl FnOnce(&Names<'_>) -> T) -> T {
        let (cabinet, here) = (self.cabinet.read(), self.here.read());
        say(&Names {
            cabinet: &cabinet,
            people: here.as_ref().map_or(&[][..], |here| &here.people),
            devices: here.as_ref().map_or(&[][..], |here| &here.devices),
            here: here.as_ref().map(|here| here.device),
        })
    }

    /// How much waits for a decision, when something does.
    pub fn to_decide(self) -> Option<usize> {
        let reviews = self.reviews.read();
        let in_all = reviews.as_ref().map(|reviews| reviews.waiting.in_all)?;
        let in_all = usize::try_from(in_all).unwrap_or(usize::MAX);
        (in_all > 0).then_some(in_all)
    }

    /// What a device is called, when the server has said.
    pub fn device_name(self, id: DeviceId) -> Option<String> {
        let seen = self.overview.read();
        let mut devices = seen.iter().flat_map(|seen| &seen.devices);
        let found = devices.find(|device| device.id == id)?;
        Some(found.name.clone())
    }

    /// `14:05` or `25 May 14:05`.
    pub fn moment(self, at: Timestamp) -> String {
        let clock = self.here.read().as_ref().map(|here| here.clock);
        clock
            .unwrap_or_default()
            .moment(at, self.now.get_untracked())
    }

    pub fn say(self, text: String) {
        self.toasts.say(ToastKind::Noted, text);
    }

    /// Shows a section, without a step in the window's history: one step back leaves the settings.
    pub fn show(self, section: Section) {
        self.unfolded.set(None);
        self.section.set(section);
        // What is shown may be of a while ago.
        self.look();
        let history = web_sys::window().and_then(|window| window.history().ok());
        if let Some(history) = history {
            // A page without an address bar may refuse; the section is then only in memory.
            let nothing = wasm_bindgen::JsValue::NULL;
            let _ = history.replace_state_with_url(&nothing, "", Some(section.hash()));
        }
    }

    /// Unfolds a line, or folds it.
    pub fn unfold(self, stop: Stop) {
        self.unfolded
            .update(|unfolded| *unfolded = (*unfolded != Some(stop)).then_some(stop));
    }

    pub fn open(self, dialog: Dialog) {
        // One dialog may lead to another: the focus comes back to where it was before both.
        if self.dialog.read_untracked().is_none() {
            self.before_dialog.note();
        }
        self.dialog.set(Some(dialog));
    }

    /// Closes the dialog; the focus comes back to where it was.
    pub fn close_dialog(self) {
        if self.dialog.read_untracked().is_none() {
            return;
        }
        self.dialog.set(None);
        self.before_dialog
            .give_back(move || self.dialog.read().is_some());
    }
}
