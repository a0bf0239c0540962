//! A publish that dies at any of its steps: what counts is whole, and the same publish once more leaves what an undisturbed one leaves.

use super::tests::{JPEG, OTHER_JPEG, PNG, held, published, rules, run, subject};
use super::*;
use crate::publish::room::tests::Doorman;
use crate::storage::memory::Memory;
use crate::storage::{Object, Operation};
use crate::variant::Motion;
use BucketName::{Assets, Uploads};
use sha2::{Digest, Sha256};
use std::cell::Cell;

/// Does so many operations, and then no more. The last one may reach the storage, and only its answer be lost.
struct Dying<'a> {
    store: &'a Memory,
    left: Cell<usize>,
    loses_the_answer: bool,
}

impl Dying<'_> {
    async fn step<T>(
        &self,
        operation: Operation,
        step: impl Future<Output = Result<T, StorageError>>,
    ) -> Result<T, StorageError> {
        let gone = Err(StorageError::Unreachable(operation));
        match self.left.get() {
            0 => gone,
            left => {
                self.left.set(left - 1);
                let done = step.await;
                if left == 1 && self.loses_the_answer { gone } else { done }
            }
        }
    }
}

impl ObjectStore for Dying<'_> {
    async fn list(&self, bucket: BucketName, prefix: &str) -> Result<Vec<Listed>, StorageError> {
        self.step(Operation::List, self.store.list(bucket, prefix)).await
    }

    async fn get(&self, bucket: BucketName, key: &str, max: u64) -> Result<Option<Object>, StorageError> {
        self.step(Operation::Get, self.store.get(bucket, key, max)).await
    }

    async fn put(&self, bucket: BucketName, key: &str, file: File<'_>) -> Result<(), StorageError> {
        self.step(Operation::Put, self.store.put(bucket, key, file)).await
    }

    async fn delete(&self, bucket: BucketName, key: &str) -> Result<(), StorageError> {
        self.step(Operation::Delete, self.store.delete(bucket, key)).await
    }
}

/// What was there before, and what is then uploaded.
struct Story {
    name: &'static str,
    before: &'static [(&'static str, &'static [u8])],
    uploads: &'static [(&'static str, &'static [u8])],
}

// Small ones: each is made into pictures some hundred times.
pub(super) const NEW: &[u8] = include_bytes!("../../../../wasm/tests/fixtures/interlaced-palette-4.png");
pub(super) const OLD: &[u8] = include_bytes!("../../../../wasm/tests/fixtures/gray16.png");
pub(super) const OLD_WEBP: &[u8] = include_bytes!("../../../../wasm/tests/fixtures/lossy-odd.webp");
const OLD_GIF: &[u8] = include_bytes!("../../../../wasm/tests/fixtures/still.gif");

const MOVING: &[u8] = include_bytes!("../../../../wasm/tests/fixtures/anim.gif");

const STORIES: [Story; 5] = [
    Story { name: "a first picture", before: &[], uploads: &[("png", NEW)] },
    Story { name: "another under the same name", before: &[("png", OLD)], uploads: &[("png", NEW)] },
    Story { name: "another under another name", before: &[("webp", OLD_WEBP)], uploads: &[("png", NEW)] },
    Story { name: "one that moves", before: &[("png", OLD)], uploads: &[("gif", MOVING)] },
    Story {
        name: "several at once",
        before: &[("png", OLD)],
        uploads: &[("webp", OLD_WEBP), ("gif", OLD_GIF), ("png", NEW)],
    },
];

fn begun(story: &Story) -> (Memory, Option<Pointer>) {
    let store = Memory::new();
    for (extension, bytes) in story.before {
        store.place(Uploads, &format!("avatars/user-1.{extension}"), bytes);
    }
    let old = (!story.before.is_empty()).then(|| published(&store));
    for (extension, bytes) in story.uploads {
        store.place(Uploads, &format!("avatars/user-1.{extension}"), bytes);
    }
    (store, old)
}

pub(super) fn assert_whole(store: &Memory, pointer: &Pointer, at: &str) {
    let master = keys::master(Kind::Avatar, &subject(), &pointer.version, pointer.master_format);
    let bytes = store.bytes(Assets, &master).unwrap_or_else(|| panic!("{at}: no master"));
    let digest = Sha256::digest(&bytes).into();
    let version = match pointer.motion {
        Motion::Rests => Version::of(&digest),
        Motion::Moves => {
            let animation = keys::animation(Kind::Avatar, &subject(), &pointer.version);
            let bytes = store.bytes(Assets, &animation).unwrap_or_else(|| panic!("{at}: no animation"));
            Version::of_moving(&digest, &Sha256::digest(&bytes).into())
        }
    };
    assert_eq!(version, pointer.version, "{at}");
}

