//! `import bookings`.

use super::{Bookings, Failure};

pub(super) async fn bookings(_arguments: Bookings) -> Result<(), Failure> {
    Err("being built".into())
}
