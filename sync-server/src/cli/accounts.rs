//! Making hotels and taking people on.

use super::{Failure, password::password};
use crate::{
    accounts::{AccountError, Accounts, NewPerson},
    database::{self, Database},
    heads::Announcements,
    hotel::Hotels,
    log::{Log, postgres::PostgresLog},
    server_author::ServerAuthor,
};
use keyrack_model::{
    action::Sequence,
    command::Command,
    ids::{HotelId, LogEpoch},
    policy::Role,
    time::{BusinessDate, Timestamp},
};
use std::sync::Arc;
use uuid::Uuid;

pub(super) async fn migrate(owner_url: &str) -> Result<(), Failure> {
    database::migrate(owner_url).await?;
    println!("The database's schema is up to date.");
    Ok(())
}

pub(super) async fn create_hotel(
    url: &str,
    code: &str,
    name: &str,
    business_date: BusinessDate,
) -> Result<(), Failure> {
    let name = name.trim();
    let database = Database::open(url).await?;
    let accounts = Accounts::new(database.clone());
    // A hotel whose making was cut off before its first action is completed by trying again.
    let hotel = match accounts.create_hotel(code, name, super::serve::now()).await {
        Err(AccountError::CodeTaken(code)) => {
            let hotel = accounts.find_hotel(&code).await?;
            if is_opened(&database, hotel).await? {
                return Err(AccountError::CodeTaken(code).into());
            }
            hotel
        }
        made => made?,
    };
    let hotels = hotels(database);
    let mut author = ServerAuthor::at(&hotels, hotel).await?;
    let open = Command::OpenHotel {
        hotel,
        name: name.to_owned(),
        business_date,
    };
    author.act(&[open]).await?;
    hotels.stop().await;
    println!("Made the hotel “{name}” with the code `{code}`.");
    Ok(())
}

pub(super) async fn restored(url: &str, code: &str, shared: Option<u64>) -> Result<(), Failure> {
    let database = Database::open(url).await?;
    let hotel = Accounts::new(database.clone()).find_hotel(code).await?;
    let log = PostgresLog::new(database, Announcements::default());
    let end = log.head(hotel).await?.sequence;
    let shared = match shared {
        Some(shared) => Sequence(shared),
        None => surely_shared(&log, hotel, end).await?,
    };
    if shared > end {
        return Err(format!("the log ends at entry {}, before {}", end.0, shared.0).into());
    }
    let whole_until = log.whole_until(hotel, shared).await?;
    let epoch = LogEpoch(Uuid::new_v4());
    log.begin_epoch(hotel, epoch, shared, super::serve::now())
        .await?;
    println!(
        "The log of `{code}` goes on after entry {} in another epoch. Devices send again what it has lost.",
        shared.0
    );
    println!("{}", look_again(code, whole_until));
    Ok(())
}

/// What the operator has to look at: access that was taken away since the backup is there again, and
/// the log cannot tell whose.
fn look_again(code: &str, whole_until: Option<Timestamp>) -> String {
    let since = whole_until.map_or_else(
        || "Since the backup".to_owned(),
        |at| {
            format!(
                "Since {}, the last that is surely as it was,",
                super::audit::moment(at)
            )
        },
    );
    format!(
        "{since} people may have been dismissed or given other roles or passwords, devices revoked and sessions ended: all of that may be undone, and whoever was kept out may come in again. Look at it again with `keyrack-server audit list --hotel {code}` and on the page of people and devices, and do again what is missing. Whoever was taken on since is not known any more: take them on again; what they did and had not sent is kept on their devices to be read. Codes for devices that were open are not good any more: make new ones."
    )
}

/// The log's end, unless something may have been written since it was brought back: devices may have
/// had something else in those places, and would never send it again.
async fn surely_shared(
    log: &PostgresLog,
    hotel: HotelId,
    end: Sequence,
) -> Result<Sequence, Failure> {
    let at_start = log.end_at_start(hotel).await?;
    if at_start < end {
        return Err(format!(
            "entries {} to {} were received since the database was started. Say `--shared {}` if they were written after the log was brought back, and `--shared {}` if they were brought back with it.",
            at_start.next().0,
            end.0,
            at_start.0,
            end.0,
        )
        .into());
    }
    Ok(end)
}