#[test]
fn the_same_publish_once_more_heals_it() {
    for story in &STORIES {
        let (undisturbed, _) = begun(story);
        let new = published(&undisturbed);
        assert_eq!(undisturbed.keys(Uploads).len(), 1, "{}", story.name);
        let mut deaths = 0;
        for loses_the_answer in [false, true] {
            for operations in 0.. {
                let (store, old) = begun(story);
                let dying = Dying { store: &store, left: Cell::new(operations), loses_the_answer };
                let outcome = pollster::block_on(publish(
                    &dying,
                    &Doorman::new(),
                    Kind::Avatar,
                    &subject(),
                    &rules(),
                    store.now(),
                ));
                assert!(old.as_ref().is_none_or(|old| old.version != new.version), "{}", story.name);
                let at = format!("{}, after {operations} operations, {loses_the_answer}", story.name);

                let slot = pollster::block_on(read_slot(&store, Kind::Avatar, &subject())).unwrap();
                let counts = match slot {
                    Slot::Held(held) => Some(held.pointer),
                    Slot::Empty | Slot::Reserved(_) => None,
                };
                match &counts {
                    Some(counts) => {
                        let is_old = old.as_ref().is_some_and(|old| old.version == counts.version);
                        assert!(is_old || counts.version == new.version, "{at}");
                        assert_whole(&store, counts, &at);
                    }
                    None => assert!(old.is_none(), "{at}: the picture before is gone"),
                }
                if dying.left.get() > 0 {
                    assert!(matches!(outcome, Ok(Outcome::Published { leftovers: false, .. })), "{at}");
                    break;
                }
                deaths += 1;
                run(&store).unwrap();
                assert_eq!(held(&store).unwrap().version, new.version, "{at}");
                assert_whole(&store, &new, &at);
                for bucket in [Uploads, Assets] {
                    assert_eq!(store.keys(bucket), undisturbed.keys(bucket), "{at}");
                }
            }
        }
        assert!(deaths >= 18, "{}: {deaths}", story.name);
    }
}

/// The one way to lose a picture that counts: the very same one came back while it was being deleted, or somebody deleted it by hand.
#[test]
fn a_picture_whose_files_are_gone_is_made_again_of_its_upload() {
    let store = Memory::new();
    store.place(Uploads, "avatars/user-1.jpg", JPEG);
    let pointer = published(&store);
    let keys = store.keys(Assets);
    for key in keys.iter().filter(|key| !key.ends_with("current.json")) {
        pollster::block_on(store.delete(Assets, key)).unwrap();
    }
    assert_eq!(published(&store).version, pointer.version);
    assert_eq!(store.keys(Assets), keys);
}

#[test]
fn who_was_too_slow_takes_its_pictures_away() {
    let store = Memory::new();
    store.place(Uploads, "avatars/user-1.png", PNG);
    store.before_put("current.json", |store| {
        store.before_put("256.jpg", |store| {
            store.place(Uploads, "avatars/user-1.jpg", JPEG);
            published(store);
        });
    });
    let outcome = run(&store).unwrap();
    let counts = held(&store).unwrap();
    assert_eq!(counts.source.key, "avatars/user-1.jpg");
    assert_eq!(outcome, Outcome::Unchanged(counts.clone()));
    assert_eq!(store.keys(Assets).len(), 3, "{:?}", store.keys(Assets));
}

/// Somebody else's picture that is being published, and whose pointer is not written yet, must not lose its files.
#[test]
fn what_another_is_about_to_publish_is_left_alone() {
    let store = Memory::new();
    store.place(Uploads, "avatars/user-1.jpg", JPEG);
    published(&store);
    // Written after the pointer, as by one who has read that pointer.
    store.place(Assets, "avatars/user-1/0123456789abcdef/master.jpg", OTHER_JPEG);
    assert!(matches!(run(&store), Ok(Outcome::Unchanged(_))));
    assert!(store.bytes(Assets, "avatars/user-1/0123456789abcdef/master.jpg").is_some());
}
