//! WebP chunks, as far as they say what the picture is. RFC 9649 sections 2 (container) and 3.4 (lossless header); RFC 6386
//! section 9.1 (lossy header).

use super::reader::Reader;
use super::{Coding, ColorSpace, Format, ImageInfo, Survey, exif};
use crate::color::{Channels, Profile};
use crate::{Error, Orientation};

/// "RIFF", size, "WEBP".
const RIFF_BYTES: usize = 12;
/// What stands in an ANMF chunk before the chunks of its frame.
const FRAME_HEADER_BYTES: usize = 16;

/// A chunk; `is_whole`: the file does not end within it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Chunk<'a> {
    pub(crate) kind: [u8; 4],
    pub(crate) data: &'a [u8],
    pub(crate) is_whole: bool,
}

/// The chunks of a file, or of an ANMF chunk, in order. The last one may be cut off.
#[derive(Debug, Clone)]
pub(crate) struct Chunks<'a> {
    reader: Reader<'a>,
}

impl<'a> Chunks<'a> {
    /// Those of a whole file, without what stands behind it.
    pub(crate) fn of_file(bytes: &'a [u8]) -> Self {
        let mut header = Reader::new(bytes.get(4..8).unwrap_or_default());
        let end = header.u32_le().and_then(|size| usize::try_from(size).ok()?.checked_add(8));
        let within = bytes.get(..end.unwrap_or(usize::MAX).min(bytes.len())).unwrap_or_default();
        Self { reader: Reader::new(within.get(RIFF_BYTES..).unwrap_or_default()) }
    }
}

impl<'a> Iterator for Chunks<'a> {
    type Item = Chunk<'a>;

    fn next(&mut self) -> Option<Chunk<'a>> {
        let kind = *self.reader.take(4)?.first_chunk::<4>()?;
        let length = usize::try_from(self.reader.u32_le()?).ok()?;
        let available = self.reader.rest().len().min(length);
        let data = self.reader.take(available)?;
        // Chunks begin at even places.
        self.reader.take(length % 2);
        Some(Chunk { kind, data, is_whole: available == length })
    }
}

/// The coded pixels of a still or of one frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bitstream<'a> {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) pixels: Pixels<'a>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pixels<'a> {
    /// The VP8 chunk, and the ALPH chunk where there is one.
    Lossy { vp8: &'a [u8], alpha: Option<&'a [u8]> },
    /// The VP8L chunk, and whether it says that alpha is used.
    Lossless { vp8l: &'a [u8], has_alpha: bool },
}

impl<'a> Bitstream<'a> {
    /// The first that the chunks hold; `None` where they hold none. What follows the image's own chunk is not looked at.
    pub(crate) fn find(chunks: impl Iterator<Item = Chunk<'a>>) -> Result<Option<Self>, Error> {
        let mut alpha = None;
        for chunk in chunks {
            match &chunk.kind {
                b"ALPH" => alpha = Some(chunk.data),
                b"VP8 " => {
                    let (width, height) = lossy_size(chunk.data)?;
                    let pixels = Pixels::Lossy { vp8: chunk.data, alpha };
                    return Ok(Some(Self { width, height, pixels }));
                }
                b"VP8L" => {
                    let (width, height, has_alpha) = lossless_size(chunk.data)?;
                    let pixels = Pixels::Lossless { vp8l: chunk.data, has_alpha };
                    return Ok(Some(Self { width, height, pixels }));
                }
                _ => {}
            }
        }
        Ok(None)
    }

    pub(crate) fn has_alpha(&self) -> bool {
        match self.pixels {
            Pixels::Lossy { alpha, .. } => alpha.is_some(),
            Pixels::Lossless { has_alpha, .. } => has_alpha,
        }
    }

