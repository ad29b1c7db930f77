//! Whatever goes wrong between devices, network and server, nothing is lost, doubled or torn, and
//! in the end all show the same.

use keyrack_tests::simulation::{
    Faults, Lie, Plan,
    seeds::{Kind, run_all, run_one},
    trace::Event,
};

const TROUBLES: [&str; 13] = [
    "actions refused",
    "black holes",
    "clocks set wrong",
    "connections lost",
    "connections replayed",
    "demotions",
    "devices killed",
    "outages of the store",
    "partitions in one direction",
    "servers killed",
    "servers stopped",
    "shift changes",
    "stores put back",
];

#[test]
fn two_thousand_small_hotels_survive_whatever_goes_wrong() {
    let tally = run_all(Kind::Few, 0..2_000, || true).unwrap_or_else(|failure| panic!("{failure}"));
    assert_eq!(tally.worlds, 2_000);
    // What never goes wrong is not tested.
    for trouble in TROUBLES {
        assert!(tally.events.contains_key(trouble), "no {trouble}");
    }
}

#[test]
fn five_hotels_of_two_hundred_devices_survive_whatever_goes_wrong() {
    let tally = run_all(Kind::Many, 0..5, || true).unwrap_or_else(|failure| panic!("{failure}"));
    assert_eq!(tally.worlds, 5);
}

#[test]
fn a_seed_that_is_run_twice_gives_the_same_trace() {
    for seed in 0..10 {
        let trace = || {
            let ran = run_one(Kind::Few, Plan::few(seed));
            ran.unwrap_or_else(|failure| panic!("{failure}"))
        };
        assert_eq!(trace(), trace(), "seed {seed}");
    }
}

#[test]
fn a_hotel_without_trouble_stores_all_that_was_done() {
    let plan = Plan {
        faults: Faults::none(),
        ..Plan::few(1)
    };
    let trace = run_one(Kind::Few, plan).unwrap_or_else(|failure| panic!("{failure}"));
    let count =
        |is_it: fn(&Event) -> bool| trace.iter().filter(|entry| is_it(&entry.event)).count();
    let acted = count(|event| matches!(event, Event::Acted { .. }));
    let accepted = count(|event| matches!(event, Event::Accepted { .. }));
    let refused = count(|event| matches!(event, Event::Refused { .. }));
    assert!(acted > 0);
    assert_eq!(acted, accepted + refused);
}

#[test]
fn a_server_that_answers_before_it_stores_is_found_out() {
    found_out(Lie::AnswersBeforeItStores, "which the disk does not have");
}

#[test]
fn a_server_that_tears_actions_is_found_out() {
    found_out(Lie::TearsActions, "otherwise than any device made it");
}

/// A world of this lie is broken, and says how.
fn found_out(lie: Lie, how: &str) {
    let plan = Plan {
        faults: Faults {
            lie: Some(lie),
            ..Faults::none()
        },
        ..Plan::few(1)
    };
    let failure = run_one(Kind::Few, plan).expect_err("the lie goes unnoticed");
    let told = failure.to_string();
    assert!(told.contains(how), "{told}");
    assert!(told.contains("cargo xtask simulate --seed 1"), "{told}");
}
