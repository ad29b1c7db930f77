//! What the demo's desk finds in the morning: bookings without a room, somebody who waits, rooms
//! out of use, rooms that belong together, and what two desks did at the same time.

use super::{
    hotel::{ago, attempt, person, room},
    house::{House, business_date},
};
use keyrack_model::{
    change::Entity,
    cleanliness::Cleanliness,
    command::{BlockDraft, Command, DeskCommand, RoomCommand, StayDraft, StayEdit},
    field::FieldType,
    ids::{BlockId, StayId},
    room_block::BlockKind,
    room_link::RoomLinkKind,
    rows::{ConflictSide, FieldConflict},
    rule_sheet::{RuleKey, RuleScope},
    stay::{Stay, StayStatus},
    time::Timestamp,
};

const NAMES: [&str; 12] = [
    "Sofia Almeida",
    "Oliver Grant",
    "Lucía Fernández",
    "Henrik Dahl",
    "Amélie Laurent",
    "Siobhán Kelly",
    "Marco Bianchi",
    "Ana Prata",
    "James Whitfield",
    "Noor de Vries",
    "Tiago Moreira",
    "Greta Lindqvist",
];

pub fn of_today(house: &mut House, now: Timestamp) {
    guests(house);
    let waiting = bookings(house, now);
    if let Some(stay) = waiting {
        let queue = DeskCommand::SetQueued { stay, queued: true };
        by_desk(house, queue, now, 18);
    }
    rooms(house, now);
    rules(house, now);
    twice(house, now);
    moved(house, now);
}

fn by_desk(house: &mut House, asked: DeskCommand, now: Timestamp, minutes: i64) {
    let rui = person(house, "rui");
    attempt(house, rui, Command::Desk(asked), ago(now, minutes));
}

/// Whoever has a booking has a name.
fn guests(house: &mut House) {
    let stays: Vec<_> = stays(house).collect();
    for (index, (stay, _)) in stays.into_iter().enumerate() {
        house.know_guest(stay, NAMES[index % NAMES.len()]);
    }
}

fn stays(house: &House) -> impl Iterator<Item = (StayId, Stay)> + '_ {
    let entities = house.entities.iter();
    entities.filter_map(|(document, entity)| match entity {
        Entity::Stay(stay) => Some((StayId(document.id.0), stay.clone())),
        _ => None,
    })
}

/// Bookings for which no room is set aside yet; the guest of the first is here already.
fn bookings(house: &mut House, now: Timestamp) -> Option<StayId> {
    let today = business_date();
    let wanted = [
        ("Suite", 0, 3, "Teresa Vaz", true),
        ("Sea view", 0, 2, "Ken Mori", false),
        ("Standard twin", 0, 1, "Eva Novák", false),
        ("Family", 1, 4, "Rafael Costa", false),
        ("Sea view", 3, 7, "Lena Brandt", false),
    ];
    let mut first = None;
    for (index, (room_type, comes, leaves, name, vip)) in wanted.into_iter().enumerate() {
        let stay = StayId(house.next_id());
        let draft = StayDraft {
            booking: format!("B-2017-{}", 9_001 + index),
            room_type: room_type.into(),
            arrival: today.plus_days(comes),
            departure: today.plus_days(leaves),
            adults: 2,
            meal: "BB".into(),
            rate: "BAR".into(),
            vip,
            ..StayDraft::default()
        };
        let draft = Box::new(draft);
        by_desk(house, DeskCommand::Book { stay, draft }, now, 300);
        house.know_guest(stay, name);
        first = first.or(Some(stay));
    }
    first
}

