//! Uploads that cannot be used: moved aside, so that they are not read again and again, with a note that says why.
//!
//! `avatars/x.jpg` goes to `rejected/avatars/x.jpg` in the same bucket, with `rejected/avatars/x.jpg.json` beside it. No upload URL
//! is ever signed for such a key, and no event of one is taken for an upload. What is larger than an upload may be is not read at all:
//! of that only the note is kept.

use super::keys;
use super::newest::Upload;
use super::pointer::{Pointer, Source};
use crate::kind::{Kind, Subject};
use crate::storage::{BucketName, Condition, File, ObjectStore, StorageError};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The schema that this code writes, and the only one it reads.
const SCHEMA: u32 = 1;
/// Longest note that is read, in bytes.
const MAX_NOTE_BYTES: u64 = 16 * 1024;

/// Why an upload was refused: the code of the API and words for the person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) code: &'static str,
    pub(crate) detail: String,
}

impl Refusal {
    /// Every code that an upload is refused with.
    pub(crate) const CODES: [&str; 8] = [
        "unsupported_format",
        "truncated",
        "malformed",
        "too_many_pixels",
        "too_many_frames",
        "out_of_memory_budget",
        "too_large",
        "content_type_mismatch",
    ];

    /// `None`: not a code that uploads are refused with.
    pub(crate) fn new(code: &str, detail: String) -> Option<Self> {
        let code = Self::CODES.into_iter().find(|known| *known == code)?;
        Some(Self { code, detail })
    }
}

/// The note, as it is written.
#[derive(Serialize, Deserialize)]
struct Note {
    schema: u32,
    code: String,
    detail: String,
    size_bytes: u64,
    upload: Source,
    refused_at: Timestamp,
}

/// Moves an upload aside: first the copy and the note, then the upload goes, if it is still the one that was refused. `bytes`: the
/// upload, where it was read.
///
/// Whoever dies in between leaves an upload that is refused and moved again. One that arrives under the same key between the last
/// look and the deletion is lost, as [`super::cleanup`] may lose it: the storage has no conditional deletion.
pub(crate) async fn set_aside(
    store: &impl ObjectStore,
    kind: Kind,
    subject: &Subject,
    upload: &Upload,
    bytes: Option<&[u8]>,
    refusal: &Refusal,
    now: Timestamp,
) -> Result<(), StorageError> {
    let key = &upload.object.key;
    if let Some(bytes) = bytes {
        // Whatever it is, nobody is to take it for what it says it is.
        let file = File { bytes, content_type: "application/octet-stream", condition: Condition::None };
        store.put(BucketName::Uploads, &keys::rejected(key), file).await?;
    }
    let note = Note {
        schema: SCHEMA,
        code: refusal.code.to_owned(),
        detail: refusal.detail.clone(),
        size_bytes: upload.object.size_bytes,
        upload: Source::of(&upload.object),
        refused_at: now,
    };
    // Strings, numbers and times only: this cannot fail, and an empty note is read as none.
    let note = serde_json::to_vec(&note).unwrap_or_default();
    let file = File { bytes: &note, content_type: "application/json", condition: Condition::None };
    store.put(BucketName::Uploads, &keys::rejection_note(key), file).await?;

    let still = store.list(BucketName::Uploads, &keys::uploads_prefix(kind, subject)).await?;
    if still.contains(&upload.object) {
        store.delete(BucketName::Uploads, key).await?;
    }
    Ok(())
}

/// Why the person's last upload was refused, if it was and nothing later counts.
///
/// # Errors
///
/// A storage that fails.
pub(crate) async fn last_refusal(
    store: &impl ObjectStore,
    kind: Kind,
    subject: &Subject,
    counts: Option<&Pointer>,
) -> Result<Option<Refusal>, StorageError> {
    let listed = store.list(BucketName::Uploads, &keys::rejected_prefix(kind, subject)).await?;
    let notes = listed.into_iter().filter(|object| keys::is_rejection_note(&object.key, kind, subject));
    let Some(newest) = notes.max_by_key(|object| object.last_modified) else { return Ok(None) };
    let note = match store.get(BucketName::Uploads, &newest.key, MAX_NOTE_BYTES).await? {
        Some(object) => serde_json::from_slice::<Note>(&object.bytes).ok(),
        None => None,
    };
    let is_later = |note: &Note| {
        note.schema == SCHEMA
            && counts.is_none_or(|pointer| note.upload.last_modified > pointer.source.last_modified)
    };
    Ok(note.filter(is_later).and_then(|note| Refusal::new(&note.code, note.detail)))
}

#[cfg(test)]
mod tests;
