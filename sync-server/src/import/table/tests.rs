//! What files say by mappings, as tables: rows, and what is wrong by row and column.

use super::{
    bookings::{self, BookingRow, Standing},
    cells::Cells,
    guess::{guess, hotel_booking_demand},
    layout::Layout,
    people, rooms,
    sheet::Sheet,
};
use crate::bookings::{Outcome, open};
use keyrack_model::{
    ids::{HotelId, RoomId},
    import::{ImportField, ImportKind, Mapping},
    policy::Role,
    room::{Room, RoomUse},
    stay::{Stay, StayStatus},
    time::BusinessDate,
};
use std::{collections::HashMap, path::Path};
use uuid::Uuid;

const HOTEL: HotelId = HotelId(Uuid::from_u128(7));

/// What is wrong with a file, a line each.
fn wrong<T>(
    kind: ImportKind,
    file: &str,
    mapping: &Mapping,
    mut read: impl FnMut(&mut Cells<'_>) -> Option<T>,
) -> (Vec<T>, Vec<String>) {
    let sheet = Sheet::read(file, Some(mapping.delimiter)).unwrap();
    let layout = Layout::of(kind, mapping, &sheet.header);
    let layout = layout.unwrap_or_else(|missing| panic!("{missing:?}"));
    let (mut rows, mut problems) = (Vec::new(), Vec::new());
    for row in &sheet.rows {
        let mut cells = Cells::of(&layout, row);
        rows.extend(read(&mut cells));
        problems.extend(cells.problems().into_iter().map(|it| {
            let column = it.column.unwrap_or_default();
            format!("{} {column} {:?} {}", it.row, it.found, it.fault.word())
        }));
    }
    (rows, problems)
}

fn guessed(kind: ImportKind, file: &str) -> Mapping {
    guess(kind, &Sheet::read(file, None).unwrap())
}

fn read_bookings(file: &str, mapping: &Mapping) -> (Vec<BookingRow>, Vec<String>) {
    let mut seen = HashMap::new();
    let kind = ImportKind::Bookings;
    wrong(kind, file, mapping, |cells| {
        bookings::read(cells, &mut seen)
    })
}

#[test]
fn the_mapping_of_the_demos_source_reads_the_demo_as_its_own_reader_does() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("demo/resort-busiest-week.csv");
    let file = std::fs::read_to_string(&path).unwrap();
    let mapping = guessed(ImportKind::Bookings, &file);
    assert_eq!(Some(&mapping), hotel_booking_demand().as_ref());
    let (rows, problems) = read_bookings(&file, &mapping);
    assert_eq!(problems, Vec::<String>::new());
    let known: Vec<_> = open(&path)
        .unwrap()
        .map(|row| row.unwrap().unwrap())
        .collect();
    assert_eq!(rows.len(), known.len());
    for (row, booking) in rows.iter().zip(&known) {
        assert_eq!(
            (row.row, row.content, row.occurrence, row.arrival),
            (
                booking.row,
                booking.content,
                booking.occurrence,
                booking.arrival
            )
        );
        let standing = match booking.outcome {
            Outcome::Stayed => Standing::ByDate,
            Outcome::Cancelled => Standing::Is(StayStatus::Cancelled),
            Outcome::NoShow => Standing::Is(StayStatus::NoShow),
        };
        assert_eq!(row.standing, standing);
        if booking.outcome == Outcome::Stayed {
            assert_eq!(row.departure, booking.end);
        }
        let stay = row.over(None, HOTEL, BusinessDate(booking.arrival));
        let people = (i64::from(booking.adults), i64::from(booking.children));
        assert_eq!((stay.adults, stay.children), people);
        assert_eq!(
            (&*stay.room_type, &*stay.meal, &*stay.country),
            (
                &*booking.room_type,
                &*booking.meal,
                booking.country.as_deref().unwrap_or_default()
            )
        );
    }
}

#[test]
fn columns_are_guessed_by_what_they_are_called_in_whatever_spelling() {
    use ImportField::{
        Adults, Arrival, Booking, Departure, Floor, Number, Role, Room, RoomType, SignInName,
    };
    for (kind, header, fields) in [
        (
            ImportKind::Rooms,
            "Room No;FLOOR;Category;Colour",
            vec![
                (Number, "Room No"),
                (Floor, "FLOOR"),
                (RoomType, "Category"),
            ],
        ),
        (
            ImportKind::Bookings,
            "reservation_number,Check-In,check out,Room,Type,Pax",
            vec![
                (Booking, "reservation_number"),
                (Arrival, "Check-In"),
                (Departure, "check out"),
                (Room, "Room"),
                (RoomType, "Type"),
                (Adults, "Pax"),
            ],
        ),
        (
            ImportKind::People,
            "Login\tPosition",
            vec![(SignInName, "Login"), (Role, "Position")],
        ),
        (ImportKind::People, "a,b", vec![]),
    ] {
        let mapping = guessed(kind, header);
        let found = mapping.fields.iter();
        let found: Vec<_> = found.map(|it| (it.field, &*it.columns[0])).collect();
        assert_eq!(found, fields, "{header}");
    }
}

