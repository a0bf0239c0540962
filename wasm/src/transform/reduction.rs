//! A picture, as a decoder delivers it, -> the part that is wanted at its new size.

use super::channel::Channel;
use super::color;
use super::kernel::Kernel;
use super::load::Loader;
use super::straighten::{COVERAGE_BITS, Turned, coverage};
use crate::Error;
use crate::pixels::{Layout, Pixels};
use crate::plan::{Plan, Source, Span, Turn};
use crate::raster::{ColorModel, PADDING, PlaneRows, Rows, Window};
use std::ops::{ControlFlow, Range};
use std::rc::Rc;

/// Takes rows and makes pixels of the content's size of them, still lying as they are stored.
#[derive(Debug)]
pub(crate) struct Reduction {
    /// Kernels along the rows and along the columns, for each channel of a picture in planes, or one pair for all channels.
    kernels: Vec<(Rc<Kernel>, Rc<Kernel>)>,
    /// Fraction bits of the samples of each plane.
    fraction_bits: Vec<u32>,
    channels: Vec<Channel>,
    /// Resampled rows of each channel that wait for those of the others.
    waiting: Vec<Waiting>,
    whole: Option<Whole>,
    model: Model,
    /// Where the resampled rows are turned: how, and each channel.
    turn: Option<Turn>,
    turned: Vec<Turned>,
    /// Samples of a resampled row.
    row_length: usize,
    /// Of the result, in pixels.
    size: (usize, usize),
    pixels: Vec<u8>,
}

/// What is known of a picture that comes in rows of whole pixels.
#[derive(Debug)]
struct Whole {
    columns: Range<u32>,
    rows: Range<u32>,
    boxes: (u32, u32),
    next_row: u32,
    loader: Option<Loader>,
}

/// Rows one after the other, some of which have been used.
#[derive(Debug, Default)]
struct Waiting {
    samples: Vec<i16>,
    used: usize,
}

impl Waiting {
    /// The next row; empty where there is none.
    fn row(&self, width: usize) -> &[i16] {
        self.samples.get(self.used..self.used + width).unwrap_or_default()
    }

