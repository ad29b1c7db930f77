//! One real window of the app, driven through WebKit's own driver.

pub use fantoccini::key::Key;

use crate::{
    process,
    wait::{self, SOON},
};
use fantoccini::{
    Client, ClientBuilder, Locator,
    actions::{InputSource, KeyAction, KeyActions},
    elements::Element,
    error::CmdError,
};
use hyper_util::client::legacy::connect::HttpConnector;
use rustix::process::Pid;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use tokio::process::Child;
use uuid::Uuid;

/// Milliseconds between two clicks, as fast as people double-click and at most.
const BETWEEN_CLICKS: u32 = 120;
const LONGEST_DOUBLE_CLICK: f64 = 400.0;

/// An open window; its processes are killed with the value.
pub struct Window {
    /// Ends with the value.
    _driver: Child,
    client: Client,
    app: Pid,
    folder: PathBuf,
}

/// Has a driver start the app, and returns when there is a page to talk to.
pub(crate) async fn start(port: u16, app: &Path, arguments: &[String]) -> Client {
    let options = json!({ "binary": app, "args": arguments });
    let mut capabilities = serde_json::Map::new();
    capabilities.insert("webkitgtk:browserOptions".into(), options);
    // Else every question waits for the page to have loaded, and a page that never does tells nothing.
    capabilities.insert("pageLoadStrategy".into(), "none".into());
    let address = format!("http://127.0.0.1:{port}");
    let mut session = ClientBuilder::new(HttpConnector::new());
    session.capabilities(capabilities);
    wait::answered("the app's window opens", session.connect(&address))
        .await
        .expect("the app's window can be driven")
}

impl Window {
    /// The window of a process that works for a folder.
    pub(crate) fn of(app: Pid, folder: &Path, driver: Child, client: Client) -> Self {
        Self {
            _driver: driver,
            client,
            app,
            folder: folder.to_owned(),
        }
    }

    /// Ends the app at once, without a chance to tidy up, and everything it had started.
    pub async fn kill(self) {
        process::kill(self.app).await;
    }

    /// Ends the process that draws the page, as a graphics driver that fails does; which it was.
    pub async fn kill_page(&self) -> Pid {
        let pages = self.pages();
        let [page] = pages[..] else {
            panic!("{pages:?} instead of one process that draws");
        };
        process::kill(page).await;
        page
    }

    /// The processes that draw the page.
    pub fn pages(&self) -> Vec<Pid> {
        process::of_program_named(&self.folder, "WebKitWebProcess")
    }

    /// Closes the window as a person does; the app ends by itself.
    pub async fn close(self) {
        // The driver may lose the window before it can answer.
        let _ = wait::answered("the window closes", self.client.close_window()).await;
        process::gone(self.app).await;
    }

    /// What is on the screen once nothing moves any more, as PNG.
    pub async fn screenshot(&self) -> Vec<u8> {
        let moving = "return document.getAnimations()
            .filter(it => it.effect.getComputedTiming().iterations !== Infinity).length";
        wait::until_seen("a picture at rest", json!(0), async || {
            self.read(moving, &[]).await
        })
        .await;
        wait::answered("a picture is taken", self.client.screenshot())
            .await
            .expect("a picture of the window")
    }

    /// Shows another page.
    pub async fn go_to(&self, address: &str) {
        let shown = wait::answered("a page is shown", self.client.goto(address)).await;
        shown.expect("the window shows the page");
    }

    /// Waits until another page has taken the place of one, without a question to either: one that is
    /// asked just as it comes back from where the web view keeps it is never answered by the driver,
    /// nor is any after it.
    pub async fn wait_until_left(&self, page: &str) {
        wait::until(format!("{page} left"), SOON, async || {
            let shown = wait::answered("which page it is", self.client.current_url()).await;
            match shown {
                Ok(address) if !address.path().ends_with(page) => Ok(()),
                other => Err(format!("{other:?}")),
            }
        })
        .await;
    }

    pub async fn resize(&self, (width, height): (u32, u32)) {
        let sized = self.client.set_window_rect(0, 0, width, height);
        wait::answered("the window takes a size", sized)
            .await
            .expect("the window takes a size");
    }

    /// Whether there is a visible element of this test id at the moment.
    pub async fn has(&self, id: &str) -> bool {
        let script = "return [...document.querySelectorAll(arguments[0])]
            .some(e => e.getClientRects().length > 0)";
        self.read(script, &[json!(selector(id))]).await == json!(true)
    }

    /// Waits for an element.
    pub async fn wait_for(&self, id: &str) {
        wait::until(format!("“{id}” in the window"), SOON, async || {
            if self.has(id).await {
                Ok(())
            } else {
                Err(self.text().await)
            }
        })
        .await;
    }

    /// Waits until there is no such element.
    pub async fn wait_until_gone(&self, id: &str) {
        wait::until(
            format!("“{id}” gone from the window"),
            SOON,
            async || {
                if self.has(id).await {
                    Err(self.text().await)
                } else {
                    Ok(())
                }
            },
        )
        .await;
    }

    /// Clicks an element as soon as it is there and can be clicked.
    pub async fn click(&self, id: &str) {
        self.click_css(&selector(id)).await;
    }

