use super::*;
use crate::publish::Outcome;
use crate::publish::run::tests::{JPEG, OTHER_JPEG, PNG, held, published, run, subject};
use crate::storage::memory::Memory;
use BucketName::{Assets, Uploads};

fn removed(store: &Memory) -> Result<Vec<Version>, PublishError> {
    pollster::block_on(remove(store, Kind::Avatar, &subject()))
}

fn pictures(store: &Memory) -> Vec<String> {
    store.keys(Assets).into_iter().filter(|key| !key.ends_with("current.json")).collect()
}

#[test]
fn nothing_of_the_person_is_left_and_all_of_others() {
    let store = Memory::new();
    let others =
        ["avatars/user-1.b.jpg", "avatars/user-10.jpg", "banners/user-1.jpg", "rejected/avatars/user-10.jpg"];
    for key in others {
        store.place(Uploads, key, OTHER_JPEG);
    }
    store.place(Assets, "avatars/user-10/current.json", b"x");
    store.place(Uploads, "avatars/user-1.jpg", b"not a picture");
    run(&store).unwrap_err();
    store.place(Uploads, "avatars/user-1.png", PNG);
    let pointer = published(&store);
    assert_eq!(removed(&store), Ok(vec![pointer.version]));
    assert_eq!(store.keys(Uploads), others);
    assert_eq!(store.keys(Assets), ["avatars/user-10/current.json"]);
    assert_eq!(removed(&store), Ok(Vec::new()), "again");
    assert_eq!(run(&store), Ok(Outcome::NothingUploaded), "and a late event finds nothing");
}

/// Whatever step fails, the picture is whole or there is none, and asking again finishes it.
#[test]
fn a_removal_that_breaks_off_leaves_a_whole_picture_or_none() {
    for operations in 0.. {
        let store = Memory::new();
        store.place(Uploads, "avatars/user-1.jpg", JPEG);
        published(&store);
        store.fail_after(Some(operations));
        let outcome = removed(&store);
        store.fail_after(None);
        if let Some(counts) = held(&store) {
            let master = keys::master(Kind::Avatar, &subject(), &counts.version, counts.master_format);
            assert!(
                store.bytes(Assets, &master).is_some(),
                "after {operations} operations the master is there"
            );
        } else {
            assert_eq!(
                run(&store),
                Ok(Outcome::NothingUploaded),
                "after {operations} operations it stays gone"
            );
        }
        if outcome.is_ok() {
            assert!(operations >= 9, "four lists, upload, pointer twice, two pictures: {operations}");
            break;
        }
        removed(&store).unwrap();
        assert_eq!(
            (store.keys(Assets).len(), store.keys(Uploads).len()),
            (0, 0),
            "after {operations} operations"
        );
    }
}

/// A removal passes by before each of the writes of a publish: the publish cannot bring the picture back.
#[test]
fn a_publish_that_is_running_does_not_undo_it() {
    fn removal(store: &Memory) {
        removed(store).unwrap();
    }
    let places: [fn(&Memory); 4] = [
        |store| store.before_put("current.json", removal),
        |store| store.before_put("master.jpg", removal),
        |store| store.before_put("256.jpg", removal),
        |store| store.before_put("256.jpg", |store| store.before_put("current.json", removal)),
    ];
    for has_picture in [false, true] {
        for (index, place) in places.into_iter().enumerate() {
            let store = Memory::new();
            if has_picture {
                store.place(Uploads, "avatars/user-1.png", PNG);
                published(&store);
            }
            store.place(Uploads, "avatars/user-1.jpg", JPEG);
            place(&store);
            assert_eq!(run(&store), Ok(Outcome::NothingUploaded), "place {index}, {has_picture}");
            assert_eq!(pictures(&store), [""; 0], "place {index}, {has_picture}");
            assert_eq!(store.keys(Uploads), [""; 0], "place {index}, {has_picture}");
            store.place(Uploads, "avatars/user-1.jpg", JPEG);
            published(&store);
        }
    }
}

#[test]
fn what_is_uploaded_while_it_runs_is_new_and_stays() {
    let store = Memory::new();
    store.place(Uploads, "avatars/user-1.png", PNG);
    published(&store);
    // The publish of the new upload makes its reservation, and then the removal of the old picture passes by.
    store.place(Uploads, "avatars/user-1.jpg", JPEG);
    store.before_put("256.jpg", |store| {
        removed(store).unwrap();
        store.place(Uploads, "avatars/user-1.jpeg", OTHER_JPEG);
    });
    run(&store).unwrap();
    assert_eq!(held(&store).map(|pointer| pointer.source.key).as_deref(), Some("avatars/user-1.jpeg"));
}
