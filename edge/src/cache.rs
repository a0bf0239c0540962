//! The Cache API of the runtime: finished pictures for long, the pointer for a moment.
//!
//! A cache that fails is a cache that has nothing: nothing here is an error.

use crate::body;
use crate::default_picture::DefaultImage;
use crate::kind::{Kind, Subject};
use crate::publish::{Pointer, keys};
use crate::serve::again;
use crate::trace::{Phase, Trace};
use crate::variant::{Variant, Version};
use jiff::{SignedDuration, Timestamp};
use std::rc::Rc;
use worker::{Cache, Headers, Response};

/// How long a cached pointer is believed without asking the storage.
const POINTER_FRESH_FOR: SignedDuration = SignedDuration::from_secs(5);
/// How old it may be and still be served at once, while the storage is asked in the background.
const POINTER_SERVED_STALE_FOR: SignedDuration = SignedDuration::from_secs(30);
/// How long a pointer is kept for the case that the storage fails, in seconds.
const POINTER_KEPT_SECONDS: u32 = 24 * 60 * 60;
/// How long a default picture is kept, in seconds.
const DEFAULT_PICTURE_KEPT_SECONDS: u32 = 60 * 60;
/// How long "there is no picture" is believed without asking the storage, in seconds.
const NOTHING_KEPT_SECONDS: u32 = 5;
/// How long after a grant "there is no picture" is not believed at all, in seconds: the grant's own time and some.
const AWAITED_SECONDS: u32 = 600;
/// How long initials follow a name without asking the database, in seconds.
const NAME_KEPT_SECONDS: u32 = 30;
/// How long they do without a name after the database failed, in seconds.
const NAME_FAILURE_KEPT_SECONDS: u32 = 5;
/// How long a removal is remembered, in seconds: longer than anybody reads a pointer.
const REMOVAL_KEPT_SECONDS: u32 = 60;
/// How long pictures are kept, in seconds: a removed one is in no data centre's cache for longer.
const PICTURE_KEPT_SECONDS: u32 = 24 * 60 * 60;
/// What is in a note whose being there says it all.
const NOTED: &str = "1";
const READ_AT: &str = "x-roundel-read-at";

/// `cache-control` of what never changes.
pub(crate) const IMMUTABLE: &str = "public, max-age=31536000, immutable";
/// `cache-control` of the plain URL of a picture.
pub(crate) const SHORT_LIVED: &str = "public, max-age=60, stale-while-revalidate=600";

/// `cache-control` of what is shown in place of a picture: one that is uploaded is to be seen soon.
pub(crate) const DEFAULT_PICTURE: &str = "public, max-age=60";

/// What a cached pointer is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Age {
    /// To be believed.
    Fresh,
    /// To be served while the storage is asked.
    Stale,
    /// To be served only if the storage fails.
    Old,
}

/// A pointer and when it was read from the storage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CachedPointer {
    pub(crate) pointer: Pointer,
    pub(crate) read_at: Timestamp,
}

impl CachedPointer {
    pub(crate) fn age(&self, now: Timestamp) -> Age {
        let age = now.duration_since(self.read_at);
        // A date in the future is not believed.
        if age.is_negative() || age >= POINTER_SERVED_STALE_FOR {
            Age::Old
        } else if age >= POINTER_FRESH_FOR {
            Age::Stale
        } else {
            Age::Fresh
        }
    }
}

/// The cache of the data centre that the request came to, below one origin.
#[derive(Debug, Clone)]
pub(crate) struct EdgeCache {
    origin: String,
    trace: Rc<Trace>,
}

impl EdgeCache {
    pub(crate) fn new(origin: String, trace: Rc<Trace>) -> Self {
        Self { origin, trace }
    }

    /// The key of a picture: its URL without a query, so that no query makes another copy.
    fn picture_url(&self, kind: Kind, subject: &Subject, variant: &Variant) -> String {
        format!("{}/{}", self.origin, keys::variant(kind, subject, variant))
    }

    /// A URL that no route answers.
    fn pointer_url(&self, kind: Kind, subject: &Subject) -> String {
        format!("{}/.cache/{}", self.origin, keys::pointer(kind, subject))
    }

    /// A URL that no route answers.
    fn default_picture_url(&self, kind: Kind, subject: &Subject, image: &DefaultImage) -> String {
        let Self { origin, .. } = self;
        let (folder, subject, name) = (kind.folder(), subject.as_str(), image.file_stem());
        format!("{origin}/.cache/default/{folder}/{subject}/{name}.{}", image.format.extension())
    }

    pub(crate) async fn default_picture(
        &self,
        kind: Kind,
        subject: &Subject,
        image: &DefaultImage,
    ) -> Option<Vec<u8>> {
        self.get(self.default_picture_url(kind, subject, image)).await
    }

