//! Filters of rows: a sample less what its neighbours foretell. W3C PNG, third edition, section 9.

/// No filter: the samples themselves.
pub(super) const NONE: u8 = 0;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum Kind {
    None = NONE,
    /// The sample to the left.
    Sub = 1,
    /// The sample above.
    Up = 2,
    /// The mean of both, rounded down.
    Average = 3,
    /// That of left, above, and above to the left which is nearest to left + above - above to the left.
    Paeth = 4,
}

const KINDS: [Kind; 5] = [Kind::None, Kind::Sub, Kind::Up, Kind::Average, Kind::Paeth];

/// Finds for each row the filter that leaves the least, as the sum of the differences' sizes: the rule of thumb of section 12.7. The entropy
/// of each row tells better, by 1 % at most, and takes five times as long.
#[derive(Debug)]
pub(super) struct Filter {
    /// Bytes from a sample to the same of its left neighbour.
    pixel_bytes: usize,
    zeros: Vec<u8>,
    /// The filter's number and the differences.
    best: Vec<u8>,
    tried: Vec<u8>,
}

impl Filter {
    pub(super) fn new(pixel_bytes: usize, row_bytes: usize) -> Self {
        let row = vec![0; 1 + row_bytes];
        Self { pixel_bytes, zeros: vec![0; row_bytes], best: row.clone(), tried: row }
    }

    /// The row as it is stored. `above` is the row before, of the same length; the first row has none.
    pub(super) fn apply(&mut self, above: Option<&[u8]>, row: &[u8]) -> &[u8] {
        let above = above.unwrap_or(&self.zeros);
        let mut least = u32::MAX;
        for kind in KINDS {
            let Some((number, differences)) = self.tried.split_first_mut() else { break };
            *number = kind as u8;
            filter(kind, self.pixel_bytes, above, row, differences);
            let size = differences.iter().map(|byte| u32::from(byte.cast_signed().unsigned_abs())).sum();
            if size < least {
                least = size;
                std::mem::swap(&mut self.best, &mut self.tried);
            }
        }
        &self.best
    }
}

fn filter(kind: Kind, pixel_bytes: usize, above: &[u8], row: &[u8], into: &mut [u8]) {
    // A call for each kind, so that each becomes a loop of its own, in vector instructions.
    match kind {
        Kind::None => into.copy_from_slice(row),
        Kind::Sub => subtract(|left, _, _| left, pixel_bytes, above, row, into),
        Kind::Up => subtract(|_, up, _| up, pixel_bytes, above, row, into),
        Kind::Average => subtract(mean, pixel_bytes, above, row, into),
        Kind::Paeth => subtract(nearest, pixel_bytes, above, row, into),
    }
}

/// `foretold`: from what is to the left, above, and above to the left.
fn subtract(
    foretold: impl Fn(u8, u8, u8) -> u8,
    pixel_bytes: usize,
    above: &[u8],
    row: &[u8],
    into: &mut [u8],
) {
    // The first pixel has nothing to its left: zeros stand for it.
    let (first, rest) = into.split_at_mut(pixel_bytes.min(row.len()));
    for ((to, sample), up) in first.iter_mut().zip(row).zip(above) {
        *to = sample.wrapping_sub(foretold(0, *up, 0));
    }
    let (_, samples) = row.split_at(first.len());
    let (_, ups) = above.split_at(first.len());
    for ((to, (sample, up)), (left, corner)) in
        rest.iter_mut().zip(samples.iter().zip(ups)).zip(row.iter().zip(above))
    {
        *to = sample.wrapping_sub(foretold(*left, *up, *corner));
    }
}

fn mean(left: u8, up: u8, _: u8) -> u8 {
    (u16::from(left) + u16::from(up)).div_euclid(2) as u8
}

fn nearest(left: u8, up: u8, corner: u8) -> u8 {
    let [a, b, c] = [left, up, corner].map(i16::from);
    let (to_left, to_up, to_corner) = ((b - c).abs(), (a - c).abs(), (a + b - 2 * c).abs());
    let nearer = if to_up <= to_corner { up } else { corner };
    if to_left <= to_up && to_left <= to_corner { left } else { nearer }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition of section 9.2, byte by byte.
    fn defined(kind: u8, pixel_bytes: usize, above: &[u8], row: &[u8]) -> Vec<u8> {
        let at = |row: &[u8], x: usize| if x < pixel_bytes { 0 } else { i32::from(row[x - pixel_bytes]) };
        let of = |x: usize| {
            let (a, b, c) = (at(row, x), i32::from(above[x]), at(above, x));
            let p = a + b - c;
            let foretold = match kind {
                0 => 0,
                1 => a,
                2 => b,
                3 => (a + b) / 2,
                _ if (p - a).abs() <= (p - b).abs() && (p - a).abs() <= (p - c).abs() => a,
                _ if (p - b).abs() <= (p - c).abs() => b,
                _ => c,
            };
            (i32::from(row[x]) - foretold) as u8
        };
        (0..row.len()).map(of).collect()
    }

    fn noise(count: usize, seed: u32) -> Vec<u8> {
        let mixed = |n: u32| (n ^ (n >> 15)).wrapping_mul(0x85eb_ca6b) >> 24;
        (0..count as u32).map(|n| mixed((n + seed).wrapping_mul(0x9e37_79b1)) as u8).collect()
    }

    #[test]
    fn filters_are_those_of_the_specification() {
        for pixel_bytes in 1..=4 {
            for pixels in [1, 2, 5, 40, 67] {
                let (above, row) = (noise(pixels * pixel_bytes, 1), noise(pixels * pixel_bytes, 9));
                let mut differences = vec![0; row.len()];
                for kind in KINDS {
                    filter(kind, pixel_bytes, &above, &row, &mut differences);
                    assert_eq!(differences, defined(kind as u8, pixel_bytes, &above, &row), "{kind:?}");
                }
            }
        }
    }

    #[test]
    fn the_filter_that_leaves_the_least_is_taken() {
        let mut filter = Filter::new(1, 64);
        let ramp: Vec<u8> = (0..64).map(|x| 3 * x).collect();
        assert_eq!(filter.apply(None, &ramp)[..3], [Kind::Sub as u8, 0, 3]);
        assert_eq!(filter.apply(Some(&ramp), &ramp), [vec![Kind::Up as u8], vec![0; 64]].concat());
        // Half like what is above, half like what is to the left.
        let edge = |right: u8| [noise(32, 5), vec![right; 32]].concat();
        assert_eq!(filter.apply(Some(&edge(0)), &edge(77))[..3], [Kind::Paeth as u8, 0, 0]);
        assert_eq!(filter.apply(Some(&ramp), &[1, 255].repeat(32))[0], NONE);
    }
}
