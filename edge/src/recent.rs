//! What was answered a moment ago, to be answered again: plain data that the requests of an isolate share.
//!
//! A cache of everything would be wrong here, and is not needed: a picture that is asked for a thousand times a second is looked up once a second.

use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

/// How long an answer is given again. What this isolate knows to have changed is forgotten at once; this is for what others change.
const KEPT_FOR: SignedDuration = SignedDuration::from_secs(1);
/// Most bytes of bodies that are held.
const MAX_BYTES: usize = 4 * 1024 * 1024;
/// Most answers that are held.
const MAX_ANSWERS: usize = 1_000;
/// Longest URL that is held, in bytes.
const MAX_URL_BYTES: usize = 512;

struct Held<T> {
    answer: T,
    person: String,
    body_bytes: usize,
    at: Timestamp,
}

/// State of the answers before a request began to make one. See [`Recent::keep`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Moment(u64);

/// Answers by their URL.
pub(crate) struct Recent<T> {
    held: BTreeMap<String, Held<T>>,
    changes: u64,
}

impl<T> Default for Recent<T> {
    fn default() -> Self {
        Self { held: BTreeMap::new(), changes: 0 }
    }
}

impl<T> Recent<T> {
    pub(crate) fn find(&self, url: &str, now: Timestamp) -> Option<&T> {
        self.held.get(url).filter(|held| is_recent(held, now)).map(|held| &held.answer)
    }

    pub(crate) fn moment(&self) -> Moment {
        Moment(self.changes)
    }

    /// Holds an answer about a person, unless anything was forgotten since the request began: it may have read what is not so any more.
    /// Where there is no room, it is not held.
    pub(crate) fn keep(
        &mut self,
        url: &str,
        person: &str,
        (answer, body_bytes): (T, usize),
        since: Moment,
        now: Timestamp,
    ) {
        if since != self.moment() || url.len() > MAX_URL_BYTES {
            return;
        }
        self.held.retain(|_, held| is_recent(held, now));
        self.held.remove(url);
        let bytes: usize = self.held.values().map(|held| held.body_bytes).sum();
        if self.held.len() < MAX_ANSWERS && bytes.saturating_add(body_bytes) <= MAX_BYTES {
            self.held.insert(url.to_owned(), Held { answer, person: person.to_owned(), body_bytes, at: now });
        }
    }

    /// Lets go of all answers about a person.
    pub(crate) fn forget(&mut self, person: &str) {
        self.changes = self.changes.wrapping_add(1);
        self.held.retain(|_, held| held.person != person);
    }
}

/// A clock that was set back makes everything old.
fn is_recent<T>(held: &Held<T>, now: Timestamp) -> bool {
    let age = now.duration_since(held.at);
    !age.is_negative() && age < KEPT_FOR
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(milliseconds: i64) -> Timestamp {
        Timestamp::from_millisecond(1_800_000_000_000 + milliseconds).unwrap()
    }

    /// With one answer, `1`, of 10 bytes, at the URL `u` about `a`.
    fn recent() -> Recent<u32> {
        let mut recent = Recent::default();
        recent.keep("u", "a", (1, 10), recent.moment(), at(0));
        recent
    }

    #[test]
    fn an_answer_is_given_again_for_a_second() {
        let recent = recent();
        assert_eq!([0, 999].map(|ms| recent.find("u", at(ms))), [Some(&1); 2]);
        assert_eq!([1_000, 86_400_000, -1].map(|ms| recent.find("u", at(ms))), [None; 3]);
        assert_eq!(recent.find("u?", at(0)), None);
    }

    #[test]
    fn a_later_answer_takes_the_place_of_an_earlier_one() {
        let mut recent = recent();
        recent.keep("u", "a", (2, 10), recent.moment(), at(500));
        assert_eq!(recent.find("u", at(1_400)), Some(&2));
    }

    #[test]
    fn what_is_forgotten_of_one_person_is_kept_of_others() {
        let mut recent = recent();
        recent.keep("v", "ab", (2, 10), recent.moment(), at(0));
        recent.forget("a");
        assert_eq!((recent.find("u", at(1)), recent.find("v", at(1))), (None, Some(&2)));
    }

    #[test]
    fn an_answer_of_a_request_that_began_before_something_changed_is_not_held() {
        let mut recent = Recent::default();
        let began = recent.moment();
        recent.forget("a");
        recent.keep("u", "a", (1, 10), began, at(0));
        assert_eq!(recent.find("u", at(0)), None);
        recent.keep("u", "a", (1, 10), recent.moment(), at(0));
        assert_eq!(recent.find("u", at(0)), Some(&1));
    }

    #[test]
    fn what_is_held_is_bounded_and_room_comes_back() {
        let mut recent = Recent::default();
        for index in 0..8 {
            recent.keep(&index.to_string(), "a", (index, MAX_BYTES / 4), recent.moment(), at(0));
        }
        assert_eq!(recent.held.len(), 4);
        recent.keep("huge", "a", (9, MAX_BYTES + 1), recent.moment(), at(2_000));
        recent.keep("later", "a", (9, MAX_BYTES), recent.moment(), at(2_000));
        assert_eq!((recent.held.len(), recent.find("later", at(2_000))), (1, Some(&9)));
        let mut recent = Recent::default();
        for index in 0..2 * MAX_ANSWERS {
            recent.keep(&index.to_string(), "a", (index, 0), recent.moment(), at(0));
        }
        recent.keep(&"u".repeat(MAX_URL_BYTES + 1), "a", (1, 0), recent.moment(), at(5_000));
        assert_eq!(recent.held.len(), MAX_ANSWERS);
    }
}
