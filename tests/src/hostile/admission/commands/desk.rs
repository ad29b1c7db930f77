//! What is asked of the desk.

use super::Asking;
use keyrack_model::{
    command::{DeskCommand, StayDraft, StayEdit},
    ids::StayId,
    stay::StayoverWish,
};

/// How many come; some are too many, or too few.
const GUESTS: [i64; 6] = [1, 2, 0, 99, 100, -1];

impl Asking<'_, '_> {
    pub(super) fn book(&mut self) -> DeskCommand {
        let stay = StayId(self.id());
        let room = self.room_or_none();
        let arrival = self.day();
        let mut draft = StayDraft {
            room,
            arrival,
            departure: self.days_after(arrival),
            adults: self.one_of(&GUESTS),
            ..StayDraft::default()
        };
        let fields = self.fields();
        if fields & 1 != 0 {
            draft.booking = self.text();
        }
        if fields & 2 != 0 {
            draft.rate = self.text();
        }
        if fields & 4 != 0 {
            draft.note = self.text();
        }
        if fields & 8 != 0 {
            draft.room_type = self.text();
        }
        if fields & 16 != 0 {
            draft.children = self.one_of(&GUESTS);
        }
        draft.vip = fields & 32 != 0;
        DeskCommand::Book {
            stay,
            draft: Box::new(draft),
        }
    }

    pub(super) fn edit_stay(&mut self) -> DeskCommand {
        let stay = self.stay();
        let fields = self.fields();
        let mut edit = StayEdit::default();
        if fields & 1 != 0 {
            edit.adults = Some(self.one_of(&GUESTS));
        }
        if fields & 2 != 0 {
            edit.arrival = Some(self.day());
        }
        if fields & 4 != 0 {
            edit.departure = Some(self.day());
        }
        if fields & 8 != 0 {
            edit.rate = Some(self.text());
        }
        if fields & 16 != 0 {
            edit.room_type = Some(self.text());
        }
        if fields & 32 != 0 {
            edit.stayover_wish = Some(self.one_of(StayoverWish::ALL));
        }
        if fields & 64 != 0 {
            edit.note = Some(self.text());
            edit.note_base = Some(self.text());
        }
        if fields & 128 != 0 {
            edit.vip = Some(self.yes_or_no());
            edit.late_check_out = Some(self.yes_or_no());
        }
        DeskCommand::EditStay {
            stay,
            edit: Box::new(edit),
        }
    }
}
