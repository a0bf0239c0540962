//! GIF blocks, as far as they say what the picture is. GIF89a specification (CompuServe, 1990).

use super::reader::Reader;
use super::{Coding, ColorSpace, Format, ImageInfo, Survey};
use crate::{Error, Orientation};

const SIGNATURE_BYTES: usize = 6;
/// The table of the LZW decoder with its buffers, about.
const DECODER_BYTES: u64 = 40 << 10;

/// An image may reach outside of its screen, but what nobody sees is decoded too: so much of it is allowed.
const MOST_SCREENS_AN_IMAGE: u64 = 4;
const SMALL_PIXELS: u64 = 1 << 16;

/// The screen, sections 18 and 19, and the blocks that follow it.
#[derive(Debug, Clone)]
pub(crate) struct Gif<'a> {
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// Red, green, blue of each colour.
    pub(crate) palette: &'a [u8],
    pub(crate) blocks: Blocks<'a>,
}

impl<'a> Gif<'a> {
    pub(crate) fn open(bytes: &'a [u8]) -> Result<Self, Error> {
        let mut reader = Reader::new(bytes.get(SIGNATURE_BYTES..).unwrap_or_default());
        let (Some(width), Some(height), Some(flags), Some(_background), Some(_aspect)) =
            (reader.u16_le(), reader.u16_le(), reader.u8(), reader.u8(), reader.u8())
        else {
            return Err(truncated());
        };
        if width == 0 || height == 0 {
            return Err(Error::malformed(Format::Gif, "its screen has no area"));
        }
        let palette = palette(&mut reader, flags).ok_or(truncated())?;
        Ok(Self { width: width.into(), height: height.into(), palette, blocks: Blocks { reader } })
    }
}

/// What follows the header, one after the other.
#[derive(Debug, Clone)]
pub(crate) struct Blocks<'a> {
    reader: Reader<'a>,
}

#[derive(Debug, Clone)]
pub(crate) enum Block<'a> {
    /// How the next image is shown.
    Control(Control),
    Image(Image<'a>),
    /// Plain text, which nobody renders: it takes the control block before it along.
    Text,
    /// How often the animation is played; 0: for ever.
    Plays(u32),
    /// A comment, or an application's own block. A colour profile is none: nobody converts GIF files by it.
    Metadata,
    /// A block without meaning here.
    Other,
    /// The end, and what stands behind it.
    Trailer(&'a [u8]),
}

/// Section 23.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Control {
    pub(crate) disposal: Disposal,
    /// Hundredths of a second.
    pub(crate) delay: u16,
    pub(crate) transparent: Option<u8>,
}

/// What happens to an image before the next one is drawn.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Disposal {
    #[default]
    Keep,
    /// Its rectangle becomes transparent: browsers never used the background colour.
    Clear,
    /// What was there before comes back.
    Restore,
}

/// Section 20.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Image<'a> {
    pub(crate) left: u32,
    pub(crate) top: u32,
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) is_interlaced: bool,
    /// Its own; empty where the screen's is used.
    pub(crate) palette: &'a [u8],
    pub(crate) minimum_code_bits: u8,
    /// Sub-blocks: each a length and so many bytes; a length of 0 ends them.
    pub(crate) sub_blocks: &'a [u8],
}

impl Image<'_> {
    pub(crate) fn pixels(&self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }

    /// How many of its columns and rows lie on the screen.
    pub(crate) fn visible(&self, (width, height): (u32, u32)) -> (u32, u32) {
        (self.width.min(width.saturating_sub(self.left)), self.height.min(height.saturating_sub(self.top)))
    }

    pub(crate) fn covers(&self, (width, height): (u32, u32)) -> bool {
        self.left == 0 && self.top == 0 && self.width >= width && self.height >= height
    }
}

impl<'a> Blocks<'a> {
    /// The next block; `None` where the bytes end before it does.
    pub(crate) fn next_block(&mut self) -> Result<Option<Block<'a>>, Error> {
        let Some(introducer) = self.reader.u8() else { return Ok(None) };
        match introducer {
            b',' => Ok(self.image().map(Block::Image)),
            b'!' => Ok(self.extension()),
            b';' => Ok(Some(Block::Trailer(self.reader.rest()))),
            // Terminators too many, which some writers leave.
            0 => Ok(Some(Block::Other)),
            _ => Err(Error::malformed(Format::Gif, "it has a block of an unknown kind")),
        }
    }

    fn image(&mut self) -> Option<Image<'a>> {
        let reader = &mut self.reader;
        let (left, top) = (reader.u16_le()?.into(), reader.u16_le()?.into());
        let (width, height) = (reader.u16_le()?.into(), reader.u16_le()?.into());
        let flags = reader.u8()?;
        let is_interlaced = flags & 0x40 != 0;
        // Some writers leave out all that follows of an image without area. No code size is that of a block's introducer.
        if (width == 0 || height == 0) && matches!(reader.rest(), [b',' | b'!' | b';', ..]) {
            let (palette, sub_blocks) = ([].as_slice(), [].as_slice());
            return Some(Image {
                left,
                top,
                width,
                height,
                is_interlaced,
                palette,
                minimum_code_bits: 0,
                sub_blocks,
            });
        }
        let palette = palette(reader, flags)?;
        let minimum_code_bits = reader.u8()?;
        let sub_blocks = self.sub_blocks()?;
        Some(Image { left, top, width, height, is_interlaced, palette, minimum_code_bits, sub_blocks })
    }

    fn extension(&mut self) -> Option<Block<'a>> {
        let label = self.reader.u8()?;
        let mut content = Reader::new(self.sub_blocks()?);
        Some(match label {
            0xf9 => control(&mut content).map_or(Block::Other, Block::Control),
            0x01 => Block::Text,
            0xfe => Block::Metadata,
            0xff => application(&mut content),
            _ => Block::Metadata,
        })
    }

    /// Steps over sub-blocks with their terminator, and gives them.
    fn sub_blocks(&mut self) -> Option<&'a [u8]> {
        let all = self.reader.rest();
        let mut length = 0_usize;
        loop {
            let count = usize::from(*all.get(length)?);
            length = length.checked_add(1 + count)?;
            if count == 0 {
                return self.reader.take(length);
            }
        }
    }
}

