use super::*;
use crate::storage::memory::Memory;
use crate::variant::Version;
use BucketName::{Assets, Uploads};
use roundel::Format;

pub(crate) const JPEG: &[u8] = include_bytes!("../../../../wasm/tests/fixtures/portrait.jpg");
pub(crate) const OTHER_JPEG: &[u8] = include_bytes!("../../../../wasm/tests/fixtures/exif-6.jpg");
pub(crate) const PNG: &[u8] = include_bytes!("../../../../wasm/tests/fixtures/alpha.png");

pub(crate) fn rules() -> Rules {
    Rules {
        max_upload_bytes: 1_000_000,
        limits: Limits::default(),
        eager_size: Size::parse(Kind::Avatar, "256").unwrap(),
        nonce: 7,
    }
}

pub(crate) fn subject() -> Subject {
    Subject::new("user-1").unwrap()
}

pub(crate) fn run(store: &Memory) -> Result<Outcome, PublishError> {
    pollster::block_on(publish(store, Kind::Avatar, &subject(), &rules(), store.now()))
}

pub(crate) fn published(store: &Memory) -> Pointer {
    match run(store).unwrap() {
        Outcome::Published { pointer, leftovers: false } => pointer,
        other => panic!("{other:?}"),
    }
}

pub(crate) fn held(store: &Memory) -> Option<Pointer> {
    let bytes = store.bytes(Assets, "avatars/user-1/current.json")?;
    Some(Pointer::parse(&bytes).unwrap())
}

fn keys_of(version: &Version, master: &str) -> Vec<String> {
    let folder = format!("avatars/user-1/{}", version.as_str());
    let mut keys = vec![
        format!("{folder}/256.jpg"),
        format!("{folder}/{master}"),
        "avatars/user-1/current.json".to_owned(),
    ];
    keys.sort();
    keys
}

#[test]
fn a_first_upload_becomes_a_reservation_a_master_a_variant_and_a_pointer_in_this_order() {
    let store = Memory::new();
    store.place(Uploads, "avatars/user-1.jpg", JPEG);
    let pointer = published(&store);
    assert_eq!(store.keys(Assets), keys_of(&pointer.version, "master.jpg"));
    assert_eq!(held(&store), Some(pointer.clone()));
    assert_eq!((pointer.width, pointer.height, pointer.master_format), (480, 480, ServedFormat::Jpg));

    let puts: Vec<_> = store
        .operations
        .borrow()
        .iter()
        .filter(|(op, _)| *op == Operation::Put)
        .map(|(_, key)| key.clone())
        .collect();
    let folder = format!("avatars/user-1/{}", pointer.version.as_str());
    let current = "avatars/user-1/current.json".to_owned();
    let wanted = [current.clone(), format!("{folder}/master.jpg"), format!("{folder}/256.jpg"), current];
    assert_eq!(puts, wanted);

    let info = roundel::inspect(&store.bytes(Assets, &format!("{folder}/256.jpg")).unwrap()).unwrap();
    assert_eq!((info.width, info.height, info.format), (256, 256, Format::Jpeg));
}

#[test]
fn transparency_keeps_a_png_master() {
    let store = Memory::new();
    store.place(Uploads, "avatars/user-1.png", PNG);
    let pointer = published(&store);
    assert_eq!(store.keys(Assets), keys_of(&pointer.version, "master.png"));
}

#[test]
fn publishing_again_changes_nothing_and_reads_no_picture() {
    let store = Memory::new();
    store.place(Uploads, "avatars/user-1.jpg", JPEG);
    let pointer = published(&store);
    store.operations.borrow_mut().clear();
    assert_eq!(run(&store), Ok(Outcome::Unchanged(pointer)));
    let operations: Vec<_> = store.operations.borrow().iter().map(|(operation, _)| *operation).collect();
    // The uploads, the pointer, and whether anything was left behind.
    assert_eq!(operations, [Operation::List, Operation::Get, Operation::List]);
}

#[test]
fn a_new_upload_replaces_the_old_version_and_the_old_upload() {
    let store = Memory::new();
    store.place(Uploads, "avatars/user-1.png", PNG);
    let old = published(&store);
    store.place(Uploads, "avatars/user-1.jpg", JPEG);
    let new = published(&store);
    assert_ne!(new.version, old.version);
    assert_eq!(store.keys(Assets), keys_of(&new.version, "master.jpg"));
    assert_eq!(store.keys(Uploads), ["avatars/user-1.jpg"]);
}

