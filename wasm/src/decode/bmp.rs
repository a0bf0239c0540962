//! Windows and OS/2 bitmaps, by rows, straight from the file. Microsoft: "Bitmap Compression" for the runs.
//!
//! Ours, because the decoder of the `image` crate makes whole pictures only and knows no OS/2 2.x header.

use crate::Error;
use crate::inspect::Format;
use crate::inspect::bmp::{Bitmap, PixelCoding};
use crate::inspect::reader::Reader;
use crate::pixels::Layout;
use crate::raster::Rows;
use std::ops::ControlFlow;

pub(super) fn decode(bytes: &[u8], rows: &mut dyn Rows) -> Result<(), Error> {
    let bitmap = Bitmap::open(bytes)?;
    let layout = if bitmap.has_alpha() { Layout::Rgba } else { Layout::Rgb };
    let (width, height) = (bitmap.width as usize, bitmap.height as usize);
    let expanded;
    let (pixels, stride, row_bytes) = match (bitmap.coding, bitmap.stride(), bitmap.row_bytes()) {
        (PixelCoding::RunLength { bits }, ..) => {
            expanded = run_lengths(&bitmap, bits)?;
            (expanded.as_slice(), width, width)
        }
        (_, Some(stride), Some(row_bytes)) => match (usize::try_from(stride), usize::try_from(row_bytes)) {
            (Ok(stride), Ok(row_bytes)) => (bitmap.pixels, stride, row_bytes),
            _ => return Err(too_short()),
        },
        _ => return Err(too_short()),
    };
    let conversion = Conversion::new(&bitmap);

    rows.begin(layout)?;
    let mut converted = Vec::new();
    let length = width.saturating_mul(layout.channels());
    converted.try_reserve_exact(length).map_err(|_| Error::OutOfMemory { needed_bytes: length as u64 })?;
    for y in 0..height {
        let stored = if bitmap.is_top_down { y } else { height - 1 - y };
        let row = stored
            .checked_mul(stride)
            .and_then(|start| pixels.get(start..start.checked_add(row_bytes)?))
            .ok_or(too_short())?;
        converted.clear();
        conversion.row(row, width, &mut converted);
        if let ControlFlow::Break(()) = rows.row(&converted) {
            break;
        }
    }
    Ok(())
}

fn too_short() -> Error {
    Error::Truncated { format: Format::Bmp, detail: "its pixels" }
}

/// From stored rows to ours.
enum Conversion {
    Indexed { bits: u8, colors: Vec<[u8; 3]> },
    Bgr,
    Fields { bytes: usize, fields: [Field; 3], alpha: Option<Field> },
}

impl Conversion {
    fn new(bitmap: &Bitmap<'_>) -> Self {
        match bitmap.coding {
            PixelCoding::Indexed { bits } => Self::Indexed { bits, colors: colors(bitmap) },
            // One byte a pixel by now.
            PixelCoding::RunLength { .. } => Self::Indexed { bits: 8, colors: colors(bitmap) },
            PixelCoding::Bgr => Self::Bgr,
            PixelCoding::Fields { bytes, masks: [red, green, blue, alpha] } => Self::Fields {
                bytes: bytes.into(),
                fields: [red, green, blue].map(Field::new),
                alpha: (alpha != 0).then(|| Field::new(alpha)),
            },
        }
    }

    fn row(&self, row: &[u8], width: usize, converted: &mut Vec<u8>) {
        match self {
            Self::Indexed { bits, colors } => {
                let per_byte = usize::from(8 / bits);
                let indices = row.iter().flat_map(|byte| {
                    (0..per_byte)
                        .map(move |i| (u32::from(*byte) << (i * usize::from(*bits)) & 0xff) >> (8 - bits))
                });
                converted.extend(indices.take(width).flat_map(|index| color(colors, index as usize)));
            }
            Self::Bgr => {
                let (pixels, _) = row.as_chunks::<3>();
                converted.extend(pixels.iter().flat_map(|&[b, g, r]| [r, g, b]));
            }
            Self::Fields { bytes, fields, alpha } => {
                for pixel in row.chunks_exact(*bytes) {
                    let value = pixel.iter().rev().fold(0, |value, byte| value << 8 | u32::from(*byte));
                    converted.extend(fields.each_ref().map(|field| field.sample(value)));
                    converted.extend(alpha.as_ref().map(|field| field.sample(value)));
                }
            }
        }
    }
}

