//! The interface's state in its homes, and the way from a person's wish to the host and back.

use crate::{
    arrangement::Arrangement,
    catalogue::t,
    clock::LocalClock,
    drafts::Drafts,
    focus::{Stop, handed_on, once_shown},
    host::Host,
    mirror::Mirror,
    printing::Medium,
    query::{board::Chip, desk::DeskTab, my_list::Whose, orders::OrderChip},
    route::{Route, Screen},
    theme::Theme,
    words::Names,
};
use keyrack_model::{
    class::Reading,
    ids::{OperationId, RoomId, StayId, TaskId, UserId, WorkOrderId},
    ipc::{Connection, Event, Session, SyncState},
    policy::Role,
    time::Timestamp,
};
use leptos::prelude::*;
use std::{collections::BTreeSet, rc::Rc, sync::Arc};
use web_sys::{HtmlElement, PerformanceNavigation};

use deeds::Deed;
pub use key_notice::KeyNotice;
pub use presence::{Presence, SignedIn, SignedOut, Who};
pub use toast::{Toast, ToastKind, Toasts};

mod arranging;
mod deeds;
mod key_notice;
mod opening;
mod presence;
mod requests;
mod several;
mod toast;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Dialog {
    Palette,
    Shortcuts,
    NewWorkOrder(Option<RoomId>),
    NewStay,
    NightAudit,
    SignOut,
    ChoosePin(AfterPin),
    /// Leaves the page, with what is typed and not saved.
    Leave,
}

/// What follows when a PIN was chosen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AfterPin {
    Stay,
    /// The computer is left to the next person.
    Leave,
}

/// Everything that views share. Copies are handles to the same state.
#[derive(Clone, Copy)]
pub struct App {
    host: StoredValue<Rc<Host>, LocalStorage>,
    pub presence: RwSignal<Presence>,
    pub sync: RwSignal<SyncState>,
    pub mirror: Mirror,
    pub route: RwSignal<Route>,
    pub now: RwSignal<Timestamp>,
    pub dialog: RwSignal<Option<Dialog>>,
    pub toasts: Toasts,
    pub chip: RwSignal<Chip>,
    pub text: RwSignal<String>,
    /// The section that the board shows; None for all.
    pub section: RwSignal<Option<String>>,
    pub arrangement: RwSignal<Arrangement>,
    pub cursor: RwSignal<Option<RoomId>>,
    pub selected: RwSignal<BTreeSet<RoomId>>,
    pub order_chip: RwSignal<OrderChip>,
    pub order_text: RwSignal<String>,
    /// The work order whose line has, or had, the focus.
    pub order_cursor: RwSignal<Option<WorkOrderId>>,
    pub desk_tab: RwSignal<DeskTab>,
    pub desk_text: RwSignal<String>,
    /// The stay whose line has, or had, the focus.
    pub stay_cursor: RwSignal<Option<StayId>>,
    pub whose: RwSignal<Option<Whose>>,
    /// The task of the list's card.
    pub in_hand: RwSignal<Option<TaskId>>,
    /// The task of the list's row that arrows went to.
    pub attended: RwSignal<Option<TaskId>>,
    pub drafts: Drafts,
    pub theme: RwSignal<Theme>,
    pub medium: RwSignal<Medium>,
    pub key_notice: RwSignal<KeyNotice>,
    /// The thing on the screen from which the drawer was opened.
    origin: StoredValue<Option<Stop>>,
    /// What had the focus when the dialog was opened.
    before_dialog: StoredValue<Option<HtmlElement>, LocalStorage>,
    /// What was done last.
    undoable: StoredValue<Vec<Deed>>,
    /// Deeds of several actions of which some are still to be done.
    under_way: StoredValue<usize>,
    /// What is being taken back, with what was said of it.
    taken_back: StoredValue<Option<(OperationId, String)>>,
    /// Undos that the person was told of as done.
    undoing: StoredValue<Vec<OperationId>>,
}

