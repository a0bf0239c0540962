//! Scans of a progressive file: coefficients are gathered from those scans that can be seen at this scale. ITU-T T.81 annex G.

use super::bits::Bits;
use super::block::{self, Band, Kept};
use super::header::{Frame, Scan, Tables, table};
use super::huffman::DcTable;
use super::idct::ZIGZAG;
use super::layer::{Layer, allocate};
use super::pace::{Pace, Step};
use super::sequential::{blocks_of_unit, units};
use crate::Error;
use crate::raster::PlaneRows;

/// The coefficients of one component.
struct Store {
    kept: Kept,
    /// `kept.count` of each block, row by row.
    coefficients: Vec<i16>,
    /// For each block the positions that are not zero; empty where no scan that is read asks for them.
    nonzero: Vec<u64>,
    /// AC scans are read as far as this zigzag position goes, and down to this bit.
    wanted_last: usize,
    wanted_bit: u32,
}

pub(super) struct Coefficients {
    stores: Vec<Store>,
}

impl Coefficients {
    /// Makes room for what the scans of the file will bring. The quantisers of the layers are known.
    pub(super) fn new(layers: &[Layer], scans: &[Scan]) -> Result<Self, Error> {
        let stores = layers.iter().enumerate().map(|(index, layer)| {
            let kept = Kept::of(layer.size);
            let is_own = |scan: &&Scan| {
                scan.band.0 > 0 && scan.components.first().is_some_and(|component| component.0 == index)
            };
            let own: Vec<&Scan> = scans.iter().filter(is_own).collect();
            let wanted_bit = wanted_bit(layer, &own);
            let matters = |scan: &&&Scan| scan.band.0 <= kept.last && scan.before > wanted_bit;
            // A later bit of a position can only be told from its neighbours' where all earlier ones of its band are known.
            let refined_last = own.iter().filter(matters).map(|scan| scan.band.1).max();
            let wanted_last = if kept.last == 0 { 0 } else { refined_last.unwrap_or(0).max(kept.last) };
            let blocks = layer.blocks.0 as usize * (layer.rows.end as usize);
            let coefficients = allocate(blocks.saturating_mul(kept.count), 0)?;
            let nonzero = if refined_last.is_some() { allocate(blocks, 0)? } else { Vec::new() };
            Ok(Store { kept, coefficients, nonzero, wanted_last, wanted_bit })
        });
        Ok(Self { stores: stores.collect::<Result<_, _>>()? })
    }

    /// Whether the picture is visibly better for this scan.
    pub(super) fn wants(&self, scan: &Scan) -> bool {
        let needs = |(index, ..): &(usize, usize, usize)| {
            self.stores.get(*index).is_some_and(|store| {
                scan.band.0 == 0
                    || (scan.band.0 <= store.wanted_last
                        && (scan.before == 0 || scan.before > store.wanted_bit))
            })
        };
        scan.components.iter().any(needs)
    }

    /// Reads a scan; gives the bytes used up, at least.
    pub(super) fn read(
        &mut self,
        frame: &Frame,
        layers: &[Layer],
        scan: &Scan,
        tables: &Tables,
        data: &[u8],
    ) -> Result<usize, Error> {
        let mut bits = Bits::new(data, tables.restart_interval);
        if scan.band.0 == 0 {
            self.dc(frame, layers, scan, tables, &mut bits)?;
        } else {
            self.ac(frame, layers, scan, tables, &mut bits)?;
        }
        Ok(bits.used())
    }

