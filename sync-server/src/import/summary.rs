//! What an import came to, or would come to.

use keyrack_model::time::BusinessDate;

/// Documents of one kind.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    /// The hotel had none of them.
    pub new: usize,
    pub changed: usize,
    /// They are as the source says, or as people have left them.
    pub kept: usize,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Summary {
    pub rooms: Tally,
    pub stays: Tally,
    pub tasks: Tally,
    /// The day that the hotel comes to, where it is another than before.
    pub moved_to: Option<BusinessDate>,
}

impl Tally {
    pub fn is_nothing(self) -> bool {
        self.new == 0 && self.changed == 0
    }

    pub fn all(self) -> usize {
        self.new + self.changed + self.kept
    }
}

impl Summary {
    /// Whether everything is there already.
    pub fn is_nothing(&self) -> bool {
        [self.rooms, self.stays, self.tasks]
            .iter()
            .all(|tally| tally.is_nothing())
    }
}