impl App {
    pub fn new(host: Host, route: Route, now: Timestamp) -> Self {
        let starting = SyncState {
            connection: Connection::Offline {
                since: now,
                reason: None,
            },
            synced_at: None,
            grant_until: None,
            waiting: 0,
            refused: vec![],
            damage: None,
            audit_alarm: None,
        };
        Self {
            host: StoredValue::new_local(Rc::new(host)),
            presence: RwSignal::new(Presence::Starting),
            sync: RwSignal::new(starting),
            mirror: Mirror::empty(),
            route: RwSignal::new(route),
            now: RwSignal::new(now),
            dialog: RwSignal::new(None),
            toasts: Toasts::none(),
            chip: RwSignal::default(),
            text: RwSignal::default(),
            section: RwSignal::new(None),
            arrangement: RwSignal::default(),
            cursor: RwSignal::new(None),
            selected: RwSignal::default(),
            order_chip: RwSignal::default(),
            order_text: RwSignal::default(),
            order_cursor: RwSignal::new(None),
            desk_tab: RwSignal::default(),
            desk_text: RwSignal::default(),
            stay_cursor: RwSignal::new(None),
            whose: RwSignal::new(None),
            in_hand: RwSignal::new(None),
            attended: RwSignal::new(None),
            drafts: Drafts::none(),
            theme: RwSignal::new(Theme::kept()),
            medium: RwSignal::default(),
            key_notice: RwSignal::new(KeyNotice::of_last_start()),
            origin: StoredValue::default(),
            before_dialog: StoredValue::new_local(None),
            undoable: StoredValue::default(),
            under_way: StoredValue::default(),
            taken_back: StoredValue::default(),
            undoing: StoredValue::default(),
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
            Event::Session(Session::SignedOut {
                server,
                hotel,
                hotel_name,
                device_name,
                name,
                code,
                waiting,
                others,
                faces,
                ended,
                key_in_file,
            }) => {
                self.leave(Presence::SignedOut(Arc::new(SignedOut {
                    server,
                    hotel,
                    hotel_name,
                    device_name,
                    name,
                    code,
                    waiting,
                    others,
                    faces,
                    ended,
                })));
                self.hear_of_key(key_in_file);
            }
            Event::Session(Session::SignedIn {
                hotel_name,
                server,
                device,
                me,
                people,
                devices,
                utc_offset_minutes,
                key_in_file,
                has_pin,
                password_given,
                others,
                ..
            }) => {
                let first_screen = first_screen(me.role);
                self.drafts.belong_to(me.id);
                self.hear_of_key(key_in_file);
                let before = self.presence.read_untracked().who();
                if before != Who::Person(me.id) {
                    self.arrangement.set(Arrangement::kept_of(me.id));
                }
                let here = Presence::Here(Arc::new(SignedIn {
                    hotel_name,
                    server,
                    device,
                    me,
                    people,
                    devices,
                    clock: LocalClock { utc_offset_minutes },
                    key_in_file,
                    has_pin,
                    password_given,
                    others,
                }));
                let arriving = before != here.who();
                if before == Who::NotSaid && is_loaded_again() {
                    self.say(ToastKind::Problem, t("window.loaded-again").to_owned());
                }
                let changed = *self.presence.read_untracked() != here;
                if changed {
                    self.presence.set(here);
                }
                if arriving && Route::parse(&current_hash()).is_none() {
                    self.go(Route::to(first_screen));
                }
            }
            Event::Sync(state) => {
                self.correct_undos(&state.refused);
                self.sync.set(state);
            }
            Event::Rows { replace, rows } => {
                self.mirror.apply(replace, rows);
                once_shown(handed_on::hand_on);
            }
            Event::Guests { replace, guests } => self.mirror.apply_guests(replace, guests),
        }
    }

    /// Forgets what belonged to the person who was here.
    fn leave(self, presence: Presence) {
        self.presence.set(presence);
        self.dialog.set(None);
        self.toasts.clear();
        self.chip.set(Chip::default());
        self.text.set(String::new());
        self.order_chip.set(OrderChip::default());
        self.order_text.set(String::new());
        self.order_cursor.set(None);
        self.section.set(None);
        self.arrangement.set(Arrangement::default());
        self.desk_tab.set(DeskTab::default());
        self.desk_text.set(String::new());
        self.stay_cursor.set(None);
        self.selected.set(BTreeSet::new());
        self.cursor.set(None);
        self.whose.set(None);
        self.in_hand.set(None);
        self.attended.set(None);
        self.undoable.set_value(vec![]);
        self.undoing.set_value(vec![]);
        self.mirror.apply(true, vec![]);
        self.mirror.apply_guests(true, vec![]);
        self.replace(Route::default(), "#");
    }