    fn pass(&mut self, width: usize) {
        self.used += width;
        if self.used >= self.samples.len() {
            self.samples.clear();
            self.used = 0;
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Model {
    Planes(ColorModel),
    Rgb,
    Rgba,
}

impl Reduction {
    pub(crate) fn new(plan: &Plan) -> Self {
        let (samples, pixels) = (plan.samples(), plan.filtered());
        let mut made = Vec::<((Span, Span), (Rc<Kernel>, Rc<Kernel>))>::new();
        let mut kernels = |columns: Span, rows: Span| {
            let spans = (columns, rows);
            if let Some((_, kernels)) = made.iter().find(|(other, _)| *other == spans) {
                return kernels.clone();
            }
            let across = Kernel::new(columns, samples.0, pixels.0);
            let kernels = (Rc::new(across), Rc::new(Kernel::new(rows, samples.1, pixels.1)));
            made.push((spans, kernels.clone()));
            kernels
        };
        let mut fraction_bits = Vec::new();
        let (kernels, whole) = match &plan.source {
            Source::Planes(planes) => {
                fraction_bits.extend(planes.iter().map(|plane| plane.fraction_bits));
                let kernels = planes
                    .iter()
                    .map(|plane| {
                        let (across, down) = plane.place;
                        kernels(
                            plan.columns.in_samples(across, samples.0),
                            plan.rows.in_samples(down, samples.1),
                        )
                    })
                    .collect();
                (kernels, None)
            }
            Source::Rows { boxes } => {
                let (columns, rows) = (plan.columns.in_boxes(boxes.0), plan.rows.in_boxes(boxes.1));
                let whole = Whole {
                    columns: plan.columns.bounds.0..plan.columns.bounds.1,
                    rows: plan.rows.bounds.0..plan.rows.bounds.1,
                    boxes: *boxes,
                    next_row: 0,
                    loader: None,
                };
                (vec![kernels(columns, rows)], Some(whole))
            }
        };
        Self {
            kernels,
            fraction_bits,
            whole,
            turn: plan.turn,
            turned: Vec::new(),
            row_length: samples.0 as usize,
            size: (plan.content.0 as usize, plan.content.1 as usize),
            channels: Vec::new(),
            waiting: Vec::new(),
            model: Model::Rgb,
            pixels: Vec::new(),
        }
    }

    /// The samples of each plane that are needed, of a picture in planes.
    pub(crate) fn windows(&self) -> Vec<Window> {
        let window = |(across, down): &(Rc<Kernel>, Rc<Kernel>)| Window {
            columns: across.support(),
            rows: down.support(),
        };
        self.kernels.iter().map(window).collect()
    }

    fn prepare(&mut self, model: Model, channels: Vec<Channel>) -> Result<(), Error> {
        self.model = model;
        let length = self.size.0 * self.size.1 * self.layout().channels();
        self.pixels
            .try_reserve_exact(length)
            .map_err(|_| Error::OutOfMemory { needed_bytes: length as u64 })?;
        self.waiting = channels.iter().map(|_| Waiting::default()).collect();
        if let Some(turn) = self.turn {
            let size = (self.size.0 as u32, self.size.1 as u32);
            self.turned = channels.iter().map(|_| Turned::new(turn, size)).collect::<Result<_, _>>()?;
        }
        self.channels = channels;
        Ok(())
    }

    fn layout(&self) -> Layout {
        let shows_beyond = self.turn.is_some_and(|turn| turn.shows_beyond);
        if self.model == Model::Rgba || shows_beyond { Layout::Rgba } else { Layout::Rgb }
    }

    /// Makes pixels of the rows that all channels have, one after the other, or hands rows on to be turned.
    fn combine(&mut self) {
        let width = self.row_length.max(1);
        if self.turn.is_some() {
            let channels = self.channels.iter_mut().zip(&mut self.waiting).zip(&mut self.turned);
            for ((channel, waiting), turned) in channels {
                loop {
                    if waiting.row(width).is_empty() {
                        if !channel.is_ready() {
                            break;
                        }
                        channel.take(&mut waiting.samples);
                    }
                    turned.push(waiting.row(width));
                    waiting.pass(width);
                }
            }
            return;
        }
        let has_row =
            |(channel, waiting): (&Channel, &Waiting)| !waiting.row(width).is_empty() || channel.is_ready();
        while self.channels.iter().zip(&self.waiting).all(has_row) {
            for (channel, waiting) in self.channels.iter_mut().zip(&mut self.waiting) {
                if waiting.row(width).is_empty() {
                    channel.take(&mut waiting.samples);
                }
            }
            let at = |channel: usize| self.waiting.get(channel).map_or(&[][..], |waiting| waiting.row(width));
            let count = self.waiting.len().min(4);
            let rows = [at(0), at(1), at(2), at(3)];
            self.model.to_pixels(rows.get(..count).unwrap_or_default(), &mut self.pixels);
            for waiting in &mut self.waiting {
                waiting.pass(width);
            }
        }
    }

    /// Puts rows of nothing in place of those that have not come: transparent ones, or grey where there is no alpha. `false`: none has come.
    pub(crate) fn fill_up(&mut self) -> bool {
        let (grey, nothing) = ([128; 3], [0; 4]);
        let pixel: &[u8] = if self.model == Model::Rgba { &nothing } else { &grey };
        let Some(whole) = &self.whole else { return self.fill_planes_up() };
        if whole.next_row == 0 {
            return false;
        }
        let row = pixel.repeat(whole.columns.end as usize);
        while Rows::row(self, &row).is_continue() {}
        true
    }

    /// The same of planes.
    fn fill_planes_up(&mut self) -> bool {
        // JPEG files fill up themselves. Of limited range a little less than half is grey.
        const GREY: [i16; 3] = [126, 128, 128];
        let windows = self.windows();
        let mut missing = Vec::new();
        for ((channel, window), bits) in self.channels.iter().zip(&windows).zip(&self.fraction_bits) {
            missing.push((window.rows.len() - channel.came(&window.rows), window, *bits));
        }
        for (index, ((missing, window, bits), grey)) in missing.iter().zip(GREY).enumerate() {
            let row = vec![grey << bits; window.columns.len() + PADDING];
            (0..*missing).for_each(|_| PlaneRows::row(self, index, &row));
        }
        missing.iter().any(|(missing, window, _)| *missing < window.rows.len())
    }

    /// Makes pixels of the channels that are turned; `None` where rows are missing.
    fn gather(&mut self, turn: &Turn) -> Option<()> {
        let mut channels = self.turned.iter().map(Turned::rows).collect::<Option<Vec<_>>>()?;
        let mut pixels = Vec::new();
        for y in 0..self.size.1 as u32 {
            let rows = channels.iter_mut().map(Iterator::next).collect::<Option<Vec<_>>>()?;
            if !turn.shows_beyond {
                self.model.to_pixels(&rows, &mut self.pixels);
                continue;
            }
            pixels.clear();
            self.model.to_pixels(&rows, &mut pixels);
            let covered = (0..).map(|x| coverage(turn, x, y));
            if self.model == Model::Rgba {
                let row = pixels.as_chunks::<4>().0.iter().zip(covered);
                self.pixels.extend(row.flat_map(|(&[r, g, b, a], covered)| faded([r, g, b], a, covered)));
            } else {
                let row = pixels.as_chunks::<3>().0.iter().zip(covered);
                self.pixels.extend(row.flat_map(|(color, covered)| faded(*color, 255, covered)));
            }
        }
        self.turned = Vec::new();
        Some(())
    }

    /// The pixels; `None` where rows are missing.
    pub(crate) fn finish(mut self) -> Option<Pixels> {
        if let Some(last) =
            self.whole.as_mut().and_then(|whole| whole.loader.as_mut()).and_then(Loader::finish)
        {
            for (channel, row) in self.channels.iter_mut().zip(last) {
                channel.push(row);
            }
            self.combine();
        }
        if let Some(turn) = self.turn {
            self.gather(&turn)?;
        }
        let (layout, (width, height)) = (self.layout(), self.size);
        (self.pixels.len() == width * height * layout.channels()).then_some(Pixels {
            width,
            height,
            layout,
            data: self.pixels,
        })
    }
}

impl PlaneRows for Reduction {
    fn begin(&mut self, color: ColorModel) -> Result<(), Error> {
        let channels = self
            .kernels
            .iter()
            .zip(&self.fraction_bits)
            .map(|((across, down), bits)| {
                let origin = (across.support().start, down.support().start);
                Channel::new(Rc::clone(across), Rc::clone(down), origin, *bits)
            })
            .collect();
        self.prepare(Model::Planes(color), channels)
    }

    fn row(&mut self, component: usize, row: &[i16]) {
        if let (Some(channel), Some(waiting)) =
            (self.channels.get_mut(component), self.waiting.get_mut(component))
        {
            // What a channel has made waits for the others where it runs ahead of them.
            while channel.is_ready() {
                channel.take(&mut waiting.samples);
            }
            channel.push(row);
            self.combine();
        }
    }
}

impl Rows for Reduction {
    fn wants_next(&self) -> bool {
        self.whole.as_ref().is_none_or(|whole| whole.next_row >= whole.rows.start)
    }

    fn begin(&mut self, layout: Layout) -> Result<(), Error> {
        let (Some(whole), Some((across, down))) = (&mut self.whole, self.kernels.first()) else {
            return Ok(());
        };
        whole.next_row = 0;
        whole.loader = Some(Loader::new(layout, whole.columns.clone(), whole.boxes));
        let bits = Loader::sample_bits(layout, whole.boxes);
        let channel = || Channel::new(Rc::clone(across), Rc::clone(down), (0, 0), bits);
        let channels = std::iter::repeat_with(channel).take(layout.channels()).collect();
        let model = match layout {
            Layout::Rgb => Model::Rgb,
            Layout::Rgba => Model::Rgba,
        };
        self.prepare(model, channels)
    }

    fn row(&mut self, row: &[u8]) -> ControlFlow<()> {
        let Some(whole) = &mut self.whole else { return ControlFlow::Break(()) };
        let at = whole.next_row;
        whole.next_row += 1;
        let is_short = whole.loader.as_ref().is_none_or(|loader| !loader.takes(row));
        if at >= whole.rows.end || is_short {
            return ControlFlow::Break(());
        }
        if at >= whole.rows.start
            && let Some(rows) = whole.loader.as_mut().and_then(|loader| loader.push(row))
        {
            for (channel, row) in self.channels.iter_mut().zip(rows) {
                channel.push(row);
            }
            self.combine();
        }
        ControlFlow::Continue(())
    }
}

impl Model {
    /// Makes pixels of one row of each channel.
    fn to_pixels(self, rows: &[&[i16]], pixels: &mut Vec<u8>) {
        match (self, rows) {
            (Self::Rgb, [r, g, b, ..]) => color::rgb_row([r, g, b], pixels),
            (Self::Rgba, [r, g, b, a, ..]) => color::premultiplied_row([r, g, b, a], pixels),
            (Self::Planes(model), _) => color::planes_to_rgb(model, rows, pixels),
            _ => {}
        }
    }
}

/// A pixel of which so much is covered. Where nothing is left of it, its colour is black.
fn faded([r, g, b]: [u8; 3], alpha: u8, covered: u32) -> [u8; 4] {
    let alpha = (u64::from(alpha) * u64::from(covered) + (1 << (COVERAGE_BITS - 1))) >> COVERAGE_BITS;
    if alpha == 0 { [0; 4] } else { [r, g, b, alpha as u8] }
}

/// Bytes that a reduction keeps beside the pixels it makes.
pub(crate) fn working_bytes(plan: &Plan) -> u64 {
    let (samples, pixels) = (plan.samples(), plan.filtered());
    let turned = plan.turn.as_ref().map_or(0, |turn| Turned::bytes(turn, plan.content));
    let pair = |columns: Span, rows: Span| {
        // Source samples that one of the result is made of, filled up to whole groups.
        let reach = |span: Span, pixels: u32| {
            let stretch = (span.length / (span.denominator * u64::from(pixels).max(1))).max(1) + 1;
            (stretch * 6).min(span.count()) + 16
        };
        let (across, down) = (reach(columns, pixels.0), reach(rows, pixels.1));
        // Weights of 16 bits, and of each channel as many rows as the next one of the result is made of.
        let kernels = (u64::from(samples.0) * across + u64::from(samples.1) * down) * 2;
        let kept = u64::from(samples.0) * down * 2 + turned;
        (kernels, kept)
    };
    match &plan.source {
        Source::Planes(planes) => planes
            .iter()
            .map(|plane| {
                let (across, down) = plane.place;
                let (columns, rows) =
                    (plan.columns.in_samples(across, samples.0), plan.rows.in_samples(down, samples.1));
                let (kernels, kept) = pair(columns, rows);
                // Rows of the result that one row of MCUs makes wait for the other components.
                let rows_of_unit = 4 * u64::from(plane.side);
                let made = (u64::from(plan.content.1) * rows_of_unit).div_ceil(rows.count().max(1)) + 8;
                let waiting = made.min(plan.content.1.into()) * u64::from(plan.content.0) * 2;
                kernels + kept + waiting
            })
            .sum(),
        Source::Rows { boxes } => {
            let (columns, rows) = (plan.columns.in_boxes(boxes.0), plan.rows.in_boxes(boxes.1));
            let (kernels, kept) = pair(columns, rows);
            let width = plan.columns.bounds.1 - plan.columns.bounds.0;
            kernels + 4 * kept + Loader::bytes(Layout::Rgba, width, *boxes) + PADDING as u64
        }
    }
}
