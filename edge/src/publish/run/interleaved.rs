//! Publishes and removals that run at once, their steps in hundreds of orders: whatever the order, what counts is whole.

use super::killed::{NEW, OLD, assert_whole};
use super::tests::{held, published, rules, run, subject};
use super::*;
use crate::publish::remove;
use crate::storage::Object;
use crate::storage::memory::Memory;
use BucketName::{Assets, Uploads};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

/// Lets the others have a turn before each operation.
struct Polite<'a>(&'a Memory);

/// Is ready when it is asked for the second time.
async fn turn() {
    let mut has_waited = false;
    std::future::poll_fn(|_| {
        if std::mem::replace(&mut has_waited, true) { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}

impl ObjectStore for Polite<'_> {
    async fn list(&self, bucket: BucketName, prefix: &str) -> Result<Vec<Listed>, StorageError> {
        turn().await;
        self.0.list(bucket, prefix).await
    }

    async fn get(&self, bucket: BucketName, key: &str, max: u64) -> Result<Option<Object>, StorageError> {
        turn().await;
        self.0.get(bucket, key, max).await
    }

    async fn put(&self, bucket: BucketName, key: &str, file: File<'_>) -> Result<(), StorageError> {
        turn().await;
        self.0.put(bucket, key, file).await
    }

    async fn delete(&self, bucket: BucketName, key: &str) -> Result<(), StorageError> {
        turn().await;
        self.0.delete(bucket, key).await
    }
}

/// Orders that follow from a number. Numerical Recipes, section 7.1.
struct Order(u32);

impl Order {
    fn below(&mut self, end: u32) -> u32 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (self.0 >> 8) % end
    }
}

/// Runs both to their ends, step by step in this order; `between` is called once, after so many steps.
fn both(
    mut one: Pin<&mut dyn Future<Output = ()>>,
    mut other: Pin<&mut dyn Future<Output = ()>>,
    order: &mut Order,
    between: impl FnOnce(),
) {
    let context = &mut Context::from_waker(Waker::noop());
    let at = order.below(16);
    let mut between = Some(between);
    let (mut one_is_done, mut other_is_done) = (false, false);
    for step in 0.. {
        if step == at
            && let Some(between) = between.take()
        {
            between();
        }
        if one_is_done && other_is_done && between.is_none() {
            return;
        }
        // Now and then one runs ahead.
        for _ in 0..=order.below(3) {
            if order.below(2) == 0 && !one_is_done {
                one_is_done = one.as_mut().poll(context).is_ready();
            } else if !other_is_done {
                other_is_done = other.as_mut().poll(context).is_ready();
            }
        }
    }
}

const ORDERS: u32 = 120;

fn folder(version: &Version) -> String {
    format!("avatars/user-1/{}/", version.as_str())
}

#[test]
fn of_two_publishes_one_wins_whole_and_the_newest_upload_has_the_last_word() {
    let undisturbed = Memory::new();
    undisturbed.place(Uploads, "avatars/user-1.png", NEW);
    let new = published(&undisturbed);
    let mut old_won = 0;
    for number in 0..ORDERS {
        let store = Memory::new();
        store.place(Uploads, "avatars/user-1.png", OLD);
        let polite = Polite(&store);
        let publishing = || async {
            publish(&polite, Kind::Avatar, &subject(), &rules(), store.now()).await.unwrap();
        };
        let (one, other) = (pin!(publishing()), pin!(publishing()));
        let between = || store.place(Uploads, "avatars/user-1.png", NEW);
        both(one, other, &mut Order(number), between);
        let at = format!("order {number}");
        let counts = held(&store).unwrap();
        assert_whole(&store, &counts, &at);
        old_won += u32::from(counts.version != new.version);
        run(&store).unwrap();
        assert_eq!(held(&store).unwrap().version, new.version, "{at}");
        assert_whole(&store, &new, &at);
        assert_eq!(store.keys(Uploads), undisturbed.keys(Uploads), "{at}");
        // A loser's files may have been written after the winner's pointer; then the next upload's publish takes them away.
        let extra = store.keys(Assets).into_iter().filter(|key| !undisturbed.keys(Assets).contains(key));
        assert_eq!(extra.count(), 0, "{at}: {:?}", store.keys(Assets));
    }
    assert!((1..ORDERS).contains(&old_won), "both happen: {old_won} of {ORDERS}");
}

#[test]
fn a_publish_and_a_removal_leave_a_whole_picture_or_none() {
    let (mut left, mut gone) = (0, 0);
    for number in 0..ORDERS {
        let store = Memory::new();
        store.place(Uploads, "avatars/user-1.png", OLD);
        let old = (number % 2 == 0).then(|| published(&store));
        let polite = Polite(&store);
        let publishing = pin!(async {
            publish(&polite, Kind::Avatar, &subject(), &rules(), store.now()).await.unwrap();
        });
        let removing = pin!(async {
            remove(&polite, Kind::Avatar, &subject()).await.unwrap();
        });
        let between = || store.place(Uploads, "avatars/user-1.webp", super::killed::OLD_WEBP);
        both(publishing, removing, &mut Order(number), between);
        let at = format!("order {number}");
        let slot = pollster::block_on(read_slot(&store, Kind::Avatar, &subject())).unwrap();
        match slot {
            Slot::Held(counts) => {
                assert_whole(&store, &counts.pointer, &at);
                left += 1;
            }
            Slot::Empty | Slot::Reserved(_) => gone += 1,
        }
        if let Some(old) = old.filter(|_| store.keys(Uploads).is_empty()) {
            let of_old = store.keys(Assets).into_iter().filter(|key| key.starts_with(&folder(&old.version)));
            assert_eq!(of_old.count(), 0, "{at}: {:?}", store.keys(Assets));
        }
        pollster::block_on(remove(&store, Kind::Avatar, &subject())).unwrap();
        assert_eq!((store.keys(Uploads), store.keys(Assets)), (Vec::new(), Vec::new()), "{at}");
    }
    assert!(left > 0 && gone > 0, "both happen: {left}, {gone}");
}
