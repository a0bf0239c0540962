//! Takes away what a publish replaced.

use super::error::PublishError;
use super::keys;
use super::newest::Upload;
use super::pointer::{Pointer, Source, read_pointer};
use crate::kind::{Kind, Subject};
use crate::storage::{BucketName, Listed, ObjectStore};
use crate::variant::{Motion, Version};
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
    let prefix = keys::assets_prefix(kind, subject);
    let objects = store.list(BucketName::Assets, &prefix).await?;
    let is_garbage = |version: &Version, object: &Listed| {
        replaced.version == Some(version) || now.duration_since(object.last_modified) > ORPHAN_AGE
    };
    delete_versions(store, kind, subject, current, &objects, is_garbage).await?;
    delete_uploads(store, kind, subject, replaced).await
}

/// What there is to do for an upload that counts already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Settled {
    /// Nothing more.
    Yes,
    /// The master is gone, or the animation beside it: the picture is to be made again.
    MasterIsGone,
}

/// Finishes what the publish of `newest`, which counts already, left undone if it died.
///
/// What lies there of other versions and is older than the pointer is nobody's any more: whoever wrote it had read another pointer, or none,
/// and cannot write over this one.
///
/// # Errors
///
/// A storage that fails; a later publish tries again.
pub(crate) async fn settle(
    store: &impl ObjectStore,
    kind: Kind,
    subject: &Subject,
    pointer: &Pointer,
    uploads: &[Upload],
    newest: &Upload,
) -> Result<Settled, PublishError> {
    let Source { key, etag, .. } = &pointer.source;
    if newest.object.key != *key || newest.object.etag != *etag {
        return Ok(Settled::Yes);
    }
    let objects = store.list(BucketName::Assets, &keys::assets_prefix(kind, subject)).await?;
    let is_there = |key: &str| objects.iter().any(|object| object.key == key);
    if !is_there(&keys::master(kind, subject, &pointer.version, pointer.master_format))
        || (pointer.motion == Motion::Moves && !is_there(&keys::animation(kind, subject, &pointer.version)))
    {
        return Ok(Settled::MasterIsGone);
    }
    let pointer_key = keys::pointer(kind, subject);
    let written = objects.iter().find(|object| object.key == pointer_key).map(|object| object.last_modified);
    let is_garbage =
        |_: &Version, object: &Listed| written.is_some_and(|written| object.last_modified < written);
    delete_versions(store, kind, subject, &pointer.version, &objects, is_garbage).await?;
    let replaced = Replaced { version: None, uploads, published: newest };
    delete_uploads(store, kind, subject, &replaced).await?;
    Ok(Settled::Yes)
}

async fn delete_versions(
    store: &impl ObjectStore,
    kind: Kind,
    subject: &Subject,
    current: &Version,
    objects: &[Listed],
    is_garbage: impl Fn(&Version, &Listed) -> bool,
) -> Result<(), PublishError> {
    let prefix = keys::assets_prefix(kind, subject);
    let is_garbage = |object: &&Listed| {
        keys::version_of(&object.key, &prefix)
            .is_some_and(|version| version != *current && is_garbage(&version, object))
    };
    let garbage: Vec<_> = objects.iter().filter(is_garbage).collect();
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

/// Deletes the objects of a version that was made in vain, its upload removed or replaced meanwhile, unless it counts after all.
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
