//! A file that is being brought in, as far as it has come. It goes with the section.

use crate::{
    catalogue::{t, t_with},
    settings::{ask::Busy, state::Settings},
    words::problem::problem,
};
use keyrack_model::{
    import::{
        Encoding, ImportAsked, ImportKind, ImportOutcome, ImportReport, ImportWish, Mapping,
        NotText,
    },
    ipc::Problem,
    limits::MAX_IMPORT_FILE,
};
use leptos::prelude::*;
use std::sync::Arc;

/// Copies are handles to the same state.
#[derive(Clone, Copy)]
pub(super) struct Intake {
    pub(super) kind: RwSignal<ImportKind>,
    pub(super) file: RwSignal<Option<Chosen>>,
    /// What reading it came to last.
    pub(super) report: RwSignal<Option<Arc<ImportReport>>>,
    /// What becomes of rows in error.
    pub(super) wish: RwSignal<ImportWish>,
    /// Why it cannot be read.
    pub(super) said: RwSignal<Option<String>>,
    pub(super) reading: RwSignal<bool>,
    /// Which of the questions that were asked is the last: answers to others come too late.
    asked: StoredValue<u32>,
}

/// A file that was chosen.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Chosen {
    pub(super) name: String,
    pub(super) file: Arc<str>,
    pub(super) encoding: Encoding,
}

/// Why a file is not sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Unread {
    TooLarge,
    NotText(NotText),
    /// The web view does not hand it over.
    Kept,
}

impl Intake {
    pub(super) fn empty() -> Self {
        Self {
            kind: RwSignal::new(ImportKind::Rooms),
            file: RwSignal::new(None),
            report: RwSignal::new(None),
            wish: RwSignal::new(ImportWish::AllOrNothing),
            said: RwSignal::new(None),
            reading: RwSignal::new(false),
            asked: StoredValue::new(0),
        }
    }

    /// The same file as something else is read anew.
    pub(super) fn choose_kind(self, page: Settings, kind: ImportKind) {
        if self.kind.get_untracked() != kind {
            self.kind.set(kind);
            self.look(page);
        }
    }

    /// A file was chosen, or cannot be read.
    pub(super) fn choose_file(self, page: Settings, read: Result<Chosen, Unread>) {
        match read {
            Ok(chosen) => {
                self.file.set(Some(chosen));
                self.look(page);
            }
            Err(unread) => {
                self.file.set(None);
                self.forget();
                self.said.set(Some(unread.said()));
            }
        }
    }

    /// Has the file read by a mapping of its own.
    pub(super) fn map(self, page: Settings, mapping: Mapping) {
        if let Some(report) = self.report.get_untracked() {
            let remapped = ImportReport {
                mapping,
                ..(*report).clone()
            };
            self.report.set(Some(Arc::new(remapped)));
            self.send(page, ImportWish::Preview, None);
        }
    }

    /// Has the file read, by whatever mapping is likely.
    fn look(self, page: Settings) {
        self.forget();
        self.send(page, ImportWish::Preview, None);
    }

    fn forget(self) {
        self.report.set(None);
        self.said.set(None);
        self.wish.set(ImportWish::AllOrNothing);
        self.asked.update_value(|asked| *asked += 1);
        self.reading.set(false);
    }

    /// Sends the file to the server, with the mapping that is in sight.
    pub(super) fn send(self, page: Settings, wish: ImportWish, busy: Option<Busy>) {
        let Some(Chosen { file, .. }) = self.file.get_untracked() else {
            return;
        };
        self.asked.update_value(|asked| *asked += 1);
        let question = self.asked.get_value();
        let report = self.report.get_untracked();
        let asked = ImportAsked {
            kind: self.kind.get_untracked(),
            wish,
            mapping: report.map(|report| report.mapping.clone()),
            file: file.to_string(),
        };
        self.reading.set(true);
        page.import(asked, move |came| {
            if let Some(busy) = busy {
                busy.end();
            }
            // The section may be gone, or another file chosen.
            if self.asked.try_get_value() == Some(question) {
                self.hear(page, came);
            }
        });
    }

    fn hear(self, page: Settings, came: Result<ImportReport, Problem>) {
        self.reading.set(false);
        match came {
            Ok(report) => {
                self.said.set(None);
                if report.outcome == ImportOutcome::Written {
                    page.say(t("import.done").to_owned());
                    page.look();
                }
                self.report.set(Some(Arc::new(report)));
            }
            Err(failed) => self.said.set(Some(problem(&failed))),
        }
    }
}

impl Unread {
    fn said(self) -> String {
        match self {
            Self::TooLarge => {
                let most = (MAX_IMPORT_FILE >> 20).to_string();
                t_with("import.too-large", &[("n", &most)])
            }
            Self::NotText(NotText { row }) => {
                t_with("import.not-text", &[("row", &row.to_string())])
            }
            Self::Kept => t("import.kept").to_owned(),
        }
    }
}
