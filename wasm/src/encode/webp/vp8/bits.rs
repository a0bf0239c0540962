//! The boolean encoder: RFC 6386 section 7.

/// Writes decisions whose probabilities the reader knows.
#[derive(Debug)]
pub(super) struct BoolWriter {
    bytes: Vec<u8>,
    /// The lower end of what the value may be, and how much there is above it, 128..=255.
    low: u64,
    range: u32,
    /// Bits of `low` above the eight that `range` is among.
    count: u32,
}

/// Bits of `low` that are written together.
const WRITTEN_BITS: u32 = 32;

impl BoolWriter {
    pub(super) fn new() -> Self {
        Self { bytes: Vec::new(), low: 0, range: 255, count: 0 }
    }

    /// `zero_probability` is in parts of 256, at least 1.
    #[inline]
    pub(super) fn bit(&mut self, zero_probability: u8, bit: bool) {
        let split = 1 + (((self.range - 1) * u32::from(zero_probability)) >> 8);
        if bit {
            self.low += u64::from(split);
            self.range -= split;
        } else {
            self.range = split;
        }
        let shift = self.range.leading_zeros() - 24;
        self.range <<= shift;
        self.low <<= shift;
        self.count += shift;
        if self.count >= WRITTEN_BITS {
            self.write();
        }
    }

    pub(super) fn flag(&mut self, bit: bool) {
        self.bit(128, bit);
    }

    /// So many bits, the highest first.
    pub(super) fn number(&mut self, value: u32, bits: u32) {
        for i in (0..bits).rev() {
            self.flag(value >> i & 1 != 0);
        }
    }

    /// A number whose sign follows it, after a flag that tells zero from others.
    pub(super) fn optional(&mut self, value: i32, bits: u32) {
        self.flag(value != 0);
        if value != 0 {
            self.number(value.unsigned_abs(), bits);
            self.flag(value < 0);
        }
    }

    pub(super) fn finish(mut self) -> Vec<u8> {
        // All that counts, and a byte more; behind the end readers take zeros.
        let length = self.bytes.len() + (self.count as usize + 8).div_ceil(8) + 1;
        for _ in 0..WRITTEN_BITS + 24 {
            self.flag(false);
        }
        self.bytes.truncate(length);
        self.bytes
    }

    #[inline(never)]
    fn write(&mut self) {
        let rest = self.count + 8 - WRITTEN_BITS;
        let written = self.low >> rest;
        if written >> WRITTEN_BITS != 0 {
            self.carry();
        }
        self.bytes.extend((written as u32).to_be_bytes());
        self.low &= (1 << rest) - 1;
        self.count -= WRITTEN_BITS;
    }

    /// Adds one to what is written already.
    fn carry(&mut self) {
        for byte in self.bytes.iter_mut().rev() {
            let (sum, is_carried) = byte.overflowing_add(1);
            *byte = sum;
            if !is_carried {
                break;
            }
        }
    }
}
