//! Request bodies that are read to their end even when the answer is known before.
//!
//! A server that answers and closes while the client is still sending resets the connection, and the client may never
//! see the answer: a 403 would look like a network failure.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use tokio::sync::oneshot;

/// How much of an unwanted body is read before the connection is given up.
const MAX_DRAINED_BYTES: usize = 256 * 1024 * 1024;
const MAX_DRAIN_TIME: Duration = Duration::from_secs(10);

/// A request body that comes back through [`LentBody`] when its reader drops it before its end.
pub(crate) struct ReturningBody {
    body: Option<Incoming>,
    back: Option<oneshot::Sender<Incoming>>,
}

/// Receives what is left of a [`ReturningBody`].
pub(crate) struct LentBody {
    rest: oneshot::Receiver<Incoming>,
}

/// Lends `body` to a reader.
pub(crate) fn lend(body: Incoming) -> (ReturningBody, LentBody) {
    let (back, rest) = oneshot::channel();
    (ReturningBody { body: Some(body), back: Some(back) }, LentBody { rest })
}

impl LentBody {
    /// Reads and forgets what the reader left, within bounds of size and time. The reader must be done.
    pub(crate) async fn drain(mut self) {
        if let Ok(rest) = self.rest.try_recv() {
            drain(rest).await;
        }
    }
}

/// Reads and forgets a body, within bounds of size and time.
pub(crate) async fn drain(mut body: Incoming) {
    let reading = async {
        let mut drained_bytes = 0_usize;
        while drained_bytes < MAX_DRAINED_BYTES
            && let Some(Ok(frame)) = body.frame().await
        {
            drained_bytes += frame.data_ref().map_or(0, Bytes::len);
        }
    };
    // Running out of time only means that the connection is closed with data unread.
    let _ = tokio::time::timeout(MAX_DRAIN_TIME, reading).await;
}

impl Body for ReturningBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        match &mut self.body {
            Some(body) => Pin::new(body).poll_frame(context),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or_else(|| SizeHint::with_exact(0), Body::size_hint)
    }
}

impl Drop for ReturningBody {
    fn drop(&mut self) {
        if let (Some(body), Some(back)) = (self.body.take(), self.back.take())
            && !body.is_end_stream()
        {
            // Fails only where nobody waits for the rest any more.
            let _ = back.send(body);
        }
    }
}
