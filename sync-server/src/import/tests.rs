//! Imports on the log in memory: the hotel's day, and what is known already.

use super::*;
use crate::{
    bookings::Outcome,
    log::{Page, memory::MemoryLog},
    pretend::{EPOCH, HOTEL, NOW, people},
};
use keyrack_model::{action::LogEntry, limits::MAX_FRAME};
use std::sync::Arc;

#[tokio::test]
async fn the_hotel_comes_to_the_day_of_an_import_and_to_no_earlier_one() {
    let hotels = hotels_on("2017-05-24").await;
    assert_eq!(today(&hotels).await, "2017-05-24");
    import(&hotels, "2017-05-25").await.unwrap();
    assert_eq!(today(&hotels).await, "2017-05-25");

    let head = head(&hotels).await;
    let refused = import(&hotels, "2017-05-24").await.unwrap_err();
    assert_eq!(
        refused.to_string(),
        "the hotel has come to 2017-05-25, and 2017-05-24 is before it; nothing was brought in. \
         Import the bookings for 2017-05-25 or a later day"
    );
    let again = import(&hotels, "2017-05-25").await.unwrap();
    assert!(again.is_nothing(), "{again:?}");
    assert_eq!(self::head(&hotels).await, head);
}

#[tokio::test]
async fn the_day_turns_after_everything_of_it_is_there() {
    let hotels = hotels_on("2017-05-24").await;
    import(&hotels, "2017-05-25").await.unwrap();
    let page = Page {
        entries: 1_000,
        bytes: MAX_FRAME,
    };
    let from_start = keyrack_model::action::Sequence::default();
    let entries = hotels.log().read(HOTEL, from_start, page).await.unwrap();
    let names: Vec<_> = entries
        .iter()
        .filter_map(LogEntry::action)
        .map(|action| action.command.name())
        .collect();
    assert_eq!(
        names,
        [
            "open-hotel",
            "import-room",
            "import-stay",
            "import-task",
            "import-business-date"
        ]
    );
}

#[tokio::test]
async fn a_hotel_that_was_not_opened_takes_no_import() {
    let log = MemoryLog::default();
    log.open(HOTEL, EPOCH, people());
    let hotels = Hotels::new(Arc::new(log), Arc::new(|| NOW));
    let refused = import(&hotels, "2017-05-25").await.unwrap_err();
    assert!(matches!(refused, ImportError::Unopened), "{refused}");
}

async fn hotels_on(date: &str) -> Hotels<MemoryLog> {
    let log = MemoryLog::default();
    log.open(HOTEL, EPOCH, people());
    let hotels = Hotels::new(Arc::new(log), Arc::new(|| NOW));
    let open = Command::OpenHotel {
        hotel: HOTEL,
        name: "Resort H1".into(),
        business_date: day(date),
    };
    let mut author = ServerAuthor::at(&hotels, HOTEL).await.unwrap();
    author.act(&[open]).await.unwrap();
    hotels
}

/// One guest, who arrived on the 22nd and leaves on the 27th.
async fn import(hotels: &Hotels<MemoryLog>, date: &str) -> Result<Summary, ImportError> {
    let booking = Booking {
        row: 1,
        content: [7; 32],
        occurrence: 1,
        arrival: day("2017-05-22").0,
        end: day("2017-05-27").0,
        outcome: Outcome::Stayed,
        nights: 5,
        adults: 2,
        children: 0,
        meal: "BB".into(),
        country: None,
        room_type: "A".into(),
    };
    let sharing = Sharing::AmongHousekeepers;
    Import::prepare(hotels, HOTEL, vec![booking], day(date), sharing)
        .await?
        .write()
        .await
}

async fn today(hotels: &Hotels<MemoryLog>) -> String {
    business_date(hotels, HOTEL).await.unwrap().to_string()
}

async fn head(hotels: &Hotels<MemoryLog>) -> keyrack_model::action::Sequence {
    hotels.log().head(HOTEL).await.unwrap().sequence
}

fn day(text: &str) -> BusinessDate {
    text.parse().unwrap()
}
