//! The object storage: what the worker needs of S3, and S3 itself.

pub(crate) mod answer;
pub(crate) mod bucket;
pub(crate) mod fetch;
#[cfg(test)]
pub(crate) mod memory;
pub(crate) mod presign;
mod retry;
pub(crate) mod s3;
pub(crate) mod sigv4;
pub(crate) mod timed;
pub(crate) mod transport;

use answer::ErrorCode;
use jiff::Timestamp;
use std::fmt;

/// S3's name in the scope of a signature.
const SERVICE: &str = "s3";

/// Which of the two buckets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BucketName {
    /// What clients uploaded.
    Uploads,
    /// Finished pictures.
    Assets,
}

/// An object as a listing shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Listed {
    pub(crate) key: String,
    pub(crate) etag: String,
    pub(crate) size_bytes: u64,
    pub(crate) last_modified: Timestamp,
}

/// An object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Object {
    pub(crate) bytes: Vec<u8>,
    pub(crate) etag: Option<String>,
    /// Whether the bytes are what a content coding unpacked to, so that the stored ones are others.
    pub(crate) is_unpacked: bool,
}

/// Under which condition an object is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Condition {
    /// Always.
    None,
    /// If there is none yet.
    Absent,
    /// If it is still the one with this entity tag.
    Unchanged(String),
}

/// Why the storage did not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum StorageError {
    /// No answer, or none in time.
    Unreachable(Operation),
    /// An answer that the operation does not expect.
    Status(Operation, u16),
    /// Likewise, with S3's word for it.
    Refused { operation: Operation, status: u16, code: ErrorCode },
    /// An answer that cannot be read.
    Malformed(Operation),
    /// An object whose bytes are not those that were stored.
    Corrupt(Operation),
    /// An object with more bytes than were asked for.
    TooLarge(Operation),
    /// The condition of a write does not hold.
    Changed,
}

/// What was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    Get,
    Put,
    Delete,
    List,
}

impl fmt::Display for StorageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable(operation) => write!(f, "storage: {operation:?}: no answer in time"),
            Self::Status(operation, status) => write!(f, "storage: {operation:?}: status {status}"),
            Self::Refused { operation, status, code } => {
                write!(f, "storage: {operation:?}: status {status} {code}")
            }
            Self::Corrupt(operation) => {
                write!(f, "storage: {operation:?}: other bytes than were stored")
            }
            Self::Malformed(operation) => write!(f, "storage: {operation:?}: unreadable answer"),
            Self::TooLarge(operation) => write!(f, "storage: {operation:?}: more bytes than expected"),
            Self::Changed => f.write_str("storage: the object was changed by another"),
        }
    }
}

impl std::error::Error for StorageError {}

/// What publishing and serving need of a storage. S3 in production; in memory, failing at will, in tests.
pub(crate) trait ObjectStore {
    /// All objects whose key begins so.
    async fn list(&self, bucket: BucketName, prefix: &str) -> Result<Vec<Listed>, StorageError>;
    /// An object, or `None` if there is none; an error if it has more than `max_bytes`.
    async fn get(
        &self,
        bucket: BucketName,
        key: &str,
        max_bytes: u64,
    ) -> Result<Option<Object>, StorageError>;
    /// Writes an object whole or not at all; [`StorageError::Changed`] if the condition does not hold.
    async fn put(&self, bucket: BucketName, key: &str, file: File<'_>) -> Result<(), StorageError>;
    /// Deletes an object; one that is not there is no error.
    async fn delete(&self, bucket: BucketName, key: &str) -> Result<(), StorageError>;
}

/// What is written.
#[derive(Debug, Clone)]
pub(crate) struct File<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) content_type: &'static str,
    pub(crate) condition: Condition,
}
