//! The demo hotel's weeks, lived through again: no task is a ghost, no departure is lost, and each day
//! has what the file says.

use keyrack_tests::replay::{
    Broken, Lie, Looks, Plan, Replayed, Way, bookings, count, differences, run,
};
use std::path::{Path, PathBuf};

const PLAIN: Plan = Plan {
    seed: 1,
    way: Way::AsInTheFile,
    stayover_every: 1,
    looks: Looks::EachDay,
    lie: None,
};

fn demo() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.join("../sync-server/demo/resort-busiest-week.csv")
}

fn replayed(plan: &Plan) -> Result<Replayed, Broken> {
    run(bookings(&demo())?, plan)
}

#[test]
fn each_day_has_the_arrivals_departures_stayovers_and_nights_of_the_file() {
    let text = count::text(&demo()).unwrap();
    for stayover_every in [1, 3] {
        let plan = Plan {
            stayover_every,
            ..PLAIN
        };
        let replayed = replayed(&plan).unwrap_or_else(|broken| panic!("{broken}"));
        let mut counted = count::count(&text, stayover_every).unwrap();
        assert_eq!(differences(&counted, &replayed), []);
        counted.get_mut("2017-05-25").unwrap().stayovers += 1;
        assert_eq!(differences(&counted, &replayed).len(), 1);
    }
}

#[test]
fn guests_who_move_leave_early_or_wish_otherwise_lose_no_task_and_leave_none_behind() {
    for seed in 1..=5 {
        let plan = Plan {
            seed,
            way: Way::Lively,
            ..PLAIN
        };
        let replayed = replayed(&plan).unwrap_or_else(|broken| panic!("seed {seed}, {broken}"));
        // What never happens is not tested.
        for deed in [
            "carried over and done",
            "early departures",
            "inspections failed",
            "inspections passed",
            "kept out",
            "left begun",
            "left noted",
            "left over and done",
            "left paused",
            "left pinned",
            "left untouched",
            "no-shows",
            "room moves",
            "wishes",
        ] {
            assert!(replayed.deeds.contains_key(deed), "seed {seed}, no {deed}");
        }
    }
}

#[test]
fn a_seed_that_is_replayed_twice_comes_to_the_same() {
    let plan = Plan {
        way: Way::Lively,
        ..PLAIN
    };
    assert_eq!(replayed(&plan), replayed(&plan));
}

#[test]
fn rules_that_do_otherwise_are_found_out() {
    for (lie, how) in [
        (Lie::LosesDepartures, "a lost departure"),
        (Lie::ForgetsStayovers, "0 stayovers for"),
        (Lie::KeepsWhatIsOver, "a ghost"),
        (Lie::DoublesTasks, "there twice"),
        (Lie::CancelsWhatIsBegun, "taken from somebody"),
        (Lie::OverlooksDirt, "clean though nobody cleaned"),
    ] {
        let plan = Plan {
            lie: Some(lie),
            ..PLAIN
        };
        let Err(Broken(told)) = replayed(&plan) else {
            panic!("{lie:?} goes unnoticed");
        };
        assert!(told.contains(how), "{lie:?}: {told}");
    }
}
