//! The hotel itself: it is opened once, and called what those who run it say.

use super::{Planned, Planner, View, text};
use crate::{
    change::Change,
    hotel::{Hotel, HotelChange},
    ids::HotelId,
    limits::MAX_NAME,
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
        let change = HotelChange::Name(text("name", name, MAX_NAME)?);
        let differs = now.field(change.key()) != Some(change.value());
        if differs || self.is_contested(id.into(), change.key())? {
            return Ok(vec![Change::Hotel(id, change)]);
        }
        Ok(vec![])
    }
}
