//! The layers point one way: what each crate may depend on, and what it must never pull in.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// A crate of the workspace and the crates of the workspace that it may depend on.
const LAYERS: &[(&str, &[&str])] = &[
    ("keyrack-model", &[]),
    ("keyrack-document", &["keyrack-model"]),
    ("keyrack-wire", &["keyrack-model"]),
    ("keyrack-replica", &["keyrack-model", "keyrack-document"]),
    (
        "keyrack-app",
        &[
            "keyrack-model",
            "keyrack-document",
            "keyrack-wire",
            "keyrack-replica",
        ],
    ),
    ("keyrack-ui", &["keyrack-model"]),
    (
        "keyrack-server",
        &["keyrack-model", "keyrack-document", "keyrack-wire"],
    ),
    (
        "keyrack-tests",
        &[
            "keyrack-model",
            "keyrack-document",
            "keyrack-wire",
            "keyrack-replica",
            "keyrack-app",
            "keyrack-server",
        ],
    ),
    ("keyrack-faulty-disk", &[]),
    ("xtask", &[]),
];

/// A crate and what must be nowhere below it, however indirectly.
const KEPT_OUT: &[(&str, &[&str])] = &[
    (
        "keyrack-model",
        &[
            "automerge",
            "rusqlite",
            "sqlx",
            "tokio",
            "axum",
            "tauri",
            "leptos",
            "zstd-safe",
        ],
    ),
    (
        "keyrack-wire",
        &["automerge", "rusqlite", "sqlx", "tokio", "axum", "tauri"],
    ),
    (
        "keyrack-document",
        &["rusqlite", "sqlx", "tokio", "axum", "tauri", "leptos"],
    ),
    (
        "keyrack-replica",
        &[
            "sqlx",
            "tokio",
            "axum",
            "tokio-tungstenite",
            "tauri",
            "leptos",
        ],
    ),
    ("keyrack-ui", &["automerge", "rusqlite", "sqlx", "tauri"]),
    ("keyrack-server", &["rusqlite", "tauri", "leptos"]),
    ("keyrack-app", &["sqlx", "axum", "leptos"]),
];

#[test]
fn every_crate_depends_only_on_the_layers_below_it() {
    let edges = workspace_edges();
    let declared: BTreeSet<_> = LAYERS.iter().map(|(name, _)| (*name).to_owned()).collect();
    let existing: BTreeSet<_> = edges.keys().cloned().collect();
    assert_eq!(existing, declared, "each crate has its place in the layers");

    let wrong: Vec<_> = LAYERS
        .iter()
        .flat_map(|(name, allowed)| {
            edges[*name]
                .iter()
                // A crate's own tests may ask for more of it.
                .filter(|other| other.as_str() != *name && !allowed.contains(&other.as_str()))
                .map(move |other| format!("{name} → {other}"))
        })
        .collect();
    assert!(
        wrong.is_empty(),
        "dependencies that point the wrong way: {wrong:?}"
    );
}

#[test]
fn no_layer_pulls_in_what_it_must_not_know() {
    let found: Vec<_> = KEPT_OUT
        .iter()
        .flat_map(|(name, kept_out)| {
            let below = everything_below(name);
            kept_out
                .iter()
                .filter(move |other| below.contains(**other))
                .map(move |other| format!("{name} → … → {other}"))
        })
        .collect();
    assert!(found.is_empty(), "a layer knows too much: {found:?}");
}

/// What is shipped.
const SHIPPED: [&str; 4] = ["app", "ui", "shared", "sync-server"];

#[test]
fn nothing_that_is_shipped_starts_a_program() {
    let found = shipped_files_with(&["process::Command", "Command::new(", "libc::exec", "fork("]);
    assert_eq!(found, Vec::<String>::new());
}

/// sqlx takes text that stands in a program as it is, and other text only under this name.
#[test]
fn the_server_puts_no_statement_together_from_anything_it_was_told() {
    let found = shipped_files_with(&["AssertSqlSafe"]);
    // The id of a hotel, which is digits and hyphens; and a name of a database that a test makes.
    let known = ["sync-server/src/database.rs", "sync-server/src/scratch.rs"];
    assert_eq!(found, known);
}

/// The sources, but for tests, that have one of these in them.
fn shipped_files_with(words: &[&str]) -> Vec<String> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut sources = Vec::new();
    for folder in SHIPPED {
        sources_in(&workspace.join(folder), &mut sources);
    }
    assert!(sources.len() > 300, "{} files", sources.len());
    sources.sort();
    let has_one = |path: &&PathBuf| {
        let text = fs::read_to_string(path).expect("a source can be read");
        words.iter().any(|word| text.contains(word))
    };
    let found = sources.iter().filter(has_one);
    let found = found.map(|path| path.strip_prefix(&workspace).expect("within").display());
    found.map(|path| path.to_string()).collect()
}

fn sources_in(folder: &Path, sources: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("an entry").path();
        let is_of_tests = path.file_stem().is_some_and(|name| name == "tests");
        if path.is_dir() && !is_of_tests {
            sources_in(&path, sources);
        } else if path.extension().is_some_and(|kind| kind == "rs") && !is_of_tests {
            sources.push(path);
        }
    }
}

/// Each crate of the workspace with those it depends on, of every kind of dependency.
fn workspace_edges() -> BTreeMap<String, BTreeSet<String>> {
    let output = cargo(&["metadata", "--format-version", "1", "--no-deps"]);
    let metadata: serde_json::Value = serde_json::from_str(&output).expect("metadata is JSON");
    let packages = metadata["packages"].as_array().expect("a list of packages");
    let name = |value: &serde_json::Value| value["name"].as_str().expect("a name").to_owned();
    packages
        .iter()
        .map(|package| {
            let dependencies = package["dependencies"].as_array().expect("dependencies");
            let inside = dependencies.iter().filter(|other| !other["path"].is_null());
            (name(package), inside.map(name).collect())
        })
        .collect()
}

/// The names of all crates that one is built from, on any platform.
fn everything_below(package: &str) -> BTreeSet<String> {
    let what = ["tree", "--package", package, "--edges", "normal,build"];
    let how = ["--prefix", "none", "--format", "{p}", "--target", "all"];
    cargo(&[&what[..], &how[..]].concat())
        .lines()
        .skip(1)
        .filter_map(|line| line.split(' ').next().map(str::to_owned))
        .collect()
}

fn cargo(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO"))
        .args(arguments)
        .arg("--locked")
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "cargo {arguments:?}: {errors}");
    String::from_utf8(output.stdout).expect("cargo prints text")
}
