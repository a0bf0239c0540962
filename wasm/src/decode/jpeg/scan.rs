//! Scans into planes: which blocks they hold, in which order, and where their samples go. ITU-T T.81 A.2.

use super::bits::Bits;
use super::block;
use super::header::{Frame, Scan, Tables, damaged};
use super::huffman::Table;
use super::idct::{ZIGZAG, transform};
use crate::Error;
use crate::raster::{Plane, Window};
use std::ops::Range;

/// One component while it is decoded.
struct Layer {
    /// Samples a block side.
    size: usize,
    /// Blocks that hold the window.
    columns: Range<u32>,
    rows: Range<u32>,
    plane: Plane,
    /// Blocks across and down, with those that fill up the last MCU.
    blocks: (u32, u32),
    quantisers: Box<[u16; 64]>,
    /// Progressive only: coefficients of all blocks, `kept` each.
    coefficients: Vec<i16>,
    kept: usize,
    /// Progressive at a quarter: the AC coefficients are good enough after their first scans, with so many bits missing.
    coarse: Option<u32>,
}

pub(super) struct Canvas {
    pub(super) frame: Frame,
    layers: Vec<Layer>,
}

/// The last zigzag position that a block of this size needs.
fn last_needed(size: usize) -> usize {
    match size {
        1 => 0,
        2 => 4,
        4 => 24,
        _ => 63,
    }
}

/// Zeros, or the answer that there is not enough memory for them.
fn allocate<T: Clone>(length: usize, value: T) -> Result<Vec<T>, Error> {
    let mut memory = Vec::new();
    let needed_bytes = (length as u64).saturating_mul(size_of::<T>() as u64);
    memory.try_reserve_exact(length).map_err(|_| Error::OutOfMemory { needed_bytes })?;
    memory.resize(length, value);
    Ok(memory)
}

impl Canvas {
    pub(super) fn new(frame: Frame, sizes: [u8; 4], windows: &[Window]) -> Result<Self, Error> {
        let units = frame.units();
        if windows.len() != frame.components.len() {
            return Err(damaged("it has two frame headers that differ"));
        }
        let mut layers = Vec::with_capacity(windows.len());
        for ((component, window), size) in frame.components.iter().zip(windows).zip(sizes) {
            let side = u32::from(size);
            let blocks = (units.0 * component.across, units.1 * component.down);
            let columns = window.columns.start / side..window.columns.end.div_ceil(side).min(blocks.0);
            let rows = window.rows.start / side..window.rows.end.div_ceil(side).min(blocks.1);
            let size = usize::from(size);
            let stride = columns.len() * size;
            let start = (window.rows.start as usize - rows.start as usize * size) * stride
                + (window.columns.start as usize - columns.start as usize * size);
            let data = allocate(stride * rows.len() * size, 128)?;
            let kept = if size == 1 { 1 } else { 64 };
            let count = if frame.is_progressive { blocks.0 as usize * blocks.1 as usize * kept } else { 0 };
            layers.push(Layer {
                size,
                columns,
                rows,
                plane: Plane { window: window.clone(), stride, data, start },
                blocks,
                quantisers: Box::new([0; 64]),
                coefficients: allocate(count, 0)?,
                kept,
                coarse: None,
            });
        }
        Ok(Self { frame, layers })
    }

    /// Reads the scan whose data begins with `data`; gives how many bytes of it were used up, at least.
    pub(super) fn read(&mut self, scan: &Scan, tables: &Tables, data: &[u8]) -> Result<usize, Error> {
        for (index, ..) in &scan.components {
            let (Some(component), Some(layer)) =
                (self.frame.components.get(*index), self.layers.get_mut(*index))
            else {
                continue;
            };
            let table = tables.quantisers.get(component.quantisers).and_then(Option::as_ref);
            layer
                .quantisers
                .clone_from(table.ok_or_else(|| damaged("a quantisation table (DQT) is missing"))?);
        }
        if !self.frame.is_progressive {
            return self.sequential(scan, tables, data);
        }
        if scan.band.0 == 0 {
            self.progressive_dc(scan, tables, data)
        } else {
            self.progressive_ac(scan, tables, data)
        }
    }

