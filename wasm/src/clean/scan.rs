//! The entropy-coded data of a baseline JPEG file, stepped through code by code: that it ends with its last block. T.81 annex F.2.

use super::{Cursor, Foreign};

/// Huffman codes as a DHT segment states them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Codes<'a> {
    /// How many codes have 1, 2, ... 16 bits.
    pub(super) counts: &'a [u8; 16],
    /// By length of code.
    pub(super) symbols: &'a [u8],
}

/// What the blocks of one component are read with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Component<'a> {
    pub(super) dc: Codes<'a>,
    pub(super) ac: Codes<'a>,
    /// Blocks in a minimum coded unit.
    pub(super) block_count: u32,
}

struct Bits<'c, 'a> {
    cursor: &'c mut Cursor<'a>,
    byte: u8,
    /// Bits of `byte` that are not read yet.
    count: u32,
}

impl Bits<'_, '_> {
    fn bit(&mut self) -> Result<u32, Foreign> {
        if self.count == 0 {
            let start = self.cursor.offset;
            let [byte] = self.cursor.array()?;
            // Stuffing: FF stands for itself where 00 follows; all else is a marker.
            if byte == 0xff && self.cursor.array()? != [0] {
                return Err(Foreign::new(start, "a marker within the data of the scan"));
            }
            (self.byte, self.count) = (byte, 8);
        }
        self.count -= 1;
        Ok(u32::from(self.byte >> self.count & 1))
    }

    fn skip(&mut self, count: u8) -> Result<(), Foreign> {
        (0..count).try_for_each(|_| self.bit().map(|_| ()))
    }

    /// T.81 figure F.16.
    fn symbol(&mut self, codes: &Codes<'_>) -> Result<u8, Foreign> {
        let start = self.cursor.offset;
        let (mut code, mut first, mut index) = (0, 0, 0);
        for count in codes.counts {
            let count = u32::from(*count);
            code = code << 1 | self.bit()?;
            if code < first + count {
                let place = usize::try_from(index + code - first).ok().and_then(|at| codes.symbols.get(at));
                return place.copied().ok_or(Foreign::new(start, "bits that are no code"));
            }
            index += count;
            first = (first + count) << 1;
        }
        Err(Foreign::new(start, "bits that are no code"))
    }

    fn block(&mut self, component: &Component<'_>) -> Result<(), Foreign> {
        let start = self.cursor.offset;
        let wrong = || Foreign::new(start, "a block with too many coefficients");
        let size = self.symbol(&component.dc)?;
        if size > 11 {
            return Err(wrong());
        }
        self.skip(size)?;
        let mut place = 1;
        while place < 64 {
            let symbol = self.symbol(&component.ac)?;
            match (symbol >> 4, symbol & 15) {
                (0, 0) => break,
                (15, 0) => place += 16,
                (_, 0) => return Err(wrong()),
                (run, size) => {
                    place += run + 1;
                    self.skip(size)?;
                }
            }
            if place > 64 {
                return Err(wrong());
            }
        }
        Ok(())
    }
}

/// Steps over so many units. What is left of the last byte has to be ones, T.81 F.1.2.3.
pub(super) fn check(
    cursor: &mut Cursor<'_>,
    unit_count: u64,
    components: &[Component<'_>],
) -> Result<(), Foreign> {
    let mut bits = Bits { cursor, byte: 0, count: 0 };
    // Each block takes a bit at least, so that this ends where the file does.
    for _ in 0..unit_count {
        for component in components {
            (0..component.block_count).try_for_each(|_| bits.block(component))?;
        }
    }
    let ones = (1u16 << bits.count) - 1;
    if u16::from(bits.byte) & ones != ones {
        return Err(Foreign::new(bits.cursor.offset, "bits behind the last block"));
    }
    Ok(())
}
