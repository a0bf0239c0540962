//! Huffman codes as tables. ITU-T T.81 annexes C and F.2.2.3.

use super::bits::{Bits, extend};

/// Codes up to this length are found by one look; nearly all are.
const LOOK_BITS: u32 = 12;
const LOOK_SIZE: usize = 1 << LOOK_BITS;

/// What the next bits mean in the AC coefficients of a block, as far as they are within `LOOK_BITS`.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Step {
    /// The coefficient, where code and value fit.
    pub(super) value: i16,
    /// Zeros before it.
    pub(super) run: u8,
    /// Bits of code and value together; 0: does not fit, or is no coefficient.
    pub(super) bits: u8,
}

/// Several symbols that are stepped over at once.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Skip {
    /// Bits of all of them; 0: not even one fits.
    pub(super) bits: u8,
    /// Zigzag positions they cover.
    pub(super) advance: u8,
    /// Whether the last of them ends the block.
    pub(super) ends: bool,
}

/// One Huffman table.
#[derive(Debug, Clone)]
pub(super) struct Table {
    /// Symbol and code length by the next bits; length 0: a longer code, or none.
    symbols: Vec<(u8, u8)>,
    steps: Vec<Step>,
    skips: Vec<Skip>,
    /// By code length: one past its last code, left-aligned to 16 bits; and what leads from a code to its symbol.
    limits: [(u32, i32); 17],
    values: Vec<u8>,
}

impl Table {
    /// From the counts of codes of each length and the symbols in order of their codes (T.81 B.2.4.2). `None`: more codes than there can be.
    pub(super) fn new(counts: &[u8; 16], values: &[u8]) -> Option<Self> {
        let mut symbols = vec![(0, 0); LOOK_SIZE];
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
        let mut table =
            Self { symbols, steps: Vec::new(), skips: Vec::new(), limits, values: values.to_vec() };
        table.steps = (0..LOOK_SIZE as u32).map(|look| table.first_step(look)).collect();
        table.skips = (0..LOOK_SIZE as u32).map(|look| table.all_steps(look)).collect();
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
        Step { value: extend(value as i32, size) as i16, run, bits: bits as u8 }
    }

    fn all_steps(&self, look: u32) -> Skip {
        let mut skip = Skip::default();
        while !skip.ends {
            let rest = (look << skip.bits) & (LOOK_SIZE as u32 - 1);
            let Some(&(symbol, length)) = self.symbols.get(rest as usize) else { break };
            let bits = skip.bits + length + (symbol & 15);
            if length == 0 || u32::from(bits) > LOOK_BITS {
                break;
            }
            let advance = match symbol {
                0 => 0,
                0xf0 => 16,
                // A run without a coefficient has no meaning here: libjpeg takes it for the end.
                _ if symbol & 15 == 0 => 0,
                _ => (symbol >> 4) + 1,
            };
            if skip.advance + advance > 63 {
                break;
            }
            skip = Skip { bits, advance: skip.advance + advance, ends: advance == 0 };
        }
        skip
    }

    /// The next symbol; 0 where the bits are no code. `bits` holds at least 16.
    #[inline(always)]
    pub(super) fn symbol(&self, bits: &mut Bits<'_>) -> u8 {
        match self.symbols.get(bits.peek(LOOK_BITS) as usize) {
            Some(&(symbol, length)) if length != 0 => {
                bits.skip(length.into());
                symbol
            }
            _ => self.long_symbol(bits),
        }
    }

    #[cold]
    #[inline(never)]
    fn long_symbol(&self, bits: &mut Bits<'_>) -> u8 {
        let code = bits.peek(16);
        for (length, (limit, offset)) in (0u32..).zip(self.limits).skip(1) {
            if code < limit {
                bits.skip(length);
                let index = (code >> (16 - length)) as i32 + offset;
                return usize::try_from(index)
                    .ok()
                    .and_then(|index| self.values.get(index))
                    .copied()
                    .unwrap_or(0);
            }
        }
        bits.skip(16);
        0
    }

    #[inline(always)]
    pub(super) fn step(&self, bits: &Bits<'_>) -> Step {
        self.steps.get(bits.peek(LOOK_BITS) as usize).copied().unwrap_or_default()
    }

    #[inline(always)]
    pub(super) fn skip(&self, bits: &Bits<'_>) -> Skip {
        self.skips.get(bits.peek(LOOK_BITS) as usize).copied().unwrap_or_default()
    }
}
