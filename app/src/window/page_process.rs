//! The process that draws the page. It is not this one, and it can end by itself: a graphics
//! driver that fails takes it along, and so does a computer that is short of memory. The data are
//! not there, so the page is simply loaded again.

use gtk::glib;
use std::{
    cell::RefCell,
    time::{Duration, Instant},
};
use webkit2gtk::{HardwareAccelerationPolicy, SettingsExt, WebView, WebViewExt};

/// A page that has lived this long has started well.
const SETTLED: Duration = Duration::from_secs(60);
/// Between the second end of a row and the next page.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Has the page loaded again whenever its process ends.
pub(super) fn keep_alive(view: &WebView) {
    let ends = RefCell::new(Ends::new(Instant::now()));
    view.connect_web_process_terminated(move |view, reason| {
        let pause = ends.borrow_mut().pause_after(Instant::now());
        tracing::warn!(
            ?reason,
            ?pause,
            "the page's process ended; it is loaded again"
        );
        draw_by_processor(view);
        let view = view.clone();
        glib::timeout_add_local_once(pause, move || view.reload());
    });
}

/// What draws is the likeliest to have failed. This is for the next process: WebKit 2.50 does not
/// always survive the change while one draws.
fn draw_by_processor(view: &WebView) {
    if let Some(settings) = view.settings() {
        settings.set_hardware_acceleration_policy(HardwareAccelerationPolicy::Never);
    }
}

/// The ends of the page's process, of which a row must not keep the computer busy.
struct Ends {
    last: Instant,
    next_pause: Duration,
}

impl Ends {
    fn new(started: Instant) -> Self {
        Self {
            last: started,
            next_pause: Duration::ZERO,
        }
    }

    /// How long to wait after an end: not at all after a page that had settled, and longer after
    /// each that had not.
    fn pause_after(&mut self, end: Instant) -> Duration {
        if end.duration_since(self.last) >= SETTLED {
            self.next_pause = Duration::ZERO;
        }
        self.last = end;
        let pause = self.next_pause;
        self.next_pause = (pause * 2).clamp(FIRST_PAUSE, LONGEST_PAUSE);
        pause
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_of_ends_waits_longer_each_time_and_one_alone_not_at_all() {
        let started = Instant::now();
        let mut ends = Ends::new(started);
        let table = [
            // Seconds since the start, and the pause.
            (2, 0),
            (3, 1),
            (5, 2),
            (9, 4),
            (20, 8),
            (40, 16),
            (70, 30),
            (110, 30),
            // It had lived for a minute.
            (170, 0),
            (171, 1),
            (5_000, 0),
        ];
        for (end, pause) in table {
            let end = started + Duration::from_secs(end);
            assert_eq!(ends.pause_after(end), Duration::from_secs(pause), "{end:?}");
        }
    }
}
