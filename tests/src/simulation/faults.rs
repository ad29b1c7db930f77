//! The fault model: what goes wrong in a world, and how often.

use fastrand::Rng;

/// What may go wrong. Chances are in a thousand, frequencies relative to each other.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Faults {
    /// How long things go wrong before everything heals, in milliseconds.
    pub storm_millis: u64,
    /// The time between two troubles, on average.
    pub trouble_every_millis: u64,
    /// The longest that a frame usually travels.
    pub delay_millis: u64,
    /// The longest that one in twenty travels.
    pub slow_millis: u64,
    /// The most that a device's clock is wrong at any time.
    pub skew_millis: i64,
    /// The most that the server's clock is wrong in any of its lives.
    pub server_skew_millis: i64,

    /// A connection breaks, and the device learns of it.
    pub cuts: u32,
    /// A connection swallows everything, and nobody learns of it.
    pub black_holes: u32,
    /// Nothing reaches the server from a device for a while.
    pub deaf_servers: u32,
    /// Nothing reaches a device from the server for a while.
    pub deaf_devices: u32,
    /// All that a device has said in a connection arrives once more, as another connection.
    pub replays: u32,
    /// A device is killed and starts again.
    pub device_crashes: u32,
    /// A copy of a device's store is put away.
    pub backups: u32,
    /// A device is killed and starts again from a copy of its store.
    pub restored_devices: u32,
    /// A device's wall clock jumps.
    pub clock_jumps: u32,
    /// Another person signs in on a device.
    pub shift_changes: u32,
    /// A person is given a role with other rights.
    pub demotions: u32,
    /// The server is killed and starts again.
    pub server_crashes: u32,
    /// The server is stopped in good order and starts again.
    pub server_stops: u32,
    /// The server's store cannot be reached for a while.
    pub outages: u32,
    /// The server's store is brought back to an older state.
    pub restored_servers: u32,
    /// The same, and nobody says so.
    pub unsaid_restores: u32,
    /// The hotel goes on to a later day.
    pub nights: u32,

    /// Chance that a device is killed between two of the effects of one step.
    pub torn_steps: u32,
    /// Chance that a device is killed between two of the transactions of one step.
    pub torn_inputs: u32,
    /// Chance that a question beside the log arrives twice, and is answered twice.
    pub doubled_questions: u32,
    /// Chance that an append fails; half of these are stored all the same.
    pub failed_appends: u32,
    /// Chance that the server is killed while an append is under way.
    pub deadly_appends: u32,

    /// A fault of the server itself, which the checks must find.
    pub lie: Option<Lie>,
}

/// How a broken server would behave.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Lie {
    /// It says that it stored what it did not.
    AnswersBeforeItStores,
    /// It leaves the last change of an action out of the log.
    TearsActions,
    /// It stores everything once more, in a log that does not mind.
    StoresTwice,
    /// It does not know what it stored and refused when it is asked for that again.
    ForgetsVerdicts,
    /// It tells one device that there was nothing for it in what others did.
    KeepsEntriesBack,
    /// It neither stores nor answers what is pushed.
    NeverAnswers,
    /// It hands out documents as they were when the hotel opened, for the present ones.
    HandsOutOldDocuments,
    /// It tells everybody who the guests are.
    TellsOfGuests,
    /// It keeps what was erased to itself, and tells nobody that it was.
    HidesErasures,
}

/// Something that goes wrong at one moment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Trouble {
    Cut,
    BlackHole,
    DeafServer,
    DeafDevice,
    Replay,
    DeviceCrash,
    Backup,
    RestoredDevice,
    ClockJump,
    ShiftChange,
    Demotion,
    ServerCrash,
    ServerStop,
    Outage,
    RestoredServer,
    UnsaidRestore,
    Night,
}

/// How much more often something happens where it happens often.
const MORE: u32 = 6;

impl Faults {
    /// Frames take their time, and nothing else is the matter.
    pub fn none() -> Self {
        Self {
            storm_millis: 20_000,
            trouble_every_millis: 1_000,
            delay_millis: 40,
            slow_millis: 40,
            skew_millis: 0,
            server_skew_millis: 0,
            cuts: 0,
            black_holes: 0,
            deaf_servers: 0,
            deaf_devices: 0,
            replays: 0,
            device_crashes: 0,
            backups: 0,
            restored_devices: 0,
            clock_jumps: 0,
            shift_changes: 0,
            demotions: 0,
            server_crashes: 0,
            server_stops: 0,
            outages: 0,
            restored_servers: 0,
            unsaid_restores: 0,
            nights: 0,
            torn_steps: 0,
            torn_inputs: 0,
            doubled_questions: 0,
            failed_appends: 0,
            deadly_appends: 0,
            lie: None,
        }
    }

