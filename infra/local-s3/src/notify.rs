//! Delivery of events to the webhook: asynchronous, at least once while this program runs, in any order.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Method, Request, StatusCode, Uri};
use http_body_util::Full;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use uuid::Uuid;

use crate::clock;
use crate::credentials::Secret;
use crate::event::{Event, NewObject};
use crate::log;

/// Pauses between attempts; after the last one the event is dropped.
const PAUSES: [Duration; 6] = [
    Duration::from_millis(200),
    Duration::from_secs(1),
    Duration::from_secs(3),
    Duration::from_secs(10),
    Duration::from_secs(30),
    Duration::from_secs(60),
];
/// Time for one attempt, answer included. The webhook may decode a large photo before it answers.
const MAX_ATTEMPT_TIME: Duration = Duration::from_secs(60);

/// Tells a webhook about new objects of one bucket.
pub(crate) struct Notifier {
    bucket: String,
    sender: Arc<Sender>,
    last_sequencer: AtomicU64,
}

struct Sender {
    client: Client<HttpConnector, Full<Bytes>>,
    url: Uri,
    authorization: HeaderValue,
}

enum Outcome {
    Delivered,
    Refused(StatusCode),
    Retry(String),
}

impl Notifier {
    /// Prepares delivery to `url` with the bearer token `secret`.
    ///
    /// # Errors
    /// Where the secret cannot travel in a header.
    pub(crate) fn new(
        bucket: String,
        url: Uri,
        secret: &Secret,
    ) -> Result<Self, http::header::InvalidHeaderValue> {
        let mut authorization = HeaderValue::from_str(&format!("Bearer {}", secret.reveal()))?;
        authorization.set_sensitive(true);
        let client = Client::builder(TokioExecutor::new()).build_http();
        Ok(Self {
            bucket,
            sender: Arc::new(Sender { client, url, authorization }),
            last_sequencer: AtomicU64::new(0),
        })
    }

    /// Starts the delivery of an event if `object` is in the bucket that is watched, and returns at once.
    ///
    /// Call it in the order in which objects are stored: the sequencer is taken here.
    pub(crate) fn object_created(&self, object: &NewObject) {
        if object.bucket != self.bucket {
            return;
        }
        let now = clock::now();
        let sequencer = self.next_sequencer(u64::try_from(now.unix_timestamp_nanos()).unwrap_or(0));
        let event = Event::new(object, Uuid::new_v4(), now, sequencer);
        let body = match serde_json::to_vec(&event) {
            Ok(body) => Bytes::from(body),
            Err(error) => return log::line(&format!("notify: an event could not be written: {error}")),
        };
        let name = crate::gateway::printable(&format!("{}/{}", object.bucket, object.key));
        let sender = Arc::clone(&self.sender);
        tokio::spawn(async move { sender.deliver(&name, body).await });
    }

    /// Grows also where the clock stands still or goes back, and, the clock being right, over restarts.
    fn next_sequencer(&self, now_nanoseconds: u64) -> u64 {
        let next = |last: u64| now_nanoseconds.max(last.saturating_add(1));
        let update =
            self.last_sequencer.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| Some(next(last)));
        next(update.unwrap_or_else(|last| last))
    }
}

impl Sender {
    async fn deliver(&self, name: &str, body: Bytes) {
        let mut pauses = PAUSES.iter();
        loop {
            match self.attempt(body.clone()).await {
                Outcome::Delivered => return,
                Outcome::Refused(status) => {
                    return log::line(&format!("notify: {name}: dropped, the webhook answered {status}"));
                }
                Outcome::Retry(reason) => match pauses.next() {
                    Some(pause) => {
                        log::line(&format!("notify: {name}: {reason}; again in {} ms", pause.as_millis()));
                        tokio::time::sleep(*pause).await;
                    }
                    None => {
                        return log::line(&format!(
                            "notify: {name}: dropped after the last attempt: {reason}"
                        ));
                    }
                },
            }
        }
    }

    async fn attempt(&self, body: Bytes) -> Outcome {
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.url.clone();
        request.headers_mut().insert(AUTHORIZATION, self.authorization.clone());
        request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        match tokio::time::timeout(MAX_ATTEMPT_TIME, self.client.request(request)).await {
            Err(_) => Outcome::Retry("no answer in time".to_owned()),
            // The message of the client names no URL.
            Ok(Err(error)) => Outcome::Retry(format!("the webhook could not be reached ({error})")),
            Ok(Ok(response)) => match response.status() {
                status if status.is_success() => Outcome::Delivered,
                status if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
                    Outcome::Retry(format!("the webhook answered {status}"))
                }
                status => Outcome::Refused(status),
            },
        }
    }
}
