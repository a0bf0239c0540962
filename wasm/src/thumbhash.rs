//! ThumbHash: a placeholder of some 25 bytes, shown while a picture loads. Format by Evan Wallace,
//! <https://evanw.github.io/thumbhash/>.
//!
//! A low-frequency cosine transform of luminance, two colour differences and alpha, quantised to four bits a coefficient.
//! Ours, and not the crate `thumbhash`, because that one takes its cosine from the platform: the same picture
//! could get another hash natively than in a browser. Here the cosine is `libm`'s, the same everywhere.

use crate::pixels::{Layout, Pixels};

/// The format asks for at most 100 pixels a side. Of larger pictures boxes are summed up: the highest of the frequencies, seven half waves
/// across a picture, hardly sees the difference.
const MAX_SIDE: usize = 100;

/// Frequencies of an axis, seven at the most, filled up to whole vectors.
const LANES: usize = 8;

/// The hash of a picture; 5 to 25 bytes.
pub(crate) fn thumbhash(pixels: &Pixels) -> Vec<u8> {
    Hasher::new(pixels).hash()
}

/// A sum of pixels, or what it is made into, in each channel.
type Sum = [f64; 4];

struct Hasher {
    width: usize,
    height: usize,
    /// Pixels of a box across and down, powers of two; the last boxes of an axis may have fewer.
    sides: (usize, usize),
    /// By box, row by row: luminance, yellow-blue, red-green and alpha, each about 0..=1 for a pixel.
    boxes: Vec<Sum>,
    has_alpha: bool,
}

/// One channel after the transform.
struct Channel {
    constant: f64,
    /// Coefficients 0..=1, row by row, the low frequencies of a triangle.
    varying: Vec<f64>,
    scale: f64,
}

impl Hasher {
    fn new(pixels: &Pixels) -> Self {
        let (width, height) = (pixels.width, pixels.height);
        let sides = (box_side(width), box_side(height));
        let across = width.div_ceil(sides.0);
        let mut boxes = Vec::with_capacity(across * height.div_ceil(sides.1));
        let mut has_alpha = false;
        let mut sums = vec![[0u64; 4]; across];
        for rows in pixels.data.chunks(width * pixels.layout.channels() * sides.1) {
            sums.fill([0; 4]);
            match pixels.layout {
                Layout::Rgb => {
                    add_up(rows.as_chunks().0, (width, sides.0), &mut sums, |[r, g, b]: [u8; 3]| {
                        [r, g, b, 1].map(|value| 255 * u32::from(value))
                    })
                }
                Layout::Rgba => {
                    add_up(rows.as_chunks().0, (width, sides.0), &mut sums, |[r, g, b, a]: [u8; 4]| {
                        has_alpha |= a < 255;
                        [r, g, b, 1].map(|value| u32::from(value) * u32::from(a))
                    })
                }
            }
            boxes.extend(sums.iter().map(|[r, g, b, a]| {
                let [r, g, b] = [r, g, b].map(|sum| *sum as f64 / f64::from(255 * 255));
                [r, g, b, *a as f64 / 255.0]
            }));
        }
        let mut hasher = Self { width, height, sides, boxes, has_alpha };
        hasher.turn_to_luminance();
        hasher
    }

    /// Red, green and blue times alpha become luminance and two differences. Transparent places take the average colour, so that they add
    /// no edge.
    fn turn_to_luminance(&mut self) {
        let sums = self
            .boxes
            .iter()
            .fold([0.0; 4], |[sr, sg, sb, sa], [r, g, b, a]| [sr + r, sg + g, sb + b, sa + a]);
        let average =
            if sums[3] > 0.0 { [sums[0], sums[1], sums[2]].map(|sum| sum / sums[3]) } else { [0.0; 3] };
        let across = self.width.div_ceil(self.sides.0);
        for (y, row) in self.boxes.chunks_mut(across).enumerate() {
            for (x, sum) in row.iter_mut().enumerate() {
                let [red, green, blue, alpha] = *sum;
                let clear = (covered(x, self.sides.0, self.width) * covered(y, self.sides.1, self.height))
                    as f64
                    - alpha;
                let [r, g, b] = [(red, average[0]), (green, average[1]), (blue, average[2])]
                    .map(|(color, average)| average * clear + color);
                *sum = [(r + g + b) / 3.0, (r + g) / 2.0 - b, r - g, alpha];
            }
        }
    }

