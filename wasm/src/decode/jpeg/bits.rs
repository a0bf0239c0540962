//! Bits of entropy-coded data, most significant first. ITU-T T.81 clause F.2.2.5 and annex B.1.1.5 (stuffed bytes).

/// A window of at least 32 bits over the data of one scan. Where the data ends, at a marker or at the end of the file, it goes on
/// with zeros, as libjpeg does: a damaged part of a picture is no reason to lose the rest.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bits<'a> {
    bytes: &'a [u8],
    /// The next byte to load.
    at: usize,
    /// Loaded bits, left-aligned; zeros below them.
    window: u64,
    /// How many of them are loaded; negative where zeros beyond the end were used.
    count: i32,
    /// A marker or the end of the bytes was reached.
    ended: bool,
}

impl<'a> Bits<'a> {
    /// Reads from `at` on.
    pub(super) fn new(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at, window: 0, count: 0, ended: false }
    }

    /// Makes sure that 32 bits can be looked at.
    #[inline(always)]
    pub(super) fn refill(&mut self) {
        if self.count >= 32 {
            return;
        }
        if let Some(next) = self.bytes.get(self.at..).and_then(<[u8]>::first_chunk::<4>) {
            let next = u32::from_be_bytes(*next);
            // A byte of ones has a carry into its high bit where its complement is zero; Mycroft's test for a zero byte.
            let inverted = !next;
            if inverted.wrapping_sub(0x0101_0101) & next & 0x8080_8080 == 0 && self.count >= 0 {
                self.window |= u64::from(next) << (32 - self.count);
                self.count += 32;
                self.at += 4;
                return;
            }
        }
        *self = self.refilled_slowly();
    }

    /// By value, as all that is seldom called: what the hot loops hold has no address then, and stays in registers.
    #[cold]
    #[inline(never)]
    fn refilled_slowly(mut self) -> Self {
        while self.count <= 48 && !self.ended {
            match (self.bytes.get(self.at), self.bytes.get(self.at + 1)) {
                (Some(0xff), Some(0)) => self.load(0xff, 2),
                (Some(0xff), _) | (None, _) => self.ended = true,
                (Some(&byte), _) => self.load(byte, 1),
            }
        }
        self
    }

    fn load(&mut self, byte: u8, length: usize) {
        if self.count >= 0 {
            self.window |= u64::from(byte) << (56 - self.count);
        }
        self.count += 8;
        self.at += length;
    }

    /// The next `length` bits, 1..=16, without taking them.
    #[inline(always)]
    pub(super) fn peek(&self, length: u32) -> u32 {
        (self.window >> (64 - length)) as u32
    }

    /// Takes `length` bits, at most 31.
    #[inline(always)]
    pub(super) fn skip(&mut self, length: u32) {
        self.window <<= length;
        self.count -= length as i32;
    }

    /// Takes the next `length` bits, 0..=16.
    #[inline(always)]
    pub(super) fn take(&mut self, length: u32) -> u32 {
        let value = ((self.window >> 32) >> (32 - length)) as u32;
        self.skip(length);
        value
    }

    /// One bit.
    #[inline(always)]
    pub(super) fn bit(&mut self) -> bool {
        self.take(1) != 0
    }

    /// A signed value of `length` bits, 0..=15; T.81 figure F.12 (EXTEND).
    #[inline(always)]
    pub(super) fn signed(&mut self, length: u32) -> i32 {
        let value = self.take(length) as i32;
        extend(value, length)
    }

    /// Whether more bits were taken than there are.
    pub(super) fn exhausted(&self) -> bool {
        self.ended && self.count < 0
    }

    /// Where the data not yet loaded begins; a marker is never before it.
    pub(super) fn position(&self) -> usize {
        self.at
    }

    /// Goes on after the next restart marker. `false`: the data has none, its scan ends here. T.81 E.2.4.
    pub(super) fn restart(&mut self) -> bool {
        let mut at = self.at;
        loop {
            let Some(found) = self.bytes.get(at..).and_then(|rest| memchr::memchr(0xff, rest)) else {
                return false;
            };
            at += found;
            match self.bytes.get(at + 1) {
                Some(0xd0..=0xd7) => {
                    *self = Self::new(self.bytes, at + 2);
                    return true;
                }
                Some(0) => at += 2,
                Some(0xff) => at += 1,
                _ => return false,
            }
        }
    }
}

/// T.81 figure F.12.
#[inline(always)]
pub(super) fn extend(value: i32, length: u32) -> i32 {
    if length == 0 || value >= 1 << (length - 1) { value } else { value - (1 << length) + 1 }
}
