//! The app's start, with whatever its store has by then.

use super::super::figures::{Report, Times, millis};
use keyrack_tests::{
    desk::{Desk, Screen},
    hotel::{self, RUI},
    server::Cli,
    wait::{self, PATIENTLY},
    world::World,
};
use std::{path::Path, time::Instant};

const STARTS: usize = 7;

/// Somebody is signed in while all bookings arrive, so that their store has the whole story; then
/// the app is opened again and again.
pub async fn measure(world: &World, bookings: Option<&Path>, report: &mut Report) {
    let server = world.demo_server().await;
    let workplace = world.workplace("starting", &server.url());
    let desk = Desk::sign_in(workplace.open().await, &RUI).await;
    let what = if let Some(file) = bookings {
        let file = file.to_str().expect("a path in text");
        let import = ["import", "bookings", file, "--hotel", hotel::CODE];
        let date = ["--business-date", hotel::BUSINESS_DATE];
        Cli::new(server.database())
            .succeed(&[&import[..], &date].concat(), "")
            .await;
        "two years of bookings"
    } else {
        report.note("no --bookings FILE: the app starts with the demo's week".to_owned());
        "the demo's week"
    };
    desk.wait_until_synced().await;
    desk.into_window().close().await;
    // What came while it closed is here, too, once it was open again.
    let desk = Desk::signed_in(workplace.open().await).await;
    desk.wait_until_synced().await;
    desk.into_window().close().await;

    let (mut ours, mut empty) = (Times::default(), Times::default());
    for _ in 0..STARTS {
        let begun = Instant::now();
        let window = workplace.open().await;
        let desk = Desk::signed_in(window).await;
        let rooms = async || desk.board_as_it_is().await.len();
        wait::until("the board's tiles", PATIENTLY, async || {
            match rooms().await {
                0 => Err("none".to_owned()),
                rooms => Ok(rooms),
            }
        })
        .await;
        ours.push(begun.elapsed());
        desk.go_to(Screen::Board).await;
        desk.into_window().close().await;

        let begun = Instant::now();
        let browser = workplace.open_browser().await;
        empty.push(begun.elapsed());
        drop(browser);
    }
    let store = workplace.data().to_owned();
    report.note(format!(
        "the app's data at its starts: {} kB",
        size_of(&store) / 1_024
    ));
    report.ratio(
        &format!("the app's start with {what}, until the board has its rooms / an empty browser"),
        ours.median().as_secs_f64(),
        empty.median().as_secs_f64(),
        &format!("{} / {}", millis(ours.median()), millis(empty.median())),
        "(≤ 1 s)",
    );
    let beyond = ours.median().saturating_sub(empty.median());
    report.note(format!(
        "beyond an empty browser the app took {}",
        millis(beyond)
    ));
}

/// Bytes in a folder and below.
fn size_of(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let sizes = entries.map(|entry| {
        let path = entry.path();
        if path.is_dir() {
            size_of(&path)
        } else {
            entry.metadata().map_or(0, |it| it.len())
        }
    });
    sizes.sum()
}
