//! What is to be seen while the file is shown, and what of the next frame differs from it.

use super::histogram::colors;
use super::palette::Palette;
use crate::pixels::Pixels;

/// A rectangle, in pixels; neither side is 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) left: usize,
    pub(super) top: usize,
    pub(super) width: usize,
    pub(super) height: usize,
}

impl Place {
    /// The least one with both in it.
    pub(super) fn and(self, other: Self) -> Self {
        let (left, top) = (self.left.min(other.left), self.top.min(other.top));
        let right = (self.left + self.width).max(other.left + other.width);
        let bottom = (self.top + self.height).max(other.top + other.height);
        Self { left, top, width: right - left, height: bottom - top }
    }

    fn contains(self, x: usize, y: usize) -> bool {
        (self.left..self.left + self.width).contains(&x) && (self.top..self.top + self.height).contains(&y)
    }

    /// What lies here, in a larger place; `free` all around.
    pub(super) fn within(self, larger: Self, indices: &[u8], free: u8) -> Vec<u8> {
        if self == larger {
            return indices.to_vec();
        }
        let mut all = vec![free; larger.width * larger.height];
        let rows = all.chunks_exact_mut(larger.width).skip(self.top - larger.top);
        for (row, part) in rows.zip(indices.chunks_exact(self.width)) {
            let start = self.left - larger.left;
            if let Some(place) = row.get_mut(start..start + self.width) {
                place.copy_from_slice(part);
            }
        }
        all
    }
}

/// What is shown, as it was meant: before its colours were taken from the palette.
#[derive(Debug)]
pub(super) struct Canvas {
    width: usize,
    height: usize,
    shown: Vec<Option<[u8; 3]>>,
    /// How far a sample may be off and still count as the same.
    tolerance: u8,
}

impl Canvas {
    pub(super) fn new(width: usize, height: usize, quality: u8) -> Self {
        Self {
            width,
            height,
            shown: vec![None; width * height],
            tolerance: 100_u8.saturating_sub(quality) / 5,
        }
    }

    pub(super) fn fits(&self, frame: &Pixels) -> bool {
        (self.width, self.height) == (frame.width, frame.height)
    }

    pub(super) fn size(&self) -> (usize, usize) {
        (self.width, self.height)
    }

    fn differs(&self, shown: Option<[u8; 3]>, wanted: Option<[u8; 3]>) -> bool {
        match (shown, wanted) {
            (_, None) => false,
            (None, Some(_)) => true,
            (Some(a), Some(b)) => a.iter().zip(b).any(|(a, b)| a.abs_diff(b) > self.tolerance),
        }
    }

    /// The least place with all pixels in it that are shown and are to vanish.
    pub(super) fn to_clear(&self, frame: &Pixels) -> Option<Place> {
        self.place_where(frame, |shown, wanted| shown.is_some() && wanted.is_none())
    }

    /// The least place with all pixels in it that are to be drawn.
    pub(super) fn change(&self, frame: &Pixels) -> Option<Place> {
        self.place_where(frame, |shown, wanted| self.differs(shown, wanted))
    }

    fn place_where(
        &self,
        frame: &Pixels,
        is_in: impl Fn(Option<[u8; 3]>, Option<[u8; 3]>) -> bool,
    ) -> Option<Place> {
        let (mut left, mut right, mut top, mut bottom) = (usize::MAX, 0, usize::MAX, 0);
        for (at, (shown, wanted)) in self.shown.iter().zip(colors(frame)).enumerate() {
            if is_in(*shown, wanted) {
                let (x, y) = (at % self.width, at / self.width);
                (left, right) = (left.min(x), right.max(x + 1));
                (top, bottom) = (top.min(y), y + 1);
            }
        }
        (top < bottom).then(|| Place { left, top, width: right - left, height: bottom - top })
    }

    /// What a disposed frame leaves: nothing.
    pub(super) fn cut_away(&mut self, place: Option<Place>) {
        let Some(place) = place else { return };
        for row in self.shown.chunks_exact_mut(self.width.max(1)).skip(place.top).take(place.height) {
            if let Some(row) = row.get_mut(place.left..place.left + place.width) {
                row.fill(None);
            }
        }
    }

    /// Draws what differs within a place; gives its indices. What stays is not drawn, where there is an index for that.
    pub(super) fn draw(
        &mut self,
        frame: &Pixels,
        place: Place,
        palette: &mut Palette,
        transparent: Option<u8>,
    ) -> Vec<u8> {
        let mut indices = Vec::with_capacity(place.width * place.height);
        for (at, wanted) in colors(frame).enumerate() {
            let (x, y) = (at % self.width, at / self.width);
            if !place.contains(x, y) {
                continue;
            }
            let shown = self.shown.get(at).copied().flatten();
            indices.push(match (wanted, transparent) {
                (Some(color), _) if self.differs(shown, wanted) || transparent.is_none() => {
                    if let Some(shown) = self.shown.get_mut(at) {
                        *shown = wanted;
                    }
                    palette.index(color, (x, y))
                }
                (_, Some(transparent)) => transparent,
                (_, None) => 0,
            });
        }
        indices
    }
}
