//! Coding-independent code points: ITU-T H.273 (07/2024) tables 2 and 3.

use super::{Channels, Curve, Primaries, Profile, Range};

/// Primaries and transfer characteristics by their numbers, as PNG's `cICP` and the `nclx` of HEIF store them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CodePoints {
    pub(crate) primaries: u16,
    pub(crate) transfer: u16,
    pub(crate) is_full_range: bool,
}

impl CodePoints {
    /// `None`: a number is unspecified, or not among those that are converted.
    pub(crate) fn profile(self, picture: Channels) -> Option<Profile> {
        let curve = self.curve()?;
        let range = if self.is_full_range { Range::Full } else { Range::Narrow };
        match picture {
            Channels::Gray => Some(Profile::gray(curve, range)),
            Channels::Rgb => Profile::rgb(&self.primaries()?.to_xyz_d50()?, [curve; 3], range),
        }
    }

    fn primaries(self) -> Option<Primaries> {
        Some(match self.primaries {
            1 => Primaries::SRGB,
            5 => Primaries::BT601_625,
            6 | 7 => Primaries::BT601_525,
            9 => Primaries::BT2020,
            11 => Primaries::DCI_P3,
            12 => Primaries::DISPLAY_P3,
            _ => return None,
        })
    }

    fn curve(self) -> Option<Curve<'static>> {
        Some(match self.transfer {
            // BT.709, BT.601 and BT.2020 define the camera's curve; what is seen is the screen's, ITU-R BT.1886.
            1 | 6 | 14 | 15 => Curve::Power(2.4),
            4 => Curve::Power(2.2),
            5 => Curve::Power(2.8),
            8 => Curve::Power(1.0),
            13 => Curve::SRGB,
            16 => Curve::Pq,
            18 => Curve::Hlg,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::color::to_srgb;
    use crate::inspect::ColorSpace;
    use crate::pixels::{Layout, Pixels};

    fn converted_by(profile: &Profile, colors: &[[u8; 3]]) -> Vec<[u8; 3]> {
        let data = colors.as_flattened().to_vec();
        let pixels = Pixels { width: colors.len(), height: 1, layout: Layout::Rgb, data };
        to_srgb(pixels, Some(profile)).data.as_chunks::<3>().0.to_vec()
    }

    #[test]
    fn numbers_are_converted_as_browsers_do() {
        let at = |primaries, transfer, is_full_range| {
            CodePoints { primaries, transfer, is_full_range }.profile(Channels::Rgb)
        };
        assert_eq!(at(1, 13, true), Some(Profile { color_space: ColorSpace::Srgb, conversion: None }));
        // What Chromium 148 makes of the same PNG files.
        for (primaries, transfer, name, light, dark) in [
            (12, 13, ColorSpace::DisplayP3, [0, 203, 73], [10, 10, 21]),
            (1, 1, ColorSpace::Other, [49, 197, 81], [1, 1, 7]),
            (1, 4, ColorSpace::Srgb, [57, 201, 90], [3, 3, 12]),
            (1, 8, ColorSpace::Other, [133, 229, 160], [56, 56, 79]),
            // Cut off at white before the matrix, where Chromium cuts off after it.
            (9, 16, ColorSpace::Other, [0, 255, 13], [0, 0, 2]),
        ] {
            let profile = at(primaries, transfer, true).unwrap();
            assert_eq!(profile.color_space(), name);
            for (got, wanted) in
                converted_by(&profile, &[[60, 200, 90], [10, 10, 20]]).iter().zip([light, dark])
            {
                let near = got.iter().zip(wanted).all(|(a, b): (&u8, u8)| a.abs_diff(b) <= 1);
                assert!(near, "{primaries} {transfer}: {got:?} for {wanted:?}");
            }
        }
        let narrow = at(1, 13, false).unwrap();
        assert_eq!(
            converted_by(&narrow, &[[16; 3], [235; 3], [0; 3], [255; 3]]),
            [[0; 3], [255; 3], [0; 3], [255; 3]]
        );
        for (primaries, transfer) in [(2, 2), (1, 0), (1, 2), (0, 13), (9, 17), (10, 8), (u16::MAX, u16::MAX)]
        {
            assert_eq!(at(primaries, transfer, true), None);
        }
        for primaries in 0..300 {
            for transfer in 0..300 {
                at(primaries, transfer, false);
            }
        }
    }
}
