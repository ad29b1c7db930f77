//! A computer that is stolen, while the app runs, after a crash and after it was closed: nothing that
//! people typed there is in the clear in any file that the app or its web view left.

use keyrack_model::{
    command::Command,
    record::Guest,
    rule_sheet::{RuleKey, RuleScope},
    stay::StayStatus,
};
use keyrack_tests::{
    desk::{Desk, Screen, WorkOrderForm},
    hotel::{ANA, RUI},
    peer::Peer,
    server::Server,
    store_file, traces,
    window::Window,
    workplace::Workplace,
    world::World,
};
use std::path::{Path, PathBuf};

const GUEST: &str = "Quendelwort Guest";
const TITLE: &str = "Quendelwort title";
const DESCRIPTION: &str = "Quendelwort description";
const COMMENT: &str = "Quendelwort comment";
const ROOM_NOTE: &str = "Quendelwort room";
/// Why a room is out of use.
const REASON: &str = "Quendelwort reason";
/// A task that somebody thinks of.
const TASK: &str = "Quendelwort task";
/// Of somebody who books, what they booked, and what is noted of it.
const BOOKED: &str = "Quendelwort booked";
const BOOKING: &str = "Quendelwort booking";
const STAY_NOTE: &str = "Quendelwort stay";
const RATE: &str = "Quendelwort rate";
/// Of a guest, typed at another computer.
const PHONE: &str = "Quendelwort phone";
/// Whose rule was set at another computer.
const RULED: &str = "Quendelwort ruled";
/// Typed and never sent.
const DRAFT: &str = "Quendelwort draft";
/// Typed by mistake, and refused.
const MISTYPED: &str = "Quendelwort password";
/// Long enough to stand nowhere by chance.
const PIN: &str = "409173526481";
/// Whom a manager takes on.
const COLLEAGUE: &str = "Quendelwort colleague";

/// A computer of which everything is in one folder, temporary files and logs too.
struct Computer {
    workplace: Workplace,
    folder: PathBuf,
}

impl Computer {
    fn new(folder: &Path, workplace: Workplace) -> Self {
        Self {
            workplace,
            folder: folder.to_owned(),
        }
    }

    /// Fails when something can be read anywhere that somebody types or is shown who works here; the
    /// names of the files that were looked into.
    #[track_caller]
    fn assert_shows_nothing(&self, when: &str) -> Vec<String> {
        let password = RUI.password();
        let words = [
            GUEST,
            TITLE,
            DESCRIPTION,
            COMMENT,
            ROOM_NOTE,
            REASON,
            TASK,
            BOOKED,
            BOOKING,
            STAY_NOTE,
            RATE,
            PHONE,
            RULED,
            DRAFT,
            MISTYPED,
            &password,
            RUI.display,
        ];
        self.assert_lacks(&words, when)
    }

    #[track_caller]
    fn assert_lacks(&self, words: &[&str], when: &str) -> Vec<String> {
        let found = traces::search(&self.folder, words);
        assert_eq!(found.traces, [], "{when}");
        let name = |file: &PathBuf| {
            let below = file.strip_prefix(&self.folder).unwrap_or(file);
            below.display().to_string()
        };
        let files: Vec<String> = found.files.iter().map(name).collect();
        // What may hold something was there to be looked into.
        for part in [
            "data/keyrack/hotels/",
            "data/keyrack/webview/",
            "driver.log",
        ] {
            let is_there = files.iter().any(|file| file.starts_with(part));
            assert!(is_there, "nothing at {part} {when}: {files:#?}");
        }
        files
    }

    /// Somebody mistypes their password, signs in, and types one of everything.
    async fn work(&self) -> Desk {
        let window = self.workplace.open().await;
        Desk::try_password(&window, RUI.name, MISTYPED).await;
        window.wait_for("problem").await;
        let rui = Desk::sign_in(window, &RUI).await;
        rui.go_to(Screen::Desk).await;
        book(rui.window()).await;
        let board = rui.board().await;
        let taken = board.iter().find(|(_, tile)| tile.code.starts_with('O'));
        let (room, _) = taken.expect("somebody is in house");
        rui.open_room(room).await;
        name_guest(rui.window()).await;
        write_of_room(rui.window()).await;
        rui.create_work_order(WorkOrderForm {
            title: TITLE,
            room,
            priority: "p4",
            description: DESCRIPTION,
        })
        .await;
        rui.comment(TITLE, COMMENT).await;
        rui.wait_until_synced().await;
        rui.window().fill("comment-text", DRAFT).await;
        rui
    }

    /// The whole story, with the computer looked at in between.
    async fn is_stolen_again_and_again(&self) -> Vec<String> {
        let rui = self.work().await;
        self.assert_shows_nothing("while the app runs");
        rui.into_window().kill().await;
        self.assert_shows_nothing("after a crash");
        let rui = Desk::signed_in(self.workplace.open().await).await;
        rui.open_work_order(TITLE).await;
        rui.wait_for_comment(COMMENT).await;
        rui.into_window().close().await;
        self.assert_shows_nothing("after closing");
        let rui = Desk::signed_in(self.workplace.open().await).await;
        rui.wait_until_synced().await;
        rui.sign_out().await.close().await;
        self.assert_shows_nothing("after signing out")
    }
}

/// In the drawer of a room: its note, a block and a task.
async fn write_of_room(window: &Window) {
    window.fill("note", ROOM_NOTE).await;
    window.click("note-save").await;
    window.wait_until_gone("note-save").await;
    window.click("add-block").await;
    window.fill("new-block-reason", REASON).await;
    window.click("block-save").await;
    window.wait_until_gone("block-save").await;
    window.click("add-task").await;
    window.fill("new-task-title", TASK).await;
    window.click("new-task-save").await;
    window.wait_until_gone("new-task-save").await;
}

