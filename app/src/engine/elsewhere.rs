//! What waits on this computer in the data of hotels that are not at hand: nothing of it is forgotten
//! because people work for another hotel by now.

use super::Engine;
use keyrack_model::ipc::WaitingElsewhere;
use keyrack_replica::left_waiting;

impl Engine {
    /// Looks into the stores of the other hotels. Nothing is added to one while it is not at hand.
    pub(super) fn look_elsewhere(&mut self) {
        self.elsewhere = self.waiting_elsewhere();
    }

    fn waiting_elsewhere(&self) -> Vec<WaitingElsewhere> {
        let folder = &self.installation.folder;
        let at_hand = self.house.as_ref().map(|house| house.hotel);
        let stores = folder.stores_but(at_hand).unwrap_or_else(|trouble| {
            tracing::warn!(%trouble, "the data of other hotels are not looked into");
            Vec::new()
        });
        let mut waiting = Vec::new();
        for store in stores.into_iter().filter(|store| store.exists()) {
            match left_waiting(&store, &self.installation.store_key) {
                Ok(found) => waiting.extend(found),
                // Whoever signs in to it there is told, and what waits is rescued.
                Err(error) => tracing::warn!(?error, "the data of another hotel cannot be read"),
            }
        }
        waiting
    }
}
