//! Packing what is old in a hotel's log.

use super::Failure;
use crate::{
    accounts::Accounts,
    database::Database,
    heads::Announcements,
    log::postgres::{PostgresLog, Range},
    snapshots::Snapshots,
};
use std::sync::Arc;

/// By hand or by a timer, after a backup, and never by a server that serves: what takes bytes out
/// of the log should not be reachable from outside.
pub(super) async fn pack(owner_url: &str, code: &str) -> Result<(), Failure> {
    let owner = Database::open_as_owner(owner_url).await?;
    let hotel = Accounts::new(owner.clone()).find_hotel(code).await?;
    let log = PostgresLog::new(owner.clone(), Announcements::default());
    let snapshots = Snapshots::new(owner, Arc::new(log), Arc::new(super::serve::now));
    let packed = snapshots.pack_log(hotel, Range::default()).await?;
    match packed.entries {
        0 => println!("Nothing of the log of `{code}` is old enough to be packed."),
        entries => println!(
            "{entries} entries of the log of `{code}` are packed into {} bytes.",
            packed.bytes
        ),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{cli::accounts::create_hotel, scratch::Scratch};

    #[tokio::test]
    async fn a_young_log_is_left_as_it_is_and_a_hotel_that_is_not_there_is_named() {
        let scratch = Scratch::migrated().await;
        let date = "2017-05-25".parse().unwrap();
        create_hotel(&scratch.app_url(), "resort", "Resort H1", date)
            .await
            .unwrap();
        pack(&scratch.owner_url(), "resort").await.unwrap();
        let packed: i64 = sqlx::query_scalar("select count(*) from packed_log")
            .fetch_one(&mut scratch.inspect().await)
            .await
            .unwrap();
        assert_eq!(packed, 0);
        let unknown = pack(&scratch.owner_url(), "city").await.unwrap_err();
        assert!(unknown.to_string().contains("city"), "{unknown}");
    }
}
