//! The order of things.

use super::cleanup::{self, Settled};
use super::error::PublishError;
use super::keys;
use super::master::{self, Master};
use super::newest::{self, Upload};
use super::pointer::{Pointer, Reservation, Slot, Source, read_slot};
use super::refused;
use super::room::Room;
use crate::kind::{Kind, Subject};
use crate::storage::{BucketName, Condition, File, Listed, ObjectStore, Operation, StorageError};
use crate::variant::{ServedFormat, Size, Variant, Version};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use jiff::Timestamp;
use roundel::Limits;

/// How often a publish begins anew because another one was faster.
const MAX_ATTEMPTS: usize = 4;
/// How often an upload is read that does not arrive as long as the storage says that it is.
const MAX_READS: usize = 3;

/// What holds for every publish.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rules {
    pub(crate) max_upload_bytes: u64,
    pub(crate) limits: Limits,
    /// The size that is made at once; others are made when asked for.
    pub(crate) eager_size: Size,
    /// A number that no other publish has.
    pub(crate) nonce: u64,
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
    pub(crate) fn pointer(&self) -> Option<&Pointer> {
        match self {
            Self::Published { pointer, .. } | Self::Unchanged(pointer) => Some(pointer),
            Self::NothingUploaded => None,
        }
    }
}

/// Makes a person's newest upload the picture that counts.
///
/// Repeating it changes nothing, except that it finishes what one that died left undone. An upload that is older than what counts never
/// replaces it, whatever the order in which publishes run: the pointer is only written over the one that was read.
///
/// # Errors
///
/// See [`PublishError`].
pub(crate) async fn publish(
    store: &impl ObjectStore,
    room: &impl Room,
    kind: Kind,
    subject: &Subject,
    rules: &Rules,
    now: Timestamp,
) -> Result<Outcome, PublishError> {
    let mut written: Option<Version> = None;
    for _ in 0..MAX_ATTEMPTS {
        let listed = store.list(BucketName::Uploads, &keys::uploads_prefix(kind, subject)).await?;
        let uploads = newest::uploads_of(kind, subject, listed);
        let slot = read_slot(store, kind, subject).await?;
        let Some(upload) = newest::newest(&uploads) else {
            if let Some(version) = &written {
                cleanup::take_back(store, kind, subject, version).await?;
            }
            return Ok(match slot {
                Slot::Held(held) => Outcome::Unchanged(held.pointer),
                Slot::Empty | Slot::Reserved(_) => Outcome::NothingUploaded,
            });
        };
        if let Slot::Held(held) = &slot
            && !newest::supersedes(&upload.object, &held.pointer.source)
        {
            let pointer = &held.pointer;
            if let Some(version) = &written {
                let _ = cleanup::take_back(store, kind, subject, version).await;
            }
            // The picture counts already: what cannot be seen to now is seen to by a later publish.
            if cleanup::settle(store, kind, subject, pointer, &uploads, upload).await
                != Ok(Settled::MasterIsGone)
            {
                return Ok(Outcome::Unchanged(pointer.clone()));
            }
        }
        let Some(Made { master, eager }) = make(store, room, kind, subject, upload, rules, now).await? else {
            continue;
        };
        let Some(claim) = claim(store, kind, subject, upload, slot, rules, now).await? else { continue };

        let pointer = pointer_to(&master, &upload.object, now);
        write_pictures(store, kind, subject, &master, rules.eager_size, &eager).await?;
        written = Some(master.version.clone());
        let document = pointer.to_json(kind, subject);
        let condition = claim.condition;
        let file = File { bytes: &document, content_type: "application/json", condition };
        match store.put(BucketName::Assets, &keys::pointer(kind, subject), file).await {
            Ok(()) => {}
            Err(StorageError::Changed) => continue,
            Err(error) => return Err(error.into()),
        }

        let previous = claim.replaced;
        let replaced = cleanup::Replaced { version: previous.as_ref(), uploads: &uploads, published: upload };
        // The picture counts already: what cannot be taken away now is taken away by a later publish.
        let leftovers = cleanup::run(store, kind, subject, &pointer.version, &replaced, now).await.is_err();
        return Ok(Outcome::Published { pointer, leftovers });
    }
    Err(PublishError::Contended)
}

/// What is made of an upload at once.
struct Made {
    master: Master,
    eager: Vec<u8>,
}

/// Makes the pictures of an upload; one that cannot be used is moved aside. `None`: it is no longer the one that was listed.
async fn make(
    store: &impl ObjectStore,
    room: &impl Room,
    kind: Kind,
    subject: &Subject,
    upload: &Upload,
    rules: &Rules,
    now: Timestamp,
) -> Result<Option<Made>, PublishError> {
    // What is too large is not read at all.
    let bytes = upload.object.size_bytes.min(rules.max_upload_bytes);
    let _place = room.enter(bytes).await.ok_or(PublishError::NoRoom)?;
    let (bytes, made) = match read_upload(store, upload, rules.max_upload_bytes).await {
        Ok(Some(bytes)) => {
            let made = render(kind, &bytes, upload, rules);
            (Some(bytes), made)
        }
        Ok(None) => return Ok(None),
        Err(error) => (None, Err(error)),
    };
    if let Err(error) = &made
        && let Some(refusal) = error.refusal()
    {
        // The answer is the refusal in any case. What could not be moved is refused and moved the next time.
        let _ = refused::set_aside(store, kind, subject, upload, bytes.as_deref(), &refusal, now).await;
    }
    made.map(Some)
}

