//! Which object keys can be kept as files, and where.
//!
//! S3 keys are plain strings; here they are paths below a bucket's folder. A key that would leave that folder, or that
//! two spellings of a path would share, is refused.

use std::path::{Path, PathBuf};

use s3s::{S3Error, S3ErrorCode};

/// The crate `s3s-fs` keeps an object's metadata in a file whose name holds the Base64 of bucket and key, and names of
/// files are limited to 255 bytes: the rest of that name is 74 bytes long at most.
const MAX_ENCODED_NAME_BYTES: usize = 255 - 74;

/// Why a key cannot be used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum KeyError {
    /// An empty, `.` or `..` segment, or a slash at an end.
    #[error(
        "The key must consist of segments with one slash between them, none of them empty, \".\" or \"..\""
    )]
    NotAPath,
    /// A character that does not belong into a file name.
    #[error("The key must not contain control characters")]
    ControlCharacter,
    /// Longer than this server can keep.
    #[error("The key is longer than this server can keep in a file name")]
    TooLong,
}

impl From<KeyError> for S3Error {
    fn from(error: KeyError) -> Self {
        let code = match error {
            KeyError::NotAPath | KeyError::ControlCharacter => S3ErrorCode::InvalidArgument,
            KeyError::TooLong => S3ErrorCode::KeyTooLongError,
        };
        S3Error::with_message(code, error.to_string())
    }
}

/// The file of an object, below `root`.
///
/// # Errors
/// [`KeyError`] says what to change in the key.
pub(crate) fn object_path(root: &Path, bucket: &str, key: &str) -> Result<PathBuf, KeyError> {
    if key.split('/').any(|segment| matches!(segment, "" | "." | "..")) {
        return Err(KeyError::NotAPath);
    }
    if key.chars().any(char::is_control) {
        return Err(KeyError::ControlCharacter);
    }
    if encoded_len(bucket) + encoded_len(key) > MAX_ENCODED_NAME_BYTES {
        return Err(KeyError::TooLong);
    }
    Ok(root.join(bucket).join(key))
}

/// Length of `text` in Base64 without padding.
fn encoded_len(text: &str) -> usize {
    (text.len() * 4).div_ceil(3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_becomes_a_path_below_its_bucket() {
        let path = object_path(Path::new("/data"), "uploads", "avatars/u-1.jpg");
        assert_eq!(path, Ok(PathBuf::from("/data/uploads/avatars/u-1.jpg")));
    }

    #[test]
    fn keys_that_are_no_plain_path_are_refused() {
        for key in ["..", "a/../b", "../x", "./a", "a/.", "a//b", "/a", "a/", ""] {
            assert_eq!(object_path(Path::new("/data"), "uploads", key), Err(KeyError::NotAPath), "{key:?}");
        }
        assert_eq!(object_path(Path::new("/data"), "uploads", "a\0b"), Err(KeyError::ControlCharacter));
    }

    #[test]
    fn long_keys_are_refused_before_a_file_name_is_too_long() {
        let longest = "k".repeat(128);
        assert!(object_path(Path::new("/data"), "uploads", &longest).is_ok());
        assert_eq!(object_path(Path::new("/data"), "uploads", &"k".repeat(129)), Err(KeyError::TooLong));
    }
}
