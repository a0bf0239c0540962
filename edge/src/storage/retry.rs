//! When a request that failed is sent again, and after how long.

use std::time::Duration;

/// Most repetitions of one request.
pub(super) const MAX_RETRIES: u32 = 2;
/// For one attempt, its body included.
pub(super) const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(5);
/// For all attempts and the pauses between them.
pub(super) const TOTAL_TIMEOUT: Duration = Duration::from_secs(10);
/// An attempt that has less time than this is not made.
pub(super) const MIN_ATTEMPT: Duration = Duration::from_millis(500);

const FIRST_PAUSE: Duration = Duration::from_millis(200);

/// Whether the same request may fare better a moment later.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/ErrorBestPractices.html>
pub(super) fn is_transient(status: u16) -> bool {
    matches!(status, 429 | 500 | 502 | 503 | 504)
}

/// The pause before a repetition, the first of which is 0: anything up to 200 ms, then up to 400 ms ("full jitter", so that
/// clients that failed together do not come back together). `chance` is from 0 to 1.
pub(super) fn pause(retry: u32, chance: f64) -> Duration {
    let most = FIRST_PAUSE.saturating_mul(1 << retry.min(4));
    let chance = if chance.is_finite() { chance.clamp(0.0, 1.0) } else { 0.0 };
    most.mul_f64(chance)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_are_bounded() {
        let milliseconds = |retry, chance| pause(retry, chance).as_millis();
        assert_eq!((milliseconds(0, 0.0), milliseconds(0, 0.5), milliseconds(0, 1.0)), (0, 100, 200));
        assert_eq!((milliseconds(1, 0.5), milliseconds(1, 1.0)), (200, 400));
        assert_eq!((milliseconds(99, 1.0), milliseconds(0, 7.0), milliseconds(0, -1.0)), (3200, 200, 0));
        assert_eq!(milliseconds(0, f64::NAN), 0);
    }
}
