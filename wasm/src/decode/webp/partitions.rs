//! Whether the partitions of a lossy picture lie within its chunk. The decoder believes their sizes, of up to 16 MB each, and allocates
//! them before it reads.

use super::{truncated, wrong};
use crate::Error;
use crate::inspect::reader::Reader;

/// Frame tag, start code, sizes.
const HEADER_BYTES: usize = 10;

/// RFC 6386 sections 9.1 to 9.6, as far as the number of partitions.
pub(super) fn check(vp8: &[u8]) -> Result<(), Error> {
    let mut reader = Reader::new(vp8);
    let tag = reader.u24_le().ok_or(truncated())?;
    let first_bytes = (tag >> 5) as usize;
    let body = vp8.get(HEADER_BYTES..).ok_or(truncated())?;
    let (first, rest) = body.split_at_checked(first_bytes).ok_or_else(|| wrong("its header is cut off"))?;

    let mut bits = EvenBits::new(first);
    let _color_space_and_clamping = bits.number(2);
    if bits.flag() {
        segments(&mut bits);
    }
    let _filter_type_level_sharpness = bits.number(10);
    if bits.flag() && bits.flag() {
        for _ in 0..8 {
            if bits.flag() {
                bits.number(7);
            }
        }
    }
    let count = 1_usize << bits.number(2);
    let (sizes, partitions) = rest.split_at_checked(3 * (count - 1)).ok_or(truncated())?;
    let (sizes, _) = sizes.as_chunks::<3>();
    let needed: usize = sizes.iter().map(|&[a, b, c]| u32::from_le_bytes([a, b, c, 0]) as usize).sum();
    if needed > partitions.len() { Err(wrong("a partition is cut off")) } else { Ok(()) }
}

/// Section 9.3.
fn segments(bits: &mut EvenBits<'_>) {
    let (has_map, has_data) = (bits.flag(), bits.flag());
    if has_data {
        let _are_absolute = bits.flag();
        for (count, width) in [(4, 8), (4, 7)] {
            for _ in 0..count {
                if bits.flag() {
                    bits.number(width);
                }
            }
        }
    }
    if has_map {
        for _ in 0..3 {
            if bits.flag() {
                bits.number(8);
            }
        }
    }
}

/// The boolean decoder of section 7 where both values are equally probable, as in headers. Behind the end come zeros.
struct EvenBits<'a> {
    bytes: std::slice::Iter<'a, u8>,
    value: u32,
    range: u32,
    /// Bits that `value` has been shifted by since the last byte was taken in.
    shifted: u32,
}

impl<'a> EvenBits<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        let mut bytes = bytes.iter();
        let mut next = || u32::from(bytes.next().copied().unwrap_or(0));
        let value = next() << 8 | next();
        Self { bytes, value, range: 255, shifted: 0 }
    }

    fn flag(&mut self) -> bool {
        let split = 1 + ((self.range - 1) >> 1);
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
            self.shifted += 1;
            if self.shifted == 8 {
                self.shifted = 0;
                self.value |= u32::from(self.bytes.next().copied().unwrap_or(0));
            }
        }
        is_set
    }

    fn number(&mut self, bits: u32) -> u32 {
        (0..bits).fold(0, |number, _| number << 1 | u32::from(self.flag()))
    }
}
