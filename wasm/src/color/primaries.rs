//! Primaries and white point -> the matrix from linear light to XYZ relative to D50, the white of ICC's connection space.
//! ICC.1:2022 annex E; SMPTE RP 177.

/// Row-major.
pub(super) type Matrix = [[f64; 3]; 3];

/// Chromaticity, x and y of CIE 1931.
type Chromaticity = (f64, f64);

/// The chromaticities of an RGB space.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Primaries {
    pub(super) red: Chromaticity,
    pub(super) green: Chromaticity,
    pub(super) blue: Chromaticity,
    pub(super) white: Chromaticity,
}

const D65: Chromaticity = (0.3127, 0.3290);
/// XYZ of the illuminant of the connection space, as ICC.1:2022 section 7.2.16 gives it.
const D50: [f64; 3] = [0.9642, 1.0, 0.8249];
/// ICC.1:2022 annex E: XYZ to the responses of the cones.
const BRADFORD: Matrix = [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]];
/// How far entries of the matrices of one space are apart in profiles of different makers, at most.
const TOLERANCE: f64 = 0.004;

impl Primaries {
    /// IEC 61966-2-1; those of ITU-R BT.709.
    pub(super) const SRGB: Self =
        Self { red: (0.640, 0.330), green: (0.300, 0.600), blue: (0.150, 0.060), white: D65 };
    /// SMPTE EG 432-1: those of digital cinema with the white of screens.
    pub(super) const DISPLAY_P3: Self =
        Self { red: (0.680, 0.320), green: (0.265, 0.690), blue: (0.150, 0.060), white: D65 };
    /// SMPTE RP 431-2: digital cinema.
    pub(super) const DCI_P3: Self = Self { white: (0.314, 0.351), ..Self::DISPLAY_P3 };
    /// Adobe RGB (1998) Color Image Encoding, section 4.2.
    pub(super) const ADOBE_RGB: Self =
        Self { red: (0.640, 0.330), green: (0.210, 0.710), blue: (0.150, 0.060), white: D65 };
    /// ITU-R BT.2020 and BT.2100.
    pub(super) const BT2020: Self =
        Self { red: (0.708, 0.292), green: (0.170, 0.797), blue: (0.131, 0.046), white: D65 };
    /// ITU-R BT.601, 625 lines.
    pub(super) const BT601_625: Self =
        Self { red: (0.640, 0.330), green: (0.290, 0.600), blue: (0.150, 0.060), white: D65 };
    /// ITU-R BT.601, 525 lines; SMPTE ST 170.
    pub(super) const BT601_525: Self =
        Self { red: (0.630, 0.340), green: (0.310, 0.595), blue: (0.155, 0.070), white: D65 };

    /// The matrix from linear red, green and blue to XYZ, adapted from the white of the space to D50.
    /// `None`: the primaries span no space.
    pub(super) fn to_xyz_d50(self) -> Option<Matrix> {
        let [red, green, blue] = [xyz(self.red)?, xyz(self.green)?, xyz(self.blue)?];
        let white = xyz(self.white)?;
        let columns = transposed(&[red, green, blue]);
        // How much of each primary makes white.
        let amounts = times(&inverse(&columns)?, white);
        let [from, to] = [times(&BRADFORD, white), times(&BRADFORD, D50)];
        if from.contains(&0.0) {
            return None;
        }
        let gains = [to[0] / from[0], to[1] / from[1], to[2] / from[2]];
        let adapted = product(&inverse(&BRADFORD)?, &scaled_rows(&BRADFORD, gains));
        let matrix = product(&adapted, &transposed(&scaled_rows(&[red, green, blue], amounts)));
        matrix.as_flattened().iter().all(|entry| entry.is_finite()).then_some(matrix)
    }
}

/// XYZ of a chromaticity at a luminance of 1.
fn xyz((x, y): Chromaticity) -> Option<[f64; 3]> {
    (y > 0.0).then(|| [x / y, 1.0, (1.0 - x - y) / y])
}

/// Whether the two are of the same colour space.
pub(super) fn are_alike(a: &Matrix, b: &Matrix) -> bool {
    let mut entries = a.as_flattened().iter().zip(b.as_flattened());
    entries.all(|(a, b)| (a - b).abs() <= TOLERANCE)
}

fn transposed([a, b, c]: &Matrix) -> Matrix {
    [[a[0], b[0], c[0]], [a[1], b[1], c[1]], [a[2], b[2], c[2]]]
}

fn scaled_rows([a, b, c]: &Matrix, [x, y, z]: [f64; 3]) -> Matrix {
    [a.map(|entry| entry * x), b.map(|entry| entry * y), c.map(|entry| entry * z)]
}

fn times(matrix: &Matrix, [x, y, z]: [f64; 3]) -> [f64; 3] {
    matrix.map(|[a, b, c]| a * x + b * y + c * z)
}

/// First `b`, then `a`, as one.
pub(super) fn product(a: &Matrix, b: &Matrix) -> Matrix {
    let columns = transposed(b);
    a.map(|[x, y, z]| columns.map(|[p, q, r]| x * p + y * q + z * r))
}

/// `None`: the rows lie in a plane, or nearly.
pub(super) fn inverse(m: &Matrix) -> Option<Matrix> {
    let [[a, b, c], [d, e, f], [g, h, i]] = *m;
    let cofactors = [
        [e * i - f * h, c * h - b * i, b * f - c * e],
        [f * g - d * i, a * i - c * g, c * d - a * f],
        [d * h - e * g, b * g - a * h, a * e - b * d],
    ];
    let determinant = a * cofactors[0][0] + b * cofactors[1][0] + c * cofactors[2][0];
    (determinant.abs() > 1e-9).then(|| cofactors.map(|row| row.map(|entry| entry / determinant)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_matrix_of_srgb_is_that_of_its_profiles() {
        // Colorants of the profile of IEC 61966-2.1 that is in most photos.
        let published =
            [[0.43607, 0.38515, 0.14307], [0.22249, 0.71687, 0.06061], [0.01392, 0.09708, 0.7141]];
        let ours = Primaries::SRGB.to_xyz_d50().unwrap();
        for (ours, published) in ours.as_flattened().iter().zip(published.as_flattened()) {
            assert!((ours - published).abs() < 3e-4, "{ours} for {published}");
        }
        let white = times(&ours, [1.0; 3]);
        assert!(white.iter().zip(D50).all(|(a, b)| (a - b).abs() < 1e-12), "{white:?}");
    }

    #[test]
    fn what_spans_no_space_is_none() {
        let flat = Primaries { green: Primaries::SRGB.red, ..Primaries::SRGB };
        let dark = Primaries { blue: (0.1, 0.0), ..Primaries::SRGB };
        assert_eq!((flat.to_xyz_d50(), dark.to_xyz_d50()), (None, None));
    }

    #[test]
    fn an_inverse_undoes() {
        let matrix = Primaries::BT2020.to_xyz_d50().unwrap();
        let one = product(&inverse(&matrix).unwrap(), &matrix);
        let is_one = |(at, entry): (usize, &f64)| (entry - if at % 4 == 0 { 1.0 } else { 0.0 }).abs() < 1e-12;
        assert!(one.as_flattened().iter().enumerate().all(is_one), "{one:?}");
    }
}
