//! What can go wrong between the bytes of a photo and the bytes of a picture, by who can mend it.

use crate::Format;
use std::fmt;

/// Why a picture was not made.
///
/// [`Error::code`] is the contract: the same stable word in Rust, in TypeScript (`RoundelError.code`) and in the
/// HTTP API of the edge worker. The `Display` text is for a person; it says what was found, where, and what to do,
/// and carries no content of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The bytes are no picture that Roundel reads, or use a part of a format that it does not.
    UnsupportedFormat {
        /// What the first bytes look like, when they look like a picture at all.
        format: Option<Format>,
        /// The part that is not supported, in a few words.
        detail: &'static str,
    },
    /// The file ends before its picture does.
    Truncated {
        /// The format of the file.
        format: Format,
        /// What was being read when the bytes ran out.
        detail: &'static str,
    },
    /// The file contradicts its own format.
    Malformed {
        /// The format of the file.
        format: Format,
        /// What is wrong, in a few words.
        detail: String,
    },
    /// The header announces more pixels than the caller allows. Nothing was allocated for them.
    TooManyPixels {
        /// Stored width in pixels.
        width: u32,
        /// Stored height in pixels.
        height: u32,
        /// The limit in force, in pixels.
        max_pixels: u64,
    },
    /// The animation has more frames than the caller allows.
    TooManyFrames {
        /// Frames announced by the file.
        frames: u32,
        /// The limit in force, in frames.
        max_frames: u32,
    },
    /// The work would take more memory than the caller allows. Nothing was allocated for it.
    OutOfMemoryBudget {
        /// Peak of the planned work, in bytes, beyond the input.
        needed_bytes: u64,
        /// The limit in force, in bytes.
        budget_bytes: u64,
    },
    /// The machine has not got the memory that the picture takes. The code is that of [`Error::OutOfMemoryBudget`]:
    /// whoever asked has to do the same about it.
    OutOfMemory {
        /// What could not be had, in bytes.
        needed_bytes: u64,
    },
    /// The recipe asks for something that cannot be done.
    BadRecipe {
        /// The name of the member as the recipe spells it.
        field: &'static str,
        /// What is wrong with it and what would be right.
        detail: String,
    },
}

impl Error {
    /// The stable word for this kind of failure.
    ///
    /// ```
    /// let error = roundel::inspect(b"not a picture").unwrap_err();
    /// assert_eq!(error.code(), "unsupported_format");
    /// ```
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnsupportedFormat { .. } => "unsupported_format",
            Self::Truncated { .. } => "truncated",
            Self::Malformed { .. } => "malformed",
            Self::TooManyPixels { .. } => "too_many_pixels",
            Self::TooManyFrames { .. } => "too_many_frames",
            Self::OutOfMemoryBudget { .. } | Self::OutOfMemory { .. } => "out_of_memory_budget",
            Self::BadRecipe { .. } => "bad_recipe",
        }
    }

    pub(crate) fn malformed(format: Format, detail: impl Into<String>) -> Self {
        Self::Malformed { format, detail: detail.into() }
    }

    pub(crate) fn bad_recipe(field: &'static str, detail: impl Into<String>) -> Self {
        Self::BadRecipe { field, detail: detail.into() }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnsupportedFormat { format: None, detail } => {
                write!(
                    f,
                    "this is not a picture that can be read ({detail}); choose a JPEG, PNG, WebP, GIF or BMP file"
                )
            }
            Self::UnsupportedFormat { format: Some(format @ (Format::Avif | Format::Heic)), detail } => {
                write!(
                    f,
                    "this {format} file cannot be read here ({detail}); use roundel/studio, which opens it with the browser's own decoder, or save it as JPEG"
                )
            }
            Self::UnsupportedFormat { format: Some(format), detail } => {
                write!(
                    f,
                    "this {format} file cannot be read ({detail}); choose a JPEG, PNG, WebP, GIF or BMP file"
                )
            }
            Self::Truncated { format, detail } => write!(
                f,
                "the {format} file is incomplete: it ends in {detail}; copy or download it again, then retry"
            ),
            Self::Malformed { format, detail } => {
                write!(
                    f,
                    "the {format} file is damaged: {detail}; open it in a photo program and save it again"
                )
            }
            Self::TooManyPixels { width, height, max_pixels } => write!(
                f,
                "the picture is {width} x {height} pixels, more than the {max_pixels} allowed; make it smaller first"
            ),
            Self::TooManyFrames { frames, max_frames } => {
                write!(
                    f,
                    "the animation has {frames} frames, more than the {max_frames} allowed; shorten it first"
                )
            }
            Self::OutOfMemoryBudget { needed_bytes, budget_bytes } => write!(
                f,
                "the picture needs {needed_bytes} bytes of memory, more than the {budget_bytes} allowed; make it smaller first"
            ),
            Self::OutOfMemory { needed_bytes } => write!(
                f,
                "the picture needs {needed_bytes} bytes of memory at once, more than there is; make it smaller first"
            ),
            Self::BadRecipe { field, detail } => write!(f, "recipe member `{field}`: {detail}"),
        }
    }
}

impl std::error::Error for Error {}
