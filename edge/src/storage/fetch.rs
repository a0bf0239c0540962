//! The runtime's fetch, clock and timer: the rim of the storage.

use super::transport::{Request, Response, Transport, TransportError};
use crate::body::{self, BodyError};
use crate::clock;
use jiff::Timestamp;
use js_sys::Uint8Array;
use sha2::{Digest, Sha256};
use std::time::Duration;
use wasm_bindgen::JsCast;
use web_sys::WorkerGlobalScope;
use worker::wasm_bindgen_futures::JsFuture;
use worker::{
    AbortSignal, CacheMode, Delay, Fetch, Headers, Method, RequestInit, RequestRedirect, ResponseBody,
};

/// Most bytes of an answer that only says why something failed; what is longer is not read.
const MAX_ERROR_BYTES: u64 = 64 * 1024;

/// Below it, going to the runtime and back takes longer than a digest of our own.
const NATIVE_DIGEST_FROM_BYTES: usize = 16 * 1024;

/// Speaks HTTP through the runtime.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WorkerFetch;

impl Transport for WorkerFetch {
    async fn exchange(&self, request: Request<'_>) -> Result<Response, TransportError> {
        // The runtime's own error texts may hold the URL and headers, which is why they are dropped.
        let unreachable = |_| TransportError::Unreachable;
        let headers = Headers::new();
        // Not signed, since proxies may change it. One that packs an answer weakens its entity tag (RFC 9110 section 8.8.1),
        // which `If-Match` then never meets.
        headers.set("accept-encoding", "identity").map_err(unreachable)?;
        for (name, value) in &request.headers {
            headers.set(name, value).map_err(unreachable)?;
        }
        let mut init = RequestInit::new();
        init.with_method(Method::from(request.method.to_owned()))
            .with_redirect(RequestRedirect::Manual)
            // Cloudflare's cache in front of subrequests goes by the URL, and would keep an old pointer.
            .with_cache(CacheMode::NoStore)
            .with_headers(headers)
            .with_body(request.body.map(|bytes| js_sys::Uint8Array::from(bytes).into()));
        let timeout = u32::try_from(request.timeout.as_millis()).unwrap_or(u32::MAX);
        let signal = AbortSignal::from(web_sys::AbortSignal::timeout_with_u32(timeout));
        let wanted = worker::Request::new_with_init(&request.url, &init).map_err(unreachable)?;
        let mut answer = Fetch::Request(wanted).send_with_signal(&signal).await.map_err(unreachable)?;

        let status = answer.status_code();
        let header = |name| answer.headers().get(name).ok().flatten();
        let etag = header("etag");
        // The runtime undoes a content coding, which whoever uploads may have stated; the digest is that of the coded bytes.
        let is_unpacked =
            header("content-encoding").is_some_and(|coding| !coding.eq_ignore_ascii_case("identity"));
        let checksum_sha256 = header("x-amz-checksum-sha256").filter(|_| !is_unpacked);
        let has_body = request.method != "HEAD" && !matches!(answer.body(), ResponseBody::Empty);
        let body = match status {
            _ if !has_body => Vec::new(),
            200..=299 => {
                body::read_response(&mut answer, request.max_body_bytes).await.map_err(
                    |error| match error {
                        BodyError::TooLarge { .. } => TransportError::TooLarge,
                        BodyError::Interrupted => TransportError::Unreachable,
                    },
                )?
            }
            // The status is enough where the reason cannot be read.
            _ => body::read_response(&mut answer, MAX_ERROR_BYTES).await.unwrap_or_default(),
        };
        Ok(Response { status, etag, checksum_sha256, is_unpacked, body })
    }

    async fn pause(&self, duration: Duration) {
        Delay::from(duration).await;
    }

    fn now(&self) -> Timestamp {
        clock::now()
    }

    fn chance(&self) -> f64 {
        js_sys::Math::random()
    }

    async fn sha256(&self, bytes: &[u8]) -> [u8; 32] {
        let native = if bytes.len() < NATIVE_DIGEST_FROM_BYTES { None } else { native_sha256(bytes).await };
        native.unwrap_or_else(|| Sha256::digest(bytes).into())
    }
}

/// The runtime's own digest, many times as fast as ours in WebAssembly. `None`: it has none.
async fn native_sha256(bytes: &[u8]) -> Option<[u8; 32]> {
    // The global object of a worker has the members of this mixin.
    let global: WorkerGlobalScope = js_sys::global().unchecked_into();
    let digesting = global.crypto().ok()?.subtle();
    let digesting = digesting.digest_with_str_and_js_u8_array("SHA-256", &Uint8Array::from(bytes)).ok()?;
    let digest = JsFuture::from(digesting).await.ok()?;
    Uint8Array::new(&digest).to_vec().try_into().ok()
}
