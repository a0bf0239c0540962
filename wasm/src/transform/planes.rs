//! Planes of different scales -> pixels of one size. The colour is converted last, where there are few pixels.

use super::kernel::Kernel;
use super::resample::{BETWEEN_BITS, passes};
use crate::Error;
use crate::inspect::Format;
use crate::pixels::{Layout, Pixels};
use crate::plan::Plan;
use crate::raster::{ColorModel, Plane, Window};

/// How each plane of a picture becomes one of the size of the content.
#[derive(Debug)]
pub(crate) struct Reduction {
    /// Kernels along the rows and along the columns.
    kernels: Vec<(Kernel, Kernel)>,
    /// Pixels.
    size: (u32, u32),
}

impl Reduction {
    /// For the planes of the plan; there are none where the picture comes whole.
    pub(crate) fn new(plan: &Plan) -> Self {
        let kernels = plan.planes.iter().map(|(across, down)| {
            let columns = Kernel::new(plan.columns.in_samples(*across, plan.content.0), plan.content.0);
            (columns, Kernel::new(plan.rows.in_samples(*down, plan.content.1), plan.content.1))
        });
        Self { kernels: kernels.collect(), size: plan.content }
    }

    /// The samples of each plane that are needed.
    pub(crate) fn windows(&self) -> Vec<Window> {
        let window =
            |(across, down): &(Kernel, Kernel)| Window { columns: across.support(), rows: down.support() };
        self.kernels.iter().map(window).collect()
    }

    /// Resamples the planes and makes pixels of them.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`] where the planes are not those that were asked for.
    pub(crate) fn reduce(&self, color: ColorModel, planes: &[Plane]) -> Result<Pixels, Error> {
        let resampled: Vec<Vec<i16>> = planes
            .iter()
            .zip(&self.kernels)
            .map(|(plane, (across, down))| {
                let origin = (plane.window.columns.start as usize, plane.window.rows.start as usize);
                passes::<1>(plane.rows(), origin, across, down, self.size, |[sample]| {
                    [i16::from(*sample) << 7]
                })
            })
            .collect();
        let wrong = || Error::malformed(Format::Jpeg, "its components are not those of its colour model");
        let triple = |convert: fn([i32; 3]) -> [u8; 3]| match resampled.as_slice() {
            [a, b, c] => Some(
                a.iter()
                    .zip(b)
                    .zip(c)
                    .flat_map(|((a, b), c)| convert([a, b, c].map(|v| i32::from(*v))))
                    .collect(),
            ),
            _ => None,
        };
        let quadruple = |convert: fn([i32; 4]) -> [u8; 3]| match resampled.as_slice() {
            [a, b, c, d] => {
                let pixels = a.iter().zip(b).zip(c).zip(d);
                Some(
                    pixels
                        .flat_map(|(((a, b), c), d)| convert([a, b, c, d].map(|v| i32::from(*v))))
                        .collect(),
                )
            }
            _ => None,
        };
        let data: Option<Vec<u8>> = match color {
            ColorModel::Gray => match resampled.as_slice() {
                [gray] => Some(gray.iter().flat_map(|value| [byte((*value).into()); 3]).collect()),
                _ => None,
            },
            ColorModel::Rgb => triple(|channels| channels.map(byte)),
            ColorModel::YCbCr => triple(rgb),
            ColorModel::Cmyk => quadruple(|inks| {
                let [c, m, y, k] = inks.map(|ink| 255 - byte(ink));
                [times(c, k), times(m, k), times(y, k)]
            }),
            ColorModel::CmykInverted => quadruple(|inks| {
                let [c, m, y, k] = inks.map(byte);
                [times(c, k), times(m, k), times(y, k)]
            }),
            ColorModel::YcckInverted => quadruple(|[y, cb, cr, k]| {
                let k = byte(k);
                rgb([y, cb, cr]).map(|ink| times(255 - ink, k))
            }),
        };
        let data = data.ok_or_else(wrong)?;
        Ok(Pixels { width: self.size.0 as usize, height: self.size.1 as usize, layout: Layout::Rgb, data })
    }
}

fn byte(value: i32) -> u8 {
    ((value + (1 << (BETWEEN_BITS - 1))) >> BETWEEN_BITS).clamp(0, 255) as u8
}

/// What is left of 255 parts of light after two filters: the product over 255, rounded.
fn times(a: u8, b: u8) -> u8 {
    let product = u32::from(a) * u32::from(b) + 128;
    ((product + (product >> 8)) >> 8) as u8
}

/// T.871 clause 7, with 14 fraction bits in the factors. The sums stay within 31 bits for all 16-bit samples.
fn rgb([y, cb, cr]: [i32; 3]) -> [u8; 3] {
    let zero = 128 << BETWEEN_BITS;
    let (y, cb, cr) = (y << 14, cb - zero, cr - zero);
    let sums = [y + 22_970 * cr, y - 5_638 * cb - 11_700 * cr, y + 29_032 * cb];
    sums.map(|sum| ((sum + (1 << (13 + BETWEEN_BITS))) >> (14 + BETWEEN_BITS)).clamp(0, 255) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_those_of_the_definition() {
        for (y, cb, cr) in
            [(0, 128, 128), (255, 128, 128), (76, 85, 255), (150, 44, 21), (29, 255, 107), (200, 0, 255)]
        {
            let (luma, blue, red) = (f64::from(y), f64::from(cb) - 128.0, f64::from(cr) - 128.0);
            let wanted = [luma + 1.402 * red, luma - 0.344_136 * blue - 0.714_136 * red, luma + 1.772 * blue];
            for (got, wanted) in
                rgb([y, cb, cr].map(|value: i32| value << BETWEEN_BITS)).into_iter().zip(wanted)
            {
                assert!((f64::from(got) - wanted.clamp(0.0, 255.0)).abs() <= 0.51, "{got} for {wanted}");
            }
        }
    }

    #[test]
    fn no_sample_overflows() {
        for y in [i16::MIN, 0, i16::MAX] {
            for cb in [i16::MIN, i16::MAX] {
                for cr in [i16::MIN, i16::MAX] {
                    rgb([y.into(), cb.into(), cr.into()]);
                }
            }
        }
    }
}
