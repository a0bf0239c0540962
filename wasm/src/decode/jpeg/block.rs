//! The coefficients of one block out of its bits. ITU-T T.81 F.2.2 (sequential) and G.1.2 (progressive).

use super::bits::{Cursor, REFILLED};
use super::huffman::{AcTable, DcTable, MOST_BITS, PAIR_BITS, SKIP_BITS};
use super::idct::ZIGZAG;

/// Decodes a sequential block into `block` (natural order, zero before). Coefficients beyond the zigzag position `last` are stepped over.
#[inline(always)]
pub(super) fn sequential(
    cursor: &mut Cursor<'_>,
    dc: &DcTable,
    ac: &AcTable,
    predictor: &mut i32,
    last: usize,
    block: &mut [i16; 64],
) {
    *predictor = predictor.wrapping_add(dc.difference(cursor));
    block[0] = *predictor as i16;
    let k = low(cursor, ac, last, block);
    skip_from(cursor, ac, k);
}

/// Decodes the DC coefficient of a sequential block and steps over all others.
#[inline(always)]
pub(super) fn only_dc(cursor: &mut Cursor<'_>, dc: &DcTable, ac: &AcTable, predictor: &mut i32) {
    *predictor = predictor.wrapping_add(dc.difference(cursor));
    // What the difference has left is enough for one step, and to look up a second.
    let k = steps::<2>(cursor, ac, 1);
    skip_from(cursor, ac, k);
}

/// Zigzag order to natural order. What lies beyond a block, as its end does, has the last place, where there is a zero then.
const PLACES: [u8; 128] = {
    let mut places = [63; 128];
    let (zigzag, _) = places.split_at_mut(64);
    zigzag.copy_from_slice(&ZIGZAG);
    places
};

/// As far as here the first of two symbols, sixteen positions at most, does not reach the end of a block: the second belongs to it, too.
const LAST_PAIR: usize = 63 - 16;
/// Where fewer are wanted, one at a time is sooner: the second would often be one too many.
const FEWEST: usize = 8;
/// Pairs that are read after a refill.
const PAIRS: u32 = 4;
const _: () = assert!((PAIRS + 1) * PAIR_BITS <= REFILLED);

/// Takes the coefficients up to `last` out, and perhaps more; gives the position after, 64 or more where the block has ended.
#[inline(always)]
fn low(cursor: &mut Cursor<'_>, ac: &AcTable, last: usize, block: &mut [i16; 64]) -> usize {
    let mut k = 1;
    let last_pair = if last < FEWEST { 0 } else { last.min(LAST_PAIR) };
    'pairs: while k <= last_pair {
        cursor.refill();
        // So many are there after a refill, and the bits that the next is looked up by.
        for _ in 0..PAIRS {
            let pair = ac.pair(cursor.window());
            if pair.is_none() {
                if cursor.available() < MOST_BITS as i32 {
                    cursor.refill();
                }
                k = one(cursor, ac, k, block);
                continue 'pairs;
            }
            cursor.skip(pair.bits());
            let (first, second, after) = pair.places(k);
            let (value, other) = pair.values();
            block[usize::from(PLACES[second & 127] & 63)] = other;
            block[usize::from(PLACES[first & 127] & 63)] = value;
            k = after;
            if k > last_pair {
                break 'pairs;
            }
        }
    }
    while k <= last {
        if cursor.available() < MOST_BITS as i32 {
            cursor.refill();
        }
        k = one(cursor, ac, k, block);
    }
    k
}

/// Takes one coefficient out, of at least `MOST_BITS` that are available.
#[inline(always)]
fn one(cursor: &mut Cursor<'_>, ac: &AcTable, k: usize, block: &mut [i16; 64]) -> usize {
    let window = cursor.window();
    let code = ac.code(window);
    let (run, value) = if code.is_long() {
        ac.long(cursor)
    } else {
        cursor.skip(code.bits());
        (code.run(), code.value(window))
    };
    if let Some(place) = ZIGZAG.get(k + run) {
        block[usize::from(*place & 63)] = value as i16;
    }
    k + run + 1
}

