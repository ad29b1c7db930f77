//! What a person waits for at the window: the board after a change, a key in the filter.
//!
//! The board is the real interface in the app's own kind of web view, on a hotel inside the page:
//! what the app itself takes for an action is measured by `action`. Its baselines are the same
//! tiles without a program behind them, and a frame in which nothing happens.

mod pages;

use super::figures::{Report, Times, millis};
use keyrack_tests::{
    wait::{self, SOON},
    window::Window,
    world::World,
};
use pages::Pages;
use serde::Deserialize;
use serde_json::json;
use std::{path::Path, time::Duration};

/// Rooms on the board, and those that are changed at once.
const ROOMS: usize = 500;
const CHANGED: usize = 100;

/// How often each thing is done.
const TIMES: usize = 20;

/// What the page measures with.
const SCRIPT: &str = include_str!("window/measure.js");

/// What is measured of one thing that is done, in milliseconds.
#[derive(Deserialize)]
struct Took {
    /// Until the page has done what it had to and knows where everything lies.
    worked: f64,
    /// Until that is painted.
    painted: f64,
}

pub async fn measure(world: &World, interface: Option<&Path>, report: &mut Report) {
    let Some(interface) = interface else {
        report.note("no --interface DIR: the board is not measured".to_owned());
        return;
    };
    let pages = Pages::of(interface).await;
    let workplace = world.workplace("browser", "").without_code();
    let window = workplace.open_browser().await;
    window
        .go_to(&format!(
            "{}/index.html?as=ines&rooms={ROOMS}#/board",
            pages.address()
        ))
        .await;
    wait::until("the board", SOON, async || {
        let rooms = "return [Number(document.querySelector('[data-testid=\"chip-all\"] b')
            ?.textContent), document.querySelectorAll('.tile').length]";
        let rooms = window.read(rooms, &[]).await;
        if rooms[0] == json!(ROOMS) && rooms[1] != json!(0) {
            Ok(())
        } else {
            Err(format!("{rooms} rooms and tiles; {}", window.text().await))
        }
    })
    .await;

    let on_page = window
        .read("return document.querySelectorAll('.tile').length", &[])
        .await;
    report.note(format!(
        "of {ROOMS} rooms {on_page} have a tile on the page"
    ));
    let frame = times(&window, "frame()").await;
    let bulk = times(&window, &format!("bulk({CHANGED})")).await;
    let bare_bulk = times(&window, &format!("bareBulk({CHANGED})")).await;
    let key = times(&window, "key()").await;
    let bare_key = times(&window, "bareKey()").await;
    let scroll = times(&window, "scroll()").await;
    report.note(format!(
        "board of {ROOMS}: a screen further down worked out in {} (p99 {}), painted in {} (p99 {})",
        millis(scroll.worked.median()),
        millis(scroll.worked.p99()),
        millis(scroll.painted.median()),
        millis(scroll.painted.p99()),
    ));
    let frame = frame.painted.median();
    for (what, took, bare, target) in [
        ("a change of 100 rooms", &bulk, &bare_bulk, "(≤ 100 ms)"),
        ("a key in the filter", &key, &bare_key, "(≤ 16 ms)"),
    ] {
        for (until, of) in [
            ("worked out", Measured::worked as fn(&Measured) -> &Times),
            ("painted", Measured::painted),
        ] {
            let (ours, theirs) = (of(took).median(), of(bare).median());
            report.ratio(
                &format!("board of {ROOMS}: {what} until {until} / the same in bare tiles, p50"),
                ours.as_secs_f64(),
                theirs.as_secs_f64(),
                &format!(
                    "{} (p99 {}) / {}; an empty frame {}",
                    millis(ours),
                    millis(of(took).p99()),
                    millis(theirs),
                    millis(frame)
                ),
                target,
            );
        }
    }
}

#[derive(Default)]
struct Measured {
    worked: Times,
    painted: Times,
}

impl Measured {
    fn worked(&self) -> &Times {
        &self.worked
    }

    fn painted(&self) -> &Times {
        &self.painted
    }
}

/// Does something in the page over and over.
async fn times(window: &Window, call: &str) -> Measured {
    let script = format!(
        "{SCRIPT}
        const all = [];
        for (let time = 0; time < {TIMES}; time++) all.push(await {call});
        return all;"
    );
    let all = window.settle(&script, &[]).await;
    let all = all.unwrap_or_else(|reason| panic!("{call}: {reason}"));
    let all: Vec<Took> = serde_json::from_value(all).expect("what was measured");
    let mut measured = Measured::default();
    let time = |millis: f64| Duration::from_secs_f64(millis / 1_000.0);
    for Took { worked, painted } in all {
        measured.worked.push(time(worked));
        measured.painted.push(time(painted));
    }
    measured
}