async fn is_opened(database: &Database, hotel: HotelId) -> Result<bool, Failure> {
    let log = PostgresLog::new(database.clone(), Announcements::default());
    let changes = log.document_changes(hotel, &[hotel.into()]).await?;
    Ok(!changes.is_empty())
}

pub(super) async fn add_user(
    url: &str,
    hotel: &str,
    name: String,
    display: String,
    role: Role,
) -> Result<(), Failure> {
    let accounts = Accounts::new(Database::open(url).await?);
    let hotel = accounts.find_hotel(hotel).await?;
    let new = NewPerson {
        name,
        display,
        role,
        password: password()?,
    };
    let line = format!("{} (`{}`) works here as {role}.", new.display, new.name);
    accounts.add_person(hotel, new, super::serve::now()).await?;
    println!("{line}");
    Ok(())
}

pub(super) async fn set_role(
    url: &str,
    hotel: &str,
    name: &str,
    role: Role,
) -> Result<(), Failure> {
    let accounts = Accounts::new(Database::open(url).await?);
    let hotel = accounts.find_hotel(hotel).await?;
    let now = super::serve::now();
    if accounts.set_role(hotel, name, role, now).await? {
        println!("`{name}` works here as {role} from now on.");
    } else {
        println!("`{name}` works here as {role} already; nothing was changed.");
    }
    Ok(())
}

pub(super) async fn set_password(url: &str, hotel: &str, name: &str) -> Result<(), Failure> {
    let accounts = Accounts::new(Database::open(url).await?);
    let hotel = accounts.find_hotel(hotel).await?;
    let password = password()?;
    accounts
        .set_password(hotel, name, password, super::serve::now())
        .await?;
    println!("`{name}` has another password, and is signed out everywhere within a minute.");
    Ok(())
}

pub(super) async fn dismiss(url: &str, hotel: &str, name: &str) -> Result<(), Failure> {
    let accounts = Accounts::new(Database::open(url).await?);
    let hotel = accounts.find_hotel(hotel).await?;
    accounts.dismiss(hotel, name, super::serve::now()).await?;
    println!(
        "`{name}` does not work here any more and is signed out everywhere. What they did stays under their name; what of their last twelve hours comes in later is set aside (`keyrack-server review list`)."
    );
    Ok(())
}

/// Hotels of a program that serves nobody.
pub(super) fn hotels(database: Database) -> Hotels<PostgresLog> {
    let log = PostgresLog::new(database, Announcements::default());
    Hotels::new(Arc::new(log), Arc::new(super::serve::now))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;
    use keyrack_model::{change::Entity, identity};

    #[tokio::test]
    async fn a_hotels_name_is_the_same_wherever_it_is_kept() {
        let scratch = Scratch::migrated().await;
        let date = "2017-05-25".parse().unwrap();
        create_hotel(&scratch.app_url(), "resort", " Resort H1 ", date)
            .await
            .unwrap();
        let of_table: String = sqlx::query_scalar("select name from hotel")
            .fetch_one(&mut scratch.inspect().await)
            .await
            .unwrap();
        let hotel = identity::hotel("resort");
        let hotels = hotels(scratch.open().await);
        let documents = hotels.documents(hotel, vec![hotel.into()]).await.unwrap();
        let Entity::Hotel(of_document) = documents[0].reading().entity else {
            panic!("not a hotel");
        };
        assert_eq!((&*of_table, &*of_document.name), ("Resort H1", "Resort H1"));
    }

    #[test]
    fn whoever_brought_a_log_back_is_told_since_when_access_has_to_be_looked_at() {
        for (whole_until, since) in [
            (Some(Timestamp(0)), "Since 1970-01-01T00:00:00Z, "),
            (None, "Since the backup "),
        ] {
            let said = look_again("resort", whole_until);
            assert!(said.starts_with(since), "{said}");
            assert!(
                said.contains("`keyrack-server audit list --hotel resort`"),
                "{said}"
            );
        }
    }
}