#[test]
fn the_same_picture_under_another_name_keeps_its_objects() {
    let store = Memory::new();
    store.place(Uploads, "avatars/user-1.jpg", JPEG);
    let first = published(&store);
    store.place(Uploads, "avatars/user-1.jpeg", JPEG);
    let second = published(&store);
    assert_eq!(second.version, first.version);
    assert_eq!(store.keys(Assets), keys_of(&first.version, "master.jpg"));
    assert_eq!(store.keys(Uploads), ["avatars/user-1.jpeg"]);
}

#[test]
fn without_an_upload_the_pointer_answers_or_nothing_does() {
    let store = Memory::new();
    assert_eq!(run(&store), Ok(Outcome::NothingUploaded));
    store.place(Uploads, "avatars/user-1.jpg", JPEG);
    let pointer = published(&store);
    pollster::block_on(store.delete(Uploads, "avatars/user-1.jpg")).unwrap();
    assert_eq!(run(&store), Ok(Outcome::Unchanged(pointer)));
}

#[test]
fn an_older_upload_never_replaces_a_newer_picture() {
    let store = Memory::new();
    store.place(Uploads, "avatars/user-1.png", PNG);
    store.place(Uploads, "avatars/user-1.jpg", JPEG);
    let pointer = published(&store);
    pollster::block_on(store.delete(Uploads, "avatars/user-1.jpg")).unwrap();
    store.pass_seconds(-3600);
    store.place(Uploads, "avatars/user-1.png", PNG);
    assert_eq!(run(&store), Ok(Outcome::Unchanged(pointer)));
}

#[test]
fn other_peoples_objects_are_left_alone() {
    let store = Memory::new();
    for key in ["avatars/user-10.jpg", "avatars/user-1.b.jpg", "avatars/user-1.svg", "banners/user-1.jpg"] {
        store.place(Uploads, key, OTHER_JPEG);
    }
    store.place(Assets, "avatars/user-10/0123456789abcdef/master.jpg", b"x");
    assert_eq!(run(&store), Ok(Outcome::NothingUploaded));
    store.place(Uploads, "avatars/user-1.jpg", JPEG);
    store.pass_seconds(10_000);
    published(&store);
    assert_eq!(store.keys(Uploads).len(), 5);
    assert!(store.keys(Assets).contains(&"avatars/user-10/0123456789abcdef/master.jpg".to_owned()));
}

