//! Deciding what several people wrote into one field at the same time.

use super::{Planned, Planner, View};
use crate::{
    ids::{DocumentRef, OperationId},
    refusal::Refusal,
};

impl<V: View> Planner<'_, V> {
    pub(super) fn settle(
        &self,
        document: DocumentRef,
        key: &str,
        chosen: OperationId,
    ) -> Planned<V> {
        let _ = (document, key, chosen);
        Err(Refusal::NothingToDo.into())
    }
}
