//! Memory for uploads: publishes that run at once hold theirs while they wait for the storage, and an isolate has 128 MB for all.
//!
//! Plain data with a clock that is handed in; [`crate::isolate_room`] has the runtime's, and waits by timers of its own: a promise of one request
//! must not be awaited by another.

use jiff::{SignedDuration, Timestamp};

/// Most bytes of uploads that are held at once. Decoding, which awaits nothing and so is done for one at a time, takes 48 MiB beside it.
const CAPACITY_BYTES: u64 = 32 * 1024 * 1024;
/// The runtime may end a request without a word: what was taken so long ago is not being used any more.
const GIVEN_UP_AFTER: SignedDuration = SignedDuration::from_secs(30);

/// What a publish asks for before it reads an upload.
pub(crate) trait Room {
    /// Gives the place back when it is dropped.
    type Place;

    /// Waits for so many bytes. `None`: others have them for too long.
    async fn enter(&self, bytes: u64) -> Option<Self::Place>;
}

/// One place, to be given back by [`Places::leave`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Number(u64);

struct Taken {
    number: Number,
    bytes: u64,
    since: Timestamp,
}

/// Who holds how much.
#[derive(Default)]
pub(crate) struct Places {
    taken: Vec<Taken>,
    last: u64,
}

impl Places {
    /// Takes so many bytes, if they are free. More than there are in all are given to one who is alone.
    pub(crate) fn take(&mut self, bytes: u64, now: Timestamp) -> Option<Number> {
        self.taken.retain(|taken| now.duration_since(taken.since).abs() < GIVEN_UP_AFTER);
        let held = self.taken.iter().fold(0_u64, |sum, taken| sum.saturating_add(taken.bytes));
        if !self.taken.is_empty() && held.saturating_add(bytes) > CAPACITY_BYTES {
            return None;
        }
        self.last = self.last.wrapping_add(1);
        let number = Number(self.last);
        self.taken.push(Taken { number, bytes, since: now });
        Some(number)
    }

    pub(crate) fn leave(&mut self, number: Number) {
        self.taken.retain(|taken| taken.number != number);
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use std::cell::RefCell;
    use std::future::ready;

    /// Room for everybody, or for nobody; remembers what was asked for.
    pub(crate) struct Doorman {
        pub(crate) is_full: bool,
        pub(crate) asked: RefCell<Vec<u64>>,
    }

    impl Doorman {
        pub(crate) fn new() -> Self {
            Self { is_full: false, asked: RefCell::default() }
        }
    }

    impl Room for Doorman {
        type Place = ();

        async fn enter(&self, bytes: u64) -> Option<()> {
            self.asked.borrow_mut().push(bytes);
            ready((!self.is_full).then_some(())).await
        }
    }

    const MIB: u64 = 1024 * 1024;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    #[test]
    fn what_is_held_at_once_is_bounded() {
        let mut places = Places::default();
        let first = places.take(20 * MIB, at(0)).unwrap();
        assert!(places.take(13 * MIB, at(0)).is_none());
        let second = places.take(12 * MIB, at(0)).unwrap();
        assert!(places.take(1, at(0)).is_none());
        places.leave(first);
        assert!(places.take(20 * MIB, at(0)).is_some());
        places.leave(second);
        places.leave(second);
        assert!(places.take(12 * MIB, at(0)).is_some() && places.take(1, at(0)).is_none());
    }

    #[test]
    fn the_largest_upload_waits_until_it_is_alone() {
        let mut places = Places::default();
        let small = places.take(1, at(0)).unwrap();
        assert!(places.take(u64::MAX, at(0)).is_none());
        places.leave(small);
        assert!(places.take(u64::MAX, at(0)).is_some());
        assert!(places.take(1, at(0)).is_none());
    }

    #[test]
    fn who_vanished_holds_nothing_for_long() {
        let mut places = Places::default();
        places.take(32 * MIB, at(0)).unwrap();
        assert!(places.take(1, at(29)).is_none());
        assert!(places.take(1, at(30)).is_some());
    }
}
