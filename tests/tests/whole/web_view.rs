//! What the page in the window reaches: three commands of the app, and nothing else. Whoever gets a
//! script to run in it has no file, no network and no window more.

mod beyond;

use beyond::{COMMANDS, NAVIGATIONS, REACHES, RUBBISH, built_rubbish};
use keyrack_tests::{
    desk::{Desk, WorkOrderForm},
    display::Display,
    hotel::{MARIA, RUI},
    window::Window,
    workplace::Workplace,
    world::World,
};
use serde_json::{Value, json};
use std::net::{TcpListener, TcpStream};

const INVOKE: &str = "return await window.__TAURI__.core.invoke(arguments[0], arguments[1])";

async fn invoke(window: &Window, command: &str, arguments: Value) -> Result<Value, String> {
    window.settle(INVOKE, &[json!(command), arguments]).await
}

/// The engine answers, and the one process is the one that was started.
async fn assert_alive(workplace: &Workplace, window: &Window, after: &str) {
    let waiting = invoke(window, "ask", json!({ "question": "Waiting" })).await;
    assert_eq!(waiting, Ok(json!({ "Waiting": [] })), "after {after}");
    assert_eq!(workplace.app_processes().len(), 1, "after {after}");
}

/// What a person does goes through as ever.
async fn assert_works(maria: &Desk) {
    let board = maria.board().await;
    let room = board.keys().next().expect("the hotel has rooms");
    maria.set_cleanliness(room, "pickup").await;
    maria.wait_until_waiting(0).await;
}

/// A server of somebody's on this computer.
struct Elsewhere(TcpListener);

impl Elsewhere {
    fn listen() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        listener.set_nonblocking(true).expect("it need not wait");
        let elsewhere = Self(listener);
        TcpStream::connect(elsewhere.address()).expect("it can be reached");
        assert!(elsewhere.was_reached(), "it notices who comes");
        elsewhere
    }

    fn address(&self) -> std::net::SocketAddr {
        self.0.local_addr().expect("it listens")
    }

    /// Whether somebody has come since the last look.
    fn was_reached(&self) -> bool {
        self.0.accept().is_ok()
    }
}

#[tokio::test]
async fn the_page_may_call_nothing_of_tauri_and_nothing_unknown() {
    let world = World::new();
    let server = world.demo_server().await;
    let workplace = world.workplace("desk", &server.url());
    let maria = Desk::sign_in(workplace.open().await, &MARIA).await;
    let window = maria.window();
    for (command, arguments) in COMMANDS {
        let arguments = serde_json::from_str(arguments).expect("JSON");
        let refused = invoke(window, command, arguments).await;
        let reason = refused.expect_err(command);
        assert!(reason.contains("not allowed"), "{command}: {reason}");
    }
    // Past Tauri's own script, without the key that it adds.
    let bare = "const answer = await fetch('ipc://localhost/' + arguments[0],
            {method: 'POST', headers: {'Content-Type': 'application/json'}, body: '{}'});
        if (answer.headers.get('Tauri-Response') !== 'ok') throw new Error('refused');
        return await answer.text()";
    for command in ["ask", "act", "watch", "plugin:event|listen"] {
        let answer = window.settle(bare, &[json!(command)]).await;
        answer.expect_err(command);
    }
    assert_alive(&workplace, window, "all of them").await;
    assert_works(&maria).await;
}

