//! Lossy pictures as planes, each made smaller by means over boxes where the picture needs no more: so chroma is never brought to the size of
//! luma, and colours are converted where there are few pixels.

use super::vp8::{self, Pair, Pairs, Smoothing};
use crate::Error;
use crate::plan::PlanePlan;
use crate::raster::{ColorModel, PADDING, PlaneRows, Window};
use std::ops::ControlFlow;

/// Decodes the windows of luma and both colour differences; windows are in samples of their plans and not empty.
pub(super) fn decode(
    vp8: &[u8],
    size: (u32, u32),
    (plans, windows): (&[PlanePlan], &[Window]),
    sink: &mut dyn PlaneRows,
) -> Result<(), Error> {
    let plane = |index| {
        let (plan, window) = (plans.get(index)?, windows.get(index)?);
        Some(Plane::new(index, plan, window))
    };
    let (Some(luma), Some(u), Some(v)) = (plane(0), plane(1), plane(2)) else { return Ok(()) };
    sink.begin(ColorModel::YCbCrLimited)?;
    let mut reduced = Reduced { luma, u, v, sink };
    let shows = plans.iter().any(|plan| plan.shows_smoothing);
    let smoothing = if shows { Smoothing::AsStated } else { Smoothing::Skipped };
    vp8::decode(vp8, size, smoothing, &mut reduced)?;
    let Reduced { luma, u, v, sink } = &mut reduced;
    for plane in [luma, u, v] {
        plane.finish(*sink);
    }
    Ok(())
}

struct Reduced<'a> {
    luma: Plane,
    u: Plane,
    v: Plane,
    sink: &'a mut dyn PlaneRows,
}

impl Pairs for Reduced<'_> {
    fn pair(&mut self, Pair { luma: (first, second), u, v }: Pair<'_>) -> ControlFlow<()> {
        self.luma.row(first, self.sink);
        if let Some(second) = second {
            self.luma.row(second, self.sink);
        }
        self.u.row(u, self.sink);
        self.v.row(v, self.sink);
        if [&self.luma, &self.u, &self.v].into_iter().all(Plane::is_done) {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }
}

/// Makes sums over boxes of the rows of a plane.
struct Plane {
    index: usize,
    /// Samples of a box across and down: 1, 2, 4 or 8.
    side: usize,
    window: Window,
    /// The row that comes next, of those that come.
    next: usize,
    /// Sums of two samples side by side, of the rows of the box so far.
    pairs: Vec<u16>,
    /// Rows of the box so far.
    rows: usize,
    sums: Vec<i16>,
}

impl Plane {
    fn new(index: usize, plan: &PlanePlan, window: &Window) -> Self {
        let side = usize::from(8 / plan.side.clamp(1, 8));
        let length = window.columns.len();
        let pairs = if side > 1 { length * side / 2 } else { 0 };
        Self {
            index,
            side,
            window: window.clone(),
            next: 0,
            pairs: vec![0; pairs],
            rows: 0,
            sums: vec![0; length + PADDING],
        }
    }

    fn is_done(&self) -> bool {
        self.next >= self.window.rows.end as usize * self.side
    }

    fn row(&mut self, row: &[u8], sink: &mut dyn PlaneRows) {
        let at = self.next;
        self.next += 1;
        let rows = &self.window.rows;
        if at < rows.start as usize * self.side || at >= rows.end as usize * self.side {
            return;
        }
        let row = row.get(self.window.columns.start as usize * self.side..).unwrap_or_default();
        if self.side == 1 {
            for (sample, value) in self.sums.iter_mut().zip(row).take(self.window.columns.len()) {
                *sample = i16::from(*value);
            }
            sink.row(self.index, &self.sums);
            return;
        }
        if self.rows == 0 {
            set_pairs(&mut self.pairs, row);
        } else {
            add_pairs(&mut self.pairs, row);
        }
        self.rows += 1;
        if self.rows == self.side {
            self.hand_on(sink);
        }
    }

    /// The last boxes of a picture whose height leaves them unfinished: their rows count as often as it takes to fill them.
    fn finish(&mut self, sink: &mut dyn PlaneRows) {
        if self.rows == 0 {
            return;
        }
        let (missing, present) = (self.side as u32, self.rows as u32);
        for sum in &mut self.pairs {
            *sum = ((u32::from(*sum) * missing + present / 2) / present) as u16;
        }
        self.hand_on(sink);
    }

