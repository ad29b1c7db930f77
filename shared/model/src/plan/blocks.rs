//! Rooms out of use, and what becomes of them afterwards.

use super::{Planned, Planner, Unplanned, View, text};
use crate::{
    availability::{Interval, clashes},
    change::Change,
    command::{BlockDraft, BlockEdit},
    ids::BlockId,
    limits::{MAX_BLOCK_DAYS, MAX_TITLE},
    refusal::Refusal,
    room_block::{BlockKind, RoomBlock, RoomBlockChange},
    stay::StayStatus,
};

impl<V: View> Planner<'_, V> {
    /// A room with a guest in it is not taken out of order under them.
    pub(super) fn block_room(&self, id: BlockId, draft: &BlockDraft) -> Planned<V> {
        if self.exists(id.into())? {
            return Ok(vec![]);
        }
        let block = blocked(draft)?;
        self.room(draft.room)?;
        if block.until <= self.business_date()? {
            return Err(Refusal::DayOver { date: block.until }.into());
        }
        self.check_nobody_is_there(&block)?;
        Ok(block.creation(id))
    }

    pub(super) fn edit_block(&self, id: BlockId, edit: &BlockEdit) -> Planned<V> {
        let now = self.open_block(id)?;
        let fields = edited(&now, edit)?;
        let mut after = now.clone();
        let mut changes = Vec::new();
        for change in fields {
            let differs = now.field(change.key()) != Some(change.value());
            if differs || self.is_contested(id.into(), change.key())? {
                after.apply(change.clone());
                changes.push(Change::RoomBlock(id, change));
            }
        }
        if Interval::of_block(&after) != Interval::of_block(&now) || after.kind != now.kind {
            self.check_nobody_is_there(&after)?;
        }
        Ok(changes)
    }

    /// The room is what the block says that it returns as, and is cleaned if that is Dirty. One that
    /// was never out of use stays as it is, and so does one that another block keeps out of use.
    pub(super) fn end_block(&self, id: BlockId) -> Planned<V> {
        let block = self.open_block(id)?;
        let date = self.business_date()?;
        let mut changes = vec![Change::RoomBlock(id, RoomBlockChange::Ended(true))];
        let Some(room) = block.room.filter(|_| block.from <= date) else {
            return Ok(changes);
        };
        let blocks = self.open_blocks_of(room)?;
        let mut others = blocks.iter().filter(|(other, _)| *other != id);
        if others.any(|(_, other)| other.covers(date)) {
            return Ok(changes);
        }
        let open = self.open_tasks_of(room)?;
        let known = self.room(room)?;
        let status = block.return_status;
        changes.extend(self.back_in_use(&open, (room, &known), status, date)?);
        Ok(changes)
    }

    fn open_block(&self, id: BlockId) -> Result<RoomBlock, Unplanned<V::Error>> {
        let block = self.room_block(id)?;
        if block.ended {
            return Err(Refusal::BlockEnded.into());
        }
        Ok(block)
    }

    fn check_nobody_is_there(&self, block: &RoomBlock) -> Result<(), Unplanned<V::Error>> {
        let Some(room) = block.room.filter(|_| block.kind == BlockKind::OutOfOrder) else {
            return Ok(());
        };
        let days = Interval::of_block(block).from_day(self.business_date()?);
        let stays = self.view.stays_of(room).map_err(Unplanned::Unread)?;
        let guest = stays.iter().find(|(_, stay)| {
            stay.status == StayStatus::InHouse && clashes(days, Interval::of(stay))
        });
        match guest {
            Some((_, stay)) => Err(Refusal::RoomTaken {
                number: self.room(room)?.number,
                from: stay.arrival,
                until: stay.departure,
            }
            .into()),
            None => Ok(()),
        }
    }
}

/// A block as it was asked for.
///
/// # Errors
/// No reason, one that is too long, or days that run backwards.
pub(crate) fn blocked(draft: &BlockDraft) -> Result<RoomBlock, Refusal> {
    let block = RoomBlock {
        room: Some(draft.room),
        kind: draft.kind,
        reason: text("reason", &draft.reason, MAX_TITLE)?,
        from: draft.from,
        until: draft.until,
        return_status: draft.return_status,
        ended: false,
    };
    check_days(&block)?;
    Ok(block)
}

/// The fields that an edit gives a block, in the form in which they are kept.
///
/// # Errors
/// As [`blocked`].
pub(crate) fn edited(now: &RoomBlock, edit: &BlockEdit) -> Result<Vec<RoomBlockChange>, Refusal> {
    let reason = match &edit.reason {
        Some(typed) => Some(text("reason", typed, MAX_TITLE)?),
        None => None,
    };
    let fields: Vec<RoomBlockChange> = [
        edit.kind.map(RoomBlockChange::Kind),
        reason.map(RoomBlockChange::Reason),
        edit.from.map(RoomBlockChange::From),
        edit.until.map(RoomBlockChange::Until),
        edit.return_status.map(RoomBlockChange::ReturnStatus),
    ]
    .into_iter()
    .flatten()
    .collect();
    let mut after = now.clone();
    for field in &fields {
        after.apply(field.clone());
    }
    check_days(&after)?;
    Ok(fields)
}

fn check_days(block: &RoomBlock) -> Result<(), Refusal> {
    let last = block.from.plus_days(MAX_BLOCK_DAYS);
    if block.until <= block.from || block.until > last {
        return Err(Refusal::BadBlock {
            days: MAX_BLOCK_DAYS,
        });
    }
    Ok(())
}
