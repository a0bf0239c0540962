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
/// How long after its half a body breaks off: any time that is not none lets the server write that half.
const CUT: Duration = Duration::from_millis(5);
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
        BodyFault::Cut => (bytes.len(), Body::http_body_unsync(Half::new(half, CUT))),
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
    pause: Duration,
    /// Begins when the bytes are handed over and more is asked for: a pause that was over by then would be none, and the server would
    /// give up what it has not written yet.
    wait: Option<Pin<Box<Sleep>>>,
}

impl Half {
    fn new(bytes: Bytes, pause: Duration) -> Self {
        Self { bytes: Some(bytes), pause, wait: None }
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
        let pause = self.pause;
        let wait = self.wait.get_or_insert_with(|| Box::pin(tokio::time::sleep(pause)));
        wait.as_mut().poll(context).map(|()| Some(Err(std::io::Error::other("a fault that was injected"))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body::Body as _;
    use std::future::poll_fn;

    /// What a server that is given no pause never sends: it writes what it has when the body has no more for the moment.
    #[test]
    fn half_of_a_body_can_be_written_before_it_breaks_off() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let mut half = Box::pin(Half::new(Bytes::from_static(b"01234"), CUT));
            // A busy machine takes its time until the server asks for the body.
            tokio::time::sleep(4 * CUT).await;
            poll_fn(|context| {
                assert!(matches!(half.as_mut().poll_frame(context), Poll::Ready(Some(Ok(_)))));
                assert!(half.as_mut().poll_frame(context).is_pending());
                Poll::Ready(())
            })
            .await;
            let end = poll_fn(|context| half.as_mut().poll_frame(context)).await;
            assert!(matches!(end, Some(Err(_))));
        });
    }
}
