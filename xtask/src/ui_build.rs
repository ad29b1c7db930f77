//! The interface's build: cargo makes one wasm, which is taken apart into what every page begins with
//! and what is loaded when it is wanted; wasm-bindgen's library prepares the first for the web view,
//! and the static files are laid beside them in `target/ui`, which the app embeds.
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
    ui_parts::{self, PARTS, Parts},
    wasm_target::WASM,
};

/// What the compiler spends its time on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Optimisation {
    /// Built in seconds, some megabytes large; shares its build tools with the debug build.
    Quick,
    /// As it is shipped.
    Shipped,
    /// The same with a hotel inside the page, for measuring without the app. It is laid out apart:
    /// the app does not embed it.
    Measured,
}

impl Optimisation {
    fn cargo_options(self) -> &'static [&'static str] {
        match self {
            Optimisation::Quick => &["--config", "profile.dev.opt-level=1"],
            Optimisation::Shipped => &["--profile", "interface"],
            Optimisation::Measured => &["--profile", "interface", "--features", "demo"],
        }
    }

    fn folder(self) -> &'static str {
        match self {
            Optimisation::Quick => "debug",
            Optimisation::Shipped | Optimisation::Measured => "interface",
        }
    }

    /// Whether what only its authors read is taken out.
    fn is_small(self) -> bool {
        match self {
            Optimisation::Quick => false,
            Optimisation::Shipped | Optimisation::Measured => true,
        }
    }

    /// Where it is laid out.
    pub fn place(self) -> PathBuf {
        match self {
            Optimisation::Quick | Optimisation::Shipped => folder(),
            Optimisation::Measured => target().join("ui-measured"),
        }
    }
}

/// The binary of `keyrack-ui`, which every page runs.
const PROGRAM: &str = "keyrack-ui";

/// What starts every page, below `ui/`.
const BOOT: &str = "boot.js";

/// What a browser shows for a page, below the workspace; the page names it [`MARK_IN_PAGE`].
const MARK: &str = "icons/32x32.png";
const MARK_IN_PAGE: &str = "icon.png";

/// The texts that the pages have before their program runs, a `key = text` a line, below `ui/`.
const TEXTS: &str = "texts/en.txt";

/// A page of the window: what is loaded for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// Below `ui/`; `{keys}` in it stand for texts, so that it has something to say even when its
    /// program does not run.
    pub html: &'static str,
    /// The stylesheet, below `ui/`: it imports the others.
    styles: &'static str,
    /// What it is called in its own `data-page`, and the part of the program that it needs besides
    /// what every page begins with.
    pub part: &'static str,
}

/// The page on which a window opens. It begins with what is no part.
pub const FIRST: Page = Page {
    html: "index.html",
    styles: "styles.css",
    part: "main",
};

/// Every other page.
pub const OTHERS: [Page; 1] = [Page {
    html: "settings.html",
    styles: "settings.css",
    part: "settings",
}];

fn pages() -> impl Iterator<Item = Page> {
    [FIRST].into_iter().chain(OTHERS)
}

impl Page {
    /// What a web view downloads for it before the parts of the program, by its name in [`folder`].
    pub fn files(&self) -> [String; 6] {
        [
            self.html.to_owned(),
            self.styles.to_owned(),
            BOOT.to_owned(),
            format!("{PROGRAM}.js"),
            format!("{PROGRAM}_bg.wasm"),
            PARTS.to_owned(),
        ]
    }
}

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
    let mut files = static_files(&workspace().join("ui"))?;
    files.insert(PathBuf::from(MARK_IN_PAGE), read(&workspace().join(MARK))?);
    let program = read(&made(optimisation))?;
    let print = fingerprint(optimisation, &program, &files);
    let place = optimisation.place();
    let stamp = place.with_extension("fingerprint");
    if fs::read_to_string(&stamp).is_ok_and(|before| before == print) && place.is_dir() {
        return Ok(());
    }
    let (program, parts) = prepare(&program, optimisation)?;
    files.extend(program);
    // Without its stamp a half-written folder is written again.
    let _ = fs::remove_file(&stamp);
    replace(&place, &files)?;
    if place == folder() {
        parts.keep()?;
    }
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
    files.insert(PathBuf::from(BOOT), read(&ui.join(BOOT))?);
    let texts = read_text(&ui.join(TEXTS))?;
    for page in pages() {
        let html = with_texts(read_text(&ui.join(page.html))?, &texts);
        files.insert(PathBuf::from(page.html), html.into_bytes());
        let styles = one_stylesheet(&read_text(&ui.join(page.styles))?, |import| {
            read_text(&ui.join(import))
        })?;
        let styles = for_the_page(&styles);
        files.insert(PathBuf::from(page.styles), styles.into_bytes());
    }
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

