//! Huffman codes as tables. ITU-T T.81 annexes C and F.2.2.3.

use super::bits::{Bits, extend};

/// Codes up to this length are found by one look; nearly all are.
const LOOK_BITS: u32 = 12;
const LOOK_SIZE: usize = 1 << LOOK_BITS;

/// What the next bits mean, as far as they are within `LOOK_BITS`. Packed, so that one load brings all of it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Step(u32);

impl Step {
    fn new(value: i16, run: u8, bits: u32) -> Self {
        Self((value as u16 as u32) << 16 | u32::from(run) << 8 | bits)
    }

    /// Bits of code and value together; 0: they do not fit, or this is no coefficient.
    #[inline(always)]
    pub(super) fn bits(self) -> u32 {
        self.0 & 0xff
    }

    /// Zeros before the coefficient.
    #[inline(always)]
    pub(super) fn run(self) -> usize {
        (self.0 >> 8 & 0xff) as usize
    }

    /// The coefficient.
    #[inline(always)]
    pub(super) fn value(self) -> i32 {
        self.0 as i32 >> 16
    }
}

/// Several symbols that are stepped over at once, packed.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Skip(u16);

impl Skip {
    fn new(bits: u32, advance: u32, ends: bool) -> Self {
        Self((u32::from(ends) << 12 | advance << 4 | bits) as u16)
    }

    /// Bits of all of them; 0: not even one fits.
    #[inline(always)]
    pub(super) fn bits(self) -> u32 {
        u32::from(self.0 & 15)
    }

    /// Zigzag positions they cover, at most 63.
    #[inline(always)]
    pub(super) fn advance(self) -> usize {
        usize::from(self.0 >> 4 & 0xff)
    }

    /// Whether the last of them ends the block.
    #[inline(always)]
    pub(super) fn ends(self) -> bool {
        self.0 >> 12 != 0
    }
}

/// One Huffman table.
#[derive(Debug, Clone)]
pub(super) struct Table {
    /// Symbol and code length by the next bits; length 0: a longer code, or none.
    symbols: Box<[(u8, u8); LOOK_SIZE]>,
    steps: Box<[Step; LOOK_SIZE]>,
    skips: Box<[Skip; LOOK_SIZE]>,
    /// By code length: one past its last code, left-aligned to 16 bits; and what leads from a code to its symbol.
    limits: [(u32, i32); 17],
    values: Vec<u8>,
}

impl Table {
    /// From the counts of codes of each length and the symbols in order of their codes (T.81 B.2.4.2). `None`: more codes than there can be.
    pub(super) fn new(counts: &[u8; 16], values: &[u8]) -> Option<Self> {
        let mut symbols = Box::new([(0, 0); LOOK_SIZE]);
        let mut limits = [(0, 0); 17];
        let (mut code, mut index) = (0u32, 0usize);
        for (length, count) in (1u32..).zip(counts) {
            let first = code;
            let offset = index as i32 - first as i32;
            for symbol in values.get(index..index + usize::from(*count))? {
                if length <= LOOK_BITS {
                    let start = (code << (LOOK_BITS - length)) as usize;
                    let covered = symbols.get_mut(start..start + (1 << (LOOK_BITS - length)))?;
                    covered.fill((*symbol, length as u8));
                }
                code += 1;
            }
            index += usize::from(*count);
            if code > 1 << length {
                return None;
            }
            if let Some(limit) = limits.get_mut(length as usize) {
                *limit = (code << (16 - length), offset);
            }
            code <<= 1;
        }
        let (steps, skips) = (Box::new([Step::default(); LOOK_SIZE]), Box::new([Skip::default(); LOOK_SIZE]));
        let mut table = Self { symbols, steps, skips, limits, values: values.to_vec() };
        for look in 0..LOOK_SIZE {
            table.steps[look] = table.first_step(look as u32);
            table.skips[look] = table.all_steps(look as u32);
        }
        Some(table)
    }

    fn first_step(&self, look: u32) -> Step {
        let Some(&(symbol, length)) = self.symbols.get(look as usize) else { return Step::default() };
        let (run, size) = (symbol >> 4, u32::from(symbol & 15));
        let bits = u32::from(length) + size;
        if length == 0 || size == 0 || bits > LOOK_BITS {
            return Step::default();
        }
        let value = (look >> (LOOK_BITS - bits)) & ((1 << size) - 1);
        Step::new(extend(value as i32, size) as i16, run, bits)
    }

