//! bytes -> [`ImageInfo`]: what a file says of itself. Headers only, never pixels.

#[cfg(feature = "png")]
pub(crate) mod apng;
#[cfg(feature = "bmp")]
pub(crate) mod bmp;
mod brands;
mod exif;
#[cfg(feature = "gif")]
pub(crate) mod gif;
#[cfg(feature = "avif-heic-headers")]
mod isobmff;
pub(crate) mod jpeg;
#[cfg(feature = "png")]
pub(crate) mod png;
#[cfg_attr(
    not(all(feature = "bmp", feature = "gif", feature = "webp")),
    allow(dead_code, reason = "each format reads numbers of its own kinds")
)]
pub(crate) mod reader;
#[cfg(feature = "webp")]
pub(crate) mod webp;

use crate::color::Profile;
use crate::{Error, Orientation};
pub(crate) use brands::refuse;
use std::fmt;

/// The picture formats that are told apart by their first bytes. AVIF and HEIC can only be inspected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// ITU-T T.81.
    Jpeg,
    /// W3C PNG, third edition.
    Png,
    /// RFC 9649.
    Webp,
    /// GIF87a and GIF89a.
    Gif,
    /// Windows bitmap.
    Bmp,
    /// AV1 still pictures in HEIF.
    Avif,
    /// HEVC still pictures in HEIF.
    Heic,
}

impl Format {
    /// The lower-case name, as in `ImageInfo.format` of the npm package.
    ///
    /// ```
    /// assert_eq!(roundel::Format::Jpeg.name(), "jpeg");
    /// ```
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Jpeg => "jpeg",
            Self::Png => "png",
            Self::Webp => "webp",
            Self::Gif => "gif",
            Self::Bmp => "bmp",
            Self::Avif => "avif",
            Self::Heic => "heic",
        }
    }

    /// What the first bytes look like. `None`: no picture format that Roundel knows.
    ///
    /// ```
    /// use roundel::Format;
    /// assert_eq!(Format::sniff(b"\xff\xd8\xff\xe0"), Some(Format::Jpeg));
    /// assert_eq!(Format::sniff(b"<svg>"), None);
    /// ```
    #[must_use]
    pub fn sniff(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0xff, 0xd8, 0xff, ..] => Some(Self::Jpeg),
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(Self::Png),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Self::Webp),
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(Self::Gif),
            [b'B', b'M', _, _, _, _, 0, 0, 0, 0, ..] => Some(Self::Bmp),
            [_, _, _, _, b'f', b't', b'y', b'p', ..] => brands::by_brands(bytes),
            _ => None,
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Jpeg => "JPEG",
            Self::Png => "PNG",
            Self::Webp => "WebP",
            Self::Gif => "GIF",
            Self::Bmp => "BMP",
            Self::Avif => "AVIF",
            Self::Heic => "HEIC",
        })
    }
}

/// What the samples of a file mean, as far as the file says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ColorSpace {
    /// IEC 61966-2-1, or nothing said.
    Srgb,
    /// Display P3.
    DisplayP3,
    /// Adobe RGB (1998).
    AdobeRgb,
    /// One channel of luminance.
    Gray,
    /// Four inks.
    Cmyk,
    /// An embedded profile of another kind.
    Other,
}

impl ColorSpace {
    /// The name as in `ImageInfo.colorSpace` of the npm package.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Srgb => "srgb",
            Self::DisplayP3 => "display-p3",
            Self::AdobeRgb => "adobe-rgb",
            Self::Gray => "gray",
            Self::Cmyk => "cmyk",
            Self::Other => "other",
        }
    }
}

/// What a file says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ImageInfo {
    /// The format by content; the name of the file plays no part.
    pub format: Format,
    /// Width in pixels as a person sees the picture, after orientation.
    pub width: u32,
    /// Height in pixels as a person sees the picture, after orientation.
    pub height: u32,
    /// How the stored pixels are to be moved.
    pub orientation: Orientation,
    /// Whether any pixel can be transparent.
    pub has_alpha: bool,
    /// Frames of the animation; 1 for a still.
    pub frames: u32,
    /// What the samples mean.
    pub color_space: ColorSpace,
    /// Whether there is EXIF, XMP, IPTC, a comment, text, a time or bytes after the end.
    pub has_metadata: bool,
}

/// Reads what a picture file says of itself, without decoding a pixel.
///
/// # Errors
///
/// [`Error::UnsupportedFormat`] where the bytes are no picture, or of a kind that is not read (arithmetic coding, say, or a format whose
/// feature the build goes without);
/// [`Error::Truncated`] where the file ends before its size is known; [`Error::Malformed`] where it contradicts its format.
///
/// ```
/// let info = roundel::inspect(include_bytes!("../../tests/fixtures/portrait.jpg"))?;
/// assert_eq!((info.width, info.height, info.orientation.exif()), (480, 640, 6));
/// # Ok::<(), roundel::Error>(())
/// ```
pub fn inspect(bytes: &[u8]) -> Result<ImageInfo, Error> {
    Ok(survey(bytes, Depth::Everything)?.info)
}

