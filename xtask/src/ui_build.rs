//! The interface's build: cargo makes wasm, wasm-bindgen's library prepares it for the web view,
//! and the static files are laid beside it in `target/ui`, which the app embeds.
//!
//! **Architecture Invariant**: a file whose content is as before is not touched, so that the app
//! is not built again for nothing.

use std::{
    collections::BTreeMap,
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    path::{Path, PathBuf},
};

use wasm_bindgen_cli_support::Bindgen;

use crate::{
    cargo::{cargo, target, workspace},
    problem::{Problem, While},
    process::finish,
    progress,
    wasm_target::WASM,
};

/// What the compiler spends its time on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Optimisation {
    /// Built in seconds, some megabytes large; shares its build tools with the debug build.
    Quick,
    /// As it is shipped.
    Shipped,
}

impl Optimisation {
    fn cargo_options(self) -> &'static [&'static str] {
        match self {
            Optimisation::Quick => &["--config", "profile.dev.opt-level=1"],
            Optimisation::Shipped => &["--profile", "interface"],
        }
    }

    fn folder(self) -> &'static str {
        match self {
            Optimisation::Quick => "debug",
            Optimisation::Shipped => "interface",
        }
    }
}

/// Static files and folders, below `ui/`.
const STATIC: [&str; 1] = ["boot.js"];

/// The page, in which `{keys}` stand for texts: it has something to say even when its program does
/// not run.
const PAGE: &str = "index.html";

/// The texts of the page, a `key = text` a line, below `ui/`.
const TEXTS: &str = "texts/en.txt";

/// The stylesheet, below `ui/`: it imports the others.
const STYLES: &str = "styles.css";

/// Where the finished interface is.
pub fn folder() -> PathBuf {
    target().join("ui")
}

/// Builds the interface into [`folder`]; quick when nothing changed.
pub fn build(optimisation: Optimisation) -> Result<(), Problem> {
    progress::aloud("Building the interface", || {
        let mut command = cargo(&["build", "--package", "keyrack-ui", "--target", WASM]);
        command.args(optimisation.cargo_options());
        finish("Building the interface", &mut command)?;
        lay_out(optimisation)
    })
}

fn lay_out(optimisation: Optimisation) -> Result<(), Problem> {
    let wasm_file = target()
        .join(WASM)
        .join(optimisation.folder())
        .join("keyrack_ui.wasm");
    let wasm = read(&wasm_file)?;
    let mut files = static_files(&workspace().join("ui"))?;
    let print = fingerprint(optimisation, &wasm, &files);
    let stamp = target().join("ui.fingerprint");
    if fs::read_to_string(&stamp).is_ok_and(|before| before == print) && folder().is_dir() {
        return Ok(());
    }
    files.extend(bind(&wasm_file, optimisation)?);
    // Without its stamp a half-written folder is written again.
    let _ = fs::remove_file(&stamp);
    replace(&folder(), &files)?;
    fs::write(&stamp, print).while_doing(|| format!("{} cannot be written", stamp.display()))
}

/// The finished interface, by name.
pub fn files() -> Result<Files, Problem> {
    let mut files = Files::new();
    collect(&folder(), &folder(), &mut files)?;
    Ok(files)
}

/// Contents by path below one folder.
pub type Files = BTreeMap<PathBuf, Vec<u8>>;

fn static_files(ui: &Path) -> Result<Files, Problem> {
    let mut files = Files::new();
    for name in STATIC {
        let path = ui.join(name);
        if path.is_dir() {
            collect(ui, &path, &mut files)?;
        } else if path.exists() {
            files.insert(PathBuf::from(name), read(&path)?);
        }
    }
    let page = with_texts(read_text(&ui.join(PAGE))?, &read_text(&ui.join(TEXTS))?);
    files.insert(PathBuf::from(PAGE), page.into_bytes());
    let styles = one_stylesheet(&read_text(&ui.join(STYLES))?, |import| {
        read_text(&ui.join(import))
    })?;
    files.insert(PathBuf::from(STYLES), styles.into_bytes());
    Ok(files)
}

/// Puts the texts where the page names their keys.
fn with_texts(page: String, texts: &str) -> String {
    let texts = texts.lines().filter_map(|line| line.split_once('='));
    texts.fold(page, |page, (key, text)| {
        let escaped = text.trim().replace('&', "&amp;").replace('<', "&lt;");
        page.replace(
            &format!("{{{}}}", key.trim()),
            &escaped.replace('"', "&quot;"),
        )
    })
}

/// Puts what is imported in the place of each import: what sheets have in common is then
/// compressed once, and the page waits for one file.
fn one_stylesheet(
    source: &str,
    read: impl Fn(&str) -> Result<String, Problem>,
) -> Result<String, Problem> {
    let mut sheet = String::new();
    for line in source.lines() {
        let import = line
            .strip_prefix("@import \"")
            .and_then(|rest| rest.strip_suffix("\";"));
        sheet.push_str(&import.map_or_else(|| Ok(line.to_owned()), &read)?);
        sheet.push('\n');
    }
    Ok(sheet)
}

