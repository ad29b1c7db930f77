//! What people are asked to decide.

use super::{Desk, Screen};
use crate::wait;
use serde::Deserialize;

/// One entry of the inbox as it reads, without the hours of it.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct Decision {
    /// `Room 204`.
    pub place: String,
    /// The field, or that the room was given out twice.
    pub about: String,
    /// Each value, or each stay, with who wrote it and where.
    pub sides: Vec<String>,
}

impl Desk {
    /// Waits until exactly these decisions wait.
    pub async fn wait_for_decisions(&self, expected: &[Decision]) {
        let seen = async || self.decisions().await;
        wait::until_seen("what is to be decided", expected.to_vec(), seen).await;
    }

    async fn decisions(&self) -> Vec<Decision> {
        self.go_to(Screen::Conflicts).await;
        let script = "const plain = node => node.innerText
                .replace(/ \\(this device\\)/g, '').replace(/ · known .*/, '')
                .replace(/, (\\d+ \\w+ )?\\d+:\\d\\d/g, '').replace(/\\s+/g, ' ').trim();
            const all = (place, of) => [...place.querySelectorAll(`[data-testid=\"${of}\"]`)];
            const inbox = document.querySelector('.inbox');
            if (!inbox) return [];
            return all(inbox, 'double-booking').map(it => ({
                place: it.querySelector('b').innerText,
                about: 'given out twice',
                sides: all(it, 'double-booking-given').map(plain).sort(),
            })).concat(all(inbox, 'conflict-entry').map(it => ({
                place: it.querySelector('header').innerText.trim(),
                about: it.querySelector('.conflict b').innerText,
                sides: all(it, 'conflict-side').map(plain),
            })))";
        self.look(script).await
    }
}
