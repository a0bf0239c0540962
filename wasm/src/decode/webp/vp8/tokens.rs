//! The coefficients of a macroblock: RFC 6386 sections 13 and 19.3.

use super::bits::{BoolReader, FILLED_BITS, MOST_BITS};
use super::header::{Places, Quantiser, Steps};
use crate::encode::webp::vp8::tables::ZIGZAG;

/// Coefficients of a block of 4 x 4, row by row.
pub(super) type Block = [i16; 16];

/// Blocks of a macroblock: the first coefficients of luma, 16 of luma, four each of both colour differences.
const BLOCKS: usize = 25;
const LUMA: std::ops::RangeInclusive<usize> = 1..=16;

/// Which of the blocks that lie next to a macroblock have coefficients, 0 or 1: four of luma, two each of both colour differences, and the
/// one that holds the first coefficients.
pub(super) type Around = [u8; 9];
const MEANS: usize = 8;

/// Which of them lies above a block, and which to the left of it.
static NEXT_TO: [(u8, u8); BLOCKS] = next_to();

/// What is added to the prediction of a macroblock.
#[derive(Debug)]
pub(super) struct Residual {
    blocks: [Block; BLOCKS],
    /// The coefficients of each block up to the last one that is coded.
    counts: [u8; BLOCKS],
}

impl Default for Residual {
    fn default() -> Self {
        Self { blocks: [[0; 16]; BLOCKS], counts: [0; BLOCKS] }
    }
}

/// What is to be added to the prediction of a block.
#[derive(Debug, Clone, Copy)]
pub(super) enum Part<'a> {
    Nothing,
    /// The first coefficient alone.
    Mean(i16),
    Whole(&'a Block),
}

impl Residual {
    /// Reads the coefficients of a macroblock; the blocks are those of the macroblock before, or none. Gives whether there are any.
    #[inline(never)]
    pub(super) fn read(
        &mut self,
        reader: &mut BoolReader<'_>,
        tokens: &[Places; 4],
        quantiser: &Quantiser,
        is_whole: bool,
        (above, left): (&mut Around, &mut Around),
    ) -> bool {
        self.clear();
        let mut bits = *reader;
        let (of_luma, first_of_luma) = if is_whole { (&tokens[0], 1) } else { (&tokens[3], 0) };
        let blocks = NEXT_TO.iter().zip(&mut self.blocks).zip(&mut self.counts).enumerate();
        for (index, ((next_to, block), count)) in blocks.skip(usize::from(!is_whole)) {
            let (places, steps, first) = match index {
                0 => (&tokens[1], &quantiser.means, 0),
                _ if LUMA.contains(&index) => (of_luma, &quantiser.luma, first_of_luma),
                _ => (&tokens[2], &quantiser.chroma, 0),
            };
            let (above, left) = (&mut above[usize::from(next_to.0)], &mut left[usize::from(next_to.1)]);
            let read = read_block(&mut bits, places, usize::from(*above + *left), first, steps, block);
            let has_any = u8::from(read > first);
            (*above, *left, *count) = (has_any, has_any, read as u8);
        }
        *reader = bits;
        if is_whole {
            self.spread();
        }
        let mut all = self.blocks.iter().zip(self.counts).skip(1);
        all.any(|(block, count)| count > 1 || block[0] != 0)
    }

    /// No coefficients; what lies next to the macroblock is told so, but not of first coefficients where it has none apart.
    pub(super) fn skip(is_whole: bool, (above, left): (&mut Around, &mut Around)) {
        for around in [above, left] {
            let means = if is_whole { 0 } else { around[MEANS] };
            *around = [0; 9];
            around[MEANS] = means;
        }
    }

    fn clear(&mut self) {
        self.blocks = [[0; 16]; BLOCKS];
        self.counts = [0; BLOCKS];
    }

    /// Gives each block of luma its first coefficient.
    fn spread(&mut self) {
        let [means, luma @ ..] = &mut self.blocks;
        if *means == [0; 16] {
            return;
        }
        for (block, mean) in luma.iter_mut().zip(inverse_walsh(means)) {
            block[0] = mean;
        }
    }

    /// Of block `n` of luma, row by row.
    #[inline(always)]
    pub(super) fn luma(&self, n: usize) -> Part<'_> {
        self.part(1 + (n & 15))
    }

    /// Of block `n` of a colour difference: the four of the first one, then those of the other.
    #[inline(always)]
    pub(super) fn chroma(&self, n: usize) -> Part<'_> {
        self.part(17 + (n & 7))
    }

    #[inline(always)]
    fn part(&self, index: usize) -> Part<'_> {
        match (&self.blocks[index], self.counts[index]) {
            (block, 2..) => Part::Whole(block),
            ([0, ..], _) => Part::Nothing,
            ([mean, ..], _) => Part::Mean(*mean),
        }
    }
}

