//! Rows -> the whole picture.

use crate::inspect::Format;
use crate::pixels::{Layout, Pixels};
use crate::raster::Rows;
use crate::{Error, ImageInfo};
use std::ops::ControlFlow;

/// The whole picture, or the first frame of an animation; for tests.
pub(crate) fn whole(bytes: &[u8], info: &ImageInfo) -> Result<Pixels, Error> {
    let (width, height) = info.orientation.size_seen((info.width, info.height));
    let mut picture = Collector::new((width as usize, height as usize));
    super::stream(bytes, info, &mut picture)?;
    picture.finish(info.format)
}

/// Keeps all rows of a picture whose size is known.
#[derive(Debug)]
pub(super) struct Collector {
    pixels: Pixels,
}

impl Collector {
    /// For a picture of so many pixels, as stored. Nothing is allocated before its layout is known.
    pub(super) fn new((width, height): (usize, usize)) -> Self {
        Self { pixels: Pixels { width, height, layout: Layout::Rgb, data: Vec::new() } }
    }

    /// The picture, if it is all there.
    pub(super) fn finish(self, format: Format) -> Result<Pixels, Error> {
        let Pixels { width, height, layout, ref data } = self.pixels;
        let length = width.checked_mul(height).and_then(|pixels| pixels.checked_mul(layout.channels()));
        if length == Some(data.len()) {
            return Ok(self.pixels);
        }
        Err(Error::malformed(format, "its pixels are not of the size that its header states"))
    }
}

impl Rows for Collector {
    fn begin(&mut self, layout: Layout) -> Result<(), Error> {
        let Pixels { width, height, .. } = self.pixels;
        let length = width.saturating_mul(height).saturating_mul(layout.channels());
        self.pixels.layout = layout;
        // A size that passed the pixel limit can still be more than is free: that is an answer, not an abort.
        let needed_bytes = length as u64;
        self.pixels.data.try_reserve_exact(length).map_err(|_| Error::OutOfMemory { needed_bytes })
    }

    fn row(&mut self, row: &[u8]) -> ControlFlow<()> {
        let data = &mut self.pixels.data;
        // Never beyond what was reserved.
        if row.len() > data.capacity() - data.len() {
            return ControlFlow::Break(());
        }
        data.extend_from_slice(row);
        ControlFlow::Continue(())
    }
}