    /// By box of an axis, `count` waves at its centre.
    fn waves((length, side): (usize, usize), count: usize) -> Vec<[f64; LANES]> {
        let turn = std::f64::consts::PI / length as f64;
        let wave = |start: usize| {
            let centre = start as f64 + covered(start / side, side, length) as f64 / 2.0;
            let mut values = [0.0; LANES];
            for (frequency, value) in values.iter_mut().enumerate().take(count) {
                *value = libm::cos(turn * frequency as f64 * centre);
            }
            values
        };
        (0..length).step_by(side).map(wave).collect()
    }

    /// The transform of one channel: the frequencies (x, y) with `x / columns + y / rows < 1`.
    fn channel(&self, index: usize, columns: usize, rows: usize) -> Channel {
        let across = Self::waves((self.width, self.sides.0), columns);
        let down = Self::waves((self.height, self.sides.1), rows);
        let mut sums = [[0.0; LANES]; LANES];
        for (row, wave_down) in self.boxes.chunks(across.len()).zip(&down) {
            let mut of_row = [0.0; LANES];
            for (sample, wave) in row.iter().zip(&across) {
                for (sum, wave) in of_row.iter_mut().zip(wave) {
                    *sum += sample[index] * wave;
                }
            }
            for (sums, weight) in sums.iter_mut().zip(wave_down) {
                for (sum, of_row) in sums.iter_mut().zip(of_row) {
                    *sum += of_row * weight;
                }
            }
        }
        let mut channel = Channel { constant: 0.0, varying: Vec::new(), scale: 0.0 };
        for (y, sums) in sums.iter().enumerate().take(rows) {
            for (x, sum) in sums.iter().enumerate().take_while(|(x, _)| x * rows < columns * (rows - y)) {
                let coefficient = sum / (self.width * self.height) as f64;
                if (x, y) == (0, 0) {
                    channel.constant = coefficient;
                } else {
                    channel.varying.push(coefficient);
                    channel.scale = channel.scale.max(coefficient.abs());
                }
            }
        }
        if channel.scale > 0.0 {
            for coefficient in &mut channel.varying {
                *coefficient = 0.5 + 0.5 / channel.scale * *coefficient;
            }
        }
        channel
    }

    fn hash(&self) -> Vec<u8> {
        // Luminance gets fewer coefficients where alpha needs room.
        let limit = if self.has_alpha { 5 } else { 7 };
        let longest = self.width.max(self.height);
        let count = |side: usize| ((2 * limit * side + longest) / (2 * longest)).max(1);
        let (columns, rows) = (count(self.width), count(self.height));
        let luminance = self.channel(0, columns.max(3), rows.max(3));
        let yellow_blue = self.channel(1, 3, 3);
        let red_green = self.channel(2, 3, 3);
        let alpha = self.has_alpha.then(|| self.channel(3, 5, 5));

        let is_landscape = self.width > self.height;
        let header = quantized(luminance.constant, 63.0)
            | quantized(0.5 + 0.5 * yellow_blue.constant, 63.0) << 6
            | quantized(0.5 + 0.5 * red_green.constant, 63.0) << 12
            | quantized(luminance.scale, 31.0) << 18
            | u32::from(self.has_alpha) << 23;
        let shorter = if is_landscape { rows } else { columns };
        let shape = shorter as u32
            | quantized(yellow_blue.scale, 63.0) << 3
            | quantized(red_green.scale, 63.0) << 9
            | u32::from(is_landscape) << 15;

        let mut bytes = header.to_le_bytes()[..3].to_vec();
        bytes.extend_from_slice(&shape.to_le_bytes()[..2]);
        if let Some(alpha) = &alpha {
            bytes.push((quantized(alpha.constant, 15.0) | quantized(alpha.scale, 15.0) << 4) as u8);
        }
        let channels = [Some(luminance), Some(yellow_blue), Some(red_green), alpha];
        let nibbles: Vec<u8> = channels
            .iter()
            .flatten()
            .flat_map(|channel| &channel.varying)
            .map(|coefficient| quantized(*coefficient, 15.0) as u8)
            .collect();
        bytes.extend(nibbles.chunks(2).map(|pair| pair[0] | pair.get(1).unwrap_or(&0) << 4));
        bytes
    }
}

