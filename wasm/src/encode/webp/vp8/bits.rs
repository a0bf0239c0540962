//! The boolean encoder: RFC 6386 section 7.

/// Writes decisions whose probabilities the reader knows.
#[derive(Debug)]
pub(super) struct BoolWriter {
    bytes: Vec<u8>,
    /// The lower end of what the value may be, and how much there is above it.
    low: u32,
    range: u32,
    /// Bits of `low` until the next byte is complete.
    missing: u32,
}

impl BoolWriter {
    pub(super) fn new() -> Self {
        Self { bytes: Vec::new(), low: 0, range: 255, missing: 24 }
    }

    /// `zero_probability` is in parts of 256, at least 1.
    #[inline(never)]
    pub(super) fn bit(&mut self, zero_probability: u8, bit: bool) {
        let split = 1 + (((self.range - 1) * u32::from(zero_probability)) >> 8);
        if bit {
            self.low += split;
            self.range -= split;
        } else {
            self.range = split;
        }
        while self.range < 128 {
            self.range <<= 1;
            if self.low >> 31 != 0 {
                self.carry();
            }
            self.low <<= 1;
            self.missing -= 1;
            if self.missing == 0 {
                self.bytes.push((self.low >> 24) as u8);
                self.low &= 0xff_ffff;
                self.missing = 8;
            }
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
        // As many bits as push all that counts out of `low`.
        for _ in 0..32 {
            self.flag(false);
        }
        self.bytes
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
