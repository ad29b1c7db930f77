//! The interface's state in its homes, and the way from a person's wish to the host and back.

use crate::{
    catalogue::t,
    clock::LocalClock,
    host::Host,
    mirror::Mirror,
    query::{board::Chip, my_list::Whose, orders::OrderChip},
    route::{Opened, Route, Screen},
    theme::Theme,
    words::{self, Names},
};
use keyrack_model::{
    command::Command,
    ids::{DocumentRef, OperationId, RoomId, TaskId, UserId, WorkOrderId},
    ipc::{Answer, Connection, Event, Problem, Question, Receipt, Request, Session, SyncState},
    policy::{Role, allows},
    time::Timestamp,
};
use leptos::prelude::*;
use std::{collections::BTreeSet, rc::Rc, sync::Arc};

pub use presence::{Presence, SignedIn};
pub use toast::{Toast, ToastKind};

mod presence;
mod toast;

/// Actions that `u` can go back over.
const MAX_UNDO: usize = 100;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Dialog {
    Palette,
    Shortcuts,
    NewWorkOrder(Option<RoomId>),
    SignOut,
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
    pub toasts: RwSignal<Vec<Toast>>,
    pub chip: RwSignal<Chip>,
    pub text: RwSignal<String>,
    pub cursor: RwSignal<Option<RoomId>>,
    pub selected: RwSignal<BTreeSet<RoomId>>,
    pub order_chip: RwSignal<OrderChip>,
    pub order_text: RwSignal<String>,
    pub whose: RwSignal<Option<Whose>>,
    pub in_hand: RwSignal<Option<TaskId>>,
    pub theme: RwSignal<Theme>,
    undoable: StoredValue<Vec<OperationId>>,
    toast_ids: StoredValue<u32>,
}

