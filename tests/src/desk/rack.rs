//! The whole board, of which only what is in sight is on the page: it is scrolled from end to end
//! and back to where it was.

use super::Desk;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// Scrolls, and calls `seen(tile)` for every tile once or more, until it says that it is enough.
const WALK: &str = "
    const walk = async (board, seen) => {
        const frame = () => new Promise(done => requestAnimationFrame(() => setTimeout(done)));
        for (let top = 0; ; top += board.clientHeight) {
            board.scrollTop = top;
            await frame();
            for (const tile of board.querySelectorAll('.tile')) {
                if (seen(tile)) return true;
            }
            if (top + board.clientHeight >= board.scrollHeight) return false;
        }
    };
    const board = document.querySelector('.board .scroller');";

impl Desk {
    /// What every tile says to a piece of script that names it `tile`, in the order of the board.
    pub(super) async fn each_tile<T: DeserializeOwned>(&self, says: &str) -> Vec<T> {
        let script = format!(
            "{WALK}
            if (!board) return [];
            const told = new Map();
            const groups = () => [...document.querySelectorAll('.tiles')];
            const before = board.scrollTop;
            await walk(board, tile => {{
                const group = groups().indexOf(tile.closest('.tiles'));
                const place = Number(tile.parentElement.ariaPosInSet);
                const said = {says};
                told.set(tile.dataset.stop, {{group, place, said}});
            }});
            board.scrollTop = before;
            const inOrder = (a, b) => a.group - b.group || a.place - b.place;
            return [...told.values()].sort(inOrder).map(tile => tile.said);"
        );
        let said = self.window.settle(&script, &[]).await;
        let said = said.unwrap_or_else(|reason| panic!("the tiles: {reason}"));
        let text = said.to_string();
        serde_json::from_value(said).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    /// Scrolls the board until a room's tile is on the page.
    pub(super) async fn scroll_to_room(&self, room: &str) {
        let script = format!(
            "{WALK}
            const isWanted = tile => tile.dataset.testid === 'room-{room}';
            return [...board.querySelectorAll('.tile')].some(isWanted)
                || await walk(board, isWanted);"
        );
        let found = self.window.settle(&script, &[]).await;
        assert_eq!(found, Ok(json!(true)), "room {room} is on the board");
    }

    /// How many rooms the lists of the groups tell of, by a tile or beyond the page; none where what
    /// they say of an item's place does not hold.
    pub async fn rooms_told(&self) -> Option<usize> {
        let script = "
            let told = 0;
            for (const list of document.querySelectorAll('.tiles')) {
                let place = 1;
                for (const item of list.children) {
                    if (Number(item.ariaPosInSet) !== place) return null;
                    place += item.querySelector('.tile') ? 1 : parseInt(item.textContent);
                    if (place - 1 > Number(item.ariaSetSize)) return null;
                }
                if (place - 1 !== Number(list.lastElementChild?.ariaSetSize)) return null;
                told += place - 1;
            }
            return told;";
        let told: Value = self.window.read(script, &[]).await;
        told.as_u64().and_then(|told| usize::try_from(told).ok())
    }

    /// What the groups of the board are called, from the top.
    pub async fn groups(&self) -> Vec<String> {
        let script = "return [...document.querySelectorAll('.group h2')].map(it => it.textContent)";
        self.look(script).await
    }

    /// Whether the board's tiles are small.
    pub async fn has_small_tiles(&self) -> bool {
        let script = "return document.querySelector('.board')?.dataset.density === 'compact'";
        self.look(script).await
    }

    /// How many tiles are on the page at the moment.
    pub async fn tiles_on_page(&self) -> usize {
        let script = "return document.querySelectorAll('.tile').length";
        let tiles: Value = self.window.read(script, &[]).await;
        let tiles = tiles.as_u64().and_then(|tiles| usize::try_from(tiles).ok());
        tiles.unwrap_or_default()
    }
}
