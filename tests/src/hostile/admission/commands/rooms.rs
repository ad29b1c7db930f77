//! What is asked about rooms.

use super::{Asking, naming::NUMBERS};
use keyrack_model::{
    cleanliness::Cleanliness,
    command::{BlockDraft, BlockEdit, RoomCommand, RoomDraft, RoomEdit},
    identity,
    ids::BlockId,
    room::RoomUse,
    room_block::BlockKind,
    room_link::RoomLinkKind,
};
use keyrack_server::pretend::HOTEL;

/// The last of them is none that a house has.
const FLOORS: [i64; 4] = [2, -1, 300, 301];

impl Asking<'_, '_> {
    pub(super) fn add_room(&mut self) -> RoomCommand {
        let number = self.one_of(&NUMBERS);
        let mut draft = RoomDraft {
            number: number.to_owned(),
            floor: self.one_of(&FLOORS),
            ..RoomDraft::default()
        };
        let fields = self.fields();
        if fields & 1 != 0 {
            draft.room_type = self.text();
        }
        if fields & 2 != 0 {
            draft.section = self.text();
        }
        if fields & 4 != 0 {
            draft.building = self.text();
        }
        if fields & 8 != 0 {
            draft.used_for = self.one_of(RoomUse::ALL);
        }
        RoomCommand::Add {
            room: identity::room(HOTEL, number),
            draft: Box::new(draft),
        }
    }

    pub(super) fn edit_room(&mut self) -> RoomCommand {
        let room = self.room();
        let fields = self.fields();
        let mut edit = RoomEdit::default();
        if fields & 1 != 0 {
            edit.floor = Some(self.one_of(&FLOORS));
        }
        if fields & 2 != 0 {
            edit.room_type = Some(self.text());
        }
        if fields & 4 != 0 {
            edit.section = Some(self.text());
        }
        if fields & 8 != 0 {
            edit.building = Some(self.text());
        }
        if fields & 16 != 0 {
            edit.used_for = Some(self.one_of(RoomUse::ALL));
        }
        RoomCommand::Edit {
            room,
            edit: Box::new(edit),
        }
    }

    pub(super) fn link(&mut self) -> RoomCommand {
        let kinds = RoomLinkKind::ALL.iter().copied().map(Some);
        let kinds: Vec<_> = kinds.chain([None]).collect();
        RoomCommand::Link {
            first: self.room(),
            second: self.room(),
            kind: self.one_of(&kinds),
        }
    }

    pub(super) fn block_room(&mut self) -> RoomCommand {
        let block = BlockId(self.id());
        let room = self.room();
        let kind = self.one_of(BlockKind::ALL);
        let from = self.day();
        let draft = BlockDraft {
            room,
            kind,
            from,
            until: self.days_after(from),
            return_status: self.one_of(Cleanliness::ALL),
            reason: self.text(),
        };
        RoomCommand::Block {
            block,
            draft: Box::new(draft),
        }
    }

    pub(super) fn edit_block(&mut self) -> RoomCommand {
        let block = self.block();
        let fields = self.fields();
        let mut edit = BlockEdit::default();
        if fields & 1 != 0 {
            edit.reason = Some(self.text());
        }
        if fields & 2 != 0 {
            edit.kind = Some(self.one_of(BlockKind::ALL));
        }
        if fields & 4 != 0 {
            edit.from = Some(self.day());
        }
        if fields & 8 != 0 {
            edit.until = Some(self.day());
        }
        if fields & 16 != 0 {
            edit.return_status = Some(self.one_of(Cleanliness::ALL));
        }
        RoomCommand::EditBlock {
            block,
            edit: Box::new(edit),
        }
    }
}