    fn dc(
        &mut self,
        frame: &Frame,
        layers: &[Layer],
        scan: &Scan,
        tables: &Tables,
        bits: &mut Bits<'_>,
    ) -> Result<(), Error> {
        struct Unit<'a> {
            component: usize,
            nth: usize,
            place: (u32, u32),
            across: u32,
            down: u32,
            dc: Option<&'a DcTable>,
            /// Where the coefficient of the first MCU of a row is, and from each to the next.
            at: usize,
            step: usize,
        }
        let is_alone = scan.components.len() == 1;
        let mut mcu = Vec::with_capacity(10);
        for (component, nth, place, across) in blocks_of_unit(frame, scan) {
            let (Some((_, dc, _)), Some(layer)) = (scan.components.get(nth), layers.get(component)) else {
                continue;
            };
            let dc = if scan.before == 0 { Some(table(&tables.dc, *dc)?) } else { None };
            let down = if is_alone { 1 } else { layer.down };
            mcu.push(Unit { component, nth, place, across, down, dc, at: 0, step: 0 });
        }
        let mut predictors = [0i32; 4];
        let mut pace = Pace::new(tables.restart_interval);
        let (units_across, units_down) = units(frame, scan);
        for y in 0..units_down {
            let is_needed = |unit: &Unit<'_>| {
                layers.get(unit.component).is_some_and(|layer| y * unit.down < layer.rows.end)
            };
            if !mcu.iter().any(is_needed) {
                break;
            }
            for unit in &mut mcu {
                let (Some(layer), Some(store)) =
                    (layers.get(unit.component), self.stores.get(unit.component))
                else {
                    continue;
                };
                let row = (y * unit.down + unit.place.1) as usize * layer.blocks.0 as usize;
                unit.at = (row + unit.place.0 as usize) * store.kept.count;
                unit.step = unit.across as usize * store.kept.count;
            }
            for x in 0..units_across as usize {
                match pace.step(bits) {
                    Step::End => return Ok(()),
                    Step::Lost => continue,
                    Step::Restarted => predictors = [0; 4],
                    Step::Go => {}
                }
                bits.prepare();
                let mut cursor = bits.cursor();
                // Enough for a bit of each block of an MCU.
                cursor.refill();
                for unit in &mcu {
                    let Some(store) = self.stores.get_mut(unit.component) else { continue };
                    let mut unneeded = 0;
                    let at = unit.at + x * unit.step;
                    let coefficient = store.coefficients.get_mut(at).unwrap_or(&mut unneeded);
                    if let Some(dc) = unit.dc {
                        let predictor = &mut predictors[unit.nth & 3];
                        *predictor = predictor.wrapping_add(dc.difference(&mut cursor));
                        *coefficient = predictor.wrapping_shl(scan.after) as i16;
                    } else {
                        *coefficient |= (cursor.take(1) as i16) << scan.after;
                    }
                }
                let state = cursor.state;
                bits.set(state);
            }
        }
        Ok(())
    }

    fn ac(
        &mut self,
        frame: &Frame,
        layers: &[Layer],
        scan: &Scan,
        tables: &Tables,
        bits: &mut Bits<'_>,
    ) -> Result<(), Error> {
        let Some(&(index, _, ac)) = scan.components.first() else { return Ok(()) };
        let (Some(layer), Some(store)) = (layers.get(index), self.stores.get_mut(index)) else {
            return Ok(());
        };
        let ac = table(&tables.ac, ac)?;
        let band = Band { first: scan.band.0, last: scan.band.1, after: scan.after };
        let (kept, is_first) = (store.kept, scan.before == 0);
        let (units_across, units_down) = units(frame, scan);
        let mut pace = Pace::new(tables.restart_interval);
        // Blocks from the next one on that end at their first position.
        let mut ending = 0;
        for y in 0..units_down.min(layer.rows.end) {
            let row = y as usize * layer.blocks.0 as usize;
            let mut x = 0;
            while x < units_across {
                match pace.step(bits) {
                    Step::End => return Ok(()),
                    Step::Lost => {
                        x += 1;
                        continue;
                    }
                    Step::Restarted => ending = 0,
                    Step::Go => {}
                }
                if is_first && ending > 0 {
                    // Nothing of these blocks is in the file.
                    let blocks = ending.min(units_across - x).min(pace.until_restart().saturating_add(1));
                    ending -= blocks;
                    pace.pass(blocks - 1);
                    x += blocks;
                    continue;
                }
                bits.prepare();
                let mut cursor = bits.cursor();
                let at = row + x as usize;
                let block =
                    store.coefficients.get_mut(at * kept.count..(at + 1) * kept.count).unwrap_or_default();
                let nonzero = store.nonzero.get_mut(at);
                if is_first {
                    ending = block::ac_first(&mut cursor, ac, band, kept, nonzero, block) - 1;
                } else if let Some(nonzero) = nonzero {
                    block::ac_refine(&mut cursor, ac, band, kept, &mut ending, nonzero, block);
                }
                let state = cursor.state;
                bits.set(state);
                x += 1;
            }
        }
        Ok(())
    }

    /// Makes samples of all blocks of the windows and hands them on, a row of MCUs after the other.
    pub(super) fn finish(&self, layers: &mut [Layer], frame: &Frame, sink: &mut dyn PlaneRows) {
        for y in 0..frame.units().1 {
            for (index, (layer, store)) in layers.iter_mut().zip(&self.stores).enumerate() {
                for row in 0..layer.down {
                    store.put_row(layer, y * layer.down + row, row as usize);
                }
                layer.hand_on(index, y * layer.down, layer.down, sink);
            }
        }
    }
}

