//! `GET /<kind>/<sub>[.<format>]` and `GET /<kind>/<sub>/<version>/<size>.<format>`.

use super::publish::publish_for;
use crate::cache::{IMMUTABLE, SHORT_LIVED};
use crate::call::Call;
use crate::conditional::none_match_holds;
use crate::kind::{Kind, Subject};
use crate::negotiate::Accepted;
use crate::problem::Problem;
use crate::publish::{self, Pointer, PublishError, keys, read_pointer};
use crate::reply::{CacheState, Reply};
use crate::storage::{BucketName, Condition, File, ObjectStore, StorageError};
use crate::variant::{ServedFormat, Size, Variant};

/// Longest picture that is read from the assets bucket, in bytes: a PNG of 1024 x 1024 has at most 4 MiB and a little.
const MAX_PICTURE_BYTES: u64 = 8 * 1024 * 1024;

/// Where a pointer came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PointerSource {
    /// From the cache, a few seconds old at most.
    Cache,
    /// From the storage.
    Storage,
    /// From the cache, of any age, because the storage fails.
    StaleCache,
}

/// The picture that counts, in the format that the client accepts where none is given. Published here and now if it was
/// only uploaded so far.
pub(crate) async fn current(
    call: &Call,
    kind: Kind,
    subject: &Subject,
    size: Option<Size>,
    format: Option<ServedFormat>,
) -> Result<Reply, Problem> {
    let size = size.unwrap_or_else(|| call.default_size(kind));
    let mut may_use_cache = true;
    loop {
        let (pointer, source) = current_pointer(call, kind, subject, may_use_cache).await?;
        let format = format.unwrap_or_else(|| negotiated(call, &pointer));
        let variant = Variant { version: pointer.version, size, format };
        if is_unmodified(call, &variant) {
            return Ok(not_modified(&variant, SHORT_LIVED));
        }
        match load(call, kind, subject, &variant, &[pointer.master_format]).await? {
            Some((bytes, state)) => {
                let state = if source == PointerSource::StaleCache { CacheState::Stale } else { state };
                return Ok(picture(&variant, SHORT_LIVED, bytes).with_cache(state));
            }
            // Replaced and deleted since the pointer was cached: ask the storage what counts now.
            None if source == PointerSource::Cache => may_use_cache = false,
            None => return Err(Problem::no_such_picture()),
        }
    }
}

fn negotiated(call: &Call, pointer: &Pointer) -> ServedFormat {
    Accepted::parse(call.accept.as_deref()).choose(pointer.has_alpha())
}

/// One version, for ever.
pub(crate) async fn version(
    call: &Call,
    kind: Kind,
    subject: &Subject,
    variant: &Variant,
) -> Result<Reply, Problem> {
    if is_unmodified(call, variant) && exists(call, kind, subject, variant).await? {
        return Ok(not_modified(variant, IMMUTABLE));
    }
    match load(call, kind, subject, variant, &ServedFormat::OF_MASTERS).await? {
        Some((bytes, state)) => Ok(picture(variant, IMMUTABLE, bytes).with_cache(state)),
        None => Err(Problem::no_such_picture()),
    }
}

fn is_unmodified(call: &Call, variant: &Variant) -> bool {
    call.if_none_match.as_deref().is_some_and(|header| none_match_holds(header, &variant.etag()))
}

fn not_modified(variant: &Variant, cache_control: &str) -> Reply {
    Reply::new(304)
        .with_header("etag", variant.etag())
        .with_header("cache-control", cache_control)
        .with_cache(CacheState::Revalidated)
}

fn picture(variant: &Variant, cache_control: &str, bytes: Vec<u8>) -> Reply {
    Reply::new(200)
        .with_header("content-type", variant.format.content_type())
        .with_header("etag", variant.etag())
        .with_header("cache-control", cache_control)
        .with_body(bytes)
}

async fn current_pointer(
    call: &Call,
    kind: Kind,
    subject: &Subject,
    may_use_cache: bool,
) -> Result<(Pointer, PointerSource), Problem> {
    let cached = call.cache.pointer(kind, subject).await;
    if let Some(cached) = cached.as_ref().filter(|cached| may_use_cache && cached.is_fresh(call.now)) {
        return Ok((cached.pointer.clone(), PointerSource::Cache));
    }
    match read_pointer(&call.store, kind, subject).await {
        Ok(Some(held)) => {
            call.cache.keep_pointer(kind, subject, &held.pointer, call.now).await;
            Ok((held.pointer, PointerSource::Storage))
        }
        Ok(None) => match publish_for(call, kind, subject).await {
            Ok((Some(pointer), _)) => Ok((pointer, PointerSource::Storage)),
            Ok((None, _)) => Err(Problem::no_such_picture()),
            // An upload that cannot be used is as good as none, for those who only look.
            Err(refused) if refused.status < 500 => {
                Err(Problem { reason: Some(refused.code.to_owned()), ..Problem::no_such_picture() })
            }
            Err(problem) => Err(problem),
        },
        Err(PublishError::Storage(error)) => {
            let stale = cached.map(|cached| (cached.pointer, PointerSource::StaleCache));
            stale.ok_or_else(|| error.into())
        }
        Err(error) => Err(error.into()),
    }
}

/// The bytes of a picture: cached, stored, or made of its version's master. `None`: there is no such version.
async fn load(
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
    if let Some(object) = call.store.get(BucketName::Assets, &key, MAX_PICTURE_BYTES).await? {
        keep(call, kind, subject, variant, &object.bytes, false);
        return Ok(Some((object.bytes, CacheState::Stored)));
    }
    let Some(master) = master(call, kind, subject, variant, master_formats).await? else { return Ok(None) };
    let bytes = publish::render_variant(&master, variant.size, variant.format, &call.config.limits)
        .map_err(|error| Problem::internal(format!("a stored master cannot be read: {}", error.code())))?;
    keep(call, kind, subject, variant, &bytes, true);
    Ok(Some((bytes, CacheState::Rendered)))
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
async fn exists(call: &Call, kind: Kind, subject: &Subject, variant: &Variant) -> Result<bool, Problem> {
    let cached = call.cache.pointer(kind, subject).await;
    if cached.is_some_and(|cached| cached.is_fresh(call.now) && cached.pointer.version == variant.version)
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
        let counts = read_pointer(&store, kind, &subject).await.ok().flatten();
        if counts.is_some_and(|held| held.pointer.version == variant.version) {
            let content_type = variant.format.content_type();
            let file = File { bytes: &bytes, content_type, condition: Condition::None };
            // It can be made again whenever it is missing.
            let _ = store.put(BucketName::Assets, &keys::variant(kind, &subject, &variant), file).await;
        }
    });
}
