//! What one request did, for its log line and for `Server-Timing`: how long in which phase, for whom, and what else is to be said.
//!
//! Handed along with the request, with the clock that it reads. Requests of an isolate share nothing of it.

use jiff::{SignedDuration, Timestamp};
use std::cell::{Cell, RefCell};
use std::fmt;
use std::time::Duration;

/// What a request spends its time on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// The token, the issuer's keys among it.
    Auth,
    /// The data centre's count of a rate limit.
    Limit,
    /// The Cache API.
    Cache,
    /// The object storage.
    Storage,
    /// The profile database.
    Database,
    /// Another request of this isolate that makes the same thing.
    Wait,
    /// Decoding, resampling, encoding.
    Render,
}

impl Phase {
    pub(crate) const ALL: [Self; 7] =
        [Self::Auth, Self::Limit, Self::Cache, Self::Storage, Self::Database, Self::Wait, Self::Render];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Auth => "auth",
            Self::Limit => "limit",
            Self::Cache => "cache",
            Self::Storage => "storage",
            Self::Database => "database",
            Self::Wait => "wait",
            Self::Render => "render",
        }
    }
}

/// One phase.
#[derive(Default)]
struct Span {
    /// What of it is going on.
    running: Cell<u32>,
    /// Since when.
    from: Cell<Timestamp>,
    /// What all phases had counted by then.
    counted: Cell<Duration>,
    /// `None`: it did not occur.
    spent: Cell<Option<Duration>>,
}

/// Ends its part of a phase when it is dropped, so that work that is given up counts too.
struct Running<'a> {
    trace: &'a Trace,
    span: &'a Span,
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        let Self { trace, span } = self;
        span.running.set(span.running.get().saturating_sub(1));
        if span.running.get() > 0 {
            return;
        }
        let within = trace.counted().saturating_sub(span.counted.get());
        let own = elapsed(span.from.get(), (trace.now)()).saturating_sub(within);
        span.spent.set(Some(span.spent.get().unwrap_or_default().saturating_add(own)));
    }
}

/// The notes of one request, or of one piece of background work.
pub(crate) struct Trace {
    now: fn() -> Timestamp,
    began: Timestamp,
    /// `None`: it goes on.
    ended: Cell<Option<Timestamp>>,
    /// Of each phase, in the order of [`Phase::ALL`].
    spans: [Span; Phase::ALL.len()],
    subject: RefCell<Option<String>>,
    remarks: RefCell<Vec<&'static str>>,
}

impl Trace {
    /// Begins now.
    pub(crate) fn new(now: fn() -> Timestamp) -> Self {
        let (ended, spans, subject, remarks) = Default::default();
        Self { now, began: now(), ended, spans, subject, remarks }
    }

    pub(crate) fn began(&self) -> Timestamp {
        self.began
    }

    /// Counts the time of some work to a phase, but for what the work itself counts to others, and things of one phase that go on at once
    /// once: no moment is counted twice.
    pub(crate) async fn measure<T>(&self, phase: Phase, work: impl Future<Output = T>) -> T {
        let _running = self.begin(phase);
        work.await
    }

    /// Likewise, of what awaits nothing.
    pub(crate) fn measure_blocking<T>(&self, phase: Phase, work: impl FnOnce() -> T) -> T {
        let _running = self.begin(phase);
        work()
    }

