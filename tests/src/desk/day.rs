//! Stays that are written down, and the end of the day.

use super::{Desk, RoomOnOffer, Screen};
use crate::wait;

impl Desk {
    /// Writes down a stay for tonight in a room that is ready, and ends the form with a button:
    /// `book`, `book-and-check-in`. The room's number.
    pub async fn write_down(&self, guest: &str, button: &str) -> String {
        self.go_to(Screen::Desk).await;
        let window = self.window();
        window.click("new-stay").await;
        window.wait_for("stay-form").await;
        window.fill("new-guest", guest).await;
        let room = self.first_free().await;
        window.choose("new-room", &room.id).await;
        window.click(button).await;
        window.wait_until_gone("stay-form").await;
        room.number
    }

    /// A room that is ready for whoever comes tonight.
    pub async fn free_room(&self) -> String {
        self.go_to(Screen::Desk).await;
        self.window().click("new-stay").await;
        self.window().wait_for("stay-form").await;
        let room = self.first_free().await;
        self.window().click("new-discard").await;
        self.window().wait_until_gone("stay-form").await;
        room.number
    }

    async fn first_free(&self) -> RoomOnOffer {
        let script = "return [...document.querySelectorAll('[data-testid=\"new-room\"] option')]
            .filter(it => it.value && it.textContent.endsWith(' · ready'))
            .map(it => ({number: it.textContent.split(' · ')[0].trim(), id: it.value}))";
        wait::until("a room for tonight", wait::SOON, async || {
            let rooms: Vec<RoomOnOffer> = self.look(script).await;
            match rooms.into_iter().next() {
                Some(room) => Ok(room),
                None => Err(self.window().text().await),
            }
        })
        .await
    }

    /// Whether a tile of the board is hatched.
    pub async fn is_out_of_order(&self, room: &str) -> bool {
        self.go_to(Screen::Board).await;
        let says = "[tile.dataset.testid, tile.classList.contains('out-of-order')]";
        let tiles: Vec<(String, bool)> = self.each_tile(says).await;
        tiles.contains(&(format!("room-{room}"), true))
    }

    /// What the night audit's sheet says is still open.
    pub async fn audit_lines(&self) -> Vec<String> {
        let script = "return [...document.querySelectorAll('[data-testid=\"audit-line\"]')]
            .map(it => it.innerText.replace(/\\s+/g, ' '))";
        self.look(script).await
    }

    /// Does what the first line of the sheet proposes.
    pub async fn decide_next_of_audit(&self) {
        let script = "document.querySelector('[data-testid=\"audit-line\"] button').click()";
        self.window().read(script, &[]).await;
    }
}
