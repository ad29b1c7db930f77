//! A text being typed over one that others can write meanwhile.

use keyrack_model::text_merge::merged;

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Draft {
    /// What was kept when the typing began, or when the person last saw it.
    base: String,
    pub typed: String,
}

/// What saving a draft comes to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Saving {
    /// What is kept says it already.
    Nothing,
    Write {
        text: String,
        /// What was kept at this moment. Something else may be by the time it is written.
        base: String,
    },
    /// Somebody else wrote in the same place meanwhile: the person decides.
    Clash,
}

impl Draft {
    /// Typing goes on, or begins over what is kept.
    pub fn typing(before: Option<Self>, kept: String, typed: String) -> Self {
        Self {
            base: before.map_or(kept, |before| before.base),
            typed,
        }
    }

    /// Compares with what is kept at the time of saving, so that nobody else's words are deleted.
    pub fn saving(&self, kept: &str) -> Saving {
        let typed = self.typed.trim();
        match merged(&self.base, typed, kept) {
            Some(text) if text == kept => Saving::Nothing,
            Some(text) => Saving::Write {
                text,
                base: kept.to_owned(),
            },
            None => Saving::Clash,
        }
    }

    /// The person has been shown what is kept: saving again replaces it.
    pub fn having_seen(self, kept: String) -> Self {
        Self { base: kept, ..self }
    }

    /// What is left to save when `sent` was stored: None when nothing was typed since.
    pub fn after(self, sent: &Self, stored: String) -> Option<Self> {
        (self.typed != sent.typed).then_some(Self {
            base: stored,
            typed: self.typed,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(base: &str, typed: &str) -> Draft {
        let begun = Draft::typing(None, base.into(), "x".into());
        Draft::typing(Some(begun), "what came since".into(), typed.into())
    }

    fn write(text: &str, base: &str) -> Saving {
        Saving::Write {
            text: text.into(),
            base: base.into(),
        }
    }

    #[test]
    fn saving_never_deletes_what_somebody_else_wrote_meanwhile() {
        let cases = [
            // base, typed, kept
            ("Tap.", "Tap drips.", "Tap.", write("Tap drips.", "Tap.")),
            ("Tap.", "Tap. ", "Tap.", Saving::Nothing),
            ("Tap.", "Tap.", "Tap drips.", Saving::Nothing),
            ("Tap.", "Tap drips.", "Tap drips.", Saving::Nothing),
            ("Tap.", "Tap drips.", "Tap is off.", Saving::Clash),
            ("", "Left side.", "Right side.", Saving::Clash),
            ("a\nb\nc", "A\nb\nc", "a\nb\nC", write("A\nb\nC", "a\nb\nC")),
        ];
        for (base, typed, kept, expected) in cases {
            let saving = draft(base, typed).saving(kept);
            assert_eq!(saving, expected, "{base:?} {typed:?} {kept:?}");
        }
    }

    #[test]
    fn after_seeing_both_saving_again_takes_what_is_typed() {
        let seen = draft("Tap.", "Tap drips.").having_seen("Tap is off.".into());
        assert_eq!(
            seen.saving("Tap is off."),
            write("Tap drips.", "Tap is off.")
        );
        assert_eq!(seen.saving("Tap is on."), Saving::Clash);
    }

    #[test]
    fn what_is_typed_while_saving_is_not_lost() {
        let sent = draft("a", "ab");
        assert_eq!(sent.clone().after(&sent, "ab".into()), None);
        let more = Draft::typing(Some(sent.clone()), String::new(), "abc".into());
        let left = more.after(&sent, "ab".into()).unwrap();
        assert_eq!(left.saving("ab"), write("abc", "ab"));
    }
}
