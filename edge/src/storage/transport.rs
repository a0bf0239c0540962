//! What S3 is spoken through: HTTP, a clock, a pause, chance and a digest. The runtime in production, a script in tests.

use jiff::Timestamp;
use sha2::{Digest, Sha256};
use std::time::Duration;

/// A signed request.
#[derive(Debug, Clone)]
pub(crate) struct Request<'a> {
    pub(crate) method: &'static str,
    pub(crate) url: String,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Option<&'a [u8]>,
    /// For the answer and all of its body.
    pub(crate) timeout: Duration,
    /// Most bytes that are read of a body; one that is longer is [`TransportError::TooLarge`].
    pub(crate) max_body_bytes: u64,
}

/// An answer, whatever its status.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) etag: Option<String>,
    /// `x-amz-checksum-sha256`
    pub(crate) checksum_sha256: Option<String>,
    /// Whether a content coding was undone.
    pub(crate) is_unpacked: bool,
    pub(crate) body: Vec<u8>,
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TransportError {
    /// None came, or not all of it, or not in time.
    Unreachable,
    /// Its body is longer than was asked for.
    TooLarge,
}

pub(crate) trait Transport {
    /// Sends a request once and reads the answer whole. Follows no redirection and keeps nothing.
    async fn exchange(&self, request: Request<'_>) -> Result<Response, TransportError>;
    async fn pause(&self, duration: Duration);
    fn now(&self) -> Timestamp;
    /// From 0 to less than 1, evenly distributed.
    fn chance(&self) -> f64;
    /// A runtime may have a faster one.
    async fn sha256(&self, bytes: &[u8]) -> [u8; 32] {
        Sha256::digest(bytes).into()
    }
}
