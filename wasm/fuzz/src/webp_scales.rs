use super::LIMITS;
use super::jpeg_scales::at_all_scales;
use roundel::{Limits, Recipe, render_within};

/// A WebP file at every size of the boxes that its planes are averaged over, and in rows; then as far as it goes where it may be cut off.
pub fn webp_scales(data: &[u8]) {
    if !data.starts_with(b"RIFF") || data.get(8..12) != Some(b"WEBP") {
        return;
    }
    at_all_scales(data);
    for side in [8, 96] {
        let recipe = Recipe { width: side, height: side, ..Recipe::default() };
        // Cut to half, most have lost pixels.
        for part in [data, &data[..data.len() / 2]] {
            let _ = render_within(part, &recipe, &Limits { allow_truncated: true, ..LIMITS });
        }
    }
}
