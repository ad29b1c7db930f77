//! A person at a window, in the hotel's words.

mod day;
mod inbox;
mod keyboard;
mod rack;
mod rooms;
pub mod settings;
mod stays;
mod story;
mod switching;
mod tasks;
mod work_orders;

pub use inbox::Decision;
pub use rooms::Tile;
pub use stays::RoomOnOffer;
pub use story::Chapter;
pub use tasks::TaskRow;
pub use work_orders::{WorkOrderForm, WorkOrderRow};

use crate::{
    hotel::Somebody,
    wait::{self, PATIENTLY},
    window::Window,
};
use serde::{Deserialize, de::DeserializeOwned};

/// Somebody signed in at an open window.
pub struct Desk {
    window: Window,
}

/// What the top bar says about the server.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct SyncSeen {
    pub state: String,
    pub waiting: usize,
}

/// The screens of the rail: that of the desk for those who work there, that of decisions for those
/// who decide, or when there are any.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Screen {
    Board,
    MyList,
    WorkOrders,
    Desk,
    Conflicts,
    Rules,
}

impl Screen {
    fn link(self) -> &'static str {
        match self {
            Self::Board => "nav-board",
            Self::MyList => "nav-list",
            Self::WorkOrders => "nav-orders",
            Self::Desk => "nav-desk",
            Self::Conflicts => "nav-conflicts",
            Self::Rules => "nav-rules",
        }
    }
}

impl Desk {
    /// Signs in, and waits until the hotel's rooms are on this device.
    pub async fn sign_in(window: Window, who: &Somebody) -> Self {
        Self::try_password(&window, who.name, &who.password()).await;
        let desk = Self::signed_in(window).await;
        desk.wait_until_synced().await;
        desk
    }

    /// Fills the sign-in form, with the server and the hotel that the app was started for, and
    /// sends it.
    pub async fn try_password(window: &Window, name: &str, password: &str) {
        window.fill("name", name).await;
        window.fill("password", password).await;
        window.click("sign-in").await;
    }

    /// A window in which somebody is signed in, or is about to be; waits until it shows the hotel.
    pub async fn signed_in(window: Window) -> Self {
        wait::until("the hotel's rooms in the window", PATIENTLY, async || {
            let rooms = window
                .text_of_css("[data-testid=\"nav-board\"] .count")
                .await;
            match rooms.as_deref() {
                None | Some("" | "0") => Err(window.text().await),
                Some(_) => Ok(()),
            }
        })
        .await;
        Self { window }
    }

    pub fn window(&self) -> &Window {
        &self.window
    }

    pub fn into_window(self) -> Window {
        self.window
    }

    /// Asks to sign out; what is said about what waits.
    pub async fn ask_to_sign_out(&self) -> String {
        self.window.click("sign-out").await;
        self.window.wait_for("sign-out-waiting").await;
        let said = "[data-testid=\"sign-out-waiting\"]";
        self.window.text_of_css(said).await.unwrap_or_default()
    }

    /// Signs out, agreeing to whatever is said about what waits.
    pub async fn sign_out(self) -> Window {
        self.ask_to_sign_out().await;
        self.window.click("sign-out-confirm").await;
        self.window.wait_for("sign-in").await;
        self.window
    }

    /// Shows a screen with nothing open beside it.
    pub async fn go_to(&self, screen: Screen) {
        if !self.is_at(screen).await {
            self.window.click(screen.link()).await;
            self.wait_for_screen(screen).await;
        }
    }

    pub async fn wait_for_screen(&self, screen: Screen) {
        let at = async || self.is_at(screen).await;
        wait::until_seen(format!("the screen of {}", screen.link()), true, at).await;
    }

    async fn is_at(&self, screen: Screen) -> bool {
        let script = "return document.querySelector(arguments[0]) !== null
            && document.querySelector('.drawer') === null";
        let link = screen.link();
        let current = format!("[data-testid=\"{link}\"][aria-current=\"page\"]");
        self.window.read(script, &[current.into()]).await == true
    }

    pub async fn sync_state(&self) -> SyncSeen {
        let script = "const bar = document.querySelector('[data-testid=\"sync-state\"]');
            return {state: bar?.dataset.state ?? 'missing',
                waiting: Number(bar?.dataset.waiting ?? -1)}";
        let seen = self.window.read(script, &[]).await;
        serde_json::from_value(seen).unwrap_or(SyncSeen {
            state: "unreadable".to_owned(),
            waiting: usize::MAX,
        })
    }

    /// Waits until so many actions wait to be sent.
    pub async fn wait_until_waiting(&self, actions: usize) {
        let seen = async || self.waiting().await;
        wait::until_seen("the actions that wait", actions, seen).await;
    }

    /// Actions that wait to be sent.
    pub async fn waiting(&self) -> usize {
        self.sync_state().await.waiting
    }

    /// Waits until the server has everything from here and this device has everything from it.
    pub async fn wait_until_synced(&self) {
        self.wait_for_sync("synced", |seen| seen.state == "synced")
            .await;
    }

    pub async fn wait_until_offline(&self) {
        self.wait_for_sync("offline", |seen| seen.state == "offline")
            .await;
    }

    async fn wait_for_sync(&self, awaited: &str, as_wanted: impl Fn(&SyncSeen) -> bool) {
        wait::until(format!("the window {awaited}"), PATIENTLY, async || {
            let seen = self.sync_state().await;
            if as_wanted(&seen) {
                Ok(())
            } else {
                Err(format!("{seen:?}"))
            }
        })
        .await;
    }

    /// Runs a script that describes what is on the screen.
    async fn look<T: DeserializeOwned>(&self, script: &str) -> T {
        let seen = self.window.read(script, &[]).await;
        let text = seen.to_string();
        serde_json::from_value(seen).unwrap_or_else(|error| panic!("{error}: {text}"))
    }
}
