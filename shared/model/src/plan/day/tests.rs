//! What the night audit makes of a room: a table of rules, stays and tasks.

use super::*;
use crate::{
    cleanliness::{MarkCause, Turn},
    command::{Command, StayEdit, WorkCommand},
    identity,
    ids::{OperationId, TaskId},
    plan::tests::house::{GUEST, House, ROOM, stay, today},
    policy::Role,
    room::{Nights, RoomUse, ServiceStatus},
    rule_sheet::{RuleKey, RuleScope},
    stay::StayoverWish,
    task::TaskStatus,
};
use uuid::Uuid;

mod desks;

fn date(text: &str) -> BusinessDate {
    text.parse().unwrap()
}

/// Room 204 without a guest, counted up to yesterday, on 25 May 2017.
fn vacant() -> House {
    let mut house = House::with_guest_due_out();
    house.entities.remove(&GUEST.into());
    let mut room = house.room();
    room.nights = Nights {
        counted_to: date("2017-05-24"),
        occupied: 100,
        last_occupied: date("2017-05-24"),
    };
    room.deep_cleaned.date = date("2017-05-01");
    room.deep_cleaned.occupied = 80;
    room.cleanliness.turn = Turn::night(date("2017-05-24"), None);
    room.cleanliness.value = Cleanliness::Clean;
    house.put(ROOM.into(), room.into());
    house
}

fn guest(arrival: &str, departure: &str) -> House {
    let mut house = vacant();
    let stay = stay(arrival, departure, StayStatus::InHouse);
    house.put(GUEST.into(), stay.into());
    house
}

/// A guest who left yesterday, and whose room is as they left it.
fn left_yesterday() -> House {
    let mut house = vacant();
    let gone = stay("2017-05-20", "2017-05-24", StayStatus::Departed);
    house.put(GUEST.into(), gone.into());
    with_room(house, |room| {
        room.cleanliness.turn = Turn::default().departure_of(GUEST, date("2017-05-24"));
        room.cleanliness.cause = MarkCause::CheckOut;
        room.cleanliness.value = Cleanliness::Dirty;
    })
}

fn with_room(mut house: House, write: impl FnOnce(&mut Room)) -> House {
    let mut room = house.room();
    write(&mut room);
    house.put(ROOM.into(), room.into());
    house
}

fn with_stay(mut house: House, write: impl FnOnce(&mut Stay)) -> House {
    let Some(Entity::Stay(mut stay)) = house.entities.remove(&GUEST.into()) else {
        panic!("no guest");
    };
    write(&mut stay);
    house.put(GUEST.into(), stay.into());
    house
}

fn with_rules(mut house: House, rules: &[(RuleScope, RuleKey, i64)]) -> House {
    for (scope, rule, number) in rules {
        let command = Command::SetRule {
            scope: scope.clone(),
            rule: *rule,
            number: Some(*number),
        };
        house.act(Role::Manager, command).unwrap();
    }
    house
}

fn with_rule(house: House, rule: RuleKey, number: i64) -> House {
    with_rules(house, &[(RuleScope::Hotel, rule, number)])
}

const YESTERDAYS: TaskId = TaskId(Uuid::from_u128(50));

/// A task of yesterday, which nobody has touched unless `write` says so.
fn with_task(mut house: House, kind: TaskKind, write: impl FnOnce(&mut Task)) -> House {
    let mut task = Task {
        kind,
        room: Some(ROOM),
        stay: Some(GUEST),
        business_date: date("2017-05-24"),
        rule: TaskRule::StayContinues,
        ..Task::default()
    };
    write(&mut task);
    house.put(YESTERDAYS.into(), task.into());
    house
}

const BLOCK: BlockId = BlockId(Uuid::from_u128(60));

fn with_block(mut house: House, kind: BlockKind, until: &str, back: Cleanliness) -> House {
    let block = RoomBlock {
        room: Some(ROOM),
        kind,
        reason: "Paint".into(),
        from: date("2017-05-20"),
        until: date(until),
        return_status: back,
        ended: false,
    };
    house.put(BLOCK.into(), block.into());
    house
}

fn plan_room(house: &mut House) -> Result<OperationId, Refusal> {
    let date = house.business_date();
    let command = Command::Desk(DeskCommand::PlanRoom { room: ROOM, date });
    house.act(Role::FrontDesk, command)
}

/// Every task of the room: kind, status, rule, day of the month, and what was counted of how many.
fn tasks(house: &House) -> Vec<String> {
    let tasks = house.entities.values().filter_map(|entity| match entity {
        Entity::Task(task) => Some(task),
        _ => None,
    });
    let mut lines: Vec<String> = tasks
        .map(|task| {
            let day = task.business_date.0.day();
            let mut line = format!("{} {} {} {day}", task.kind, task.status, task.rule);
            if task.of_every > 0 {
                line += &format!(" {}/{}", task.counted, task.of_every);
            }
            line
        })
        .collect();
    lines.sort();
    lines
}

