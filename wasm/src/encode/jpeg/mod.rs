//! Pixels -> baseline JPEG: ITU-T T.81 (ISO/IEC 10918-1), in a file as T.871 (JFIF) describes it.
//!
//! Twice over the picture: what there is to write is counted, and then written with the Huffman codes that are best for it. In between the
//! tokens of the blocks are kept where they are not too many; otherwise they are worked out again. Integers only: the same pixels are
//! the same bytes on each target.

mod bits;
mod choice;
mod color;
mod dct;
mod huffman;
mod quantize;
mod segments;
mod source;
#[cfg(test)]
mod tests;
mod tokens;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod vector;

use super::size;
use crate::pixels::Pixels;
use crate::{Error, Recipe};
use bits::BitWriter;
use huffman::Table;
use quantize::Quantizers;
use source::Source;
use tokens::{CLASSES, MOST_TOKENS, Token};

/// How many samples of colour there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Subsampling {
    /// One for each pixel: 4:4:4.
    Full,
    /// One for each 2 x 2 pixels: 4:2:0.
    Half,
}

/// Pictures with no longer side than this, in pixels, keep all of their colours: half of so few would be seen.
const SMALL_SIDE: u32 = 48;

impl Subsampling {
    /// Full from quality 90 up, half below, as in libvips; full in small pictures. `size` in pixels.
    pub(crate) fn usual(quality: u8, size: (u32, u32)) -> Self {
        if quality >= 90 || size.0.max(size.1) <= SMALL_SIDE { Self::Full } else { Self::Half }
    }
}

/// How a picture is to be written. A picture without colour has one component, whatever the subsampling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Options {
    /// 1..=100, the scale of libjpeg with the tables of T.81 annex K.
    pub(crate) quality: u8,
    pub(crate) subsampling: Subsampling,
}

impl Options {
    /// With the subsampling that is usual for a picture of this size, in pixels, at that quality.
    pub(crate) fn usual(quality: u8, size: (u32, u32)) -> Self {
        Self { quality, subsampling: Subsampling::usual(quality, size) }
    }
}

/// Most bytes of tokens that are kept from the first pass for the second: enough for four megapixels of a photograph at quality 80.
const MOST_TOKENS_BYTES: usize = 4 << 20;
/// Most bytes of coefficients that are kept while a quality is looked for: enough for 1.4 megapixels of 4:2:0.
const MOST_COEFFICIENTS_BYTES: usize = 4 << 20;

/// Most tokens that are kept. Noise has up to one and a half for each pixel of 4:2:0, photographs a third of that.
fn most_tokens(pixel_count: usize, subsampling: Subsampling) -> usize {
    let wanted = match subsampling {
        Subsampling::Half => pixel_count,
        Subsampling::Full => pixel_count.saturating_mul(2),
    };
    wanted.min(MOST_TOKENS_BYTES / size_of::<Token>())
}

/// Most bytes that encoding takes at once beside the pixels; the encoded file is among them.
pub(crate) fn encoder_bytes(recipe: &Recipe) -> u64 {
    let subsampling = Subsampling::usual(recipe.quality, (recipe.width, recipe.height));
    // In whole units. Random pixels of no colour but the brightest take 0.95 bytes each at quality 89 and 3.3 at 100.
    let side = |pixels: u32| u64::from(pixels).next_multiple_of(16);
    let pixel_count = side(recipe.width) * side(recipe.height);
    let (coefficients_bytes, file_bytes) = match subsampling {
        Subsampling::Half => (pixel_count * 3, pixel_count),
        Subsampling::Full => (pixel_count * 6, pixel_count * 7 / 2),
    };
    let file_bytes = file_bytes + segments::MOST_BYTES as u64;
    let tokens = most_tokens(usize::try_from(pixel_count).unwrap_or(usize::MAX), subsampling);
    let tokens_bytes = (tokens * size_of::<Token>()) as u64;
    match recipe.max_bytes {
        None => tokens_bytes + file_bytes,
        // The best file so far, and the next.
        Some(most) => {
            let file_bytes =
                file_bytes.min(u64::from(most) + u64::from(most) / 64 + segments::MOST_BYTES as u64);
            tokens_bytes + coefficients_bytes.min(MOST_COEFFICIENTS_BYTES as u64) + file_bytes * 2
        }
    }
}

/// Encodes opaque pixels.
///
/// # Errors
///
/// [`Error::OutOfMemory`] where the file itself has no room.
pub(crate) fn encode(pixels: &Pixels, options: Options) -> Result<Vec<u8>, Error> {
    let source = Source::new(pixels, options.subsampling)?;
    Counted::new(&source, options.quality)?.write(&source)
}

/// What came of a limit of bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fitted {
    /// The file at the highest quality that was found to fit.
    Fits { bytes: Vec<u8>, quality: u8 },
    /// Quality 1 has so many bytes, and that is too many.
    TooMany { bytes: usize },
}

