//! As of when the board is shown: on the tiles of those whose devices are silent, or once above all
//! of them where this device has no connection.

use crate::{
    app::App,
    catalogue::t_with,
    query::{as_of, room_card::RoomCard},
};
use keyrack_model::{
    ids::RoomId,
    ipc::{Answer, Heard, Question},
    time::Timestamp,
};
use leptos::{prelude::*, task::spawn_local};
use std::sync::Arc;

const MINUTE: i64 = 60_000;

/// As of when rooms are shown, and all of them.
#[derive(Clone, Copy)]
pub struct AsOf {
    pub rooms: Memo<Vec<(RoomId, Timestamp)>>,
    pub all: Memo<Option<Timestamp>>,
}

/// Finds it out each minute; as long as something is said of rooms, also with all that is synced.
pub fn as_of(app: App, cards: Memo<Vec<Arc<RoomCard>>>) -> AsOf {
    let heard = RwSignal::new(Vec::<Heard>::new());
    let minute = Memo::new(move |_| Timestamp(app.now.get().0 / MINUTE * MINUTE));
    let all = Memo::new(move |_| as_of::all(&app.sync.read(), minute.get()));
    let rooms = Memo::new(move |_| match (all.get(), app.here()) {
        (None, Some(here)) => as_of::rooms(&cards.read(), &heard.read(), here.device, minute.get()),
        _ => Vec::new(),
    });
    let is_said = Memo::new(move |_| !rooms.read().is_empty());
    Effect::new(move || {
        minute.track();
        if is_said.get() {
            app.sync.track();
        }
        spawn_local(async move {
            // Nothing is said where nothing is known.
            if let Ok(Answer::Heard(lately)) = app.ask(Question::Heard).await {
                heard.try_set(lately);
            }
        });
    });
    AsOf { rooms, all }
}

/// The sentence above all rooms.
pub fn as_of_all(app: App, all: Memo<Option<Timestamp>>) -> impl IntoView {
    move || {
        let at = all.get()?;
        let sentence = t_with("board.as-of", &[("time", &app.moment(at))]);
        Some(view! { <p class="as-of-all" data-testid="board-as-of">{sentence}</p> })
    }
}
