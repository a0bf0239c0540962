//! What the storage sends: its event, keys, listings, errors, objects of ours; and HTTP answers of every shape.

use super::{assert_refused, config, is_safe_segment};
use crate::conditional::http_date;
use crate::kind::{Kind, Subject};
use crate::publish::keys;
use crate::publish::pointer::{Pointer, Reservation, Slot, read_slot};
use crate::routes::hooks;
use crate::storage::answer::{self as xml, MAX_KEYS, Page};
use crate::storage::s3::S3;
use crate::storage::transport::{Request, Response, Transport, TransportError};
use crate::storage::{BucketName, Condition, File, ObjectStore, StorageError};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use futures_util::FutureExt;
use jiff::Timestamp;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

/// An event is refused with words, is none of our business, or tells of the upload that a plain reading finds in it.
pub fn event(data: &[u8]) {
    let read = match hooks::upload_of(data, "uploads") {
        Ok(read) => read,
        Err(problem) => {
            assert!(serde_json::from_slice::<Value>(data).is_err());
            return assert_refused(&problem, &[400]);
        }
    };
    let event: Value = serde_json::from_slice(data).unwrap();
    let (bucket, key) = (&event["detail"]["bucket"]["name"], &event["detail"]["object"]["key"]);
    let is_ours =
        event["source"] == "aws.s3" && event["detail-type"] == "Object Created" && *bucket == "uploads";
    let wanted = key.as_str().filter(|_| is_ours).and_then(plain_upload);
    assert_eq!(read.as_ref().map(|(kind, subject)| (*kind, subject.as_str())), wanted);
}

/// Whose upload a key is of, found without taking it apart at dots and slashes.
fn plain_upload(key: &str) -> Option<(Kind, &str)> {
    let stem = [".jpg", ".jpeg", ".png", ".webp", ".gif"].iter().find_map(|end| key.strip_suffix(end))?;
    let folders = [("avatars/", Kind::Avatar), ("banners/", Kind::Banner)];
    let (kind, subject) =
        folders.iter().find_map(|(folder, kind)| stem.strip_prefix(folder).map(|rest| (*kind, rest)))?;
    is_safe_segment(subject).then_some((kind, subject))
}

/// A key and two subjects, a line each. A key and its parts are two ways to say the same; no key of one person is another's.
pub fn object_key(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let mut lines = text.splitn(3, '\n');
    let key = lines.next().unwrap_or_default();
    let parsed = keys::parse_upload(key);
    assert_eq!(
        parsed.as_ref().map(|(kind, subject, _)| (*kind, subject.as_str())),
        plain_upload(key),
        "{key}"
    );
    if let Some((kind, subject, extension)) = &parsed {
        assert_eq!(keys::upload(*kind, subject, *extension), key);
        for aside in [keys::rejected(key), keys::rejection_note(key)] {
            assert_eq!(keys::parse_upload(&aside), None, "what was moved aside is no upload");
            assert!(keys::is_rejected(&aside, *kind, subject));
        }
    }
    let (Some(one), Some(other)) = (lines.next().and_then(Subject::new), lines.next().and_then(Subject::new))
    else {
        return;
    };
    for kind in Kind::ALL {
        let prefixes = |subject| {
            [
                keys::uploads_prefix(kind, subject),
                keys::rejected_prefix(kind, subject),
                keys::assets_prefix(kind, subject),
            ]
        };
        for (ours, theirs) in prefixes(&one).iter().zip(prefixes(&other)) {
            assert_eq!(theirs.starts_with(ours.as_str()), one == other, "{ours} {theirs}");
            // A key that lies under both would be deleted by either.
            assert!(!(key.starts_with(ours.as_str()) && key.starts_with(&theirs)) || one == other);
        }
        assert!(!keys::is_rejected(key, kind, &one) || !keys::is_rejected(key, kind, &other) || one == other);
        assert!(!keys::pointer(kind, &one).contains("..") && !keys::pointer(kind, &one).contains("//"));
    }
}