#[test]
fn a_refused_picture_leaves_the_assets_alone() {
    let png_as_jpg = |error: &PublishError| matches!(error, PublishError::ContentTypeMismatch { .. });
    let picture = |error: &PublishError| matches!(error, PublishError::Picture(_));
    let too_large = |error: &PublishError| matches!(error, PublishError::TooLarge { .. });
    type Check<'a> = &'a dyn Fn(&PublishError) -> bool;
    let cases: [(&[u8], Check<'_>); 5] = [
        (PNG, &png_as_jpg),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", &picture),
        (&JPEG[..JPEG.len() / 2], &picture),
        (b"", &picture),
        (&vec![0; 1_000_001], &too_large),
    ];
    for (bytes, expected) in cases {
        let store = Memory::new();
        store.place(Uploads, "avatars/user-1.jpg", bytes);
        let error = run(&store).unwrap_err();
        assert!(expected(&error), "{error:?}");
        assert_eq!(store.keys(Assets), [""; 0]);
        let operations = store.operations.borrow();
        let mut puts = operations.iter().filter(|(operation, _)| *operation == Operation::Put);
        assert!(puts.all(|(_, key)| key.starts_with("rejected/")));
    }
}

#[test]
fn a_file_that_is_too_large_is_not_even_read() {
    let store = Memory::new();
    store.place(Uploads, "avatars/user-1.jpg", &vec![0; 1_000_001]);
    let _ = run(&store);
    let is_read =
        |(operation, key): &(Operation, String)| *operation == Operation::Get && key == "avatars/user-1.jpg";
    assert!(!store.operations.borrow().iter().any(is_read));
    assert_eq!(store.keys(Uploads), ["rejected/avatars/user-1.jpg.json"], "only the note is kept");
}

/// Whatever operation fails, what counts is the old picture or the new one, whole; and a retry brings everything home.
#[test]
fn a_failure_between_any_two_steps_is_never_seen() {
    let mut failures = 0;
    for operations in 0.. {
        let store = Memory::new();
        store.place(Uploads, "avatars/user-1.png", PNG);
        let old = published(&store);
        store.place(Uploads, "avatars/user-1.jpg", JPEG);
        store.fail_after(Some(operations));
        let outcome = run(&store);
        store.fail_after(None);

        let counts = held(&store).unwrap();
        let master = keys::master(Kind::Avatar, &subject(), &counts.version, counts.master_format);
        assert!(store.bytes(Assets, &master).is_some(), "after {operations} operations the master is there");
        match &outcome {
            Err(error) => {
                assert!(matches!(error, PublishError::Storage(_)), "{error:?}");
                assert_eq!(counts, old, "after {operations} operations the old picture counts");
                failures += 1;
            }
            Ok(Outcome::Published { pointer, leftovers }) => {
                assert_eq!(&counts, pointer);
                if !leftovers {
                    break;
                }
            }
            Ok(other) => panic!("{other:?}"),
        }
        // The retry, and a third publish a while later, leave nothing behind.
        run(&store).unwrap();
        store.pass_seconds(3600);
        store.place(Uploads, "avatars/user-1.jpg", OTHER_JPEG);
        let last = published(&store);
        assert_eq!(store.keys(Assets), keys_of(&last.version, "master.jpg"), "after {operations} operations");
    }
    assert!(failures >= 6, "list, pointer, upload and three writes: {failures}");
}

#[test]
fn the_slower_of_two_publishes_does_not_win_with_the_older_upload() {
    let store = Memory::new();
    store.place(Uploads, "avatars/user-1.png", PNG);
    // While the first one is about to write its pointer, a newer upload arrives and is published by another.
    store.before_put("current.json", |store| {
        store.place(Uploads, "avatars/user-1.jpg", JPEG);
        published(store);
    });
    let outcome = run(&store).unwrap();
    let counts = held(&store).unwrap();
    assert_eq!(counts.source.key, "avatars/user-1.jpg");
    assert_eq!(outcome, Outcome::Unchanged(counts));
}

#[test]
fn nor_does_it_where_a_picture_is_replaced() {
    let store = Memory::new();
    store.place(Uploads, "avatars/user-1.jpg", OTHER_JPEG);
    published(&store);
    store.place(Uploads, "avatars/user-1.png", PNG);
    store.before_put("current.json", |store| {
        store.place(Uploads, "avatars/user-1.jpg", JPEG);
        published(store);
    });
    let outcome = run(&store).unwrap();
    let counts = held(&store).unwrap();
    assert_eq!(counts.source.key, "avatars/user-1.jpg");
    assert_eq!(outcome, Outcome::Unchanged(counts));
}

#[test]
fn an_upload_that_arrives_during_the_cleanup_is_kept() {
    let store = Memory::new();
    store.place(Uploads, "avatars/user-1.png", PNG);
    store.place(Uploads, "avatars/user-1.jpg", JPEG);
    store.before_put("current.json", |store| store.place(Uploads, "avatars/user-1.png", PNG));
    run(&store).unwrap();
    assert_eq!(store.keys(Uploads), ["avatars/user-1.jpg", "avatars/user-1.png"]);
    assert_eq!(published(&store).source.key, "avatars/user-1.png");
}

/// A dead publish may leave its reservation; it is no picture, and hinders nobody.
#[test]
fn a_reservation_that_was_left_is_no_picture() {
    let store = Memory::new();
    store.place(Uploads, "avatars/user-1.jpg", JPEG);
    // List, slot, upload, reservation: then it dies.
    store.fail_after(Some(4));
    run(&store).unwrap_err();
    store.fail_after(None);
    assert_eq!(store.keys(Assets), ["avatars/user-1/current.json"]);
    let slot = pollster::block_on(read_slot(&store, Kind::Avatar, &subject())).unwrap();
    assert!(matches!(slot, Slot::Reserved(Some(_))));
    published(&store);
}

/// The storage announces fewer bytes than there are, which no digest gives away.
#[test]
fn an_upload_that_arrives_short_is_read_again_and_never_refused() {
    let key = "avatars/user-1.jpg";
    for (times_short, reads) in [(1, 2), (2, 3)] {
        let store = Memory::new();
        store.place(Uploads, key, JPEG);
        store.shorten(key, times_short);
        published(&store);
        let is_read = |(operation, read): &&(Operation, String)| *operation == Operation::Get && read == key;
        assert_eq!(store.operations.borrow().iter().filter(is_read).count(), reads);
    }
    let store = Memory::new();
    store.place(Uploads, key, JPEG);
    store.shorten(key, usize::MAX);
    assert_eq!(run(&store), Err(PublishError::Storage(StorageError::Corrupt(Operation::Get))));
    assert_eq!(
        (store.keys(Assets).len(), store.keys(Uploads)),
        (0, vec![key.to_owned()]),
        "it is left alone"
    );
    store.shorten(key, 0);
    published(&store);
}