/// A stylesheet without what only its authors read: comments and indentation.
fn for_the_page(sheet: &str) -> String {
    let mut parts = sheet.split("/*");
    let mut bare = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        bare.push_str(part.split_once("*/").map_or("", |(_, after)| after));
    }
    let lines = bare.lines().map(str::trim);
    lines
        .filter(|line| !line.is_empty())
        .flat_map(|line| [line, "\n"])
        .collect()
}

/// What cargo makes of the program.
fn made(optimisation: Optimisation) -> PathBuf {
    target()
        .join(WASM)
        .join(optimisation.folder())
        .join(format!("{PROGRAM}.wasm"))
}

/// The program as a web view loads it: its parts, the glue that wasm-bindgen writes, and the wasm
/// that fits it.
fn prepare(program: &[u8], optimisation: Optimisation) -> Result<(Files, Parts), Problem> {
    let scratch = tempfile::tempdir().while_doing(|| "No temporary folder".to_owned())?;
    let finished = scratch.path().join("finished");
    let first = scratch.path().join("first.wasm");
    let parts = Parts::take_apart(program, &format!("./{PROGRAM}.js"), &first, &finished)?;
    Bindgen::new()
        .input_path(first)
        .out_name(PROGRAM)
        .typescript(false)
        .keep_debug(false)
        // The parts are linked to the table of functions.
        .keep_lld_exports(true)
        .remove_producers_section(true)
        .remove_name_section(optimisation.is_small())
        .web(true)
        .and_then(|bindgen| bindgen.generate(&finished))
        .map_err(|problem| Problem::WasmBindgen(format!("{problem:#}")))?;
    let mut files = Files::new();
    collect(&finished, &finished, &mut files)?;
    if optimisation.is_small() {
        for name in parts.files() {
            let name = Path::new(name);
            if let Some(wasm) = files.get_mut(name) {
                *wasm = ui_parts::as_shipped(wasm)?;
            }
        }
    }
    Ok((files, parts))
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

fn fingerprint(optimisation: Optimisation, program: &[u8], files: &Files) -> String {
    let mut hasher = DefaultHasher::new();
    (optimisation, program, files).hash(&mut hasher);
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
    fn a_page_does_not_load_what_only_the_authors_of_a_stylesheet_read() {
        let sheet = "/* Why\n   it is so. */\n.a {\n  color: red; /* for now */\n}\n\n.b .c {}\n";
        assert_eq!(for_the_page(sheet), ".a {\ncolor: red;\n}\n.b .c {}\n");
        assert_eq!(for_the_page(".a {} /* open"), ".a {}\n");
    }

    #[test]
    fn a_changed_style_is_noticed() {
        let (one, two) = (files(&[("a.css", "1")]), files(&[("a.css", "2")]));
        assert_ne!(
            fingerprint(Optimisation::Quick, &[], &one),
            fingerprint(Optimisation::Quick, &[], &two)
        );
    }

    #[test]
    fn every_page_names_its_program_and_its_stylesheet() {
        let ui = workspace().join("ui");
        for page in pages() {
            let html = read_text(&ui.join(page.html)).unwrap();
            for (attribute, named) in [
                ("data-page", page.part.to_owned()),
                ("href", format!("./{}", page.styles)),
                ("src", format!("./{BOOT}")),
            ] {
                let expected = format!("{attribute}=\"{named}\"");
                assert!(html.contains(&expected), "{} lacks {expected}", page.html);
            }
        }
    }
}
