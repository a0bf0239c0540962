//! Takes away what a publish replaced.

use super::error::PublishError;
use super::keys;
use super::newest::Upload;
use super::pointer::read_pointer;
use crate::kind::{Kind, Subject};
use crate::storage::{BucketName, ObjectStore};
use crate::variant::Version;
use jiff::{SignedDuration, Timestamp};

/// Objects of a version that never came to count are left alone for so long: a publish that is still running may be
/// about to make them count.
const ORPHAN_AGE: SignedDuration = SignedDuration::from_mins(15);

/// What a publish replaced.
pub(crate) struct Replaced<'a> {
    /// The version that counted before.
    pub(crate) version: Option<&'a Version>,
    /// The uploads that were there.
    pub(crate) uploads: &'a [Upload],
    /// The one that was published; it stays.
    pub(crate) published: &'a Upload,
}

/// Deletes the objects of the version before, those that a dead publish left, and the uploads with other extensions.
pub(crate) async fn run(
    store: &impl ObjectStore,
    kind: Kind,
    subject: &Subject,
    current: &Version,
    replaced: &Replaced<'_>,
    now: Timestamp,
) -> Result<(), PublishError> {
    delete_versions(store, kind, subject, current, replaced.version, now).await?;
    delete_uploads(store, kind, subject, replaced).await
}

async fn delete_versions(
    store: &impl ObjectStore,
    kind: Kind,
    subject: &Subject,
    current: &Version,
    previous: Option<&Version>,
    now: Timestamp,
) -> Result<(), PublishError> {
    let prefix = keys::assets_prefix(kind, subject);
    let objects = store.list(BucketName::Assets, &prefix).await?;
    let is_garbage = |key: &str, last_modified: Timestamp| {
        keys::version_of(key, &prefix).is_some_and(|version| {
            let is_orphan = now.duration_since(last_modified) > ORPHAN_AGE;
            version != *current && (Some(&version) == previous || is_orphan)
        })
    };
    let garbage: Vec<_> =
        objects.iter().filter(|object| is_garbage(&object.key, object.last_modified)).collect();
    if garbage.is_empty() {
        return Ok(());
    }
    // Another publish may have brought an older version back since: then the rest is its business.
    let counts = read_pointer(store, kind, subject).await?.map(|held| held.pointer.version);
    if counts.as_ref() != Some(current) {
        return Ok(());
    }
    for object in garbage {
        store.delete(BucketName::Assets, &object.key).await?;
    }
    Ok(())
}

/// Deletes the objects of a version whose upload was removed while it was being published, unless it counts after all.
pub(crate) async fn take_back(
    store: &impl ObjectStore,
    kind: Kind,
    subject: &Subject,
    version: &Version,
) -> Result<(), PublishError> {
    let prefix = keys::assets_prefix(kind, subject);
    let objects = store.list(BucketName::Assets, &prefix).await?;
    if read_pointer(store, kind, subject).await?.is_some_and(|held| held.pointer.version == *version) {
        return Ok(());
    }
    for object in
        objects.iter().filter(|object| keys::version_of(&object.key, &prefix).as_ref() == Some(version))
    {
        store.delete(BucketName::Assets, &object.key).await?;
    }
    Ok(())
}

async fn delete_uploads(
    store: &impl ObjectStore,
    kind: Kind,
    subject: &Subject,
    replaced: &Replaced<'_>,
) -> Result<(), PublishError> {
    let is_other = |upload: &&Upload| upload.object.key != replaced.published.object.key;
    let others: Vec<_> = replaced.uploads.iter().filter(is_other).collect();
    if others.is_empty() {
        return Ok(());
    }
    // An upload that arrived meanwhile is not ours to delete: only what is still exactly as it was.
    let still = store.list(BucketName::Uploads, &keys::uploads_prefix(kind, subject)).await?;
    for upload in others.into_iter().filter(|upload| still.contains(&upload.object)) {
        store.delete(BucketName::Uploads, &upload.object.key).await?;
    }
    Ok(())
}
