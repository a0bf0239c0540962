//! Huffman codes as tables. ITU-T T.81 annexes C and F.2.2.3.

use super::bits::Cursor;

/// Bits that several AC symbols are stepped over by.
pub(super) const SKIP_BITS: u32 = 12;
const SKIP_SIZE: usize = 1 << SKIP_BITS;
/// Bits that one symbol is looked up by; nearly all codes are shorter. The tables in use have to stay in the first-level cache together.
const CODE_BITS: u32 = 10;
const CODE_SIZE: usize = 1 << CODE_BITS;

/// Beyond every zigzag position: what adds so much ends a block.
const BEYOND: u32 = 64;
/// Bits of the value of a DC difference and of an AC coefficient, at the most (T.81 tables F.1 and F.2).
const LARGEST_DC_SIZE: u32 = 11;
const LARGEST_AC_SIZE: u32 = 10;
/// Bits that a code and its value, or all that is stepped over at once, have at the most.
pub(super) const MOST_BITS: u32 = 22;
const _: () = assert!(SKIP_BITS + LARGEST_AC_SIZE <= MOST_BITS && CODE_BITS + LARGEST_DC_SIZE <= MOST_BITS);

/// What a code means that is within `CODE_BITS`. Packed, so that one load brings all of it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Code(u32);

impl Code {
    fn new(length: u32, size: u32, run: u32) -> Self {
        Self(run << 18 | length << 12 | size << 6 | (length + size))
    }

    /// Whether the code is longer, or none.
    #[inline(always)]
    pub(super) fn is_long(self) -> bool {
        self.0 == 0
    }

    /// Bits of code and value together, at most [`MOST_BITS`].
    #[inline(always)]
    pub(super) fn bits(self) -> u32 {
        self.0 & 63
    }

    /// Zeros before the coefficient; more than a block has where the block ends.
    #[inline(always)]
    pub(super) fn run(self) -> usize {
        (self.0 >> 18) as usize
    }

    /// The value, out of the window that the code was found in; 0 where it has no bits. T.81 figure F.12 (EXTEND).
    #[inline(always)]
    pub(super) fn value(self, window: u64) -> i32 {
        let (size, length) = (self.0 >> 6 & 63, self.0 >> 12 & 63);
        let rest = window << length;
        // A value whose first bit is 0 is negative.
        let below = !(rest as i64 >> 63) as i32;
        let value = ((rest >> 1) >> (63 - size)) as i32;
        value + (below & (1 - (1 << size)))
    }
}

/// Several symbols that are stepped over at once, packed. Of the last of them only the code is within `SKIP_BITS`: its value need not be seen.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Skip(u16);

impl Skip {
    /// The last of them ends the block; what they cover is beside it.
    const ENDS: u16 = 128 << 8;
    /// Not even one code fits.
    const NONE: Self = Self((BEYOND as u16) << 8);

    /// Zigzag positions that they cover in the upper byte, and bits of all of them in the lower, at most [`MOST_BITS`]: so both are summed up at
    /// once, and a shift by the whole is one by the bits. Beyond every position where the block ends, or where nothing fits.
    #[inline(always)]
    pub(super) fn sum(self) -> u32 {
        self.0.into()
    }

    /// Whether the last of them ends a block that is at position `k`: one whose last coefficient is among those before has ended already.
    #[inline(always)]
    pub(super) fn ends(self, k: usize) -> bool {
        self.0 >= Self::ENDS && k + usize::from(self.0 >> 8) - 128 < 64
    }
}

/// Bits that two symbols are looked up by, with their values.
pub(super) const PAIR_BITS: u32 = 11;
const PAIR_SIZE: usize = 1 << PAIR_BITS;

/// Two symbols with their values, or one where no second has room, packed. Without a branch both can be put into a block: the second first,
/// since where there is none its place is that of the first.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Pair(u32);

impl Pair {
    /// Values of seven bits with their sign fit in.
    const LARGEST_SIZE: u32 = 6;

    /// Of each symbol the positions that it goes on by, [`BEYOND`] where it ends the block, and its value.
    fn new(bits: u32, symbols: [(u32, i32); 2]) -> Self {
        let [(first, value), (second, other)] = symbols;
        Self((value as u32 & 127) << 25 | (other as u32 & 127) << 18 | first << 11 | second << 4 | bits)
    }

    /// Whether not even one symbol is within `PAIR_BITS`.
    #[inline(always)]
    pub(super) fn is_none(self) -> bool {
        self.0 == 0
    }

