//! The other hotels whose data are on this computer: what waits there is not forgotten because people
//! work for another hotel by now, and whoever works for several goes from one to the other.

use super::{Engine, House, signing::not_opened};
use keyrack_model::{
    ids::HotelId,
    ipc::{OtherHotel, Problem, Receipt},
};
use keyrack_replica::{Input, other_hotel};

impl Engine {
    /// Looks into the stores of the other hotels. Nothing is added to one while it is not at hand.
    pub(super) fn look_elsewhere(&mut self) {
        self.others = self.other_hotels();
    }

    fn other_hotels(&self) -> Vec<OtherHotel> {
        let folder = &self.installation.folder;
        let at_hand = self.house.as_ref().map(|house| house.hotel);
        let stores = folder.stores_but(at_hand).unwrap_or_else(|trouble| {
            tracing::warn!(%trouble, "the data of other hotels are not looked into");
            Vec::new()
        });
        let mut others = Vec::new();
        for store in stores.into_iter().filter(|store| store.exists()) {
            match other_hotel(&store, &self.installation.store_key) {
                Ok(found) => others.extend(found),
                // Whoever signs in to it there is told, and what waits is rescued.
                Err(error) => tracing::warn!(?error, "the data of another hotel cannot be read"),
            }
        }
        others
    }

    /// Puts the data of another hotel at hand, for nobody yet.
    pub(super) fn go_to_hotel(&mut self, hotel: HotelId) -> Result<Receipt, Problem> {
        if self
            .house
            .as_ref()
            .is_some_and(|house| house.hotel == hotel)
        {
            return Ok(Receipt::Noted);
        }
        // No folder is made for what a page makes up.
        if self.others.iter().all(|other| other.hotel != hotel) {
            return Err(Problem::StoreUnavailable);
        }
        let other = House::open(&self.installation, hotel).map_err(not_opened)?;
        self.leave()?;
        let before = self.house.replace(other);
        // Whoever was there when the app was killed on the way from there does not go on unasked.
        if let Err(problem) = self.leave() {
            self.house = before;
            return Err(problem);
        }
        self.follow_session();
        self.ended = None;
        // What was said at the start was said of the hotel that was at hand then.
        self.installation.server = None;
        self.installation.hotel = None;
        let remembered = self.installation.folder.remember_hotel(hotel);
        self.look_elsewhere();
        self.tell_everything();
        self.feed(Input::SessionChanged);
        if let Err(trouble) = remembered {
            // It is at hand; the next start shows the one of before.
            tracing::warn!(%trouble, "the hotel at hand is not remembered");
        }
        Ok(Receipt::Noted)
    }
}