/// Those of the palette; an index beyond it is black, as in viewers.
fn colors(bitmap: &Bitmap<'_>) -> Vec<[u8; 3]> {
    let entries = bitmap.palette.chunks_exact(bitmap.entry_bytes);
    entries.filter_map(|entry| entry.first_chunk::<3>()).map(|&[b, g, r]| [r, g, b]).collect()
}

fn color(colors: &[[u8; 3]], index: usize) -> [u8; 3] {
    colors.get(index).copied().unwrap_or_default()
}

/// A sample within a pixel of 16 or 32 bits.
struct Field {
    mask: u32,
    shift: u32,
    /// From as many of its upper bits as fit into eight to a sample of 0..=255, rounded.
    samples: Vec<u8>,
}

impl Field {
    fn new(mask: u32) -> Self {
        let ones = mask.count_ones().min(8);
        let most = (1_u32 << ones) - 1;
        let samples = if most == 0 {
            vec![0]
        } else {
            (0..=most).map(|value| ((value * 255 + most / 2) / most) as u8).collect()
        };
        Self { mask, shift: (32 - mask.leading_zeros()).saturating_sub(ones), samples }
    }

    fn sample(&self, pixel: u32) -> u8 {
        // A mask of nothing has no shift and one sample.
        self.samples.get(((pixel & self.mask) >> self.shift.min(31)) as usize).copied().unwrap_or(0)
    }
}

/// Expands runs to one byte a pixel, rows as they are stored. What the runs leave out stays at colour 0.
fn run_lengths(bitmap: &Bitmap<'_>, bits: u8) -> Result<Vec<u8>, Error> {
    let (width, height) = (bitmap.width as usize, bitmap.height as usize);
    let too_large = |bytes: usize| Error::OutOfMemory { needed_bytes: bytes as u64 };
    let length = width.checked_mul(height).ok_or(too_large(usize::MAX))?;
    let mut indices: Vec<u8> = Vec::new();
    indices.try_reserve_exact(length).map_err(|_| too_large(length))?;
    indices.resize(length, 0);

    let (mut x, mut y) = (0_usize, 0_usize);
    let mut put = |x: usize, y: usize, index: u8| {
        if x < width
            && y < height
            && let Some(place) = indices.get_mut(y * width + x)
        {
            *place = index;
        }
    };
    // Of the two nibbles of a byte the upper comes first.
    let nibble = |byte: u8, i: usize| if i.is_multiple_of(2) { byte >> 4 } else { byte & 15 };
    let mut reader = Reader::new(bitmap.pixels);
    loop {
        let (count, value) = reader.u8().zip(reader.u8()).ok_or(too_short())?;
        match (count, value) {
            (0, 0) => (x, y) = (0, y + 1),
            (0, 1) => return Ok(indices),
            (0, 2) => {
                let (right, up) = reader.u8().zip(reader.u8()).ok_or(too_short())?;
                (x, y) = (x + usize::from(right), y + usize::from(up));
            }
            (0, count) => {
                let count = usize::from(count);
                let bytes = if bits == 8 { count } else { count.div_ceil(2) };
                let literal = reader.take(bytes).ok_or(too_short())?;
                for i in 0..count {
                    let index = if bits == 8 {
                        literal.get(i).copied()
                    } else {
                        literal.get(i / 2).map(|byte| nibble(*byte, i))
                    };
                    put(x + i, y, index.unwrap_or(0));
                }
                x += count;
                // Runs begin at even places. The last one may lack its padding.
                reader.take(bytes % 2);
            }
            (count, value) => {
                for i in 0..usize::from(count) {
                    put(x + i, y, if bits == 8 { value } else { nibble(value, i) });
                }
                x += usize::from(count);
            }
        }
        // The last row may end without the end of the bitmap.
        if y >= height {
            return Ok(indices);
        }
    }
}
