//! JPEG, decoded at the scale that the picture needs: baseline, extended and progressive Huffman coding, 8 bits. ITU-T T.81.
//!
//! A block gives 8 x 8, 4 x 4, 2 x 2 or 1 sample. The coefficients that do not matter for that are stepped over several at a time, blocks
//! outside the window are read but not transformed, and scans of a progressive file that cannot matter are not read. Rows are handed on as they
//! come, so that a sequential file of any height takes the memory of a few rows.

mod bits;
mod block;
mod header;
mod huffman;
mod idct;
mod layer;
mod pace;
mod progressive;
mod sequential;
mod typical;

use crate::Error;
use crate::inspect::Format;
use crate::inspect::jpeg::next_segment;
use crate::inspect::reader::Reader;
use crate::plan::PlanePlan;
use crate::raster::{ColorModel, PlaneRows, Window};
use header::{Frame, Tables, damaged};
use layer::Layer;
use progressive::Coefficients;

/// More scans than any encoder writes, in all and of one block: each of them is looked at again for each scan that is read.
const MAX_SCANS: usize = 512;
const MAX_SCANS_OF_BLOCK: u64 = 64;

/// Decodes the windows of all components, each at the scale of its plan, and hands their rows on; windows are in samples of that scale and not
/// empty. `height` in pixels is the frame's, which a file may state after its first scan (DNL).
///
/// What the file does not have is grey: whoever wants whole files only has looked for its end before.
pub(super) fn decode(
    bytes: &[u8],
    height: u32,
    planes: &[PlanePlan],
    windows: &[Window],
    sink: &mut dyn PlaneRows,
) -> Result<(), Error> {
    let mut tables = Tables::default();
    let mut frame: Option<Frame> = None;
    let mut layers: Vec<Layer> = Vec::new();
    let mut coefficients: Option<Coefficients> = None;
    let (mut jfif, mut adobe, mut scans, mut looked_at) = (false, None, 0, 0);
    // Scans of a progressive file that are still to be read.
    let mut wanted = 0;
    let mut reader = Reader::new(bytes.get(2..).unwrap_or_default());
    while let Some((marker, segment)) = next_segment(&mut reader)? {
        match marker {
            0xdb => tables.read_quantisers(segment)?,
            0xc4 => tables.read_huffman(segment)?,
            0xdd => {
                tables.restart_interval =
                    segment.first_chunk().map_or(0, |value| u16::from_be_bytes(*value).into());
            }
            0xe0 => jfif |= segment.starts_with(b"JFIF\0"),
            0xee if segment.starts_with(b"Adobe") => adobe = segment.get(11).copied().or(adobe),
            0xc0..=0xc2 if frame.is_none() => {
                let read = header::frame(marker, segment, height)?;
                if planes.len() != read.components.len() || windows.len() != planes.len() {
                    return Err(damaged("it has two frame headers that differ"));
                }
                for ((component, plane), window) in read.components.iter().zip(planes).zip(windows) {
                    layers.push(Layer::new(&read, component, plane.side, window)?);
                }
                if !read.is_progressive {
                    tables.assume_typical();
                }
                frame = Some(read);
            }
            0xda => {
                let frame =
                    frame.as_ref().ok_or_else(|| damaged("its scan comes before its frame header"))?;
                if scans == 0 {
                    sink.begin(color_model(frame, jfif, adobe))?;
                }
                scans += 1;
                if scans > MAX_SCANS {
                    return Err(damaged("it has more scans than any picture needs"));
                }
                let scan = header::scan(segment, frame)?;
                take_quantisers(&mut layers, frame, &scan, &tables)?;
                let rest = reader.rest();
                let limit = frame.blocks(&[0, 1, 2, 3]) * MAX_SCANS_OF_BLOCK;
                let used = if frame.is_progressive {
                    let coefficients = match &mut coefficients {
                        Some(coefficients) => coefficients,
                        none => {
                            take_known_quantisers(&mut layers, frame, &tables);
                            let ahead = scans_ahead(frame, &scan, rest);
                            let made = none.insert(Coefficients::new(&layers, &ahead)?);
                            wanted = ahead.iter().filter(|scan| made.wants(scan)).count();
                            made
                        }
                    };
                    if coefficients.wants(&scan) {
                        wanted = wanted.saturating_sub(1);
                        let indices: Vec<usize> = scan.components.iter().map(|(index, ..)| *index).collect();
                        looked_at += frame.blocks(&indices);
                        if looked_at > limit {
                            return Err(damaged("it has more scans than any picture needs"));
                        }
                        let (is_dc, is_first) = (scan.band.0 == 0, scan.before == 0);
                        tables.work_out(&scan, is_dc && is_first, !is_dc)?;
                        coefficients.read(frame, &layers, &scan, &tables, rest)?
                    } else {
                        0
                    }
                } else {
                    tables.work_out(&scan, true, true)?;
                    sequential::read(frame, &mut layers, &scan, &tables, rest, sink)?
                };
                if layers.iter().all(Layer::is_done) {
                    return Ok(());
                }
                if frame.is_progressive && wanted == 0 {
                    // Nothing of what follows can be seen.
                    break;
                }
                reader = Reader::new(rest.get(used..).unwrap_or_default());
            }
            _ => {}
        }
    }
    let truncated = |detail| Error::Truncated { format: Format::Jpeg, detail };
    let frame = frame.ok_or(truncated("its headers"))?;
    if scans == 0 {
        return Err(truncated("its pixels"));
    }
    if let Some(coefficients) = coefficients {
        coefficients.finish(&mut layers, &frame, sink);
    }
    for (index, layer) in layers.iter_mut().enumerate() {
        layer.fill_up(index, sink);
    }
    Ok(())
}