    /// Bytes that decoding it to rows takes at its peak, beyond the file.
    pub(crate) fn decoder_bytes(&self) -> u64 {
        let pixels = u64::from(self.width) * u64::from(self.height);
        match self.pixels {
            // One and a half rows of macroblocks with half the chroma each way, 64 bytes of state a macroblock, ten bytes a pixel of a row; before
            // them alpha as a lossless picture, of which a quarter is kept.
            Pixels::Lossy { alpha, .. } => {
                let rows = u64::from(self.width).div_ceil(16) * (384 * 3 / 2 + 64 + 160);
                let is_compressed = alpha.is_some_and(|data| data.first().is_some_and(|info| info & 3 == 1));
                let while_unpacked = if is_compressed { pixels * 4 + pixels / 8 } else { 0 };
                while_unpacked.max(rows + if alpha.is_some() { pixels } else { 0 })
            }
            // Four bytes a pixel, and the tables of the transforms.
            Pixels::Lossless { .. } => pixels * 4 + pixels / 8,
        }
    }
}

/// One frame of an animation, RFC 9649 section 2.7.1.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Frame<'a> {
    pub(crate) x: u32,
    pub(crate) y: u32,
    pub(crate) duration_ms: u32,
    /// Its rectangle becomes transparent before the next frame.
    pub(crate) is_disposed: bool,
    /// It is put over what is there; else it replaces it.
    pub(crate) is_blended: bool,
    pub(crate) bitstream: Bitstream<'a>,
}

impl<'a> Frame<'a> {
    /// Reads an ANMF chunk.
    pub(crate) fn read(data: &'a [u8], canvas: (u32, u32)) -> Result<Self, Error> {
        let mut reader = Reader::new(data);
        let (Some(x), Some(y), Some(width), Some(height), Some(duration_ms), Some(flags)) = (
            reader.u24_le(),
            reader.u24_le(),
            reader.u24_le(),
            reader.u24_le(),
            reader.u24_le(),
            reader.u8(),
        ) else {
            return Err(truncated("a frame"));
        };
        // Places are stored halved, sizes less one. None has more than 25 bits.
        let (x, y, width, height) = (x * 2, y * 2, width + 1, height + 1);
        if x + width > canvas.0 || y + height > canvas.1 {
            return Err(wrong("a frame reaches outside of its canvas"));
        }
        let chunks = Chunks { reader: Reader::new(data.get(FRAME_HEADER_BYTES..).unwrap_or_default()) };
        let bitstream = Bitstream::find(chunks)?.ok_or_else(|| wrong("a frame has no picture"))?;
        if (bitstream.width, bitstream.height) != (width, height) {
            return Err(wrong("a frame is not of the size that it states"));
        }
        Ok(Self { x, y, duration_ms, is_disposed: flags & 1 != 0, is_blended: flags & 2 == 0, bitstream })
    }

    fn covers(&self, canvas: (u32, u32)) -> bool {
        (self.bitstream.width, self.bitstream.height) == canvas
    }
}

/// What an extended file states in its VP8X chunk, RFC 9649 section 2.7.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Extended {
    pub(crate) canvas: (u32, u32),
    pub(crate) is_animated: bool,
}

impl Extended {
    /// `None`: a simple file, which is its bitstream.
    pub(crate) fn read(bytes: &[u8]) -> Result<Option<Self>, Error> {
        let Some(first) = Chunks::of_file(bytes).next() else { return Err(truncated("its headers")) };
        if &first.kind != b"VP8X" {
            return Ok(None);
        }
        let mut reader = Reader::new(first.data);
        let (Some(flags), Some(_), Some(width), Some(height)) =
            (reader.u8(), reader.u24_le(), reader.u24_le(), reader.u24_le())
        else {
            return Err(truncated("its headers"));
        };
        Ok(Some(Self { canvas: (width + 1, height + 1), is_animated: flags & 2 != 0 }))
    }
}

