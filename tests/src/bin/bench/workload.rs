//! Workload W: Keyrack and other sync servers, one after another on the same machine.

pub mod clients;
pub mod keyrack;
mod peers;
pub mod phase;
mod table;

use crate::{baseline::Commit, figures::millis};
use keyrack::Replicas;
use keyrack_tests::world::World;
use peers::Peers;
pub use phase::Size;
use std::path::{Path, PathBuf};
use table::Table;

/// What W is run with: documents, clients, edits of each client, and whether the other servers
/// take part.
const SIZES: [(Size, bool); 4] = [
    (size(200, 2, 1_000), true),
    (size(2_000, 2, 1_000), true),
    (size(2_000, 10, 200), true),
    (size(20_000, 2, 1_000), false),
];
/// With which replicas in SQLite are shown beside those in memory.
const DURABLE: [Size; 2] = [SIZES[0].0, SIZES[1].0];

const fn size(documents: usize, clients: usize, edits: usize) -> Size {
    Size {
        documents,
        clients,
        edits,
    }
}

/// `peers` is the folder of the other servers and their driver. With `alone`, W is run at that size
/// and no other.
pub async fn measure(world: &World, peers: Option<&Path>, commit: Commit, alone: Option<Size>) {
    println!("\n## Workload W\n");
    let (steady, rested) = (millis(commit.steady), millis(commit.rested));
    println!("One Postgres commit: {steady}, and {rested} after a rest.\n");
    let mut notes = Vec::new();
    let mut across = Vec::new();
    let sizes = alone.map_or(SIZES.to_vec(), |size| vec![(size, true)]);
    for (size, with_peers) in sizes {
        let mut others = Vec::new();
        match peers {
            Some(folder) if with_peers => {
                let scratch = scratch(world);
                let (runs, missing) = Peers::at(folder).run(size, &scratch).await;
                others = runs;
                notes.extend(missing);
            }
            Some(_) | None => {}
        }
        let keyrack = keyrack::run(world, size, Replicas::InMemory).await;
        let durable = match DURABLE.contains(&size) {
            true => Some(keyrack::run(world, size, Replicas::Durable).await),
            false => None,
        };
        for run in [Some(&keyrack), durable.as_ref()].into_iter().flatten() {
            if let Some(failure) = run.failure() {
                notes.push(format!("{} failed at {size:?}: {failure}", run.server));
            }
        }
        Table::of(size, &others, &keyrack, durable.as_ref(), commit).print();
        across.push((size, keyrack));
    }
    table::print_growth(&across);
    if peers.is_none() {
        notes.push("the other sync servers were not run: no --peers DIR".to_owned());
    }
    for note in notes {
        println!("{note}");
    }
}

/// On a disk: the usual temporary folder may be memory.
fn scratch(world: &World) -> PathBuf {
    let name = world.folder().file_name().expect("a folder has a name");
    let folder = Path::new("/var/tmp").join(name).join("peers");
    std::fs::create_dir_all(&folder).expect("a folder on a disk");
    folder
}