    /// What the hotel is called: by its document, once that is here.
    pub fn hotel_name(self) -> String {
        let named = self.mirror.hotel_name();
        let told = || self.here().map(|here| here.hotel_name.clone());
        Some(named)
            .filter(|name| !name.is_empty())
            .or_else(told)
            .unwrap_or_default()
    }

    /// Who is signed in, and the people, role and clock with which to show things; whoever reads
    /// it is told of changes.
    pub fn here(self) -> Option<Arc<SignedIn>> {
        match &*self.presence.read() {
            Presence::Here(here) => Some(here.clone()),
            Presence::Starting | Presence::SignedOut(_) => None,
        }
    }

    pub fn me(self) -> UserId {
        self.here().map(|here| here.me.id).unwrap_or_default()
    }

    pub fn role(self) -> Option<Role> {
        self.here().map(|here| here.me.role)
    }

    /// What the person reads on this device.
    pub fn reading(self) -> Reading {
        self.here().map(|here| here.reading()).unwrap_or_default()
    }

    pub fn clock(self) -> LocalClock {
        self.here().map(|here| here.clock).unwrap_or_default()
    }

    /// `14:05` or `25 May 14:05`. Told by the clock of the moment it is read.
    pub fn moment(self, at: Timestamp) -> String {
        self.clock().moment(at, self.now.get_untracked())
    }

    pub fn person(self, id: UserId) -> String {
        self.named(|names| names.person(id))
    }

    /// Puts names to ids.
    pub fn named<T>(self, read: impl FnOnce(&Names<'_>) -> T) -> T {
        let here = self.here();
        let (people, devices) = here
            .as_ref()
            .map_or((&[][..], &[][..]), |here| (&here.people, &here.devices));
        let here = here.as_ref().map(|here| here.device);
        self.mirror.glance(|cabinet| {
            read(&Names {
                cabinet,
                people,
                devices,
                here,
            })
        })
    }

    pub fn go(self, route: Route) {
        self.turn_to(route);
        if let Some(window) = web_sys::window() {
            // A page without an address bar may refuse; the route is then only in memory.
            let _ = window.location().set_hash(&route.to_string());
        }
    }

    fn replace(self, route: Route, address: &str) {
        self.turn_to(route);
        let history = web_sys::window().and_then(|window| window.history().ok());
        if let Some(history) = history {
            // As in `go`: the route is then only in memory.
            let nothing = wasm_bindgen::JsValue::NULL;
            let _ = history.replace_state_with_url(&nothing, "", Some(address));
        }
    }

    /// What was selected or attended on a screen is let go of with the screen.
    fn turn_to(self, route: Route) {
        let before = self.route.get_untracked();
        if before.screen != route.screen {
            self.selected.set(BTreeSet::new());
            self.attended.set(None);
            self.origin.set_value(None);
        }
        if before != route {
            self.route.set(route);
        }
    }
}

/// Where each role begins its day.
fn first_screen(role: Role) -> Screen {
    match role {
        Role::Housekeeper => Screen::MyList,
        Role::Engineer => Screen::WorkOrders,
        Role::Admin | Role::Manager | Role::Supervisor | Role::FrontDesk | Role::Server => {
            Screen::Board
        }
    }
}

/// Whether this window had the page before: the process that draws it had ended.
fn is_loaded_again() -> bool {
    let performance = web_sys::window().and_then(|window| window.performance());
    performance.is_some_and(|it| it.navigation().type_() == PerformanceNavigation::TYPE_RELOAD)
}

pub fn current_hash() -> String {
    web_sys::window()
        .and_then(|window| window.location().hash().ok())
        .unwrap_or_default()
}
