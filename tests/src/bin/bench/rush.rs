//! What a server answers while fifty people sign in at once, of each kind.

use keyrack_tests::{
    rush::{self, PEOPLE},
    world::World,
};

pub async fn measure(world: &World) {
    println!("\n## {PEOPLE} people sign in at once\n");
    let server = world.demo_server().await;
    let rush = rush::rush(&server).await;
    let millis = |duration: std::time::Duration| duration.as_secs_f64() * 1e3;
    println!("A password takes {:.0} ms to check.\n", millis(rush.check));
    println!(
        "| what | answered meanwhile | p99, ms | p99 / a password's check |\n|---|---|---|---|"
    );
    for (kind, waits) in &rush.waits {
        let p99 = rush.p99(*kind);
        let ratio = p99.as_secs_f64() / rush.check.as_secs_f64();
        println!(
            "| {kind:?} | {} | {:.1} | {ratio:.2} |",
            waits.len(),
            millis(p99)
        );
    }
}