    pub(crate) async fn keep_default_picture(
        &self,
        kind: Kind,
        subject: &Subject,
        image: &DefaultImage,
        bytes: Vec<u8>,
    ) {
        let headers = [
            ("content-type", image.format.content_type().to_owned()),
            ("cache-control", format!("public, max-age={DEFAULT_PICTURE_KEPT_SECONDS}")),
        ];
        self.put(self.default_picture_url(kind, subject, image), &headers, bytes).await;
    }

    pub(crate) async fn picture(&self, kind: Kind, subject: &Subject, variant: &Variant) -> Option<Vec<u8>> {
        self.get(self.picture_url(kind, subject, variant)).await
    }

    pub(crate) async fn keep_picture(
        &self,
        kind: Kind,
        subject: &Subject,
        variant: &Variant,
        bytes: Vec<u8>,
    ) {
        let headers = [
            ("content-type", variant.format.content_type().to_owned()),
            ("cache-control", format!("public, max-age={PICTURE_KEPT_SECONDS}")),
        ];
        self.put(self.picture_url(kind, subject, variant), &headers, bytes).await;
    }

    pub(crate) async fn pointer(&self, kind: Kind, subject: &Subject) -> Option<CachedPointer> {
        let (headers, json) = self.find(self.pointer_url(kind, subject)).await?;
        let read_at = headers.get(READ_AT).ok()??.parse().ok()?;
        Some(CachedPointer { pointer: Pointer::parse(&json)?, read_at })
    }

    /// Keeps a pointer, unless the one that is kept was published later: a slow reader must not bring back what a
    /// publish has replaced meanwhile.
    pub(crate) async fn keep_pointer(
        &self,
        kind: Kind,
        subject: &Subject,
        pointer: &Pointer,
        now: Timestamp,
    ) {
        let kept = self.pointer(kind, subject).await;
        if kept.is_some_and(|kept| kept.pointer.published_at > pointer.published_at)
            || self.was_removed(kind, subject, pointer.published_at).await
        {
            return;
        }
        let headers = [
            ("content-type", "application/json".to_owned()),
            ("cache-control", format!("public, max-age={POINTER_KEPT_SECONDS}")),
            (READ_AT, now.to_string()),
        ];
        self.put(self.pointer_url(kind, subject), &headers, pointer.to_json(kind, subject)).await;
        forget_answers(kind, subject);
    }
}

/// What is noted of a person beside the pointer, each by its being there.
impl EdgeCache {
    /// A URL that no route answers.
    fn note_url(&self, note: &str, kind: Kind, subject: &Subject) -> String {
        format!("{}/.cache/{note}/{}/{}", self.origin, kind.folder(), subject.as_str())
    }

    /// What is in it matters for a name only.
    async fn keep_note(&self, url: String, text: &str, seconds: u32) {
        let headers = [("cache-control", format!("public, max-age={seconds}"))];
        self.put(url, &headers, text.as_bytes().to_vec()).await;
    }

    /// Whether the storage said a moment ago that there is no picture, and no upload is to be expected since.
    pub(crate) async fn says_nothing(&self, kind: Kind, subject: &Subject) -> bool {
        self.get(self.note_url("nothing", kind, subject)).await.is_some()
            && self.get(self.note_url("awaited", kind, subject)).await.is_none()
    }

    pub(crate) async fn keep_nothing(&self, kind: Kind, subject: &Subject) {
        self.keep_note(self.note_url("nothing", kind, subject), NOTED, NOTHING_KEPT_SECONDS).await;
    }

    /// Whether the storage said a moment ago that there is no such version.
    pub(crate) async fn says_no_version(&self, kind: Kind, subject: &Subject, version: &Version) -> bool {
        self.get(self.version_note_url(kind, subject, version)).await.is_some()
    }

    pub(crate) async fn keep_no_version(&self, kind: Kind, subject: &Subject, version: &Version) {
        self.keep_note(self.version_note_url(kind, subject, version), NOTED, NOTHING_KEPT_SECONDS).await;
    }

    /// There is this version: from now on the storage is asked.
    pub(crate) async fn expect_version(&self, kind: Kind, subject: &Subject, version: &Version) {
        self.delete(self.version_note_url(kind, subject, version)).await;
    }

    /// A URL that no route answers.
    fn version_note_url(&self, kind: Kind, subject: &Subject, version: &Version) -> String {
        format!("{}/{}", self.note_url("no-version", kind, subject), version.as_str())
    }

    /// An upload was allowed: from now on the storage is asked.
    pub(crate) async fn expect_upload(&self, kind: Kind, subject: &Subject) {
        self.keep_note(self.note_url("awaited", kind, subject), NOTED, AWAITED_SECONDS).await;
    }