/// A booking that somebody makes by telephone.
async fn book(window: &Window) {
    window.click("new-stay").await;
    for (field, typed) in [
        ("new-guest", BOOKED),
        ("new-booking", BOOKING),
        ("new-rate", RATE),
        ("new-note", STAY_NOTE),
    ] {
        window.fill(field, typed).await;
    }
    window.click("book").await;
    window.wait_until_gone("stay-form").await;
}

/// What the computer is told of and nobody types there: a guest's telephone number, and a rule.
async fn write_elsewhere(server: &Server) {
    let mut rui = Peer::signed_in(server.address(), &RUI).await;
    rui.sync().await;
    let rows = rui.replica().all_rows().expect("the store is read");
    let mut stays = rows.iter().filter_map(|row| row.as_stay());
    let due = stays.find(|(_, stay)| stay.status == StayStatus::Expected);
    let guest = Guest {
        name: GUEST.into(),
        phone: PHONE.into(),
    };
    let named = Command::EditGuest {
        stay: due.expect("somebody is due").0,
        expected: 0,
        guest,
    };
    rui.act(&named).expect("the desk may");
    rui.sync().await;
    let mut ana = Peer::signed_in(server.address(), &ANA).await;
    ana.sync().await;
    let ruled = Command::SetRule {
        scope: RuleScope::Rate(RULED.into()),
        rule: RuleKey::Turndown,
        number: Some(1),
    };
    ana.act(&ruled).expect("a manager may");
    ana.sync().await;
}

async fn name_guest(window: &Window) {
    window.fill("guest-name", GUEST).await;
    window.click("guest-save").await;
    window.wait_until_gone("guest-save").await;
}

#[tokio::test]
async fn a_computer_with_a_keyring_keeps_nothing_in_the_clear_and_no_key() {
    let world = World::new();
    let server = world.demo_server().await;
    write_elsewhere(&server).await;
    let workplace = world.workplace("desk", &server.url());
    let computer = Computer::new(&world.folder().join("desk"), workplace);
    let files = computer.is_stolen_again_and_again().await;
    let is_there = |name: &str| files.iter().any(|file| file == name);
    assert!(is_there("data/keyrack/device.keyring"), "{files:#?}");
    assert!(!is_there("data/keyrack/device.key"), "{files:#?}");
}

#[tokio::test]
async fn a_computer_without_a_keyring_keeps_one_key_and_nothing_else_in_the_clear() {
    let world = World::new();
    let server = world.demo_server().await;
    write_elsewhere(&server).await;
    let workplace = world.workplace("desk", &server.url()).without_keyring();
    let computer = Computer::new(&world.folder().join("desk"), workplace);
    let files = computer.is_stolen_again_and_again().await;
    let is_there = |name: &str| files.iter().any(|file| file == name);
    assert!(is_there("data/keyrack/device.key"), "{files:#?}");
    assert!(!is_there("data/keyrack/device.keyring"), "{files:#?}");

    // Whoever has an old copy of the key finds nothing that it opens, nor the key itself.
    let data = computer.workplace.data();
    let old = std::fs::read_to_string(data.join("device.key")).expect("the key");
    let (code, said) = computer.workplace.renew_key().await;
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(traces::search(&computer.folder, &[old.trim()]).traces, []);
    let opened = store_file::opened_by(&store_file::key_from(&old), data);
    assert_eq!(opened, Vec::<PathBuf>::new());
}

/// What stands in an element that is shown once.
async fn shown(window: &Window, id: &str) -> String {
    window.wait_for(id).await;
    let css = format!("[data-testid=\"{id}\"]");
    let text = window.text_of_css(&css).await.unwrap_or_default();
    let text = text.trim().to_owned();
    assert!(!text.is_empty(), "{id}");
    text
}

#[tokio::test]
async fn a_pin_and_what_a_manager_is_shown_once_are_kept_nowhere() {
    let world = World::new();
    let server = world.demo_server().await;
    let workplace = world.workplace("desk", &server.url());
    let computer = Computer::new(&world.folder().join("desk"), workplace);
    let ana = Desk::sign_in(computer.workplace.open().await, &ANA).await;
    ana.choose_pin(PIN).await;
    ana.window().type_keys("gs").await;
    let window = ana.into_window();
    window.click("section-devices").await;
    window.click("add-device").await;
    let code = shown(&window, "device-code").await;
    window.click("code-done").await;
    window.wait_until_gone("device-code").await;
    window.click("section-people").await;
    window.click("take-on").await;
    window.fill("take-on-display", COLLEAGUE).await;
    window.fill("take-on-name", "lena").await;
    window.choose("take-on-role", "housekeeper").await;
    window.click("take-on-save").await;
    let password = shown(&window, "one-time-password").await;
    let undivided: String = code.chars().filter(|it| it.is_alphanumeric()).collect();
    let words = [PIN, COLLEAGUE, &code, &undivided, &password];
    computer.assert_lacks(&words, "while it is shown");
    window.click("handed-over").await;
    window.wait_until_gone("one-time-password").await;
    computer.assert_lacks(&words, "while the app runs");
    window.kill().await;
    computer.assert_lacks(&words, "after a crash");
    let ana = Desk::go_on(computer.workplace.open().await, &ANA, PIN).await;
    ana.wait_until_synced().await;
    ana.into_window().close().await;
    computer.assert_lacks(&words, "after closing");
}
