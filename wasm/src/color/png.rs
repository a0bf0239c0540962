//! What the chunks of a PNG file say of its colours: W3C Portable Network Graphics, third edition, sections 4.3 (which one counts)
//! and 11.3.2 (what they hold).

use super::{Channels, CodePoints, Curve, Primaries, Profile, Range, icc};
use crate::inspect::reader::Reader;

/// `gAMA` counts in units of 1/100,000; this is 1/2.2, which files have that mean sRGB (section 11.3.2.5).
const GAMMA_OF_SRGB: std::ops::RangeInclusive<u32> = 44_500..=46_500;
/// Room for most profiles.
const FIRST_BYTES: usize = 8 << 10;
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
    Profile::from_icc(&inflated(compressed)?, picture)
}

/// The content of a zlib stream. `None`: it is broken, longer than any profile, or there is no memory for it.
fn inflated(compressed: &[u8]) -> Option<Vec<u8>> {
    let mut decompressor = fdeflate::Decompressor::new();
    let (mut profile, mut read, mut written) = (Vec::new(), 0, 0);
    while !decompressor.is_done() {
        if written == profile.len() {
            let longer = (2 * written).clamp(FIRST_BYTES, icc::MAX_BYTES);
            if longer == written {
                return None;
            }
            profile.try_reserve_exact(longer - written).ok()?;
            profile.resize(longer, 0);
        }
        let rest = compressed.get(read..)?;
        let (taken, made) = decompressor.read(rest, &mut profile, written, true).ok()?;
        if (taken, made) == (0, 0) && written < profile.len() {
            return None;
        }
        (read, written) = (read + taken, written + made);
    }
    profile.truncate(written);
    Some(profile)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inspect::ColorSpace;

    fn name(chunks: &[(&[u8; 4], &[u8])]) -> Option<ColorSpace> {
        let mut colors = ColorChunks::default();
        chunks.iter().for_each(|(kind, data)| colors.take(*kind, data));
        colors.profile(Channels::Rgb).map(|profile| profile.color_space())
    }

    #[test]
    fn a_chunk_that_is_not_sound_leaves_it_to_the_next() {
        let linear: (&[u8; 4], &[u8]) = (b"gAMA", &[0, 1, 0x86, 0xa0]);
        assert_eq!(name(&[(b"cICP", &[12, 13, 0, 1]), linear]), Some(ColorSpace::DisplayP3));
        assert_eq!(name(&[(b"cICP", &[12, 13, 0, 0]), linear]), Some(ColorSpace::DisplayP3));
        // Another matrix, an impossible range, a wrong length, unspecified.
        for unsound in
            [[12, 13, 1, 1].as_slice(), &[12, 13, 0, 2], &[12, 13, 0], &[12, 13, 0, 1, 0], &[2, 2, 0, 1]]
        {
            assert_eq!(name(&[(b"cICP", unsound), linear]), Some(ColorSpace::Other), "{unsound:?}");
            assert_eq!(name(&[(b"cICP", unsound)]), None, "{unsound:?}");
        }
        for unsound in
            [b"no profile".as_slice(), b"name\0\x01", b"name\0\0", b"name\0\0\x78\x9c", &[b'n'; 100]]
        {
            assert_eq!(name(&[(b"iCCP", unsound), linear]), Some(ColorSpace::Other), "{unsound:?}");
            assert_eq!(name(&[(b"iCCP", unsound), (b"sRGB", &[0]), linear]), None, "{unsound:?}");
        }
        for unsound in [[0; 4].as_slice(), &[0xff; 4], &[0, 1, 2]] {
            assert_eq!(name(&[(b"gAMA", unsound)]), None, "{unsound:?}");
        }
        // Primaries that span nothing.
        assert_eq!(name(&[linear, (b"cHRM", &[0; 32])]), None);
        assert_eq!(name(&[linear, (b"cHRM", &[0xff; 32])]), None);
        assert_eq!(name(&[linear, (b"cHRM", &[0; 31])]), Some(ColorSpace::Other));
    }

    #[test]
    fn a_stream_longer_than_any_profile_is_not_followed() {
        assert_eq!(inflated(&fdeflate::compress_to_vec(&vec![7; 100_000])), Some(vec![7; 100_000]));
        let bomb = fdeflate::compress_to_vec(&vec![0; icc::MAX_BYTES + 1]);
        assert_eq!(inflated(&bomb), None);
        assert_eq!(inflated(&bomb[..bomb.len() / 2]), None);
    }
}
