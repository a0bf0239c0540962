//! What this isolate is busy with, so that many who miss the same thing at once do not all make it.
//!
//! A promise of one request must not be awaited by another (Workers forbids it): whoever finds a thing being made looks again
//! after a while, by a timer of its own. Shared are names, times and finished bytes, which is plain data.
//!
//! Promised: within an isolate a thing is made once while the first that makes it takes less than [`MAX_WAIT`]; then others make it
//! too rather than wait on. Isolates know nothing of each other; what they make of the same input is the same.

use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

/// How long anybody waits for another.
pub(crate) const MAX_WAIT: SignedDuration = SignedDuration::from_secs(5);
/// The runtime may end a request without a word: what was begun so long ago is not being made any more.
const GIVEN_UP_AFTER: SignedDuration = SignedDuration::from_secs(15);
/// How long finished bytes are held for those who wait.
const RESULTS_KEPT_FOR: SignedDuration = SignedDuration::from_secs(2);
/// Most finished bytes that are held.
const MAX_RESULT_BYTES: usize = 4 * 1024 * 1024;
/// Most things that are watched at a time; what comes on top is made without being watched.
const MAX_FLIGHTS: usize = 1_000;

/// Whose turn it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Turn {
    /// The caller's: to be ended by [`Flights::land`].
    Yours,
    /// Somebody else's: look again later.
    Theirs,
    /// It was made a moment ago.
    Done(Rc<Vec<u8>>),
}

struct Finished {
    name: String,
    bytes: Rc<Vec<u8>>,
    at: Timestamp,
}

/// What is being made, and what was made a moment ago.
#[derive(Default)]
pub(crate) struct Flights {
    begun: BTreeMap<String, Timestamp>,
    finished: VecDeque<Finished>,
}

impl Flights {
    /// Asks for the turn to make the thing of this name.
    pub(crate) fn turn(&mut self, name: &str, now: Timestamp) -> Turn {
        let is_recent = |since: Timestamp, limit: SignedDuration| now.duration_since(since).abs() < limit;
        self.finished.retain(|finished| is_recent(finished.at, RESULTS_KEPT_FOR));
        self.begun.retain(|_, since| is_recent(*since, GIVEN_UP_AFTER));
        if let Some(finished) = self.finished.iter().find(|finished| finished.name == name) {
            return Turn::Done(Rc::clone(&finished.bytes));
        }
        if self.begun.contains_key(name) {
            return Turn::Theirs;
        }
        if self.begun.len() < MAX_FLIGHTS {
            self.begun.insert(name.to_owned(), now);
        }
        Turn::Yours
    }

    /// Lets go of what was made of names that begin so.
    pub(crate) fn forget(&mut self, name_prefix: &str) {
        self.finished.retain(|finished| !finished.name.starts_with(name_prefix));
    }

    /// Ends a turn. `bytes`: what was made, for those who wait.
    pub(crate) fn land(&mut self, name: &str, bytes: Option<Rc<Vec<u8>>>, now: Timestamp) {
        self.begun.remove(name);
        let Some(bytes) = bytes.filter(|bytes| bytes.len() <= MAX_RESULT_BYTES) else { return };
        self.finished.push_back(Finished { name: name.to_owned(), bytes, at: now });
        while self.finished.iter().map(|finished| finished.bytes.len()).sum::<usize>() > MAX_RESULT_BYTES {
            self.finished.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(milliseconds: i64) -> Timestamp {
        Timestamp::from_millisecond(1_800_000_000_000 + milliseconds).unwrap()
    }

    #[test]
    fn the_first_makes_it_and_the_others_get_what_it_made() {
        let mut flights = Flights::default();
        assert_eq!(flights.turn("a", at(0)), Turn::Yours);
        assert_eq!(flights.turn("a", at(10)), Turn::Theirs);
        assert_eq!(flights.turn("b", at(10)), Turn::Yours, "another thing");
        let bytes = Rc::new(vec![1, 2]);
        flights.land("a", Some(Rc::clone(&bytes)), at(20));
        assert_eq!(flights.turn("a", at(30)), Turn::Done(bytes));
        assert_eq!(flights.turn("a", at(2_020)), Turn::Yours, "caches have it by then");
    }

    #[test]
    fn what_is_forgotten_is_not_handed_out() {
        let mut flights = Flights::default();
        for name in ["a/1", "a/2", "ab/1"] {
            flights.land(name, Some(Rc::new(vec![1])), at(0));
        }
        flights.forget("a/");
        assert_eq!(["a/1", "a/2"].map(|name| flights.turn(name, at(1))), [Turn::Yours, Turn::Yours]);
        assert_eq!(flights.turn("ab/1", at(1)), Turn::Done(Rc::new(vec![1])));
    }

    #[test]
    fn after_a_failure_the_next_one_tries() {
        let mut flights = Flights::default();
        assert_eq!(flights.turn("a", at(0)), Turn::Yours);
        flights.land("a", None, at(10));
        assert_eq!(flights.turn("a", at(11)), Turn::Yours);
    }

    #[test]
    fn who_vanished_blocks_nobody_for_long() {
        let mut flights = Flights::default();
        assert_eq!(flights.turn("a", at(0)), Turn::Yours);
        assert_eq!(flights.turn("a", at(14_999)), Turn::Theirs);
        assert_eq!(flights.turn("a", at(15_000)), Turn::Yours);
    }

    #[test]
    fn what_is_held_is_bounded() {
        let mut flights = Flights::default();
        for index in 0..100 {
            flights.land(&format!("{index}"), Some(Rc::new(vec![0; 1024 * 1024])), at(0));
        }
        flights.land("huge", Some(Rc::new(vec![0; MAX_RESULT_BYTES + 1])), at(0));
        assert_eq!(flights.finished.len(), 4);
        for index in 0..2_000 {
            assert_eq!(flights.turn(&format!("flight-{index}"), at(1)), Turn::Yours);
        }
        assert_eq!(flights.begun.len(), MAX_FLIGHTS);
    }
}