    /// Bits of both.
    #[inline(always)]
    pub(super) fn bits(self) -> u32 {
        self.0 & 15
    }

    /// From position `k` on: the place of the first, the place of the second, the position after.
    #[inline(always)]
    pub(super) fn places(self, k: usize) -> (usize, usize, usize) {
        let after_first = k + (self.0 >> 11 & 127) as usize;
        let after = after_first + (self.0 >> 4 & 127) as usize;
        // Every symbol goes on by one at least, and k is not 0.
        (after_first - 1, after - 1, after)
    }

    #[inline(always)]
    pub(super) fn values(self) -> (i16, i16) {
        ((self.0 as i32 >> 25) as i16, ((self.0 << 7) as i32 >> 25) as i16)
    }
}

/// The codes of one table, T.81 B.2.4.2.
#[derive(Debug, Clone)]
struct Codes {
    /// By code length: one past its last code, left-aligned to 16 bits; and what leads from a code to its symbol.
    limits: [(u32, i32); 17],
    values: Vec<u8>,
}

impl Codes {
    fn new(counts: &[u8; 16], values: &[u8]) -> Option<Self> {
        let mut limits = [(0, 0); 17];
        let (mut code, mut index) = (0u32, 0usize);
        for (length, count) in (1u32..).zip(counts) {
            let offset = index as i32 - code as i32;
            (code, index) = (code + u32::from(*count), index + usize::from(*count));
            if code > 1 << length {
                return None;
            }
            if let Some(limit) = limits.get_mut(length as usize) {
                *limit = (code << (16 - length), offset);
            }
            code <<= 1;
        }
        Some(Self { limits, values: values.get(..index)?.to_vec() })
    }

    /// Symbol and length of the code that 16 bits begin with; 0 and 16 where that is none.
    fn symbol(&self, bits: u32) -> (u8, u32) {
        for (length, (limit, offset)) in (0u32..).zip(self.limits).skip(1) {
            if bits < limit {
                let index = (bits >> (16 - length)) as i32 + offset;
                let value = usize::try_from(index).ok().and_then(|index| self.values.get(index));
                return (value.copied().unwrap_or(0), length);
            }
        }
        (0, 16)
    }

    /// The codes that are no longer than the index of a table has bits, by what begins with them; `code` says what each means.
    fn table<T: Copy + Default, const SIZE: usize>(&self, code: impl Fn(u8, u32) -> T) -> Box<[T; SIZE]> {
        let mut table = Box::new([T::default(); SIZE]);
        let (bits, mut at, mut code_at) = (SIZE.trailing_zeros(), 0, 0);
        let mut values = self.values.iter();
        for (length, (limit, _)) in (0u32..).zip(self.limits).skip(1).take(bits as usize) {
            while code_at < limit {
                let Some(value) = values.next() else { return table };
                let covered = 1 << (bits - length);
                if let Some(slots) = table.get_mut(at..at + covered) {
                    slots.fill(code(*value, length));
                }
                (at, code_at) = (at + covered, code_at + (1 << (16 - length)));
            }
        }
        table
    }

    /// What is longer than the tables know: zeros before the value, beyond every position where a block ends, and the value.
    #[cold]
    #[inline(never)]
    fn long<'a>(&self, mut cursor: Cursor<'a>) -> (usize, i32, Cursor<'a>) {
        cursor.refill();
        let (symbol, length) = self.symbol((cursor.window() >> 48) as u32);
        cursor.skip(length);
        let (run, size) = (usize::from(symbol >> 4), u32::from(symbol & 15));
        let run = if size == 0 && run != 15 { BEYOND as usize } else { run };
        let value = cursor.signed(size);
        (run, value, cursor)
    }
}

/// A table for DC differences.
#[derive(Debug, Clone)]
pub(super) struct DcTable {
    codes: Codes,
    looked_up: Box<[Code; CODE_SIZE]>,
}

impl DcTable {
    /// From the counts of codes of each length and the symbols in order of their codes. `None`: more codes than there can be.
    pub(super) fn new(counts: &[u8; 16], values: &[u8]) -> Option<Self> {
        let codes = Codes::new(counts, values)?;
        let looked_up = codes.table(|symbol, length| match u32::from(symbol & 15) {
            size @ 0..=LARGEST_DC_SIZE => Code::new(length, size, 0),
            _ => Code::default(),
        });
        Some(Self { codes, looked_up })
    }

