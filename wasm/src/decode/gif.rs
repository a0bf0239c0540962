//! GIF: the images that `inspect` finds, through the LZW decoder of `weezl`, composed as browsers compose them. GIF89a
//! specification (CompuServe, 1990), appendices E (interlace) and F (LZW).
//!
//! What is not drawn on is transparent; the background colour of the screen plays no part.

use super::shown_ms;
use crate::inspect::Format;
use crate::inspect::gif::{Block, Blocks, Control, Disposal, Gif, Image};
use crate::pixels::{Layout, Pixels};
use crate::raster::{Frame, Frames, Rows};
use crate::{Error, ImageInfo};
use std::ops::ControlFlow;
use weezl::{BitOrder, LzwStatus, decode::Decoder};

/// An image is decoded in pieces of so many pixels.
const PIECE_PIXELS: usize = 4096;
/// Codes have at most 12 bits, of which one tells the codes of the decoder from those of pixels.
const MOST_CODE_BITS: u8 = 11;

/// The first image on its screen. Where the file is opaque throughout, what its first image leaves undrawn in spite of its size is black.
pub(super) fn decode(bytes: &[u8], info: &ImageInfo, rows: &mut dyn Rows) -> Result<(), Error> {
    let mut gif = Gif::open(bytes)?;
    let (control, image) = next_image(&mut gif.blocks)?.ok_or_else(|| wrong("it has no picture"))?;
    let colors = Colors::new(&image, gif.palette, control);
    let layout = if info.has_alpha { Layout::Rgba } else { Layout::Rgb };
    rows.begin(layout)?;
    let mut screen = Screen { rows, layout, size: (gif.width, gif.height), packed: Vec::new(), next: 0 };
    if image.is_interlaced {
        let (columns, visible_rows) = image.visible(screen.size);
        let (columns, visible_rows) = (columns as usize, visible_rows as usize);
        let mut indices = zeroed(columns.saturating_mul(visible_rows))?;
        // Index and whether it was drawn do not fit into one byte: how many pixels came is what tells.
        let mut drawn = vec![0_usize; visible_rows];
        decode_rows(&image, screen.size.1, |y, part, x| {
            let y = y as usize;
            if let (Some(row), Some(drawn)) =
                (indices.get_mut(y * columns..(y + 1) * columns), drawn.get_mut(y))
            {
                *drawn += copy(part, row, x);
            }
            ControlFlow::Continue(())
        })?;
        for (row, drawn) in indices.chunks_exact(columns.max(1)).zip(drawn) {
            let pixels = row.iter().take(drawn).map(|index| colors.get(*index));
            if screen.image_row(&image, pixels).is_break() {
                return Ok(());
            }
        }
    } else {
        let mut row = Vec::new();
        let mut current = 0;
        let mut is_enough = false;
        decode_rows(&image, screen.size.1, |y, part, _| {
            if y != current {
                current = y;
                is_enough = screen.image_row(&image, row.drain(..)).is_break();
            }
            row.extend(part.iter().map(|index| colors.get(*index)));
            if is_enough { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        if is_enough || screen.image_row(&image, row.drain(..)).is_break() {
            return Ok(());
        }
    }
    screen.finish();
    Ok(())
}

/// Puts rows of an image on the rows of its screen.
struct Screen<'r> {
    rows: &'r mut dyn Rows,
    layout: Layout,
    size: (u32, u32),
    packed: Vec<u8>,
    /// The row of the screen that comes next.
    next: u32,
}

impl Screen<'_> {
    /// The next row of the image, as much of it as there is; `None`: transparent.
    fn image_row(
        &mut self,
        image: &Image<'_>,
        pixels: impl Iterator<Item = Option<[u8; 3]>>,
    ) -> ControlFlow<()> {
        while self.next < image.top.min(self.size.1) {
            self.emit(0, std::iter::empty())?;
        }
        if self.next < self.size.1 { self.emit(image.left, pixels) } else { ControlFlow::Break(()) }
    }

    fn finish(&mut self) {
        while self.next < self.size.1 && self.emit(0, std::iter::empty()).is_continue() {}
    }

    fn emit(&mut self, left: u32, pixels: impl Iterator<Item = Option<[u8; 3]>>) -> ControlFlow<()> {
        let width = self.size.0 as usize;
        let channels = self.layout.channels();
        self.packed.clear();
        self.packed.resize(width * channels, 0);
        let places = self.packed.chunks_exact_mut(channels).skip(left as usize);
        for (place, pixel) in places.zip(pixels) {
            if let Some([r, g, b]) = pixel {
                place.copy_from_slice([r, g, b, 255].get(..channels).unwrap_or_default());
            }
        }
        self.next += 1;
        self.rows.row(&self.packed)
    }
}

/// What indices mean.
struct Colors<'a> {
    palette: &'a [u8],
    transparent: Option<u8>,
}

