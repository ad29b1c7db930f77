//! What a script in the page tries that is none of its business: commands, addresses, arguments.

/// Commands that Tauri or a plugin of it has, or that nobody has, with arguments that would do.
pub const COMMANDS: [(&str, &str); 38] = [
    ("plugin:fs|read_file", r#"{"path": "/etc/passwd"}"#),
    ("plugin:fs|read_text_file", r#"{"path": "/etc/passwd"}"#),
    ("plugin:fs|read_dir", r#"{"path": "/"}"#),
    ("plugin:fs|write_file", r#"{"path": "/tmp/x", "data": []}"#),
    ("plugin:fs|remove", r#"{"path": "/tmp/x"}"#),
    ("plugin:shell|execute", r#"{"program": "sh", "args": []}"#),
    ("plugin:shell|spawn", r#"{"program": "sh", "args": []}"#),
    ("plugin:shell|open", r#"{"path": "file:///etc/passwd"}"#),
    ("plugin:opener|open_url", r#"{"url": "http://127.0.0.1"}"#),
    ("plugin:opener|open_path", r#"{"path": "/etc/passwd"}"#),
    (
        "plugin:http|fetch",
        r#"{"clientConfig": {"url": "http://127.0.0.1"}}"#,
    ),
    ("plugin:websocket|connect", r#"{"url": "ws://127.0.0.1"}"#),
    ("plugin:dialog|open", r#"{"options": {}}"#),
    ("plugin:clipboard-manager|read_text", "{}"),
    ("plugin:process|exit", r#"{"code": 0}"#),
    ("plugin:process|restart", "{}"),
    ("plugin:store|load", r#"{"path": "x"}"#),
    ("plugin:sql|load", r#"{"db": "sqlite:x"}"#),
    ("plugin:updater|check", "{}"),
    ("plugin:app|version", "{}"),
    ("plugin:app|app_hide", "{}"),
    ("plugin:window|create", r#"{"options": {"label": "other"}}"#),
    ("plugin:window|close", r#"{"label": "main"}"#),
    ("plugin:window|destroy", r#"{"label": "main"}"#),
    ("plugin:window|title", r#"{"label": "main"}"#),
    ("plugin:window|get_all_windows", "{}"),
    (
        "plugin:webview|create_webview_window",
        r#"{"options": {"label": "other"}}"#,
    ),
    ("plugin:webview|get_all_webviews", "{}"),
    ("plugin:webview|internal_toggle_devtools", "{}"),
    (
        "plugin:event|listen",
        r#"{"event": "x", "target": {"kind": "Any"}, "handler": 1}"#,
    ),
    ("plugin:event|emit", r#"{"event": "x", "payload": 1}"#),
    ("plugin:path|resolve_directory", r#"{"directory": 1}"#),
    ("plugin:path|resolve", r#"{"paths": ["/etc"]}"#),
    ("plugin:resources|close", r#"{"rid": 1}"#),
    ("plugin:menu|new", r#"{"kind": "Menu"}"#),
    ("plugin:nobody|has", "{}"),
    ("secret", "{}"),
    ("ask ", r#"{"question": "Waiting"}"#),
];

/// Ways to anything outside the page. `arguments[0]` is the address of a server on this computer.
pub const REACHES: [(&str, &str); 14] = [
    (
        "fetch",
        "return (await fetch(arguments[0] + '/fetch')).status",
    ),
    (
        "fetch without an answer",
        "return (await fetch(arguments[0], {mode: 'no-cors'})).type",
    ),
    (
        "a file",
        "return (await fetch('file:///etc/passwd')).status",
    ),
    (
        "a request",
        "return await new Promise((yes, no) => {
            const it = new XMLHttpRequest();
            it.onload = () => yes('loaded');
            it.onerror = () => no(new Error('error'));
            it.open('GET', arguments[0]);
            it.send();
        })",
    ),
    (
        "an image",
        "return await new Promise((yes, no) => {
            const it = new Image();
            it.onload = () => yes('loaded');
            it.onerror = () => no(new Error('error'));
            it.src = arguments[0] + '/image.png';
        })",
    ),
    (
        "a script",
        "return await new Promise((yes, no) => {
            const it = document.createElement('script');
            it.onload = () => yes('loaded');
            it.onerror = () => no(new Error('error'));
            it.src = arguments[0] + '/script.js';
            document.head.append(it);
        })",
    ),
    (
        "a style",
        "return await new Promise((yes, no) => {
            const it = document.createElement('link');
            it.rel = 'stylesheet';
            it.onload = () => yes('loaded');
            it.onerror = () => no(new Error('error'));
            it.href = arguments[0] + '/style.css';
            document.head.append(it);
        })",
    ),
    // A frame tells of its loading whether it was allowed or not: what counts is the policy's word.
    (
        "a frame",
        "const it = document.createElement('iframe');
        it.src = arguments[0] + '/frame';
        document.body.append(it);
        return await new Promise(() => {})",
    ),
    (
        "a form",
        "const it = document.createElement('form');
        it.method = 'post';
        it.action = arguments[0] + '/form';
        document.body.append(it);
        it.submit();
        return await new Promise(() => {})",
    ),
    (
        "a WebSocket",
        "return await new Promise((yes, no) => {
            const it = new WebSocket(arguments[0].replace('http', 'ws'));
            it.onopen = () => yes('open');
            it.onerror = () => no(new Error('error'));
        })",
    ),
    (
        "a stream of events",
        "return await new Promise((yes, no) => {
            const it = new EventSource(arguments[0]);
            it.onopen = () => yes('open');
            it.onerror = () => no(new Error('error'));
        })",
    ),
    (
        "a beacon",
        "if (!navigator.sendBeacon(arguments[0], 'x')) throw new Error('refused');
        return await new Promise(() => {})",
    ),
    ("eval", "return eval('1 + 1')"),
    (
        "a function of text",
        "return new Function('return 1 + 1')()",
    ),
];

/// Ways to have another page in the window or in another one.
pub const NAVIGATIONS: [&str; 6] = [
    "location.href = arguments[0] + '/gone'",
    "location.replace(arguments[0].replace('http', 'https') + '/gone')",
    "location.assign('file:///etc/passwd')",
    "location.href = 'data:text/html,gone'",
    "const it = document.createElement('a'); it.href = arguments[0] + '/link'; it.target = '_blank';
     document.body.append(it); it.click()",
    "const it = document.createElement('meta'); it.httpEquiv = 'refresh';
     it.content = '0;url=' + arguments[0] + '/refreshed'; document.head.append(it)",
];

/// Arguments of the three commands that none of them has.
pub const RUBBISH: [(&str, &str); 56] = [
    ("ask", "{}"),
    ("ask", r#"{"question": null}"#),
    ("ask", r#"{"question": 5}"#),
    ("ask", r#"{"question": []}"#),
    ("ask", r#"{"question": "Everything"}"#),
    ("ask", r#"{"question": {"History": {}}}"#),
    (
        "ask",
        r#"{"question": {"History": {"documents": "all", "limit": 1}}}"#,
    ),
    (
        "ask",
        r#"{"question": {"History": {"documents": [], "limit": -1}}}"#,
    ),
    (
        "ask",
        r#"{"question": {"History": {"documents": [], "limit": 1e300}}}"#,
    ),
    (
        "ask",
        r#"{"question": {"NotWhole": {"documents": [{"kind": "garage", "id": "204"}]}}}"#,
    ),
    ("ask", r#"{"question": {"Waiting": 1, "History": 2}}"#),
    ("act", "{}"),
    ("act", r#"{"request": null}"#),
    ("act", r#"{"request": "Explode"}"#),
    ("act", r#"{"request": {"Do": "nothing"}}"#),
    ("act", r#"{"request": {"Do": {"FinishTask": {}}}}"#),
    (
        "act",
        r#"{"request": {"Do": {"SetCleanliness": {"rooms": 204, "value": "clean"}}}}"#,
    ),
    (
        "act",
        r#"{"request": {"Do": {"SetCleanliness": {"rooms": [], "value": "sparkling"}}}}"#,
    ),
    ("act", r#"{"request": {"Open": "everything"}}"#),
    (
        "act",
        r#"{"request": {"DismissRefused": {"operation": "\u0000"}}}"#,
    ),
    (
        "act",
        r#"{"request": {"AddComment": {"subject": "not an id", "text": "x"}}}"#,
    ),
    (
        "act",
        r#"{"request": {"AddComment": {"subject": "0190b4b5-7b7a-7bd1-8b0e-000000000000", "text": "x"}}}"#,
    ),
    (
        "act",
        r#"{"request": {"SignIn": {"server": "file:///etc/passwd", "hotel": "h", "name": "n", "password": "p", "code": null}}}"#,
    ),
    ("act", r#"{"request": {"SignIn": {"server": "x"}}}"#),
    ("act", r#"{"request": {"SetPin": {}}}"#),
    ("act", r#"{"request": {"SetPin": {"pin": 274950}}}"#),
    ("act", r#"{"request": {"SetPin": {"pin": ["274950"]}}}"#),
    ("act", r#"{"request": {"SetPin": {"pin": "27495o"}}}"#),
    ("act", r#"{"request": {"Unlock": {"pin": "274950"}}}"#),
    (
        "act",
        r#"{"request": {"Unlock": {"person": "maria", "pin": "274950"}}}"#,
    ),
    (
        "act",
        r#"{"request": {"Unlock": {"person": "0190b4b5-7b7a-7bd1-8b0e-000000000000", "pin": null}}}"#,
    ),
    ("act", r#"{"request": {"Administer": null}}"#),
    ("act", r#"{"request": {"Administer": "Everything"}}"#),
    ("act", r#"{"request": {"Administer": {"Promote": {}}}}"#),
    (
        "act",
        r#"{"request": {"Administer": {"Dismiss": {"person": 1}}}}"#,
    ),
    (
        "act",
        r#"{"request": {"Administer": {"TakeOn": {"name": "x", "display": "x", "role": "owner"}}}}"#,
    ),
    (
        "act",
        r#"{"request": {"Administer": {"ReadAudit": {"before": -1}}}}"#,
    ),
    ("act", r#"{"request": {"Administer": {"Confirm": {}}}}"#),
    (
        "act",
        r#"{"request": {"Administer": {"Confirm": {"present": 5}}}}"#,
    ),
    (
        "act",
        r#"{"request": {"Administer": {"MakeImportKey": {"name": ["x"]}}}}"#,
    ),
    ("act", r#"{"request": {"Administer": "MakeImportKey"}}"#),
    (
        "act",
        r#"{"request": {"Administer": {"VerifyAuditFrom": {"known": 5}}}}"#,
    ),
    (
        "act",
        r#"{"request": {"Administer": {"VerifyAuditFrom": {"known": [{"number": -1, "hash": "x"}]}}}}"#,
    ),
    ("act", r#"{"request": {"Import": null}}"#),
    ("act", r#"{"request": {"Import": {}}}"#),
    (
        "act",
        r#"{"request": {"Import": {"kind": "garages", "wish": "preview", "mapping": null, "file": ""}}}"#,
    ),
    (
        "act",
        r#"{"request": {"Import": {"kind": "rooms", "wish": "now", "mapping": null, "file": ""}}}"#,
    ),
    (
        "act",
        r#"{"request": {"Import": {"kind": "rooms", "wish": "preview", "mapping": {"secret": 1}, "file": ""}}}"#,
    ),
    (
        "act",
        r#"{"request": {"Import": {"kind": "rooms", "wish": "preview", "mapping": null, "file": ["/etc/passwd"]}}}"#,
    ),
    ("act", r#"{"request": {"DismissDamage": {"all": true}}}"#),
    ("act", r#"{"request": {"DismissDamage": "all"}}"#),
    ("watch", "{}"),
    ("watch", r#"{"events": null}"#),
    ("watch", r#"{"events": 5}"#),
    ("watch", r#"{"events": "__CHANNEL__:-1"}"#),
    ("watch", r#"{"events": "__CHANNEL__:everything"}"#),
];

/// Arguments that a page makes more cheaply than a test can send them.
pub fn built_rubbish() -> [(&'static str, String); 14] {
    let act = |request: &str| {
        format!(
            "const long = 'x'.repeat(8 << 20);
            return await window.__TAURI__.core.invoke('act', {{request: {request}}})"
        )
    };
    let deep = |depth: usize, command: &str, name: &str| {
        format!(
            "let deep = [];
            for (let level = 0; level < {depth}; level += 1) deep = [deep];
            return await window.__TAURI__.core.invoke('{command}', {{{name}: {{Do: deep}}}})"
        )
    };
    [
        (
            "a long question",
            "return await window.__TAURI__.core.invoke('ask', {question: 'x'.repeat(8 << 20)})"
                .to_owned(),
        ),
        (
            "a long title",
            act(
                "{CreateWorkOrder: {title: long, description: '', room: null, priority: 'p3', assignee: null}}",
            ),
        ),
        (
            "a long comment",
            act("{AddComment: {subject: '0190b4b5-7b7a-7bd1-8b0e-000000000000', text: long}}"),
        ),
        (
            "a long sign-in",
            act("{SignIn: {server: long, hotel: long, name: long, password: long, code: null}}"),
        ),
        ("a long PIN", act("{SetPin: {pin: long}}")),
        (
            "a long PIN at a face",
            act("{Unlock: {person: '0190b4b5-7b7a-7bd1-8b0e-000000000000', pin: long}}"),
        ),
        (
            "a long password",
            act("{Administer: {ChangePassword: {present: long, new: long}}}"),
        ),
        (
            "a long name of somebody",
            act("{Administer: {TakeOn: {name: long, display: long, role: 'housekeeper'}}}"),
        ),
        (
            "a long password once more",
            act("{Administer: {Confirm: {present: long}}}"),
        ),
        (
            "a long name of a program",
            act("{Administer: {MakeImportKey: {name: long}}}"),
        ),
        (
            "a long file",
            act("{Import: {kind: 'rooms', wish: 'preview', mapping: null, file: long}}"),
        ),
        (
            "very many rooms",
            act(
                "{Do: {SetCleanliness: {rooms: Array(100000).fill('0190b4b5-7b7a-7bd1-8b0e-000000000000'), value: 'clean'}}}",
            ),
        ),
        ("a deep request", deep(2_000, "act", "request")),
        ("a deep question", deep(2_000, "ask", "question")),
    ]
}
