//! Opening the hotel, and saying what it is called.

use super::{Judged, Rights, Write};
use crate::{
    change::Change,
    hotel::{Hotel, HotelChange},
    ids::HotelId,
    plan::hotel::called,
    time::BusinessDate,
};

impl Rights<'_> {
    pub(super) fn open_hotel(
        &self,
        hotel: HotelId,
        name: &str,
        business_date: BusinessDate,
        change: &Change,
    ) -> Write {
        let opened = Hotel {
            name: name.to_owned(),
            business_date,
        };
        Write::when(hotel == self.context.hotel && opened.creation(hotel).contains(change))
    }

    pub(super) fn name_hotel(&self, name: &str, change: &Change) -> Judged {
        let hotel = self.context.hotel;
        let named = HotelChange::Name(called(name)?);
        Ok(Write::when(*change == Change::Hotel(hotel, named)))
    }
}
