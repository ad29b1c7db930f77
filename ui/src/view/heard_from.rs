//! When something was last heard of each of the hotel's other devices, as the actions tell that came
//! from there.

use crate::{app::App, catalogue::t, query::few::in_order};
use keyrack_model::{identity::SERVER_DEVICE, ids::DeviceId, ipc::Heard, time::Timestamp};
use leptos::prelude::*;
use std::cmp::Reverse;

/// A line for each device.
pub fn heard_from(app: App, heard: &[Heard]) -> impl IntoView + use<> {
    let here = app.here().map(|here| here.device);
    let devices = of_others(heard, here);
    let line = |(device, at): (DeviceId, Timestamp)| {
        view! {
            <li data-testid="heard-from">
                <b>{app.named(|names| names.device(device))}</b>
                " "
                <span class="faint">{app.moment(at)}</span>
            </li>
        }
    };
    (!devices.is_empty()).then(|| {
        let lines = devices.into_iter().map(line).collect_view();
        view! {
            <h3>{t("sync.heard-from")}</h3>
            <ul class="sync-list whose">{lines}</ul>
        }
    })
}

/// When the server learned of something from each device last; the one that was heard of last comes
/// first. What the server does itself comes from no device.
fn of_others(heard: &[Heard], here: Option<DeviceId>) -> Vec<(DeviceId, Timestamp)> {
    let mut devices: Vec<(DeviceId, Timestamp)> = Vec::new();
    for it in heard {
        let Some(at) = it.known_at else { continue };
        if it.device == SERVER_DEVICE || Some(it.device) == here {
            continue;
        }
        match devices.iter_mut().find(|(device, _)| *device == it.device) {
            Some((_, last)) => *last = at.max(*last),
            None => devices.push((it.device, at)),
        }
    }
    in_order(devices, |(device, at)| (Reverse(*at), *device))
}

#[cfg(test)]
mod tests {
    use super::*;
    use keyrack_model::ids::UserId;
    use uuid::Uuid;

    #[test]
    fn each_other_device_is_there_once_and_the_one_that_was_heard_of_last_is_the_first() {
        let device = |number| DeviceId(Uuid::from_u128(number));
        let heard = |person, device, known: Option<i64>| Heard {
            person: UserId(Uuid::from_u128(person)),
            device,
            done_at: Timestamp(0),
            known_at: known.map(Timestamp),
        };
        let (here, cart, tablet, office) = (device(1), device(2), device(3), device(4));
        let all = [
            heard(1, here, Some(90)),
            heard(1, cart, Some(20)),
            heard(2, cart, Some(40)),
            heard(3, cart, None),
            heard(2, tablet, Some(60)),
            heard(3, office, None),
            heard(4, SERVER_DEVICE, Some(95)),
        ];
        let others = [(tablet, Timestamp(60)), (cart, Timestamp(40))];
        assert_eq!(of_others(&all, Some(here)), others);
        assert_eq!(of_others(&[], Some(here)), []);
    }
}
