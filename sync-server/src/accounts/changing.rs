//! Whose password is being changed: one change of each person at a time, so that what one of them was
//! checked against is what it replaces, and nobody has a server hash for them as often as they ask.

use super::AccountError;
use keyrack_model::{
    ids::{HotelId, UserId},
    limits::PASSWORD_CHANGE_SECONDS,
};
use std::{
    collections::HashSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Clones share it.
#[derive(Clone, Default)]
pub(super) struct Changing(Arc<Mutex<HashSet<(HotelId, UserId)>>>);

/// A change under way. Dropping it lets the next one begin.
pub(super) struct Change {
    changing: Changing,
    of: (HotelId, UserId),
}

impl Changing {
    /// # Errors
    /// `Crowded` while another one of the same person is under way.
    pub(super) fn begin(&self, hotel: HotelId, person: UserId) -> Result<Change, AccountError> {
        let of = (hotel, person);
        if !self.people().insert(of) {
            return Err(AccountError::Crowded {
                seconds: PASSWORD_CHANGE_SECONDS,
            });
        }
        Ok(Change {
            changing: self.clone(),
            of,
        })
    }

    fn people(&self) -> MutexGuard<'_, HashSet<(HotelId, UserId)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Change {
    fn drop(&mut self) {
        self.changing.people().remove(&self.of);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use keyrack_model::identity;

    #[test]
    fn of_one_person_one_password_is_changed_at_a_time_and_others_go_on() {
        let hotel = identity::hotel("resort");
        let [maria, rui] = [1, 2].map(|number| UserId(uuid::Uuid::from_u128(number)));
        let changing = Changing::default();
        let first = changing.begin(hotel, maria).unwrap();
        let again = changing.clone().begin(hotel, maria);
        assert!(matches!(again, Err(AccountError::Crowded { .. })));
        let of_rui = changing.begin(hotel, rui);
        assert!(of_rui.is_ok());
        let elsewhere = changing.begin(identity::hotel("city"), maria);
        assert!(elsewhere.is_ok());
        drop(first);
        assert!(changing.begin(hotel, maria).is_ok());
    }
}
