//! The world: what happens when, and what follows from it.

use super::{
    checks,
    device::{self, Device, Visit},
    faults::{Faults, happens},
    handout::Handout,
    hotel::{self, BEGINNING},
    house::House,
    ledger::Ledger,
    link::{Down, LinkId, Outbox, Up},
    network::Wire,
    night::Night,
    server::Server,
    server_log::Disk,
    trace::Event,
    unsaid::Unsaid,
};
use fastrand::Rng;
use keyrack_model::{
    action::Sequence,
    ipc::{Connection, Problem},
    limits::RECOVERY_MILLIS,
    rows::Person,
    time::Timestamp,
};
use keyrack_replica::{Effect, Fetched, Input, StoreError, Wanted};
use std::{collections::BTreeMap, io, path::Path, time::Duration};
use tempfile::TempDir;
use tokio::{
    sync::mpsc,
    time::{Instant, advance, sleep_until},
};

/// A world before it begins. The same plan makes the same world.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Plan {
    pub seed: u64,
    pub devices: usize,
    /// How often somebody does something.
    pub deeds: usize,
    pub faults: Faults,
}

impl Plan {
    /// A few devices, a busy half minute and whatever goes wrong.
    pub fn few(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        Self {
            seed,
            devices: rng.usize(3..=8).min(rng.usize(3..=8)),
            deeds: rng.usize(8..28),
            faults: Faults::drawn(&mut rng),
        }
    }

    /// A large hotel.
    pub fn many(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let mut faults = Faults::drawn(&mut rng);
        faults.storm_millis = 20_000;
        faults.trouble_every_millis = 150;
        Self {
            seed,
            devices: 200,
            deeds: 120,
            faults,
        }
    }
}

/// What was not as it must be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Broken(pub String);

impl From<StoreError> for Broken {
    fn from(error: StoreError) -> Self {
        Self(format!("a device's store failed: {error:?}"))
    }
}

impl From<rusqlite::Error> for Broken {
    fn from(error: rusqlite::Error) -> Self {
        Self(format!("a device's file could not be asked: {error}"))
    }
}

impl From<io::Error> for Broken {
    fn from(error: io::Error) -> Self {
        Self(format!("a device's file could not be read: {error}"))
    }
}

pub(super) enum Happening {
    /// A request for a connection is at the server.
    Reaches(LinkId),
    GivesUp(LinkId),
    Up(LinkId),
    Down(LinkId),
    /// A device's question beside the log is at the server.
    Asked(usize, Visit, Wanted),
    /// What came of it is at the device.
    Came(usize, Visit, Wanted, Box<Fetched>),
    /// A second went by for a device that started so many times.
    Tick(usize, u64),
    Deed(usize),
    /// Somebody at a desk ends the day.
    ClosesDay(usize),
    /// A desk that started so many times plans the next room of an audit, after so many in which
    /// nothing was due.
    PlansRoom(usize, u64, usize),
    Starts(usize),
    ServerStarts,
    /// A server that was stopped is gone, whatever it still had to do.
    ServerIsGone,
    Trouble,
    /// Somebody says that the log was put back.
    RestoreIsSaid,
    Heals,
    Look,
}

/// Why the world goes on.
enum Next {
    ServerDies,
    Said(LinkId, Down),
    Due,
}

pub(super) struct World {
    pub now: u64,
    pub rng: Rng,
    pub faults: Faults,
    pub is_healed: bool,
    /// The log was brought back: how often devices hope for what it lost, those that learn of it
    /// last among them.
    pub hopes: u8,
    /// When the hotel has to be in step.
    patience_until: u64,
    pub devices: Vec<Device>,
    pub people: Vec<Person>,
    pub wires: BTreeMap<LinkId, Wire>,
    pub last_link: u64,
    pub server: Option<Server>,
    pub disk: Disk,
    pub handout: Handout,
    pub house: House,
    pub night: Option<Night>,
    pub unsaid: Unsaid,
    pub ledger: Ledger,
    /// By time, and in the order in which they were planned.
    due: BTreeMap<(u64, u64), Happening>,
    planned: u64,
    outbox: Outbox,
    said: mpsc::UnboundedReceiver<(LinkId, Down)>,
    _folder: TempDir,
}

