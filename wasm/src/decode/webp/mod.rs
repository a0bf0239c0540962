//! WebP. The container (RFC 9649) and lossy bitstreams (RFC 6386) are ours; lossless ones are decoded by the crate `image-webp`. Each
//! allocation is bounded by what `inspect` has checked.

mod alpha;
mod frames;
mod lossless;
mod lossy;
mod planes;
mod spliced;
mod vp8;

use crate::inspect::Format;
use crate::inspect::webp::{Bitstream, Chunks, Extended, Frame, Pixels};
use crate::pixels::Layout;
use crate::plan::PlanePlan;
use crate::raster::{PlaneRows, Rows, Window};
use crate::{Error, ImageInfo};
pub(super) use frames::WebpFrames;
use image_webp::DecodingError;

/// The picture, or the first frame of an animation on its canvas.
pub(super) fn decode(bytes: &[u8], info: &ImageInfo, rows: &mut dyn Rows) -> Result<(), Error> {
    let layout = if info.has_alpha { Layout::Rgba } else { Layout::Rgb };
    let extended = Extended::read(bytes)?;
    if let Some(Extended { canvas, is_animated: true }) = extended {
        let frame = Chunks::of_file(bytes)
            .find(|chunk| &chunk.kind == b"ANMF")
            .map(|chunk| Frame::read(chunk.data, canvas))
            .ok_or_else(|| wrong("it has no picture"))??;
        if (frame.bitstream.width, frame.bitstream.height) == canvas {
            return decode_bitstream(&frame.bitstream, layout, rows);
        }
        return frames::decode_first(frame, canvas, rows);
    }
    let bitstream = Bitstream::find(Chunks::of_file(bytes))?.ok_or_else(|| wrong("it has no picture"))?;
    decode_bitstream(&bitstream, layout, rows)
}

/// The windows of the planes of a lossy still without alpha, each at the scale of its plan.
pub(super) fn decode_planes(
    bytes: &[u8],
    plans: &[PlanePlan],
    windows: &[Window],
    sink: &mut dyn PlaneRows,
) -> Result<(), Error> {
    match Bitstream::find(Chunks::of_file(bytes))? {
        Some(Bitstream { width, height, pixels: Pixels::Lossy { vp8, .. } }) => {
            planes::decode(vp8, (width, height), (plans, windows), sink)
        }
        _ => Err(wrong("it has no lossy picture")),
    }
}

/// Rows of the layout; without alpha in it, none is in the bitstream.
fn decode_bitstream(bitstream: &Bitstream<'_>, layout: Layout, rows: &mut dyn Rows) -> Result<(), Error> {
    let size = (bitstream.width, bitstream.height);
    match bitstream.pixels {
        Pixels::Lossy { vp8, alpha } => lossy::decode(vp8, alpha, size, layout, rows),
        Pixels::Lossless { vp8l, has_alpha } => lossless::decode(vp8l, has_alpha, size, layout, rows),
    }
}

/// So many bytes without content. A size that passed the pixel limit can still be more than is free: that is an answer, not an abort.
fn reserved(length: usize) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(length).map_err(|_| Error::OutOfMemory { needed_bytes: length as u64 })?;
    Ok(bytes)
}

/// What the decoder reports, in our words.
fn failure(error: &DecodingError) -> Error {
    match error {
        DecodingError::IoError(_) => truncated(),
        DecodingError::UnsupportedFeature(_) => {
            Error::UnsupportedFormat { format: Some(Format::Webp), detail: "a rare kind of the format" }
        }
        _ => wrong("its pixels cannot be decoded"),
    }
}

fn wrong(what: &str) -> Error {
    Error::malformed(Format::Webp, what)
}

fn truncated() -> Error {
    Error::Truncated { format: Format::Webp, detail: "its pixels" }
}