    fn hand_on(&mut self, sink: &mut dyn PlaneRows) {
        self.rows = 0;
        match self.side {
            2 => gather::<1>(&self.pairs, &mut self.sums),
            4 => gather::<2>(&self.pairs, &mut self.sums),
            _ => gather::<4>(&self.pairs, &mut self.sums),
        }
        sink.row(self.index, &self.sums);
    }
}

fn set_pairs(sums: &mut [u16], row: &[u8]) {
    for (sum, [a, b]) in sums.iter_mut().zip(row.as_chunks::<2>().0) {
        *sum = u16::from(*a) + u16::from(*b);
    }
}

fn add_pairs(sums: &mut [u16], row: &[u8]) {
    for (sum, [a, b]) in sums.iter_mut().zip(row.as_chunks::<2>().0) {
        *sum += u16::from(*a) + u16::from(*b);
    }
}

/// Of `N` pairs each. Sums of 8 x 8 samples fit into 15 bits.
fn gather<const N: usize>(pairs: &[u16], sums: &mut [i16]) {
    for (sum, pairs) in sums.iter_mut().zip(pairs.as_chunks::<N>().0) {
        *sum = pairs.iter().sum::<u16>() as i16;
    }
}

#[cfg(test)]
mod tests {
    use crate::decode::decode;
    use crate::inspect::{Coding, Depth, survey};
    use crate::pixels::Pixels;
    use crate::plan::{Plan, Source};
    use crate::transform::Reduction;
    use crate::{Crop, Limits, OutputFormat, Recipe, render};

    fn reduced(file: &[u8], recipe: &Recipe, in_rows: bool) -> Pixels {
        let mut survey = survey(file, Depth::Pixels).unwrap();
        if in_rows {
            survey.coding = Coding::Whole { decoder_bytes: 0 };
        }
        let plan = Plan::new(&survey, recipe, &Limits::default()).unwrap();
        assert_eq!(matches!(plan.source, Source::Rows { .. }), in_rows);
        let mut reduction = Reduction::new(&plan);
        decode(file, &survey, &plan, &mut reduction).unwrap();
        reduction.finish().unwrap()
    }

    #[test]
    fn planes_become_the_picture_that_rows_of_pixels_become() {
        let portrait = include_bytes!("../../../tests/fixtures/portrait.jpg");
        // Odd sizes: the last boxes reach beyond the picture.
        let stored =
            Recipe { width: 397, height: 533, format: OutputFormat::Webp, quality: 90, ..Recipe::default() };
        let file = render(portrait, &stored).unwrap().bytes;
        let off_the_grid = Some(Crop { x: 13, y: 31, width: 301, height: 401 });
        for (width, height, crop) in
            [(190, 260, None), (99, 133, None), (48, 64, None), (20, 30, None), (75, 100, off_the_grid)]
        {
            let recipe = Recipe { width, height, crop, ..Recipe::default() };
            let (planes, rows) = (reduced(&file, &recipe, false), reduced(&file, &recipe, true));
            assert_eq!((planes.width, planes.height), (rows.width, rows.height));
            for channel in 0..3 {
                let of = |pixels: &Pixels| -> Vec<i32> {
                    pixels.data.as_chunks::<3>().0.iter().map(|pixel| pixel[channel].into()).collect()
                };
                let (planes, rows) = (of(&planes), of(&rows));
                let differences: Vec<i32> = planes.iter().zip(&rows).map(|(a, b)| a - b).collect();
                let count = differences.len() as f64;
                let mean = differences.iter().map(|d| f64::from(*d)).sum::<f64>() / count;
                let error = differences.iter().map(|d| f64::from(d * d)).sum::<f64>() / count;
                // What a shift by half a pixel would make: beside it, what differs is nothing.
                let shifted =
                    planes.windows(2).map(|two| f64::from((two[1] - two[0]).pow(2))).sum::<f64>() / count;
                let case = format!(
                    "{width} x {height}, channel {channel}: mean {mean:.2}, {error:.2} of {shifted:.0}"
                );
                assert!(mean.abs() < 0.3 && error < 4.0 && error * 16.0 < shifted, "{case}");
            }
        }
    }
}
