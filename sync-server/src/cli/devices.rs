//! Letting devices come to a hotel.

use super::Failure;
use crate::{accounts::Accounts, database::Database};

/// Prints one code a line and nothing else, for whoever reads it by a program.
pub(super) async fn code(
    url: &str,
    hotel: &str,
    minutes: u16,
    count: usize,
) -> Result<(), Failure> {
    let accounts = Accounts::new(Database::open(url).await?);
    let hotel = accounts.find_hotel(hotel).await?;
    let now = super::serve::now();
    for code in accounts
        .make_device_codes(hotel, count, minutes, now)
        .await?
    {
        println!("{code}");
    }
    Ok(())
}
