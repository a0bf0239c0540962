//! Whose picture, and which kind of picture.

use crate::default_picture::Fallback;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A kind of picture that a person has one of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Kind {
    /// Square.
    Avatar,
    /// Three times as wide as high.
    Banner,
}

/// What is particular to a kind; all else is the same for every kind.
struct Traits {
    folder: &'static str,
    width_parameter: &'static str,
    widths: &'static [u16],
    default_width: u16,
    aspect: u16,
    fallback: Fallback,
    keeps_animations: bool,
}

const AVATAR: Traits = Traits {
    folder: "avatars",
    width_parameter: "size",
    widths: &[32, 48, 64, 96, 128, 192, 256, 384, 512, 1024],
    default_width: 256,
    aspect: 1,
    fallback: Fallback::Initials,
    keeps_animations: true,
};

const BANNER: Traits = Traits {
    folder: "banners",
    width_parameter: "width",
    widths: &[640, 960, 1280, 1500, 1920],
    default_width: 1500,
    aspect: 3,
    // A page without a banner is a page; a pattern across it would be noise.
    fallback: Fallback::NotFound,
    // Half a screen that moves above all that is to be read, and ten times the work of an avatar.
    keeps_animations: false,
};

impl Kind {
    pub(crate) const ALL: [Self; 2] = [Self::Avatar, Self::Banner];

    const fn traits(self) -> &'static Traits {
        match self {
            Self::Avatar => &AVATAR,
            Self::Banner => &BANNER,
        }
    }

    /// The first segment of object keys and of paths.
    pub(crate) const fn folder(self) -> &'static str {
        self.traits().folder
    }

    /// The member of a query that chooses the width.
    pub(crate) const fn width_parameter(self) -> &'static str {
        self.traits().width_parameter
    }

    /// The widths that it is served in, ascending, in pixels.
    pub(crate) const fn widths(self) -> &'static [u16] {
        self.traits().widths
    }

    /// The width that is served where none is asked for, in pixels.
    pub(crate) const fn default_width(self) -> u16 {
        self.traits().default_width
    }

    /// How many times its height the width is.
    pub(crate) const fn aspect(self) -> u16 {
        self.traits().aspect
    }

    /// What is served where there is no picture, unless the request says something else.
    pub(crate) const fn fallback(self) -> Fallback {
        self.traits().fallback
    }

    /// Whether an animation goes on moving, or its first frame is the picture.
    pub(crate) const fn keeps_animations(self) -> bool {
        self.traits().keeps_animations
    }

    /// The kind whose folder this is.
    pub(crate) fn from_folder(folder: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.folder() == folder)
    }
}

/// A user's identifier as the issuer gives it (`sub`), checked: 1 to 128 of `A-Z a-z 0-9 _ -`.
///
/// It becomes part of object keys and paths, which is why nothing else is let in.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Subject(String);

impl Subject {
    /// Longest subject, in bytes.
    const MAX_BYTES: usize = 128;

    pub(crate) fn new(text: &str) -> Option<Self> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        ((1..=Self::MAX_BYTES).contains(&text.len()) && text.bytes().all(allowed))
            .then(|| Self(text.to_owned()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Says that there is one, not which: it identifies a person.
impl fmt::Debug for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Subject(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_cannot_leave_its_folder() {
        for text in ["", ".", "..", "a/b", "a.b", "a b", "a%2fb", "ä", "a\n", &"x".repeat(129)] {
            assert!(Subject::new(text).is_none(), "{text:?}");
        }
        for text in ["a", "A-z_0", "5f0c1f7e-3a52-4b44-9d59-0f6a5d2c9a10", &"x".repeat(128)] {
            assert!(Subject::new(text).is_some(), "{text:?}");
        }
    }
}
