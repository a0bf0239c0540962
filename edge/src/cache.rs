//! The Cache API of the runtime: finished pictures for long, the pointer for a moment.
//!
//! A cache that fails is a cache that has nothing: nothing here is an error.

use crate::default_picture::DefaultImage;
use crate::kind::{Kind, Subject};
use crate::publish::{Pointer, keys};
use crate::variant::Variant;
use jiff::{SignedDuration, Timestamp};
use worker::{Cache, Headers, Response};

/// How long a cached pointer is believed without asking the storage.
const POINTER_FRESH_FOR: SignedDuration = SignedDuration::from_secs(5);
/// How long a pointer is kept for the case that the storage fails, in seconds.
const POINTER_KEPT_SECONDS: u32 = 24 * 60 * 60;
/// How long a default picture is kept, in seconds.
const DEFAULT_PICTURE_KEPT_SECONDS: u32 = 60 * 60;
const READ_AT: &str = "x-roundel-read-at";

/// `cache-control` of what never changes.
pub(crate) const IMMUTABLE: &str = "public, max-age=31536000, immutable";
/// `cache-control` of the plain URL of a picture.
pub(crate) const SHORT_LIVED: &str = "public, max-age=60, stale-while-revalidate=600";

/// `cache-control` of what is shown in place of a picture: one that is uploaded is to be seen soon.
pub(crate) const DEFAULT_PICTURE: &str = "public, max-age=60";

/// A pointer and when it was read from the storage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CachedPointer {
    pub(crate) pointer: Pointer,
    pub(crate) read_at: Timestamp,
}

impl CachedPointer {
    /// Whether it may be used without asking the storage. A date in the future is not believed.
    pub(crate) fn is_fresh(&self, now: Timestamp) -> bool {
        let age = now.duration_since(self.read_at);
        !age.is_negative() && age < POINTER_FRESH_FOR
    }
}

/// The cache of the data centre that the request came to, below one origin.
#[derive(Debug, Clone)]
pub(crate) struct EdgeCache {
    origin: String,
}

impl EdgeCache {
    pub(crate) fn new(origin: String) -> Self {
        Self { origin }
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
        let Self { origin } = self;
        let (folder, subject, name) = (kind.folder(), subject.as_str(), image.name());
        format!("{origin}/.cache/default/{folder}/{subject}/{name}.{}", image.format.extension())
    }

    pub(crate) async fn default_picture(
        &self,
        kind: Kind,
        subject: &Subject,
        image: &DefaultImage,
    ) -> Option<Vec<u8>> {
        get(self.default_picture_url(kind, subject, image)).await
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
        put(self.default_picture_url(kind, subject, image), &headers, bytes).await;
    }

    pub(crate) async fn picture(&self, kind: Kind, subject: &Subject, variant: &Variant) -> Option<Vec<u8>> {
        get(self.picture_url(kind, subject, variant)).await
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
            ("cache-control", IMMUTABLE.to_owned()),
        ];
        put(self.picture_url(kind, subject, variant), &headers, bytes).await;
    }

    pub(crate) async fn pointer(&self, kind: Kind, subject: &Subject) -> Option<CachedPointer> {
        let mut response = Cache::default().get(self.pointer_url(kind, subject), false).await.ok()??;
        let read_at = response.headers().get(READ_AT).ok()??.parse().ok()?;
        Some(CachedPointer { pointer: Pointer::parse(&response.bytes().await.ok()?)?, read_at })
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
        if kept.is_some_and(|kept| kept.pointer.published_at > pointer.published_at) {
            return;
        }
        let headers = [
            ("content-type", "application/json".to_owned()),
            ("cache-control", format!("public, max-age={POINTER_KEPT_SECONDS}")),
            (READ_AT, now.to_string()),
        ];
        let master_key = keys::master(kind, subject, &pointer.version, pointer.master_format);
        put(self.pointer_url(kind, subject), &headers, pointer.to_json(master_key)).await;
    }
}

async fn get(url: String) -> Option<Vec<u8>> {
    let mut response = Cache::default().get(url, false).await.ok()??;
    response.bytes().await.ok()
}

async fn put(url: String, headers: &[(&str, String)], bytes: Vec<u8>) {
    let all = Headers::new();
    for (name, value) in headers {
        if all.set(name, value).is_err() {
            return;
        }
    }
    if let Ok(response) = Response::from_bytes(bytes) {
        // Nothing depends on it being kept.
        let _ = Cache::default().put(url, response.with_headers(all)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::publish::pointer::Source;
    use crate::variant::{ServedFormat, Version};

    #[test]
    fn a_pointer_is_believed_for_five_seconds() {
        let read_at: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
        let pointer = Pointer {
            version: Version::of(&[1; 32]),
            master_format: ServedFormat::Jpg,
            width: 1,
            height: 1,
            thumbhash: String::new(),
            source: Source { key: String::new(), etag: String::new(), last_modified: read_at },
            published_at: read_at,
        };
        let cached = CachedPointer { pointer, read_at };
        let fresh_after = |milliseconds| cached.is_fresh(read_at + SignedDuration::from_millis(milliseconds));
        assert!(fresh_after(0) && fresh_after(4_999));
        assert!(!fresh_after(5_000) && !fresh_after(-1));
    }
}
