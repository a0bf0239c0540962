//! The bytes of a version: cached, stored, or made of its master.

use super::once::{self, Entry};
use crate::cache::Age;
use crate::call::Call;
use crate::default_picture::DefaultImage;
use crate::kind::{Kind, Subject};
use crate::problem::Problem;
use crate::publish::{self, keys, read_pointer};
use crate::reply::CacheState;
use crate::storage::{BucketName, Condition, File, ObjectStore, StorageError};
use crate::variant::{ServedFormat, Variant, Version};

/// Longest picture that is read from the assets bucket, in bytes: a PNG of 1024 x 1024 has at most 4 MiB and a little.
const MAX_PICTURE_BYTES: u64 = 8 * 1024 * 1024;

/// The bytes of a picture: cached, stored, or made of its version's master. `None`: there is no such version.
pub(crate) async fn load(
    call: &Call,
    kind: Kind,
    subject: &Subject,
    variant: &Variant,
    master_formats: &[ServedFormat],
) -> Result<Option<(Vec<u8>, CacheState)>, Problem> {
    if let Some(bytes) = call.cache.picture(kind, subject, variant).await {
        return Ok(Some((bytes, CacheState::Hit)));
    }
    let key = keys::variant(kind, subject, variant);
    let turn = match once::take_or_wait(&key).await {
        Entry::Mine(turn) => Some(turn),
        Entry::Made(bytes) => return Ok(Some((bytes.to_vec(), CacheState::Shared))),
        Entry::Waited => None,
    };
    let made = |bytes: &[u8]| turn.map(|turn| turn.made(bytes));
    if let Some(object) = call.store.get(BucketName::Assets, &key, MAX_PICTURE_BYTES).await? {
        made(&object.bytes);
        keep(call, kind, subject, variant, &object.bytes, false);
        return Ok(Some((object.bytes, CacheState::Stored)));
    }
    let Some(master) = master(call, kind, subject, variant, master_formats).await? else { return Ok(None) };
    let bytes = publish::render_variant(&master, variant.size, variant.format, &call.config.limits)
        .map_err(|error| Problem::internal(format!("a stored master cannot be read: {}", error.code())))?;
    made(&bytes);
    keep(call, kind, subject, variant, &bytes, true);
    Ok(Some((bytes, CacheState::Rendered)))
}

/// The bytes of a default picture: cached, or painted.
///
/// # Errors
///
/// No memory.
pub(crate) async fn load_default(
    call: &Call,
    kind: Kind,
    subject: &Subject,
    image: &DefaultImage,
) -> Result<(Vec<u8>, CacheState), Problem> {
    if let Some(bytes) = call.cache.default_picture(kind, subject, image).await {
        return Ok((bytes, CacheState::Hit));
    }
    let name = format!("default {}/{}/{}", kind.folder(), subject.as_str(), image.etag());
    let turn = match once::take_or_wait(&name).await {
        Entry::Mine(turn) => Some(turn),
        Entry::Made(bytes) => return Ok((bytes.to_vec(), CacheState::Shared)),
        Entry::Waited => None,
    };
    let bytes = image
        .render(subject)
        .map_err(|error| Problem::internal(format!("a default picture: {}", error.code())))?;
    if let Some(turn) = turn {
        turn.made(&bytes);
    }
    let (cache, subject, image, kept) = (call.cache.clone(), subject.clone(), image.clone(), bytes.clone());
    call.context.wait_until(async move { cache.keep_default_picture(kind, &subject, &image, kept).await });
    Ok((bytes, CacheState::Rendered))
}

async fn master(
    call: &Call,
    kind: Kind,
    subject: &Subject,
    variant: &Variant,
    formats: &[ServedFormat],
) -> Result<Option<Vec<u8>>, StorageError> {
    for format in formats {
        let key = keys::master(kind, subject, &variant.version, *format);
        if let Some(object) = call.store.get(BucketName::Assets, &key, MAX_PICTURE_BYTES).await? {
            return Ok(Some(object.bytes));
        }
    }
    Ok(None)
}

/// Whether a version is there, found out without making a picture.
pub(crate) async fn exists(
    call: &Call,
    kind: Kind,
    subject: &Subject,
    variant: &Variant,
) -> Result<bool, Problem> {
    let cached = call.cache.pointer(kind, subject).await;
    if cached
        .is_some_and(|cached| cached.age(call.now) != Age::Old && cached.pointer.version == variant.version)
        || call.cache.picture(kind, subject, variant).await.is_some()
    {
        return Ok(true);
    }
    Ok(master(call, kind, subject, variant, &ServedFormat::OF_MASTERS).await?.is_some())
}

/// Keeps a picture in the cache, and in the assets bucket if it was made just now and its version still counts. The
/// answer does not wait for it.
fn keep(call: &Call, kind: Kind, subject: &Subject, variant: &Variant, bytes: &[u8], is_new: bool) {
    let (cache, store) = (call.cache.clone(), call.store.clone());
    let (subject, variant, bytes) = (subject.clone(), variant.clone(), bytes.to_vec());
    call.context.wait_until(async move {
        cache.keep_picture(kind, &subject, &variant, bytes.clone()).await;
        if !is_new {
            return;
        }
        let key = keys::variant(kind, &subject, &variant);
        if counts(&store, kind, &subject, &variant.version).await == Some(true) {
            let content_type = variant.format.content_type();
            let file = File { bytes: &bytes, content_type, condition: Condition::None };
            // It can be made again whenever it is missing.
            let _ = store.put(BucketName::Assets, &key, file).await;
        }
        // Removed or replaced in between: nothing of it is to be left behind.
        if counts(&store, kind, &subject, &variant.version).await == Some(false) {
            let _ = store.delete(BucketName::Assets, &key).await;
            cache.forget_picture(kind, &subject, &variant).await;
        }
    });
}

/// Whether it is this version that counts. `None`: the storage fails.
async fn counts(store: &impl ObjectStore, kind: Kind, subject: &Subject, version: &Version) -> Option<bool> {
    let held = read_pointer(store, kind, subject).await.ok()?;
    Some(held.is_some_and(|held| held.pointer.version == *version))
}