/// `COUNT` steps over several symbols each, from position `k` on; less where the block ends, or where a symbol is too long for the tables. Gives
/// the position after, 64 or more where the block has ended.
#[inline(always)]
fn steps<const COUNT: usize>(cursor: &mut Cursor<'_>, ac: &AcTable, k: usize) -> usize {
    let mut window = cursor.window();
    // Positions in the upper part, bits taken in the lowest byte.
    let mut sum = (k as u32) << 8;
    for _ in 0..COUNT {
        let skip = ac.skip(window);
        let next = sum + skip.sum();
        if next >= 64 << 8 {
            cursor.moved(window, sum & 255);
            let k = (sum >> 8) as usize;
            if skip.ends(k) {
                cursor.skip(skip.sum() & 255);
                return 64;
            }
            // Nothing fits, or the last coefficient is among them and what follows belongs to the next block.
            let code = ac.code(window);
            if code.is_long() || cursor.available() < MOST_BITS as i32 {
                return k + ac.long(cursor).0 + 1;
            }
            cursor.skip(code.bits());
            return k + code.run() + 1;
        }
        window = window.wrapping_shl(skip.sum());
        sum = next;
    }
    cursor.moved(window, sum & 255);
    (sum >> 8) as usize
}

/// Steps over the coefficients from `k` on.
#[inline(always)]
fn skip_from(cursor: &mut Cursor<'_>, ac: &AcTable, mut k: usize) {
    while k < 64 {
        cursor.refill();
        // Two steps, and the bits that a third one is looked up by, are available after a refill.
        k = steps::<3>(cursor, ac, k);
    }
}

const _: () = assert!(2 * MOST_BITS + SKIP_BITS <= REFILLED);

/// Which coefficients of a progressive block are kept, and where: those that its samples are made of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kept {
    /// How many.
    pub(super) count: usize,
    /// The last zigzag position that is kept.
    pub(super) last: usize,
    /// By zigzag position: the place among those that are kept, or [`Kept::NOT`].
    pub(super) slots: &'static [u8; 64],
}

impl Kept {
    pub(super) const NOT: u8 = 255;

    /// For blocks of so many samples a side.
    pub(super) fn of(size: usize) -> Self {
        const fn slots(size: u8) -> [u8; 64] {
            let mut slots = [Kept::NOT; 64];
            let mut k = 0;
            while k < 64 {
                let (row, column) = (ZIGZAG[k] / 8, ZIGZAG[k] % 8);
                if row < size && column < size {
                    slots[k] = row * size + column;
                }
                k += 1;
            }
            slots
        }
        static SLOTS: [[u8; 64]; 4] = [slots(1), slots(2), slots(4), slots(8)];
        let (count, last, slots) = match size {
            1 => (1, 0, &SLOTS[0]),
            2 => (4, 4, &SLOTS[1]),
            4 => (16, 24, &SLOTS[2]),
            _ => (64, 63, &SLOTS[3]),
        };
        Self { count, last, slots }
    }

    #[inline(always)]
    fn coefficient<'a>(&self, k: usize, block: &'a mut [i16]) -> Option<&'a mut i16> {
        block.get_mut(usize::from(*self.slots.get(k)?))
    }
}

/// A scan of a band of AC coefficients.
#[derive(Debug, Clone, Copy)]
pub(super) struct Band {
    /// Zigzag positions.
    pub(super) first: usize,
    pub(super) last: usize,
    /// Bits below those of this scan.
    pub(super) after: u32,
}