/// Walks all chunks; of the coded pixels the headers are read.
pub(crate) fn survey(bytes: &[u8]) -> Result<Survey, Error> {
    let extended = Extended::read(bytes)?;
    let declared = Reader::new(bytes.get(4..8).unwrap_or_default()).u32_le().unwrap_or(0);
    let end = usize::try_from(declared).unwrap_or(usize::MAX).saturating_add(8);
    let mut seen = Seen { is_whole: bytes.len() >= end, ..Seen::default() };
    // The padding byte of the last chunk belongs to the file even where its size leaves it out.
    seen.has_metadata = bytes.len() > end.saturating_add(end % 2);
    for chunk in Chunks::of_file(bytes) {
        seen.is_whole &= chunk.is_whole;
        seen.look_at(chunk, extended)?;
    }
    let still = match extended {
        Some(Extended { is_animated: true, .. }) => None,
        _ => Bitstream::find(Chunks::of_file(bytes))?,
    };
    let (stored, has_alpha, decoder_bytes) = match (extended, still) {
        (Some(Extended { canvas, is_animated: false }), Some(still))
            if (still.width, still.height) != canvas =>
        {
            return Err(wrong("its picture is not of the size of its canvas"));
        }
        (_, Some(still)) => ((still.width, still.height), still.has_alpha(), still.decoder_bytes()),
        (Some(Extended { canvas, .. }), None) => (canvas, seen.has_alpha, seen.decoder_bytes),
        (None, None) if seen.is_whole => return Err(wrong("it has no picture")),
        (None, None) => return Err(truncated("its headers")),
    };
    if still.is_none() && seen.frames == 0 && seen.is_whole {
        return Err(wrong("it has no picture"));
    }
    let orientation = seen.orientation.unwrap_or_default();
    let (width, height) = orientation.size_seen(stored);
    let info = ImageInfo {
        format: Format::Webp,
        width,
        height,
        orientation,
        has_alpha,
        frames: seen.frames.max(1),
        color_space: seen.profile.as_ref().map_or(ColorSpace::Srgb, Profile::color_space),
        has_metadata: seen.has_metadata,
    };
    let comes_in_planes = matches!(still, Some(Bitstream { pixels: Pixels::Lossy { alpha: None, .. }, .. }));
    let coding =
        if comes_in_planes { Coding::Vp8 { decoder_bytes } } else { Coding::Whole { decoder_bytes } };
    Ok(Survey { info, complete: seen.is_whole, coding, profile: seen.profile })
}

/// What the chunks have told so far.
#[derive(Debug, Default)]
struct Seen {
    is_whole: bool,
    frames: u32,
    has_alpha: bool,
    /// Whether the frame before leaves its rectangle transparent.
    is_cleared: bool,
    /// For the first frame of an animation.
    decoder_bytes: u64,
    orientation: Option<Orientation>,
    profile: Option<Profile>,
    has_metadata: bool,
}

impl Seen {
    fn look_at(&mut self, chunk: Chunk<'_>, extended: Option<Extended>) -> Result<(), Error> {
        match &chunk.kind {
            b"ANMF" => {
                let Some(Extended { canvas, is_animated: true }) = extended else { return Ok(()) };
                if !chunk.is_whole {
                    return Ok(());
                }
                let frame = Frame::read(chunk.data, canvas)?;
                let covers = frame.covers(canvas);
                // Over opaque pixels a blended frame leaves none transparent.
                let is_first = self.frames == 0;
                let alpha = frame.bitstream.has_alpha();
                self.has_alpha |=
                    if is_first || self.is_cleared { alpha || !covers } else { alpha && !frame.is_blended };
                self.is_cleared = frame.is_disposed;
                if is_first {
                    let composed = u64::from(canvas.0) * u64::from(canvas.1) * if covers { 0 } else { 4 };
                    self.decoder_bytes = frame.bitstream.decoder_bytes() + composed;
                }
                self.frames = self.frames.saturating_add(1);
            }
            // The first EXIF block counts. Some writers keep the header that it has in JPEG files.
            b"EXIF" => {
                let tiff = chunk.data.strip_prefix(b"Exif\0\0").unwrap_or(chunk.data);
                self.orientation.get_or_insert(exif::orientation(tiff));
                self.has_metadata = true;
            }
            b"ICCP" if chunk.is_whole => self.profile = Profile::from_icc(chunk.data, Channels::Rgb),
            b"VP8X" | b"VP8 " | b"VP8L" | b"ALPH" | b"ANIM" | b"ICCP" => {}
            _ => self.has_metadata = true,
        }
        Ok(())
    }
}

