//! Moving pixels into the orientation in which a person sees them.

use crate::Orientation;
use crate::pixels::Pixels;

pub(super) fn orient(pixels: Pixels, orientation: Orientation) -> Pixels {
    if orientation == Orientation::UPRIGHT {
        return pixels;
    }
    let (mirror_x, mirror_y) = orientation.mirrors();
    let channels = pixels.layout.channels();
    let stored_row = pixels.width * channels;
    let (width, height) =
        if orientation.swaps_sides() { (pixels.height, pixels.width) } else { (pixels.width, pixels.height) };
    let mut data = Vec::with_capacity(pixels.data.len());
    for y in 0..height {
        let y = if mirror_y { height - 1 - y } else { y };
        for x in 0..width {
            let x = if mirror_x { width - 1 - x } else { x };
            let (column, row) = if orientation.swaps_sides() { (y, x) } else { (x, y) };
            let at = row * stored_row + column * channels;
            data.extend_from_slice(&pixels.data[at..at + channels]);
        }
    }
    Pixels { width, height, layout: pixels.layout, data }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transform::numbered;

    fn corners(exif: u16) -> [[u8; 2]; 3] {
        let turned = orient(numbered(3, 2), Orientation::from_exif(exif).unwrap());
        let at = |x: usize, y: usize| {
            let i = (y * turned.width + x) * 3;
            [turned.data[i], turned.data[i + 1]]
        };
        [at(0, 0), at(turned.width - 1, 0), at(0, turned.height - 1)]
    }

    // The tag's own definition: which stored side is the visual top, and which the visual left.
    #[test]
    fn each_exif_number_shows_the_corners_that_the_standard_says() {
        assert_eq!(corners(1), [[0, 0], [2, 0], [0, 1]]);
        assert_eq!(corners(2), [[2, 0], [0, 0], [2, 1]]);
        assert_eq!(corners(3), [[2, 1], [0, 1], [2, 0]]);
        assert_eq!(corners(4), [[0, 1], [2, 1], [0, 0]]);
        assert_eq!(corners(5), [[0, 0], [0, 1], [2, 0]]);
        assert_eq!(corners(6), [[0, 1], [0, 0], [2, 1]]);
        assert_eq!(corners(7), [[2, 1], [2, 0], [0, 1]]);
        assert_eq!(corners(8), [[2, 0], [2, 1], [0, 0]]);
    }
}