/// A listing is malformed, or has as many objects as a page may, and says the same when it is written down again. Of an error the code
/// is read, which is one word.
pub fn listing(data: &[u8]) {
    if let Some(code) = xml::error_code(data) {
        let code = code.to_string();
        assert!((1..=64).contains(&code.len()));
        assert!(code.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.'), "{code}");
        assert!(xml::page(data).is_err(), "an error is no listing");
    }
    let Ok(page) = xml::page(data) else { return };
    assert!(page.objects.len() <= MAX_KEYS);
    assert!(page.continuation.as_ref().is_none_or(|token| !token.is_empty()));
    assert_eq!(xml::page(written(&page).as_bytes()), Ok(page));
}

fn written(page: &Page) -> String {
    let escaped = |text: &str| {
        let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        text.replace('"', "&quot;").replace('\'', "&apos;")
    };
    let mut xml = format!("<ListBucketResult><IsTruncated>{}</IsTruncated>", page.continuation.is_some());
    if let Some(token) = &page.continuation {
        xml += &format!("<NextContinuationToken>{}</NextContinuationToken>", escaped(token));
    }
    for object in &page.objects {
        xml += &format!(
            "<Contents><Key>{}</Key><ETag>{}</ETag><Size>{}</Size><LastModified>{}</LastModified></Contents>",
            escaped(&object.key),
            escaped(&object.etag),
            object.size_bytes,
            object.last_modified
        );
    }
    xml + "</ListBucketResult>"
}

/// A pointer object is unreadable, or says what a plain reading finds in it, can be written down again, and gives headers of one line.
pub fn pointer(data: &[u8]) {
    let Some(pointer) = Pointer::parse(data) else { return };
    assert_eq!(pointer.version.as_str().len(), 16);
    // Of members that are not known, broken characters are not looked at: then there is no plain reading.
    if let Ok(plain) = serde_json::from_slice::<Value>(data) {
        assert_eq!(plain["schema"], 1);
        assert_eq!(plain["version"], pointer.version.as_str());
        assert_eq!(plain["master"]["content_type"], pointer.master_format.content_type());
        assert_eq!(plain["source"]["key"], pointer.source.key);
        assert_eq!(plain["source"]["etag"], pointer.source.etag);
    }
    assert!(http_date(pointer.published_at).bytes().all(|byte| (b' '..=b'~').contains(&byte)));
    let Some(subject) = Subject::new("user-1") else { return };
    let again = pointer.to_json(Kind::Avatar, &subject);
    assert_eq!(Pointer::parse(&again), Some(pointer));
}

/// Answers every request the same.
struct Same {
    answer: Response,
    asked: Cell<usize>,
}

impl Transport for &Same {
    async fn exchange(&self, request: Request<'_>) -> Result<Response, TransportError> {
        self.asked.set(self.asked.get() + 1);
        let is_longer = self.answer.body.len() as u64 > request.max_body_bytes;
        if is_longer { Err(TransportError::TooLarge) } else { Ok(self.answer.clone()) }
    }

    async fn pause(&self, _: Duration) {}

    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH
    }

    fn chance(&self) -> f64 {
        0.0
    }
}

/// Status, entity tag and digest, a line each, and a body: whatever the storage answers to whatever is asked, it is asked a few times, and
/// what is made of it follows from the status and from bytes that are those that were stored.
pub fn answer(data: &[u8]) {
    let mut lines = data.splitn(4, |byte| *byte == b'\n');
    let mut line = || {
        lines.next().map(|line| String::from_utf8_lossy(line).into_owned()).filter(|line| !line.is_empty())
    };
    let status = line().and_then(|line| line.parse().ok()).unwrap_or(200);
    let (etag, checksum_sha256) = (line(), line());
    let body = lines.next().unwrap_or_default().to_vec();
    let same = Same {
        answer: Response { status, etag, checksum_sha256, is_unpacked: false, body },
        asked: Cell::new(0),
    };
    let store = S3::new(Rc::new(config()), &same);
    let subject = Subject::new("user-1").unwrap();

    // A page that names a next one is followed for so long.
    let is_list = xml::page(&same.answer.body).is_ok_and(|page| page.continuation.is_none());
    match now(&same, 30, store.list(BucketName::Uploads, "avatars/user-1.")) {
        Ok(objects) => assert!(status == 200 && is_list && objects.len() <= MAX_KEYS),
        Err(error) => {
            assert!(status != 200 || !is_list, "{error}");
            assert_worded(&error);
        }
    }
    match now(&same, 3, store.get(BucketName::Assets, "avatars/user-1/current.json", 1_000)) {
        Ok(Some(object)) => {
            assert!(status == 200 && object.bytes == same.answer.body && object.bytes.len() <= 1_000);
            let stated = same.answer.checksum_sha256.as_deref().filter(|stated| !stated.contains('-'));
            let digest = BASE64_STANDARD.encode(Sha256::digest(&object.bytes));
            assert!(stated.is_none_or(|stated| stated == digest), "other bytes than were stored");
        }
        Ok(None) => assert_eq!(status, 404),
        Err(error) => assert_worded(&error),
    }
    let file = |condition| File { bytes: b"{}", content_type: "application/json", condition };
    let key = "avatars/user-1/current.json";
    for (condition, most) in
        [(Condition::None, 3), (Condition::Absent, 1), (Condition::Unchanged("\"1\"".to_owned()), 1)]
    {
        match now(&same, most, store.put(BucketName::Assets, key, file(condition))) {
            Ok(()) => assert_eq!(status, 200),
            Err(error) => assert_worded(&error),
        }
    }
    match now(&same, 3, store.delete(BucketName::Assets, key)) {
        Ok(()) => assert!(matches!(status, 200 | 204 | 404)),
        Err(error) => assert_worded(&error),
    }
    // No panic, and what is at the place of the pointer is one of three.
    match now(&same, 3, read_slot(&store, Kind::Avatar, &subject)) {
        Ok(Slot::Empty) => assert_eq!(status, 404),
        Ok(Slot::Held(held)) => assert_eq!(Pointer::parse(&same.answer.body), Some(held.pointer)),
        Ok(Slot::Reserved(_)) => {
            assert!(serde_json::from_slice::<Reservation>(&same.answer.body).is_ok());
            assert_eq!(Pointer::parse(&same.answer.body), None);
        }
        Err(_) => {}
    }
}

/// Nothing here waits: the future is done at once, after so many requests at most.
fn now<T>(same: &Same, most: usize, future: impl Future<Output = T>) -> T {
    same.asked.set(0);
    let done = future.now_or_never().unwrap();
    assert!((1..=most).contains(&same.asked.get()), "asked {} times", same.asked.get());
    done
}

/// What the log says is one line of ours, whatever the answer was.
fn assert_worded(error: &StorageError) {
    let words = error.to_string();
    assert!(words.len() < 120 && words.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{words}");
}
