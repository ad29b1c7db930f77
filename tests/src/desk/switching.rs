//! Several people at one computer, who leave it to one another and come back by PIN.

use super::Desk;
use crate::{hotel::Somebody, window::Window};
use serde_json::json;

impl Desk {
    /// Chooses the PIN of whoever is here.
    pub async fn choose_pin(&self, pin: &str) {
        self.window.click("me").await;
        self.window.click("menu-pin").await;
        self.window.fill("pin-new", pin).await;
        self.window.fill("pin-again", pin).await;
        self.window.click("pin-save").await;
        self.window.wait_until_gone("pin-save").await;
    }

    /// Leaves the computer to the next person; the window shows who has a PIN.
    pub async fn leave(self) -> Window {
        self.window.click("switch").await;
        self.window.wait_for("face").await;
        self.window
    }

    /// Somebody signs in with a password where others have PINs.
    pub async fn sign_in_beside(window: Window, who: &Somebody) -> Self {
        window.click("somebody-else").await;
        Self::sign_in(window, who).await
    }

    /// Somebody goes on by PIN.
    pub async fn go_on(window: Window, who: &Somebody, pin: &str) -> Self {
        Self::try_pin(&window, who, pin).await;
        let desk = Self::signed_in(window).await;
        let here = desk.window.text_of_css("[data-testid=\"me\"]").await;
        let here = here.unwrap_or_default();
        assert!(here.contains(who.display), "{here} instead of {}", who.name);
        desk
    }

    /// Types somebody's PIN at their face, and sends it.
    pub async fn try_pin(window: &Window, who: &Somebody, pin: &str) {
        let face = format!("[data-testid=\"face\"][data-person=\"{}\"]", who.display);
        window.click_css(&face).await;
        window.fill("pin", pin).await;
        window.click("pin-enter").await;
    }

    /// Why something of whoever is here was not accepted.
    pub async fn refused_reason(&self) -> String {
        self.window.wait_for("sync-state").await;
        self.window.click("sync-state").await;
        let reason = "[data-testid=\"refused-action\"]";
        self.window.wait_for("refused-action").await;
        self.window.text_of_css(reason).await.unwrap_or_default()
    }

    /// What is said of work of others that was not accepted. It is not for whoever is here to put
    /// away.
    ///
    /// # Panics
    /// When it can be put away.
    pub async fn refused_of_others(&self) -> String {
        self.window.wait_for("sync-state").await;
        self.window.click("sync-state").await;
        let whose = "[data-testid=\"refused-for-author\"]";
        self.window.wait_for("refused-for-author").await;
        let away = "return document.querySelector('[data-testid=\"refused-dismiss\"]')";
        assert_eq!(self.window.read(away, &[]).await, json!(null));
        let said = self.window.text_of_css(whose).await.unwrap_or_default();
        self.window.click_css(".curtain").await;
        said
    }

    /// Who may go on here by PIN.
    pub async fn faces(window: &Window) -> Vec<String> {
        let script = "return [...document.querySelectorAll('[data-testid=\"face\"]')]
            .map(face => face.dataset.person)";
        let faces = window.read(script, &[json!(null)]).await;
        serde_json::from_value(faces).unwrap_or_default()
    }
}
