//! Lossless pictures: VP8L, RFC 9649 section 3. Alpha of lossy ones is coded likewise.

use super::spliced::Spliced;
use super::{failure, reserved, truncated, wrong};
use crate::Error;
use crate::pixels::Layout;
use crate::raster::Rows;
use image_webp::WebPDecoder;

/// Signature, sizes, version.
const HEADER_BYTES: usize = 5;

pub(super) fn decode(
    vp8l: &[u8],
    has_alpha: bool,
    (width, height): (u32, u32),
    layout: Layout,
    rows: &mut dyn Rows,
) -> Result<(), Error> {
    let coded = vp8l.get(HEADER_BYTES..).ok_or(truncated())?;
    let mut pixels = rgba(coded, (width, height))?;
    if !has_alpha {
        // The bits are there but mean nothing.
        pixels.as_chunks_mut::<4>().0.iter_mut().for_each(|[.., alpha]| *alpha = 255);
    }
    rows.begin(layout)?;
    let mut packed = Vec::new();
    for row in pixels.chunks_exact((width as usize * 4).max(1)) {
        let row = match layout {
            Layout::Rgba => row,
            Layout::Rgb => {
                packed.clear();
                packed.extend(row.as_chunks::<4>().0.iter().flat_map(|&[r, g, b, _]| [r, g, b]));
                &packed
            }
        };
        if rows.row(row).is_break() {
            break;
        }
    }
    Ok(())
}

/// The pixels of a lossless bitstream without its header, which in an ALPH chunk it does not have. Four bytes a pixel, in place: asked for
/// alpha, the decoder needs no second buffer.
pub(super) fn rgba(coded: &[u8], (width, height): (u32, u32)) -> Result<Vec<u8>, Error> {
    let file = Spliced::lossless(coded, (width, height)).ok_or(truncated())?;
    let length = width as usize * height as usize * 4;
    let mut pixels = reserved(length)?;
    pixels.resize(length, 0);
    let mut decoder = WebPDecoder::new(file).map_err(|error| failure(&error))?;
    if decoder.dimensions() != (width, height) || decoder.output_buffer_size() != Some(length) {
        return Err(wrong("its pixels are not of the size that its header states"));
    }
    decoder.read_image(&mut pixels).map_err(|error| failure(&error))?;
    Ok(pixels)
}
