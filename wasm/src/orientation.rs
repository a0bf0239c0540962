//! The eight ways a picture can lie, and how they combine.

/// One of the eight symmetries of a rectangle, numbered as the EXIF `Orientation` tag numbers them
/// (CIPA DC-008 Exif 2.32, tag 0x0112). It says how stored pixels are to be moved so that a person sees them upright.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Orientation {
    /// Exchange rows and columns first.
    transpose: bool,
    /// Then mirror left to right.
    mirror_x: bool,
    /// Then mirror top to bottom.
    mirror_y: bool,
}

impl Orientation {
    /// Stored upright.
    pub const UPRIGHT: Self = Self { transpose: false, mirror_x: false, mirror_y: false };
    const MIRROR: Self = Self { transpose: false, mirror_x: true, mirror_y: false };
    const QUARTER_TURN: Self = Self { transpose: true, mirror_x: true, mirror_y: false };

    /// The orientation with this EXIF number; `None` outside 1..=8.
    ///
    /// ```
    /// assert_eq!(roundel::Orientation::from_exif(6).unwrap().exif(), 6);
    /// assert_eq!(roundel::Orientation::from_exif(9), None);
    /// ```
    #[must_use]
    pub fn from_exif(number: u16) -> Option<Self> {
        let (transpose, mirror_x, mirror_y) = match number {
            1 => (false, false, false),
            2 => (false, true, false),
            3 => (false, true, true),
            4 => (false, false, true),
            5 => (true, false, false),
            6 => (true, true, false),
            7 => (true, true, true),
            8 => (true, false, true),
            _ => return None,
        };
        Some(Self { transpose, mirror_x, mirror_y })
    }

    /// The EXIF number, 1..=8.
    #[must_use]
    pub fn exif(self) -> u8 {
        match (self.transpose, self.mirror_x, self.mirror_y) {
            (false, false, false) => 1,
            (false, true, false) => 2,
            (false, true, true) => 3,
            (false, false, true) => 4,
            (true, false, false) => 5,
            (true, true, false) => 6,
            (true, true, true) => 7,
            (true, false, true) => 8,
        }
    }

    /// A clockwise turn by 0, 90, 180 or 270 degrees and then, if `flip`, a mirroring left to right.
    pub(crate) fn from_turn(degrees: u16, flip: bool) -> Self {
        let quarter_turns = usize::from(degrees / 90 % 4);
        let turned = std::iter::repeat_n(Self::QUARTER_TURN, quarter_turns).fold(Self::UPRIGHT, Self::then);
        if flip { turned.then(Self::MIRROR) } else { turned }
    }

    /// First `self`, then `next`, as one.
    #[must_use]
    pub fn then(self, next: Self) -> Self {
        // A transposition after a mirroring is the other mirroring after the transposition.
        let (x, y) =
            if next.transpose { (self.mirror_y, self.mirror_x) } else { (self.mirror_x, self.mirror_y) };
        Self {
            transpose: self.transpose ^ next.transpose,
            mirror_x: x ^ next.mirror_x,
            mirror_y: y ^ next.mirror_y,
        }
    }

    /// Whether width and height change places.
    #[must_use]
    pub fn swaps_sides(self) -> bool {
        self.transpose
    }

    /// Width and height as a person sees them, from those stored, or the other way round. Pixels.
    #[must_use]
    pub fn size_seen(self, (width, height): (u32, u32)) -> (u32, u32) {
        if self.transpose { (height, width) } else { (width, height) }
    }

    /// Whether positions along the axis that a person sees as (horizontal, vertical) run backwards.
    pub(crate) fn mirrors(self) -> (bool, bool) {
        (self.mirror_x, self.mirror_y)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> impl Iterator<Item = Orientation> {
        (1..=8).map(|n| Orientation::from_exif(n).unwrap())
    }

    #[test]
    fn numbers_go_there_and_back() {
        assert!((1..=8).all(|n| Orientation::from_exif(n).unwrap().exif() == u8::try_from(n).unwrap()));
        assert_eq!((Orientation::from_exif(0), Orientation::from_exif(9)), (None, None));
    }

    #[test]
    fn turns_are_the_exif_ones() {
        let numbers = [0, 90, 180, 270].map(|d| Orientation::from_turn(d, false).exif());
        assert_eq!(numbers, [1, 6, 3, 8]);
        assert_eq!(Orientation::from_turn(0, true).exif(), 2);
        assert_eq!(Orientation::from_turn(90, true).exif(), 5);
    }

    #[test]
    fn combining_is_a_group() {
        for a in all() {
            assert_eq!(a.then(Orientation::UPRIGHT), a);
            assert_eq!(Orientation::UPRIGHT.then(a), a);
            assert_eq!(all().filter(|b| a.then(*b) == Orientation::UPRIGHT).count(), 1);
            for b in all() {
                for c in all() {
                    assert_eq!(a.then(b).then(c), a.then(b.then(c)));
                }
            }
        }
    }
}
