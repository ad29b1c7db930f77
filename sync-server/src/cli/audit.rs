//! `audit …`: a hotel's audit log, and whether it is whole.

use super::{Failure, Verify};
use crate::{
    accounts::Accounts,
    audit::{self, AuditKey, Known, RecordedHeads},
    database::Database,
};
use keyrack_model::{
    administration::{AuditCheck, AuditEntry, KnownHead},
    audit_head::{from_hexadecimal, hexadecimal},
    ids::HotelId,
    time::Timestamp,
};

pub(super) async fn verify(arguments: Verify) -> Result<(), Failure> {
    let (database, hotel) = open(&arguments.database.database_url, &arguments.hotel).await?;
    let key = arguments.audit_key.as_deref();
    let key = key.map(AuditKey::read).transpose()?;
    let mut recorded = match &arguments.heads {
        Some(path) => RecordedHeads::read(path, hotel, key.as_ref())
            .map_err(|error| format!("{} cannot be read: {error}", path.display()))?,
        None => RecordedHeads::default(),
    };
    let mut known = Known::of(&arguments.head);
    let checked = audit::check(&database, hotel, u64::MAX, |entry| {
        recorded.meet(&entry);
        known.meet(&entry);
    });
    let checked = checked.await?;
    let (entries, head) = match known.conclude(checked) {
        AuditCheck::Whole { entries, head } => (entries, head),
        AuditCheck::Broken { number } => {
            return Err(format!(
                "the audit log is broken at entry {number}: it is missing, or not what was written. Keep the database as it is, and the backups"
            )
            .into());
        }
        AuditCheck::CutOff { entries, known } => {
            return Err(format!(
                "the audit log ends with entry {entries}, and entry {known} was told of: its end was cut off. Keep the database as it is, and the backups"
            )
            .into());
        }
        AuditCheck::WrittenAnew { known } => {
            return Err(format!(
                "entry {known} of the audit log is not the one that was told of: it, or one before it, was written anew. Keep the database as it is, and the backups"
            )
            .into());
        }
    };
    let seen = recorded.conclude(entries)?;
    println!("The audit log is whole: {entries} entries, each follows from the one before.");
    println!("It ends with {head}.");
    for head in &arguments.head {
        println!("Entry {} is the one that was told of.", head.number);
    }
    if arguments.heads.is_some() {
        println!("{} recorded heads are in it.", seen.found);
    }
    if seen.unreadable > 0 {
        println!("{} lines of the file are no heads.", seen.unreadable);
    }
    if seen.brought_back > 0 {
        println!(
            "{} recorded heads are not: they were recorded before the hotel's log was brought back, which lost the entries after them.",
            seen.brought_back
        );
    }
    Ok(())
}

/// Reads a head as it is typed.
pub(super) fn known_head(typed: &str) -> Result<KnownHead, String> {
    let read = || {
        let (number, hash) = typed.trim().split_once(':')?;
        let hash: [u8; 32] = from_hexadecimal(hash)?;
        Some(KnownHead {
            number: number.parse().ok().filter(|number| *number > 0)?,
            hash: hexadecimal(&hash),
        })
    };
    read().ok_or_else(|| {
        "a head is the number of an entry, a colon and 64 hexadecimal digits".to_owned()
    })
}

pub(super) async fn list(url: &str, code: &str, before: Option<u64>) -> Result<(), Failure> {
    let (database, hotel) = open(url, code).await?;
    let mut tx = database.begin(hotel).await?;
    let entries = audit::read(&mut tx, hotel, before).await?;
    for entry in &entries {
        println!("{}", line(entry));
    }
    match entries.last() {
        Some(oldest) if oldest.number > 1 => {
            println!("`--before {}` shows older ones.", oldest.number);
        }
        Some(_) => {}
        None => println!("There are no entries."),
    }
    Ok(())
}

async fn open(url: &str, code: &str) -> Result<(Database, HotelId), Failure> {
    let database = Database::open(url).await?;
    let hotel = Accounts::new(database.clone()).find_hotel(code).await?;
    Ok((database, hotel))
}

/// An entry in one line: its number, when, what, and the ids of who did it, where, and to whom.
fn line(entry: &AuditEntry) -> String {
    let at = moment(entry.at);
    let ids = [
        ("by", entry.actor.map(|id| id.0)),
        ("device", entry.device.map(|id| id.0)),
        ("person", entry.person.map(|id| id.0)),
    ];
    let ids = ids.iter().filter_map(|(what, id)| Some((what, (*id)?)));
    let ids: String = ids.map(|(what, id)| format!("  {what} {id}")).collect();
    let detail = match &*entry.detail {
        "" => String::new(),
        detail => format!("  {detail}"),
    };
    format!("{}  {at}  {}{detail}{ids}", entry.number, entry.event)
}

/// A time as it is shown to the operator.
pub(super) fn moment(at: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(at.0).map_or_else(|_| at.0.to_string(), |at| at.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_typed_with_its_number_and_rubbish_is_none() {
        let typed = format!(" 12:{} ", "AB".repeat(32));
        let expected = KnownHead {
            number: 12,
            hash: "ab".repeat(32),
        };
        assert_eq!(known_head(&typed), Ok(expected));
        for rubbish in [
            "",
            "12",
            "12:",
            "12:ab",
            "x:ab",
            &format!("0:{}", "ab".repeat(32)),
        ] {
            assert!(known_head(rubbish).is_err(), "{rubbish}");
        }
    }
}