    fn sequential(&mut self, scan: &Scan, tables: &Tables, data: &[u8]) -> Result<usize, Error> {
        let mut coders = Vec::with_capacity(4);
        for (_, dc, ac) in &scan.components {
            coders.push((table(&tables.dc, *dc)?, table(&tables.ac, *ac)?));
        }
        let ends = self.ends();
        let Self { frame, layers } = self;
        let (mut predictors, mut coefficients, mut samples) = ([0i32; 4], [0i16; 64], [0u8; 64]);
        let used = walk(frame, scan, tables.restart_interval, ends, data, |bits, event| {
            let Event::Block { nth, component, column, row } = event else {
                predictors = [0; 4];
                return;
            };
            let (Some((dc, ac)), Some(predictor)) = (coders.get(nth), predictors.get_mut(nth)) else {
                return;
            };
            let Some(layer) = layers.get_mut(component) else { return };
            let wanted = layer.rows.contains(&row) && layer.columns.contains(&column);
            let last = if wanted { last_needed(layer.size) } else { 0 };
            block::sequential(bits, dc, ac, predictor, last, &mut coefficients);
            if wanted {
                transform(&coefficients, &layer.quantisers, layer.size, &mut samples);
                layer.store(column, row, &samples);
                if last > 0 {
                    coefficients = [0; 64];
                }
            }
        });
        Ok(used)
    }

    fn progressive_dc(&mut self, scan: &Scan, tables: &Tables, data: &[u8]) -> Result<usize, Error> {
        let mut coders = Vec::with_capacity(4);
        for (_, dc, _) in &scan.components {
            coders.push(if scan.before == 0 { Some(table(&tables.dc, *dc)?) } else { None });
        }
        let ends = self.ends();
        let Self { frame, layers } = self;
        let mut predictors = [0i32; 4];
        let used = walk(frame, scan, tables.restart_interval, ends, data, |bits, event| {
            let Event::Block { nth, component, column, row } = event else {
                predictors = [0; 4];
                return;
            };
            let Some(layer) = layers.get_mut(component) else { return };
            let mut unneeded = 0;
            let at = layer.first_coefficient(column, row);
            let coefficient = layer.coefficients.get_mut(at).unwrap_or(&mut unneeded);
            match (coders.get(nth), predictors.get_mut(nth)) {
                (Some(Some(dc)), Some(predictor)) => {
                    block::dc_first(bits, dc, predictor, scan.after, coefficient)
                }
                _ => {
                    bits.refill();
                    *coefficient |= i16::from(bits.bit()) << scan.after;
                }
            }
        });
        Ok(used)
    }

    fn progressive_ac(&mut self, scan: &Scan, tables: &Tables, data: &[u8]) -> Result<usize, Error> {
        let Some(&(index, _, ac)) = scan.components.first() else { return Ok(0) };
        let Some(layer) = self.layers.get_mut(index) else { return Ok(0) };
        // A scan that is not read is stepped over to the next marker.
        if !layer.needs(scan) {
            return Ok(0);
        }
        let ac = table(&tables.ac, ac)?;
        let ends = self.ends();
        let Self { frame, layers } = self;
        let mut end_of_band_run = 0;
        let used = walk(frame, scan, tables.restart_interval, ends, data, |bits, event| {
            let Event::Block { component, column, row, .. } = event else {
                end_of_band_run = 0;
                return;
            };
            let Some(layer) = layers.get_mut(component) else { return };
            let at = layer.first_coefficient(column, row);
            let Some(block) = layer.coefficients.get_mut(at..).and_then(<[i16]>::first_chunk_mut) else {
                return;
            };
            let read = if scan.before == 0 { block::ac_first } else { block::ac_refine };
            read(bits, ac, scan.band, scan.after, &mut end_of_band_run, block);
        });
        Ok(used)
    }

    /// The first row of blocks of each component that no window needs.
    fn ends(&self) -> [u32; 4] {
        std::array::from_fn(|index| self.layers.get(index).map_or(0, |layer| layer.rows.end))
    }

    /// The planes, as far as the scans brought them; mid-grey elsewhere.
    pub(super) fn finish(self) -> Vec<Plane> {
        let is_progressive = self.frame.is_progressive;
        self.layers
            .into_iter()
            .map(|layer| if is_progressive { layer.transformed() } else { layer.plane })
            .collect()
    }
}

impl Layer {
    fn first_coefficient(&self, column: u32, row: u32) -> usize {
        (row as usize * self.blocks.0 as usize + column as usize) * self.kept
    }

    /// Whether the picture is visibly better for this scan of AC coefficients.
    fn needs(&mut self, scan: &Scan) -> bool {
        if self.size == 1 {
            return false;
        }
        if self.size == 2 && self.coarse.is_none() {
            // What the first scans leave open of a coefficient is spread evenly over a step of quantiser << after: its mean square is a
            // twelfth of the step's. A sample is an eighth of the sum of its coefficients. Below one squared step of the samples (48 dB)
            // before the resampler averages it down by at least four, the rest is not worth its time.
            let steps = [1, 2, 4].map(|k| u64::from(self.quantisers[usize::from(ZIGZAG[k])]) << scan.after);
            let is_enough = steps.iter().map(|step| step * step).sum::<u64>() <= 12 * 64;
            self.coarse = Some(if is_enough { scan.after } else { u32::MAX });
        }
        match self.coarse {
            Some(missing) if missing != u32::MAX => scan.before == 0 && scan.band.0 <= last_needed(2),
            _ => true,
        }
    }