#[test]
fn the_order_of_dates_is_told_from_all_of_them() {
    for (dates, order) in [
        ("2026-05-25", "year-month-day"),
        ("25.05.2026", "day-month-year"),
        ("03/04/2026\n05/25/2026", "month-day-year"),
        ("03/04/2026", "day-month-year"),
        ("soon", "year-month-day"),
    ] {
        let file = format!("Arrival\n{dates}\n");
        let mapping = guessed(ImportKind::Bookings, &file);
        assert_eq!(mapping.dates.word(), order, "{dates}");
    }
}

#[test]
fn a_room_is_what_its_row_says_on_top_of_what_the_hotel_has() {
    let file = "Room,Floor,Type,Use,Note\n 101 ,1,D,Public,\n102,,,,late\n";
    let mut mapping = guessed(ImportKind::Rooms, file);
    for field in &mut mapping.fields {
        if field.field == ImportField::RoomType {
            field.words.insert("D".to_owned(), "Double".to_owned());
        }
    }
    let mut seen = HashMap::new();
    let (rows, problems) = wrong(ImportKind::Rooms, file, &mapping, |cells| {
        rooms::read(cells, &mut seen)
    });
    assert_eq!(problems, Vec::<String>::new());
    let known = Room {
        number: "101".to_owned(),
        floor: 9,
        section: "North".to_owned(),
        note: "early".to_owned(),
        ..Room::default()
    };
    let room = rows[0].over(Some(&known));
    assert_eq!(
        room,
        Room {
            floor: 1,
            room_type: "Double".to_owned(),
            used_for: RoomUse::Public,
            // An empty cell of a text says that there is none.
            note: String::new(),
            ..known.clone()
        }
    );
    // An empty cell of a number says nothing.
    assert_eq!(rows[1].over(Some(&known)).floor, 9);
    assert_eq!(rows[1].over(None).note, "late");
}

#[test]
fn what_is_wrong_with_rooms_is_said_by_row_and_column() {
    let long = "x".repeat(81);
    let file = format!(
        "Room,Floor,Type,Use\n101,ground,D,guests\n,1,D,\n101,1,D,bar\n102,301,{long},\n103,1\n\
         104,1,D\u{7},\n"
    );
    let mapping = guessed(ImportKind::Rooms, &file);
    let mut seen = HashMap::new();
    let (rows, problems) = wrong(ImportKind::Rooms, &file, &mapping, |cells| {
        rooms::read(cells, &mut seen)
    });
    assert_eq!(rows.len(), 0);
    assert_eq!(
        problems,
        [
            "2 Floor \"ground\" number".to_owned(),
            "3 Room \"\" missing".to_owned(),
            "4 Use \"bar\" word".to_owned(),
            "4 Room \"101\" twice".to_owned(),
            "5 Floor \"301\" number".to_owned(),
            format!("5 Type {:?} too-long", format!("{}…", "x".repeat(40))),
            "6  \"\" cell-count".to_owned(),
            "7 Type \"D\u{fffd}\" unreadable".to_owned(),
        ]
    );
}

#[test]
fn people_get_the_roles_that_whoever_asks_may_give_and_no_password() {
    let file = "User,Name,Role\nMaria,Maria Silva,Front Desk\nana,,House-keeper\nvera,,admin\n\
                MARIA,,engineer\nrui,,chef\neva,,server\njoe,Joe,\n";
    let mapping = guessed(ImportKind::People, file);
    let read = |by: Role| {
        let mut seen = HashMap::new();
        let (rows, problems) = wrong(ImportKind::People, file, &mapping, |cells| {
            people::read(cells, &mut seen, by)
        });
        let rows: Vec<_> = rows
            .into_iter()
            .map(|row| {
                (
                    row.colleague.name,
                    row.colleague.display,
                    row.colleague.role,
                )
            })
            .collect();
        (rows, problems)
    };
    let (rows, problems) = read(Role::Manager);
    let text = str::to_owned;
    assert_eq!(
        rows,
        [
            (text("maria"), text("Maria Silva"), Role::FrontDesk),
            (text("ana"), text("ana"), Role::Housekeeper),
        ]
    );
    assert_eq!(
        problems,
        [
            "4 Role \"admin\" role",
            "5 User \"MARIA\" twice",
            "6 Role \"chef\" word",
            "7 Role \"server\" word",
            "8 Role \"\" missing",
        ]
    );
    assert!(read(Role::Admin).0.iter().any(|(name, ..)| name == "vera"));
}