impl<'a> Colors<'a> {
    fn new(image: &Image<'a>, of_screen: &'a [u8], control: Control) -> Self {
        let palette = if image.palette.is_empty() { of_screen } else { image.palette };
        Self { palette, transparent: control.transparent }
    }

    /// `None`: transparent. So is an index for which there is no colour, as in browsers.
    fn get(&self, index: u8) -> Option<[u8; 3]> {
        if self.transparent == Some(index) {
            return None;
        }
        self.palette.as_chunks::<3>().0.get(usize::from(index)).copied()
    }
}

/// The next image, with how it is shown.
fn next_image<'a>(blocks: &mut Blocks<'a>) -> Result<Option<(Control, Image<'a>)>, Error> {
    let mut control = Control::default();
    while let Some(block) = blocks.next_block()? {
        match block {
            Block::Control(next) => control = next,
            Block::Image(image) => return Ok(Some((control, image))),
            Block::Text => control = Control::default(),
            Block::Trailer(_) => return Ok(None),
            Block::Plays(_) | Block::Metadata | Block::Other => {}
        }
    }
    Ok(None)
}

/// Decodes the indices of an image. `draw` gets the row that they lie in, as seen from the image's top, the indices, and the column of
/// the first; rows at and below `rows_of_screen` are not decoded. Codes that end early leave the rest undrawn.
fn decode_rows(
    image: &Image<'_>,
    rows_of_screen: u32,
    mut draw: impl FnMut(u32, &[u8], usize) -> ControlFlow<()>,
) -> Result<(), Error> {
    let mut order = row_order(image.height, image.is_interlaced);
    let width = image.width as usize;
    let (Some(mut y), 1..) = (order.next(), width) else { return Ok(()) };
    if image.minimum_code_bits > MOST_CODE_BITS {
        return Err(wrong("its pixels have an impossible code size"));
    }
    let mut decoder = Decoder::new(BitOrder::Lsb, image.minimum_code_bits);
    let mut piece = [0; PIECE_PIXELS];
    let mut x = 0;
    let mut rest = image.sub_blocks;
    let mut block: &[u8] = &[];
    loop {
        if block.is_empty()
            && let Some((length, after)) = rest.split_first()
            && let Some((data, after)) = after.split_at_checked(usize::from(*length))
        {
            (block, rest) = (data, after);
        }
        let result = decoder.decode_bytes(block, &mut piece);
        block = block.get(result.consumed_in..).unwrap_or_default();
        let mut indices = piece.get(..result.consumed_out).unwrap_or_default();
        while !indices.is_empty() {
            let (part, after) = indices.split_at(indices.len().min(width - x));
            indices = after;
            if image.top.saturating_add(y) < rows_of_screen && draw(y, part, x).is_break() {
                return Ok(());
            }
            x += part.len();
            if x == width {
                x = 0;
                match order.next() {
                    // Interlaced rows come in four passes; rows below the screen are followed by rows on it.
                    Some(_) if !image.is_interlaced && image.top.saturating_add(y + 1) >= rows_of_screen => {
                        return Ok(());
                    }
                    Some(next) => y = next,
                    None => return Ok(()),
                }
            }
        }
        match result.status {
            Ok(LzwStatus::Done) => return Ok(()),
            Ok(LzwStatus::NoProgress) if block.is_empty() && is_over(rest) => return Ok(()),
            Ok(LzwStatus::NoProgress) if !block.is_empty() => {
                return Err(wrong("its pixels cannot be decoded"));
            }
            Ok(_) => {}
            Err(_) => return Err(wrong("its pixels cannot be decoded")),
        }
    }
}

fn is_over(sub_blocks: &[u8]) -> bool {
    sub_blocks.first().is_none_or(|length| *length == 0)
}

/// The rows of an image in the order in which they are stored.
fn row_order(height: u32, is_interlaced: bool) -> impl Iterator<Item = u32> {
    let passes: &[(u32, usize)] = if is_interlaced { &[(0, 8), (4, 8), (2, 4), (1, 2)] } else { &[(0, 1)] };
    passes.iter().flat_map(move |(start, step)| (*start..height).step_by(*step))
}