fn take_quantisers(
    layers: &mut [Layer],
    frame: &Frame,
    scan: &header::Scan,
    tables: &Tables,
) -> Result<(), Error> {
    for (index, ..) in &scan.components {
        let (Some(component), Some(layer)) = (frame.components.get(*index), layers.get_mut(*index)) else {
            continue;
        };
        let table = tables.quantisers.get(component.quantisers).and_then(Option::as_deref);
        layer.quantisers = *table.ok_or_else(|| damaged("a quantisation table (DQT) is missing"))?;
    }
    Ok(())
}

/// Takes the quantisers that are there. Those that come later are taken for the largest, so that nothing seems to be too fine to be seen.
fn take_known_quantisers(layers: &mut [Layer], frame: &Frame, tables: &Tables) {
    for (component, layer) in frame.components.iter().zip(layers) {
        let table = tables.quantisers.get(component.quantisers).and_then(Option::as_deref);
        layer.quantisers = table.copied().unwrap_or([u16::MAX; 64]);
    }
}

/// All scans from this one on.
fn scans_ahead(frame: &Frame, first: &header::Scan, data: &[u8]) -> Vec<header::Scan> {
    let mut scans = vec![first.clone()];
    let mut reader = Reader::new(data);
    while let Ok(Some((marker, segment))) = next_segment(&mut reader) {
        if marker == 0xda {
            match header::scan(segment, frame) {
                Ok(scan) if scans.len() < MAX_SCANS => scans.push(scan),
                _ => break,
            }
        }
    }
    scans
}

/// As libjpeg guesses it: by the markers, else by the names of the components.
fn color_model(frame: &Frame, jfif: bool, adobe_transform: Option<u8>) -> ColorModel {
    let ids: Vec<u8> = frame.components.iter().map(|component| component.id).collect();
    match (ids.as_slice(), adobe_transform) {
        ([_], _) => ColorModel::Gray,
        ([_, _, _], _) if jfif => ColorModel::YCbCr,
        ([_, _, _], Some(0)) => ColorModel::Rgb,
        ([b'R', b'G', b'B'], None) => ColorModel::Rgb,
        ([_, _, _], _) => ColorModel::YCbCr,
        (_, Some(0)) => ColorModel::CmykInverted,
        (_, Some(_)) => ColorModel::YcckInverted,
        _ => ColorModel::Cmyk,
    }
}

#[cfg(test)]
mod tests;