/// The first bits of a band. `nonzero` gets a bit for each position that is not zero; `None` where nobody will ask. Gives the number of blocks
/// from this one on that end here.
#[inline(always)]
pub(super) fn ac_first(
    cursor: &mut Cursor<'_>,
    ac: &AcTable,
    band: Band,
    kept: Kept,
    nonzero: Option<&mut u64>,
    block: &mut [i16],
) -> u32 {
    let (mut k, mut mask) = (band.first, 0);
    // What nobody will ask for is not looked at either, but for the end of the block: it may end others, too.
    while k <= band.last {
        let symbol = ac.symbol(cursor);
        let (run, length) = (usize::from(symbol >> 4), u32::from(symbol & 15));
        if length != 0 {
            k += run;
            if k <= kept.last || nonzero.is_some() {
                let value = cursor.signed(length) << band.after;
                if let Some(coefficient) = kept.coefficient(k, block) {
                    *coefficient = value as i16;
                }
                mask |= 1u64 << (k & 63);
            } else {
                cursor.skip(length);
            }
            k += 1;
        } else if run == 15 {
            k += 16;
        } else {
            if let Some(nonzero) = nonzero {
                *nonzero |= mask;
            }
            return (1 << run) + cursor.take(run as u32);
        }
    }
    if let Some(nonzero) = nonzero {
        *nonzero |= mask;
    }
    1
}

/// One more bit of a band. `ending` counts the blocks from this one on that end at their first position.
#[inline(always)]
pub(super) fn ac_refine(
    cursor: &mut Cursor<'_>,
    ac: &AcTable,
    band: Band,
    kept: Kept,
    ending: &mut u32,
    nonzero: &mut u64,
    block: &mut [i16],
) {
    let bit = 1i32 << band.after;
    let mut k = band.first;
    if *ending == 0 {
        while k <= band.last {
            let symbol = ac.symbol(cursor);
            let (mut run, length) = (usize::from(symbol >> 4), symbol & 15);
            let mut value = 0;
            if length != 0 {
                value = if cursor.take(1) == 1 { bit } else { -bit };
            } else if run != 15 {
                *ending = (1 << run) + cursor.take(run as u32);
                break;
            }
            // Coefficients that were not zero before are refined on the way over `run` zeros to the place of the new one.
            let place = loop {
                if k > band.last {
                    break k;
                }
                let rest = *nonzero >> k;
                let ones = (rest.trailing_ones() as usize).min(band.last + 1 - k);
                refine(cursor, bit, k, ones, kept, block);
                k += ones;
                if k > band.last {
                    break k;
                }
                let zeros = ((*nonzero >> k).trailing_zeros() as usize).min(band.last + 1 - k);
                if run < zeros {
                    k += run;
                    break k;
                }
                run -= zeros;
                k += zeros;
            };
            if value != 0 {
                // Beyond the band only in damaged data; libjpeg puts it there, too.
                if let Some(coefficient) = kept.coefficient(place.min(63), block) {
                    *coefficient = value as i16;
                }
                *nonzero |= 1u64 << place.min(63);
            }
            k = place + 1;
        }
    }
    if *ending > 0 {
        *ending -= 1;
        if k <= band.last {
            let positions = *nonzero & (u64::MAX << k) & (u64::MAX >> (63 - band.last));
            if positions.trailing_zeros() as usize > kept.last {
                // None of them is kept: all their bits at once.
                cursor.pass(positions.count_ones());
            } else {
                let mut left = positions;
                while left != 0 {
                    refine(cursor, bit, left.trailing_zeros() as usize, 1, kept, block);
                    left &= left - 1;
                }
            }
        }
    }
}

/// One more bit for each of `count` coefficients from `k` on, none of which is zero.
#[inline(always)]
fn refine(cursor: &mut Cursor<'_>, bit: i32, k: usize, count: usize, kept: Kept, block: &mut [i16]) {
    if k > kept.last {
        cursor.pass(count as u32);
        return;
    }
    for k in k..k + count {
        cursor.refill();
        let is_set = cursor.take(1) == 1;
        if let Some(coefficient) = kept.coefficient(k, block) {
            let value = i32::from(*coefficient);
            if is_set && value & bit == 0 {
                *coefficient =
                    if value > 0 { value.wrapping_add(bit) } else { value.wrapping_sub(bit) } as i16;
            }
        }
    }
}
