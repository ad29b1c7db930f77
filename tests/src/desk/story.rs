//! The history in a drawer.

use super::Desk;
use serde::Deserialize;

/// One action as its line of the history reads, without the hours of it.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct Chapter {
    pub what: String,
    /// Field by field, in the order of their names.
    pub changes: Vec<String>,
    /// `Maria Silva · Cart 2`.
    pub who: String,
}

impl Desk {
    /// The story of what is open, newest first.
    pub async fn story(&self) -> Vec<Chapter> {
        let script = "const plain = text => text.replace(/ \\(this device\\)/g, '')
                .replace(/\\s+/g, ' ').trim();
            return [...document.querySelectorAll('.drawer [data-testid=\"history-entry\"]')]
                .map(it => ({
                    what: it.querySelector('.what').innerText,
                    changes: [...it.querySelectorAll('.changes li')]
                        .map(line => plain(line.innerText)).sort(),
                    who: plain(it.querySelector('.when').innerText).split(' · ').slice(0, 2)
                        .join(' · '),
                }))";
        self.look(script).await
    }

    /// Reads one thread of the story alone: `cleanliness`, `stay`, `tasks`; or `all`.
    pub async fn read_thread(&self, topic: &str) {
        self.window().click(&format!("thread-{topic}")).await;
    }
}
