//! The colours, and how a seed chooses among them.

use super::canvas::Gradient;
use sha2::{Digest, Sha256};

/// One hue in the tones that a picture needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tones {
    /// Dark enough for white letters everywhere: at least 4.5:1 (WCAG 2.2, success criterion 1.4.3).
    pub(super) ground: Gradient,
    pub(super) middle: [u8; 3],
    pub(super) pale: [u8; 3],
}

/// Each line is a hue of OKLCH (Björn Ottosson, "A perceptual color space for image processing", 2020), in degrees at its end. Lightness is the same
/// in every line: 0.55 at the top of the ground, 0.475 at its bottom, where the hue turns a little, 0.76 and 0.94 for the other tones; chroma is up to
/// 0.165, 0.155, 0.105 and 0.04, as far as sRGB goes. The hues are as far apart as they look different, without those between ochre and olive.
const PALETTE: [[u32; 4]; 22] = [
    [0xbb3c66, 0xa02941, 0xe994a9, 0xfee3e9], // 4
    [0xbe3d4c, 0xa12c25, 0xec9598, 0xfee4e4], // 18
    [0xbf4031, 0xa1293a, 0xec9789, 0xfee5e0], // 30
    [0xba480d, 0xa12c20, 0xea9b7c, 0xfee5dc], // 42
    [0xa95a0d, 0x973c08, 0xe49f6e, 0xfee6d6], // 56
    [0x9a650e, 0x874b08, 0xdaa663, 0xfce8cf], // 72
    [0x5e7f0e, 0x346c08, 0xa0bd72, 0xe4f1d4], // 126
    [0x27881f, 0x0c6f38, 0x8ac284, 0xddf3da], // 142
    [0x108750, 0x0c6d50, 0x76c595, 0xd7f4e0], // 156
    [0x128568, 0x0b6b5e, 0x64c7a7, 0xd2f4e7], // 170
    [0x11837a, 0x0d696a, 0x54c7bb, 0xcef4ef], // 186
    [0x12818a, 0x0c6778, 0x4fc4d0, 0xcdf4f7], // 204
    [0x117e9a, 0x0c6587, 0x5ac0e1, 0xd0f2fe], // 222
    [0x117aae, 0x0b5f9d, 0x6dbbec, 0xd9effe], // 238
    [0x0e73ca, 0x2756b2, 0x7fb5f2, 0xdeedfe], // 252
    [0x3e6bd1, 0x444fb1, 0x8fb0f4, 0xe2ecfe], // 264
    [0x5a63d0, 0x5848ae, 0x9fabf4, 0xe6eafe], // 276
    [0x705ccb, 0x6942a6, 0xaea6f0, 0xeae9fe], // 288
    [0x8554c0, 0x793b9a, 0xbda1e9, 0xefe6fe], // 302
    [0x964db1, 0x86358a, 0xcb9cde, 0xf6e4fe], // 316
    [0xa4469e, 0x912f77, 0xd799d1, 0xfbe2f8], // 330
    [0xb14086, 0x9a2a5f, 0xe296bf, 0xfee2f0], // 346
];

impl Tones {
    fn of(row: [u32; 4]) -> Self {
        let [top, bottom, middle, pale] = row.map(|hex| {
            let [_, r, g, b] = hex.to_be_bytes();
            [r, g, b]
        });
        Self { ground: Gradient { top, bottom }, middle, pale }
    }
}

/// What a seed decides: its SHA-256, so that near seeds have nothing in common.
#[derive(Debug, Clone, Copy)]
pub(super) struct Choices {
    digest: [u8; 32],
}

impl Choices {
    pub(super) fn new(seed: &str) -> Self {
        Self { digest: Sha256::digest(seed.as_bytes()).into() }
    }

    /// Decision number `index`, 0..=30, among `count` outcomes, at most 256: 0..count.
    pub(super) fn pick(&self, index: usize, count: usize) -> usize {
        let two = |[high, low]: [u8; 2]| usize::from(high) << 8 | usize::from(low);
        let bytes = self.digest.get(index..).and_then(|rest| rest.first_chunk::<2>());
        bytes.map_or(0, |bytes| (two(*bytes) * count) >> 16)
    }

    pub(super) fn tones(&self) -> Tones {
        Tones::of(PALETTE.get(self.pick(0, PALETTE.len())).copied().unwrap_or(PALETTE[0]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn linear(sample: u8) -> f64 {
        let value = f64::from(sample) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    }

    /// WCAG 2.2, "contrast ratio".
    fn contrast_to_white(color: [u8; 3]) -> f64 {
        let [r, g, b] = color.map(linear);
        1.05 / (0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05)
    }

    /// OKLab's L.
    fn lightness(color: [u8; 3]) -> f64 {
        let [r, g, b] = color.map(linear);
        let cone = |[kr, kg, kb]: [f64; 3]| (kr * r + kg * g + kb * b).cbrt();
        0.210_454_255_3 * cone([0.412_221_470_8, 0.536_332_536_3, 0.051_445_992_9])
            + 0.793_617_785_0 * cone([0.211_903_498_2, 0.680_699_545_1, 0.107_396_956_6])
            - 0.004_072_046_8 * cone([0.088_302_461_9, 0.281_718_837_6, 0.629_978_700_5])
    }

    #[test]
    fn white_letters_have_enough_contrast() {
        for Tones { ground, .. } in PALETTE.map(Tones::of) {
            // Every row of a picture is a mixture of the two, and so within what they are.
            assert!(contrast_to_white(ground.top) >= 4.5, "{ground:?}");
            assert!(contrast_to_white(ground.bottom) >= 4.5, "{ground:?}");
        }
    }

    #[test]
    fn every_hue_is_as_light_as_the_others() {
        for Tones { ground, middle, pale } in PALETTE.map(Tones::of) {
            for (color, wanted) in [(ground.top, 0.55), (ground.bottom, 0.475), (middle, 0.76), (pale, 0.94)]
            {
                let is = lightness(color);
                assert!((is - wanted).abs() < 0.006, "{color:?} has {is}, not {wanted}");
            }
        }
    }

    #[test]
    fn all_colours_are_chosen_about_as_often() {
        let mut counts = [0; PALETTE.len()];
        for seed in 0..11_000 {
            counts[Choices::new(&format!("{seed}")).pick(0, PALETTE.len())] += 1;
        }
        assert!(counts.iter().all(|count| (400..=600).contains(count)), "{counts:?}");
    }
}