/// Plans the room, and finds nothing to do when it is asked again.
fn check(case: &str, mut house: House, expected: &[&str]) {
    plan_room(&mut house).unwrap();
    assert_eq!(tasks(&house), expected, "{case}");
    assert_eq!(house.room().nights.counted_to, today(), "{case}");
    assert_eq!(plan_room(&mut house), Err(Refusal::NothingToDo), "{case}");
}

#[test]
fn a_stay_makes_what_the_rules_say_of_its_night() {
    use RuleKey::{Arrival, Departure, LinenEvery, StayoverEvery, Turndown};
    let due_out = || guest("2017-05-22", "2017-05-25");
    let departure: &[&str] = &["departure planned departure-due 25"];
    check("due out", due_out(), departure);
    check("overdue", guest("2017-05-20", "2017-05-23"), departure);
    check("no departures", with_rule(due_out(), Departure, 0), &[]);

    let third_night = || guest("2017-05-22", "2017-05-28");
    let linen = "linen-change planned linen-due 25 3/3";
    let stayover = "stayover planned stay-continues 25 3/1";
    check("goes on", third_night(), &[linen, stayover]);
    check(
        "the second night",
        guest("2017-05-23", "2017-05-28"),
        &["stayover planned stay-continues 25 2/1"],
    );
    check("just arrived", guest("2017-05-25", "2017-05-28"), &[]);
    check(
        "every other night",
        with_rule(third_night(), StayoverEvery, 2),
        &[linen],
    );
    check(
        "never by rule",
        with_rules(
            third_night(),
            &[
                (RuleScope::Hotel, StayoverEvery, 0),
                (RuleScope::Hotel, LinenEvery, 0),
            ],
        ),
        &[],
    );
    let wishes = |wish| with_stay(third_night(), |stay| stay.stayover_wish = wish);
    check("wants nothing", wishes(StayoverWish::Never), &[]);
    check(
        "wants it daily",
        with_rule(wishes(StayoverWish::Daily), StayoverEvery, 0),
        &[linen, stayover],
    );
    let turndown = "turndown planned turndown-due 25";
    check(
        "turndown",
        with_rule(third_night(), Turndown, 1),
        &[linen, stayover, turndown],
    );
    let expected = || {
        let mut house = vacant();
        let stay = stay("2017-05-25", "2017-05-28", StayStatus::Expected);
        house.put(GUEST.into(), stay.into());
        house
    };
    check("expected", expected(), &[]);
    check(
        "expected, by rule",
        with_rule(expected(), Arrival, 1),
        &["arrival planned arrival-due 25"],
    );
}

#[test]
fn a_rate_says_it_before_the_type_of_the_room_and_that_before_the_hotel() {
    use RuleKey::StayoverEvery;
    let (suite, saver) = (
        RuleScope::RoomType("Suite".into()),
        RuleScope::Rate("SAVER".into()),
    );
    let house = || {
        let house = guest("2017-05-23", "2017-05-28");
        let house = with_room(house, |room| room.room_type = "Suite".into());
        with_stay(house, |stay| stay.rate = "SAVER".into())
    };
    let hotel = (RuleScope::Hotel, StayoverEvery, 5);
    check("hotel", with_rule(house(), StayoverEvery, 5), &[]);
    let of_type = (suite, StayoverEvery, 2);
    check(
        "type",
        with_rules(house(), &[hotel.clone(), of_type.clone()]),
        &["stayover planned stay-continues 25 2/2"],
    );
    let of_rate = (saver, StayoverEvery, 0);
    check("rate", with_rules(house(), &[hotel, of_type, of_rate]), &[]);
}