    fn begin(&self, phase: Phase) -> Option<Running<'_>> {
        // There is one for each phase.
        let span = self.spans.get(phase as usize)?;
        if span.running.get() == 0 {
            span.from.set((self.now)());
            span.counted.set(self.counted());
        }
        span.running.set(span.running.get().saturating_add(1));
        Some(Running { trace: self, span })
    }

    fn counted(&self) -> Duration {
        self.spans.iter().filter_map(|span| span.spent.get()).fold(Duration::ZERO, Duration::saturating_add)
    }

    /// Of a request about the same person that takes no time.
    pub(crate) fn taking_no_time(&self) -> Self {
        let trace = Self::new(self.now);
        trace.ended.set(Some(trace.began));
        *trace.subject.borrow_mut() = self.subject();
        trace
    }

    /// Whom it is about, as the log names them.
    pub(crate) fn about(&self, pseudonym: impl fmt::Display) {
        *self.subject.borrow_mut() = Some(pseudonym.to_string());
    }

    pub(crate) fn subject(&self) -> Option<String> {
        self.subject.borrow().clone()
    }

    /// Something for the log beside how it ended. No secrets, no user data.
    pub(crate) fn remark(&self, remark: &'static str) {
        self.remarks.borrow_mut().push(remark);
    }

    /// All remarks and this, for the log.
    pub(crate) fn reason(&self, reason: Option<&str>) -> Option<String> {
        let remarks = self.remarks.borrow();
        let all: Vec<&str> = reason.into_iter().chain(remarks.iter().copied()).collect();
        (!all.is_empty()).then(|| all.join("; "))
    }

    /// The phases that occurred, with their milliseconds.
    pub(crate) fn phases(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let spans = Phase::ALL.into_iter().zip(&self.spans);
        spans.filter_map(|(phase, span)| Some((phase.name(), milliseconds(span.spent.get()?))))
    }

    /// From here on the total stays what it is, so that log and header say the same.
    pub(crate) fn end(&self) {
        self.ended.set(Some((self.now)()));
    }

    /// Milliseconds from its beginning to its end, or until now.
    pub(crate) fn total(&self) -> u64 {
        milliseconds(elapsed(self.began, self.ended.get().unwrap_or_else(self.now)))
    }

    /// The value of `Server-Timing`: <https://www.w3.org/TR/server-timing/>.
    pub(crate) fn server_timing(&self) -> String {
        let all = self.phases().chain([("total", self.total())]);
        all.map(|(name, milliseconds)| format!("{name};dur={milliseconds}")).collect::<Vec<_>>().join(", ")
    }
}

impl fmt::Debug for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Trace")
    }
}

/// A clock that was set back measures nothing.
fn elapsed(from: Timestamp, to: Timestamp) -> Duration {
    to.duration_since(from).max(SignedDuration::ZERO).unsigned_abs()
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use pollster::block_on;

    thread_local! {
        static NOW: Cell<i64> = const { Cell::new(1_800_000_000_000) };
    }

    fn now() -> Timestamp {
        Timestamp::from_millisecond(NOW.get()).unwrap()
    }

    fn pass(milliseconds: i64) {
        NOW.set(NOW.get() + milliseconds);
    }

    #[test]
    fn what_lies_within_another_phase_is_counted_once() {
        let trace = Trace::new(now);
        block_on(trace.measure(Phase::Render, async {
            pass(40);
            trace.measure(Phase::Storage, async { pass(5) }).await;
            pass(2);
            trace.measure(Phase::Storage, async { pass(7) }).await;
        }));
        trace.measure_blocking(Phase::Render, || pass(3));
        pass(10);
        assert_eq!(trace.phases().collect::<Vec<_>>(), [("storage", 12), ("render", 45)]);
        assert_eq!(trace.server_timing(), "storage;dur=12, render;dur=45, total;dur=67");
    }

    #[test]
    fn without_phases_there_is_the_total() {
        let trace = Trace::new(now);
        pass(3);
        assert_eq!(trace.server_timing(), "total;dur=3");
        trace.end();
        pass(3);
        assert_eq!((trace.server_timing().as_str(), trace.total()), ("total;dur=3", 3));
    }

    #[test]
    fn a_phase_that_took_no_time_occurred_all_the_same() {
        let trace = Trace::new(now);
        trace.measure_blocking(Phase::Cache, || ());
        assert_eq!(trace.server_timing(), "cache;dur=0, total;dur=0");
    }

    #[test]
    fn a_clock_that_is_set_back_is_no_time() {
        let trace = Trace::new(now);
        trace.measure_blocking(Phase::Auth, || pass(-50));
        assert_eq!(trace.server_timing(), "auth;dur=0, total;dur=0");
    }

    #[test]
    fn things_at_once_are_counted_once() {
        let trace = Trace::new(now);
        block_on(trace.measure(Phase::Render, async {
            pass(1);
            let first = trace.begin(Phase::Cache);
            pass(5);
            let second = trace.begin(Phase::Cache);
            pass(5);
            drop(first);
            pass(5);
            drop(second);
            pass(1);
        }));
        assert_eq!(trace.server_timing(), "cache;dur=15, render;dur=2, total;dur=17");
    }

    #[test]
    fn remarks_come_after_the_reason() {
        let trace = Trace::new(now);
        assert_eq!((trace.reason(None), trace.subject()), (None, None));
        trace.remark("limit: the binding failed");
        assert_eq!(trace.reason(Some("a")).as_deref(), Some("a; limit: the binding failed"));
        assert_eq!(trace.reason(None).as_deref(), Some("limit: the binding failed"));
    }
}
