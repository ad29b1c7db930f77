//! The parts of the interface's program: each is a wasm of its own, loaded when it is first wanted,
//! and what several of them need and the first download does not is a wasm, too.
//!
//! **Architecture Invariant**: only what was built together fits together, so all of it is written
//! at once.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use walrus::ModuleConfig;
use wasm_split_cli_support::{Options, transform};

use crate::{
    cargo::target,
    problem::{Problem, While},
};

/// What loads the parts, beside them.
pub const PARTS: &str = "parts.js";

/// The files that each part is loaded from, by the part's name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parts(BTreeMap<String, Vec<String>>);

impl Parts {
    /// Takes a program apart: the parts and what loads them go to a folder, what is left to a file,
    /// which wasm-bindgen makes `glue` for.
    pub fn take_apart(
        program: &[u8],
        glue: &str,
        left: &Path,
        folder: &Path,
    ) -> Result<Self, Problem> {
        let link = format!("./{PARTS}");
        let mut options = Options::new(program);
        options.main_module = glue;
        options.main_out_path = left;
        options.output_dir = folder;
        options.link_name = &link;
        let split =
            transform(options).map_err(|problem| Problem::TakingApart(format!("{problem:#}")))?;
        let parts = split.prefetch_map.into_iter().map(|(part, files)| {
            let files = files.iter().map(|file| format!("{file}.wasm"));
            (part, files.collect())
        });
        Ok(Self(parts.collect()))
    }

    /// Every file of every part, once.
    pub fn files(&self) -> BTreeSet<&str> {
        self.0.values().flatten().map(String::as_str).collect()
    }

    /// The names of the parts.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// The files of one part.
    pub fn of(&self, part: &str) -> &[String] {
        self.0.get(part).map_or(&[], Vec::as_slice)
    }

    /// Keeps them for whoever asks about the interface that was built last.
    pub fn keep(&self) -> Result<(), Problem> {
        let file = kept();
        fs::write(&file, self.to_lines())
            .while_doing(|| format!("{} cannot be written", file.display()))
    }

    /// Those of the interface that was built last.
    pub fn of_last_build() -> Result<Self, Problem> {
        let file = kept();
        let lines = fs::read_to_string(&file)
            .while_doing(|| format!("{} cannot be read", file.display()))?;
        Ok(Self::from_lines(&lines))
    }

    /// A part a line: its name, then its files.
    fn to_lines(&self) -> String {
        let lines = self.0.iter().map(|(part, files)| {
            let words: Vec<&str> = [part.as_str()]
                .into_iter()
                .chain(files.iter().map(String::as_str))
                .collect();
            words.join(" ") + "\n"
        });
        lines.collect()
    }

    /// The parts as they are kept.
    pub(crate) fn from_lines(lines: &str) -> Self {
        let parts = lines.lines().filter_map(|line| {
            let mut words = line.split(' ').map(str::to_owned);
            Some((words.next()?, words.collect()))
        });
        Self(parts.collect())
    }
}

fn kept() -> PathBuf {
    target().join("ui.parts")
}

/// A part without what no web view needs: the names of its functions, and the room that the linker
/// leaves for larger numbers.
pub fn as_shipped(part: &[u8]) -> Result<Vec<u8>, Problem> {
    let mut config = ModuleConfig::new();
    config.generate_name_section(false);
    config.generate_producers_section(false);
    let module = config.parse(part);
    let mut module = module.map_err(|problem| Problem::TakingApart(format!("{problem:#}")))?;
    Ok(module.emit_wasm())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_of_the_parts_is_what_is_read_back() {
        let parts = Parts(BTreeMap::from([
            ("orders".to_owned(), vec!["split_orders.wasm".to_owned()]),
            (
                "settings".to_owned(),
                vec!["chunk_1.wasm".to_owned(), "split_settings.wasm".to_owned()],
            ),
        ]));
        assert_eq!(Parts::from_lines(&parts.to_lines()), parts);
    }

    #[test]
    fn a_part_loses_its_names_and_nothing_else() {
        let bare = b"\0asm\x01\0\0\0\x05\x03\x01\x00\x01";
        let names = b"\x00\x09\x04name\x00\x02\x01a";
        let named = [&bare[..], names].concat();
        assert_eq!(as_shipped(&named).unwrap(), bare);
        as_shipped(&named[..named.len() - 1]).unwrap_err();
        as_shipped(b"no wasm").unwrap_err();
    }
}
