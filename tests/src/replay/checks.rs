//! What must hold in the hotel, whatever people did: each a function that says what is wrong.

use super::{Broken, house::House, ledger::Ledger};
use keyrack_model::{
    cleanliness::{Cleanliness, TurnKind},
    command::{Command, DeskCommand},
    ids::{RoomId, StayId, TaskId},
    plan::rules::rules,
    policy::Role,
    refusal::Refusal,
    room::Room,
    stay::{StayStatus, StayoverWish},
    task::{Task, TaskKind, TaskStatus},
    time::BusinessDate,
};
use std::collections::BTreeMap;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Moment {
    InTheDay,
    AfterTheAudit,
}

/// All that is wrong at a moment.
pub(super) fn all(house: &House, ledger: &Ledger, moment: Moment) -> Vec<Broken> {
    let always: [Check; 5] = [
        ghosts,
        lost_departures,
        taken_from_people,
        doubled,
        clean_though_nobody_cleaned,
    ];
    let after_the_audit: [Check; 2] = [stayovers_amiss, planned_otherwise_again];
    let more = match moment {
        Moment::InTheDay => &[],
        Moment::AfterTheAudit => &after_the_audit[..],
    };
    let checks = always.iter().chain(more);
    checks.flat_map(|check| check(house, ledger)).collect()
}

type Check = fn(&House, &Ledger) -> Vec<Broken>;

/// Open tasks that neither room nor stay needs.
fn ghosts(house: &House, ledger: &Ledger) -> Vec<Broken> {
    let mut ghosts = Vec::new();
    for (id, room) in house.every_room() {
        for (task_id, task) in house.open_tasks(id) {
            if !ledger.held.contains(&task_id)
                && !is_needed((task_id, task), (id, room), house, ledger)
            {
                ghosts.push(Broken(format!("a ghost: {}", told(task, room))));
            }
        }
    }
    ghosts
}

fn is_needed(
    (task_id, task): (TaskId, &Task),
    (id, room): (RoomId, &Room),
    house: &House,
    ledger: &Ledger,
) -> bool {
    let today = house.today();
    let mark = &room.cleanliness;
    let guest = task.stay.and_then(|stay| ledger.in_house.get(&stay));
    let guest = guest.filter(|guest| guest.room == id);
    let is_of_today = task.business_date == today || ledger.tried.contains(&task_id);
    let is_of_turn = task.turn.is_some_and(|turn| !mark.turn.is_after(turn));
    match task.kind {
        TaskKind::Departure => {
            guest.is_some_and(|guest| guest.departure <= today)
                || task.stay.is_some() && ledger.left.get(&id) == task.stay.as_ref()
        }
        TaskKind::Stayover | TaskKind::LinenChange | TaskKind::Turndown => {
            let stays_on = guest.is_some_and(|guest| today < guest.departure);
            let is_still_tried = guest.is_some() && ledger.tried.contains(&task_id);
            stays_on && task.business_date == today || is_still_tried
        }
        TaskKind::Arrival => {
            let stay = task.stay.and_then(|stay| house.stay(stay));
            let is_awaited = stay
                .is_some_and(|stay| stay.status == StayStatus::Expected && stay.room == Some(id));
            (is_awaited || guest.is_some()) && is_of_today
        }
        TaskKind::Check => {
            let is_taken = ledger.in_house.values().any(|guest| guest.room == id);
            !is_taken && is_of_today
        }
        TaskKind::DeepClean => room.deep_cleaned.date < today && is_of_today,
        TaskKind::TouchUp => is_of_turn && mark.value == Cleanliness::Dirty,
        TaskKind::Inspection => is_of_turn && mark.value == Cleanliness::Clean,
        TaskKind::Extra | TaskKind::GuestRequest | TaskKind::Delivery | TaskKind::Round => true,
    }
}

/// Rooms that a guest has left and that are not on anybody's list.
fn lost_departures(house: &House, ledger: &Ledger) -> Vec<Broken> {
    let is_lost = |(room, stay): &(&RoomId, &StayId)| {
        let mut open = house.open_tasks(**room);
        !open.any(|(_, task)| task.kind == TaskKind::Departure && task.stay == Some(**stay))
    };
    let lost = ledger.left.iter().filter(is_lost);
    lost.map(|(room, stay)| Broken(format!("a lost departure: of {stay} from {room}")))
        .collect()
}

