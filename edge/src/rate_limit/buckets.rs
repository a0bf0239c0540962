//! Token buckets, in a memory that does not grow.
//!
//! A bucket holds as many tokens as are let through in a minute, and is refilled evenly: so many may come at once, then one each time that a token
//! has come back. Its whole state is the moment at which it will be full again (the generic cell rate algorithm, ITU-T I.371 annex A).
//!
//! A key has its place among [`WAYS`]; a new one takes the place of the bucket that is full soonest. So a crowd can make the table forget
//! somebody, to that one's advantage; it never makes it refuse who is new, and a full bucket is the same as none.

use jiff::Timestamp;
use std::num::NonZeroU32;
use std::time::Duration;

/// Places that a key may have.
const WAYS: usize = 8;
const SETS: usize = 512;
const MINUTE_US: i64 = 60_000_000;

/// How much is let through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rate {
    pub(crate) per_minute: NonZeroU32,
}

impl Rate {
    /// Microseconds until a token comes back, at least 1.
    fn refill_us(self) -> i64 {
        (MINUTE_US / i64::from(self.per_minute.get())).max(1)
    }
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    key: u64,
    /// Microseconds since 1970.
    full_at: i64,
}

/// The buckets of an isolate: 64 KiB.
#[derive(Debug)]
pub(crate) struct Buckets(Vec<[Bucket; WAYS]>);

impl Buckets {
    pub(crate) fn new() -> Self {
        Self(vec![[Bucket { key: 0, full_at: i64::MIN }; WAYS]; SETS])
    }

    /// Takes a token from the bucket of this key. `key` is a hash: its bits choose the place.
    ///
    /// # Errors
    ///
    /// There is none; after this time there will be one.
    pub(crate) fn take(&mut self, key: u64, rate: Rate, now: Timestamp) -> Result<(), Duration> {
        let now = now.as_microsecond();
        let place = usize::try_from(key % SETS as u64).unwrap_or_default();
        // There always is one: a set has places, and `place` is one of the sets.
        let Some(set) = self.0.get_mut(place) else { return Ok(()) };
        let of_key = |bucket: &Bucket| bucket.key == key && bucket.full_at > now;
        let found = set.iter().position(of_key);
        let soonest = || set.iter().enumerate().min_by_key(|(_, bucket)| bucket.full_at).map(|(at, _)| at);
        let Some(bucket) = found.or_else(soonest).and_then(|at| set.get_mut(at)) else { return Ok(()) };
        // An empty bucket is full after a minute: what says more was written by a clock that was ahead.
        let full_at = if found.is_some() { bucket.full_at.min(now.saturating_add(MINUTE_US)) } else { now };
        let after = full_at.saturating_add(rate.refill_us());
        let too_early = after.saturating_sub(now.saturating_add(MINUTE_US));
        if too_early > 0 {
            return Err(Duration::from_micros(too_early.unsigned_abs()));
        }
        *bucket = Bucket { key, full_at: after };
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(per_minute: u32) -> Rate {
        Rate { per_minute: NonZeroU32::new(per_minute).unwrap() }
    }

    fn at(microseconds: i64) -> Timestamp {
        Timestamp::from_microsecond(1_800_000_000_000_000 + microseconds).unwrap()
    }

    /// Marsaglia's xorshift: the same numbers in every run.
    struct Numbers(u64);

    impl Numbers {
        fn below(&mut self, limit: u64) -> u64 {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            self.0 % limit
        }
    }

    #[test]
    fn so_many_at_once_and_then_one_each_time_a_token_comes_back() {
        let mut buckets = Buckets::new();
        for _ in 0..30 {
            assert_eq!(buckets.take(7, rate(30), at(0)), Ok(()));
        }
        assert_eq!(buckets.take(7, rate(30), at(0)), Err(Duration::from_secs(2)));
        assert_eq!(buckets.take(7, rate(30), at(500_000)), Err(Duration::from_millis(1_500)));
        assert_eq!(buckets.take(7, rate(30), at(2_000_000)), Ok(()));
        assert_eq!(buckets.take(7, rate(30), at(2_000_000)), Err(Duration::from_secs(2)));
        assert_eq!(buckets.take(8, rate(30), at(2_000_000)), Ok(()), "somebody else");
        for _ in 0..30 {
            assert_eq!(buckets.take(7, rate(30), at(120_000_000)), Ok(()), "all have come back");
        }
    }

    /// No stretch of time has more than a bucket and what came back in it; who is told to wait is let through afterwards and not before.
    #[test]
    fn whatever_comes_the_rate_holds_and_what_is_told_is_true() {
        let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
        for per_minute in [1, 2, 7, 20, 30, 59, 1_000] {
            let rate = rate(per_minute);
            let mut buckets = Buckets::new();
            let mut admitted: Vec<Vec<i64>> = vec![Vec::new(); 5];
            let mut now = 0;
            for _ in 0..4_000 {
                now += i64::try_from(numbers.below(3 * 60_000_000 / u64::from(per_minute) / 4)).unwrap();
                let key = numbers.below(5);
                match buckets.take(key, rate, at(now)) {
                    Ok(()) => admitted[usize::try_from(key).unwrap()].push(now),
                    Err(wait) => {
                        let wait = i64::try_from(wait.as_micros()).unwrap();
                        assert!(wait > 0 && wait <= rate.refill_us(), "{wait}");
                        assert!(buckets.take(key, rate, at(now + wait - 1)).is_err());
                        assert_eq!(buckets.take(key, rate, at(now + wait)), Ok(()));
                        now += wait;
                        admitted[usize::try_from(key).unwrap()].push(now);
                    }
                }
            }
            for times in admitted {
                for (first, from) in times.iter().enumerate() {
                    for (count, to) in times.iter().skip(first).enumerate().take(200) {
                        let came_back = (to - from) / rate.refill_us();
                        assert!(i64::try_from(count).unwrap() < i64::from(per_minute) + came_back + 1);
                    }
                }
            }
        }
    }

    #[test]
    fn a_crowd_neither_makes_it_grow_nor_keeps_out_who_is_new() {
        let mut buckets = Buckets::new();
        let mut numbers = Numbers(42);
        for index in 0..100_000 {
            let key = numbers.below(u64::MAX);
            assert_eq!(buckets.take(key, rate(1), at(index)), Ok(()));
        }
        assert_eq!((buckets.0.len(), buckets.0.capacity(), size_of::<[Bucket; WAYS]>()), (512, 512, 128));
    }

    #[test]
    fn who_is_at_the_limit_stays_there_among_a_few_others_of_the_same_place() {
        let mut buckets = Buckets::new();
        let stride = SETS as u64;
        for _ in 0..20 {
            assert_eq!(buckets.take(3, rate(20), at(0)), Ok(()));
        }
        for other in 1..50 {
            assert_eq!(buckets.take(3 + other * stride, rate(20), at(0)), Ok(()));
        }
        assert!(buckets.take(3, rate(20), at(0)).is_err());
    }

    #[test]
    fn a_clock_that_was_ahead_locks_nobody_out_for_long() {
        let mut buckets = Buckets::new();
        for _ in 0..20 {
            assert_eq!(buckets.take(1, rate(20), at(3_600_000_000)), Ok(()));
        }
        assert_eq!(buckets.take(1, rate(20), at(0)), Err(Duration::from_secs(3)));
    }

    #[test]
    fn a_rate_beyond_the_clock_is_none() {
        let mut buckets = Buckets::new();
        let rate = rate(u32::MAX);
        assert!((0..10_000).all(|_| buckets.take(1, rate, at(0)).is_ok()));
    }
}
