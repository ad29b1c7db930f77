//! What rooms are, how they belong together, and when they are out of use.

use super::{Judged, Rights, Write};
use crate::{
    change::Change,
    cleanliness::MarkCause,
    command::{BlockDraft, BlockEdit, RoomCommand, RoomDraft, RoomEdit},
    identity,
    ids::{BlockId, RoomId},
    plan::{
        blocks::{self, blocked},
        due::{as_it_stands, repeated, turn_of_return},
        rooms::{self, added, linked, noted},
    },
    refusal::Refusal,
    room::RoomChange,
    room_block::{RoomBlock, RoomBlockChange},
    room_link::{RoomLinkChange, RoomLinkKind},
    task::{TaskKind, TaskRule},
};

impl Rights<'_> {
    pub(super) fn rooms(&self, asked: &RoomCommand, change: &Change) -> Judged {
        match asked {
            RoomCommand::Add { room, draft } => self.add_room(*room, draft, change),
            RoomCommand::Edit { room, edit } => self.edit_room(*room, edit, change),
            RoomCommand::SetRush { rooms, rush } => Ok(Write::when(matches!(
                change,
                Change::Room(room, RoomChange::Rush(written))
                    if rooms.contains(room) && written == rush
            ))),
            RoomCommand::Note { room, text, base } => {
                let note = noted(text, base, &self.room(*room)?.note)?;
                Ok(Write::when(
                    *change == Change::Room(*room, RoomChange::Note(note)),
                ))
            }
            RoomCommand::Link {
                first,
                second,
                kind,
            } => self.link_rooms(*first, *second, *kind, change),
            RoomCommand::Block { block, draft } => self.block_room(*block, draft, change),
            RoomCommand::EditBlock { block, edit } => self.edit_block(*block, edit, change),
            RoomCommand::EndBlock { block } => self.end_block(*block, change),
        }
    }

    fn add_room(&self, id: RoomId, draft: &RoomDraft, change: &Change) -> Judged {
        let made = added(draft)?;
        Ok(Write::when(
            self.makes(id.into())?
                && id == identity::room(self.context.hotel, &made.number)
                && made.creation(id).contains(change),
        ))
    }

    fn edit_room(&self, id: RoomId, edit: &RoomEdit, change: &Change) -> Judged {
        self.room(id)?;
        let fields = rooms::edited(edit)?;
        Ok(Write::when(matches!(
            change,
            Change::Room(room, written) if *room == id && fields.contains(written)
        )))
    }

    fn link_rooms(
        &self,
        first: RoomId,
        second: RoomId,
        kind: Option<RoomLinkKind>,
        change: &Change,
    ) -> Judged {
        let id = identity::room_link(self.context.hotel, first, second);
        let Change::RoomLink(link, written) = change else {
            return Ok(Write::Beyond);
        };
        if *link != id || first == second {
            return Ok(Write::Beyond);
        }
        let wanted = linked(first, second, kind);
        if self.makes(id.into())? {
            return Ok(Write::when(
                kind.is_some() && wanted.creation(id).contains(change),
            ));
        }
        Ok(Write::when(match written {
            RoomLinkChange::First(room) => kind.is_some() && *room == wanted.first,
            RoomLinkChange::Second(room) => kind.is_some() && *room == wanted.second,
            RoomLinkChange::Kind(written) => kind == Some(*written),
            RoomLinkChange::Removed(removed) => *removed == kind.is_none(),
        }))
    }

    fn block_room(&self, id: BlockId, draft: &BlockDraft, change: &Change) -> Judged {
        let made = blocked(draft)?;
        Ok(Write::when(
            self.makes(id.into())? && made.creation(id).contains(change),
        ))
    }

    fn edit_block(&self, id: BlockId, edit: &BlockEdit, change: &Change) -> Judged {
        let fields = blocks::edited(self.open_block(id)?, edit)?;
        Ok(Write::when(matches!(
            change,
            Change::RoomBlock(block, written) if *block == id && fields.contains(written)
        )))
    }

    fn end_block(&self, id: BlockId, change: &Change) -> Judged {
        let before = self.open_block(id)?;
        if *change == Change::RoomBlock(id, RoomBlockChange::Ended(true)) {
            return Ok(Write::OfCommand);
        }
        self.returned(before, change)
    }

    /// What a room becomes when a block of it ends: marked as the block says, and cleaned.
    fn returned(&self, block: &RoomBlock, change: &Change) -> Judged {
        let id = block.room.ok_or(Refusal::NotFound)?;
        let known = self.room(id)?.cleanliness;
        match change {
            Change::Room(room, RoomChange::Cleanliness(mark)) if *room == id => {
                let is_return = |date| {
                    let turn = turn_of_return(&known, date);
                    *mark == self.mark(block.return_status, turn, MarkCause::Task)
                };
                let date = self.date_when(block.until, is_return)?;
                Ok(Write::when(date.is_some()))
            }
            Change::Task(task, change) => {
                let hotel = self.context.hotel;
                let is_named =
                    |date| repeated(hotel, TaskKind::TouchUp, date, id).any(|it| it == *task);
                let Some(date) = self.date_when(block.until, is_named)? else {
                    return Ok(Write::Beyond);
                };
                let stands = (id, turn_of_return(&known, date));
                let clean = as_it_stands(TaskKind::TouchUp, stands, date, TaskRule::BlockEnded);
                self.due(*task, &clean, change)
            }
            _ => Ok(Write::Beyond),
        }
    }

    fn open_block(&self, id: BlockId) -> Result<&RoomBlock, Refusal> {
        let block = self.room_block(id)?;
        if block.ended {
            return Err(Refusal::BlockEnded);
        }
        Ok(block)
    }
}
