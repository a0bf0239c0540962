//! What of a frame has to be stored, given what is shown before it.

use crate::pixels::{Layout, Pixels};

/// In pixels; left and top are even, as the format has them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rectangle {
    pub(super) left: usize,
    pub(super) top: usize,
    pub(super) width: usize,
    pub(super) height: usize,
}

impl Rectangle {
    pub(super) fn whole(pixels: &Pixels) -> Self {
        Self { left: 0, top: 0, width: pixels.width, height: pixels.height }
    }

    /// The part of a picture that lies in it.
    pub(super) fn cut(self, pixels: &Pixels) -> Pixels {
        let Self { left, top, width, height } = self;
        let channels = pixels.layout.channels();
        let rows = pixels.rows().skip(top).take(height);
        let parts = rows.filter_map(|row| row.get(left * channels..(left + width) * channels));
        Pixels { width, height, layout: pixels.layout, data: parts.flatten().copied().collect() }
    }

    /// Puts a part back where it lies.
    pub(super) fn put(self, part: &Pixels, on: &mut Pixels) {
        let Self { left, top, width, .. } = self;
        let channels = on.layout.channels();
        let rows = on.data.chunks_exact_mut((on.width * channels).max(1)).skip(top);
        for (row, part) in rows.zip(part.rows()) {
            if let Some(place) = row.get_mut(left * channels..(left + width) * channels) {
                place.copy_from_slice(part);
            }
        }
    }
}

/// How far the samples of a pixel may be from those that are shown and still count as the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tolerance(u8);

impl Tolerance {
    /// None where the picture is lossless; else less than what the quality itself costs: 4 at 80, 10 at 50.
    pub(super) fn of_quality(quality: u8) -> Self {
        Self(100_u8.saturating_sub(quality) / 5)
    }

    /// Alpha is exact in any case; of what is transparent the colour is not seen.
    fn is_same(self, shown: &[u8], wanted: &[u8]) -> bool {
        match (shown, wanted) {
            ([.., 0], [_, _, _, 0]) if wanted.len() == 4 => true,
            ([r, g, b, alpha @ ..], [s, h, c, other @ ..]) => {
                alpha == other && [(r, s), (g, h), (b, c)].into_iter().all(|(a, b)| a.abs_diff(*b) <= self.0)
            }
            _ => false,
        }
    }
}

/// The rectangle that everything lies in that differs, widened to even places; `None`: nothing does.
pub(super) fn changed(shown: &Pixels, wanted: &Pixels, tolerance: Tolerance) -> Option<Rectangle> {
    let channels = wanted.layout.channels();
    let (mut left, mut right, mut top, mut bottom) = (usize::MAX, 0, usize::MAX, 0);
    for (y, (old, new)) in shown.rows().zip(wanted.rows()).enumerate() {
        if old == new {
            continue;
        }
        let pixels = || old.chunks_exact(channels).zip(new.chunks_exact(channels));
        let differ = |(old, new)| !tolerance.is_same(old, new);
        let Some(first) = pixels().position(differ) else { continue };
        let last = pixels().rposition(differ).unwrap_or(first);
        (left, right) = (left.min(first), right.max(last + 1));
        (top, bottom) = (top.min(y), y + 1);
    }
    (top < bottom).then(|| {
        let (left, top) = (left - left % 2, top - top % 2);
        Rectangle { left, top, width: right - left, height: bottom - top }
    })
}

/// What to lay over what is shown, so that `wanted` is to be seen: `wanted` with nothing where it is the same already. `None`: laid over
/// it would come out differently, since a translucent pixel would mix with one that is there.
///
/// `side`: of the blocks that are stored whole or not at all, in pixels. Within a stored block a translucent pixel that is the same is left out.
pub(super) fn laid_over(
    shown: &Pixels,
    wanted: &Pixels,
    tolerance: Tolerance,
    side: usize,
) -> Option<Overlay> {
    let channels = wanted.layout.channels();
    let (width, height) = (wanted.width, wanted.height);
    let blocks = width.div_ceil(side);
    let mut differs = vec![false; blocks * height.div_ceil(side)];
    let pairs = || shown.data.chunks_exact(channels).zip(wanted.data.chunks_exact(channels));
    let places = || (0..height).flat_map(|y| (0..width).map(move |x| y / side * blocks + x / side));
    for (block, (old, new)) in places().zip(pairs()) {
        if let Some(differs) = differs.get_mut(block) {
            *differs |= !tolerance.is_same(old, new);
        }
    }
    let mut data = Vec::with_capacity(width * height * 4);
    let mut kept = 0;
    for (block, (old, new)) in places().zip(pairs()) {
        let pixel = match *new {
            [r, g, b] => [r, g, b, 255],
            [r, g, b, alpha] => [r, g, b, alpha],
            _ => return None,
        };
        if differs.get(block) != Some(&true) {
            kept += 1;
            data.extend([0; 4]);
        } else if pixel[3] == 255 || matches!(old, [_, _, _, 0]) {
            data.extend(pixel);
        } else if tolerance.is_same(old, new) {
            data.extend([0; 4]);
        } else {
            return None;
        }
    }
    Some(Overlay { pixels: Pixels { width, height, layout: Layout::Rgba, data }, kept })
}

/// See [`laid_over`].
#[derive(Debug)]
pub(super) struct Overlay {
    pub(super) pixels: Pixels,
    /// How many pixels lie in blocks that are not stored.
    pub(super) kept: usize,
}

impl Overlay {
    /// What is shown with it on top, as far as the encoder meant it.
    pub(super) fn over(&self, mut shown: Pixels, wanted: &Pixels) -> Pixels {
        let channels = shown.layout.channels();
        let pixels = shown.data.chunks_exact_mut(channels).zip(wanted.data.chunks_exact(channels));
        for ((shown, wanted), [.., alpha]) in pixels.zip(self.pixels.data.as_chunks::<4>().0) {
            if *alpha != 0 {
                shown.copy_from_slice(wanted);
            }
        }
        shown
    }
}

/// Whether a picture is drawn rather than photographed: at least half of its pixels are as the one before them. Only then lossless coding
/// has a chance to be shorter.
pub(super) fn is_flat(pixels: &Pixels) -> bool {
    let channels = pixels.layout.channels();
    let all = || pixels.data.chunks_exact(channels);
    let same = all().zip(all().skip(1)).filter(|(one, next)| one == next).count();
    same * 2 >= pixels.width * pixels.height
}
