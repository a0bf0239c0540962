use super::*;
use crate::publish::run::tests::{JPEG, PNG, held, published, run, subject};
use crate::publish::{Outcome, PublishError};
use crate::storage::memory::Memory;
use BucketName::Uploads;

fn last_refusal_of(store: &Memory) -> Option<Refusal> {
    let counts = held(store);
    pollster::block_on(last_refusal(store, Kind::Avatar, &subject(), counts.as_ref())).unwrap()
}

#[test]
fn a_refused_upload_is_moved_aside_and_remembered_until_a_later_one_counts() {
    let store = Memory::new();
    store.place(Uploads, "avatars/user-1.png", PNG);
    let first = published(&store);
    assert_eq!(last_refusal_of(&store), None);
    store.place(Uploads, "avatars/user-1.jpg", b"not a picture");
    let refusal = run(&store).unwrap_err().refusal().unwrap();
    assert_eq!(refusal.code, "unsupported_format");
    let aside = ["avatars/user-1.png", "rejected/avatars/user-1.jpg", "rejected/avatars/user-1.jpg.json"];
    assert_eq!(store.keys(Uploads), aside);
    assert_eq!(store.bytes(Uploads, aside[1]).as_deref(), Some(b"not a picture".as_slice()));
    assert_eq!(run(&store), Ok(Outcome::Unchanged(first)));
    assert_eq!(last_refusal_of(&store), Some(refusal));
    store.place(Uploads, "avatars/user-1.jpg", JPEG);
    published(&store);
    assert_eq!(last_refusal_of(&store), None);
}

#[test]
fn an_upload_that_arrives_while_another_is_moved_aside_is_kept() {
    let store = Memory::new();
    store.place(Uploads, "avatars/user-1.jpg", b"not a picture");
    store.before_put(".json", |store| store.place(Uploads, "avatars/user-1.jpg", JPEG));
    assert!(run(&store).is_err());
    assert_eq!(store.bytes(Uploads, "avatars/user-1.jpg").as_deref(), Some(JPEG));
    published(&store);
}

#[test]
fn a_refusal_is_told_even_where_the_upload_cannot_be_moved() {
    // After the list, the pointer and the upload: copy, note, list, deletion.
    for operations in 3..7 {
        let store = Memory::new();
        store.place(Uploads, "avatars/user-1.jpg", b"not a picture");
        store.fail_after(Some(operations));
        assert!(matches!(run(&store), Err(PublishError::Picture(_))), "after {operations}");
        store.fail_after(None);
        assert!(store.keys(Uploads).contains(&"avatars/user-1.jpg".to_owned()), "after {operations}");
        assert!(matches!(run(&store), Err(PublishError::Picture(_))), "after {operations}");
        assert!(!store.keys(Uploads).contains(&"avatars/user-1.jpg".to_owned()), "the next one moves it");
    }
}

#[test]
fn what_is_no_note_is_no_refusal() {
    let note = |schema: u32, code: &str| {
        format!(
            r#"{{"schema":{schema},"code":"{code}","detail":"d","size_bytes":1,"refused_at":"2027-01-01T00:00:00Z",
                "upload":{{"key":"k","etag":"e","last_modified":"2027-01-01T00:00:00Z"}}}}"#
        )
    };
    let last = |note: String| {
        let store = Memory::new();
        store.place(Uploads, "rejected/avatars/user-1.jpg.json", note.as_bytes());
        last_refusal_of(&store)
    };
    assert_eq!(last(note(1, "truncated")).map(|refusal| refusal.code), Some("truncated"));
    for text in [String::new(), "{}".into(), "[]".into(), note(2, "truncated"), note(1, "internal")] {
        assert_eq!(last(text.clone()), None, "{text}");
    }
    assert_eq!(last(" ".repeat(10_000)), None);
}

#[test]
fn every_code_is_one_that_the_answer_knows() {
    for code in Refusal::CODES {
        let problem = crate::problem::Problem::from(Refusal::new(code, String::new()).unwrap());
        assert_eq!(problem.code, code);
        assert!(matches!(problem.status, 413 | 415 | 422), "{code}");
    }
    assert_eq!(Refusal::new("bad_recipe", String::new()), None);
}
