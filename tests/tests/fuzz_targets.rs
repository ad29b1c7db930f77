//! The targets that a fuzzer is given. Their crate is built with flags of its own and is no part of
//! this workspace; here its files are compiled as they are, for a fuzzer that tries one input.

use keyrack_tests::hostile::{TARGETS, Target, corpus};
use std::collections::{BTreeMap, BTreeSet};

// By this name the files know the fuzzer.
extern crate self as libfuzzer_sys;

#[macro_export]
macro_rules! fuzz_target {
    (|$bytes:ident: &[u8]| $body:expr) => {
        pub fn take($bytes: &[u8]) {
            $body
        }
    };
}

macro_rules! files {
    ($($name:ident at $path:literal),* $(,)?) => {
        $(
            #[path = $path]
            #[allow(unused_attributes, reason = "elsewhere each file is a program")]
            mod $name;
        )*

        /// The function of each file, and what is in it.
        const FILES: &[(&str, Target, &str)] =
            &[$((stringify!($name), $name::take, include_str!($path))),*];
    };
}

files! {
    frame at "../fuzz/fuzz_targets/frame.rs",
    scanner at "../fuzz/fuzz_targets/scanner.rs",
    admission at "../fuzz/fuzz_targets/admission.rs",
    pull at "../fuzz/fuzz_targets/pull.rs",
    config at "../fuzz/fuzz_targets/config.rs",
}

#[test]
fn a_fuzzer_feeds_every_target_and_each_by_its_name() {
    let known: Vec<_> = TARGETS.iter().map(|(name, _)| *name).collect();
    let files: Vec<_> = FILES.iter().map(|(name, ..)| *name).collect();
    assert_eq!(files, known);
    let made = BTreeMap::from(corpus::made());
    for (name, take, source) in FILES {
        assert!(
            source.contains(&format!("hostile::{name}, bytes")),
            "{name}"
        );
        take(&made[name][0].1);
    }
}

#[test]
fn the_crate_of_the_fuzzer_builds_every_target() {
    let manifest = include_str!("../fuzz/Cargo.toml");
    let values = |key: &str| -> BTreeSet<String> {
        let programs = manifest.split("[[bin]]").skip(1);
        let lines = programs.flat_map(str::lines);
        let values = lines.filter_map(|line| line.strip_prefix(&format!("{key} = ")));
        values
            .map(|value| value.trim_matches('"').to_owned())
            .collect()
    };
    let names = TARGETS.map(|(name, _)| name.to_owned());
    assert_eq!(values("name"), names.clone().into());
    let files = names.map(|name| format!("fuzz_targets/{name}.rs"));
    assert_eq!(values("path"), files.into());
}