#[test]
fn a_booking_ends_as_its_columns_say() {
    let file = "Booking,Arrival,Departure,Nights,Status\n\
                1,2026-05-25,2026-05-28,9,expected\n\
                2,2026-05-25,,2,in house\n\
                3,2026-05-25,2026-05-01,4,Cancelled\n\
                4,2026-05-25,2026-05-25,,No-Show\n\
                5,2026-05-25,,0,\n";
    let (rows, problems) = read_bookings(file, &guessed(ImportKind::Bookings, file));
    assert_eq!(problems, Vec::<String>::new());
    let ends: Vec<_> = rows.iter().map(|row| row.departure.to_string()).collect();
    assert_eq!(
        ends,
        [
            "2026-05-28",
            "2026-05-27",
            "2026-05-29",
            "2026-05-25",
            "2026-05-25"
        ]
    );
}

#[test]
fn what_is_wrong_with_bookings_is_said_by_row_and_column() {
    let file = "Booking,Arrival,Departure,Adults,Status,VIP\n\
                1,2026-05-25,2026-05-24,2,expected,no\n\
                2,25.05.2026,2026-05-28,2,expected,no\n\
                3,,2026-05-28,100,gone,maybe\n\
                4,2026-05-25,,2,expected,\n\
                5,2026-05-25,2028-05-25,2,expected,yes\n";
    let mapping = Mapping {
        dates: Default::default(),
        ..guessed(ImportKind::Bookings, file)
    };
    let (rows, problems) = read_bookings(file, &mapping);
    assert_eq!(rows, []);
    assert_eq!(
        problems,
        [
            "2 Departure \"2026-05-24\" before-arrival",
            "3 Arrival \"25.05.2026\" date",
            "4 Arrival \"\" missing",
            "4 Status \"gone\" word",
            "4 Adults \"100\" number",
            "4 VIP \"maybe\" yes-or-no",
            "5 Departure \"\" missing",
            "6 Departure \"2028-05-25\" too-many-nights",
        ]
    );
}

#[test]
fn a_booking_is_known_again_by_its_number_or_by_the_columns_that_are_named() {
    let first =
        "Booking,Arrival,Departure,Note\n1,2026-05-25,2026-05-28,a\n1,2026-05-25,2026-05-28,a\n";
    let later = "Booking,Arrival,Departure,Note\n1,2026-05-25,2026-05-29,b\n";
    let ids = |file: &str, mapping: &Mapping| -> Vec<_> {
        let (rows, _) = read_bookings(file, mapping);
        rows.iter().map(|row| row.stay(HOTEL)).collect()
    };
    let by_number = guessed(ImportKind::Bookings, first);
    let two = ids(first, &by_number);
    assert_ne!(two[0], two[1], "two rooms of one booking");
    assert_eq!(ids(later, &by_number), two[..1]);
    let by_note = Mapping {
        named_by: vec!["Note".to_owned()],
        ..by_number
    };
    assert_ne!(ids(later, &by_note), ids(first, &by_note)[..1]);
}

#[test]
fn a_known_booking_stays_where_it_is_when_nobody_says_where_it_stands() {
    let file = "Booking,Arrival,Departure\n1,2026-05-25,2026-05-28\n";
    let (rows, _) = read_bookings(file, &guessed(ImportKind::Bookings, file));
    let day = |text: &str| text.parse::<BusinessDate>().unwrap();
    for (today, status) in [
        ("2026-05-25", StayStatus::Expected),
        ("2026-05-26", StayStatus::InHouse),
        ("2026-05-28", StayStatus::InHouse),
        ("2026-05-29", StayStatus::Departed),
    ] {
        let new = rows[0].over(None, HOTEL, day(today));
        assert_eq!((new.status, &*new.booking), (status, "1"), "{today}");
        let known = Stay {
            status: StayStatus::NoShow,
            room: Some(RoomId(Uuid::from_u128(3))),
            ..new
        };
        assert_eq!(rows[0].over(Some(&known), HOTEL, day(today)), known);
    }
}

#[test]
fn two_bookings_of_one_room_in_one_night_are_noticed() {
    let file = "Booking,Arrival,Departure,Room,Status\n\
                1,2026-05-20,2026-05-25,204,\n\
                2,2026-05-25,2026-05-28,204,\n\
                3,2026-05-22,2026-05-23,204,\n\
                4,2026-05-22,2026-05-23,205,\n\
                5,2026-05-21,2026-05-26,204,cancelled\n\
                6,2026-05-27,2026-05-29,204,\n";
    let (rows, _) = read_bookings(file, &guessed(ImportKind::Bookings, file));
    assert_eq!(bookings::rooms_taken(&rows), [(4, 2), (7, 3)]);
}
