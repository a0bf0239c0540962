//! JPEG, decoded at the scale that the picture needs: baseline, extended and progressive Huffman coding, 8 bits. ITU-T T.81.
//!
//! A block gives 8 x 8, 4 x 4, 2 x 2 or 1 sample. The coefficients that do not matter for that are stepped over several at a time, blocks
//! outside the window are read but not transformed, and scans of a progressive file that cannot matter are not read.

mod bits;
mod block;
mod header;
mod huffman;
mod idct;
mod scan;

use crate::Error;
use crate::inspect::Format;
use crate::inspect::jpeg::next_segment;
use crate::inspect::reader::Reader;
use crate::raster::{ColorModel, Plane, Window};
use header::{Frame, Tables, damaged};
use scan::Canvas;

/// More scans than any encoder writes; each can cost a walk over all blocks.
const MAX_SCANS: usize = 512;

/// Decodes the windows of all components; `sizes` are the samples a block side that each component gives (8, 4, 2 or 1), windows are in samples
/// of that scale and not empty.
pub(super) fn decode(
    bytes: &[u8],
    sizes: [u8; 4],
    windows: &[Window],
) -> Result<(ColorModel, Vec<Plane>), Error> {
    let mut tables = Tables::default();
    let mut canvas: Option<Canvas> = None;
    let (mut jfif, mut adobe, mut scans) = (false, None, 0);
    let mut reader = Reader::new(bytes.get(2..).unwrap_or_default());
    while let Some((marker, segment)) = next_segment(&mut reader)? {
        match marker {
            0xdb => tables.read_quantisers(segment)?,
            0xc4 => tables.read_huffman(segment)?,
            0xdd => {
                tables.restart_interval =
                    segment.first_chunk().map_or(0, |value| u16::from_be_bytes(*value).into())
            }
            0xe0 => jfif |= segment.starts_with(b"JFIF\0"),
            0xee if segment.starts_with(b"Adobe") => adobe = segment.get(11).copied().or(adobe),
            0xc0..=0xc2 if canvas.is_none() => {
                canvas = Some(Canvas::new(header::frame(marker, segment)?, sizes, windows)?);
            }
            0xda => {
                let canvas =
                    canvas.as_mut().ok_or_else(|| damaged("its scan comes before its frame header"))?;
                scans += 1;
                if scans > MAX_SCANS {
                    return Err(damaged("it has more scans than any picture needs"));
                }
                let scan = header::scan(segment, &canvas.frame)?;
                let rest = reader.rest();
                let used = canvas.read(&scan, &tables, rest)?;
                reader = Reader::new(rest.get(used..).unwrap_or_default());
            }
            _ => {}
        }
    }
    let canvas = canvas.ok_or(Error::Truncated { format: Format::Jpeg, detail: "its headers" })?;
    let color = color_model(&canvas.frame, jfif, adobe);
    Ok((color, canvas.finish()))
}

/// As libjpeg guesses it: by the markers, else by the names of the components.
fn color_model(frame: &Frame, jfif: bool, adobe_transform: Option<u8>) -> ColorModel {
    let ids: Vec<u8> = frame.components.iter().map(|component| component.id).collect();
    match (ids.as_slice(), adobe_transform) {
        ([_], _) => ColorModel::Gray,
        ([_, _, _], _) if jfif => ColorModel::YCbCr,
        ([_, _, _], Some(0)) => ColorModel::Rgb,
        ([b'R', b'G', b'B'], None) => ColorModel::Rgb,
        ([_, _, _], _) => ColorModel::YCbCr,
        (_, Some(2)) => ColorModel::YcckInverted,
        (_, Some(_)) => ColorModel::CmykInverted,
        _ => ColorModel::Cmyk,
    }
}

#[cfg(test)]
mod tests;