    /// What was published until now was removed: no slow reader is to bring it back.
    pub(crate) async fn forget_removed(&self, kind: Kind, subject: &Subject, now: Timestamp) {
        let headers = [
            ("cache-control", format!("public, max-age={REMOVAL_KEPT_SECONDS}")),
            (READ_AT, now.to_string()),
        ];
        self.put(self.note_url("removed", kind, subject), &headers, NOTED.into()).await;
        self.forget_pointer(kind, subject).await;
    }

    /// Whether a pointer that was published then was removed since.
    async fn was_removed(&self, kind: Kind, subject: &Subject, published_at: Timestamp) -> bool {
        let note = self.find(self.note_url("removed", kind, subject)).await;
        let removed_at = note.and_then(|(headers, _)| headers.get(READ_AT).ok()??.parse::<Timestamp>().ok());
        removed_at.is_some_and(|removed_at| published_at <= removed_at)
    }

    pub(crate) async fn forget_picture(&self, kind: Kind, subject: &Subject, variant: &Variant) {
        self.delete(self.picture_url(kind, subject, variant)).await;
        forget_answers(kind, subject);
    }

    pub(crate) async fn forget_pointer(&self, kind: Kind, subject: &Subject) {
        self.delete(self.pointer_url(kind, subject)).await;
        forget_answers(kind, subject);
    }
}

/// After what they were made of has changed: an answer that is still being made of the old is not held then.
fn forget_answers(kind: Kind, subject: &Subject) {
    again::forget(&keys::assets_prefix(kind, subject));
}

/// A person's display name, for initials only: a profile itself is never answered from here.
impl EdgeCache {
    /// A URL that no route answers.
    fn name_url(&self, subject: &Subject) -> String {
        format!("{}/.cache/name/{}", self.origin, subject.as_str())
    }

    /// Empty: there is none. `None`: the database is to be asked.
    pub(crate) async fn display_name(&self, subject: &Subject) -> Option<String> {
        String::from_utf8(self.get(self.name_url(subject)).await?).ok()
    }

    pub(crate) async fn keep_display_name(&self, subject: &Subject, name: &str) {
        self.keep_note(self.name_url(subject), name, NAME_KEPT_SECONDS).await;
    }

    /// The database failed: for a moment it is not asked again.
    pub(crate) async fn keep_name_unknown(&self, subject: &Subject) {
        self.keep_note(self.name_url(subject), "", NAME_FAILURE_KEPT_SECONDS).await;
    }
}

/// The steps into the runtime.
impl EdgeCache {
    async fn get(&self, url: String) -> Option<Vec<u8>> {
        self.find(url).await.map(|(_, bytes)| bytes)
    }

    async fn find(&self, url: String) -> Option<(Headers, Vec<u8>)> {
        let found = async {
            let mut response = Cache::default().get(url, false).await.ok()??;
            let bytes = body::read_response(&mut response, u64::MAX).await.ok()?;
            Some((response.headers().clone(), bytes))
        };
        self.trace.measure(Phase::Cache, found).await
    }

    async fn put(&self, url: String, headers: &[(&str, String)], bytes: Vec<u8>) {
        let all = Headers::new();
        for (name, value) in headers {
            if all.set(name, value).is_err() {
                return;
            }
        }
        if let Ok(response) = Response::from_bytes(bytes) {
            // Nothing depends on it being kept.
            let cache = Cache::default();
            let _ = self.trace.measure(Phase::Cache, cache.put(url, response.with_headers(all))).await;
        }
    }

    async fn delete(&self, url: String) {
        // What is not in the cache needs no forgetting, and a cache that fails forgets by itself.
        let _ = self.trace.measure(Phase::Cache, Cache::default().delete(url, false)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::publish::pointer::Source;
    use crate::variant::{Motion, ServedFormat, Version};

    #[test]
    fn a_pointer_is_believed_for_five_seconds_and_served_for_thirty() {
        let read_at: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
        let pointer = Pointer {
            version: Version::of(&[1; 32]),
            master_format: ServedFormat::Jpg,
            width: 1,
            height: 1,
            thumbhash: String::new(),
            motion: Motion::Rests,
            source: Source { key: String::new(), etag: String::new(), last_modified: read_at },
            published_at: read_at,
        };
        let cached = CachedPointer { pointer, read_at };
        let after = |milliseconds| cached.age(read_at + SignedDuration::from_millis(milliseconds));
        assert_eq!([0, 4_999].map(after), [Age::Fresh; 2]);
        assert_eq!([5_000, 29_999].map(after), [Age::Stale; 2]);
        assert_eq!([30_000, 86_400_000, -1].map(after), [Age::Old; 3]);
    }
}
