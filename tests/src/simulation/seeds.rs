//! Many worlds on all processors, and what is told of one that broke.

use super::{
    ledger::Ledger,
    trace::Entry,
    world::{Broken, Plan, run},
};
use std::{
    cell::RefCell,
    collections::BTreeMap,
    fmt,
    panic::{self, AssertUnwindSafe},
    sync::{
        Mutex, MutexGuard, Once, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
};

/// Which worlds a seed makes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Three to eight devices.
    Few,
    /// Two hundred.
    Many,
}

impl Kind {
    pub fn plan(self, seed: u64) -> Plan {
        match self {
            Self::Few => Plan::few(seed),
            Self::Many => Plan::many(seed),
        }
    }
}

/// A world in which something did not hold.
#[derive(Debug)]
pub struct Failure {
    pub kind: Kind,
    pub plan: Plan,
    pub broken: Broken,
    pub trace: Vec<Entry>,
}

/// Entries of the trace that a failure shows.
const SHOWN: usize = 40;

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seed = self.plan.seed;
        let skipped = self.trace.len().saturating_sub(SHOWN);
        writeln!(f, "seed {seed}: {}", self.broken.0)?;
        writeln!(f, "the last of {} events:", self.trace.len())?;
        for entry in &self.trace[skipped..] {
            writeln!(f, "{entry}")?;
        }
        let many = match self.kind {
            Kind::Few => "",
            Kind::Many => " --many",
        };
        writeln!(f, "{:?}", self.plan)?;
        write!(
            f,
            "again, with all events: cargo xtask simulate --seed {seed}{many}"
        )
    }
}

/// How many worlds there were, and how often what happened in them.
#[derive(Default, Debug)]
pub struct Tally {
    pub worlds: u64,
    pub events: BTreeMap<&'static str, u64>,
}

impl Tally {
    fn add(&mut self, trace: &[Entry]) {
        self.worlds += 1;
        for entry in trace {
            *self.events.entry(entry.event.kind()).or_default() += 1;
        }
    }
}

/// Lets the worlds of these seeds happen, as long as `goes_on` says so.
///
/// # Errors
/// The first world that broke; the others are not awaited.
pub fn run_all(
    kind: Kind,
    seeds: std::ops::Range<u64>,
    goes_on: impl Fn() -> bool + Sync,
) -> Result<Tally, Box<Failure>> {
    let next = AtomicU64::new(seeds.start);
    let tally = Mutex::new(Tally::default());
    let is_broken = AtomicBool::new(false);
    let failure = Mutex::new(None);
    let work = || {
        while !is_broken.load(Ordering::Relaxed) && goes_on() {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds.end {
                break;
            }
            match run_one(kind, kind.plan(seed)) {
                Ok(trace) => lock(&tally).add(&trace),
                Err(found) => {
                    is_broken.store(true, Ordering::Relaxed);
                    lock(&failure).get_or_insert(found);
                }
            }
        }
    };
    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        (0..threads).for_each(|_| {
            scope.spawn(work);
        });
    });
    match lock(&failure).take() {
        Some(failure) => Err(failure),
        None => Ok(std::mem::take(&mut *lock(&tally))),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Lets one world happen, and returns what happened in it.
///
/// # Errors
/// What did not hold; a panic anywhere in it among that.
pub fn run_one(kind: Kind, plan: Plan) -> Result<Vec<Entry>, Box<Failure>> {
    watch(kind, plan, run)
}

/// Lets a world happen that may panic at any moment. Its ledger is kept out here, so that what
/// happened until then can be told.
fn watch(
    kind: Kind,
    plan: Plan,
    happen: impl FnOnce(&Plan, &Ledger) -> Result<(), Broken>,
) -> Result<Vec<Entry>, Box<Failure>> {
    let ledger = Ledger::default();
    listen_for_panics();
    PANIC.set(Listening::Yes(None));
    let outcome = panic::catch_unwind(AssertUnwindSafe(|| happen(&plan, &ledger)));
    let heard = PANIC.replace(Listening::No);
    let outcome = match heard {
        Listening::Yes(Some(panic)) => Err(Broken(panic)),
        Listening::Yes(None) | Listening::No => outcome.unwrap_or(Ok(())),
    };
    let trace = ledger.trace();
    match outcome {
        Ok(()) => Ok(trace),
        Err(broken) => Err(Box::new(Failure {
            kind,
            plan,
            broken,
            trace,
        })),
    }
}

/// Whether this thread runs a world, and the first panic in it: also one that a task kept to
/// itself.
enum Listening {
    No,
    Yes(Option<String>),
}

thread_local! {
    static PANIC: RefCell<Listening> = const { RefCell::new(Listening::No) };
}

fn listen_for_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let others = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            let is_a_worlds = PANIC.with_borrow_mut(|listening| match listening {
                Listening::Yes(first) => {
                    first.get_or_insert_with(|| panic.to_string());
                    true
                }
                Listening::No => false,
            });
            if !is_a_worlds {
                others(panic);
            }
        }));
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulation::trace::Event;

    #[test]
    fn a_panic_is_told_with_its_seed_and_with_what_happened_before() {
        let failure = watch(Kind::Few, Plan::few(42), |_, ledger| {
            ledger.set_now(1_234);
            ledger.note(Event::ServerStopping);
            panic!("the roof fell in")
        });
        let told = failure.expect_err("a panic is no success").to_string();
        for part in [
            "seed 42",
            "the roof fell in",
            "the last of 1 events",
            "1.234  the server stops in good order",
            "cargo xtask simulate --seed 42",
        ] {
            assert!(told.contains(part), "{part}: {told}");
        }
    }
}
