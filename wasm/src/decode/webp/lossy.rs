//! Lossy pictures as rows of pixels, with their alpha. The samples become pixels with the rounding of libwebp, so that these are those that
//! `dwebp` writes.

use super::alpha;
use super::vp8::{self, Pair, Pairs, Smoothing};
use crate::Error;
use crate::pixels::Layout;
use crate::raster::Rows;
use std::ops::ControlFlow;

pub(super) fn decode(
    vp8: &[u8],
    alpha: Option<&[u8]>,
    size: (u32, u32),
    layout: Layout,
    rows: &mut dyn Rows,
) -> Result<(), Error> {
    let alpha = alpha.map(|chunk| alpha::plane(chunk, size)).transpose()?;
    rows.begin(layout)?;
    let mut pixels = Upsampled::new(size, layout, alpha.unwrap_or_default(), rows);
    vp8::decode(vp8, size, Smoothing::AsStated, &mut pixels)?;
    pixels.finish();
    Ok(())
}

/// Makes pixels of rows of samples. Chroma has half the samples of luma both ways. Each pixel takes nine parts of the nearest sample, three
/// of the next one in its row and three of the next one in its column, and one of the one across.
struct Upsampled<'a> {
    width: usize,
    layout: Layout,
    /// One byte a pixel; empty where there is none.
    alpha: Vec<u8>,
    rows: &'a mut dyn Rows,
    /// Rows that were handed on.
    done: usize,
    /// The second row of luma of the last pair, which waits for the chroma below it.
    waiting: Vec<u8>,
    u: Stretched,
    v: Stretched,
    packed: Vec<u8>,
}

impl<'a> Upsampled<'a> {
    fn new((width, _): (u32, u32), layout: Layout, alpha: Vec<u8>, rows: &'a mut dyn Rows) -> Self {
        let width = width as usize;
        Self {
            width,
            layout,
            alpha,
            rows,
            done: 0,
            waiting: Vec::with_capacity(width),
            u: Stretched::new(width),
            v: Stretched::new(width),
            packed: vec![255; width * layout.channels()],
        }
    }

    /// Hands on a row whose chroma has been stretched.
    fn row(&mut self, luma: &[u8]) -> ControlFlow<()> {
        let at = self.done;
        self.done += 1;
        if !self.rows.wants_next() {
            return self.rows.row(&self.packed);
        }
        let chroma = (self.u.samples.as_slice(), self.v.samples.as_slice());
        match self.layout {
            Layout::Rgb => convert::<3>(luma, chroma, &mut self.packed),
            Layout::Rgba => convert::<4>(luma, chroma, &mut self.packed),
        }
        let alpha = self.alpha.get(at * self.width..).unwrap_or_default();
        if self.layout == Layout::Rgba {
            let pixels = self.packed.as_chunks_mut::<4>().0.iter_mut();
            pixels.zip(alpha).for_each(|([.., to], alpha)| *to = *alpha);
        }
        self.rows.row(&self.packed)
    }

    /// Hands on the row that waits, the chroma below it being this.
    fn waiting_row(&mut self, u: &[u8], v: &[u8]) -> ControlFlow<()> {
        if self.waiting.is_empty() {
            return ControlFlow::Continue(());
        }
        self.u.fill_towards(u);
        self.v.fill_towards(v);
        let luma = std::mem::take(&mut self.waiting);
        let flow = self.row(&luma);
        self.waiting = luma;
        self.waiting.clear();
        flow
    }

    /// Hands on the last row of a picture whose height is even: below it is nothing else.
    fn finish(mut self) {
        let (u, v) = (self.u.before.clone(), self.v.before.clone());
        let _is_done = self.waiting_row(&u, &v);
    }
}

impl Pairs for Upsampled<'_> {
    fn pair(&mut self, Pair { luma: (first, second), u, v }: Pair<'_>) -> ControlFlow<()> {
        let half = self.width.div_ceil(2);
        let (u, v) = (u.get(..half).unwrap_or_default(), v.get(..half).unwrap_or_default());
        self.waiting_row(u, v)?;
        self.u.fill_from(u);
        self.v.fill_from(v);
        self.row(first.get(..self.width).unwrap_or_default())?;
        if let Some(second) = second {
            self.waiting.extend_from_slice(second.get(..self.width).unwrap_or_default());
        }
        ControlFlow::Continue(())
    }
}

/// Leaves alpha as it is.
fn convert<const CHANNELS: usize>(luma: &[u8], (u, v): (&[u8], &[u8]), packed: &mut [u8]) {
    let samples = luma.iter().zip(u.iter().zip(v));
    for (pixel, (y, (u, v))) in packed.as_chunks_mut::<CHANNELS>().0.iter_mut().zip(samples) {
        if let Some(color) = pixel.first_chunk_mut::<3>() {
            *color = rgb(*y, *u, *v);
        }
    }
}

/// One colour difference, for one row of pixels.
struct Stretched {
    /// The last row of samples; empty before the first.
    before: Vec<u8>,
    /// Three parts of the nearer row and one of the other; the first and the last sample twice.
    blended: Vec<u16>,
    /// One a pixel of the row, and one more where their number is odd.
    samples: Vec<u8>,
}

impl Stretched {
    fn new(width: usize) -> Self {
        let half = width.div_ceil(2);
        Self { before: Vec::with_capacity(half), blended: vec![0; half + 2], samples: vec![0; half * 2] }
    }

    /// For the row of pixels above the middle of the next row of samples, which becomes the last one.
    fn fill_from(&mut self, next: &[u8]) {
        if self.before.is_empty() {
            self.before.extend_from_slice(next);
        }
        blend(&mut self.blended, next, &self.before);
        self.before.copy_from_slice(next);
        self.stretch();
    }

    /// For the row of pixels below the middle of the last row of samples, with the next one below it.
    fn fill_towards(&mut self, next: &[u8]) {
        blend(&mut self.blended, &self.before, next);
        self.stretch();
    }

    fn stretch(&mut self) {
        let part = |near: u16, far: u16| ((3 * near + far + 8) >> 4) as u8;
        let (before, after) = (self.blended.iter(), self.blended.iter().skip(2));
        let around = before.zip(self.blended.iter().skip(1)).zip(after);
        for (to, ((before, near), after)) in self.samples.as_chunks_mut::<2>().0.iter_mut().zip(around) {
            *to = [part(*near, *before), part(*near, *after)];
        }
    }
}

fn blend(blended: &mut [u16], near: &[u8], far: &[u8]) {
    for (to, (near, far)) in blended.iter_mut().skip(1).zip(near.iter().zip(far)) {
        *to = 3 * u16::from(*near) + u16::from(*far);
    }
    if let [first, second, ..] = blended {
        *first = *second;
    }
    if let [.., second, first] = blended {
        *first = *second;
    }
}

/// ITU-R BT.601 with luma from 16 to 235, in 14 fraction bits of which the products lose eight.
fn rgb(y: u8, u: u8, v: u8) -> [u8; 3] {
    let times = |sample: u8, factor: i32| (i32::from(sample) * factor) >> 8;
    let luma = times(y, 19_077);
    let red = luma + times(v, 26_149) - 14_234;
    let green = luma - times(u, 6_419) - times(v, 13_320) + 8_708;
    let blue = luma + times(u, 33_050) - 17_685;
    [red, green, blue].map(|sum| (sum >> 6).clamp(0, 255) as u8)
}
