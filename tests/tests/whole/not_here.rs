//! What a window shows of a document that its device does not hold.

use crate::working_set::the_summer_passes;
use keyrack_model::ids::{DocumentKind, DocumentRef};
use keyrack_tests::{
    desk::Desk,
    hotel::{MARIA, RUI},
    peer::Peer,
    wait,
    window::Window,
    world::World,
};
use serde_json::json;
use std::collections::BTreeSet;

fn documents(peer: &Peer) -> BTreeSet<DocumentRef> {
    let rows = peer.replica().all_rows().expect("the store answers");
    rows.into_iter().map(|row| row.document).collect()
}

/// Follows a link within the window.
async fn open(window: &Window, route: &str) {
    window
        .read("location.hash = arguments[0]", &[json!(route)])
        .await;
}

#[tokio::test]
async fn a_stay_of_long_ago_is_said_to_be_at_the_server_and_opens_when_that_is_back() {
    let world = World::new();
    let mut server = world.demo_server().await;
    let mut reader = Peer::signed_in(server.address(), &MARIA)
        .await
        .that_reads_the_log();
    reader.sync().await;
    the_summer_passes(&world, &server).await;
    reader.sync().await;
    let mut new = Peer::signed_in(server.address(), &RUI).await;
    new.sync().await;
    let held = documents(&new);
    let is_over = |it: &&DocumentRef| it.kind == DocumentKind::Stay && !held.contains(it);
    let stay = *documents(&reader).iter().find(is_over).expect("a stay");

    let window = world.workplace("rui", &server.url()).open().await;
    let rui = Desk::sign_in(window, &RUI).await;
    server.stop().await;
    rui.wait_until_offline().await;
    let window = rui.window();
    open(window, &format!("#/board/stay/{}", stay.id.0)).await;
    wait::until("where the stay is", wait::SOON, async || {
        let said = window.text_of_css("[data-testid=\"not-here\"]").await;
        match said {
            Some(said) if said.contains("It is on the server") => Ok(()),
            said => Err(format!("{said:?}")),
        }
    })
    .await;

    server.start_again().await;
    rui.wait_until_synced().await;
    window.wait_until_gone("not-here").await;
    window.wait_for("stay-drawer").await;
}