#[test]
fn a_room_makes_what_it_has_waited_for_long_enough() {
    use RuleKey::{DeepCleanDays, DeepCleanNights, VacantCheckDays};
    let since = |day: &str| {
        let last_occupied = date(day);
        with_room(vacant(), |room| room.nights.last_occupied = last_occupied)
    };
    let too_long: &[&str] = &["check planned vacant-too-long 25 7/7"];
    check("seven days", since("2017-05-18"), too_long);
    check("six days", since("2017-05-19"), &[]);
    check(
        "by another number",
        with_rule(since("2017-05-23"), VacantCheckDays, 2),
        &["check planned vacant-too-long 25 2/2"],
    );
    let checked = with_room(since("2017-05-01"), |room| {
        room.checked.date = date("2017-05-20");
    });
    check("water ran", checked, &[]);
    let lobby = with_room(since("2017-05-01"), |room| room.used_for = RoomUse::Public);
    check("no guest room", lobby, &[]);

    let by_days = || with_rule(vacant(), DeepCleanDays, 24);
    let deep: &[&str] = &["deep-clean planned deep-clean-due 25 24/24"];
    check("by days", by_days(), deep);
    check("not yet", with_rule(vacant(), DeepCleanDays, 25), &[]);
    check(
        "by nights",
        with_rule(vacant(), DeepCleanNights, 20),
        &["deep-clean planned deep-clean-due 25 20/20"],
    );
    let mut lived_in = by_days();
    let stays_on = stay("2017-05-25", "2017-05-28", StayStatus::InHouse);
    lived_in.put(GUEST.into(), stays_on.into());
    check("lived in", lived_in, &[]);
    let (order, service) = (BlockKind::OutOfOrder, BlockKind::OutOfService);
    let blocked = |kind| with_block(by_days(), kind, "2017-05-30", Cleanliness::Dirty);
    check("out of order", blocked(order), &[]);
    check("out of service", blocked(service), deep);
}

#[test]
fn what_nobody_touched_ends_with_its_day_and_the_rest_goes_on() {
    let house = || guest("2017-05-23", "2017-05-28");
    let anew = "stayover planned stay-continues 25 2/1";
    check(
        "untouched",
        with_task(house(), TaskKind::Stayover, |_| ()),
        &["stayover cancelled night-audit 24", anew],
    );
    type Touch = fn(&mut Task);
    let touched: [(&str, Touch, &str); 7] = [
        (
            "begun",
            |it| it.status = TaskStatus::InProgress,
            "in-progress",
        ),
        ("paused", |it| it.status = TaskStatus::Paused, "paused"),
        ("done", |it| it.status = TaskStatus::Done, "done"),
        ("pinned", |it| it.pinned = true, "planned"),
        ("noted", |it| it.note = "After ten".into(), "planned"),
        ("tried", |it| it.attempts = 1, "planned"),
        ("asked for", |it| it.rule = TaskRule::Person, "planned"),
    ];
    for (case, touch, status) in touched {
        let house = with_task(house(), TaskKind::Stayover, touch);
        let rule = house.task(YESTERDAYS).rule;
        let goes_on = format!("stayover {status} {rule} 24");
        let mut expected = [goes_on.as_str(), anew];
        expected.sort_unstable();
        check(case, house, &expected);
    }
}

#[test]
fn no_departure_is_lost() {
    let carried = "departure planned carried-over 25";
    let departure = |touch: fn(&mut Task)| {
        with_task(left_yesterday(), TaskKind::Departure, |task| {
            task.rule = TaskRule::CheckOut;
            touch(task);
        })
    };
    check(
        "nobody came to it",
        departure(|_| ()),
        &["departure cancelled night-audit 24", carried],
    );
    check("its task is not here", left_yesterday(), &[carried]);
    check(
        "it is being done",
        departure(|task| task.status = TaskStatus::InProgress),
        &["departure in-progress check-out 24"],
    );
    // What was begun for an earlier turn does not clean up after the guest.
    for (kind, goes_on) in [
        (TaskKind::Stayover, "stayover in-progress stay-continues 24"),
        (
            TaskKind::DeepClean,
            "deep-clean in-progress stay-continues 24",
        ),
    ] {
        let begun = with_task(left_yesterday(), kind, |task| {
            task.status = TaskStatus::InProgress;
        });
        let mut expected = [goes_on, carried];
        expected.sort_unstable();
        check("another clean is begun", begun, &expected);
    }
    let done = with_room(departure(|task| task.status = TaskStatus::Done), |room| {
        room.cleanliness.value = Cleanliness::Clean;
    });
    check("it is done", done, &["departure done check-out 24"]);
    // The next day is cleaned in its own turn.
    let mut house = left_yesterday();
    plan_room(&mut house).unwrap();
    let task = identity::departure_task(house.hotel, today(), (GUEST, ROOM));
    let finish = Command::FinishTask { task };
    house.act(Role::Housekeeper, finish).unwrap();
    assert_eq!(house.room().cleanliness.value, Cleanliness::Clean);
}

