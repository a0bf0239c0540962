//! Placing a picture on a larger canvas.

use crate::pixels::{Layout, Pixels};

/// Centres the picture on a canvas of `size` pixels; an odd pixel goes to the right and the bottom. What stays free is
/// transparent where `transparent` allows it, else `background`.
pub(super) fn place(pixels: Pixels, size: (u32, u32), transparent: bool, background: [u8; 3]) -> Pixels {
    let (width, height) = (size.0 as usize, size.1 as usize);
    if (pixels.width, pixels.height) == (width, height) {
        return pixels;
    }
    let [r, g, b] = background;
    let (pixels, layout) =
        if transparent { (with_alpha(pixels), Layout::Rgba) } else { (pixels, Layout::Rgb) };
    let fill: &[u8] = if transparent { &[0; 4] } else { &[r, g, b] };
    let channels = layout.channels();

    let mut data = fill.repeat(width * height);
    let left = width.saturating_sub(pixels.width) / 2;
    let top = height.saturating_sub(pixels.height) / 2;
    let canvas_rows = data.chunks_exact_mut(width * channels).skip(top);
    for (canvas_row, row) in canvas_rows.zip(pixels.rows()) {
        if let Some(target) = canvas_row.get_mut(left * channels..).and_then(|rest| rest.get_mut(..row.len()))
        {
            target.copy_from_slice(row);
        }
    }
    Pixels { width, height, layout, data }
}

fn with_alpha(pixels: Pixels) -> Pixels {
    if pixels.layout == Layout::Rgba {
        return pixels;
    }
    let (opaque, _) = pixels.data.as_chunks::<3>();
    let mut data = Vec::with_capacity(opaque.len() * 4);
    for &[r, g, b] in opaque {
        data.extend([r, g, b, 255]);
    }
    Pixels { layout: Layout::Rgba, data, ..pixels }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transform::numbered;

    #[test]
    fn the_picture_is_centred() {
        let placed = place(numbered(2, 1), (5, 3), false, [9, 9, 9]);
        let red: Vec<u8> = placed.data.as_chunks::<3>().0.iter().map(|p| p[0]).collect();
        assert_eq!(red, [9, 9, 9, 9, 9, 9, 0, 1, 9, 9, 9, 9, 9, 9, 9]);
    }

    #[test]
    fn what_stays_free_is_transparent_where_it_can_be() {
        let placed = place(numbered(1, 1), (1, 2), true, [9, 9, 9]);
        assert_eq!((placed.layout, placed.data), (Layout::Rgba, vec![0, 0, 0, 255, 0, 0, 0, 0]));
    }
}