#[tokio::test]
async fn the_page_reaches_no_network_no_file_and_no_other_page() {
    let world = World::new();
    let server = world.demo_server().await;
    let workplace = world.workplace("desk", &server.url());
    let maria = Desk::sign_in(workplace.open().await, &MARIA).await;
    let window = maria.window();
    let elsewhere = Elsewhere::listen();
    let address = json!(format!("http://{}", elsewhere.address()));
    window
        .read("document.body.dataset.page = 'first'", &[])
        .await;

    for (what, script) in REACHES {
        // A violation of the page's policy ends the attempt, whatever else would.
        let script = format!(
            "const forbidden = new Promise((_, no) => document.addEventListener(
                'securitypolicyviolation', it => no(new Error(it.effectiveDirective)), {{once: true}}));
            const attempt = (async () => {{ {script} }})();
            return await Promise.race([forbidden, attempt])"
        );
        let outcome = window.settle(&script, std::slice::from_ref(&address)).await;
        outcome.expect_err(what);
        assert!(!elsewhere.was_reached(), "{what} reached it");
    }

    let open = "return window.open(arguments[0] + '/opened')";
    let opened = window.settle(open, std::slice::from_ref(&address)).await;
    assert_eq!(opened, Ok(Value::Null));
    for script in NAVIGATIONS {
        let address = std::slice::from_ref(&address);
        let tried = format!("try {{ {script} }} catch {{ return 'refused at once' }}");
        window.settle(&tried, address).await.expect("it is tried");
        let place = window.settle("return location.href", &[]).await;
        let place = place.expect("a page");
        let is_ours = |place: &str| place.starts_with("tauri://localhost");
        assert!(place.as_str().is_some_and(is_ours), "{script}: {place}");
        assert!(!elsewhere.was_reached(), "{script} reached it");
    }

    assert_works(&maria).await;
    let page = window.read("return document.body.dataset.page", &[]).await;
    assert_eq!(page, "first", "the page was replaced");
    assert!(!elsewhere.was_reached(), "something reached it in the end");
    let display = Display::of_the_test_run();
    let [process] = workplace.app_processes()[..] else {
        panic!("not one process");
    };
    assert_eq!(display.in_sight(process).len(), 1, "windows");
}

#[tokio::test]
async fn what_every_object_inherits_from_cannot_be_changed() {
    let world = World::new();
    let server = world.demo_server().await;
    let workplace = world.workplace("desk", &server.url());
    let maria = Desk::sign_in(workplace.open().await, &MARIA).await;
    let tries = "const tries = [
            () => { Object.prototype.polluted = 1; },
            () => { ({}).__proto__.polluted = 1; },
            () => { Object.defineProperty(Object.prototype, 'polluted', {value: 1}); },
            () => { Object.prototype.toString = () => 'polluted'; },
            () => { Object.setPrototypeOf(Object.prototype, {polluted: 1}); },
        ];
        for (const it of tries) { try { it(); } catch { /* refused */ } }
        return [Object.isFrozen(Object.prototype), ({}).polluted ?? null, String({})]";
    let seen = maria.window().settle(tries, &[]).await;
    assert_eq!(seen, Ok(json!([true, null, "[object Object]"])));
    assert_works(&maria).await;
}

#[tokio::test]
async fn rubbish_in_the_three_commands_is_answered_with_an_error_and_harms_nothing() {
    let world = World::new();
    let server = world.demo_server().await;
    let workplace = world.workplace("desk", &server.url());
    let maria = Desk::sign_in(workplace.open().await, &MARIA).await;
    let window = maria.window();
    let orders = maria.work_orders().await;
    for (command, arguments) in RUBBISH {
        let rubbish = serde_json::from_str(arguments).expect("JSON");
        let answer = invoke(window, command, rubbish).await;
        assert!(answer.is_err(), "{command} {arguments}: {answer:?}");
    }
    assert_alive(&workplace, window, "wrong shapes").await;
    for (what, script) in built_rubbish() {
        let answer = window.settle(&script, &[]).await;
        assert!(answer.is_err(), "{what} was taken");
        assert_alive(&workplace, window, what).await;
    }
    assert_eq!(maria.work_orders().await, orders);
    assert_works(&maria).await;
}

#[tokio::test]
async fn markup_that_somebody_types_is_shown_as_it_was_typed_and_makes_nothing() {
    let world = World::new();
    let server = world.demo_server().await;
    let workplace = world.workplace("desk", &server.url());
    let rui = Desk::sign_in(workplace.open().await, &RUI).await;
    let room = rui.board().await.into_keys().next().expect("a room");
    let [title, comment] = [
        "<b id=made>Curtain</b>",
        "<img id=made src=x:none onerror=document.body.dataset.ran=1> &amp; <i id=made>torn</i>",
    ];
    rui.create_work_order(WorkOrderForm {
        title,
        room: &room,
        priority: "p4",
        description: comment,
    })
    .await;
    rui.comment(title, comment).await;
    let said = rui.comments().await;
    assert!(said.iter().any(|said| said.contains(comment)), "{said:?}");
    let made =
        "return [document.querySelectorAll('#made').length, document.body.dataset.ran ?? null]";
    assert_eq!(rui.window().read(made, &[]).await, json!([0, null]));
}