/// Adds the pixels of some rows to the sums of their boxes, each as its colours times alpha and its alpha.
fn add_up<const N: usize>(
    pixels: &[[u8; N]],
    (width, side): (usize, usize),
    sums: &mut [[u64; 4]],
    mut weighed: impl FnMut([u8; N]) -> [u32; 4],
) {
    for row in pixels.chunks(width) {
        for (sum, pixels) in sums.iter_mut().zip(row.chunks(side)) {
            // A row of 65,000 pixels fits into 32 bits.
            let of_row = pixels.iter().fold([0u32; 4], |sum, pixel| {
                let pixel = weighed(*pixel);
                std::array::from_fn(|n| sum[n].wrapping_add(pixel[n]))
            });
            for (sum, of_row) in sum.iter_mut().zip(of_row) {
                *sum += u64::from(of_row);
            }
        }
    }
}

/// Pixels of a box along an axis of so many.
fn box_side(length: usize) -> usize {
    length.div_ceil(MAX_SIDE).next_power_of_two()
}

/// Pixels of the box `index` of an axis.
fn covered(index: usize, side: usize, length: usize) -> usize {
    side.min(length - index * side)
}

/// 0..=1 to 0..=`steps`, rounded.
fn quantized(value: f64, steps: f64) -> u32 {
    // Not `clamp`, which would bring the formatting of floats into the module.
    (value * steps).round().max(0.0).min(steps) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(width: usize, height: usize, alpha: bool) -> Pixels {
        let data = (0..height)
            .flat_map(|y| (0..width).map(move |x| (x, y)))
            .flat_map(|(x, y)| {
                let a = if alpha && x + y < width { 40 } else { 255 };
                [(x * 255 / width) as u8, (y * 255 / height) as u8, ((x * y) % 256) as u8, a]
            })
            .collect();
        Pixels { width, height, layout: Layout::Rgba, data }
    }

    #[test]
    fn agrees_with_the_crate_of_the_format_s_author() {
        for (width, height, alpha) in [
            (100, 100, false),
            (100, 60, false),
            (33, 80, false),
            (64, 64, true),
            (90, 30, true),
            (1, 1, false),
        ] {
            let picture = picture(width, height, alpha);
            let theirs = thumbhash::rgba_to_thumb_hash(width, height, &picture.data);
            let ours = super::thumbhash(&picture);
            assert_eq!(ours.len(), theirs.len(), "{width} x {height}");
            // Theirs computes in 32 bits: a coefficient on the edge of two steps may fall to the other side.
            let far = ours
                .iter()
                .zip(&theirs)
                .filter(|(a, b)| (*a & 15).abs_diff(*b & 15) > 1 || (*a >> 4).abs_diff(*b >> 4) > 1);
            assert_eq!(far.count(), 0, "{width} x {height}: {ours:?} {theirs:?}");
        }
    }

    #[test]
    fn large_pictures_have_the_hash_of_small_ones() {
        let smooth = |width: usize, height: usize| {
            let wave = |at: usize, length: usize, turns: f64| {
                (127.5 + 120.0 * (turns * (at as f64 + 0.5) / length as f64).sin()) as u8
            };
            let pixel = |x, y| [wave(x, width, 5.0), wave(y, height, 7.0), wave(x, width, 2.0), 255];
            let data = (0..height).flat_map(|y| (0..width).flat_map(move |x| pixel(x, y))).collect();
            Pixels { width, height, layout: Layout::Rgba, data }
        };
        for (width, height) in [(400, 300), (1024, 768), (333, 250), (101, 76), (1000, 20)] {
            let (wide, high) = (100, (height * 100 / width).max(20));
            let theirs = thumbhash::rgba_to_thumb_hash(wide, high, &smooth(wide, high).data);
            let ours = super::thumbhash(&smooth(width, height));
            let differs = |a: u8, b: u8| (a & 15).abs_diff(b & 15) > 1 || (a >> 4).abs_diff(b >> 4) > 1;
            let far = ours.iter().zip(&theirs).filter(|(a, b)| differs(**a, **b));
            assert_eq!(
                (ours.len(), far.count()),
                (theirs.len(), 0),
                "{width} x {height}: {ours:?} {theirs:?}"
            );
        }
    }
}