    /// The next difference, and that many bits less.
    #[inline(always)]
    pub(super) fn difference(&self, cursor: &mut Cursor<'_>) -> i32 {
        cursor.refill();
        let window = cursor.window();
        let code = self.looked_up[(window >> (64 - CODE_BITS)) as usize];
        if code.is_long() {
            let (_, value, after) = self.codes.long(*cursor);
            *cursor = after;
            cursor.refill();
            return value;
        }
        cursor.skip(code.bits());
        code.value(window)
    }
}

/// A table for AC coefficients.
#[derive(Debug, Clone)]
pub(super) struct AcTable {
    codes: Codes,
    looked_up: Box<[Code; CODE_SIZE]>,
    skips: Box<[Skip; SKIP_SIZE]>,
    pairs: Box<[Pair; PAIR_SIZE]>,
    /// Symbol and length of its code, for progressive scans; length 0: the code is longer.
    symbols: Box<[(u8, u8); CODE_SIZE]>,
}

impl AcTable {
    /// From the counts of codes of each length and the symbols in order of their codes. `None`: more codes than there can be.
    pub(super) fn new(counts: &[u8; 16], values: &[u8]) -> Option<Self> {
        let codes = Codes::new(counts, values)?;
        let code = |symbol: u8, length: u32| match (u32::from(symbol >> 4), u32::from(symbol & 15)) {
            (15, 0) => Code::new(length, 0, 15),
            // A run without a coefficient ends the block; only that of 0 is meant to.
            (_, 0) => Code::new(length, 0, BEYOND),
            (run, size @ 0..=LARGEST_AC_SIZE) => Code::new(length, size, run),
            _ => Code::default(),
        };
        let looked_up = codes.table(code);
        let every: Box<[Code; SKIP_SIZE]> = codes.table(code);
        let mut skips = Box::new([Skip::NONE; SKIP_SIZE]);
        for (look, skip) in skips.iter_mut().enumerate() {
            *skip = all_steps(&every, look);
        }
        let mut pairs = Box::new([Pair::default(); PAIR_SIZE]);
        for (look, pair) in pairs.iter_mut().enumerate() {
            *pair = two_symbols(&every, look << (SKIP_BITS - PAIR_BITS));
        }
        let symbols = codes.table(|symbol, length| (symbol, length as u8));
        Some(Self { codes, looked_up, skips, pairs, symbols })
    }

    /// The next symbol, after which 40 bits are available: zeros before the coefficient in the upper half, bits of the coefficient in the lower.
    #[inline(always)]
    pub(super) fn symbol(&self, cursor: &mut Cursor<'_>) -> u8 {
        cursor.refill();
        let window = cursor.window();
        let (mut symbol, length) = self.symbols[(window >> (64 - CODE_BITS)) as usize];
        let mut length = length.into();
        if length == 0 {
            (symbol, length) = self.codes.symbol((window >> 48) as u32);
        }
        cursor.skip(length);
        symbol
    }

    /// What the upper bits of a window mean.
    #[inline(always)]
    pub(super) fn code(&self, window: u64) -> Code {
        self.looked_up[(window >> (64 - CODE_BITS)) as usize]
    }

    /// What two symbols the upper bits of a window mean.
    #[inline(always)]
    pub(super) fn pair(&self, window: u64) -> Pair {
        self.pairs[(window >> (64 - PAIR_BITS)) as usize]
    }

    /// What the upper bits of a window step over.
    #[inline(always)]
    pub(super) fn skip(&self, window: u64) -> Skip {
        self.skips[(window >> (64 - SKIP_BITS)) as usize]
    }

    /// A symbol of any length: zeros before the coefficient, beyond every position where the block ends, and its value.
    #[inline(always)]
    pub(super) fn long(&self, cursor: &mut Cursor<'_>) -> (usize, i32) {
        let (run, value, after) = self.codes.long(*cursor);
        *cursor = after;
        (run, value)
    }
}

/// As many symbols as have their codes within the bits of `look`.
fn all_steps(codes: &[Code; SKIP_SIZE], look: usize) -> Skip {
    let (mut taken, mut covered) = (0u32, 0u32);
    while taken < SKIP_BITS {
        let code = codes[(look << taken) & (SKIP_SIZE - 1)];
        let length = code.0 >> 12 & 63;
        if length == 0 || taken + length > SKIP_BITS {
            break;
        }
        if code.run() as u32 >= BEYOND {
            return Skip(Skip::ENDS + (covered << 8 | (taken + length)) as u16);
        }
        let advance = code.run() as u32 + 1;
        if covered + advance > 63 {
            break;
        }
        (taken, covered) = (taken + code.bits(), covered + advance);
    }
    if taken == 0 { Skip::NONE } else { Skip((covered << 8 | taken) as u16) }
}

