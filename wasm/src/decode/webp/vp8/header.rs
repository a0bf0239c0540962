//! What a key frame says before its macroblocks: RFC 6386 sections 9.1 to 9.11 and 19.2.

use super::bits::BoolReader;
use crate::Error;
use crate::decode::webp::{truncated, wrong};
use crate::encode::webp::vp8::tables::{AC_STEPS, BANDS, DC_STEPS, TOKEN_UPDATES, TOKENS};
use crate::inspect::reader::Reader;

/// Frame tag, start code, sizes.
const HEADER_BYTES: usize = 10;
pub(super) const SEGMENTS: usize = 4;

/// Probabilities of the branches of a token, by the place of the coefficient and by what came before; those behind the last place are never
/// used.
pub(super) type Places = [[[u8; 11]; 3]; 17];

/// Steps of the quantiser for the first coefficient of a block and for the others.
pub(super) type Steps = [i32; 2];

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Quantiser {
    pub(super) luma: Steps,
    /// Of the block that holds the first coefficients of a macroblock's luma.
    pub(super) means: Steps,
    pub(super) chroma: Steps,
}

/// How strong the loop filter is for a macroblock, section 15.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Strength {
    /// 0: nothing is filtered.
    pub(super) edge_limit: u8,
    pub(super) interior_limit: u8,
    /// Above this, edges are part of the picture and only touched up.
    pub(super) variance_threshold: u8,
}

#[derive(Debug)]
pub(super) struct Header<'a> {
    /// Macroblocks across and down.
    pub(super) macroblocks: (usize, usize),
    /// The probabilities of the segments; `None`: all macroblocks are of the first one.
    pub(super) segment_tree: Option<[u8; 3]>,
    pub(super) quantisers: [Quantiser; SEGMENTS],
    pub(super) filter: Filter,
    /// By segment: for macroblocks that are predicted as a whole, and by small blocks.
    pub(super) strengths: [[Strength; 2]; SEGMENTS],
    /// By kind of block: luma without its first coefficients, those first coefficients, chroma, luma with them.
    pub(super) tokens: Box<[Places; 4]>,
    /// How probable it is that a macroblock has coefficients; `None`: all say so themselves.
    pub(super) skipped: Option<u8>,
    /// The rest of the first partition: the modes.
    pub(super) modes: BoolReader<'a>,
    /// The others: coefficients.
    pub(super) partitions: Vec<BoolReader<'a>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Filter {
    None,
    Simple,
    Normal,
}

/// Section 9.3.
#[derive(Debug, Default)]
struct Segments {
    is_absolute: bool,
    quantisers: [i32; SEGMENTS],
    levels: [i32; SEGMENTS],
    is_used: bool,
    tree: Option<[u8; 3]>,
}

impl<'a> Header<'a> {
    /// Partitions that the bytes do not hold are as long as the bytes are: what is missing shows when it is read.
    pub(super) fn read(vp8: &'a [u8], (width, height): (u32, u32)) -> Result<Self, Error> {
        let mut reader = Reader::new(vp8);
        let tag = reader.u24_le().ok_or(truncated())?;
        if tag >> 1 & 7 > 3 {
            return Err(wrong("its lossy picture is of an unknown version"));
        }
        if tag >> 4 & 1 == 0 {
            return Err(wrong("its lossy picture is not meant to be shown"));
        }
        let body = vp8.get(HEADER_BYTES..).ok_or(truncated())?;
        let (first, rest) = body.split_at_checked((tag >> 5) as usize).ok_or(truncated())?;

        let mut bits = BoolReader::new(first);
        let _color_space_and_clamping = bits.number(2);
        let segments = Segments::read(&mut bits);
        let (filter, strengths) = filter(&mut bits, &segments);
        let count = 1 << bits.number(2);
        let quantisers = quantisers(&mut bits, &segments);
        let _are_probabilities_kept = bits.flag();
        let tokens = tokens(&mut bits);
        let skipped = bits.optional(|bits| bits.number(8) as u8);
        if bits.is_overrun() {
            return Err(wrong("its lossy picture ends within its header"));
        }
        Ok(Self {
            macroblocks: (width.div_ceil(16) as usize, height.div_ceil(16) as usize),
            segment_tree: segments.tree,
            quantisers,
            filter,
            strengths,
            tokens,
            skipped,
            modes: bits,
            partitions: partitions(rest, count)?,
        })
    }
}

/// Section 9.5: the sizes of all but the last, then all of them.
fn partitions(rest: &[u8], count: usize) -> Result<Vec<BoolReader<'_>>, Error> {
    let (sizes, mut rest) = rest.split_at_checked(3 * (count - 1)).ok_or(truncated())?;
    let mut partitions = Vec::with_capacity(count);
    for &[a, b, c] in sizes.as_chunks::<3>().0 {
        let size = u32::from_le_bytes([a, b, c, 0]) as usize;
        let (partition, behind) = rest.split_at(size.min(rest.len()));
        partitions.push(BoolReader::new(partition));
        rest = behind;
    }
    partitions.push(BoolReader::new(rest));
    Ok(partitions)
}

