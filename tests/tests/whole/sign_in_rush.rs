//! The beginning of a shift: everybody signs in at once, behind one address, beside work that goes on.

use keyrack_tests::{
    rush::{Kind, rush},
    world::World,
};

/// Times as long as a password takes to check that anything else may take in the rush.
const CHECKS: u32 = 4;
/// Answers of each kind while people still wait to be let in, at least.
const ANSWERS: usize = 20;

#[tokio::test]
async fn fifty_people_who_sign_in_at_once_all_get_in_and_hold_up_nobody_else() {
    let world = World::new();
    let server = world.demo_server().await;
    let rush = rush(&server).await;
    for kind in [
        Kind::Push,
        Kind::Pull,
        Kind::Fetch,
        Kind::Refresh,
        Kind::Administration,
        Kind::Health,
    ] {
        let answered = rush.waits.get(&kind).map_or(0, Vec::len);
        assert!(
            answered >= ANSWERS,
            "only {answered} of {kind:?} while people signed in"
        );
        let (slowest, check) = (rush.p99(kind), rush.check);
        assert!(
            slowest < check * CHECKS,
            "of {answered} of {kind:?} one in a hundred took {slowest:?}, where a password took {check:?}"
        );
    }
}
