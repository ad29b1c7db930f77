//! Rooms out of use, and what becomes of them afterwards.

use super::{Planned, Planner, View};
use crate::{
    command::{BlockDraft, BlockEdit},
    ids::BlockId,
    refusal::Refusal,
};

impl<V: View> Planner<'_, V> {
    pub(super) fn block_room(&self, id: BlockId, draft: &BlockDraft) -> Planned<V> {
        let _ = (id, draft);
        Err(Refusal::NothingToDo.into())
    }

    pub(super) fn edit_block(&self, id: BlockId, edit: &BlockEdit) -> Planned<V> {
        let _ = (id, edit);
        Err(Refusal::NothingToDo.into())
    }

    pub(super) fn end_block(&self, id: BlockId) -> Planned<V> {
        let _ = (id,);
        Err(Refusal::NothingToDo.into())
    }
}
