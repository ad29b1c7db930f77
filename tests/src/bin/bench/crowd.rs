//! Many devices that come back at once, each with what it did offline.

use super::workload::{
    clients::Clients,
    keyrack::House,
    phase::{MEGABYTE, Phase},
};
use keyrack_tests::world::World;
use serde_json::json;

const DOCUMENTS: usize = 2_000;
/// Of each device.
const EDITS: usize = 200;

pub async fn measure(world: &World, devices: usize) {
    println!("\n## {devices} devices come back at once\n");
    let house = House::new(world).await;
    let file = world.folder().join("crowd-work-orders");
    let mut seeding = Clients::start(&house.server, 1, &file, &[]).await;
    let seed = json!({ "cmd": "seed", "n": DOCUMENTS });
    let seeded = house.phase("seed", &mut seeding, &seed).await;
    seeding.quit().await;
    let mut crowd = Clients::start(&house.server, devices, &file, &["--crowd"]).await;
    let alone = house.memory_at_rest().await;
    let meet = json!({ "cmd": "meet" });
    let met = house.phase("meet", &mut crowd, &meet).await;
    let quiet = house.memory_at_rest().await;
    let work = json!({ "cmd": "work", "k": EDITS });
    let come_back = json!({ "cmd": "return", "k": EDITS });
    crowd.ask(&json!({ "cmd": "part", "but": 0 })).await;
    let worked = house.phase("work", &mut crowd, &work).await;
    let before = house.memory_at_rest().await;
    let back = house.phase("return", &mut crowd, &come_back).await;
    let connected = house.memory_at_rest().await;
    // One stays: of a hotel that nobody follows nothing is kept.
    crowd.ask(&json!({ "cmd": "part", "but": 1 })).await;
    let left = house.memory_at_rest().await;
    crowd.quit().await;

    for phase in [&seeded, &met, &worked, &back] {
        if let Some(why) = &phase.error {
            println!("It failed at `{}`: {why}\n", phase.phase);
        }
    }
    for phase in [&met, &back] {
        if phase.connections < devices {
            println!(
                "At the end of `{}` only {} were connected: memory and bytes are not of all.\n",
                phase.phase, phase.connections
            );
        }
    }
    let kilobytes = |more: u64, less: u64| (more as f64 - less as f64) / 1_024.0;
    println!("| what | figure | direction |\n|---|---|---|");
    let edits = (devices * EDITS) as f64;
    let lines = [
        (
            "memory of a connection, quiet, kB",
            kilobytes(quiet, alone) / devices as f64,
            "≤ 100",
        ),
        (
            "memory of a connection, after the storm: what all but one give back, kB",
            kilobytes(connected, left) / (devices as f64 - 1.0),
            "≤ 100",
        ),
        (
            "all that the storm leaves, by devices, kB",
            kilobytes(connected, before) / devices as f64,
            "≤ 100",
        ),
        (
            "server memory without a device, before the storm, MB",
            alone as f64 / MEGABYTE,
            "",
        ),
        (
            "server memory with one device, after the storm, MB",
            left as f64 / MEGABYTE,
            "",
        ),
        (
            "server memory as soon as all had everything, MB",
            back.memory_mb,
            "",
        ),
        ("server memory at most, MB", back.peak_mb, ""),
        ("until all had everything, s", back.wall_s, ""),
        ("edits/s, each told to all", edits / back.wall_s, ""),
        ("deliveries/s", edits * devices as f64 / back.wall_s, ""),
        ("server CPU, s", back.server_cpu_s, ""),
        ("Postgres CPU, s", back.postgres_cpu_s, ""),
        ("devices' CPU, s", back.client_cpu_s, ""),
        ("connected at the end", back.connections as f64, ""),
        ("bytes up, an edit", back.received / edits, ""),
        (
            "bytes down, an edit and device",
            back.sent / edits / devices as f64,
            "",
        ),
    ];
    for (what, figure, direction) in lines {
        println!("| {what} | {figure:.1} | {direction} |");
    }
    report_edits(&back, edits);
}

fn report_edits(back: &Phase, edits: f64) {
    let each = back.server_cpu_s * 1e3 / edits;
    println!("\n{edits:.0} edits, {each:.3} ms of server CPU each.\n");
}
