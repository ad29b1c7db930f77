//! A file that is being brought in, as far as it has come. It goes with the section.

use crate::{
    catalogue::{t, t_with},
    settings::{ask::Busy, state::Settings},
    words::problem::problem,
};
use keyrack_model::{
    import::{
        Encoding, ImportAsked, ImportKind, ImportOutcome, ImportReport, ImportWish, Mapping,
        MappingFault, NotText,
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
    /// A mapping that came in a file of its own.
    pub(super) given: RwSignal<Option<Given>>,
    /// What is wrong with the last one.
    pub(super) faults: RwSignal<Vec<MappingFault>>,
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

/// A mapping that was chosen.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Given {
    pub(super) name: String,
    pub(super) text: Arc<str>,
    pub(super) mapping: Mapping,
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
            given: RwSignal::new(None),
            faults: RwSignal::new(Vec::new()),
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
            self.faults.set(Vec::new());
            // What was a mapping for the one may be none for the other.
            if let Some(given) = self.given.get_untracked() {
                self.take_mapping(given.name, given.text);
            }
            self.look(page);
        }
    }

    /// A mapping was chosen, or cannot be read.
    pub(super) fn choose_mapping(self, page: Settings, read: Result<Chosen, Unread>) {
        match read {
            Ok(Chosen { name, file, .. }) => {
                self.take_mapping(name, file);
                if self.faults.read_untracked().is_empty() {
                    self.look(page);
                }
            }
            Err(unread) => self.said.set(Some(unread.said())),
        }
    }

    /// The next reading is by a guess again.
    pub(super) fn let_go_of_mapping(self, page: Settings) {
        self.given.set(None);
        self.faults.set(Vec::new());
        self.look(page);
    }

    /// One that is none leaves nothing behind but what is wrong with it.
    fn take_mapping(self, name: String, text: Arc<str>) {
        self.said.set(None);
        let (given, faults) = match Mapping::read(&text, self.kind.get_untracked()) {
            Ok(mapping) => {
                let given = Given {
                    name,
                    text,
                    mapping,
                };
                (Some(given), Vec::new())
            }
            Err(faults) => (None, faults),
        };
        self.given.set(given);
        self.faults.set(faults);
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

    /// Has the file read, by the mapping that was given or whichever is likely.
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

    /// Sends the file to the server, with the mapping that is in sight, or else the one that was given.
    pub(super) fn send(self, page: Settings, wish: ImportWish, busy: Option<Busy>) {
        let Some(Chosen { file, .. }) = self.file.get_untracked() else {
            return;
        };
        self.asked.update_value(|asked| *asked += 1);
        let question = self.asked.get_value();
        let report = self.report.get_untracked();
        let given = || Some(self.given.get_untracked()?.mapping);
        let asked = ImportAsked {
            kind: self.kind.get_untracked(),
            wish,
            mapping: report.map(|report| report.mapping.clone()).or_else(given),
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