const SECOND: u64 = 1_000;
/// One device in so many comes to a hotel that is in use already.
const LATE_COMERS: u8 = 6;
/// Deeds that somebody does in a row, at most.
const LONGEST_ROW: usize = 4;
/// Of a device that is killed within a step: how many of its transactions come about, at most, and of
/// one in so many, which is killed late.
const FEW_TRANSACTIONS: i64 = 4;
const MANY_TRANSACTIONS: i64 = 64;
const LATE_DEATHS: u8 = 3;
/// How long after everything healed the hotel may take to agree.
const PATIENCE: u64 = 10 * 60 * SECOND;
/// How long after a log was brought back nobody hopes any more for what it lost, also where the
/// server's clock was ahead then.
const HOPE: u64 = RECOVERY_MILLIS as u64 + 60 * 60 * SECOND;

/// Lets a world happen; the ledger has what happened in it, also when something panics.
///
/// # Errors
/// What was found wrong.
pub(super) fn run(plan: &Plan, ledger: &Ledger) -> Result<(), Broken> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime without threads");
    runtime.block_on(async {
        let mut world = World::begin(plan, ledger.clone()).await?;
        world.happen().await?;
        checks::all(&mut world).await
    })
}

impl World {
    async fn begin(plan: &Plan, ledger: Ledger) -> Result<Self, Broken> {
        let mut rng = Rng::with_seed(plan.seed ^ 0x5EED);
        let folder = folder()?;
        let people: Vec<Person> = (0..plan.devices.clamp(3, 12)).map(hotel::person).collect();
        let disk = Disk::new(ledger.clone(), plan.faults.clone(), rng.u64(..));
        let (outbox, said) = mpsc::unbounded_channel();
        let devices = (0..plan.devices)
            .map(|number| {
                let me = people[rng.usize(0..people.len())].clone();
                let skew = plan.faults.skew(&mut rng);
                Device::new(number, folder.path(), me, skew, rng.bool())
            })
            .collect();
        hotel::open(&disk, people.clone()).await?;
        for number in 0..plan.devices {
            // Whoever sits there has signed in, and was told what they are.
            let signed_in = (device::id(number), Sequence::default());
            disk.tell(signed_in, BEGINNING).await?;
        }
        let mut world = Self {
            now: 0,
            rng,
            faults: plan.faults.clone(),
            is_healed: false,
            hopes: 0,
            patience_until: plan.faults.storm_millis + PATIENCE,
            devices,
            people,
            wires: BTreeMap::new(),
            last_link: 0,
            server: None,
            disk,
            handout: Handout::default(),
            house: House::at_the_opening(),
            night: None,
            unsaid: Unsaid::default(),
            ledger,
            due: BTreeMap::new(),
            planned: 0,
            outbox,
            said,
            _folder: folder,
        };
        world.start_server();
        world.plan(plan);
        Ok(world)
    }

    fn plan(&mut self, plan: &Plan) {
        let storm = plan.faults.storm_millis;
        for device in 0..plan.devices {
            let latest = match self.rng.u8(0..LATE_COMERS) {
                0 => storm,
                _ => SECOND,
            };
            let at = self.rng.u64(0..latest);
            self.at(at, Happening::Starts(device));
        }
        let mut deeds = plan.deeds;
        while deeds > 0 {
            let at = self.rng.u64(2 * SECOND..storm);
            let device = self.rng.usize(0..plan.devices);
            // People do one thing after another.
            let row = self.rng.usize(1..=LONGEST_ROW).min(deeds);
            for number in 0..row as u64 {
                self.at(at + number * SECOND / 4, Happening::Deed(device));
            }
            deeds -= row;
        }
        self.at(2 * SECOND, Happening::Trouble);
        self.at(storm, Happening::Heals);
    }

    pub(super) fn at(&mut self, at: u64, happening: Happening) {
        self.planned += 1;
        self.due.insert((at, self.planned), happening);
    }

    /// Plans something for a moment after now, within a bound.
    pub(super) fn within(&mut self, millis: u64, happening: Happening) {
        let at = self.now + self.rng.u64(1..=millis);
        self.at(at, happening);
    }