/// One or two symbols that are with their values within `PAIR_BITS`; `look` has those bits first.
fn two_symbols(codes: &[Code; SKIP_SIZE], look: usize) -> Pair {
    let mut taken = 0;
    let mut next = || {
        let rest = look << taken;
        let code = codes[rest & (SKIP_SIZE - 1)];
        let (bits, size) = (code.bits(), code.0 >> 6 & 63);
        let has_room = !code.is_long() && taken + bits <= PAIR_BITS && size <= Pair::LARGEST_SIZE;
        has_room.then(|| {
            taken += bits;
            let window = (rest as u64) << (64 - SKIP_BITS);
            let advance = if code.run() as u32 >= BEYOND { BEYOND } else { code.run() as u32 + 1 };
            (advance, code.value(window))
        })
    };
    match next() {
        None => Pair::default(),
        Some(first @ (BEYOND, _)) => Pair::new(taken, [first, (0, 0)]),
        Some(first) => {
            let second = next().unwrap_or((0, 0));
            Pair::new(taken, [first, second])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::bits::Bits;
    use super::*;

    /// Codes 0, 10, 110, 1110 for the end of the block, one bit after no zero, one bit after one zero, sixteen zeros.
    fn small() -> AcTable {
        let mut counts = [0; 16];
        counts[..4].fill(1);
        AcTable::new(&counts, &[0x00, 0x01, 0x11, 0xf0]).unwrap()
    }

    #[test]
    fn several_symbols_are_one_step() {
        // 10 1, 110 0, 0: a coefficient of 1, one of -1 after a zero, the end.
        let window = 0b1011_1000_u64 << 56;
        let (table, code) = (small(), small().code(window));
        assert_eq!((code.bits(), code.run(), code.value(window)), (3, 0, 1));
        let code = table.code(window << 3);
        assert_eq!((code.bits(), code.run(), code.value(window << 3)), (4, 1, -1));
        let skip = table.skip(window);
        assert_eq!((skip.sum() & 255, skip.ends(1), skip.ends(61)), (8, true, false));
        // 10 1, 110 0, 1110, 10: the value of the last is not seen.
        let skip = table.skip(0b1011_1001_1101_u64 << 52);
        assert_eq!((skip.sum(), skip.ends(1)), ((1 + 2 + 16) << 8 | 11, false));
        let skip = table.skip(0b1011_0110_1110_u64 << 52);
        assert_eq!((skip.sum(), skip.ends(1)), ((1 + 1 + 1 + 2) << 8 | 13, false));
    }

    #[test]
    fn two_symbols_are_one_look() {
        let table = small();
        let look = |bits: u64, length: u32| table.pair(bits << (64 - length));
        // 10 1, 110 0: a coefficient of 1, one of -1 after a zero.
        let pair = look(0b101_1100, 7);
        assert_eq!((pair.bits(), pair.values(), pair.places(1)), (7, (1, -1), (1, 3, 4)));
        // 10 0, 0: a coefficient of -1, the end.
        let pair = look(0b1000, 4);
        assert_eq!((pair.bits(), pair.values(), pair.places(5)), (4, (-1, 0), (5, 69, 70)));
        // The end; nothing of the next block.
        let pair = look(0b0101, 4);
        assert_eq!((pair.bits(), pair.values(), pair.places(1)), (1, (0, 0), (64, 64, 65)));
        // 1110, 1110 and what is no code of this table.
        let pair = look(0b111_0111_0111, 11);
        assert_eq!((pair.bits(), pair.values(), pair.places(1)), (8, (0, 0), (16, 32, 33)));
        assert!(look(0b1111, 4).is_none());
    }

    #[test]
    fn impossible_tables_are_refused() {
        assert!(AcTable::new(&[3; 16], &[0; 48]).is_none(), "three codes of one bit");
        let mut counts = [0; 16];
        counts[15] = 2;
        assert!(DcTable::new(&counts, &[1]).is_none(), "fewer symbols than codes");
    }

    #[test]
    fn long_codes_and_none_at_all() {
        let mut counts = [0; 16];
        counts[15] = 2;
        let table = AcTable::new(&counts, &[7, 9]).unwrap();
        for (bytes, symbol) in [([0, 0], 7), ([0, 1], 9), ([0x80, 0], 0)] {
            let bits = Bits::new(&bytes, 0);
            let mut cursor = bits.cursor();
            assert_eq!(table.symbol(&mut cursor), symbol);
        }
    }
}
