//! Which upload counts.

use super::keys::{self, Extension};
use super::pointer::Source;
use crate::kind::{Kind, Subject};
use crate::storage::Listed;

/// A person's upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Upload {
    pub(crate) extension: Extension,
    pub(crate) object: Listed,
}

/// The person's uploads among listed objects.
pub(crate) fn uploads_of(kind: Kind, subject: &Subject, listed: Vec<Listed>) -> Vec<Upload> {
    let own = |object: Listed| match keys::parse_upload(&object.key) {
        Some((its_kind, its_subject, extension)) if its_kind == kind && its_subject == *subject => {
            Some(Upload { extension, object })
        }
        _ => None,
    };
    listed.into_iter().filter_map(own).collect()
}

/// The newest upload. Of two from the same moment, the one whose key sorts last.
pub(crate) fn newest(uploads: &[Upload]) -> Option<&Upload> {
    uploads.iter().max_by(|a, b| order(&a.object).cmp(&order(&b.object)))
}

fn order(object: &Listed) -> (jiff::Timestamp, &str) {
    (object.last_modified, &object.key)
}

/// Whether an upload is to replace what was made of `published`.
///
/// The same upload does not, and an older one never does. Two uploads to one key within the storage's second are told
/// apart by their entity tags; the storage shows only the last of them, so that one counts.
pub(crate) fn supersedes(upload: &Listed, published: &Source) -> bool {
    if upload.key == published.key && upload.last_modified == published.last_modified {
        return upload.etag != published.etag;
    }
    if upload.key == published.key && upload.etag == published.etag {
        return false;
    }
    order(upload) > (published.last_modified, published.key.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;

    fn listed(key: &str, etag: &str, second: i64) -> Listed {
        let last_modified = Timestamp::from_second(1_800_000_000 + second).unwrap();
        Listed { key: key.to_owned(), etag: etag.to_owned(), size_bytes: 1, last_modified }
    }

    fn source(key: &str, etag: &str, second: i64) -> Source {
        let Listed { key, etag, last_modified, .. } = listed(key, etag, second);
        Source { key, etag, last_modified }
    }

    #[test]
    fn the_newest_counts_and_ties_are_settled_the_same_way_every_time() {
        let subject = Subject::new("a").unwrap();
        let of = |objects: Vec<Listed>| {
            let uploads = uploads_of(Kind::Avatar, &subject, objects);
            newest(&uploads).map(|upload| upload.object.key.clone())
        };
        let (jpg, png) = (listed("avatars/a.jpg", "1", 5), listed("avatars/a.png", "2", 5));
        assert_eq!(of(vec![jpg.clone(), png.clone()]).as_deref(), Some("avatars/a.png"));
        assert_eq!(of(vec![png.clone(), jpg.clone()]).as_deref(), Some("avatars/a.png"));
        let later = listed("avatars/a.jpg", "1", 6);
        assert_eq!(of(vec![later, png]).as_deref(), Some("avatars/a.jpg"));
        let foreign = ["avatars/a.b.jpg", "avatars/a.svg", "avatars/ab.jpg", "avatars/a/x.jpg"];
        assert_eq!(of(foreign.iter().map(|key| listed(key, "1", 9)).collect()), None);
        assert_eq!(of(Vec::new()), None);
    }

    #[test]
    fn an_older_upload_never_supersedes_and_the_same_one_neither() {
        let published = source("avatars/a.jpg", "1", 5);
        assert!(!supersedes(&listed("avatars/a.jpg", "1", 5), &published), "the same");
        assert!(!supersedes(&listed("avatars/a.jpg", "1", 7), &published), "the same bytes, uploaded again");
        assert!(!supersedes(&listed("avatars/a.png", "2", 4), &published), "older");
        assert!(!supersedes(&listed("avatars/a.gif", "2", 5), &published), "a tie that sorts before");
        assert!(supersedes(&listed("avatars/a.jpg", "2", 5), &published), "replaced within the second");
        assert!(supersedes(&listed("avatars/a.png", "2", 5), &published), "a tie that sorts after");
        assert!(supersedes(&listed("avatars/a.png", "1", 6), &published), "newer");
    }
}
