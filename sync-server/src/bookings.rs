//! Bookings of another system: a CSV read row by row, rooms given out, and what follows from both
//! for a business date.
//!
//! **Architecture Invariant**: all of it is a function of the rows and of what the hotel has
//! already. What a source does not say (room numbers) is derived the same way every time.

mod booking;
mod file;
mod line_ends;
mod plan;
mod record_bound;
mod rooms;

pub(crate) use booking::quoted;
pub(crate) use line_ends::{LineEnds, next};
pub(crate) use record_bound::{RecordBound, RecordTooLong};

pub use booking::{Booking, Outcome, Place, RowProblem};
pub use file::{Bookings, FileProblem, MAX_PROBLEMS, MAX_ROWS, open};
pub use plan::{Cleaning, Day, DayPlan, KnownStay, PlannedStay, Standing, Turnover};
pub use rooms::{GivenOut, Interval, NewRoom, Rooms};
