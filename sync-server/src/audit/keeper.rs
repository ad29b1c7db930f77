//! Signs the heads of audit logs that have grown, and records them outside the database.
//!
//! **Architecture Invariant**: a hotel's log has no more than one line a minute, and connections are
//! told of a head when its line is on the disk.

use super::{AuditHeads, RecordedHead};
use crate::{hotel::Hotels, log::Log};
use keyrack_model::{ids::HotelId, limits::AUDIT_HEAD_MILLIS, time::Timestamp};
use std::{
    collections::{HashMap, HashSet},
    fs::{File, OpenOptions},
    io::{self, BufRead, BufReader, Write},
    path::{Path, PathBuf},
    time::Duration,
};
use tokio::{
    sync::watch,
    time::{MissedTickBehavior, interval},
};

const LOOK: Duration = Duration::from_secs(1);

/// The file in which heads are recorded, one a line; it only grows.
pub struct HeadsFile {
    path: PathBuf,
    file: File,
    /// What the next line begins with: it stays apart from one that was not finished.
    before: &'static str,
}

impl HeadsFile {
    /// Opens it, or makes it.
    pub fn open(path: PathBuf) -> io::Result<Self> {
        let file = OpenOptions::new().append(true).create(true).open(&path)?;
        let before = if ends_with_a_line(&path)? { "" } else { "\n" };
        Ok(Self { path, file, before })
    }

    /// Every head that a file has; lines that are none are passed over and counted.
    pub fn read(path: &Path, mut each: impl FnMut(RecordedHead)) -> io::Result<usize> {
        let mut others = 0;
        for line in BufReader::new(File::open(path)?).lines() {
            let line = line?;
            match line.parse() {
                Ok(recorded) => each(recorded),
                Err(_) if line.is_empty() => {}
                Err(_) => others += 1,
            }
        }
        Ok(others)
    }

    /// The last head of each hotel.
    fn last(&self) -> io::Result<HashMap<HotelId, Last>> {
        let mut last = HashMap::new();
        Self::read(&self.path, |recorded| {
            last.insert(recorded.hotel, Last::of(&recorded));
        })?;
        Ok(last)
    }

    fn record(&mut self, recorded: &RecordedHead) -> io::Result<()> {
        let line = format!("{}{recorded}\n", self.before);
        self.before = "\n";
        self.file.write_all(line.as_bytes())?;
        self.file.sync_data()?;
        self.before = "";
        Ok(())
    }
}

fn ends_with_a_line(path: &Path) -> io::Result<bool> {
    use std::io::{Read, Seek, SeekFrom};
    let mut file = File::open(path)?;
    if file.metadata()?.len() == 0 {
        return Ok(true);
    }
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}

/// The head of a hotel that was recorded last.
struct Last {
    number: u64,
    hash: Vec<u8>,
    at: Timestamp,
}

impl Last {
    fn of(recorded: &RecordedHead) -> Self {
        Self {
            number: recorded.head.number,
            hash: recorded.head.hash.clone(),
            at: recorded.at,
        }
    }
}

/// Signs and records, for as long as the server serves.
pub struct Keeper {
    file: Option<HeadsFile>,
    heads: AuditHeads,
    last: HashMap<HotelId, Last>,
    /// Hotels that are to be looked at.
    due: HashSet<HotelId>,
    looked_at: Timestamp,
}

impl Keeper {
    /// Goes on after what the file has. Without a file devices alone keep the heads.
    pub fn new(file: Option<HeadsFile>, heads: AuditHeads) -> io::Result<Self> {
        Ok(Self {
            last: match &file {
                Some(file) => file.last()?,
                None => HashMap::new(),
            },
            file,
            heads,
            due: HashSet::new(),
            looked_at: Timestamp(0),
        })
    }

    /// Keeps the heads of hotels with traffic until the server stops, and those that are due then.
    pub async fn run<L: Log>(mut self, hotels: Hotels<L>, mut stopping: watch::Receiver<bool>) {
        let mut ticks = interval(LOOK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = ended(&mut stopping) => break,
                _ = ticks.tick() => self.look(&hotels).await,
            }
        }
        self.due.extend(self.heads.take_touched());
        let now = hotels.now();
        for hotel in std::mem::take(&mut self.due) {
            self.keep(hotel, now).await;
        }
    }

    async fn look<L: Log>(&mut self, hotels: &Hotels<L>) {
        let now = hotels.now();
        self.due.extend(self.heads.take_touched());
        // Other servers and the operator's commands add entries too.
        if is_over(self.looked_at, now) {
            self.looked_at = now;
            self.due.extend(hotels.in_use());
        }
        let due: Vec<HotelId> = self.due.iter().copied().collect();
        for hotel in due {
            let last = self.last.get(&hotel);
            if last.is_none_or(|last| is_over(last.at, now)) {
                self.due.remove(&hotel);
                self.keep(hotel, now).await;
            }
        }
    }

    /// Signs and records where a hotel's log ends, if that is another place than the last time.
    pub(super) async fn keep(&mut self, hotel: HotelId, now: Timestamp) {
        let present = match self.heads.present(hotel).await {
            Ok(present) => present,
            Err(error) => {
                tracing::warn!(%hotel, %error, "the end of an audit log could not be read");
                self.due.insert(hotel);
                return;
            }
        };
        let Some(head) = present else { return };
        let number = head.number;
        let last = self.last.get(&hotel);
        let is_known = last.is_some_and(|last| last.number == number && last.hash == head.hash);
        if let Some(last) = last
            && !is_known
            && number <= last.number
        {
            tracing::error!(
                %hotel,
                number,
                recorded = last.number,
                "the audit log of a hotel is not the one whose head was recorded: unless it was \
                 brought back from a backup, somebody has changed it; `keyrack-server audit verify` \
                 says more"
            );
        }
        let recorded = RecordedHead {
            hotel,
            head,
            at: now,
        };
        if let Some(file) = &mut self.file
            && !is_known
            && let Err(error) = file.record(&recorded)
        {
            tracing::error!(%hotel, %error, "the head of an audit log was not recorded; it is tried again");
            self.due.insert(hotel);
            return;
        }
        if !is_known {
            self.last.insert(hotel, Last::of(&recorded));
        }
        self.heads.tell(hotel, recorded.head);
    }
}

async fn ended(stopping: &mut watch::Receiver<bool>) {
    // An error means that the server is gone already.
    let _ = stopping.wait_for(|stopping| *stopping).await;
}

/// A clock that was set back holds nothing up.
fn is_over(since: Timestamp, now: Timestamp) -> bool {
    now.millis_apart(since) >= AUDIT_HEAD_MILLIS
}
