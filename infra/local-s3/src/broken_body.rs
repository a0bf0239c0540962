//! Answers whose body is not what it should be, for tests of clients.

use std::future::Future as _;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::HeaderValue;
use http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use http_body::Frame;
use s3s::{Body, HttpResponse};
use serde::{Deserialize, Serialize};
use tokio::time::Sleep;

/// Bodies are held in memory while they are changed.
const MAX_BODY_BYTES: usize = 256 * 1024 * 1024;
/// How long a client is kept waiting for the rest of a stalled body.
const STALL: Duration = Duration::from_secs(60);

/// What is wrong with a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum BodyFault {
    /// The whole length is announced, half of it sent, and the connection broken off.
    Cut,
    /// Half of the length is announced and sent, as if that were all.
    Short,
    /// The whole length is announced, half of it sent, and then nothing for a minute.
    Stalled,
    /// One byte is another one.
    Garbled,
}

/// Breaks the body of an answer; one without a body stays as it is.
pub(crate) async fn apply(fault: BodyFault, response: &mut HttpResponse) {
    let Ok(bytes) = response.body_mut().store_all_limited(MAX_BODY_BYTES).await else { return };
    if bytes.is_empty() {
        return;
    }
    let half = bytes.slice(..bytes.len() / 2);
    let (announced_bytes, body) = match fault {
        BodyFault::Cut => (bytes.len(), Body::http_body_unsync(Half::new(half, Duration::ZERO))),
        BodyFault::Stalled => (bytes.len(), Body::http_body_unsync(Half::new(half, STALL))),
        BodyFault::Short => (half.len(), Body::from(half)),
        BodyFault::Garbled => {
            let mut garbled = bytes.to_vec();
            let middle = garbled.len() / 2;
            if let Some(byte) = garbled.get_mut(middle) {
                *byte = !*byte;
            }
            (garbled.len(), Body::from(garbled))
        }
    };
    *response.body_mut() = body;
    response.headers_mut().remove(TRANSFER_ENCODING);
    response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(announced_bytes));
}

/// Sends some bytes, waits, and fails.
struct Half {
    bytes: Option<Bytes>,
    wait: Pin<Box<Sleep>>,
}

impl Half {
    fn new(bytes: Bytes, wait: Duration) -> Self {
        Self { bytes: Some(bytes), wait: Box::pin(tokio::time::sleep(wait)) }
    }
}

impl http_body::Body for Half {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        if let Some(bytes) = self.bytes.take() {
            return Poll::Ready(Some(Ok(Frame::data(bytes))));
        }
        self.wait
            .as_mut()
            .poll(context)
            .map(|()| Some(Err(std::io::Error::other("a fault that was injected"))))
    }
}
