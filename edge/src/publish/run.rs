//! The order of things.

use super::cleanup;
use super::error::PublishError;
use super::keys;
use super::master::{self, Master};
use super::newest::{self, Upload};
use super::pointer::{Pointer, Source, read_pointer};
use crate::kind::{Kind, Subject};
use crate::storage::{BucketName, Condition, File, Listed, ObjectStore, StorageError};
use crate::variant::{ServedFormat, Size, Variant};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use jiff::Timestamp;
use roundel::Limits;

/// How often a publish begins anew because another one was faster.
const MAX_ATTEMPTS: usize = 4;

/// What holds for every publish.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rules {
    pub(crate) max_upload_bytes: u64,
    pub(crate) limits: Limits,
    /// The size that is made at once; others are made when asked for.
    pub(crate) eager_size: Size,
}

/// What a publish came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The newest upload was made into a picture.
    Published {
        /// What counts now.
        pointer: Pointer,
        /// Whether something that is no longer needed is still there; a later publish takes it away.
        leftovers: bool,
    },
    /// What counts is at least as new as the newest upload, or there is no upload any more.
    Unchanged(Pointer),
    /// There is neither an upload nor a picture.
    NothingUploaded,
}

impl Outcome {
    /// What counts now.
    pub(crate) fn as_pointer(&self) -> Option<&Pointer> {
        match self {
            Self::Published { pointer, .. } | Self::Unchanged(pointer) => Some(pointer),
            Self::NothingUploaded => None,
        }
    }

    /// What counts now.
    pub(crate) fn pointer(self) -> Option<Pointer> {
        match self {
            Self::Published { pointer, .. } | Self::Unchanged(pointer) => Some(pointer),
            Self::NothingUploaded => None,
        }
    }
}

/// Makes a person's newest upload the picture that counts.
///
/// Repeating it changes nothing. An upload that is older than what counts never replaces it, whatever the order in
/// which publishes run: the pointer is only written over the one that was read.
///
/// # Errors
///
/// See [`PublishError`].
pub(crate) async fn publish(
    store: &impl ObjectStore,
    kind: Kind,
    subject: &Subject,
    rules: &Rules,
    now: Timestamp,
) -> Result<Outcome, PublishError> {
    for _ in 0..MAX_ATTEMPTS {
        let listed = store.list(BucketName::Uploads, &keys::uploads_prefix(kind, subject)).await?;
        let uploads = newest::uploads_of(kind, subject, listed);
        let held = read_pointer(store, kind, subject).await?;
        let Some(upload) = newest::newest(&uploads) else {
            return Ok(held.map_or(Outcome::NothingUploaded, |held| Outcome::Unchanged(held.pointer)));
        };
        if let Some(held) = &held
            && !newest::supersedes(&upload.object, &held.pointer.source)
        {
            return Ok(Outcome::Unchanged(held.pointer.clone()));
        }
        let Some(bytes) = read_upload(store, upload, rules.max_upload_bytes).await? else { continue };
        let master = master::make(kind, &bytes, upload.extension, &rules.limits)?;
        drop(bytes);
        let eager = master::render_variant(
            &master.picture.bytes,
            rules.eager_size,
            ServedFormat::Jpg,
            &rules.limits,
        )?;
        let pointer = pointer_to(&master, &upload.object, now);

        write_pictures(store, kind, subject, &master, rules.eager_size, &eager).await?;
        let condition = match held.as_ref().map(|held| held.etag.clone()) {
            None => Condition::Absent,
            Some(Some(etag)) => Condition::Unchanged(etag),
            // A storage without entity tags cannot be asked to compare them.
            Some(None) => Condition::None,
        };
        let document = pointer.to_json(keys::master(kind, subject, &master.version, master.format));
        let file = File { bytes: &document, content_type: "application/json", condition };
        match store.put(BucketName::Assets, &keys::pointer(kind, subject), file).await {
            Ok(()) => {}
            Err(StorageError::Changed) => continue,
            Err(error) => return Err(error.into()),
        }

        let previous = held.map(|held| held.pointer.version);
        let replaced = cleanup::Replaced { version: previous.as_ref(), uploads: &uploads, published: upload };
        // The picture counts already: what cannot be taken away now is taken away by a later publish.
        let leftovers = cleanup::run(store, kind, subject, &pointer.version, &replaced, now).await.is_err();
        return Ok(Outcome::Published { pointer, leftovers });
    }
    Err(PublishError::Contended)
}

/// The bytes of an upload. `None`: it is no longer the one that was listed.
async fn read_upload(
    store: &impl ObjectStore,
    upload: &Upload,
    max_bytes: u64,
) -> Result<Option<Vec<u8>>, PublishError> {
    if upload.object.size_bytes > max_bytes {
        return Err(PublishError::TooLarge { max_bytes });
    }
    let object = match store.get(BucketName::Uploads, &upload.object.key, max_bytes).await {
        Err(StorageError::TooLarge(_)) => return Err(PublishError::TooLarge { max_bytes }),
        other => other?,
    };
    let is_listed = |etag: &Option<String>| etag.as_ref().is_none_or(|etag| *etag == upload.object.etag);
    Ok(object.filter(|object| is_listed(&object.etag)).map(|object| object.bytes))
}

fn pointer_to(master: &Master, upload: &Listed, now: Timestamp) -> Pointer {
    Pointer {
        version: master.version.clone(),
        master_format: master.format,
        width: master.picture.width,
        height: master.picture.height,
        thumbhash: BASE64_STANDARD.encode(&master.picture.thumbhash),
        source: Source {
            key: upload.key.clone(),
            etag: upload.etag.clone(),
            last_modified: upload.last_modified,
        },
        published_at: now,
    }
}

async fn write_pictures(
    store: &impl ObjectStore,
    kind: Kind,
    subject: &Subject,
    master: &Master,
    size: Size,
    eager: &[u8],
) -> Result<(), StorageError> {
    let Master { picture, format, version } = master;
    let content_type = format.content_type();
    let file = File { bytes: &picture.bytes, content_type, condition: Condition::None };
    store.put(BucketName::Assets, &keys::master(kind, subject, version, *format), file).await?;
    let variant = Variant { version: version.clone(), size, format: ServedFormat::Jpg };
    let content_type = variant.format.content_type();
    let file = File { bytes: eager, content_type, condition: Condition::None };
    store.put(BucketName::Assets, &keys::variant(kind, subject, &variant), file).await
}

#[cfg(test)]
mod tests;