/// Seven bits a size: twice as many colours as two to its power.
fn palette<'a>(reader: &mut Reader<'a>, flags: u8) -> Option<&'a [u8]> {
    let colors = if flags & 0x80 == 0 { 0 } else { 2 << (flags & 7) };
    reader.take(3 * colors)
}

fn control(content: &mut Reader<'_>) -> Option<Control> {
    let (_length, flags, delay, transparent) =
        (content.u8()?, content.u8()?, content.u16_le()?, content.u8()?);
    let disposal = match flags >> 2 & 7 {
        2 => Disposal::Clear,
        3 => Disposal::Restore,
        _ => Disposal::Keep,
    };
    Some(Control { disposal, delay, transparent: (flags & 1 != 0).then_some(transparent) })
}

/// Looped animations are an extension of Netscape's: its count says how often the animation is played again; 0: for ever.
fn application<'a>(content: &mut Reader<'a>) -> Block<'a> {
    match content.take(12) {
        Some(b"\x0bNETSCAPE2.0" | b"\x0bANIMEXTS1.0") => loop {
            let Some(length @ 1..) = content.u8() else { return Block::Other };
            let Some(data) = content.take(length.into()) else { return Block::Other };
            if let [1, low, high, ..] = data {
                let again = u32::from(u16::from_le_bytes([*low, *high]));
                return Block::Plays(if again == 0 { 0 } else { again + 1 });
            }
        },
        Some(b"\x0bICCRGBG1012") => Block::Other,
        _ => Block::Metadata,
    }
}

/// Walks all blocks; coded pixels are stepped over.
pub(crate) fn survey(bytes: &[u8]) -> Result<Survey, Error> {
    let Gif { width, height, mut blocks, .. } = Gif::open(bytes)?;
    let (mut frames, mut has_alpha, mut has_metadata, mut complete) = (0_u32, false, false, false);
    let (mut control, mut is_cleared, mut decoder_bytes) = (Control::default(), false, DECODER_BYTES);
    while let Some(block) = blocks.next_block()? {
        match block {
            Block::Control(next) => control = next,
            Block::Image(image) => {
                let covers = image.covers((width, height));
                if image.pixels()
                    > MOST_SCREENS_AN_IMAGE * u64::from(width) * u64::from(height) + SMALL_PIXELS
                {
                    return Err(Error::malformed(Format::Gif, "an image is far larger than its screen"));
                }
                // Over opaque pixels nothing becomes transparent.
                let is_first = frames == 0;
                has_alpha |= (is_first || is_cleared) && (control.transparent.is_some() || !covers);
                is_cleared = match control.disposal {
                    Disposal::Keep => false,
                    Disposal::Clear => true,
                    Disposal::Restore => is_first,
                };
                if is_first && image.is_interlaced {
                    let (columns, rows) = image.visible((width, height));
                    decoder_bytes += u64::from(columns) * u64::from(rows);
                }
                frames = frames.saturating_add(1);
                control = Control::default();
            }
            Block::Text => control = Control::default(),
            Block::Metadata => has_metadata = true,
            Block::Plays(_) | Block::Other => {}
            Block::Trailer(rest) => {
                complete = true;
                has_metadata |= !rest.is_empty();
                break;
            }
        }
    }
    if complete && frames == 0 {
        return Err(Error::malformed(Format::Gif, "it has no picture"));
    }
    let info = ImageInfo {
        format: Format::Gif,
        width,
        height,
        orientation: Orientation::UPRIGHT,
        has_alpha,
        frames: frames.max(1),
        color_space: ColorSpace::Srgb,
        has_metadata,
    };
    Ok(Survey { info, complete, coding: Coding::Whole { decoder_bytes }, profile: None })
}

fn truncated() -> Error {
    Error::Truncated { format: Format::Gif, detail: "its headers" }
}
