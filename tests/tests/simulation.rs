//! Whatever goes wrong between devices, network and server, nothing is lost, doubled or torn, and
//! in the end all show the same.

use keyrack_tests::simulation::{
    Faults, Lie, Plan,
    seeds::{Kind, Tally, run_all, run_one},
    trace::{Entry, Event},
};
use std::process::Command;

const TROUBLES: [&str; 26] = [
    "actions refused",
    "black holes",
    "clocks set wrong",
    "connections lost",
    "connections replayed",
    "days begun",
    "days ended at a desk",
    "demotions",
    "devices killed",
    "devices turned away",
    "documents let go of",
    "documents opened that were not whole",
    "guests erased",
    "logs brought back",
    "logs put back without a word",
    "logs said to be put back",
    "outages of the store",
    "partitions in one direction",
    "questions doubled",
    "refusals put away",
    "servers killed",
    "servers stopped",
    "shift changes",
    "steps of devices interrupted",
    "stores copied",
    "stores put back",
];

/// What a lie is about does not happen in every world.
const WORLDS_OF_A_LIE: u64 = 240;

#[test]
fn two_thousand_small_hotels_survive_whatever_goes_wrong() {
    let tally = run_all(Kind::Few, 0..2_000, || true).unwrap_or_else(|failure| panic!("{failure}"));
    assert_eq!(tally.worlds, 2_000);
    // What never goes wrong is not tested.
    let missing: Vec<_> = TROUBLES
        .iter()
        .filter(|it| !went_wrong(&tally, it))
        .collect();
    assert!(missing.is_empty(), "no {missing:?}");
}

fn went_wrong(tally: &Tally, trouble: &str) -> bool {
    tally.events.contains_key(trouble)
}

#[test]
fn five_hotels_of_two_hundred_devices_survive_whatever_goes_wrong() {
    let tally = run_all(Kind::Many, 0..5, || true).unwrap_or_else(|failure| panic!("{failure}"));
    assert_eq!(tally.worlds, 5);
    // In each a third of the kinds of trouble stays away.
    let troubles = TROUBLES.iter().filter(|it| went_wrong(&tally, it)).count();
    assert!(troubles > TROUBLES.len() / 2, "{:?}", tally.events);
    let actions = tally.events["actions done"];
    assert!(actions > 5 * 60, "most of it comes to nothing: {actions}");
}

#[test]
fn a_seed_that_is_run_twice_gives_the_same_trace() {
    for seed in 0..10 {
        let trace = || trace(Kind::Few, Plan::few(seed));
        assert_eq!(trace(), trace(), "seed {seed}");
    }
    let trace = || {
        let plan = Plan {
            deeds: 60,
            ..Plan::many(0)
        };
        trace(Kind::Many, plan)
    };
    assert_eq!(trace(), trace());
}

/// Nothing of it depends on where things lie in memory, or on what a process draws for itself.
#[test]
fn a_seed_that_is_run_in_another_process_gives_the_same_trace() {
    for seed in 0..3 {
        let simulated = Command::new(env!("CARGO_BIN_EXE_simulate"))
            .args(["--seed", &seed.to_string()])
            .output()
            .unwrap();
        let told = String::from_utf8(simulated.stdout).unwrap();
        let here = trace(Kind::Few, Plan::few(seed));
        let here: String = here.iter().map(|entry| format!("{entry}\n")).collect();
        assert!(simulated.status.success(), "{told}");
        assert_eq!(told, here, "seed {seed}");
    }
}

fn trace(kind: Kind, plan: Plan) -> Vec<Entry> {
    let ran = run_one(kind, plan);
    ran.unwrap_or_else(|failure| panic!("{failure}"))
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
    let faults = honest_but(Lie::AnswersBeforeItStores);
    found_out(faults, "where the log has something else");
}

#[test]
fn a_server_that_tears_actions_is_found_out() {
    let faults = honest_but(Lie::TearsActions);
    found_out(faults, "otherwise than any device made it");
}

#[test]
fn a_server_that_stores_twice_is_found_out() {
    found_out(honest_but(Lie::StoresTwice), "is in the log twice");
}

#[test]
fn a_server_that_forgets_its_verdicts_is_found_out() {
    let faults = Faults {
        failed_appends: 400,
        ..honest_but(Lie::ForgetsVerdicts)
    };
    found_out(faults, "of an honest device was refused");
}

#[test]
fn a_server_that_keeps_entries_back_is_found_out() {
    found_out(
        honest_but(Lie::KeepsEntriesBack),
        "device 0 has no work_order",
    );
}

#[test]
fn a_server_that_never_answers_is_found_out() {
    let faults = honest_but(Lie::NeverAnswers);
    found_out(faults, "is not in step long after everything healed");
}

#[test]
fn a_server_that_hands_out_old_documents_is_found_out() {
    let faults = honest_but(Lie::HandsOutOldDocuments);
    found_out(faults, "is not in step long after everything healed");
}

#[test]
fn a_server_that_tells_everybody_of_guests_is_found_out() {
    let faults = honest_but(Lie::TellsOfGuests);
    found_out(faults, "whom nobody there may know");
}

#[test]
fn a_server_that_hides_erasures_is_found_out() {
    // It shows on devices that were told of the guest, and stays in the store of the one where it
    // was written.
    for how in ["knows others than", "who was erased"] {
        found_out(honest_but(Lie::HidesErasures), how);
    }
}

fn honest_but(lie: Lie) -> Faults {
    Faults {
        lie: Some(lie),
        ..Faults::none()
    }
}

/// A world of these faults is broken in this way, and says so.
fn found_out(faults: Faults, how: &str) {
    let failure = (0..WORLDS_OF_A_LIE).find_map(|seed| {
        let plan = Plan {
            faults: faults.clone(),
            deeds: 80,
            ..Plan::few(seed)
        };
        let failure = run_one(Kind::Few, plan).err()?;
        failure.to_string().contains(how).then_some(failure)
    });
    let failure = failure.expect("the lie goes unnoticed");
    let told = failure.to_string();
    let again = format!("cargo xtask simulate --seed {}", failure.plan.seed);
    assert!(told.contains(&again), "{told}");
}