/// The glue that wasm-bindgen writes, and the wasm that fits it.
fn bind(wasm: &Path, optimisation: Optimisation) -> Result<Files, Problem> {
    let scratch = tempfile::tempdir().while_doing(|| "No temporary folder".to_owned())?;
    Bindgen::new()
        .input_path(wasm)
        .typescript(false)
        .keep_debug(false)
        .remove_producers_section(true)
        .remove_name_section(optimisation == Optimisation::Shipped)
        .web(true)
        .and_then(|bindgen| bindgen.generate(scratch.path()))
        .map_err(|problem| Problem::WasmBindgen(format!("{problem:#}")))?;
    let mut files = Files::new();
    collect(scratch.path(), scratch.path(), &mut files)?;
    Ok(files)
}

fn collect(root: &Path, folder: &Path, files: &mut Files) -> Result<(), Problem> {
    let unreadable = || format!("{} cannot be read", folder.display());
    for entry in fs::read_dir(folder).while_doing(unreadable)? {
        let path = entry.while_doing(unreadable)?.path();
        if path.is_dir() {
            collect(root, &path, files)?;
        } else if let Ok(name) = path.strip_prefix(root) {
            files.insert(name.to_owned(), read(&path)?);
        }
    }
    Ok(())
}

/// Makes `folder` hold exactly these files.
fn replace(folder: &Path, files: &Files) -> Result<(), Problem> {
    fs::create_dir_all(folder).while_doing(|| format!("{} cannot be made", folder.display()))?;
    let mut there = Files::new();
    collect(folder, folder, &mut there)?;
    for name in there.keys().filter(|name| !files.contains_key(*name)) {
        fs::remove_file(folder.join(name))
            .while_doing(|| format!("{} cannot be removed", name.display()))?;
    }
    for (name, content) in files {
        if there.get(name) == Some(content) {
            continue;
        }
        let path = folder.join(name);
        path.parent()
            .map_or(Ok(()), fs::create_dir_all)
            .and_then(|()| fs::write(&path, content))
            .while_doing(|| format!("{} cannot be written", path.display()))?;
    }
    Ok(())
}

fn fingerprint(optimisation: Optimisation, wasm: &[u8], files: &Files) -> String {
    let mut hasher = DefaultHasher::new();
    (optimisation, wasm, files).hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

fn read(path: &Path) -> Result<Vec<u8>, Problem> {
    fs::read(path).while_doing(|| format!("{} cannot be read", path.display()))
}

fn read_text(path: &Path) -> Result<String, Problem> {
    fs::read_to_string(path).while_doing(|| format!("{} cannot be read", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(named: &[(&str, &str)]) -> Files {
        named
            .iter()
            .map(|(name, text)| (PathBuf::from(name), text.as_bytes().to_vec()))
            .collect()
    }

    #[test]
    fn the_folder_holds_exactly_what_was_built() {
        let folder = tempfile::tempdir().unwrap();
        replace(
            folder.path(),
            &files(&[("index.html", "one"), ("styles/old.css", "old")]),
        )
        .unwrap();
        let second = files(&[("index.html", "two"), ("styles/board.css", "board")]);
        replace(folder.path(), &second).unwrap();
        let mut there = Files::new();
        collect(folder.path(), folder.path(), &mut there).unwrap();
        assert_eq!(there, second);
    }

    #[test]
    fn an_unchanged_file_is_not_touched() {
        let folder = tempfile::tempdir().unwrap();
        let same = files(&[("index.html", "same")]);
        replace(folder.path(), &same).unwrap();
        let written = || {
            let page = fs::metadata(folder.path().join("index.html")).unwrap();
            page.modified().unwrap()
        };
        let before = written();
        replace(folder.path(), &same).unwrap();
        assert_eq!(written(), before);
    }

    #[test]
    fn a_text_stands_where_the_page_names_its_key() {
        let page = r#"<body data-failed="{boot.failed}">"#.to_owned();
        let texts = "# The page\nboot.failed = It says \"no\".\ncancel = Cancel\n";
        assert_eq!(
            with_texts(page, texts),
            r#"<body data-failed="It says &quot;no&quot;.">"#
        );
    }

    #[test]
    fn imported_sheets_are_where_they_were_imported() {
        let source = "/* In order. */\n@import \"./a.css\";\n@import \"./b.css\";\n";
        let sheet = one_stylesheet(source, |name| Ok(format!("of {name}"))).unwrap();
        assert_eq!(sheet, "/* In order. */\nof ./a.css\nof ./b.css\n");
    }

    #[test]
    fn a_changed_style_is_noticed() {
        let (one, two) = (files(&[("a.css", "1")]), files(&[("a.css", "2")]));
        assert_ne!(
            fingerprint(Optimisation::Quick, b"wasm", &one),
            fingerprint(Optimisation::Quick, b"wasm", &two)
        );
    }
}
