//! Bytes read as decisions, and the same decisions written down as bytes.

/// What is left of an input. At its end every choice is the first one.
pub struct Choices<'a>(&'a [u8]);

impl<'a> Choices<'a> {
    pub fn of(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub fn is_over(&self) -> bool {
        self.0.is_empty()
    }

    pub fn byte(&mut self) -> u8 {
        self.take(1).first().copied().unwrap_or_default()
    }

    /// A number in the order of the lowest byte first.
    pub fn number(&mut self) -> u64 {
        let mut bytes = [0; 8];
        let taken = self.take(8);
        bytes[..taken.len()].copy_from_slice(taken);
        u64::from_le_bytes(bytes)
    }

    pub fn below(&mut self, bound: usize) -> usize {
        let bytes = self.take(2);
        let number = bytes
            .iter()
            .rev()
            .fold(0, |number, byte| number << 8 | usize::from(*byte));
        number % bound.max(1)
    }

    pub fn one_of<'b, T>(&mut self, all: &'b [T]) -> &'b T {
        &all[usize::from(self.byte()) % all.len()]
    }

    /// As many bytes as the two before them say, or as there are.
    pub fn bytes(&mut self) -> &'a [u8] {
        let length = self.below(1 << 16);
        self.take(length)
    }

    pub fn rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.0)
    }

    fn take(&mut self, count: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(count.min(self.0.len()));
        self.0 = rest;
        taken
    }
}

/// An input in the making.
#[derive(Clone, Default)]
pub struct Script(Vec<u8>);

impl Script {
    pub fn byte(mut self, byte: u8) -> Self {
        self.0.push(byte);
        self
    }

    pub fn number(mut self, number: u64) -> Self {
        self.0.extend(number.to_le_bytes());
        self
    }

    pub fn below(mut self, number: u16) -> Self {
        self.0.extend(number.to_le_bytes());
        self
    }

    /// Position of a choice among all, which have to be in the order of [`Choices::one_of`].
    pub fn one_of<T: PartialEq>(self, all: &[T], chosen: T) -> Self {
        let place = all.iter().position(|one| *one == chosen);
        self.byte(place.expect("one of them") as u8)
    }

    pub fn bytes(self, bytes: &[u8]) -> Self {
        let length = u16::try_from(bytes.len()).expect("at most 64 KiB");
        self.below(length).rest(bytes)
    }

    pub fn rest(mut self, bytes: &[u8]) -> Self {
        self.0.extend(bytes);
        self
    }

    pub fn done(self) -> Vec<u8> {
        self.0
    }
}