/// Width and height in pixels: frame tag, start code, 14 bits each with a scale that viewers ignore.
fn lossy_size(vp8: &[u8]) -> Result<(u32, u32), Error> {
    let mut reader = Reader::new(vp8);
    let (Some(tag), Some(start_code), Some(width), Some(height)) =
        (reader.u24_le(), reader.take(3), reader.u16_le(), reader.u16_le())
    else {
        return Err(truncated("its headers"));
    };
    if tag & 1 != 0 || start_code != [0x9d, 0x01, 0x2a] {
        return Err(wrong("its lossy picture does not begin with a key frame"));
    }
    let (width, height) = (u32::from(width & 0x3fff), u32::from(height & 0x3fff));
    if width == 0 || height == 0 {
        return Err(wrong("its lossy picture has no area"));
    }
    Ok((width, height))
}

/// Width, height, whether alpha is used: signature, 14 bits each less one, one bit, version.
fn lossless_size(vp8l: &[u8]) -> Result<(u32, u32, bool), Error> {
    let mut reader = Reader::new(vp8l);
    let (Some(signature), Some(bits)) = (reader.u8(), reader.u32_le()) else {
        return Err(truncated("its headers"));
    };
    if signature != 0x2f || bits >> 29 != 0 {
        return Err(wrong("its lossless picture does not begin as one"));
    }
    Ok(((bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1, bits >> 28 & 1 != 0))
}

fn wrong(what: &str) -> Error {
    Error::malformed(Format::Webp, what)
}

fn truncated(detail: &'static str) -> Error {
    Error::Truncated { format: Format::Webp, detail }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
        let mut body = b"WEBP".to_vec();
        for (kind, data) in chunks {
            body.extend_from_slice(*kind);
            body.extend(u32::try_from(data.len()).unwrap().to_le_bytes());
            body.extend_from_slice(data);
            body.extend(vec![0; data.len() % 2]);
        }
        let size = u32::try_from(body.len()).unwrap().to_le_bytes();
        [b"RIFF".as_slice(), &size, &body].concat()
    }

    const STILL: [u8; 10] = [0; 10];
    // One pixel, no alpha.
    const PIXEL: [u8; 5] = [0x2f, 0, 0, 0, 0];

    #[test]
    fn a_profile_is_no_metadata_and_a_broken_one_none_at_all() {
        let bytes = file(&[(b"VP8X", &STILL), (b"ICCP", &[0; 132]), (b"VP8L", &PIXEL)]);
        let Survey { info, profile, .. } = survey(&bytes).unwrap();
        assert_eq!((info.color_space, info.has_metadata), (ColorSpace::Srgb, false));
        assert!(profile.is_none());
    }

    #[test]
    fn what_is_not_the_picture_is_metadata() {
        for kind in [b"EXIF", b"XMP ", b"what"] {
            let bytes = file(&[(b"VP8X", &STILL), (b"VP8L", &PIXEL), (kind, b"abc")]);
            assert!(survey(&bytes).unwrap().info.has_metadata);
        }
    }

    #[test]
    fn a_file_that_contradicts_itself_is_refused() {
        let two = [0, 0, 0, 0, 1, 0, 0, 0, 0, 0];
        let animated = [2, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        // At (2, 0) of a canvas of one pixel.
        let outside = [&[1, 0, 0], [0; 13].as_slice(), b"VP8L", &[5, 0, 0, 0], &PIXEL, &[0]].concat();
        for chunks in [
            [(b"VP8X", two.as_slice()), (b"VP8L", &PIXEL)].as_slice(),
            &[(b"VP8X", &STILL)],
            &[(b"VP8X", &animated), (b"ANIM", &[0; 6])],
            &[(b"VP8X", &animated), (b"ANMF", &outside)],
            &[(b"VP8L", b"not so")],
            &[(b"what", b"")],
        ] {
            let error = survey(&file(chunks)).unwrap_err();
            assert_eq!(error.code(), "malformed", "{chunks:?}: {error}");
        }
    }
}
