//! Whose work waits on this device, person by person.

use crate::{app::App, catalogue::t_count};
use keyrack_model::{ids::UserId, ipc::WaitingAction};
use leptos::prelude::*;

/// A line for each person, with how much of theirs waits.
pub fn whose(app: App, actions: &[WaitingAction]) -> impl IntoView + use<> {
    let line = |(author, actions): (UserId, usize)| {
        view! {
            <li data-testid="waits-of">
                <b>{app.person(author)}</b>
                " "
                <span class="faint">{t_count("waiting", actions)}</span>
            </li>
        }
    };
    let lines = by_author(actions).into_iter().map(line).collect_view();
    view! { <ul class="sync-list whose">{lines}</ul> }
}

/// How many actions of each person there are, in the order in which they began.
fn by_author(actions: &[WaitingAction]) -> Vec<(UserId, usize)> {
    let mut authors: Vec<(UserId, usize)> = vec![];
    for action in actions {
        match authors.iter_mut().find(|(it, _)| *it == action.author) {
            Some((_, count)) => *count += 1,
            None => authors.push((action.author, 1)),
        }
    }
    authors
}

#[cfg(test)]
mod tests {
    use super::*;
    use keyrack_model::{command::Command, ids::OperationId, time::Timestamp};
    use uuid::Uuid;

    #[test]
    fn what_waits_is_counted_for_each_person() {
        let [one, other] = [1, 2].map(|id| UserId(Uuid::from_u128(id)));
        let of = |author| WaitingAction {
            operation: OperationId::default(),
            command: Command::Redacted,
            author,
            at: Timestamp(0),
            awaits: None,
        };
        assert_eq!(by_author(&[]), []);
        let actions = [of(other), of(one), of(other)];
        assert_eq!(by_author(&actions), [(other, 2), (one, 1)]);
    }
}
