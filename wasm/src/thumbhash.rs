//! ThumbHash: a placeholder of some 25 bytes, shown while a picture loads. Format by Evan Wallace,
//! <https://evanw.github.io/thumbhash/>.
//!
//! A low-frequency cosine transform of luminance, two colour differences and alpha, quantised to four bits a coefficient.
//! Ours, and not the crate `thumbhash`, because that one takes its cosine from the platform: the same picture
//! could get another hash natively than in a browser. Here the cosine is `libm`'s, the same everywhere.

use crate::pixels::{Layout, Pixels};
use crate::transform;

/// The format asks for at most 100 pixels a side.
const MAX_SIDE: u32 = 100;

/// The hash of a picture; 5 to 25 bytes.
pub(crate) fn thumbhash(pixels: &Pixels) -> Vec<u8> {
    let longest = pixels.width.max(pixels.height);
    if longest <= MAX_SIDE as usize {
        return Hasher::new(pixels).hash();
    }
    let side = |length: usize| (((length * MAX_SIDE as usize * 2 + longest) / (2 * longest)) as u32).max(1);
    let small = transform::resized(pixels, (side(pixels.width), side(pixels.height)));
    // There is memory for 100 x 100 pixels after a picture was made; if not, the picture itself will do, only slower.
    Hasher::new(small.as_ref().unwrap_or(pixels)).hash()
}

/// A pixel as luminance, yellow-blue, red-green and alpha, each about 0..=1.
type Lpqa = [f64; 4];

struct Hasher {
    width: usize,
    height: usize,
    samples: Vec<Lpqa>,
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
        let rgba = || -> Box<dyn Iterator<Item = [f64; 4]> + '_> {
            match pixels.layout {
                Layout::Rgb => {
                    Box::new(pixels.data.as_chunks::<3>().0.iter().map(|&[r, g, b]| unit([r, g, b, 255])))
                }
                Layout::Rgba => Box::new(pixels.data.as_chunks::<4>().0.iter().map(|&pixel| unit(pixel))),
            }
        };
        // Transparent places take the average colour, so that they add no edge.
        let sums = rgba()
            .fold([0.0; 4], |[sr, sg, sb, sa], [r, g, b, a]| [sr + r * a, sg + g * a, sb + b * a, sa + a]);
        let average =
            if sums[3] > 0.0 { [sums[0], sums[1], sums[2]].map(|sum| sum / sums[3]) } else { [0.0; 3] };
        let samples = rgba()
            .map(|[r, g, b, a]| {
                let [r, g, b] = [(r, average[0]), (g, average[1]), (b, average[2])]
                    .map(|(sample, average)| average * (1.0 - a) + sample * a);
                [(r + g + b) / 3.0, (r + g) / 2.0 - b, r - g, a]
            })
            .collect();
        let has_alpha = rgba().any(|[.., a]| a < 1.0);
        Self { width: pixels.width, height: pixels.height, samples, has_alpha }
    }

    /// The transform of one channel: the frequencies (x, y) with `x / columns + y / rows < 1`.
    fn channel(&self, index: usize, columns: usize, rows: usize) -> Channel {
        let waves = |side: usize, count: usize| -> Vec<Vec<f64>> {
            let wave = |frequency: usize| {
                let turn = std::f64::consts::PI / side as f64 * frequency as f64;
                (0..side).map(|at| libm::cos(turn * (at as f64 + 0.5))).collect()
            };
            (0..count).map(wave).collect()
        };
        let (across, down) = (waves(self.width, columns), waves(self.height, rows));
        let mut channel = Channel { constant: 0.0, varying: Vec::new(), scale: 0.0 };
        for (y, wave_down) in down.iter().enumerate() {
            for (x, wave_across) in
                across.iter().enumerate().take_while(|(x, _)| x * rows < columns * (rows - y))
            {
                let mut sum = 0.0;
                for (row, weight) in self.samples.chunks_exact(self.width).zip(wave_down) {
                    for (sample, wave) in row.iter().zip(wave_across) {
                        sum += sample[index] * wave * weight;
                    }
                }
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

fn unit(pixel: [u8; 4]) -> [f64; 4] {
    pixel.map(|sample| f64::from(sample) / 255.0)
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
    fn large_pictures_are_made_small_first() {
        assert!(super::thumbhash(&picture(640, 480, false)).len() <= 25);
    }
}