    fn all_steps(&self, look: u32) -> Skip {
        let (mut taken, mut covered) = (0u32, 0u32);
        loop {
            let rest = (look << taken) & (LOOK_SIZE as u32 - 1);
            let Some(&(symbol, length)) = self.symbols.get(rest as usize) else { break };
            let bits = taken + u32::from(length) + u32::from(symbol & 15);
            if length == 0 || bits > LOOK_BITS {
                break;
            }
            let advance = match symbol {
                0xf0 => 16,
                // A run without a coefficient ends the block; only that of 0 is meant to.
                _ if symbol & 15 == 0 => return Skip::new(bits, covered, true),
                _ => u32::from(symbol >> 4) + 1,
            };
            if covered + advance > 63 {
                break;
            }
            (taken, covered) = (bits, covered + advance);
        }
        Skip::new(taken, covered, false)
    }

    /// The next symbol; 0 where the bits are no code. `bits` holds at least 16.
    #[inline(always)]
    pub(super) fn symbol(&self, bits: &mut Bits<'_>) -> u8 {
        let (symbol, length) = self.symbols[look(bits)];
        if length == 0 {
            let (symbol, after) = self.long_symbol(*bits);
            *bits = after;
            return symbol;
        }
        bits.skip(length.into());
        symbol
    }

    #[cold]
    #[inline(never)]
    fn long_symbol<'a>(&self, mut bits: Bits<'a>) -> (u8, Bits<'a>) {
        let code = bits.peek(16);
        for (length, (limit, offset)) in (0u32..).zip(self.limits).skip(1) {
            if code < limit {
                bits.skip(length);
                let index = (code >> (16 - length)) as i32 + offset;
                let symbol = usize::try_from(index)
                    .ok()
                    .and_then(|index| self.values.get(index))
                    .copied()
                    .unwrap_or(0);
                return (symbol, bits);
            }
        }
        bits.skip(16);
        (0, bits)
    }

    #[inline(always)]
    pub(super) fn step(&self, bits: &Bits<'_>) -> Step {
        self.steps[look(bits)]
    }

    #[inline(always)]
    pub(super) fn skip(&self, bits: &Bits<'_>) -> Skip {
        self.skips[look(bits)]
    }
}

/// An index into the tables: always within them.
#[inline(always)]
fn look(bits: &Bits<'_>) -> usize {
    bits.peek(LOOK_BITS) as usize & (LOOK_SIZE - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Codes 0, 10, 110, 1110 for the end of the block, one bit after no zero, one bit after one zero, sixteen zeros.
    fn small() -> Table {
        let mut counts = [0; 16];
        counts[..4].fill(1);
        Table::new(&counts, &[0x00, 0x01, 0x11, 0xf0]).unwrap()
    }

    #[test]
    fn several_symbols_are_one_step() {
        // 10 1, 110 0, 0: a coefficient of 1, one of -1 after a zero, the end.
        let mut bits = Bits::new(&[0b1011_1000, 0, 0, 0, 0], 0);
        bits.refill();
        let (table, step) = (small(), small().step(&bits));
        assert_eq!((step.bits(), step.run(), step.value()), (3, 0, 1));
        let skip = table.skip(&bits);
        assert_eq!((skip.bits(), skip.advance(), skip.ends()), (8, 3, true));
    }

    #[test]
    fn impossible_tables_are_refused() {
        assert!(Table::new(&[3; 16], &[0; 48]).is_none(), "three codes of one bit");
        let mut counts = [0; 16];
        counts[15] = 2;
        assert!(Table::new(&counts, &[1]).is_none(), "fewer symbols than codes");
    }

    #[test]
    fn long_codes_and_none_at_all() {
        let mut counts = [0; 16];
        counts[15] = 2;
        let table = Table::new(&counts, &[7, 9]).unwrap();
        for (bytes, symbol) in [([0, 0], 7), ([0, 1], 9), ([0x80, 0], 0)] {
            let mut bits = Bits::new(&bytes, 0);
            bits.refill();
            assert_eq!(table.symbol(&mut bits), symbol);
        }
    }
}
