//! Power cuts: what a device showed as done is on its disk, wherever the power fails and whatever
//! the disk makes of what was not synced.

mod life;

use keyrack_model::{
    ids::{DocumentRef, OperationId},
    rows::Row,
};
use keyrack_replica::{Replica, StoreError};
use keyrack_tests::{
    faulty_disk::{Syncs, image_folder},
    hotel::{ANA, RUI},
    ledger::assert_logged_once,
    peer::{self, Peer},
    server::Server,
    store_file::{self, KEY},
    world::World,
};
use life::{Life, STORE, Said};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};
use uuid::Uuid;

/// One image in so many is also compared with one that is made anew from its changes.
const REBUILT: usize = 16;
/// One image in so many also goes on to work with the server. Each moment has three images: this
/// meets all of them.
const RECONNECTED: usize = 64;
/// One image in so many is looked at to see whether looking finds anything.
const CONTROLLED: usize = 4;
/// Of the moments at which the power fails.
const SEED: u64 = 7;

#[tokio::test]
async fn what_was_done_before_a_power_cut_is_done_after_it() {
    let world = World::new();
    let server = world.demo_server().await;
    let life = Life::recorded(&world, &server).await;
    let folder = image_folder();
    let store = folder.path().join(STORE);
    let mut other = Peer::signed_in(server.address(), &RUI).await;

    let mut wrong = Vec::new();
    let cuts = life.recording.power_cuts(Syncs::Heeded, SEED);
    for (number, cut) in cuts.enumerate() {
        cut.lay_out(folder.path());
        let said = Said::of(&cut.said);
        if let Err(fault) = examine(&store, &life, &said, number % REBUILT == 0) {
            wrong.push(format!("{}: {fault}", cut.what));
        } else if number % RECONNECTED == 0 {
            // Shown where what follows fails.
            println!("seed {SEED}: {}", cut.what);
            reconnect(&store, &server, &life, &said, &mut other).await;
        }
    }
    assert!(wrong.is_empty(), "seed {SEED}, {}: {wrong:#?}", wrong.len());

    let (mut cuts, mut wrong) = (0, 0);
    let without_syncs = life.recording.power_cuts(Syncs::Ignored, SEED);
    for cut in without_syncs.step_by(CONTROLLED) {
        cut.lay_out(folder.path());
        cuts += 1;
        wrong += usize::from(examine(&store, &life, &Said::of(&cut.said), false).is_err());
    }
    assert!(
        wrong > cuts / 3,
        "where no sync is heeded, looking finds something: seed {SEED}, {wrong} of {cuts}"
    );
}

/// What is wrong with a store after a power cut. It opens, wherever that was: as one that was just
/// made, when nobody had been told that it was there.
fn examine(store: &Path, life: &Life, said: &Said, rebuild: bool) -> Result<(), String> {
    let told = |error: StoreError| error.to_string();
    // First as the app opens it: whatever else looks into it works its log in.
    let opened = Replica::open(store, &KEY, peer::new_device(), Box::new(Uuid::now_v7));
    let mut replica = opened.map_err(told)?;
    let device = replica.registration().id.to_string();
    if said.made.as_ref().is_some_and(|made| *made != device) {
        return Err("it has forgotten which device it is".to_owned());
    }
    if said.signed_in && replica.session().is_none() {
        return Err("it has forgotten who is signed in".to_owned());
    }
    let refused = replica.refused().map_err(told)?;
    let refused: BTreeSet<_> = refused.iter().map(|action| action.operation).collect();
    if let Some(lost) = said.set_aside.difference(&refused).next() {
        return Err(format!("{lost} was refused, and its author is not told"));
    }
    if rebuild {
        let shown = peer::digest_of_rows(&replica);
        replica.rebuild().map_err(told)?;
        if peer::digest_of_rows(&replica) != shown {
            return Err("documents and rows differ".to_owned());
        }
    }
    drop(replica);
    let kept = look_into(store, life)?;
    match said.done.difference(&kept).next() {
        Some(lost) => Err(format!("of {} done, {lost} is lost", said.done.len())),
        None => Ok(()),
    }
}

/// The actions that a store's file has; what is wrong with it, when it is damaged or has a part of
/// an action only.
fn look_into(store: &Path, life: &Life) -> Result<BTreeSet<OperationId>, String> {
    if fs::metadata(store).map_or(0, |file| file.len()) == 0 {
        return Ok(BTreeSet::new());
    }
    let told = |error: rusqlite::Error| error.to_string();
    let file = store_file::open(store).map_err(told)?;
    let faults = store_file::faults(&file).map_err(told)?;
    if !faults.is_empty() {
        return Err(format!("the file is damaged: {faults:?}"));
    }
    if !store_file::is_begun(&file).map_err(told)? {
        return Ok(BTreeSet::new());
    }
    let changes = store_file::changes(&file).map_err(told)?;
    for (operation, found) in &changes {
        if let Some(whole) = life.whole.get(operation)
            && whole != found
        {
            return Err(format!("{operation} has {found} of {whole} changes"));
        }
    }
    Ok(changes.into_keys().collect())
}

/// What was done reaches the server, once, and the device is like any other.
async fn reconnect(store: &Path, server: &Server, life: &Life, said: &Said, other: &mut Peer) {
    let mut device = Peer::at(store, server.address());
    if device.replica().session().is_none() {
        device.sign_in(&ANA).await;
    }
    device.sync().await;
    let refused = device.replica().refused().expect("a list").into_iter();
    let refused: BTreeSet<_> = refused.map(|action| action.operation).collect();
    assert!(refused.is_subset(&life.refused), "{refused:?}");
    assert_logged_once(&device, &(&said.done - &life.refused)).await;
    other.sync().await;
    assert_eq!(device.services(), other.services());
    let others = rows(other);
    for (document, row) in rows(&device) {
        // Each may have let go of something.
        if let Some(other) = others.get(&document) {
            assert_eq!(row, *other);
        }
    }
}

fn rows(peer: &Peer) -> BTreeMap<DocumentRef, Row> {
    let rows = peer.replica().all_rows().expect("the store answers");
    rows.into_iter().map(|row| (row.document, row)).collect()
}