fn render(kind: Kind, bytes: &[u8], upload: &Upload, rules: &Rules) -> Result<Made, PublishError> {
    let master = master::make(kind, bytes, upload.extension, &rules.limits)?;
    let eager =
        master::render_variant(&master.picture.bytes, rules.eager_size, ServedFormat::Jpg, &rules.limits)?;
    Ok(Made { master, eager })
}

/// The right to write the pointer.
struct Claim {
    condition: Condition,
    /// The version that counted when the claim was made.
    replaced: Option<Version>,
}

/// Claims the place of the pointer: to write over what was read there, or over a reservation where there was no pointer. `None`:
/// another was faster, or the upload is gone.
///
/// After a reservation the upload has to be there still. That is what keeps a removed picture from coming back: who reserved before the
/// removal finds that the reservation is gone, and who reserves after it finds that the upload is.
async fn claim(
    store: &impl ObjectStore,
    kind: Kind,
    subject: &Subject,
    upload: &Upload,
    slot: Slot,
    rules: &Rules,
    now: Timestamp,
) -> Result<Option<Claim>, PublishError> {
    // A storage without entity tags cannot be asked to compare them.
    let over = |etag: Option<String>| etag.map_or(Condition::None, Condition::Unchanged);
    let etag = match slot {
        Slot::Held(held) => {
            let replaced = Some(held.pointer.version);
            return Ok(Some(Claim { condition: over(held.etag), replaced }));
        }
        Slot::Reserved(etag) => etag,
        Slot::Empty => {
            let bytes = Reservation::new(now, rules.nonce).to_json();
            let file = File { bytes: &bytes, content_type: "application/json", condition: Condition::Absent };
            match store.put(BucketName::Assets, &keys::pointer(kind, subject), file).await {
                Ok(()) | Err(StorageError::Changed) => {}
                Err(error) => return Err(error.into()),
            }
            let Slot::Reserved(etag) = read_slot(store, kind, subject).await? else { return Ok(None) };
            etag
        }
    };
    let still = store.list(BucketName::Uploads, &keys::uploads_prefix(kind, subject)).await?;
    Ok(still.contains(&upload.object).then(|| Claim { condition: over(etag), replaced: None }))
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
    let is_listed = |etag: &Option<String>| etag.as_ref().is_none_or(|etag| *etag == upload.object.etag);
    for _ in 0..MAX_READS {
        let object = match store.get(BucketName::Uploads, &upload.object.key, max_bytes).await {
            Err(StorageError::TooLarge(_)) => return Err(PublishError::TooLarge { max_bytes }),
            other => other?,
        };
        let Some(object) = object.filter(|object| is_listed(&object.etag)) else { return Ok(None) };
        // An upload has a digest only where its client stated one; a size it has in any case. Refusing what arrived short would
        // throw away a good upload.
        if object.is_unpacked || object.bytes.len() as u64 == upload.object.size_bytes {
            return Ok(Some(object.bytes));
        }
    }
    Err(StorageError::Corrupt(Operation::Get).into())
}

fn pointer_to(master: &Master, upload: &Listed, now: Timestamp) -> Pointer {
    Pointer {
        version: master.version.clone(),
        master_format: master.format,
        width: master.picture.width,
        height: master.picture.height,
        thumbhash: BASE64_STANDARD.encode(&master.picture.thumbhash),
        motion: master.motion(),
        source: Source::of(upload),
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
    let Master { picture, animation, format, version } = master;
    let content_type = format.content_type();
    let file = File { bytes: &picture.bytes, content_type, condition: Condition::None };
    store.put(BucketName::Assets, &keys::master(kind, subject, version, *format), file).await?;
    if let Some(animation) = animation {
        let content_type = animation.format.content_type();
        let file = File { bytes: &animation.bytes, content_type, condition: Condition::None };
        store.put(BucketName::Assets, &keys::animation(kind, subject, version), file).await?;
    }
    let variant = Variant { version: version.clone(), size, format: ServedFormat::Jpg, is_still: false };
    let content_type = variant.format.content_type();
    let file = File { bytes: eager, content_type, condition: Condition::None };
    store.put(BucketName::Assets, &keys::variant(kind, subject, &variant), file).await
}

#[cfg(test)]
mod interleaved;
#[cfg(test)]
mod killed;
#[cfg(test)]
pub(crate) mod tests;
