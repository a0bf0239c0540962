//! Entropy-coded bits -> bytes, with the stuffing of T.81 F.1.2.3.

use crate::Error;

/// Most bytes that one block can take: 64 codes of 16 bits with up to 11 bits behind, each byte stuffed.
const BLOCK_BYTES: usize = 64 * 27 / 8 * 2 + 16;

/// Appends bits, the most significant first.
pub(super) struct BitWriter {
    bytes: Vec<u8>,
    /// The lowest `count` bits are not written yet; those above are of no account.
    pending: u64,
    /// At most 31 between calls.
    count: u32,
}

impl BitWriter {
    /// Goes on behind `bytes`.
    pub(super) fn new(bytes: Vec<u8>) -> Self {
        Self { bytes, pending: 0, count: 0 }
    }

    /// Room for the next block, so that nothing grows while it is written.
    pub(super) fn reserve_block(&mut self) -> Result<(), Error> {
        if self.bytes.capacity() - self.bytes.len() >= BLOCK_BYTES {
            return Ok(());
        }
        let more = (self.bytes.len() / 4).max(BLOCK_BYTES);
        let needed_bytes = (self.bytes.len() + more) as u64;
        self.bytes.try_reserve_exact(more).map_err(|_| Error::OutOfMemory { needed_bytes })
    }

    /// The lowest `count` bits of `bits`, at most 32; those above are zero.
    pub(super) fn put(&mut self, bits: u32, count: u32) {
        self.pending = self.pending << count | u64::from(bits);
        self.count += count;
        if self.count >= 32 {
            self.count -= 32;
            self.word((self.pending >> self.count) as u32);
        }
    }

    fn word(&mut self, word: u32) {
        // A byte is FF where its complement is zero: there, and perhaps above, the borrow sets the highest bit.
        let has_ff = (!word).wrapping_sub(0x0101_0101) & word & 0x8080_8080 != 0;
        if has_ff {
            word.to_be_bytes().into_iter().for_each(|byte| self.byte(byte));
        } else {
            self.bytes.extend_from_slice(&word.to_be_bytes());
        }
    }

    fn byte(&mut self, byte: u8) {
        self.bytes.push(byte);
        if byte == 0xff {
            self.bytes.push(0);
        }
    }

    /// Fills the last byte with ones, T.81 F.1.2.3, and gives the bytes.
    pub(super) fn finish(mut self) -> Vec<u8> {
        let padding = self.count.wrapping_neg() % 8;
        self.put((1 << padding) - 1, padding);
        while self.count >= 8 {
            self.count -= 8;
            self.byte((self.pending >> self.count) as u8);
        }
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_packed_stuffed_and_padded_with_ones() {
        let mut writer = BitWriter::new(vec![7]);
        writer.put(0b101, 3);
        writer.put(0, 0);
        writer.put(0xffff_ffff, 32);
        writer.put(0xff, 8);
        writer.put(0x7f, 16);
        writer.put(0xff00, 16);
        // 101, 40 ones, 9 zeros, 15 ones, 8 zeros, and ones to the end of the byte.
        let wanted = [7, 0xbf, 0xff, 0, 0xff, 0, 0xff, 0, 0xff, 0, 0xe0, 0x0f, 0xff, 0, 0xe0, 0x1f];
        assert_eq!(writer.finish(), wanted);
    }

    #[test]
    fn stuffing_does_not_depend_on_where_words_end() {
        let mut state = 9u32;
        for _ in 0..200 {
            let mut writer = BitWriter::new(Vec::new());
            let mut bits = Vec::new();
            for _ in 0..100 {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let count = state >> 27;
                let value = if state & 0x300 == 0 { state >> 3 } else { u32::MAX } & ((1 << count) - 1);
                bits.extend((0..count).rev().map(|bit| (value >> bit) as u8 & 1));
                writer.put(value, count);
            }
            bits.resize(bits.len().next_multiple_of(8), 1);
            let wanted: Vec<u8> = bits
                .chunks(8)
                .map(|byte| byte.iter().fold(0, |byte, bit| byte << 1 | bit))
                .flat_map(|byte| if byte == 0xff { vec![byte, 0] } else { vec![byte] })
                .collect();
            assert_eq!(writer.finish(), wanted);
        }
    }
}