impl Store {
    fn put_row(&self, layer: &mut Layer, row: u32, row_of_strip: usize) {
        if !layer.rows.contains(&row) {
            return;
        }
        if self.kept.count == 1 {
            let first = row as usize * layer.blocks.0 as usize;
            let stored = self.coefficients.get(first + layer.columns.start as usize..);
            layer.put_dc_row(row_of_strip, stored.unwrap_or_default());
            return;
        }
        // What the last bits would have added is half a step on average.
        let half_step = if self.wanted_bit > 0 { 1i16 << (self.wanted_bit - 1) } else { 0 };
        for column in layer.columns.clone() {
            let at = (row as usize * layer.blocks.0 as usize + column as usize) * self.kept.count;
            let stored = self.coefficients.get(at..at + self.kept.count).unwrap_or_default();
            let mut block = [0; 64];
            let size = layer.size;
            for (rows, values) in block.as_chunks_mut::<8>().0.iter_mut().zip(stored.chunks_exact(size)) {
                for (value, coefficient) in rows.iter_mut().zip(values) {
                    *value = coefficient.saturating_add(coefficient.signum() * half_step);
                }
            }
            block[0] = stored.first().copied().unwrap_or(0);
            layer.put(column, row_of_strip, &block);
        }
    }
}

/// The bit down to which the AC coefficients of a layer have to be known.
///
/// What is left open of a coefficient is spread evenly over a step of quantiser << bits: its mean square is a twelfth of the step's. At half
/// the size and below, a sample is an eighth of the sum of its coefficients, and the resampler averages at least four of them.
fn wanted_bit(layer: &Layer, scans: &[&Scan]) -> u32 {
    // Positions 1, 2 and 4: those that two samples a side are made of.
    const POSITIONS: [usize; 3] = [1, 2, 4];
    if layer.size != 2 {
        return 0;
    }
    let is_enough = |bit: &u32| {
        let steps = POSITIONS.map(|k| u64::from(layer.quantisers[usize::from(ZIGZAG[k])]) << bit);
        steps.iter().map(|step| step * step).sum::<u64>() <= MEAN_SQUARE * 12 * 64
    };
    // Only bits at which a scan ends can be chosen.
    let ends = |bit: &u32| {
        POSITIONS
            .iter()
            .all(|k| scans.iter().any(|scan| scan.after == *bit && (scan.band.0..=scan.band.1).contains(k)))
    };
    (0..=13).rev().find(|bit| ends(bit) && is_enough(bit)).unwrap_or(0)
}

/// What may be left open of a sample before the resampler, as the mean square in squared steps of 255. Measured: docs/jpeg.md.
pub(super) const MEAN_SQUARE: u64 = 2;
