//! The night audit after its day is closed: the rooms one by one, each an action of its own.
//!
//! What a crash breaks off goes on at the next start, here or at another desk: the rooms say
//! themselves for which day they are planned.

use super::Engine;
use keyrack_model::{command::Command, ids::DocumentRef, ipc::Problem, policy::allows};
use keyrack_replica::Input;

impl Engine {
    /// Plans the rooms that are not planned for the business date. A room of which the rules want
    /// nothing, or that is not here in whole, is passed over.
    pub(super) fn plan_rooms(&mut self) -> Result<(), Problem> {
        let house = self.house.as_mut().ok_or(Problem::SignedOut)?;
        let open = house.with_store(|store| store.rooms_to_plan())?;
        let mut touched: Vec<DocumentRef> = Vec::new();
        for command in &open {
            match house.act(command) {
                Ok((_, documents)) => touched.extend(documents),
                Err(Problem::Refused(_)) => {}
                Err(problem) => return Err(problem),
            }
        }
        tracing::debug!(rooms = open.len(), "planned");
        self.tell_rows_of(&touched);
        self.feed(Input::Acted);
        Ok(())
    }

    /// Goes on with an audit that was broken off, if whoever is here may.
    pub(super) fn go_on_planning(&mut self) {
        let Some(house) = &self.house else {
            return;
        };
        let Some(role) = house.replica.session().map(|session| session.me.role) else {
            return;
        };
        let may_plan = |open: &[Command]| open.iter().all(|command| allows(role, command).is_ok());
        let is_broken_off = house.replica.is_half_planned().unwrap_or(false);
        let goes_on = is_broken_off
            && house
                .replica
                .rooms_to_plan()
                .is_ok_and(|open| !open.is_empty() && may_plan(&open));
        if goes_on && let Err(problem) = self.plan_rooms() {
            tracing::error!(%problem, "the night audit was not finished");
        }
    }
}