impl Segments {
    fn read(bits: &mut BoolReader<'_>) -> Self {
        let mut segments = Self { is_used: bits.flag(), ..Self::default() };
        if !segments.is_used {
            return segments;
        }
        let has_map = bits.flag();
        if bits.flag() {
            segments.is_absolute = bits.flag();
            segments.quantisers = std::array::from_fn(|_| bits.optional(|bits| bits.signed(7)).unwrap_or(0));
            segments.levels = std::array::from_fn(|_| bits.optional(|bits| bits.signed(6)).unwrap_or(0));
        }
        if has_map {
            let mut probability = || bits.optional(|bits| bits.number(8) as u8).unwrap_or(255);
            segments.tree = Some([probability(), probability(), probability()]);
        }
        segments
    }

    /// What a segment makes of a value of the frame.
    fn adjusted(&self, values: &[i32; SEGMENTS], segment: usize, of_frame: i32) -> i32 {
        let value = values.get(segment).copied().unwrap_or(0);
        match (self.is_used, self.is_absolute) {
            (false, _) => of_frame,
            (true, true) => value,
            (true, false) => of_frame + value,
        }
    }
}

/// Sections 9.3, 9.6 and 15.2.
fn filter(bits: &mut BoolReader<'_>, segments: &Segments) -> (Filter, [[Strength; 2]; SEGMENTS]) {
    let is_simple = bits.flag();
    let (level, sharpness) = (bits.number(6) as i32, bits.number(3) as i32);
    // Of key frames, the first difference of either kind counts: the reference is the frame itself, and the mode that of small blocks.
    let (mut by_reference, mut by_mode) = (0, 0);
    if bits.flag() && bits.flag() {
        let mut differences = [0; 8];
        for difference in &mut differences {
            *difference = bits.optional(|bits| bits.signed(6)).unwrap_or(0);
        }
        (by_reference, by_mode) = (differences[0], differences[4]);
    }
    let strengths = std::array::from_fn(|segment| {
        let of_segment = segments.adjusted(&segments.levels, segment, level) + by_reference;
        [of_segment, of_segment + by_mode].map(|level| strength(level.clamp(0, 63), sharpness))
    });
    let filter = match (level, is_simple) {
        (0, _) => Filter::None,
        (_, true) => Filter::Simple,
        (_, false) => Filter::Normal,
    };
    (filter, strengths)
}

/// Levels are 0..=63, sharpness is 0..=7.
fn strength(level: i32, sharpness: i32) -> Strength {
    if level == 0 {
        return Strength::default();
    }
    let mut interior = level;
    if sharpness > 0 {
        interior >>= if sharpness > 4 { 2 } else { 1 };
        interior = interior.min(9 - sharpness);
    }
    let interior = interior.max(1);
    let variance_threshold = match level {
        40.. => 2,
        15.. => 1,
        _ => 0,
    };
    Strength { edge_limit: (2 * level + interior) as u8, interior_limit: interior as u8, variance_threshold }
}

/// Section 9.6 and 14.1.
fn quantisers(bits: &mut BoolReader<'_>, segments: &Segments) -> [Quantiser; SEGMENTS] {
    let index = bits.number(7) as i32;
    let mut difference = || bits.optional(|bits| bits.signed(4)).unwrap_or(0);
    let luma_first = difference();
    let (means_first, means_others) = (difference(), difference());
    let (chroma_first, chroma_others) = (difference(), difference());
    let at = |index: i32, most: i32| index.clamp(0, most) as usize;
    let first = |index: i32, most: i32| DC_STEPS.get(at(index, most)).map_or(0, |step| i32::from(*step));
    let others = |index: i32| AC_STEPS.get(at(index, 127)).map_or(0, |step| i32::from(*step));
    std::array::from_fn(|segment| {
        let index = segments.adjusted(&segments.quantisers, segment, index);
        Quantiser {
            luma: [first(index + luma_first, 127), others(index)],
            means: [2 * first(index + means_first, 127), (others(index + means_others) * 155 / 100).max(8)],
            // Steps above 132 are not used for it.
            chroma: [first(index + chroma_first, 117), others(index + chroma_others)],
        }
    })
}

/// Section 13.4.
fn tokens(bits: &mut BoolReader<'_>) -> Box<[Places; 4]> {
    let mut tokens = Box::new([[[[0; 11]; 3]; 17]; 4]);
    for ((places, bands), updates) in tokens.iter_mut().zip(&TOKENS).zip(&TOKEN_UPDATES) {
        let mut bands = *bands;
        for (probability, update) in
            bands.as_flattened_mut().as_flattened_mut().iter_mut().zip(updates.as_flattened().as_flattened())
        {
            if bits.read(*update) {
                *probability = bits.number(8) as u8;
            }
        }
        for (place, band) in places.iter_mut().zip(BANDS) {
            *place = bands.get(band).copied().unwrap_or_default();
        }
    }
    tokens
}