/// As many as fit from column `x` on, and how many those are.
fn copy(part: &[u8], row: &mut [u8], x: usize) -> usize {
    let room = row.get_mut(x..).unwrap_or_default();
    let count = part.len().min(room.len());
    if let (Some(to), Some(from)) = (room.get_mut(..count), part.get(..count)) {
        to.copy_from_slice(from);
    }
    count
}

/// The frames of a file, one for each image.
pub(super) struct GifFrames<'a> {
    gif: Gif<'a>,
    plays: u32,
    /// The screen with what has been drawn so far.
    canvas: Vec<u8>,
    /// What is to be undone before the next image: where, and what comes back.
    undo: Option<(Image<'a>, Option<Vec<u8>>)>,
}

impl<'a> GifFrames<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Result<Self, Error> {
        let gif = Gif::open(bytes)?;
        let mut blocks = gif.blocks.clone();
        let mut plays = 1;
        while let Some(block) = blocks.next_block()? {
            match block {
                Block::Plays(count) => plays = count,
                Block::Trailer(_) => break,
                _ => {}
            }
        }
        let canvas = zeroed(gif.width as usize * gif.height as usize * 4)?;
        Ok(Self { gif, plays, canvas, undo: None })
    }

    /// The part of each row of the canvas that an image covers.
    fn covered(&mut self, image: &Image<'_>) -> impl Iterator<Item = &mut [u8]> {
        let (columns, rows) = image.visible((self.gif.width, self.gif.height));
        let (left, length) = (image.left as usize * 4, columns as usize * 4);
        let canvas_rows = self.canvas.chunks_exact_mut(self.gif.width as usize * 4);
        canvas_rows
            .skip(image.top as usize)
            .take(rows as usize)
            .filter_map(move |row| row.get_mut(left..left.checked_add(length)?))
    }
}

impl Frames for GifFrames<'_> {
    fn plays(&self) -> u32 {
        self.plays
    }

    fn next_frame(&mut self) -> Result<Option<Frame>, Error> {
        let Some((control, image)) = next_image(&mut self.gif.blocks)? else { return Ok(None) };
        if let Some((before, saved)) = self.undo.take() {
            let mut saved = saved.as_deref().unwrap_or_default();
            for row in self.covered(&before) {
                match saved.split_at_checked(row.len()) {
                    Some((old, rest)) if !row.is_empty() => {
                        row.copy_from_slice(old);
                        saved = rest;
                    }
                    _ => row.fill(0),
                }
            }
        }
        match control.disposal {
            Disposal::Keep => {}
            Disposal::Clear => self.undo = Some((image, None)),
            Disposal::Restore => {
                let (columns, rows) = image.visible((self.gif.width, self.gif.height));
                let mut saved = Vec::new();
                let length = columns as usize * rows as usize * 4;
                saved.try_reserve_exact(length).map_err(|_| out_of_memory(length))?;
                self.covered(&image).for_each(|row| saved.extend_from_slice(row));
                self.undo = Some((image, Some(saved)));
            }
        }

        let colors = Colors::new(&image, self.gif.palette, control);
        let (width, height) = (self.gif.width as usize, self.gif.height);
        let canvas = &mut self.canvas;
        decode_rows(&image, height, |y, part, x| {
            let row = (image.top as usize + y as usize) * width;
            let start = (image.left as usize).saturating_add(x);
            let places = canvas.get_mut((row + start.min(width)) * 4..(row + width) * 4).unwrap_or_default();
            for (place, index) in places.as_chunks_mut::<4>().0.iter_mut().zip(part) {
                if let Some([r, g, b]) = colors.get(*index) {
                    *place = [r, g, b, 255];
                }
            }
            ControlFlow::Continue(())
        })?;
        let mut data = Vec::new();
        data.try_reserve_exact(self.canvas.len()).map_err(|_| out_of_memory(self.canvas.len()))?;
        data.extend_from_slice(&self.canvas);
        let pixels = Pixels { width, height: height as usize, layout: Layout::Rgba, data };
        Ok(Some(Frame { pixels, duration_ms: shown_ms(u32::from(control.delay) * 10) }))
    }
}

fn zeroed(length: usize) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(length).map_err(|_| out_of_memory(length))?;
    bytes.resize(length, 0);
    Ok(bytes)
}

fn out_of_memory(bytes: usize) -> Error {
    Error::OutOfMemory { needed_bytes: bytes as u64 }
}

fn wrong(what: &str) -> Error {
    Error::malformed(Format::Gif, what)
}

#[cfg(test)]
mod tests;
