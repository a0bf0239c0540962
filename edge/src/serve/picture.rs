//! The bytes of a version: cached, stored, or made of its master.

use super::once::{self, Entry};
use crate::cache::Age;
use crate::call::Call;
use crate::clock;
use crate::default_picture::DefaultImage;
use crate::kind::{Kind, Subject};
use crate::problem::Problem;
use crate::publish::{self, Kept, Pointer, keys, read_pointer, store_variant};
use crate::reply::CacheState;
use crate::storage::{BucketName, ObjectStore};
use crate::trace::Phase;
use crate::variant::{Motion, ServedFormat, Variant, Version};

/// Longest picture that is read from the assets bucket, in bytes: a PNG of 1024 x 1024 has at most 4 MiB and a little.
const MAX_PICTURE_BYTES: u64 = 8 * 1024 * 1024;

/// What is known of a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It counts, or did a moment ago.
    Counts(Masters),
    /// There is none, or none any more.
    Gone,
    /// Its name is all that is known.
    Unknown,
}

/// What a version is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Masters {
    pub(crate) format: ServedFormat,
    /// Whether there is an animation beside the picture.
    pub(crate) motion: Motion,
}

impl Masters {
    pub(crate) fn of(pointer: &Pointer) -> Self {
        Self { format: pointer.master_format, motion: pointer.motion }
    }

    /// Whether a variant of it is animated.
    fn motion_of(self, variant: &Variant) -> Motion {
        if variant.format.can_move() && !variant.is_still { self.motion } else { Motion::Rests }
    }
}

/// The bytes of a picture: cached, stored, or made of its version's master. `None`: there is no such version.
///
/// What is not there costs one question, or two where the cache knows nothing of the person; then none for a few seconds.
pub(crate) async fn load(
    call: &Call,
    kind: Kind,
    subject: &Subject,
    variant: &Variant,
    standing: Standing,
) -> Result<Option<(Vec<u8>, CacheState)>, Problem> {
    if let Some(bytes) = call.cache.picture(kind, subject, variant).await {
        return Ok(Some((bytes, CacheState::Hit)));
    }
    let key = keys::variant(kind, subject, variant);
    let turn = match call.trace.measure(Phase::Wait, once::take_or_wait(&key)).await {
        Entry::Mine(turn) => Some(turn),
        Entry::Made(bytes) => return Ok(Some((bytes.to_vec(), CacheState::Shared))),
        Entry::Waited => None,
    };
    let standing = match standing {
        Standing::Unknown => standing_by_cache(call, kind, subject, &variant.version).await?,
        known => known,
    };
    if standing == Standing::Gone {
        return Ok(None);
    }
    let made = |bytes: &[u8]| turn.map(|turn| turn.made(bytes));
    if let Some(object) = call.store.get(BucketName::Assets, &key, MAX_PICTURE_BYTES).await? {
        made(&object.bytes);
        keep(call, kind, subject, variant, &object.bytes, false);
        return Ok(Some((object.bytes, CacheState::Stored)));
    }
    let standing = match standing {
        Standing::Unknown => standing_by_storage(call, kind, subject, &variant.version).await?,
        known => known,
    };
    let Standing::Counts(masters) = standing else { return Ok(None) };
    let motion = masters.motion_of(variant);
    let key = match motion {
        Motion::Rests => keys::master(kind, subject, &variant.version, masters.format),
        Motion::Moves => keys::animation(kind, subject, &variant.version),
    };
    let master = call.store.get(BucketName::Assets, &key, MAX_PICTURE_BYTES).await?;
    let Some(master) = master else { return Ok(None) };
    let limits = &call.config.limits;
    let render = || match motion {
        Motion::Rests => publish::render_variant(&master.bytes, variant.size, variant.format, limits),
        Motion::Moves => publish::render_moving_variant(master.bytes, variant.size, limits),
    };
    let bytes = call
        .trace
        .measure_blocking(Phase::Render, render)
        .map_err(|error| Problem::internal(format!("a stored master cannot be read: {}", error.code())))?;
    made(&bytes);
    keep(call, kind, subject, variant, &bytes, true);
    Ok(Some((bytes, CacheState::Rendered)))
}

