//! How long the issuer's keys are believed, and when the issuer is asked again. Plain data that the requests of an isolate share: none of them
//! waits for a promise of another.

use super::jwks::{JwksError, KeySet};
use super::key::VerifyingKey;
use jiff::{SignedDuration, Timestamp};
use std::rc::Rc;

/// How long a set is used without asking again: so long a key lives on that the issuer has taken back.
const FRESH_FOR: SignedDuration = SignedDuration::from_mins(10);
/// How long a set is used while the issuer cannot be asked. After that nobody is let in.
pub(super) const KEPT_FOR: SignedDuration = SignedDuration::from_hours(24);
/// Shortest time between two askings, whatever key IDs are asked for.
const COOLDOWN: SignedDuration = SignedDuration::from_secs(30);
/// The same after a failure while there is no key at all.
const COOLDOWN_WITHOUT_KEYS: SignedDuration = SignedDuration::from_secs(1);
/// After this an asking that was not finished is given up: its request has ended.
const PENDING_FOR: SignedDuration = SignedDuration::from_secs(7);
/// How far clocks of machines that share a cache, and starts of requests, may lie apart.
const CLOCK_SKEW: SignedDuration = SignedDuration::from_secs(60);

/// What the cache knows of a key ID.
#[derive(Debug)]
pub(crate) enum Lookup {
    /// Use this key.
    Found(Rc<VerifyingKey>),
    /// The issuer was asked a moment ago and does not have it.
    Unknown,
    /// The issuer was asked a moment ago and gave no keys, and an older set has none either.
    Unavailable(JwksError),
    /// Another request is asking: look again in a moment.
    Wait,
    /// Ask, then [`KeyCache::adopt`] or [`KeyCache::store`].
    Ask,
}

/// How an asking came out.
#[derive(Debug)]
enum Outcome {
    Pending,
    Answered,
    Failed(JwksError),
}

/// The last key set, and the last time that the issuer was asked.
#[derive(Debug)]
pub(crate) struct KeyCache {
    held: Option<(KeySet, Timestamp)>,
    asked: Option<(Outcome, Timestamp)>,
}

impl KeyCache {
    pub(crate) const fn empty() -> Self {
        Self { held: None, asked: None }
    }

    /// Looks a key up. After [`Lookup::Ask`] the caller is the one who asks.
    pub(crate) fn look_up(&mut self, key_id: &str, now: Timestamp) -> Lookup {
        if self.held.as_ref().is_some_and(|(_, fetched_at)| !is_within(*fetched_at, KEPT_FOR, now)) {
            self.held = None;
        }
        let held = self.held.as_ref();
        let key = held.and_then(|(set, _)| set.find(key_id));
        if let (Some(key), Some((_, fetched_at))) = (&key, held)
            && is_within(*fetched_at, FRESH_FOR, now)
        {
            return Lookup::Found(Rc::clone(key));
        }
        let after_failure = if held.is_some() { COOLDOWN } else { COOLDOWN_WITHOUT_KEYS };
        match &self.asked {
            Some((Outcome::Pending, at)) if is_within(*at, PENDING_FOR, now) => Lookup::Wait,
            Some((Outcome::Failed(error), at)) if is_within(*at, after_failure, now) => {
                key.map_or_else(|| Lookup::Unavailable(error.clone()), Lookup::Found)
            }
            Some((Outcome::Answered, at)) if is_within(*at, COOLDOWN, now) && held.is_some() => {
                Lookup::Unknown
            }
            _ => {
                self.asked = Some((Outcome::Pending, now));
                Lookup::Ask
            }
        }
    }

    /// Takes a set that another isolate fetched, if it is younger than ours. Gives whether that spares asking the issuer: the key is in it, or
    /// it is so young that asking again would be too soon.
    pub(crate) fn adopt(&mut self, set: KeySet, fetched_at: Timestamp, key_id: &str, now: Timestamp) -> bool {
        let is_younger = self.held.as_ref().is_none_or(|(_, ours)| *ours < fetched_at);
        if !is_younger || !is_within(fetched_at, KEPT_FOR, now) {
            return false;
        }
        let spares = is_within(fetched_at, COOLDOWN, now)
            || (is_within(fetched_at, FRESH_FOR, now) && set.find(key_id).is_some());
        self.held = Some((set, fetched_at));
        if spares {
            self.asked = Some((Outcome::Answered, fetched_at));
        }
        spares
    }

    /// Takes what the issuer answered. An older set outlives a failure.
    pub(crate) fn store(&mut self, fetched: Result<KeySet, JwksError>, now: Timestamp) {
        match fetched {
            Ok(set) => {
                self.held = Some((set, now));
                self.asked = Some((Outcome::Answered, now));
            }
            Err(error) => self.asked = Some((Outcome::Failed(error), now)),
        }
    }
}

/// Whether less than `limit` has passed since. A date that lies too far ahead is not believed.
fn is_within(since: Timestamp, limit: SignedDuration, now: Timestamp) -> bool {
    let age = now.duration_since(since);
    age < limit && age >= -CLOCK_SKEW
}

#[cfg(test)]
mod tests;