#[test]
fn a_room_whose_block_is_over_is_what_the_block_says() {
    let over = |back| with_block(vacant(), BlockKind::OutOfOrder, "2017-05-25", back);
    for (back, expected) in [
        (Cleanliness::Dirty, &["touch-up planned block-ended 25"][..]),
        (Cleanliness::Pickup, &[]),
        (Cleanliness::Clean, &[]),
    ] {
        let mut house = over(back);
        plan_room(&mut house).unwrap();
        assert_eq!(tasks(&house), expected);
        assert_eq!(house.room().cleanliness.value, back);
        assert!(matches!(
            &house.entities[&BLOCK.into()],
            Entity::RoomBlock(block) if block.ended
        ));
        assert_eq!(plan_room(&mut house), Err(Refusal::NothingToDo));
    }
    // The clean that it makes is for the room as it is then.
    let mut house = over(Cleanliness::Dirty);
    plan_room(&mut house).unwrap();
    let kind = TaskKind::TouchUp;
    let task = identity::room_task(house.hotel, kind, today(), ROOM);
    let finish = Command::FinishTask { task };
    house.act(Role::Housekeeper, finish).unwrap();
    assert_eq!(house.room().cleanliness.value, Cleanliness::Clean);
}

#[test]
fn the_nights_of_a_room_are_counted_once_however_many_stays_share_them() {
    let mut house = guest("2017-05-20", "2017-05-28");
    let twin = StayId(Uuid::from_u128(32));
    let shared = stay("2017-05-21", "2017-05-23", StayStatus::Departed);
    house.put(twin.into(), shared.into());
    let mut house = with_room(house, |room| {
        room.nights.counted_to = date("2017-05-19");
        room.nights.last_occupied = date("2017-05-18");
    });
    plan_room(&mut house).unwrap();
    let nights = house.room().nights;
    assert_eq!((nights.occupied, nights.last_occupied), (105, today()));

    // The first count begins with nothing, and what is due by nights and days begins with it.
    let mut house = with_room(guest("2017-05-20", "2017-05-28"), |room| {
        room.nights = Nights::default();
        room.deep_cleaned = DoneOn::default();
    });
    plan_room(&mut house).unwrap();
    let room = house.room();
    assert_eq!(
        (room.nights.occupied, room.nights.last_occupied),
        (0, today())
    );
    assert_eq!(room.deep_cleaned, nights::beginning(today()));
}

#[test]
fn a_day_is_closed_once_and_never_taken_back() {
    let mut house = vacant();
    let close = |date| Command::Desk(DeskCommand::CloseDay { date });
    let operation = house.act(Role::FrontDesk, close(today())).unwrap();
    let business_date = date("2017-05-26");
    assert_eq!(house.business_date(), business_date);
    let other_day = Err(Refusal::OtherDay { business_date });
    assert_eq!(house.act(Role::FrontDesk, close(today())), other_day);
    assert_eq!(
        house.act(Role::FrontDesk, close(date("2017-05-27"))),
        other_day
    );
    let plan = Command::Desk(DeskCommand::PlanRoom {
        room: ROOM,
        date: today(),
    });
    assert_eq!(house.act(Role::FrontDesk, plan), other_day);
    assert_eq!(
        house.act(Role::FrontDesk, Command::Undo { operation }),
        Err(Refusal::NothingToDo)
    );
}

#[test]
fn the_audit_asks_for_each_room_that_is_not_planned_for_the_day() {
    let mut house = vacant();
    let open = |house: &House| due([(ROOM, &house.room())], house.business_date());
    let plan = |date| vec![Command::Desk(DeskCommand::PlanRoom { room: ROOM, date })];
    assert_eq!(open(&house), plan(today()));
    plan_room(&mut house).unwrap();
    assert_eq!(open(&house), []);
    let close = Command::Desk(DeskCommand::CloseDay { date: today() });
    house.act(Role::FrontDesk, close).unwrap();
    assert_eq!(open(&house), plan(date("2017-05-26")));
}

#[test]
fn who_did_not_come_is_proposed_as_a_no_show() {
    let [missed, later, came] = [
        stay("2017-05-24", "2017-05-26", StayStatus::Expected),
        stay("2017-05-26", "2017-05-28", StayStatus::Expected),
        stay("2017-05-25", "2017-05-26", StayStatus::InHouse),
    ];
    let id = |number| StayId(Uuid::from_u128(number));
    let stays = [(id(1), &missed), (id(2), &later), (id(3), &came)];
    assert_eq!(did_not_come(stays, today()), [id(1)]);
}

#[test]
fn a_task_that_was_put_off_outlives_the_day() {
    let mut house = with_task(
        guest("2017-05-23", "2017-05-28"),
        TaskKind::Stayover,
        |_| (),
    );
    let by = ServiceStatus::DoNotDisturb;
    let kept_out = Command::Work(WorkCommand::KeptOut {
        task: YESTERDAYS,
        by,
    });
    house.act(Role::Housekeeper, kept_out).unwrap();
    plan_room(&mut house).unwrap();
    assert_eq!(house.task(YESTERDAYS).status, TaskStatus::Planned);
    assert_eq!(house.room().service_status, by);
}
