//! The numbers of a chunk, and its run-length columns from their first row to their last.

use super::ACTOR;
use keyrack_model::refusal::GateReason;

/// `sum + each * run`, unless it is beyond the limit.
pub(super) fn bounded_sum(sum: u64, each: u64, run: u64, limit: u64) -> Option<u64> {
    let sum = sum.checked_add(each.checked_mul(run)?)?;
    (sum <= limit).then_some(sum)
}

/// One run-length column on the way from its first row to its last.
pub(super) struct Walk<'a, 'b> {
    bytes: &'a mut Bytes<'b>,
    pub(super) rows: u64,
    limit: u64,
}

impl<'a, 'b> Walk<'a, 'b> {
    /// A column of at most `limit` rows.
    pub(super) fn along(bytes: &'a mut Bytes<'b>, limit: u64) -> Self {
        Self {
            bytes,
            rows: 0,
            limit,
        }
    }
}

impl Walk<'_, '_> {
    fn claim(&mut self, rows: u64) -> Result<(), GateReason> {
        self.rows = bounded_sum(self.rows, rows, 1, self.limit).ok_or(GateReason::TooManyRows)?;
        Ok(())
    }

    /// Unsigned values, each given with the number of rows that repeat it.
    pub(super) fn numbers(
        &mut self,
        mut see: impl FnMut(u64, u64) -> Result<(), GateReason>,
    ) -> Result<(), GateReason> {
        self.each_run(|bytes, run| {
            let number = bytes.unsigned()?;
            see(number, run)
        })
    }

    pub(super) fn runs(
        &mut self,
        mut skip: impl FnMut(&mut Bytes<'_>) -> Result<(), GateReason>,
    ) -> Result<(), GateReason> {
        self.each_run(|bytes, _| skip(bytes))
    }

    /// Bytes that are not walked.
    pub(super) fn left(&self) -> u64 {
        self.bytes.0.len() as u64
    }

    /// Numbers that are each given by how much they are more than the one before, all of them from
    /// zero to a highest one.
    pub(super) fn counts_up_to(&mut self, highest: u64) -> Result<(), GateReason> {
        let mut number = 0_i64;
        self.each_run(|bytes, run| {
            let step = bytes.signed()?;
            // In between they are on the line from the one to the other.
            for steps in [1, run] {
                let reached = i64::try_from(steps).ok();
                let reached = reached.and_then(|steps| step.checked_mul(steps));
                let reached = reached.and_then(|more| number.checked_add(more));
                let reached = reached.and_then(|reached| u64::try_from(reached).ok());
                if reached.is_none_or(|reached| reached > highest) {
                    return Err(GateReason::NotAChange);
                }
            }
            number += step * run as i64;
            Ok(())
        })
    }

    /// A positive count repeats one value, a negative one precedes that many values, and zero
    /// precedes the length of a run without values.
    pub(super) fn each_run(
        &mut self,
        mut value: impl FnMut(&mut Bytes<'_>, u64) -> Result<(), GateReason>,
    ) -> Result<(), GateReason> {
        while !self.bytes.0.is_empty() {
            match self.bytes.signed()? {
                0 => {
                    let run = self.bytes.unsigned()?;
                    self.claim(run)?;
                }
                run if run > 0 => {
                    self.claim(run.unsigned_abs())?;
                    value(self.bytes, run.unsigned_abs())?;
                }
                literal => {
                    self.claim(literal.unsigned_abs())?;
                    for _ in 0..literal.unsigned_abs() {
                        value(self.bytes, 1)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Lengths of alternating runs of false and true.
    pub(super) fn booleans(&mut self) -> Result<(), GateReason> {
        while !self.bytes.0.is_empty() {
            let run = self.bytes.unsigned()?;
            self.claim(run)?;
        }
        Ok(())
    }
}

/// Bytes that have not been walked yet.
pub(super) struct Bytes<'a>(pub(super) &'a [u8]);

impl<'a> Bytes<'a> {
    pub(super) fn take(&mut self, count: usize) -> Result<&'a [u8], GateReason> {
        let (taken, rest) = self
            .0
            .split_at_checked(count)
            .ok_or(GateReason::NotAChange)?;
        self.0 = rest;
        Ok(taken)
    }

    pub(super) fn actor(&mut self) -> Result<(), GateReason> {
        if self.unsigned()? != ACTOR {
            return Err(GateReason::NotAChange);
        }
        self.take(ACTOR as usize)?;
        Ok(())
    }

    /// Unsigned LEB128 that fits 64 bits.
    pub(super) fn unsigned(&mut self) -> Result<u64, GateReason> {
        let mut number = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.take(1)?[0];
            let bits = u64::from(byte & 0x7f);
            if shift == 63 && bits > 1 {
                break;
            }
            number |= bits << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(GateReason::NotAChange)
    }

    /// Signed LEB128 that fits 64 bits.
    pub(super) fn signed(&mut self) -> Result<i64, GateReason> {
        let mut number = 0i64;
        for shift in (0..64).step_by(7) {
            let byte = self.take(1)?[0];
            let bits = i64::from(byte & 0x7f);
            if shift == 63 && bits != 0 && bits != 0x7f {
                break;
            }
            number |= bits << shift;
            if byte & 0x80 == 0 {
                let is_negative = byte & 0x40 != 0;
                if is_negative && shift + 7 < 64 {
                    number |= -1 << (shift + 7);
                }
                return Ok(number);
            }
        }
        Err(GateReason::NotAChange)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_they_are_written() {
        for (bytes, number) in [
            (&[0x00][..], 0),
            (&[0x7f], 127),
            (&[0x81, 0x01], 129),
            (
                &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
                u64::MAX,
            ),
        ] {
            assert_eq!(Bytes(bytes).unsigned(), Ok(number));
        }
        let long = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02];
        assert!(Bytes(&long).unsigned().is_err());
        assert!(Bytes(&[0x80; 12]).unsigned().is_err());
        for (bytes, number) in [
            (&[0x7f][..], -1),
            (&[0x3f], 63),
            (&[0x40], -64),
            (&[0xc0, 0x00], 64),
            (
                &[0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7f],
                i64::MIN,
            ),
        ] {
            assert_eq!(Bytes(bytes).signed(), Ok(number));
        }
    }

    #[test]
    fn numbers_that_are_counted_stay_between_zero_and_the_highest() {
        let walked = |column: &[u8]| Walk::along(&mut Bytes(column), 100).counts_up_to(10);
        // Five steps of two; then two of minus five.
        assert_eq!(walked(&[5, 2, 2, 0x7b]), Ok(()));
        for beyond in [&[6, 2][..], &[5, 2, 3, 0x7b], &[1, 11], &[0x7f, 0x7f]] {
            assert_eq!(walked(beyond), Err(GateReason::NotAChange), "{beyond:?}");
        }
        assert_eq!(walked(&[0xe5, 0x00, 0]), Err(GateReason::TooManyRows));
    }
}