fn rooms(house: &mut House, now: Timestamp) {
    let today = business_date();
    let (ana, tomas) = (person(house, "ana"), person(house, "tomas"));
    let free: Vec<_> = (101..=536)
        .map(|number| room(house, number))
        .filter(|id| house.entities.contains_key(&(*id).into()))
        .filter(|id| !stays(house).any(|(_, stay)| stay.room == Some(*id)))
        .take(2)
        .collect();
    let reasons = ["Water damage in the bathroom", "New carpet"];
    let kinds = [BlockKind::OutOfOrder, BlockKind::OutOfService];
    for ((id, reason), kind) in free.into_iter().zip(reasons).zip(kinds) {
        let draft = BlockDraft {
            room: id,
            kind,
            reason: reason.into(),
            from: today,
            until: today.plus_days(3),
            return_status: Cleanliness::Dirty,
        };
        let block = BlockId(house.next_id());
        let draft = Box::new(draft);
        let command = Command::Rooms(RoomCommand::Block { block, draft });
        attempt(house, tomas, command, ago(now, 200));
    }
    let link = RoomCommand::Link {
        first: room(house, 210),
        second: room(house, 211),
        kind: Some(RoomLinkKind::Connecting),
    };
    attempt(house, ana, Command::Rooms(link), ago(now, 9_000));
    let rush = RoomCommand::SetRush {
        rooms: vec![room(house, 204), room(house, 118)],
        rush: true,
    };
    attempt(house, ana, Command::Rooms(rush), ago(now, 40));
    let note = RoomCommand::Note {
        room: room(house, 204),
        text: "The safe opens with the second key from the left.".into(),
        base: String::new(),
    };
    attempt(house, ana, Command::Rooms(note), ago(now, 1_500));
}

fn rules(house: &mut House, now: Timestamp) {
    let ana = person(house, "ana");
    let said = [
        (RuleScope::Hotel, RuleKey::LinenEvery, 4),
        (RuleScope::RoomType("Suite".into()), RuleKey::LinenEvery, 1),
        (RuleScope::RoomType("Suite".into()), RuleKey::Turndown, 1),
    ];
    for (scope, rule, number) in said {
        let number = Some(number);
        let command = Command::SetRule {
            scope,
            rule,
            number,
        };
        attempt(house, ana, command, ago(now, 20_000));
    }
}

/// One room for two bookings of the same nights: at each desk it was free when it was given.
fn twice(house: &mut House, now: Timestamp) {
    let today = business_date();
    let expected = |stay: &Stay| stay.status == StayStatus::Expected && stay.arrival == today;
    let taken = stays(house).find(|(_, stay)| expected(stay) && stay.room.is_some());
    let Some((first, taken)) = taken else {
        return;
    };
    let second = StayId(house.next_id());
    house.know_guest(second, "Paulo Sá");
    let other = Stay {
        booking: "B-2017-9100".into(),
        arrived_at: None,
        ..taken.clone()
    };
    let both = [(first, &taken, "rui", 35), (second, &other, "ana", 33)];
    for (stay, _, name, minutes) in both {
        // The other desk has not been heard of.
        for (id, given, _, _) in both {
            let without = Stay {
                room: None,
                ..given.clone()
            };
            house.put(id.into(), Entity::Stay(without), now);
        }
        let room = taken.room;
        let give = Command::Desk(DeskCommand::AssignRoom { stay, room });
        let author = person(house, name);
        attempt(house, author, give, ago(now, minutes));
    }
    for (stay, given, _, _) in both {
        house.put(stay.into(), Entity::Stay(given.clone()), now);
    }
}

/// The departure of a guest was changed by two people at the same time.
fn moved(house: &mut House, now: Timestamp) {
    let (rui, ana) = (person(house, "rui"), person(house, "ana"));
    let today = business_date();
    let is_followed = |room| {
        stays(house).any(|(_, stay)| stay.room == room && stay.status == StayStatus::Expected)
    };
    let may_be_moved = |stay: &Stay| {
        stay.status == StayStatus::InHouse
            && stay.departure > today.plus_days(3)
            && !is_followed(stay.room)
    };
    let Some((id, _)) = stays(house).find(|(_, stay)| may_be_moved(stay)) else {
        return;
    };
    let mut sides = Vec::new();
    for (author, nights, minutes) in [(rui, 2, 25), (ana, 3, 22)] {
        let departure = today.plus_days(nights);
        let edit = StayEdit {
            departure: Some(departure),
            ..StayEdit::default()
        };
        let edit = Box::new(edit);
        let command = Command::Desk(DeskCommand::EditStay { stay: id, edit });
        attempt(house, author, command, ago(now, minutes));
        let operation = house.done.last().map(|done| done.operation);
        sides.push(ConflictSide {
            value: departure.to_value(),
            operation: operation.unwrap_or_default(),
            author,
            at: ago(now, minutes),
        });
    }
    let shown = sides.pop();
    let conflict = shown.map(|shown| FieldConflict {
        key: "departure".into(),
        shown,
        gave_way: sides,
    });
    house
        .conflicts
        .insert(id.into(), conflict.into_iter().collect());
}