    /// Everything that a hotel must survive.
    pub fn all() -> Self {
        Self {
            storm_millis: 30_000,
            trouble_every_millis: 1_500,
            delay_millis: 80,
            slow_millis: 4_000,
            skew_millis: 2 * 60 * 60 * 1_000,
            server_skew_millis: 30 * 60 * 1_000,
            cuts: 8,
            black_holes: 2,
            deaf_servers: 4,
            deaf_devices: 4,
            replays: 3,
            device_crashes: 6,
            backups: 4,
            restored_devices: 5,
            clock_jumps: 2,
            shift_changes: 3,
            demotions: 4,
            server_crashes: 3,
            server_stops: 1,
            outages: 2,
            restored_servers: 3,
            unsaid_restores: 2,
            nights: 3,
            torn_steps: 5,
            torn_inputs: 5,
            doubled_questions: 60,
            failed_appends: 40,
            deadly_appends: 20,
            lie: None,
        }
    }

    /// Some of everything: a third of the kinds of trouble stays away and some come often, so
    /// that each meets the others in many proportions.
    pub fn drawn(rng: &mut Rng) -> Self {
        let mut faults = Self::all();
        faults.storm_millis = rng.u64(10_000..40_000);
        faults.trouble_every_millis = rng.u64(700..4_000);
        if rng.bool() {
            faults.slow_millis = faults.delay_millis;
        }
        if rng.bool() {
            faults.skew_millis = 0;
        }
        if rng.bool() {
            faults.server_skew_millis = 0;
        }
        for frequency in faults.frequencies() {
            match rng.u8(0..6) {
                0 | 1 => *frequency = 0,
                2 => *frequency *= MORE,
                _ => {}
            }
        }
        faults
    }

    fn frequencies(&mut self) -> [&mut u32; 22] {
        [
            &mut self.cuts,
            &mut self.black_holes,
            &mut self.deaf_servers,
            &mut self.deaf_devices,
            &mut self.replays,
            &mut self.device_crashes,
            &mut self.backups,
            &mut self.restored_devices,
            &mut self.clock_jumps,
            &mut self.shift_changes,
            &mut self.demotions,
            &mut self.server_crashes,
            &mut self.server_stops,
            &mut self.outages,
            &mut self.restored_servers,
            &mut self.unsaid_restores,
            &mut self.nights,
            &mut self.torn_steps,
            &mut self.torn_inputs,
            &mut self.doubled_questions,
            &mut self.failed_appends,
            &mut self.deadly_appends,
        ]
    }

    /// The next trouble; None where there is none.
    pub(super) fn trouble(&self, rng: &mut Rng) -> Option<Trouble> {
        let troubles = [
            (self.cuts, Trouble::Cut),
            (self.black_holes, Trouble::BlackHole),
            (self.deaf_servers, Trouble::DeafServer),
            (self.deaf_devices, Trouble::DeafDevice),
            (self.replays, Trouble::Replay),
            (self.device_crashes, Trouble::DeviceCrash),
            (self.backups, Trouble::Backup),
            (self.restored_devices, Trouble::RestoredDevice),
            (self.clock_jumps, Trouble::ClockJump),
            (self.shift_changes, Trouble::ShiftChange),
            (self.demotions, Trouble::Demotion),
            (self.server_crashes, Trouble::ServerCrash),
            (self.server_stops, Trouble::ServerStop),
            (self.outages, Trouble::Outage),
            (self.restored_servers, Trouble::RestoredServer),
            (self.unsaid_restores, Trouble::UnsaidRestore),
            (self.nights, Trouble::Night),
        ];
        let sum = troubles.iter().map(|(frequency, _)| frequency).sum();
        if sum == 0 {
            return None;
        }
        let mut left = rng.u32(0..sum);
        troubles.into_iter().find_map(|(frequency, trouble)| {
            if left < frequency {
                return Some(trouble);
            }
            left -= frequency;
            None
        })
    }

    /// How long a frame travels.
    pub(super) fn delay(&self, rng: &mut Rng) -> u64 {
        let longest = match rng.u8(0..20) {
            0 => self.slow_millis,
            _ => self.delay_millis,
        };
        rng.u64(1..=longest.max(1))
    }

    /// How wrong a clock is.
    pub(super) fn skew(&self, rng: &mut Rng) -> i64 {
        rng.i64(-self.skew_millis..=self.skew_millis)
    }

    /// How wrong the server's clock is.
    pub(super) fn server_skew(&self, rng: &mut Rng) -> i64 {
        rng.i64(-self.server_skew_millis..=self.server_skew_millis)
    }
}

/// Whether something of a chance in a thousand happens.
pub(super) fn happens(chance: u32, rng: &mut Rng) -> bool {
    chance > 0 && rng.u32(0..1_000) < chance
}
