//! The hotel's own document: its name and the business date that the night audit moves.
//!
//! **Architecture Invariant**: what a hotel is called is said here. What servers and devices keep of it
//! beside the document follows it, for whoever does not have the document yet.

use crate::{
    entity,
    merge::{Comparison, MergeRule, Tell},
    time::BusinessDate,
};

entity! {
    Hotel by HotelChange {
        name / Name: String = MergeRule::LastWriter(Tell::People),
        business_date / BusinessDate: BusinessDate =
            MergeRule::GreatestWins(Comparison::natural::<BusinessDate>()),
    }
}
