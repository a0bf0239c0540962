//! The sizes, formats and versions that a picture is served in.

use crate::kind::Kind;
use sha2::{Digest, Sha256};
use std::fmt;

/// A width that pictures of a kind are served in, with its height.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Size {
    width: u16,
    height: u16,
}

impl Size {
    fn with_width(kind: Kind, width: u16) -> Self {
        Self { width, height: height_for(kind, width.into()).try_into().unwrap_or(width) }
    }

    /// Every size of a kind, ascending.
    pub(crate) fn all(kind: Kind) -> impl Iterator<Item = Self> {
        kind.widths().iter().map(move |width| Self::with_width(kind, *width))
    }

    /// The size that a kind is served in where nothing else is said.
    pub(crate) fn default_of(kind: Kind) -> Self {
        Self::with_width(kind, kind.default_width())
    }

    /// The size whose width is written as plain decimal digits, if the kind is served in it.
    pub(crate) fn parse(kind: Kind, text: &str) -> Option<Self> {
        Self::all(kind).find(|size| size.width.to_string() == text)
    }

    /// In pixels.
    pub(crate) fn width(self) -> u16 {
        self.width
    }

    /// In pixels.
    pub(crate) fn height(self) -> u16 {
        self.height
    }
}

/// The height that a picture of this kind has at a width, rounded, at least 1.
pub(crate) fn height_for(kind: Kind, width: u32) -> u32 {
    let aspect = u32::from(kind.aspect());
    (width.saturating_add(aspect / 2) / aspect).max(1)
}

/// The width, which stands for both.
impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.width.fmt(f)
    }
}

/// A format that pictures are served in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ServedFormat {
    /// `.jpg`
    Jpg,
    /// `.png`
    Png,
    /// `.webp`
    Webp,
}

impl ServedFormat {
    /// Every format; the one that every client knows first.
    pub(crate) const ALL: [Self; 3] = [Self::Jpg, Self::Png, Self::Webp];
    /// The formats that masters are stored in.
    pub(crate) const OF_MASTERS: [Self; 2] = [Self::Jpg, Self::Png];

    pub(crate) fn from_extension(extension: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.extension() == extension)
    }

    pub(crate) fn extension(self) -> &'static str {
        match self {
            Self::Jpg => "jpg",
            Self::Png => "png",
            Self::Webp => "webp",
        }
    }

    pub(crate) fn output(self) -> roundel::OutputFormat {
        match self {
            Self::Jpg => roundel::OutputFormat::Jpeg,
            Self::Png => roundel::OutputFormat::Png,
            Self::Webp => roundel::OutputFormat::Webp,
        }
    }

    pub(crate) fn content_type(self) -> &'static str {
        self.output().content_type()
    }

    /// Whether animations are served in it. PNG would be ten times as large, and is what clients ask for that know nothing better.
    pub(crate) fn can_move(self) -> bool {
        self == Self::Webp
    }
}

/// The version of a picture: the first 16 hexadecimal digits of its master's SHA-256, or of one over both masters' where it moves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Version(String);

impl Version {
    const DIGITS: usize = 16;

    /// The version written as 16 lower-case hexadecimal digits.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        (text.len() == Self::DIGITS && text.bytes().all(is_digit)).then(|| Self(text.to_owned()))
    }

    /// The version of a master with this SHA-256.
    pub(crate) fn of(sha256: &[u8; 32]) -> Self {
        let mut digits = hex::encode(sha256);
        digits.truncate(Self::DIGITS);
        Self(digits)
    }

    /// The version of a picture that moves: of the digests of both its masters, since two animations may begin with the same frame.
    pub(crate) fn of_moving(still: &[u8; 32], animation: &[u8; 32]) -> Self {
        Self::of(&Sha256::new().chain_update(still).chain_update(animation).finalize().into())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether a picture or a file is animated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Motion {
    Rests,
    Moves,
}

/// One picture file: a version at a size in a format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Variant {
    pub(crate) version: Version,
    pub(crate) size: Size,
    pub(crate) format: ServedFormat,
    /// Its first frame alone. Said only of a version that moves, in a format that could move; or where nobody has looked yet.
    pub(crate) is_still: bool,
}

impl Variant {
    /// The strong entity tag, with its quotes. A still of a picture that moves has the same as one that never did: it is at another address, or
    /// `Vary` tells them apart.
    pub(crate) fn etag(&self, motion: Motion) -> String {
        let motion = match motion {
            Motion::Rests => "",
            Motion::Moves => "-animated",
        };
        format!("\"{}-{}{motion}-{}\"", self.version.as_str(), self.size, self.format.extension())
    }

    /// The same without motion.
    pub(crate) fn still(self) -> Self {
        Self { is_still: self.format.can_move(), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_those_of_the_list_as_plainly_written() {
        let parse = |text| Size::parse(Kind::Avatar, text);
        assert_eq!(parse("256").map(|size| (size.width(), size.height())), Some((256, 256)));
        for text in ["", "0", "255", "0256", "+256", "256 ", "256.0", "-1", "99999999999999999999"] {
            assert!(parse(text).is_none(), "{text:?}");
        }
    }

    #[test]
    fn a_banner_is_three_times_as_wide_as_high() {
        let sizes: Vec<_> = Size::all(Kind::Banner).map(|size| (size.width(), size.height())).collect();
        assert_eq!(sizes, [(640, 213), (960, 320), (1280, 427), (1500, 500), (1920, 640)]);
        assert_eq!(Size::parse(Kind::Banner, "256"), None);
        assert_eq!((height_for(Kind::Banner, 1), height_for(Kind::Banner, 100)), (1, 33));
        for kind in Kind::ALL {
            assert!(Size::all(kind).any(|size| size == Size::default_of(kind)), "{kind:?}");
        }
    }

    #[test]
    fn formats_go_by_their_extension_alone() {
        for format in ServedFormat::ALL {
            assert_eq!(ServedFormat::from_extension(format.extension()), Some(format));
        }
        for text in ["", "jpeg", "gif", "WEBP", "webp "] {
            assert_eq!(ServedFormat::from_extension(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_version_is_16_lower_case_digits() {
        assert!(Version::parse("0123456789abcdef").is_some());
        for text in ["", "0123456789ABCDEF", "0123456789abcde", "0123456789abcdef0", "0123456789abcdeg"] {
            assert!(Version::parse(text).is_none(), "{text:?}");
        }
        assert_eq!(Version::of(&[0xab; 32]).as_str(), "abababababababab");
    }
}