    async fn happen(&mut self) -> Result<(), Broken> {
        let beginning = Instant::now();
        loop {
            let due = self.due.first_key_value().map(|((at, _), _)| *at);
            let due = due.unwrap_or(self.now + SECOND);
            let next = tokio::select! {
                biased;
                () = self.disk.killing.notified() => Next::ServerDies,
                Some((id, down)) = self.said.recv() => Next::Said(id, down),
                () = sleep_until(beginning + Duration::from_millis(due)) => Next::Due,
            };
            self.now = beginning.elapsed().as_millis() as u64;
            self.ledger.set_now(self.now);
            match next {
                Next::ServerDies if !self.is_healed => self.kill_server(),
                Next::ServerDies => {}
                Next::Said(id, down) => self.down(id, down),
                Next::Due => {
                    let happening = self.due.pop_first().map(|(_, happening)| happening);
                    if let Some(Happening::Look) = happening {
                        self.the_awaited_come_back()?;
                        if self.is_settled()? {
                            if self.hopes == 0 {
                                return Ok(());
                            }
                            self.give_up_hope().await;
                        } else if self.hopes > 0 && self.now > self.patience_until - PATIENCE / 2 {
                            self.give_up_hope().await;
                        }
                        self.at(self.now + SECOND, Happening::Look);
                    } else if let Some(happening) = happening {
                        self.comes_about(happening)?;
                    }
                }
            }
            if let Some(what) = self.ledger.broken() {
                return Err(Broken(what));
            }
        }
    }

    fn comes_about(&mut self, happening: Happening) -> Result<(), Broken> {
        match happening {
            Happening::Reaches(id) => self.reaches(id),
            Happening::GivesUp(id) => self.gives_up(id)?,
            Happening::Up(id) => self.up_arrives(id),
            Happening::Down(id) => self.down_arrives(id)?,
            Happening::Asked(device, visit, wanted) => self.asked(device, visit, wanted)?,
            Happening::Came(device, visit, wanted, fetched) => {
                self.came(device, visit, wanted, *fetched)?;
            }
            Happening::Tick(device, life) => self.tick(device, life)?,
            Happening::Deed(device) => self.deed(device)?,
            Happening::ClosesDay(device) => {
                self.closes_day(device)?;
            }
            Happening::PlansRoom(device, life, passed) => {
                self.plans_room(device, life, passed)?;
            }
            Happening::Starts(device) => self.start(device)?,
            Happening::ServerStarts => self.start_server(),
            Happening::ServerIsGone => self.server_stopped(),
            Happening::Trouble => self.trouble()?,
            Happening::RestoreIsSaid => self.say_restored()?,
            Happening::Heals => self.heal()?,
            Happening::Look => {}
        }
        Ok(())
    }

    /// What a clock says that is right.
    pub(super) fn time(&self) -> Timestamp {
        Timestamp(BEGINNING.0 + self.now as i64)
    }

    pub(super) fn start(&mut self, device: usize) -> Result<(), Broken> {
        if self.devices[device].running.is_some() {
            return Ok(());
        }
        let now = self.time();
        self.devices[device].start(now)?;
        self.forget_opened(device);
        checks::actions_are_whole(device, &self.devices[device], &self.ledger)?;
        let life = self.devices[device].life;
        let waiting = match &self.devices[device].running {
            Some(running) => running.replica.waiting()?,
            None => 0,
        };
        self.ledger.note(Event::Started { device, waiting });
        self.within(SECOND, Happening::Tick(device, life));
        self.plans_after_start(device)
    }

    pub(super) fn start_server(&mut self) {
        if self.server.is_none() {
            let skew_millis = self.faults.server_skew(&mut self.rng);
            self.disk.set_clock(skew_millis);
            let server = Server::start(self.disk.clone(), self.outbox.clone());
            self.server = Some(server);
            self.ledger.note(Event::ServerStarted { skew_millis });
        }
    }

    fn tick(&mut self, device: usize, life: u64) -> Result<(), Broken> {
        if self.devices[device].life == life && self.devices[device].running.is_some() {
            self.at(self.now + SECOND, Happening::Tick(device, life));
            let held = self.held(device)?;
            self.input(device, Input::Tick)?;
            if let (Some(before), Some(after)) = (held, self.held(device)?)
                && after < before
            {
                let documents = before - after;
                self.ledger.note(Event::LetGo { device, documents });
            }
            self.listen_to_people(device);
        }
        Ok(())
    }

