//! The hotel's own document: its name and the business date that the night audit moves.

use crate::{
    entity,
    merge::{Comparison, MergeRule, Tell},
    time::BusinessDate,
};

entity! {
    Hotel by HotelChange {
        name / Name: String = MergeRule::LastWriter(Tell::Nobody),
        business_date / BusinessDate: BusinessDate =
            MergeRule::GreatestWins(Comparison::natural::<BusinessDate>()),
    }
}