const fn next_to() -> [(u8, u8); BLOCKS] {
    let mut blocks = [(MEANS as u8, MEANS as u8); BLOCKS];
    let mut n = 0;
    while n < 16 {
        blocks[1 + n] = (n as u8 % 4, n as u8 / 4);
        n += 1;
    }
    n = 0;
    while n < 8 {
        let plane = 4 + n as u8 / 4 * 2;
        blocks[17 + n] = (plane + n as u8 % 2, plane + n as u8 / 2 % 2);
        n += 1;
    }
    blocks
}

/// Reads a block, and gives the place behind its last coefficient.
#[inline(always)]
fn read_block(
    bits: &mut BoolReader<'_>,
    places: &Places,
    context: usize,
    first: usize,
    steps: &Steps,
    block: &mut Block,
) -> usize {
    // None, one and the sign of a coefficient, and whether another one follows.
    const ORDINARY: u32 = 3 * MOST_BITS + 1;
    let mut place = first;
    let mut probabilities = &places[place][context.min(2)];
    bits.prepare(MOST_BITS);
    if !bits.prepared(probabilities[0]) {
        return place;
    }
    loop {
        bits.prepare(ORDINARY);
        while !bits.prepared(probabilities[1]) {
            place += 1;
            if place >= 16 {
                return 16;
            }
            probabilities = &places[place][0];
            bits.prepare(ORDINARY);
        }
        let step = steps[usize::from(place > 0)];
        let zigzag = ZIGZAG[place];
        place += 1;
        let size = if bits.prepared(probabilities[2]) {
            let size = large(bits, probabilities);
            probabilities = &places[place][2];
            size
        } else {
            probabilities = &places[place][1];
            1
        };
        // In damaged files the product may not fit: what is left of it is what libwebp keeps.
        block[zigzag & 15] = bits.prepared_sign(size).wrapping_mul(step) as i16;
        if place >= 16 || !bits.prepared(probabilities[0]) {
            return place;
        }
    }
}

/// The size of a coefficient above 1; leaves as many bits prepared as its sign and what follows take.
#[inline(always)]
fn large(bits: &mut BoolReader<'_>, probabilities: &[u8; 11]) -> i32 {
    const BEHIND: u32 = MOST_BITS + 1;
    /// Of the bits behind the four largest kinds of sizes, from the highest on.
    static EXTRA: [&[u8]; 4] = [
        &[173, 148, 140],
        &[176, 155, 140, 135],
        &[180, 157, 141, 134, 130],
        &[254, 254, 243, 230, 196, 177, 153, 140, 133, 130, 129],
    ];
    bits.prepare(FILLED_BITS);
    if !bits.prepared(probabilities[3]) {
        if !bits.prepared(probabilities[4]) {
            return 2;
        }
        return 3 + i32::from(bits.prepared(probabilities[5]));
    }
    if !bits.prepared(probabilities[6]) {
        if !bits.prepared(probabilities[7]) {
            return 5 + i32::from(bits.prepared(159));
        }
        return 7 + 2 * i32::from(bits.prepared(165)) + i32::from(bits.prepared(145));
    }
    let high = usize::from(bits.prepared(probabilities[8]));
    let kind = 2 * high + usize::from(bits.prepared(probabilities[9 + high]));
    let extra = EXTRA[kind & 3].iter().fold(0, |extra, probability| {
        bits.prepare(MOST_BITS);
        2 * extra + i32::from(bits.prepared(*probability))
    });
    bits.prepare(BEHIND);
    3 + (8 << kind) + extra
}

/// Section 14.3.
fn inverse_walsh(block: &Block) -> Block {
    let mut columns = [0; 16];
    for n in 0..4 {
        let column = walsh_4([block[n], block[4 + n], block[8 + n], block[12 + n]].map(i32::from));
        for (row, value) in column.into_iter().enumerate() {
            columns[row * 4 + n] = value;
        }
    }
    let mut out = [0; 16];
    for (row, out) in columns.as_chunks::<4>().0.iter().zip(out.as_chunks_mut::<4>().0) {
        *out = walsh_4(*row).map(|value| ((value + 3) >> 3) as i16);
    }
    out
}

fn walsh_4([p, q, r, s]: [i32; 4]) -> [i32; 4] {
    let (a, b, c, d) = (p + s, q + r, q - r, p - s);
    [a + b, c + d, a - b, d - c]
}
