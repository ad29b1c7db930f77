//! Many devices that come back at once, each with what it did offline.

use super::workload::{
    clients::Clients,
    keyrack::House,
    phase::{MEGABYTE, Phase},
};
use crate::machine;
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
    let alone = machine::memory(house.server.pid()).0;
    let meet = json!({ "cmd": "meet" });
    let met = house.phase("meet", &mut crowd, &meet).await;
    let idle = machine::memory(house.server.pid()).0;
    let work = json!({ "cmd": "work", "k": EDITS });
    let come_back = json!({ "cmd": "return", "k": EDITS });
    crowd.ask(&json!({ "cmd": "part" })).await;
    let worked = house.phase("work", &mut crowd, &work).await;
    let before = machine::memory(house.server.pid()).0;
    let back = house.phase("return", &mut crowd, &come_back).await;
    crowd.quit().await;

    for phase in [&seeded, &met, &worked, &back] {
        if let Some(why) = &phase.error {
            println!("It failed at `{}`: {why}\n", phase.phase);
        }
    }
    let kilobytes = |more: f64, less: f64| (more - less) / 1_024.0 / devices as f64;
    let of_each_idle = kilobytes(idle as f64, alone as f64);
    let of_each_busy = kilobytes(back.memory_mb * MEGABYTE, before as f64);
    println!("| what | figure | direction |\n|---|---|---|");
    let edits = (devices * EDITS) as f64;
    let lines = [
        (
            "memory a connection, connected and quiet, KB",
            of_each_idle,
            "≤ 100",
        ),
        (
            "memory a connection, after all converged and still connected, KB",
            of_each_busy,
            "≤ 100",
        ),
        ("server memory at most, MB", back.peak_mb, ""),
        ("until all had everything, s", back.wall_s, ""),
        ("edits/s, each told to all", edits / back.wall_s, ""),
        ("deliveries/s", edits * devices as f64 / back.wall_s, ""),
        ("server CPU, s", back.server_cpu_s, ""),
        ("Postgres CPU, s", back.postgres_cpu_s, ""),
        ("devices' CPU, s", back.client_cpu_s, ""),
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
