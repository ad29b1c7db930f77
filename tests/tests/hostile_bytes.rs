//! Hostile bytes, each of them a file: none makes anything fail, and none costs more memory than a
//! server or a device has to spare.

use keyrack_tests::hostile::{TARGETS, Target, corpus};
use std::{
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
};

/// Bytes that this program may take, with everything in it.
const MOST_MEMORY: usize = 256 << 20;
/// Bytes of all files.
const MOST_KEPT: usize = 300 << 10;

/// The files of a target by their names.
fn kept(target: &str) -> BTreeMap<String, Vec<u8>> {
    let folder = corpus::folder().join(target);
    let files = std::fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{target} has no corpus in {}: {error}", folder.display()));
    files
        .map(|file| {
            let file = file.expect("a folder that can be listed");
            let name = file.file_name().to_string_lossy().into_owned();
            (name, std::fs::read(file.path()).expect("a file"))
        })
        .collect()
}

fn replay(name: &str) {
    let (_, target): &(_, Target) = TARGETS
        .iter()
        .find(|(known, _)| *known == name)
        .expect("a target");
    let files = kept(name);
    assert!(!files.is_empty(), "{name} has no corpus");
    let failed: Vec<_> = files
        .iter()
        .filter(|(_, bytes)| catch_unwind(AssertUnwindSafe(|| target(bytes))).is_err())
        .map(|(file, _)| file)
        .collect();
    assert!(failed.is_empty(), "{name}: {failed:?}");
    let most = most_memory();
    assert!(most <= MOST_MEMORY, "{name}: {most} bytes of memory");
}

/// The most memory that this program has had at once.
fn most_memory() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux tells");
    let held = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = held.expect("a running process has memory").trim();
    let kilobytes = kilobytes.trim_end_matches("kB").trim();
    kilobytes.parse::<usize>().expect("a number") << 10
}

#[test]
fn frames_and_streams_of_any_bytes_are_read_or_turned_away() {
    replay("frame");
}

#[test]
fn chunks_of_any_bytes_are_measured_before_they_are_read() {
    replay("scanner");
}

#[test]
fn whatever_the_gate_admits_is_read_again_and_honest_work_goes_on() {
    replay("admission");
}

#[test]
fn whatever_a_server_says_nothing_that_waits_is_lost() {
    replay("pull");
}

#[test]
fn whatever_the_server_is_configured_with_it_says_what_is_wrong() {
    replay("config");
}

#[test]
fn every_target_has_a_test_and_the_files_that_are_made_for_it() {
    let made: BTreeMap<_, _> = corpus::made().into();
    let targets: Vec<_> = TARGETS.iter().map(|(name, _)| *name).collect();
    assert_eq!(made.len(), targets.len());
    let mut weight = 0;
    for target in targets {
        let mut kept = kept(target);
        weight += kept.values().map(Vec::len).sum::<usize>();
        for (name, bytes) in &made[target] {
            let there = kept.remove(name);
            assert!(
                there.as_ref() == Some(bytes),
                "{target}/{name} is not what is made: run the program hostile_corpus"
            );
        }
        for name in kept.keys() {
            assert!(name.starts_with("found-"), "{target}/{name}: from where?");
        }
    }
    assert!(weight <= MOST_KEPT, "{weight} bytes");
}
