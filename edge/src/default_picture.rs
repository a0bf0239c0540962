//! What is served for a person who has no picture.

use crate::kind::Subject;
use crate::variant::{ServedFormat, Size};
use roundel::{DefaultPicture, DefaultPictureKind};
use sha2::{Digest, Sha256};

/// Raised with every change of how default pictures look, so that clients do not keep the old ones: part of their entity tags
/// and of their keys in the cache. A test holds pictures against it.
const REVISION: u32 = 2;

/// At this quality WebP is lossless, which suits flat colours: a 40th of the time of lossy WebP at 1024 pixels, less than PNG, and no blur at the edges.
const LOSSLESS: u8 = 100;

/// Hexadecimal digits of a name's SHA-256 that tell its pictures from those of a person's other names.
const NAME_DIGITS: usize = 16;

/// `?d=`: what is wanted where there is no picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fallback {
    /// `initials`
    Initials,
    /// `identicon`
    Identicon,
    /// `404`: nothing, and to be told so.
    NotFound,
}

impl Fallback {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        match text {
            "initials" => Some(Self::Initials),
            "identicon" => Some(Self::Identicon),
            "404" => Some(Self::NotFound),
            _ => None,
        }
    }

    /// The picture that it stands for. `None`: there is to be none.
    pub(crate) fn picture(self, size: Size, format: ServedFormat) -> Option<DefaultImage> {
        let kind = match self {
            Self::Initials => DefaultPictureKind::Initials,
            Self::Identicon => DefaultPictureKind::Identicon,
            Self::NotFound => return None,
        };
        Some(DefaultImage { kind, size, format, display_name: String::new() })
    }
}

/// A default picture file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DefaultImage {
    kind: DefaultPictureKind,
    pub(crate) size: Size,
    pub(crate) format: ServedFormat,
    /// What initials are taken from. Empty: it is not known, or makes no difference.
    display_name: String,
}

impl DefaultImage {
    /// Whether the person's name decides how it looks.
    pub(crate) fn shows_name(&self) -> bool {
        self.kind == DefaultPictureKind::Initials
    }

    /// The same for a person of this name.
    pub(crate) fn of_name(self, display_name: String) -> Self {
        if self.shows_name() { Self { display_name, ..self } } else { self }
    }

    /// `<kind>-<revision>-<size>`, and where a name is known a digest of it: with person and format all that decides its bytes.
    pub(crate) fn file_stem(&self) -> String {
        let kind = match self.kind {
            DefaultPictureKind::Initials => "initials",
            DefaultPictureKind::Identicon => "identicon",
        };
        let stem = format!("{kind}-{REVISION}-{}", self.size);
        if self.display_name.is_empty() {
            return stem;
        }
        let mut digest = hex::encode(Sha256::digest(&self.display_name));
        digest.truncate(NAME_DIGITS);
        format!("{stem}-{digest}")
    }

    /// The strong entity tag, with its quotes.
    pub(crate) fn etag(&self) -> String {
        format!("\"{}-{}\"", self.file_stem(), self.format.extension())
    }

    /// Paints and encodes it. The subject gives the colours and the pattern, the display name the initials. Letters of an identifier mean
    /// nothing to anybody: where no name is known, initials are head and shoulders.
    ///
    /// # Errors
    ///
    /// No memory.
    pub(crate) fn render(&self, subject: &Subject) -> Result<Vec<u8>, roundel::Error> {
        let usual = DefaultPicture::default();
        let options = DefaultPicture {
            kind: self.kind,
            name: self.display_name.clone(),
            seed: subject.as_str().to_owned(),
            width: self.size.width().into(),
            height: self.size.height().into(),
            format: self.format.output(),
            quality: if self.format == ServedFormat::Webp { LOSSLESS } else { usual.quality },
        };
        Ok(roundel::default_picture(&options)?.bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::Kind;
    use sha2::{Digest, Sha256};

    fn image(d: &str, format: ServedFormat) -> DefaultImage {
        let size = Size::parse(Kind::Avatar, "64").unwrap();
        Fallback::parse(d).and_then(|fallback| fallback.picture(size, format)).unwrap()
    }

    #[test]
    fn only_the_words_of_the_contract_are_known() {
        for text in ["", "Initials", "identicon ", "404 ", "retro", "mp", "https://example.com/a.png", "0"] {
            assert_eq!(Fallback::parse(text), None, "{text:?}");
        }
        let size = Size::parse(Kind::Avatar, "64").unwrap();
        assert_eq!(Fallback::NotFound.picture(size, ServedFormat::Png), None);
        assert_eq!(image("identicon", ServedFormat::Webp).etag(), "\"identicon-2-64-webp\"");
    }

    #[test]
    fn a_name_changes_initials_and_their_tag_and_no_pattern() {
        let subject = Subject::new("user-1").unwrap();
        let of = |d: &str, name: &str| {
            let image = image(d, ServedFormat::Png).of_name(name.to_owned());
            (image.etag(), image.render(&subject).unwrap())
        };
        let (unnamed, ada, eve) = (of("initials", ""), of("initials", "Ada Lovelace"), of("initials", "Eve"));
        assert_eq!(
            (unnamed.0.as_str(), ada.0.as_str()),
            ("\"initials-2-64-png\"", "\"initials-2-64-7674021617159190-png\"")
        );
        assert!(unnamed.0 != ada.0 && ada.0 != eve.0 && unnamed.1 != ada.1 && ada.1 != eve.1);
        assert_eq!(of("identicon", "Ada"), of("identicon", ""));
        assert!(
            image("initials", ServedFormat::Png).shows_name()
                && !image("identicon", ServedFormat::Png).shows_name()
        );
    }

    /// If this fails because default pictures are meant to look different, raise `REVISION` with it.
    #[test]
    fn the_revision_stands_for_these_bytes() {
        let subject = Subject::new("user-1").unwrap();
        let mut digest = Sha256::new();
        for d in ["initials", "identicon"] {
            for format in ServedFormat::ALL {
                digest.update(image(d, format).render(&subject).unwrap());
            }
        }
        let digest = hex::encode(digest.finalize());
        assert_eq!((REVISION, &digest[..16]), (2, "6a2ea78fb13e910c"));
    }
}
