//! The wall clock of this device, read here and nowhere else.

use jiff::tz::TimeZone;
use keyrack_model::time::Timestamp;

pub(crate) fn now() -> Timestamp {
    Timestamp(jiff::Timestamp::now().as_millisecond())
}

/// The local clock's offset from UTC.
pub(crate) fn utc_offset_minutes() -> i32 {
    let offset = TimeZone::system().to_offset(jiff::Timestamp::now());
    offset.seconds() / 60
}