/// Where the cache has a pointer to another version, there most likely is no such one; but the cache may be behind, and the storage is asked.
async fn standing_by_cache(
    call: &Call,
    kind: Kind,
    subject: &Subject,
    version: &Version,
) -> Result<Standing, Problem> {
    if call.cache.says_no_version(kind, subject, version).await {
        return Ok(Standing::Gone);
    }
    match call.cache.pointer(kind, subject).await.map(|cached| cached.pointer) {
        Some(pointer) if pointer.version == *version => Ok(Standing::Counts(Masters::of(&pointer))),
        Some(_) => standing_by_storage(call, kind, subject, version).await,
        None => Ok(Standing::Unknown),
    }
}

async fn standing_by_storage(
    call: &Call,
    kind: Kind,
    subject: &Subject,
    version: &Version,
) -> Result<Standing, Problem> {
    if let Some(held) = read_pointer(&call.store, kind, subject).await? {
        call.cache.keep_pointer(kind, subject, &held.pointer, clock::now()).await;
        if held.pointer.version == *version {
            return Ok(Standing::Counts(Masters::of(&held.pointer)));
        }
    }
    call.cache.keep_no_version(kind, subject, version).await;
    Ok(Standing::Gone)
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
    let turn = match call.trace.measure(Phase::Wait, once::take_or_wait(&name)).await {
        Entry::Mine(turn) => Some(turn),
        Entry::Made(bytes) => return Ok((bytes.to_vec(), CacheState::Shared)),
        Entry::Waited => None,
    };
    let bytes = call
        .trace
        .measure_blocking(Phase::Render, || image.render(subject))
        .map_err(|error| Problem::internal(format!("a default picture: {}", error.code())))?;
    if let Some(turn) = turn {
        turn.made(&bytes);
    }
    let (subject, image, kept) = (subject.clone(), image.clone(), bytes.clone());
    call.in_background("keep_default_picture", async move |_, cache| {
        cache.keep_default_picture(kind, &subject, &image, kept).await;
        Ok(())
    });
    Ok((bytes, CacheState::Rendered))
}

/// Whether a version is there and moves, found out without making a picture. `None`: there is no such version.
pub(crate) async fn motion(
    call: &Call,
    kind: Kind,
    subject: &Subject,
    variant: &Variant,
) -> Result<Option<Motion>, Problem> {
    if let Some(cached) = call.cache.pointer(kind, subject).await
        && cached.age(call.now) != Age::Old
        && cached.pointer.version == variant.version
    {
        return Ok(Some(cached.pointer.motion));
    }
    // A still tells nothing of what it is the still of. Of formats that cannot move it makes no difference.
    let as_it_is = Variant { is_still: false, ..variant.clone() };
    if let Some(bytes) = call.cache.picture(kind, subject, &as_it_is).await {
        return Ok(Some(motion_of_file(&bytes)));
    }
    if call.cache.says_no_version(kind, subject, &variant.version).await {
        return Ok(None);
    }
    Ok(match standing_by_storage(call, kind, subject, &variant.version).await? {
        Standing::Counts(masters) => Some(masters.motion),
        Standing::Gone | Standing::Unknown => None,
    })
}

/// Where the flags of an extended WebP file are, behind `RIFF`, its size, `WEBP`, `VP8X` and its size: RFC 9649 section 2.7.
const WEBP_FLAGS_AT: usize = 20;
const WEBP_ANIMATION_FLAG: u8 = 2;

/// Whether a picture of ours is animated.
pub(crate) fn motion_of_file(bytes: &[u8]) -> Motion {
    let is_extended = bytes.starts_with(b"RIFF") && bytes.get(8..16) == Some(b"WEBPVP8X");
    match bytes.get(WEBP_FLAGS_AT) {
        Some(flags) if is_extended && flags & WEBP_ANIMATION_FLAG != 0 => Motion::Moves,
        _ => Motion::Rests,
    }
}

/// Keeps a picture in the cache, and in the assets bucket if it was made just now. The answer does not wait for it.
fn keep(call: &Call, kind: Kind, subject: &Subject, variant: &Variant, bytes: &[u8], is_new: bool) {
    let (subject, variant, bytes) = (subject.clone(), variant.clone(), bytes.to_vec());
    call.in_background("keep_picture", async move |store, cache| {
        cache.keep_picture(kind, &subject, &variant, bytes.clone()).await;
        if !is_new {
            return Ok(());
        }
        let kept = store_variant(&store, kind, &subject, &variant, &bytes).await;
        if kept == Ok(Kept::NoLonger) {
            cache.forget_picture(kind, &subject, &variant).await;
        }
        kept.map(drop).map_err(|error| Problem::from(error).log_reason())
    });
}
