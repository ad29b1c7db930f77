//! `review …` and `device …`: what waits for a decision, and devices that are not trusted.

use super::{Decision, Failure, accounts::hotels, serve::now};
use crate::{
    accounts::{Accounts, login_name},
    database::Database,
    log::{
        Log,
        review::{Cause, Decider, Review},
    },
    review::Reviews,
};
use keyrack_model::{
    ids::{DeviceId, HotelId, OperationId},
    rows::Person,
};
use uuid::Uuid;

pub(super) async fn list(url: &str, code: &str) -> Result<(), Failure> {
    let (database, hotel) = open(url, code).await?;
    let hotels = hotels(database);
    let waiting = Reviews::of(&hotels, hotel).list().await?;
    let people = hotels.log().people(hotel).await?;
    hotels.stop().await;
    for review in &waiting {
        println!("{}", line(review, &people));
    }
    match waiting.len() {
        0 => println!("Nothing waits for a decision."),
        waiting => println!("{waiting} in all. `review approve` or `review decline` decides."),
    }
    Ok(())
}

pub(super) async fn approve(decision: Decision) -> Result<(), Failure> {
    let operation = OperationId(decision.operation);
    let (hotels, hotel, by) = begin(&decision).await?;
    let done = Reviews::of(&hotels, hotel).approve(operation, by).await;
    hotels.stop().await;
    done?;
    println!("Carried out, as approved in the name of {}.", decision.by);
    Ok(())
}

pub(super) async fn decline(decision: Decision) -> Result<(), Failure> {
    let operation = OperationId(decision.operation);
    let (hotels, hotel, by) = begin(&decision).await?;
    let done = Reviews::of(&hotels, hotel).decline(operation, by).await;
    hotels.stop().await;
    done?;
    println!("Declined. Its author is told when their device asks again.");
    Ok(())
}

/// Nothing is read on a device from here on; what it sends goes to quarantine.
pub(super) async fn distrust(url: &str, code: &str, device: Uuid) -> Result<(), Failure> {
    let (database, hotel) = open(url, code).await?;
    let accounts = Accounts::new(database);
    accounts
        .distrust_device(hotel, DeviceId(device), now())
        .await?;
    println!(
        "The device is not trusted any more: it is told nothing, and nobody signs in on it. What was done on it before goes to quarantine when it comes in."
    );
    Ok(())
}

/// The way back, for a device that was not lost after all.
pub(super) async fn trust(url: &str, code: &str, device: Uuid) -> Result<(), Failure> {
    let (database, hotel) = open(url, code).await?;
    let accounts = Accounts::new(database);
    let trusted = accounts
        .trust_device(hotel, DeviceId(device), now())
        .await?;
    match trusted {
        None => println!("The device was trusted all along; nothing was changed."),
        Some(waiting) => println!(
            "The device is trusted again: whoever works on it signs in there once more. Of what was \
             done on it meanwhile {waiting} wait for a decision; `review list` shows them."
        ),
    }
    Ok(())
}

async fn open(url: &str, code: &str) -> Result<(Database, HotelId), Failure> {
    let database = Database::open(url).await?;
    let hotel = Accounts::new(database.clone()).find_hotel(code).await?;
    Ok((database, hotel))
}

type Hotels = crate::hotel::Hotels<crate::log::postgres::PostgresLog>;

/// Nobody checks that it is the person whom the operator names; the audit log says so.
async fn begin(decision: &Decision) -> Result<(Hotels, HotelId, Decider), Failure> {
    let (database, hotel) = open(&decision.database.database_url, &decision.hotel).await?;
    let hotels = hotels(database);
    let people = hotels.log().people(hotel).await?;
    let name = login_name(&decision.by)?;
    let found = people
        .iter()
        .find(|person| person.name == name && !person.left);
    let by = found.ok_or_else(|| format!("nobody at the hotel signs in as `{}`", decision.by))?;
    Ok((hotels, hotel, Decider::Operator { named: by.id }))
}

/// What is kept, in one line: which, why, whose, what and when.
fn line(review: &Review, people: &[Person]) -> String {
    let kept = &review.kept;
    let action = &kept.action;
    let author = people.iter().find(|person| person.id == action.author);
    let who = author.map_or_else(
        || action.author.to_string(),
        |person| person.display.clone(),
    );
    let why = match kept.cause {
        Cause::RoleChanged => "role changed",
        Cause::Dismissed => "quarantine: does not work here any more",
        Cause::Distrusted => "quarantine: device not trusted",
    };
    let role = kept.role.map_or("role unknown", |role| role.word());
    let at = jiff::Timestamp::from_millisecond(action.at.wall.0)
        .map_or_else(|_| action.at.wall.0.to_string(), |at| at.to_string());
    format!(
        "{}  {at}  {who} as {role}: {}  ({why})",
        action.operation,
        action.command.name()
    )
}