/// [`ImageInfo`] and what only the rest of the crate needs to know.
#[derive(Debug, Clone)]
pub(crate) struct Survey {
    pub(crate) info: ImageInfo,
    /// Whether the file has the end that its format asks for.
    pub(crate) complete: bool,
    pub(crate) coding: Coding,
    /// What the colours are converted from; `None`: they are sRGB, or grey, or nothing is said.
    pub(crate) profile: Option<Profile>,
}

/// What decoding will cost, as far as the headers tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Coding {
    /// Planes at scales of the plan's choice.
    Jpeg(jpeg::Shape),
    /// Lossy WebP without alpha: bytes of memory that decoding takes, in planes or in rows.
    #[cfg_attr(not(feature = "webp"), allow(dead_code, reason = "WebP alone is coded so"))]
    Vp8 { decoder_bytes: u64 },
    /// The whole picture: bytes of memory that it takes at its peak, beyond the input; the decoded pixels are among them.
    Whole { decoder_bytes: u64 },
}

/// How much of a file is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Depth {
    /// All that it says of itself.
    Everything,
    /// What matters for its pixels; whether there is metadata may be left open.
    Pixels,
}

pub(crate) fn survey(bytes: &[u8], depth: Depth) -> Result<Survey, Error> {
    match Format::sniff(bytes) {
        Some(Format::Jpeg) => jpeg::survey(bytes, depth),
        #[cfg(feature = "png")]
        Some(Format::Png) => png::survey(bytes),
        #[cfg(feature = "webp")]
        Some(Format::Webp) => webp::survey(bytes),
        #[cfg(feature = "gif")]
        Some(Format::Gif) => gif::survey(bytes),
        #[cfg(feature = "bmp")]
        Some(Format::Bmp) => bmp::survey(bytes),
        #[cfg(feature = "avif-heic-headers")]
        Some(format @ (Format::Avif | Format::Heic)) => isobmff::survey(bytes, format),
        #[allow(unreachable_patterns, reason = "every format but JPEG can be left out")]
        Some(format) => Err(not_read(format)),
        None if bytes.is_empty() => Err(Error::UnsupportedFormat { format: None, detail: "it is empty" }),
        None => Err(Error::UnsupportedFormat {
            format: None,
            detail: "its first bytes are those of no known format",
        }),
    }
}

/// Of a format that is known by its first bytes only.
#[allow(dead_code, reason = "every format but JPEG can be left out")]
fn not_read(format: Format) -> Error {
    let browsers_only = refuse(format).err();
    browsers_only.unwrap_or(Error::UnsupportedFormat {
        format: Some(format),
        detail: "this build does not read the format",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_told_by_their_first_bytes() {
        // Those that the build does not read are refused by name.
        let read = |is_read| if is_read { "truncated" } else { "unsupported_format" };
        let heif = read(cfg!(feature = "avif-heic-headers"));
        let cases: [(&[u8], Option<Format>, &str); 9] = [
            (b"RIFF\x10\0\0\0WEBPVP8 ", Some(Format::Webp), read(cfg!(feature = "webp"))),
            (b"GIF89a", Some(Format::Gif), read(cfg!(feature = "gif"))),
            (b"GIF87a", Some(Format::Gif), read(cfg!(feature = "gif"))),
            (b"BM\x46\0\0\0\0\0\0\0\x36\0\0\0", Some(Format::Bmp), read(cfg!(feature = "bmp"))),
            (b"\0\0\0\x1cftypavif\0\0\0\0", Some(Format::Avif), heif),
            (b"\0\0\0\x18ftypheic\0\0\0\0", Some(Format::Heic), heif),
            (b"\0\0\0\x18ftypmp42", None, "unsupported_format"),
            (b"\0\0\0\x18ftyp", None, "unsupported_format"),
            (b"%PDF-1.7", None, "unsupported_format"),
        ];
        for (bytes, format, code) in cases {
            assert_eq!(Format::sniff(bytes), format, "{bytes:?}");
            let error = inspect(bytes).unwrap_err();
            assert_eq!(error.code(), code, "{bytes:?}");
            if let Some(format) = format {
                assert!(error.to_string().contains(&format!("{format} file")), "{error}");
            }
        }
    }

    #[test]
    fn nothing_at_all_is_no_picture() {
        assert_eq!(inspect(b"").unwrap_err().code(), "unsupported_format");
    }
}
