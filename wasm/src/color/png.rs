//! What the chunks of a PNG file say of its colours: W3C Portable Network Graphics, third edition, sections 4.3 (which one counts)
//! and 11.3.2 (what they hold).

use super::{Channels, CodePoints, Curve, Primaries, Profile, Range, icc};
use crate::inspect::reader::Reader;

/// `gAMA` counts in units of 1/100,000; this is 1/2.2, which files have that mean sRGB (section 11.3.2.5).
const GAMMA_OF_SRGB: std::ops::RangeInclusive<u32> = 44_500..=46_500;
/// `cHRM` of sRGB, from the same section, with what makers round off.
const CHROMATICITY_TOLERANCE: f64 = 0.001;

/// The chunks of a file that speak of colours; of each kind the first counts.
#[derive(Debug, Default)]
pub(crate) struct ColorChunks<'a> {
    code_points: Option<&'a [u8]>,
    icc: Option<&'a [u8]>,
    is_srgb: bool,
    gamma: Option<&'a [u8]>,
    chromaticities: Option<&'a [u8]>,
}

impl<'a> ColorChunks<'a> {
    /// Takes any chunk that comes before the pixels; those of other kinds are passed over.
    pub(crate) fn take(&mut self, kind: &[u8], data: &'a [u8]) {
        match kind {
            b"cICP" => _ = self.code_points.get_or_insert(data),
            b"iCCP" => _ = self.icc.get_or_insert(data),
            b"sRGB" => self.is_srgb = true,
            b"gAMA" => _ = self.gamma.get_or_insert(data),
            b"cHRM" => _ = self.chromaticities.get_or_insert(data),
            _ => {}
        }
    }

    /// The profile of the chunk that takes precedence among those that are sound: `cICP`, `iCCP`, `sRGB`, then `gAMA` with `cHRM`.
    /// `None`: sRGB.
    pub(crate) fn profile(&self, picture: Channels) -> Option<Profile> {
        let code_points = self.code_points.and_then(code_points).and_then(|points| points.profile(picture));
        if let Some(profile) = code_points.or_else(|| embedded(self.icc?, picture)) {
            return Some(profile);
        }
        if self.is_srgb { None } else { self.by_gamma(picture) }
    }

    fn by_gamma(&self, picture: Channels) -> Option<Profile> {
        let gamma = Reader::new(self.gamma?).u32().filter(|gamma| (1_000..=1_000_000).contains(gamma))?;
        let primaries = self.chromaticities.and_then(primaries);
        if GAMMA_OF_SRGB.contains(&gamma) && primaries.is_none_or(is_srgb) {
            return None;
        }
        let curve = Curve::Power(100_000.0 / f64::from(gamma));
        match picture {
            Channels::Gray => Some(Profile::gray(curve, Range::Full)),
            Channels::Rgb => {
                let matrix = primaries.unwrap_or(Primaries::SRGB).to_xyz_d50()?;
                Profile::rgb(&matrix, [curve; 3], Range::Full)
            }
        }
    }
}

/// Section 11.3.2.6: RGB in full or narrow range, no other matrix.
fn code_points(chunk: &[u8]) -> Option<CodePoints> {
    let [primaries, transfer, 0, range @ 0..=1] = *chunk else { return None };
    Some(CodePoints { primaries: primaries.into(), transfer: transfer.into(), is_full_range: range == 1 })
}

/// Section 11.3.2.3: a name of at most 79 bytes, compression method 0, and the profile as a zlib stream.
fn embedded(chunk: &[u8], picture: Channels) -> Option<Profile> {
    let end = chunk.iter().take(80).position(|byte| *byte == 0)?;
    let [0, compressed @ ..] = chunk.get(end + 1..)? else { return None };
    let profile = fdeflate::decompress_to_vec_bounded(compressed, icc::MAX_BYTES).ok()?;
    Profile::from_icc(&profile, picture)
}

/// Section 11.3.2.1: x and y of white, red, green and blue.
fn primaries(chunk: &[u8]) -> Option<Primaries> {
    let mut reader = Reader::new(chunk);
    let mut pair = || {
        let (x, y) = (reader.u32()?, reader.u32()?);
        Some((f64::from(x) / 100_000.0, f64::from(y) / 100_000.0))
    };
    let (white, red, green, blue) = (pair()?, pair()?, pair()?, pair()?);
    Some(Primaries { red, green, blue, white })
}

fn is_srgb(primaries: Primaries) -> bool {
    let is_near = |a: (f64, f64), b: (f64, f64)| {
        (a.0 - b.0).abs() <= CHROMATICITY_TOLERANCE && (a.1 - b.1).abs() <= CHROMATICITY_TOLERANCE
    };
    let Primaries { red, green, blue, white } = Primaries::SRGB;
    is_near(primaries.red, red)
        && is_near(primaries.green, green)
        && is_near(primaries.blue, blue)
        && is_near(primaries.white, white)
}
