//! The folder of the objects: which buckets and keys are in it, and what `s3s-fs` knows about them.
//!
//! Folders are not objects, and unknown buckets are not made on the way. Nothing here locks: see `store`.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use http::{HeaderMap, Method, Uri};
use s3s::dto::{DeleteObjectInput, HeadObjectInput, HeadObjectOutput};
use s3s::{S3, S3Error, S3ErrorCode, S3Request, S3Result};
use s3s_fs::FileSystem;

use crate::conditions::Conditions;
use crate::keys;

/// Buckets and objects in a folder.
pub(crate) struct Folder {
    /// Does the file work, without the checks of this type.
    pub(crate) files: FileSystem,
    root: PathBuf,
    buckets: BTreeSet<String>,
}

/// Why a folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FolderError {
    /// A bucket's folder cannot be made.
    #[error("the bucket's folder {} cannot be created: {source}", path.display())]
    Bucket {
        /// The folder.
        path: PathBuf,
        /// The reason.
        source: io::Error,
    },
    /// Left-overs cannot be cleaned, or the folder cannot be read.
    #[error("{} cannot be used as the folder of objects: {reason}", root.display())]
    Root {
        /// The folder.
        root: PathBuf,
        /// The reason.
        reason: String,
    },
}

impl Folder {
    /// Opens `root` and makes the buckets that are missing in it.
    ///
    /// # Errors
    /// [`FolderError`] names the folder.
    pub(crate) fn open(root: &Path, buckets: &[String]) -> Result<Self, FolderError> {
        for bucket in buckets {
            let path = root.join(bucket);
            std::fs::create_dir_all(&path).map_err(|source| FolderError::Bucket { path, source })?;
        }
        let unusable = |reason: String| FolderError::Root { root: root.to_owned(), reason };
        Ok(Self {
            files: FileSystem::new(root).map_err(|error| unusable(S3Error::from(error).to_string()))?,
            root: root.canonicalize().map_err(|error| unusable(error.to_string()))?,
            buckets: buckets.iter().cloned().collect(),
        })
    }

    /// Refuses a bucket that is not served.
    pub(crate) fn check_bucket(&self, bucket: &str) -> S3Result<()> {
        if self.buckets.contains(bucket) { Ok(()) } else { Err(S3Error::new(S3ErrorCode::NoSuchBucket)) }
    }

    /// The file of an object, whether it exists or not.
    pub(crate) fn locate(&self, bucket: &str, key: &str) -> S3Result<PathBuf> {
        self.check_bucket(bucket)?;
        Ok(keys::object_path(&self.root, bucket, key)?)
    }

    /// Refuses a key that cannot be stored beside those that are: a file cannot be a folder too.
    pub(crate) async fn check_storable(&self, path: &Path) -> S3Result<()> {
        let mut taken = tokio::fs::metadata(path).await.is_ok_and(|metadata| metadata.is_dir());
        for parent in path.ancestors().skip(1).take_while(|parent| *parent != self.root) {
            taken = taken || tokio::fs::metadata(parent).await.is_ok_and(|metadata| metadata.is_file());
        }
        if taken {
            let message = "This server keeps objects as files: one key cannot be the beginning of another up to a slash";
            return Err(S3Error::with_message(S3ErrorCode::NotImplemented, message));
        }
        Ok(())
    }

    /// Refuses a key that has no object.
    pub(crate) async fn check_exists(&self, path: &Path) -> S3Result<()> {
        if is_file(path).await { Ok(()) } else { Err(S3Error::new(S3ErrorCode::NoSuchKey)) }
    }

    /// Size, ETag and the rest of an object that exists.
    pub(crate) async fn describe(&self, bucket: &str, key: &str) -> S3Result<HeadObjectOutput> {
        let input = HeadObjectInput { bucket: bucket.to_owned(), key: key.to_owned(), ..Default::default() };
        Ok(self.files.head_object(internal(input)).await?.output)
    }

    /// Checks that an object exists and that the request wants this version of it.
    pub(crate) async fn check_readable(
        &self,
        bucket: &str,
        key: &str,
        conditions: &Conditions,
    ) -> S3Result<HeadObjectOutput> {
        let path = self.locate(bucket, key)?;
        self.check_exists(&path).await?;
        let current = self.describe(bucket, key).await?;
        if let (Some(etag), Some(last_modified)) = (&current.e_tag, &current.last_modified) {
            conditions.check_read(etag, last_modified)?;
        }
        Ok(current)
    }

    /// Removes an object, if it is there, and the folders that are empty then.
    pub(crate) async fn remove(&self, bucket: &str, key: &str) -> S3Result<()> {
        let path = self.locate(bucket, key)?;
        if !is_file(&path).await {
            return Ok(());
        }
        let input =
            DeleteObjectInput { bucket: bucket.to_owned(), key: key.to_owned(), ..Default::default() };
        self.files.delete_object(internal(input)).await?;
        let bucket_folder = self.root.join(bucket);
        for folder in path.ancestors().skip(1).take_while(|folder| *folder != bucket_folder) {
            // Fails where the folder is not empty, which ends it.
            if tokio::fs::remove_dir(folder).await.is_err() {
                break;
            }
        }
        Ok(())
    }
}

async fn is_file(path: &Path) -> bool {
    tokio::fs::metadata(path).await.is_ok_and(|metadata| metadata.is_file())
}

/// A request of this program to `s3s-fs`.
pub(crate) fn internal<Input>(input: Input) -> S3Request<Input> {
    S3Request {
        input,
        method: Method::GET,
        uri: Uri::default(),
        headers: HeaderMap::new(),
        extensions: http::Extensions::new(),
        credentials: None,
        region: None,
        service: None,
        trailing_headers: None,
    }
}
