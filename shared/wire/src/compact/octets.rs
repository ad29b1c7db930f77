//! Numbers and bytes of the compact form, written and read.
//!
//! **Architecture Invariant**: nothing is taken that is not there, and nothing is made room for
//! because it is claimed.

use super::Unfit;

pub fn put_unsigned(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Small numbers of either sign are short: 0, -1, 1, -2 … as 0, 1, 2, 3 …
pub fn put_signed(out: &mut Vec<u8>, number: i64) {
    put_unsigned(out, (number << 1 ^ number >> 63) as u64);
}

/// Signed as in LEB128, which Automerge writes.
pub fn put_leb_signed(out: &mut Vec<u8>, mut number: i64) {
    loop {
        let low = number as u8 & 0x7f;
        number >>= 7;
        let is_last = (number == 0 && low & 0x40 == 0) || (number == -1 && low & 0x40 != 0);
        out.push(if is_last { low } else { low | 0x80 });
        if is_last {
            return;
        }
    }
}

pub fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put_unsigned(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// What is left to read.
pub struct Octets<'a>(pub &'a [u8]);

impl<'a> Octets<'a> {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn take(&mut self, count: usize) -> Result<&'a [u8], Unfit> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(Unfit::Cut)?;
        self.0 = rest;
        Ok(taken)
    }

    pub fn byte(&mut self) -> Result<u8, Unfit> {
        Ok(self.array::<1>()?[0])
    }

    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], Unfit> {
        let (taken, rest) = self.0.split_first_chunk().ok_or(Unfit::Cut)?;
        self.0 = rest;
        Ok(*taken)
    }

    pub fn unsigned(&mut self) -> Result<u64, Unfit> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let low = u64::from(byte & 0x7f);
            if low << shift >> shift != low {
                return Err(Unfit::Number);
            }
            number |= low << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(Unfit::Number)
    }

    /// A number of things or bytes that is within a bound.
    pub fn count(&mut self, most: usize) -> Result<usize, Unfit> {
        let count = usize::try_from(self.unsigned()?).map_err(|_| Unfit::Number)?;
        (count <= most).then_some(count).ok_or(Unfit::TooMuch)
    }

    pub fn signed(&mut self) -> Result<i64, Unfit> {
        let number = self.unsigned()?;
        Ok((number >> 1) as i64 ^ -((number & 1) as i64))
    }

    pub fn leb_signed(&mut self) -> Result<i64, Unfit> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= i64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                let unused = 64 - (shift + 7).min(64);
                return Ok(number << unused >> unused);
            }
        }
        Err(Unfit::Number)
    }

    pub fn bytes(&mut self, most: usize) -> Result<&'a [u8], Unfit> {
        let count = self.count(most)?;
        self.take(count)
    }
}
