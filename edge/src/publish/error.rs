//! Why a publish came to nothing.

use super::refused::Refusal;
use crate::storage::StorageError;
use roundel::Format;

/// Why nothing was published. Nothing that anybody sees was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PublishError {
    /// The storage failed.
    Storage(StorageError),
    /// The upload is no picture that can be used.
    Picture(roundel::Error),
    /// The upload has too many bytes.
    TooLarge { max_bytes: u64 },
    /// The upload is a picture of another format than its extension says.
    ContentTypeMismatch { found: Format, expected: Format },
    /// Others published the same person's picture again and again meanwhile.
    Contended,
    /// Others publish in this isolate, and hold the memory for it too long.
    NoRoom,
    /// The pointer object is none that this code wrote.
    MalformedPointer,
}

impl PublishError {
    /// Why the upload itself is refused. `None`: the upload is not at fault.
    pub(crate) fn refusal(&self) -> Option<Refusal> {
        match self {
            Self::Picture(error) => Refusal::new(error.code(), error.to_string()),
            Self::TooLarge { max_bytes } => {
                Refusal::new("too_large", format!("an upload may have at most {max_bytes} bytes"))
            }
            Self::ContentTypeMismatch { found, expected } => Refusal::new(
                "content_type_mismatch",
                format!("the file is {found}, its name says {expected}; upload it with the right extension"),
            ),
            Self::Storage(_) | Self::Contended | Self::NoRoom | Self::MalformedPointer => None,
        }
    }
}

impl From<StorageError> for PublishError {
    fn from(error: StorageError) -> Self {
        Self::Storage(error)
    }
}

impl From<roundel::Error> for PublishError {
    fn from(error: roundel::Error) -> Self {
        Self::Picture(error)
    }
}