/// Tasks that somebody began, pinned or noted, and that are not open any more.
fn taken_from_people(house: &House, ledger: &Ledger) -> Vec<Broken> {
    let is_taken = |id: &&TaskId| house.task(**id).is_none_or(|task| !task.status.is_open());
    let taken = ledger.held.iter().filter(is_taken);
    taken
        .map(|id| Broken(format!("taken from somebody: {id} {:?}", house.task(*id))))
        .collect()
}

/// Tasks that are there twice: of one day, or Departures of one guest from one room.
fn doubled(house: &House, _: &Ledger) -> Vec<Broken> {
    let mut doubled = Vec::new();
    for (id, room) in house.every_room() {
        let mut seen: BTreeMap<(TaskKind, Option<StayId>, Option<BusinessDate>), usize> =
            BTreeMap::new();
        let there = house.tasks(id);
        for (_, task) in there.filter(|(_, task)| task.status != TaskStatus::Cancelled) {
            // There are as many as there is to inspect and to do again.
            let repeats = matches!(task.kind, TaskKind::TouchUp | TaskKind::Inspection);
            if repeats && !task.status.is_open() {
                continue;
            }
            let is_daily = task.kind != TaskKind::Departure;
            let date = is_daily.then_some(task.business_date);
            let times = seen.entry((task.kind, task.stay, date)).or_default();
            *times += 1;
            if *times > 1 {
                doubled.push(Broken(format!("there twice: {}", told(task, room))));
            }
        }
    }
    doubled
}

/// Rooms that show Clean for a turn in which nobody has cleaned them.
fn clean_though_nobody_cleaned(house: &House, ledger: &Ledger) -> Vec<Broken> {
    let is_false = |(id, room): &(RoomId, &Room)| {
        let mark = &room.cleanliness;
        let is_of_departure = mark.turn.kind == TurnKind::Departure;
        let is_cleaned = (mark.turn.stay).is_some_and(|stay| ledger.cleaned.contains(&(*id, stay)));
        let is_ready = matches!(mark.value, Cleanliness::Clean | Cleanliness::Inspected);
        is_ready && (ledger.left.contains_key(id) || is_of_departure && !is_cleaned)
    };
    let rooms = house.every_room().filter(is_false);
    rooms
        .map(|(_, room)| {
            let Room { number, .. } = room;
            Broken(format!(
                "clean though nobody cleaned: {number} {}",
                room.cleanliness
            ))
        })
        .collect()
}

/// Guests whose Stayover of today is not there though it is due, or is though it is not.
fn stayovers_amiss(house: &House, ledger: &Ledger) -> Vec<Broken> {
    let today = house.today();
    let mut amiss = Vec::new();
    for (stay, guest) in &ledger.in_house {
        let (Some(room), Some(known)) = (house.room(guest.room), house.stay(*stay)) else {
            continue;
        };
        let Ok(rules) = rules(house, house.hotel, room, Some(known));
        let every = match known.stayover_wish {
            StayoverWish::ByRule => rules.stayover_every,
            StayoverWish::Daily => 1,
            StayoverWish::Never => 0,
        };
        let nights = today.days_since(guest.arrival);
        let is_due = nights > 0 && today < guest.departure && every > 0 && nights % every == 0;
        let of_today = house.tasks(guest.room).filter(|(_, task)| {
            task.kind == TaskKind::Stayover
                && task.stay == Some(*stay)
                && task.business_date == today
                && task.status != TaskStatus::Cancelled
        });
        let there = of_today.count();
        if there != usize::from(is_due) {
            let of = format!("{stay} in {}, night {nights}", room.number);
            amiss.push(Broken(format!("{there} stayovers for {of}, every {every}")));
        }
    }
    amiss
}

/// Rooms that are planned for today and for which planning again finds something.
fn planned_otherwise_again(house: &House, _: &Ledger) -> Vec<Broken> {
    let date = house.today();
    let again = |room: RoomId| Command::Desk(DeskCommand::PlanRoom { room, date });
    let rooms = house.rooms.iter();
    rooms
        .filter(|room| house.refusal(Role::FrontDesk, &again(**room)) != Some(Refusal::NothingToDo))
        .map(|room| Broken(format!("planning {room} again finds something")))
        .collect()
}

fn told(task: &Task, room: &Room) -> String {
    format!(
        "{} {} of {} by {} in {}, which is {}",
        task.kind, task.status, task.business_date, task.rule, room.number, room.cleanliness
    )
}
