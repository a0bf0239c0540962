//! What goes above or below a capital.

use crate::default_picture::path::{Step, a, c, l, m};

/// An accent or the like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::default_picture) enum Mark {
    Grave,
    Acute,
    DoubleAcute,
    Circumflex,
    Caron,
    Tilde,
    Diaeresis,
    Ring,
    Breve,
    Macron,
    DotAbove,
    HookAbove,
    Cedilla,
    CommaBelow,
    DotBelow,
    Ogonek,
}

impl Mark {
    pub(in crate::default_picture) fn is_below(self) -> bool {
        matches!(self, Self::Cedilla | Self::CommaBelow | Self::DotBelow | Self::Ogonek)
    }

    /// How wide the stroke is, in hundredths of that of the letters. Dots have to be larger to look the same.
    pub(in crate::default_picture) fn weight(self) -> i64 {
        match self {
            Self::Diaeresis | Self::DotAbove | Self::DotBelow => 108,
            _ => 86,
        }
    }

    /// The drawing, y as in the letters, x from the middle of the letter, or from its right edge where it hangs there.
    pub(in crate::default_picture) fn drawing(self) -> &'static [Step] {
        match self {
            Self::Grave => const { &[m(-75, -255), l(30, -170)] },
            Self::Acute => const { &[m(75, -255), l(-30, -170)] },
            Self::DoubleAcute => const { &[m(-25, -255), l(-110, -170), m(150, -255), l(65, -170)] },
            Self::Circumflex => const { &[m(-115, -165), l(0, -255), l(115, -165)] },
            Self::Caron => const { &[m(-115, -255), l(0, -165), l(115, -255)] },
            Self::Tilde => {
                const { &[m(-140, -180), c(-95, -260, -50, -245, 0, -212), c(50, -180, 95, -165, 140, -245)] }
            }
            Self::Diaeresis => const { &[m(-112, -205), m(112, -205)] },
            Self::Ring => const { &[a(0, -215, 76, 76, 0, 360)] },
            Self::Breve => const { &[a(0, -262, 115, 95, 172, 8)] },
            Self::Macron => const { &[m(-125, -200), l(125, -200)] },
            Self::DotAbove => const { &[m(0, -205)] },
            Self::HookAbove => const { &[a(0, -255, 58, 48, -170, 70), l(5, -165)] },
            Self::Cedilla => const { &[m(10, 620), l(-15, 680), a(-5, 735, 70, 55, -90, 130)] },
            Self::CommaBelow => const { &[m(22, 745), l(-25, 825)] },
            Self::DotBelow => const { &[m(0, 770)] },
            Self::Ogonek => const { &[m(-10, 610), c(-75, 660, -85, 760, 20, 760)] },
        }
    }
}
