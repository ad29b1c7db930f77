//! The board and a room's drawer.

use super::{Desk, Screen};
use crate::wait;
use serde::Deserialize;
use std::collections::BTreeMap;

/// A room as its tile on the board says.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct Tile {
    /// VD, OC, …
    pub code: String,
    pub cleanliness: String,
    pub phase: String,
}

/// What reaches beyond the edges of a `tile`.
const CUT_OFF: &str = "(() => {
    const board = tile.closest('.scroller').getBoundingClientRect();
    if (tile.getBoundingClientRect().right > board.right + 0.5) return [`${tile.dataset.testid} itself`];
    const parts = '.number, .code, .face, .running, .badge, .mark, .guests';
    return [...tile.querySelectorAll(parts)].filter(part => {
        const it = part.getBoundingClientRect();
        const edge = (part.closest('.who') ?? tile).getBoundingClientRect();
        const leftOut = part.matches('.guests') && it.top >= edge.bottom - 1;
        const inside = it.left >= edge.left - 0.5 && it.right <= edge.right + 0.5
            && it.top >= edge.top - 0.5 && it.bottom <= edge.bottom + 0.5;
        return !inside && !leftOut;
    }).map(part => `${tile.dataset.testid} ${part.getAttribute('class')}`);
})()";

impl Desk {
    pub async fn open_room(&self, room: &str) {
        self.go_to(Screen::Board).await;
        self.scroll_to_room(room).await;
        self.window.click(&format!("room-{room}")).await;
        self.window.wait_for("room-drawer").await;
    }

    /// Sets a room's cleanliness in its drawer: `dirty`, `pickup`, `clean` or `inspected`.
    pub async fn set_cleanliness(&self, room: &str, value: &str) {
        self.open_room(room).await;
        self.window.click(&format!("set-{value}")).await;
        self.wait_for_tile(room, |tile| tile.cleanliness == value)
            .await;
    }

    /// Sets what housekeeping saw: `vacant` or `occupied`.
    pub async fn set_occupancy_seen(&self, room: &str, value: &str) {
        self.open_room(room).await;
        self.window.choose("hk-occupancy", value).await;
    }

    /// Sets what the guest wants: `do-not-disturb`, `make-up-room`, …
    pub async fn set_service(&self, room: &str, value: &str) {
        self.open_room(room).await;
        self.window.choose("service", value).await;
    }

    /// Tries to set a room's cleanliness; the sentence that is shown when that fails.
    pub async fn try_cleanliness(&self, room: &str, value: &str) -> Result<(), String> {
        self.open_room(room).await;
        self.window.click(&format!("set-{value}")).await;
        wait::until(
            format!("room {room} set, or a reason"),
            wait::SOON,
            async || {
                if let Some(reason) = self.window.text_of_css(".toast.wrong").await {
                    return Ok(Err(reason));
                }
                match self.tile(room).await {
                    Some(tile) if tile.cleanliness == value => Ok(Ok(())),
                    other => Err(format!("{other:?}")),
                }
            },
        )
        .await
    }

    /// What housekeeping saw, as the open drawer says.
    pub async fn occupancy_seen(&self) -> String {
        self.window.value("hk-occupancy").await
    }

    /// What the guest wants, as the open drawer says.
    pub async fn service(&self) -> String {
        self.window.value("service").await
    }

    pub async fn check_out(&self, room: &str) {
        self.open_room(room).await;
        self.window.click("check-out").await;
        self.wait_for_tile(room, |tile| tile.code.starts_with('V'))
            .await;
    }

    pub async fn check_in(&self, room: &str) {
        self.open_room(room).await;
        self.window.click("check-in").await;
        self.wait_for_tile(room, |tile| tile.code.starts_with('O'))
            .await;
    }

    pub async fn undo(&self) {
        self.window.click("toast-undo").await;
    }

    /// Every room, by its number.
    pub async fn board(&self) -> BTreeMap<String, Tile> {
        self.go_to(Screen::Board).await;
        self.board_as_it_is().await
    }

    /// What reaches beyond the edges of its tile, or of the board: `131 mark`. Guests may be left out whole.
    pub async fn cut_off_on_tiles(&self) -> Vec<String> {
        let cut: Vec<Vec<String>> = self.each_tile(CUT_OFF).await;
        cut.concat()
    }

    /// What would reach beyond the edges of a room's tile if the room had another number.
    pub async fn cut_off_if_called(&self, room: &str, number: &str) -> Vec<String> {
        self.scroll_to_room(room).await;
        let script = format!(
            "const tile = document.querySelector(arguments[0]);
            const shown = tile.querySelector('.number');
            const before = shown.textContent;
            shown.textContent = arguments[1];
            try {{ return {CUT_OFF}; }} finally {{ shown.textContent = before; }}"
        );
        let place = format!("[data-testid=\"room-{room}\"]");
        let about = [place.into(), number.into()];
        let cut = self.window.read(&script, &about).await;
        serde_json::from_value(cut).expect("what is cut off")
    }

    pub async fn tile(&self, room: &str) -> Option<Tile> {
        self.board().await.remove(room)
    }

    pub async fn wait_for_tile(&self, room: &str, as_wanted: impl Fn(&Tile) -> bool) {
        wait::until(
            format!("room {room} on the board"),
            wait::SOON,
            async || match self.tile(room).await {
                Some(tile) if as_wanted(&tile) => Ok(()),
                other => Err(format!("{other:?}")),
            },
        )
        .await;
    }
}
