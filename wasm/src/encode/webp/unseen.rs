//! What a lossy picture has where nothing of it is seen: alpha hides it, so it is chosen to cost little and to leave what is seen alone.

use crate::pixels::{Layout, Pixels};

/// Side of the blocks, in pixels: of a macroblock's chroma as the bitstream has it, and a quarter of its luma.
const SIDE: usize = 8;
/// Where nothing was seen yet; about what the first block is predicted from.
const GRAY: [u8; 3] = [128; 3];

/// The same picture without alpha. In blocks that are seen in part, transparent pixels become the mean of those that are seen; blocks that
/// are not seen at all go on as the block before ended, so that nothing is left to code of them.
pub(super) fn filled(pixels: &Pixels) -> Pixels {
    let (width, height) = (pixels.width, pixels.height);
    let rgba = pixels.data.as_chunks::<4>().0;
    let mut rgb: Vec<[u8; 3]> = rgba.iter().map(|[r, g, b, _]| [*r, *g, *b]).collect();
    let mut first_of_line = GRAY;
    for top in (0..height).step_by(SIDE) {
        let mut fill = first_of_line;
        for left in (0..width).step_by(SIDE) {
            let lines = top..height.min(top + SIDE);
            let places = lines.map(|y| y * width + left..y * width + width.min(left + SIDE));
            let is_unseen = |at: &usize| matches!(rgba.get(*at), Some([.., 0]));
            if let Some(mean) = mean(places.clone().filter_map(|place| rgba.get(place)).flatten()) {
                fill = mean;
            }
            for at in places.flatten().filter(is_unseen) {
                if let Some(pixel) = rgb.get_mut(at) {
                    *pixel = fill;
                }
            }
            if left == 0 {
                first_of_line = fill;
            }
        }
    }
    Pixels { width, height, layout: Layout::Rgb, data: rgb.into_flattened() }
}

/// Of those that are seen; `None`: there is none.
fn mean<'a>(pixels: impl Iterator<Item = &'a [u8; 4]>) -> Option<[u8; 3]> {
    let (mut sums, mut count) = ([0_u32; 3], 0_u32);
    for [r, g, b, _] in pixels.filter(|[.., alpha]| *alpha != 0) {
        for (sum, sample) in sums.iter_mut().zip([*r, *g, *b]) {
            *sum += u32::from(sample);
        }
        count += 1;
    }
    (count > 0).then(|| sums.map(|sum| ((sum + count / 2) / count) as u8))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_seen_stays_and_the_rest_is_flat() {
        let mut data: Vec<[u8; 4]> = (0..20 * 9).map(|i| [i as u8, 7, 9, 0]).collect();
        data[8 * 20 + 9] = [10, 20, 30, 1];
        data[8 * 20 + 10] = [21, 40, 50, 255];
        let picture = Pixels { width: 20, height: 9, layout: Layout::Rgba, data: data.into_flattened() };
        let filled = filled(&picture);
        let at = |x: usize, y: usize| filled.data.as_chunks::<3>().0[y * 20 + x];
        assert_eq!((filled.layout, filled.data.len()), (Layout::Rgb, 20 * 9 * 3));
        assert_eq!((at(9, 8), at(10, 8)), ([10, 20, 30], [21, 40, 50]));
        assert_eq!((at(0, 0), at(19, 7), at(7, 8)), (GRAY, GRAY, GRAY));
        assert_eq!(
            (at(8, 8), at(15, 8), at(16, 8), at(19, 8)),
            ([16, 30, 40], [16, 30, 40], [16, 30, 40], [16, 30, 40])
        );
    }
}
