//! Counts the time that the storage takes.

use super::transport::{Request, Response, Transport, TransportError};
use crate::trace::{Phase, Trace};
use jiff::Timestamp;
use std::rc::Rc;
use std::time::Duration;

/// A transport whose exchanges, and pauses between them, are counted to a request.
#[derive(Clone)]
pub(crate) struct Timed<T> {
    inner: T,
    trace: Rc<Trace>,
}

impl<T> Timed<T> {
    pub(crate) fn new(inner: T, trace: Rc<Trace>) -> Self {
        Self { inner, trace }
    }
}

impl<T: Transport> Transport for Timed<T> {
    async fn exchange(&self, request: Request<'_>) -> Result<Response, TransportError> {
        self.trace.measure(Phase::Storage, self.inner.exchange(request)).await
    }

    async fn pause(&self, duration: Duration) {
        self.trace.measure(Phase::Storage, self.inner.pause(duration)).await;
    }

    fn now(&self) -> Timestamp {
        self.inner.now()
    }

    fn chance(&self) -> f64 {
        self.inner.chance()
    }

    async fn sha256(&self, bytes: &[u8]) -> [u8; 32] {
        self.trace.measure(Phase::Storage, self.inner.sha256(bytes)).await
    }
}