    /// All blocks of the window, out of their coefficients.
    fn transformed(mut self) -> Plane {
        let mut samples = [0; 64];
        let coefficients = std::mem::take(&mut self.coefficients);
        let half_step = match self.coarse {
            Some(missing @ 1..=13) => 1i16 << (missing - 1),
            _ => 0,
        };
        for row in self.rows.clone() {
            for column in self.columns.clone() {
                let mut block = [0; 64];
                let at = self.first_coefficient(column, row);
                let stored = coefficients.get(at..).unwrap_or_default();
                for (value, coefficient) in block.iter_mut().zip(stored.iter().take(self.kept)) {
                    *value = *coefficient;
                }
                for value in block.iter_mut().skip(1).filter(|_| half_step > 0) {
                    *value = value.saturating_add(value.signum() * half_step);
                }
                transform(&block, &self.quantisers, self.size, &mut samples);
                self.store(column, row, &samples);
            }
        }
        self.plane
    }

    #[inline(always)]
    fn store(&mut self, column: u32, row: u32, samples: &[u8; 64]) {
        let size = self.size;
        let left = (column - self.columns.start) as usize * size;
        let top = (row - self.rows.start) as usize * size;
        let rows = self.plane.data.chunks_exact_mut(self.plane.stride.max(1)).skip(top);
        for (row, samples) in rows.zip(samples.chunks_exact(size)).take(size) {
            if let Some(target) = row.get_mut(left..left + size) {
                target.copy_from_slice(samples);
            }
        }
    }
}

fn table(tables: &[Option<Table>; 4], index: usize) -> Result<&Table, Error> {
    let table = tables.get(index).and_then(Option::as_ref);
    table.ok_or_else(|| damaged("a Huffman table (DHT) is missing"))
}

/// What comes next in a scan.
enum Event {
    /// A restart marker was passed: predictions begin anew.
    Restart,
    /// A block of the frame's `component`, which is the `nth` of the scan, at its place among the component's blocks.
    Block { nth: usize, component: usize, column: u32, row: u32 },
}

/// Goes over the blocks of a scan in the order of T.81 A.2, to the last row that is needed. Gives the bytes used up.
#[inline(always)]
fn walk(
    frame: &Frame,
    scan: &Scan,
    restart_interval: u32,
    ends: [u32; 4],
    data: &[u8],
    mut each: impl FnMut(&mut Bits<'_>, Event),
) -> usize {
    let mut bits = Bits::new(data, 0);
    let most = frame.most();
    let parts: Vec<(usize, usize, u32, u32)> = scan
        .components
        .iter()
        .enumerate()
        .filter_map(|(nth, (index, ..))| {
            let component = frame.components.get(*index)?;
            let is_alone = scan.components.len() == 1;
            Some(if is_alone { (nth, *index, 1, 1) } else { (nth, *index, component.across, component.down) })
        })
        .collect();
    let units = match scan.components.as_slice() {
        // A component alone has no blocks that only fill up an MCU.
        [(index, ..)] => frame.components.get(*index).map_or((0, 0), |component| {
            let across = (frame.width * component.across).div_ceil(most.0);
            let down = (frame.height * component.down).div_ceil(most.1);
            (across.div_ceil(8), down.div_ceil(8))
        }),
        _ => frame.units(),
    };
    let mut until_restart = restart_interval;
    for y in 0..units.1 {
        if parts.iter().all(|(_, index, _, down)| ends.get(*index).is_none_or(|end| y * down >= *end)) {
            break;
        }
        for x in 0..units.0 {
            if restart_interval > 0 {
                if until_restart == 0 {
                    if !bits.restart() {
                        return bits.position();
                    }
                    each(&mut bits, Event::Restart);
                    until_restart = restart_interval;
                }
                until_restart -= 1;
            }
            if bits.exhausted() {
                if restart_interval == 0 {
                    return bits.position();
                }
                continue;
            }
            for (nth, component, across, down) in parts.iter().copied() {
                for v in 0..down {
                    for h in 0..across {
                        each(
                            &mut bits,
                            Event::Block { nth, component, column: x * across + h, row: y * down + v },
                        );
                    }
                }
            }
        }
    }
    bits.position()
}
