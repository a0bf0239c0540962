//! Takes a person's picture away, and everything that it was made of.

use super::error::PublishError;
use super::pointer::read_pointer;
use super::{keys, newest};
use crate::kind::{Kind, Subject};
use crate::storage::{BucketName, Listed, ObjectStore};
use crate::variant::Version;

/// Deletes uploads, refused ones too, then the pointer, then the pictures; gives the versions that are gone.
///
/// The uploads go first, or a GET in between would publish them again; until the pointer goes, the picture is served whole, and from
/// then on there is none. Whoever dies half-way is to ask again: what is gone already is no error.
///
/// A publish that is running meanwhile cannot bring the picture back: it writes the pointer only over the pointer, or over the
/// reservation, that it read before it last saw its upload, and both are gone. An upload that arrives while this runs is a new one and
/// is left alone. Only the very same picture, uploaded again and published at the moment of the last step, may lose its files; then
/// a new upload mends it.
///
/// # Errors
///
/// A storage that fails.
pub(crate) async fn remove(
    store: &impl ObjectStore,
    kind: Kind,
    subject: &Subject,
) -> Result<Vec<Version>, PublishError> {
    let prefix = keys::assets_prefix(kind, subject);
    let versions = versions_among(&store.list(BucketName::Assets, &prefix).await?, &prefix);
    let uploads = store.list(BucketName::Uploads, &keys::uploads_prefix(kind, subject)).await?;
    let rejected = store.list(BucketName::Uploads, &keys::rejected_prefix(kind, subject)).await?;
    for upload in newest::uploads_of(kind, subject, uploads) {
        store.delete(BucketName::Uploads, &upload.object.key).await?;
    }
    for object in rejected.iter().filter(|object| keys::is_rejected(&object.key, kind, subject)) {
        store.delete(BucketName::Uploads, &object.key).await?;
    }
    store.delete(BucketName::Assets, &keys::pointer(kind, subject)).await?;

    // Listed anew: a GET may have stored another size until the pointer went; one that stores it later takes it back itself. Versions
    // that were not there before are those of later uploads, and so may be what counts by now.
    let pictures = store.list(BucketName::Assets, &prefix).await?;
    let counts = read_pointer(store, kind, subject).await?.map(|held| held.pointer.version);
    let is_removed = |version: &Version| versions.contains(version) && counts.as_ref() != Some(version);
    for object in &pictures {
        if keys::version_of(&object.key, &prefix).as_ref().is_some_and(is_removed) {
            store.delete(BucketName::Assets, &object.key).await?;
        }
    }
    Ok(versions)
}

fn versions_among(objects: &[Listed], prefix: &str) -> Vec<Version> {
    let mut versions = Vec::new();
    for version in objects.iter().filter_map(|object| keys::version_of(&object.key, prefix)) {
        if !versions.contains(&version) {
            versions.push(version);
        }
    }
    versions
}

#[cfg(test)]
mod tests;