impl App {
    pub fn new(host: Host, route: Route, now: Timestamp) -> Self {
        let starting = SyncState {
            connection: Connection::Offline {
                since: now,
                reason: None,
            },
            synced_at: None,
            waiting: 0,
            refused: vec![],
        };
        Self {
            host: StoredValue::new_local(Rc::new(host)),
            presence: RwSignal::new(Presence::Starting),
            sync: RwSignal::new(starting),
            mirror: Mirror::empty(),
            route: RwSignal::new(route),
            now: RwSignal::new(now),
            dialog: RwSignal::new(None),
            toasts: RwSignal::default(),
            chip: RwSignal::default(),
            text: RwSignal::default(),
            cursor: RwSignal::new(None),
            selected: RwSignal::default(),
            order_chip: RwSignal::default(),
            order_text: RwSignal::default(),
            whose: RwSignal::new(None),
            in_hand: RwSignal::new(None),
            theme: RwSignal::new(Theme::kept()),
            undoable: StoredValue::default(),
            toast_ids: StoredValue::default(),
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
                name,
                waiting,
            }) => self.leave(Presence::SignedOut {
                server,
                hotel,
                name,
                waiting,
            }),
            Event::Session(Session::SignedIn {
                hotel_name,
                server,
                me,
                people,
                utc_offset_minutes,
                key_in_file,
                ..
            }) => {
                let first_screen = first_screen(me.role);
                let arriving = self.here().is_none_or(|here| here.me.id != me.id);
                self.presence.set(Presence::Here(Arc::new(SignedIn {
                    hotel_name,
                    server,
                    me,
                    people,
                    clock: LocalClock { utc_offset_minutes },
                    key_in_file,
                })));
                if arriving && Route::parse(&current_hash()).is_none() {
                    self.go(Route::to(first_screen));
                }
            }
            Event::Sync(state) => self.sync.set(state),
            Event::Rows { replace, rows } => self.mirror.apply(replace, rows),
        }
    }

    /// Forgets what belonged to the person who was here.
    fn leave(self, presence: Presence) {
        self.presence.set(presence);
        self.dialog.set(None);
        self.toasts.set(vec![]);
        self.selected.set(BTreeSet::new());
        self.cursor.set(None);
        self.whose.set(None);
        self.in_hand.set(None);
        self.undoable.set_value(vec![]);
        self.mirror.apply(true, vec![]);
        self.replace(Route::default(), "#");
    }

    /// Who is signed in. Views may read it once: the frame is made anew when it changes.
    pub fn here(self) -> Option<Arc<SignedIn>> {
        self.presence.with_untracked(|presence| match presence {
            Presence::Here(here) => Some(here.clone()),
            Presence::Starting | Presence::SignedOut { .. } => None,
        })
    }

    pub fn me(self) -> UserId {
        self.here().map(|here| here.me.id).unwrap_or_default()
    }

    pub fn role(self) -> Option<Role> {
        self.here().map(|here| here.me.role)
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
        let people = here.as_ref().map_or(&[][..], |here| &here.people);
        self.mirror
            .glance(|cabinet| read(&Names { cabinet, people }))
    }

    pub fn go(self, route: Route) {
        if self.route.get_untracked() != route {
            self.route.set(route);
        }
        if let Some(window) = web_sys::window() {
            // A page without an address bar may refuse; the route is then only in memory.
            let _ = window.location().set_hash(&route.to_string());
        }
    }

    /// Opens something in the place of what is open, without a step in the page's history.
    pub fn open_instead(self, opened: Opened) {
        let route = self.route.get_untracked().opening(opened);
        self.replace(route, &route.to_string());
    }

    fn replace(self, route: Route, address: &str) {
        self.route.set(route);
        let history = web_sys::window().and_then(|window| window.history().ok());
        if let Some(history) = history {
            // As in `go`: the route is then only in memory.
            let nothing = wasm_bindgen::JsValue::NULL;
            let _ = history.replace_state_with_url(&nothing, "", Some(address));
        }
    }

    pub fn open(self, opened: Opened) {
        self.go(self.route.get_untracked().opening(opened));
    }

    pub fn close(self) {
        self.go(self.route.get_untracked().closed());
    }

    /// Why the person's role may not do this; None when it may.
    pub fn refuses(self, command: &Command) -> Option<String> {
        let role = self.role()?;
        let refusal = allows(role, command).err()?;
        Some(words::problem::refusal(&refusal))
    }

    /// Does something and says so, with a way back.
    pub fn act(self, command: Command) {
        if let Some(reason) = self.refuses(&command) {
            return self.say(ToastKind::Problem, reason);
        }
        if let Command::StartTask { task } | Command::PauseTask { task } = command {
            self.in_hand.set(Some(task));
        }
        self.request(Request::Do(command), |_| {});
    }

    /// Asks the host; on success says what was done and hands the document on.
    pub fn request(self, request: Request, then: impl FnOnce(Option<DocumentRef>) + 'static) {
        let host = self.host.get_value();
        leptos::task::spawn_local(async move {
            match host.act(request.clone()).await {
                Ok(Receipt::Done {
                    operation,
                    document,
                }) => {
                    self.acknowledge(&request, operation);
                    then(document);
                }
                Ok(Receipt::Noted) => then(None),
                Err(problem) => self.fail(&problem),
            }
        });
    }

    /// Signs in; the problem is for the form to show.
    pub async fn sign_in(self, request: Request) -> Result<(), Problem> {
        let host = self.host.get_value();
        host.act(request).await.map(|_| ())
    }

    pub async fn ask(self, question: Question) -> Result<Answer, Problem> {
        let host = self.host.get_value();
        host.ask(question).await
    }

    pub fn undo(self, operation: OperationId) {
        self.undoable
            .update_value(|done| done.retain(|other| *other != operation));
        self.toasts
            .update(|toasts| toasts.retain(|toast| toast.kind != ToastKind::Done(operation)));
        self.act(Command::Undo { operation });
    }

    pub fn undo_last(self) {
        match self.undoable.try_update_value(Vec::pop).flatten() {
            Some(operation) => self.undo(operation),
            None => self.say(ToastKind::Said, t("undo.nothing").to_owned()),
        }
    }

    fn acknowledge(self, request: &Request, operation: OperationId) {
        let text = self.named(|names| match request {
            Request::Do(command) => words::command::command(command, names),
            Request::CreateWorkOrder(draft) => words::command::command(
                &Command::CreateWorkOrder {
                    work_order: WorkOrderId::default(),
                    draft: draft.clone(),
                },
                names,
            ),
            Request::AddComment { .. } => t("did.commented").to_owned(),
            Request::SignIn { .. } | Request::SignOut | Request::DismissRefused { .. } => {
                String::new()
            }
        });
        if matches!(request, Request::Do(Command::Undo { .. })) {
            return self.say(ToastKind::Said, text);
        }
        self.undoable.update_value(|done| {
            done.push(operation);
            if done.len() > MAX_UNDO {
                done.remove(0);
            }
        });
        self.say(ToastKind::Done(operation), text);
    }

    fn fail(self, problem: &Problem) {
        let calm = matches!(
            problem,
            Problem::Refused(keyrack_model::refusal::Refusal::NothingToDo)
        );
        let kind = if calm {
            ToastKind::Said
        } else {
            ToastKind::Problem
        };
        self.say(kind, words::problem::problem(problem));
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

pub fn current_hash() -> String {
    web_sys::window()
        .and_then(|window| window.location().hash().ok())
        .unwrap_or_default()
}
