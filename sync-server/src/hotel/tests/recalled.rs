//! What rests on an earlier action, and through it on others that are read from the log.

use super::*;
use keyrack_model::change::Entity;

#[tokio::test(flavor = "multi_thread")]
async fn what_was_chosen_long_ago_is_taken_back_like_what_it_chose() {
    let mut maria = Device::of(MARIA, 1);
    let mut tomas = Device::of(TOMAS, 2);
    let log = log_with(&[&maria, &tomas]).await;
    let hotels = Hotels::new(log, clock());
    let title = |text: &str| vec![WorkOrderChange::Title(text.into())];
    let [drips, runs] = [
        tomas.edit(title("Tap drips")),
        maria.edit(title("Tap runs")),
    ];
    push(&hotels, &tomas, std::slice::from_ref(&drips)).await;
    push(&hotels, &maria, std::slice::from_ref(&runs)).await;
    maria.receive(&drips);
    // The one that gave way: to keep the other one would write nothing that could be taken back.
    let chosen = match maria.document(ORDER.into()).reading().entity {
        Entity::WorkOrder(order) if order.title == "Tap drips" => runs.operation,
        _ => drips.operation,
    };
    let settle = Command::Settle {
        document: ORDER.into(),
        key: "title".into(),
        chosen,
    };
    let settled = maria.ask(settle).unwrap();
    let operation = settled.operation;
    assert_eq!(sequences(&push(&hotels, &maria, &[settled]).await), [3]);
    let mut undone = Command::Undo { operation };
    for number in [4, 5] {
        let action = maria.ask(undone).unwrap();
        let operation = action.operation;
        assert_eq!(sequences(&push(&hotels, &maria, &[action]).await), [number]);
        undone = Command::Undo { operation };
    }
}