/// Encodes opaque pixels at the highest quality up to `quality` that takes at most `max_bytes`, found by bisection.
///
/// # Errors
///
/// As [`encode`].
pub(crate) fn encode_within(pixels: &Pixels, quality: u8, max_bytes: usize) -> Result<Fitted, Error> {
    let usual = |quality| Subsampling::usual(quality, size(pixels));
    let mut subsampling = usual(quality);
    let mut source = Source::new(pixels, subsampling)?;
    let wanted = Counted::new(&source, quality)?;
    if let Some(bytes) = wanted.write_within(&source, max_bytes)? {
        return Ok(Fitted::Fits { bytes, quality });
    }
    drop(wanted);
    source.keep(MOST_COEFFICIENTS_BYTES);
    let mut at = |quality: u8| -> Result<Result<Vec<u8>, usize>, Error> {
        if usual(quality) != subsampling {
            subsampling = usual(quality);
            source = Source::new(pixels, subsampling)?;
            source.keep(MOST_COEFFICIENTS_BYTES);
        }
        let counted = Counted::new(&source, quality)?;
        Ok(counted.write_within(&source, max_bytes)?.ok_or(counted.least_bytes()))
    };
    let mut best = match at(1)? {
        Ok(bytes) => bytes,
        Err(bytes) => return Ok(Fitted::TooMany { bytes }),
    };
    // `low` fits, `high` does not.
    let (mut low, mut high) = (1, quality);
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        match at(middle)? {
            Ok(bytes) => (low, best) = (middle, bytes),
            Err(_) => high = middle,
        }
    }
    Ok(Fitted::Fits { bytes: best, quality: low })
}

/// What has to be known before a byte is written: the first pass.
struct Counted {
    quantizers: [Quantizers; 2],
    /// By class of tokens.
    tables: [Table; CLASSES],
    /// All tokens, unless they were too many.
    kept: Option<Vec<Token>>,
    /// Bytes of the entropy-coded data without stuffing.
    data_bytes: usize,
}

impl Counted {
    fn new(source: &Source<'_>, quality: u8) -> Result<Self, Error> {
        let quantizers = [0, 1].map(|table| Quantizers::new(table, quality));
        let mut frequencies = [[0u32; 256]; CLASSES];
        let counts = frequencies.as_flattened_mut();
        let side = |pixels: u16| usize::from(pixels).next_multiple_of(16);
        let subsampling = Subsampling::usual(quality, (source.width.into(), source.height.into()));
        let most_kept = most_tokens(side(source.width) * side(source.height), subsampling);
        let mut kept = Vec::new();
        let mut keeps = kept.try_reserve_exact(most_kept).is_ok();
        source.scan(&quantizers, |tokens| {
            for token in tokens {
                if let Some(count) = counts.get_mut(token.index()) {
                    *count += 1;
                }
            }
            keeps = keeps && kept.len() + tokens.len() <= most_kept;
            if keeps {
                kept.extend_from_slice(tokens);
            }
            Ok(())
        })?;
        let tables = frequencies.each_ref().map(Table::new);
        let bits = |(frequencies, table): (&[u32; 256], &Table)| table.bit_count(frequencies);
        let bit_count: u64 = frequencies.iter().zip(&tables).map(bits).sum();
        let data_bytes = usize::try_from(bit_count.div_ceil(8)).unwrap_or(usize::MAX);
        Ok(Self { quantizers, tables, kept: keeps.then_some(kept), data_bytes })
    }

    /// Bytes of the whole file, but for those that stuffing adds.
    fn least_bytes(&self) -> usize {
        let tables: usize = self.tables.iter().map(Table::byte_count).sum();
        tables + self.data_bytes
    }

    fn write_within(&self, source: &Source<'_>, max_bytes: usize) -> Result<Option<Vec<u8>>, Error> {
        if self.least_bytes() > max_bytes {
            return Ok(None);
        }
        Ok(Some(self.write(source)?).filter(|bytes| bytes.len() <= max_bytes))
    }

    /// The second pass.
    fn write(&self, source: &Source<'_>) -> Result<Vec<u8>, Error> {
        let mut bytes = Vec::new();
        // Stuffing adds one byte in 256 where bytes are evenly spread.
        let room = self.data_bytes.saturating_add(self.data_bytes / 64 + segments::MOST_BYTES);
        bytes.try_reserve_exact(room).map_err(|_| Error::OutOfMemory { needed_bytes: room as u64 })?;
        segments::write_head(&mut bytes, source, &self.quantizers, &self.tables);
        let mut codes = [0; CLASSES * 256];
        for (codes, table) in codes.as_chunks_mut().0.iter_mut().zip(&self.tables) {
            *codes = table.codes;
        }
        let mut writer = BitWriter::new(bytes);
        let mut write = |tokens: &[Token]| {
            writer.reserve_block()?;
            for token in tokens {
                let code = codes[token.index()];
                let (tail, tail_bits) = token.tail();
                writer.put(code >> 8 << tail_bits | tail, (code & 0xff) + tail_bits);
            }
            Ok(())
        };
        match &self.kept {
            Some(kept) => kept.chunks(MOST_TOKENS).try_for_each(&mut write)?,
            None => source.scan(&self.quantizers, &mut write)?,
        }
        let mut bytes = writer.finish();
        bytes.extend_from_slice(&segments::END_OF_IMAGE);
        Ok(bytes)
    }
}