    /// Hands an input to a device and carries out what follows, unless it is killed on the way.
    pub(super) fn input(&mut self, device: usize, input: Input) -> Result<(), Broken> {
        let now = self.time();
        let before = self.cursor(device);
        let fuse = self.devices[device].running.as_ref();
        let fuse = fuse.map(|running| running.fuse.clone());
        let mut comes_to = i64::MAX;
        if let Some(fuse) = &fuse
            && happens(self.faults.torn_inputs, &mut self.rng)
        {
            let most = match self.rng.u8(0..LATE_DEATHS) {
                0 => MANY_TRANSACTIONS,
                _ => FEW_TRANSACTIONS,
            };
            comes_to = self.rng.i64(0..most);
            fuse.light(comes_to);
        }
        let effects = self.devices[device].handle(now, input);
        if let Some(fuse) = &fuse {
            if fuse.has_burnt() {
                let transactions = comes_to;
                self.ledger.note(Event::Interrupted {
                    device,
                    transactions,
                });
                return self.crash(device);
            }
            fuse.put_out();
        }
        let effects = effects?;
        let dies_after = happens(self.faults.torn_steps, &mut self.rng)
            .then(|| self.rng.usize(0..=effects.len()));
        for (number, effect) in effects.into_iter().enumerate() {
            if dies_after == Some(number) {
                break;
            }
            self.carry_out(device, effect)?;
        }
        let cursor = self.cursor(device);
        if cursor != before
            && let Some(cursor) = cursor
        {
            self.ledger.note(Event::Has { device, cursor });
            self.forget_opened(device);
            self.days_go_on(device)?;
        }
        match dies_after {
            Some(_) => self.crash(device),
            None => Ok(()),
        }
    }

    fn cursor(&self, device: usize) -> Option<Sequence> {
        let running = self.devices[device].running.as_ref();
        running.map(|running| running.replica.cursor())
    }

    fn carry_out(&mut self, device: usize, effect: Effect) -> Result<(), Broken> {
        match effect {
            Effect::Connect => self.connect(device),
            Effect::Send(frame) => {
                if let Some(id) = self.devices[device].link {
                    self.up(id, Up::Frame(frame));
                }
            }
            Effect::Close => self.hang_up(device),
            Effect::State(state) => return self.shows(device, &state.connection),
            Effect::SignedOut(problem) => {
                return Err(Broken(format!("device {device} was signed out: {problem}")));
            }
            Effect::Fetch(wanted) => self.ask(device, wanted),
            Effect::Rows(_) | Effect::AllRows | Effect::People | Effect::Guests(_) => {}
        }
        Ok(())
    }

    /// What people at a device see of its connection.
    fn shows(&mut self, device: usize, connection: &Connection) -> Result<(), Broken> {
        let is_confused = matches!(
            connection,
            Connection::Offline {
                reason: Some(Problem::ServerConfused | Problem::LogBroughtBack),
                ..
            }
        );
        if is_confused && !self.ledger.was_turned_away(device) {
            return Err(Broken(format!("device {device} is confused")));
        }
        self.devices[device].asks_people = is_confused;
        let is_online = *connection == Connection::Online;
        if is_online && !self.devices[device].is_online {
            self.ledger.note(Event::Connected { device });
            self.ledger.is_welcome(device);
        }
        self.devices[device].is_online = is_online;
        Ok(())
    }

    /// The device's socket says that it is closed.
    pub(super) fn lost(&mut self, device: usize) -> Result<(), Broken> {
        self.ledger.note(Event::ConnectionLost { device });
        self.input(device, Input::Closed(None))
    }

    /// After the log was brought back, lets the time go by in which others might still send again
    /// what it lost: until then devices rightly show what they remember, and wait with what
    /// builds on it.
    async fn give_up_hope(&mut self) {
        self.hopes -= 1;
        advance(Duration::from_millis(HOPE)).await;
        self.patience_until = self.now + HOPE + PATIENCE;
    }

    /// Whether every device is connected, waits for nothing and has the whole log.
    fn is_settled(&self) -> Result<bool, Broken> {
        if self.night.as_ref().is_some_and(|night| !night.is_over()) {
            return Ok(false);
        }
        let head = self.ledger.head();
        for (number, device) in self.devices.iter().enumerate() {
            let Some(running) = &device.running else {
                return Ok(false);
            };
            let cursor = running.replica.cursor();
            if cursor == head {
                let state = running.sync.state(&running.replica)?;
                if state.connection == Connection::Online && state.waiting == 0 {
                    continue;
                }
            }
            if self.now > self.patience_until {
                let state = running.sync.state(&running.replica)?;
                return Err(Broken(format!(
                    "device {number} is not in step long after everything healed: it has {} of {}, {} wait, {:?}",
                    cursor.0, head.0, state.waiting, state.connection
                )));
            }
            return Ok(false);
        }
        Ok(true)
    }
}

/// Where the devices' files lie: in memory, where the system has such a place.
fn folder() -> io::Result<TempDir> {
    let mut name = tempfile::Builder::new();
    name.prefix("keyrack-simulation-");
    match Path::new("/dev/shm").is_dir() {
        true => name.tempdir_in("/dev/shm"),
        false => name.tempdir(),
    }
}
