//! The page of people, devices, the hotel and imports.

use super::Desk;
use crate::{wait, window::Window};
use serde_json::json;

impl Desk {
    /// Goes to a section of the settings by its keys.
    pub async fn into_settings(self, keys: &str) -> Window {
        self.window().type_keys("gs").await;
        let window = self.into_window();
        window.wait_for("section-access").await;
        window.type_keys(keys).await;
        window
    }
}

/// Waits until elements of a test id say these sentences, each somewhere in its text.
pub async fn says(window: &Window, id: &str, sentences: &[&[&str]]) {
    let script = "return [...document.querySelectorAll(arguments[0])].map(it => it.textContent)";
    let css = format!("[data-testid=\"{id}\"]");
    wait::until(format!("what {id} says"), wait::SOON, async || {
        let said = window.read(script, &[json!(css)]).await;
        let said: Vec<String> = serde_json::from_value(said).unwrap_or_default();
        let is_said = |(text, parts): (&String, &&[&str])| parts.iter().all(|it| text.contains(it));
        let all = said.iter().zip(sentences).all(is_said);
        if said.len() == sentences.len() && all {
            Ok(())
        } else {
            Err(format!("{said:?}"))
        }
    })
    .await;
}

/// Chooses a file of these bytes, as the window of the system that the driver cannot open does.
pub async fn choose_file(window: &Window, id: &str, name: &str, bytes: &[u8]) {
    window.wait_for(id).await;
    let script = "const field = document.querySelector(arguments[2]);
        const chosen = new DataTransfer();
        chosen.items.add(new File([new Uint8Array(arguments[1])], arguments[0]));
        field.files = chosen.files;
        field.dispatchEvent(new Event('change', {bubbles: true}))";
    let css = format!("[data-testid=\"{id}\"]");
    let arguments = [json!(name), json!(bytes), json!(css)];
    window.read(script, &arguments).await;
}
