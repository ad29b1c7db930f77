//! What a command can name: bytes choose among what there is.

use super::Choices;
use keyrack_model::{
    action::Action,
    identity,
    ids::{BlockId, DocumentKind, OperationId, RoomId, StayId, TaskId, UserId},
    time::BusinessDate,
};
use keyrack_server::pretend::{
    Device, GUEST, HOTEL, MARIA, NEXT, ROOM, TOMAS, departure, stayover, today,
};
use uuid::Uuid;

/// Numbers of rooms that somebody may add, and one that is none.
pub(super) const NUMBERS: [&str; 4] = ["205", "206", "207", ""];
/// What nobody has made.
const NOBODYS: Uuid = Uuid::from_u128(0xBAD);

/// Somebody who is about to ask for something.
pub(super) struct Asking<'a, 'b> {
    pub(super) device: &'a mut Device,
    pub(super) stored: &'a [Action],
    choices: &'a mut Choices<'b>,
}

impl<'a, 'b> Asking<'a, 'b> {
    pub(super) fn of(
        device: &'a mut Device,
        stored: &'a [Action],
        choices: &'a mut Choices<'b>,
    ) -> Self {
        Self {
            device,
            stored,
            choices,
        }
    }

    pub(super) fn one_of<T: Clone>(&mut self, all: &[T]) -> T {
        self.choices.one_of(all).clone()
    }

    /// Which fields something names stands in the bits of one byte.
    pub(super) fn fields(&mut self) -> u8 {
        self.choices.byte()
    }

    pub(super) fn yes_or_no(&mut self) -> bool {
        self.one_of(&[true, false])
    }

    pub(super) fn text(&mut self) -> String {
        String::from_utf8_lossy(self.choices.bytes()).into_owned()
    }

    pub(super) fn person(&mut self) -> Option<UserId> {
        self.one_of(&[None, Some(MARIA), Some(TOMAS)])
    }

    /// One that nobody has used.
    pub(super) fn id(&mut self) -> Uuid {
        self.device.operation().0
    }

    /// One of the actions that the device made or was told of.
    pub(super) fn known_action(&mut self) -> OperationId {
        let known = self.device.knows();
        known[self.choices.below(known.len())]
    }

    /// The day that the hotel began with, or one around it.
    pub(super) fn day(&mut self) -> BusinessDate {
        let days = self.one_of(&[0, 1, 2, 5, -1, -2, 30, 500]);
        today().plus_days(days)
    }

    /// Nights from a day on, some of which are too many or none.
    pub(super) fn days_after(&mut self, day: BusinessDate) -> BusinessDate {
        let nights = self.one_of(&[1, 0, 2, 7, 400, 401, -1, 1_001]);
        day.plus_days(nights)
    }

    pub(super) fn room(&mut self) -> RoomId {
        self.one_of(&rooms())
    }

    pub(super) fn room_or_none(&mut self) -> Option<RoomId> {
        let some = rooms().into_iter().map(Some);
        let all: Vec<_> = std::iter::once(None).chain(some).collect();
        self.one_of(&all)
    }

    pub(super) fn stay(&mut self) -> StayId {
        let made = self.made(DocumentKind::Stay).into_iter().map(StayId);
        let stays = known([NEXT, GUEST], made);
        self.one_of(&stays)
    }

    pub(super) fn task(&mut self) -> TaskId {
        let made = self.made(DocumentKind::Task).into_iter().map(TaskId);
        let tasks = known([stayover(), departure()], made);
        self.one_of(&tasks)
    }

    /// Where nobody has blocked a room, none that there is.
    pub(super) fn block(&mut self) -> BlockId {
        let made = self.made(DocumentKind::RoomBlock).into_iter().map(BlockId);
        let blocks = known([], made.chain([BlockId(NOBODYS)]));
        self.one_of(&blocks)
    }

    /// Documents of a kind that stored actions wrote, in their order.
    fn made(&self, kind: DocumentKind) -> Vec<Uuid> {
        let changes = self.stored.iter().flat_map(|action| &action.changes);
        let of_kind = changes.filter(|change| change.document.kind == kind);
        of_kind.map(|change| change.document.id.0).collect()
    }
}

/// The house's room, those that somebody may have added, and none.
fn rooms() -> [RoomId; 4] {
    let [second, third, ..] = NUMBERS.map(|number| identity::room(HOTEL, number));
    [ROOM, second, third, RoomId(NOBODYS)]
}

/// What there was from the beginning, and what was made, each once.
fn known<T: PartialEq, const N: usize>(begun: [T; N], made: impl Iterator<Item = T>) -> Vec<T> {
    let mut all = Vec::from(begun);
    for one in made {
        if !all.contains(&one) {
            all.push(one);
        }
    }
    all
}
