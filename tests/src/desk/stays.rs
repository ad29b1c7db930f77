//! The drawer of a stay, and the rooms that it can have.

use super::Desk;
use crate::wait;
use serde::Deserialize;

/// A room that a stay could have.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct RoomOnOffer {
    pub number: String,
    /// Its value in the list.
    pub id: String,
}

impl Desk {
    /// Opens a room's stay of a status: `in-house`, `expected`.
    pub async fn open_stay(&self, room: &str, status: &str) {
        self.open_room(room).await;
        let button =
            format!("[data-testid=\"stay\"][data-status=\"{status}\"] [data-testid=\"open-stay\"]");
        self.window().click_css(&button).await;
        self.window().wait_for("stay-drawer").await;
    }

    /// The rooms that the open stay could have instead of its own.
    pub async fn rooms_on_offer(&self) -> Vec<RoomOnOffer> {
        let script = "return [...document.querySelectorAll(
                '.drawer [data-testid=\"stay-room\"] option')]
            .filter(it => it.value && it.textContent.includes(' · '))
            .map(it => ({number: it.textContent.split(' · ')[0].trim(), id: it.value}))";
        wait::until("rooms for a stay", wait::SOON, async || {
            let rooms: Vec<RoomOnOffer> = self.look(script).await;
            if rooms.is_empty() {
                return Err(self.window().text().await);
            }
            Ok(rooms)
        })
        .await
    }

    /// Gives the open stay another room.
    pub async fn give_room(&self, room: &RoomOnOffer) {
        self.window().choose("stay-room", &room.id).await;
        let shown = async || self.window().value("stay-room").await;
        wait::until_seen("the room of the stay", room.id.clone(), shown).await;
    }
}
