//! The hotel itself: it is opened once, and called what those who run it say.

use super::{Planned, Planner, View, text};
use crate::{
    change::Change,
    hotel::{Hotel, HotelChange},
    ids::HotelId,
    limits::MAX_NAME,
    one_line::check_one_line,
    refusal::Refusal,
    time::BusinessDate,
};

impl<V: View> Planner<'_, V> {
    pub(super) fn open_hotel(
        &self,
        hotel: HotelId,
        name: &str,
        business_date: BusinessDate,
    ) -> Planned<V> {
        Ok(Hotel {
            name: name.to_owned(),
            business_date,
        }
        .creation(hotel))
    }

    pub(super) fn name_hotel(&self, name: &str) -> Planned<V> {
        let id = self.context.hotel;
        let now = self.hotel(id)?;
        let change = HotelChange::Name(called(name)?);
        let differs = now.field(change.key()) != Some(change.value());
        if differs || self.is_contested(id.into(), change.key())? {
            return Ok(vec![Change::Hotel(id, change)]);
        }
        Ok(vec![])
    }
}

/// What a hotel is called by what somebody typed.
///
/// # Errors
/// As [`text`], and a control character.
pub(crate) fn called(typed: &str) -> Result<String, Refusal> {
    let name = text("name", typed, MAX_NAME)?;
    check_one_line("name", &name)?;
    Ok(name)
}