    /// Clicks twice at once where an element is, whatever lies there by then. False when the
    /// machine was too busy for that to be a double click.
    pub async fn double_click(&self, id: &str) -> bool {
        self.wait_for(id).await;
        let clicks = "const place = document.querySelector(arguments[0]).getBoundingClientRect();
            const x = place.x + place.width / 2, y = place.y + place.height / 2;
            const click = detail => document.elementFromPoint(x, y).dispatchEvent(
                new MouseEvent('click', {bubbles: true, cancelable: true, detail,
                    clientX: x, clientY: y, screenX: x, screenY: y}));
            const begun = performance.now();
            document.body.dataset.clicked = '';
            click(1);
            setTimeout(() => {
                click(2);
                document.body.dataset.clicked = performance.now() - begun;
            }, arguments[1]);";
        self.read(clicks, &[json!(selector(id)), json!(BETWEEN_CLICKS)])
            .await;
        let took = wait::until("the second click", SOON, async || {
            let took = self.read("return document.body.dataset.clicked", &[]).await;
            let took = took.as_str().and_then(|took| took.parse::<f64>().ok());
            took.ok_or_else(|| "one".to_owned())
        })
        .await;
        took < LONGEST_DOUBLE_CLICK
    }

    /// Clicks the first element that a selector names.
    pub async fn click_css(&self, css: &str) {
        self.when_found(css, async |element| element.click().await)
            .await;
    }

    /// Replaces what a field holds.
    pub async fn fill(&self, id: &str, text: &str) {
        self.when_found(&selector(id), async |element| {
            element.clear().await?;
            if text.is_empty() {
                return Ok(());
            }
            element.send_keys(text).await
        })
        .await;
    }

    /// Chooses an option of a list by its value.
    pub async fn choose(&self, id: &str, value: &str) {
        self.when_found(&selector(id), async |element| {
            element.select_by_value(value).await
        })
        .await;
    }

    /// What a field holds.
    pub async fn value(&self, id: &str) -> String {
        let script = "return document.querySelector(arguments[0])?.value";
        let value = self.read(script, &[json!(selector(id))]).await;
        value.as_str().unwrap_or_default().to_owned()
    }

    /// Types where the focus is, key by key.
    pub async fn type_keys(&self, keys: &str) {
        let mut typing = KeyActions::new("keyboard".to_owned());
        for value in keys.chars() {
            typing = typing
                .then(KeyAction::Down { value })
                .then(KeyAction::Up { value });
        }
        wait::answered("the window takes keys", self.client.perform_actions(typing))
            .await
            .expect("the window takes keys");
    }

    /// Presses one key that has a name.
    pub async fn press(&self, key: Key) {
        self.type_keys(&char::from(key).to_string()).await;
    }

    /// What a person reads in the first element that a selector names, when there is one.
    pub async fn text_of_css(&self, css: &str) -> Option<String> {
        let script = "return document.querySelector(arguments[0])?.innerText";
        let text = self.read(script, &[json!(css)]).await;
        text.as_str().map(str::to_owned)
    }

    /// What a person reads in the window, or why nothing can be read there.
    pub async fn text(&self) -> String {
        let script = "return document.body.innerText";
        match wait::answered(script, self.client.execute(script, vec![])).await {
            Ok(text) => text.as_str().unwrap_or_default().to_owned(),
            Err(error) => format!("no page: {error}"),
        }
    }

    /// The value of a script; the page may be replaced meanwhile, which reads as null.
    pub async fn read(&self, script: &str, arguments: &[Value]) -> Value {
        wait::answered(script, self.client.execute(script, arguments.to_vec()))
            .await
            .unwrap_or_default()
    }

    /// What the promise of a script comes to: its value, or why it was refused.
    ///
    /// # Errors
    /// The reason, as text.
    pub async fn settle(&self, script: &str, arguments: &[Value]) -> Result<Value, String> {
        // The page keeps the outcome of an earlier script, which is not this one's.
        let mark = Uuid::new_v4();
        let begin = format!(
            "const settled = outcome => {{
                document.body.dataset.settled = '{mark}' + JSON.stringify(outcome);
            }};
            const words = reason => reason?.message
                ?? (typeof reason === 'string' ? reason : JSON.stringify(reason) ?? 'no reason');
            (async () => {{ {script} }})().then(
                value => settled({{Ok: value ?? null}}),
                reason => settled({{Err: words(reason)}}),
            );"
        );
        self.read(&begin, arguments).await;
        let seen = "return document.body.dataset.settled ?? ''";
        let outcome = wait::until(format!("an end of {script}"), SOON, async || {
            let said = self.read(seen, &[]).await;
            let said = said.as_str().unwrap_or_default();
            let outcome = said.strip_prefix(&mark.to_string()).map(str::to_owned);
            outcome.ok_or_else(|| said.to_owned())
        })
        .await;
        serde_json::from_str(&outcome).expect("a value or a reason")
    }

    async fn when_found(
        &self,
        css: &str,
        mut act: impl AsyncFnMut(Element) -> Result<(), CmdError>,
    ) {
        wait::until(format!("{css} in the window"), SOON, async || {
            let found = wait::answered(css, self.client.find(Locator::Css(css))).await;
            let element = match found {
                Ok(element) => element,
                Err(error) => return Err(format!("{error}\n{}", self.text().await)),
            };
            let acted = wait::answered(css, act(element)).await;
            acted.map_err(|error| error.to_string())
        })
        .await;
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        process::kill_all(&self.folder);
    }
}

fn selector(id: &str) -> String {
    format!("[data-testid=\"{id}\"]")
}
