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
