//! A compact frame on its way: what nothing can be made of stands apart from what repeats, so that
//! the stream finds the latter in one piece.

use super::{
    Unfit,
    octets::{Octets, put_bytes},
};

/// What is written of a frame.
#[derive(Default)]
pub struct Sheet {
    /// Ids, hashes and signatures in full, one after another.
    pub random: Vec<u8>,
    /// Everything else.
    pub said: Vec<u8>,
}

impl Sheet {
    pub fn into_frame(self, form: u8) -> Vec<u8> {
        let mut frame = Vec::with_capacity(self.random.len() + self.said.len() + 8);
        frame.push(form);
        put_bytes(&mut frame, &self.random);
        frame.extend_from_slice(&self.said);
        frame
    }
}

/// What is left to read of one.
pub struct Sheets<'a> {
    pub random: Octets<'a>,
    pub said: Octets<'a>,
}

impl<'a> Sheets<'a> {
    /// What follows the form.
    pub fn of(mut octets: Octets<'a>) -> Result<Self, Unfit> {
        Ok(Self {
            random: Octets(octets.bytes(usize::MAX)?),
            said: octets,
        })
    }

    pub fn is_empty(&self) -> bool {
        self.random.is_empty() && self.said.is_empty()
    }
}
