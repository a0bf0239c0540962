//! The boolean decoder: RFC 6386 section 7.
//!
//! The window holds up to 64 bits, the next one at its top, so that bytes are taken in several at a time. Whoever reads asks first for as
//! many bits as the values that follow may take, and then reads them without looking at the bytes.

/// Bits that one value takes at most.
pub(super) const MOST_BITS: u32 = 7;
/// Bits that are there for sure after a look at the bytes.
pub(super) const FILLED_BITS: u32 = 49;

#[derive(Debug, Clone, Copy)]
pub(super) struct BoolReader<'a> {
    /// What the window has not taken in.
    bytes: &'a [u8],
    window: u64,
    /// The range less one: 127..=254.
    range: u32,
    /// Bits in the window beyond the eight that each value is compared with.
    spare: i32,
    /// Bits of zeros that were taken in behind the end.
    missing: i32,
}

impl<'a> BoolReader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        let mut reader = Self { bytes, window: 0, range: 254, spare: -8, missing: 0 };
        reader.fill();
        reader
    }

    /// Whether values were read that are not in the bytes. Those are zeros.
    pub(super) fn is_overrun(&self) -> bool {
        self.missing > self.spare + 8
    }

    /// Sees to it that so many bits can be read, up to [`FILLED_BITS`].
    #[inline(always)]
    pub(super) fn prepare(&mut self, bits: u32) {
        if self.spare < bits as i32 {
            self.fill();
        }
    }

    #[inline(always)]
    fn fill(&mut self) {
        let Some(next) = self.bytes.first_chunk::<8>() else {
            // Handed over by value: a reader whose address nobody takes stays in registers.
            *self = self.filled_at_end();
            return;
        };
        let held = self.spare + 8;
        // Of the last byte some bits may come in that are not counted; the next time they come again, the same to the same place.
        self.window |= u64::from_be_bytes(*next) >> (held & 63);
        let taken = (64 - held) >> 3;
        self.bytes = self.bytes.get(taken as usize..).unwrap_or_default();
        self.spare += taken << 3;
    }

    #[cold]
    #[inline(never)]
    fn filled_at_end(mut self) -> Self {
        while self.spare <= 48 {
            match self.bytes.split_first() {
                Some((byte, rest)) => {
                    self.window |= u64::from(*byte) << (48 - self.spare);
                    self.bytes = rest;
                }
                None => self.missing = self.missing.saturating_add(8),
            }
            self.spare += 8;
        }
        self
    }

    /// A value that is `false` with a probability of so many 256ths, of at most [`MOST_BITS`] bits that have been prepared.
    #[inline(always)]
    pub(super) fn prepared(&mut self, probability: u8) -> bool {
        let split = (self.range * u32::from(probability)) >> 8;
        let place = (u64::from(split) + 1) << 56;
        let is_set = self.window >= place;
        if is_set {
            self.window -= place;
            self.normalise(self.range - split);
        } else {
            self.normalise(split + 1);
        }
        is_set
    }

    /// `value`, negative or not with even odds; of one bit at most. Which it is nobody can foresee, so nothing branches on it.
    #[inline(always)]
    pub(super) fn prepared_sign(&mut self, value: i32) -> i32 {
        let split = self.range >> 1;
        let place = (u64::from(split) + 1) << 56;
        let mask = 0_u64.wrapping_sub(u64::from(self.window >= place));
        self.window -= place & mask;
        let (low, high) = (split + 1, self.range - split);
        self.normalise(low ^ ((low ^ high) & mask as u32));
        (value ^ mask as i32).wrapping_sub(mask as i32)
    }

    /// Takes on a range of 1..=255, widened to eight bits.
    #[inline(always)]
    fn normalise(&mut self, range: u32) {
        let shift = range.leading_zeros().wrapping_sub(24);
        self.range = range.wrapping_shl(shift).wrapping_sub(1);
        self.window = self.window.wrapping_shl(shift);
        self.spare = self.spare.wrapping_sub(shift as i32);
    }

    /// A value of what there are few of. Compiled once: the code would be much otherwise.
    #[inline(never)]
    pub(super) fn read(&mut self, probability: u8) -> bool {
        self.prepare(MOST_BITS);
        self.prepared(probability)
    }

    /// With even odds, as in headers.
    pub(super) fn flag(&mut self) -> bool {
        self.read(128)
    }

    /// An unsigned number, its first bit the highest.
    pub(super) fn number(&mut self, bits: u32) -> u32 {
        (0..bits).fold(0, |number, _| number << 1 | u32::from(self.flag()))
    }

    /// A number and then its sign.
    pub(super) fn signed(&mut self, bits: u32) -> i32 {
        let number = self.number(bits) as i32;
        if self.flag() { -number } else { number }
    }

    /// A flag, and where it is set what `read` reads.
    pub(super) fn optional<T>(&mut self, read: impl FnOnce(&mut Self) -> T) -> Option<T> {
        self.flag().then(|| read(self))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The decoder of section 7.3, a bit at a time.
    struct ByDefinition<'a> {
        bytes: std::slice::Iter<'a, u8>,
        value: u32,
        range: u32,
        count: u32,
    }

    impl<'a> ByDefinition<'a> {
        fn new(bytes: &'a [u8]) -> Self {
            let mut bytes = bytes.iter();
            let mut next = || u32::from(bytes.next().copied().unwrap_or(0));
            let value = next() << 8 | next();
            Self { bytes, value, range: 255, count: 0 }
        }

        fn read(&mut self, probability: u8) -> bool {
            let split = 1 + (((self.range - 1) * u32::from(probability)) >> 8);
            let is_set = self.value >= split << 8;
            if is_set {
                self.range -= split;
                self.value -= split << 8;
            } else {
                self.range = split;
            }
            while self.range < 128 {
                self.value <<= 1;
                self.range <<= 1;
                self.count += 1;
                if self.count.is_multiple_of(8) {
                    self.value |= u32::from(self.bytes.next().copied().unwrap_or(0));
                }
            }
            is_set
        }
    }

    #[test]
    fn values_are_those_of_the_definition_to_the_end_and_beyond() {
        let mut state = 5_u32;
        let mut random = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        };
        for length in 0..60 {
            let bytes: Vec<u8> = (0..length).map(|_| random()).collect();
            let (mut reader, mut twin) = (BoolReader::new(&bytes), ByDefinition::new(&bytes));
            // Probabilities of all sizes: those near the ends take none or many bits.
            for n in 0..1500 {
                let overrun = twin.count > 8 * length;
                assert_eq!(reader.is_overrun(), overrun, "{length} bytes, value {n}");
                let probability = if n % 3 == 0 { random() | 1 } else { [1, 128, 254, 255][n % 4] };
                if n % 7 == 0 {
                    reader.prepare(MOST_BITS);
                    let negative = reader.prepared_sign(1000) < 0;
                    assert_eq!(negative, twin.read(128), "{length} bytes, value {n}");
                } else {
                    assert_eq!(reader.read(probability), twin.read(probability), "{length} bytes, value {n}");
                }
            }
        }
    }

    #[test]
    fn numbers_come_with_their_highest_bit_first_and_their_sign_last() {
        let bytes: [u8; 40] = std::array::from_fn(|n| (n * 73 + 11) as u8);
        let (mut reader, mut twin) = (BoolReader::new(&bytes), ByDefinition::new(&bytes));
        let mut number = |bits: u32| (0..bits).fold(0, |number, _| 2 * number + i32::from(twin.read(128)));
        let mut negative = 0;
        for bits in [1, 8, 4, 7, 3, 6, 5, 7, 2] {
            assert_eq!(reader.number(bits) as i32, number(bits));
            let size = number(bits);
            let is_negative = number(1) == 1;
            assert_eq!(reader.signed(bits), if is_negative { -size } else { size });
            negative += usize::from(is_negative && size > 0);
        }
        assert!(negative > 1);
        assert_eq!(BoolReader::new(&[0; 9]).optional(|reader| reader.number(8)), None);
    }
}
