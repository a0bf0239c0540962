//! Scans of a sequential file: each MCU becomes samples at once. ITU-T T.81 A.2 and F.2.

use super::bits::Bits;
use super::block::{self, Kept};
use super::header::{Frame, Scan, Tables, table};
use super::huffman::{AcTable, DcTable};
use super::layer::Layer;
use super::pace::{Pace, Step};
use crate::Error;
use crate::raster::PlaneRows;
use std::ops::Range;

/// A block of each MCU of a scan.
struct Unit<'a> {
    /// Which component of the frame, and which of the scan.
    component: usize,
    nth: usize,
    /// Its place within the MCU, in blocks, and how many lie side by side there.
    x: u32,
    y: u32,
    across: u32,
    dc: &'a DcTable,
    ac: &'a AcTable,
    /// The last zigzag position that its samples are made of.
    last: usize,
    /// The MCUs of this row of which it is needed.
    wanted: Range<u32>,
}

/// Minimum coded units of a scan across and down, T.81 A.2.
pub(super) fn units(frame: &Frame, scan: &Scan) -> (u32, u32) {
    let most = frame.most();
    match scan.components.as_slice() {
        // A component alone has no blocks that only fill up an MCU.
        [(index, ..)] => frame.components.get(*index).map_or((0, 0), |component| {
            let across = (frame.width * component.across).div_ceil(most.0);
            let down = (frame.height * component.down).div_ceil(most.1);
            (across.div_ceil(8), down.div_ceil(8))
        }),
        _ => frame.units(),
    }
}

/// The blocks of an MCU in order: component of the frame, which of the scan, place within the MCU, blocks side by side.
pub(super) fn blocks_of_unit(frame: &Frame, scan: &Scan) -> Vec<(usize, usize, (u32, u32), u32)> {
    let is_alone = scan.components.len() == 1;
    let mut blocks = Vec::with_capacity(10);
    for (nth, (index, ..)) in scan.components.iter().enumerate() {
        let Some(component) = frame.components.get(*index) else { continue };
        let (across, down) = if is_alone { (1, 1) } else { (component.across, component.down) };
        for y in 0..down {
            blocks.extend((0..across).map(|x| (*index, nth, (x, y), across)));
        }
    }
    blocks
}

/// Reads a scan and hands its rows on; gives the bytes used up, at least.
pub(super) fn read(
    frame: &Frame,
    layers: &mut [Layer],
    scan: &Scan,
    tables: &Tables,
    data: &[u8],
    sink: &mut dyn PlaneRows,
) -> Result<usize, Error> {
    let mut mcu = Vec::with_capacity(10);
    for (component, nth, (x, y), across) in blocks_of_unit(frame, scan) {
        let Some((_, dc, ac)) = scan.components.get(nth) else { continue };
        let (dc, ac) = (table(&tables.dc, *dc)?, table(&tables.ac, *ac)?);
        let last = layers.get(component).map_or(0, |layer| Kept::of(layer.size).last);
        mcu.push(Unit { component, nth, x, y, across, dc, ac, last, wanted: 0..0 });
    }
    let is_alone = scan.components.len() == 1;
    let (units_across, units_down) = units(frame, scan);
    let mut bits = Bits::new(data, tables.restart_interval);
    let mut predictors = [0i32; 4];
    let mut pace = Pace::new(tables.restart_interval);
    let mut ended = false;
    for y in 0..units_down {
        if scan.components.iter().all(|(index, ..)| layers.get(*index).is_none_or(Layer::is_done)) {
            break;
        }
        for unit in &mut mcu {
            let Some(layer) = layers.get(unit.component) else { continue };
            let down = if is_alone { 1 } else { layer.down };
            let is_wanted = layer.rows.contains(&(y * down + unit.y));
            // Column `x * across + unit.x` is one of those needed.
            let first = |column: u32| column.saturating_sub(unit.x).div_ceil(unit.across);
            unit.wanted = if is_wanted { first(layer.columns.start)..first(layer.columns.end) } else { 0..0 };
        }
        if !ended {
            ended = !read_row(&mut bits, &mcu, units_across, layers, &mut predictors, &mut pace);
        }
        for (index, ..) in &scan.components {
            if let Some(layer) = layers.get_mut(*index) {
                let down = if is_alone { 1 } else { layer.down };
                layer.hand_on(*index, y * down, down, sink);
            }
        }
    }
    Ok(bits.used())
}

/// Reads a row of MCUs; `false` where the data has ended.
#[inline(never)]
fn read_row(
    bits: &mut Bits<'_>,
    mcu: &[Unit<'_>],
    units_across: u32,
    layers: &mut [Layer],
    predictors: &mut [i32; 4],
    pace: &mut Pace,
) -> bool {
    let mut coefficients = [0i16; 64];
    for x in 0..units_across {
        match pace.step(bits) {
            Step::End => return false,
            Step::Lost => continue,
            Step::Restarted => *predictors = [0; 4],
            Step::Go => {}
        }
        bits.prepare();
        let mut cursor = bits.cursor();
        for unit in mcu {
            let predictor = &mut predictors[unit.nth & 3];
            if !unit.wanted.contains(&x) {
                block::only_dc(&mut cursor, unit.dc, unit.ac, predictor);
                continue;
            }
            let Some(layer) = layers.get_mut(unit.component) else { continue };
            let column = x * unit.across + unit.x;
            if unit.last == 0 {
                block::only_dc(&mut cursor, unit.dc, unit.ac, predictor);
                layer.put_dc(column, unit.y as usize, *predictor);
            } else {
                block::sequential(&mut cursor, unit.dc, unit.ac, predictor, unit.last, &mut coefficients);
                layer.put(column, unit.y as usize, &coefficients);
                coefficients = [0; 64];
            }
        }
        let state = cursor.state;
        bits.set(state);
    }
    true
}
