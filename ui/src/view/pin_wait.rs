//! While no PIN may be tried: how long that still is, shown as it shrinks. Whoever listens to the
//! page is told when it begins and when it is over, and not at each second.

use super::{
    controls::Shown,
    icon::{Icon, icon},
};
use crate::{
    app::App,
    catalogue::{t, t_count, t_with},
    clock::timer,
};
use keyrack_model::time::Timestamp;
use leptos::prelude::*;

/// The wait of one person; over by itself.
#[derive(Clone, Copy)]
pub struct PinWait {
    /// Whole seconds; None while a PIN may be tried.
    left: Memo<Option<u32>>,
}

impl PinWait {
    pub fn until(until: Memo<Option<Timestamp>>) -> Self {
        let app = App::of_page();
        Self {
            left: Memo::new(move |_| seconds_left(until.get()?, app.now.get())),
        }
    }

    /// Whether one still waits; whoever asks is told of changes.
    pub fn goes_on(self) -> Signal<bool> {
        let waits = Memo::new(move |_| self.left.read().is_some());
        waits.into()
    }
}

/// What is seen and heard of a wait.
pub fn countdown(wait: PinWait) -> impl IntoView {
    let waits = wait.goes_on();
    let said = RwSignal::new(String::new());
    Effect::new(move |waited: Option<bool>| {
        let waits = waits.get();
        match (waited, waits) {
            (_, true) => {
                let seconds = wait.left.get_untracked().unwrap_or_default();
                said.set(t_count("problem.pin-waits", seconds as usize));
            }
            (Some(true), false) => said.set(t("switch.waited").to_owned()),
            (None | Some(false), false) => {}
        }
        waits
    });
    let left = move || {
        let seconds = wait.left.get().unwrap_or_default();
        let time = timer(i64::from(seconds) * 1_000);
        t_with("switch.waits", &[("time", &time)])
    };
    view! {
        <p class="unseen" role="status" data-testid="pin-wait-said">{said}</p>
        <Shown when=waits>
            <p class="notice" aria-hidden="true" data-testid="pin-waits">
                {icon(Icon::Warning)}
                <span>{left}</span>
            </p>
        </Shown>
    }
}

/// Whole seconds until a moment, a begun one for a whole one; None when it has come.
fn seconds_left(until: Timestamp, now: Timestamp) -> Option<u32> {
    let millis = until.millis_since(now);
    let seconds = u32::try_from(millis.saturating_add(999) / 1_000).unwrap_or(u32::MAX);
    (millis > 0).then_some(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pad_is_free_at_the_moment_the_wait_ends_and_not_a_second_before() {
        let until = Timestamp(30_000);
        for (now, left) in [
            (0, Some(30)),
            (1, Some(30)),
            (1_000, Some(29)),
            (29_001, Some(1)),
            (29_999, Some(1)),
            (30_000, None),
            (31_000, None),
        ] {
            assert_eq!(seconds_left(until, Timestamp(now)), left, "{now}");
        }
    }
}
