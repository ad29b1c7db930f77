//! What a person may not choose of a work order stays in its place and says whose it is.

use keyrack_model::{
    command::{Command, WorkOrderDraft, WorkOrderEdit},
    ids::WorkOrderId,
    work_order::WorkOrderStatus,
};
use keyrack_tests::{
    desk::Desk,
    hotel::{MARIA, RUI, TOMAS},
    peer::Peer,
    window::Window,
    world::World,
};
use serde_json::json;
use uuid::Uuid;

#[tokio::test]
async fn what_somebody_may_not_choose_of_a_work_order_stays_in_place_and_says_why() {
    let world = World::new();
    let server = world.demo_server().await;
    let mut rui = Peer::signed_in(server.address(), &RUI).await;
    rui.sync().await;
    let draft = WorkOrderDraft {
        title: "Shower drips".into(),
        ..WorkOrderDraft::default()
    };
    let work_order = WorkOrderId(Uuid::now_v7());
    let reported = Command::CreateWorkOrder { work_order, draft };
    rui.act(&reported).expect("everybody reports");
    rui.sync().await;

    // A housekeeper who has nothing to do with it reads it, and why nothing more.
    let maria = Desk::sign_in(world.workplace("maria", &server.url()).open().await, &MARIA).await;
    maria.open_work_order("Shower drips").await;
    let window = maria.window();
    for (list, said) in [
        ("order-priority", "Setting the priority"),
        ("order-assignee", "Giving this work order"),
    ] {
        let why = refusal_of(window, list).await;
        let names_both = why.contains(said) && why.contains("housekeeper");
        assert!(names_both, "{list}: {why}");
    }
    for (status, said) in [
        ("in-progress", "for engineers, supervisors"),
        ("cancelled", "for supervisors and managers"),
    ] {
        let offer = format!("[data-testid=\"order-status\"] option[value=\"{status}\"]:disabled");
        let why = window.text_of_css(&offer).await.unwrap_or_default();
        assert!(why.contains(said), "{status}: {why}");
    }
    maria.into_window().close().await;

    // An engineer takes it and begins; giving it to somebody else is not theirs.
    let tomas = Desk::sign_in(world.workplace("tomas", &server.url()).open().await, &TOMAS).await;
    tomas.open_work_order("Shower drips").await;
    let window = tomas.window();
    assert_eq!(refusal_of(window, "order-assignee").await, "");
    let others = "[data-testid=\"order-assignee\"] option:disabled";
    let why = window.text_of_css(others).await.unwrap_or_default();
    assert!(why.contains("for supervisors and managers"), "{why}");
    let person = window
        .read(
            "return [...document.querySelectorAll('[data-testid=\"order-assignee\"] option')]
                .find((offer) => offer.textContent === arguments[0]).value",
            &[json!(TOMAS.display)],
        )
        .await;
    let person = person.as_str().expect("one of the people");
    window.choose("order-assignee", person).await;
    tomas.watch_value("order-assignee", person).await;
    window.choose("order-status", "in-progress").await;
    tomas.watch_value("order-status", "in-progress").await;
    tomas.wait_until_synced().await;

    // Whoever reported it hears that it is begun, and has no say in it from then on.
    rui.sync().await;
    let cancelled = Command::EditWorkOrder {
        work_order,
        edit: WorkOrderEdit {
            status: Some(WorkOrderStatus::Cancelled),
            ..WorkOrderEdit::default()
        },
    };
    rui.act(&cancelled).expect_err("somebody is at it");
}

/// Why a list refuses every choice; empty where it does not.
async fn refusal_of(window: &Window, list: &str) -> String {
    let read = "const list = document.querySelector(`[data-testid=\"${arguments[0]}\"]`);
        return list.ariaDisabled === 'true' ? list.title : ''";
    let why = window.read(read, &[json!(list)]).await;
    why.as_str().unwrap_or_default().to_owned()
}
