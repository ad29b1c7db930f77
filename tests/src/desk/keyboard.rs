//! A day without a mouse: what has the focus, what is in sight, and keys pressed one by one.

use super::{Desk, Screen, Tile};
use crate::{wait, window::Key};
use serde_json::json;
use std::collections::BTreeMap;

/// Presses of Tab within which anything on a screen or in a drawer is reached.
const TABS: usize = 40;

impl Desk {
    /// What has the focus: its test id, with the title of a work order's line behind it.
    pub async fn focus(&self) -> String {
        let script = "const it = document.activeElement;
            const line = it?.closest('[data-testid]');
            return [it?.dataset.testid ?? line?.dataset.testid ?? it?.tagName ?? 'nothing',
                it?.dataset.title].filter(part => part).join(' ')";
        self.look(script).await
    }

    pub async fn wait_for_focus(&self, on: &str) {
        let focus = async || self.focus().await;
        wait::until_seen("the focus", on.to_owned(), focus).await;
    }

    /// Goes to a screen by the keys for it. A machine that is busy for so long that the second key
    /// comes too late for the first is asked again, as a person does.
    pub async fn go_by_keys(&self, keys: &str, screen: Screen) {
        assert!(!self.is_at(screen).await, "it is there already");
        wait::until(format!("{screen:?} by {keys}"), wait::SOON, async || {
            self.window.type_keys(keys).await;
            if self.is_at(screen).await {
                Ok(())
            } else {
                Err(self.window.text().await)
            }
        })
        .await;
    }

    /// Presses Tab until something has the focus.
    pub async fn tab_to(&self, id: &str) {
        let mut passed = Vec::new();
        for _ in 0..TABS {
            let focus = self.focus().await;
            if focus == id {
                return;
            }
            passed.push(focus);
            self.window.press(Key::Tab).await;
        }
        panic!("Tab does not come to “{id}”: {passed:?}");
    }

    /// Presses a letter together with Shift. The driver's keys come one by one, so the page is
    /// told of this one.
    pub async fn press_shift_and(&self, letter: char) {
        let script = "(document.activeElement ?? document.body).dispatchEvent(
            new KeyboardEvent('keydown',
                {key: arguments[0], shiftKey: true, bubbles: true, cancelable: true}))";
        self.window.read(script, &[json!(letter.to_string())]).await;
    }

    /// The rooms that are left on the board, whatever is open beside it.
    pub async fn rooms_in_sight(&self) -> Vec<String> {
        self.each_tile("tile.dataset.testid.slice('room-'.length)")
            .await
    }

    /// The rooms that are selected on the board.
    pub async fn rooms_selected(&self) -> Vec<String> {
        let says = "tile.ariaPressed === 'true' ? tile.dataset.testid.slice('room-'.length) : ''";
        let mut rooms: Vec<String> = self.each_tile(says).await;
        rooms.retain(|room| !room.is_empty());
        rooms
    }

    /// Every room as the board says, whatever is open beside it.
    pub async fn board_as_it_is(&self) -> BTreeMap<String, Tile> {
        let says = "[tile.dataset.testid.slice('room-'.length), {
            code: tile.dataset.code,
            cleanliness: tile.dataset.cleanliness.toLowerCase(),
            phase: tile.dataset.phase,
        }]";
        let rooms: Vec<(String, Tile)> = self.each_tile(says).await;
        rooms.into_iter().collect()
    }

    /// Waits until a room is as wanted, and touches nothing meanwhile.
    pub async fn watch_tile(&self, room: &str, as_wanted: impl Fn(&Tile) -> bool) {
        wait::until(format!("room {room}"), wait::SOON, async || {
            match self.board_as_it_is().await.remove(room) {
                Some(tile) if as_wanted(&tile) => Ok(()),
                other => Err(format!("{other:?}")),
            }
        })
        .await;
    }

    /// Finds a room by its number, and puts the focus on its tile.
    pub async fn find_by_keys(&self, room: &str) {
        self.window.type_keys("/").await;
        self.wait_for_focus("filter").await;
        self.window.type_keys(room).await;
        let sight = async || self.rooms_in_sight().await;
        wait::until_seen("the room that was typed", vec![room.to_owned()], sight).await;
        self.window.press(Key::Escape).await;
        self.window.press(Key::Down).await;
        self.wait_for_focus(&format!("room-{room}")).await;
    }

    /// The list's tasks in the order shown, the one on the card first.
    pub async fn list_as_it_is(&self) -> Vec<(String, String)> {
        let script = "return [...document.querySelectorAll('.my-list [data-testid^=\"task-\"]')]
            .map(row => [row.dataset.testid, row.dataset.status])";
        self.look(script).await
    }

    /// Waits until a task of the list has a status, and touches nothing meanwhile.
    pub async fn watch_task(&self, id: &str, status: &str) {
        wait::until_seen(id, Some(status.to_owned()), async || {
            let list = self.list_as_it_is().await;
            let found = list.into_iter().find(|(other, _)| other == id);
            found.map(|(_, status)| status)
        })
        .await;
    }

    /// Waits until a field of what is open holds a value.
    pub async fn watch_value(&self, id: &str, value: &str) {
        let seen = async || self.window.value(id).await;
        wait::until_seen(format!("“{id}”"), value.to_owned(), seen).await;
    }

    /// The titles of the work orders in sight, in the order shown.
    pub async fn lines_in_sight(&self) -> Vec<String> {
        let script = "return [...document.querySelectorAll('[data-testid=\"work-order\"]')]
            .map(line => line.dataset.title)";
        self.look(script).await
    }
}
