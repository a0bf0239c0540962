//! Fetches the issuer's keys: the rim of [`super::jwks`].

use super::jwks::{JwksError, KeySet};
use crate::body::{self, BodyError};
use url::Url;
use worker::{AbortSignal, Fetch, Method, Request, RequestInit, RequestRedirect};

const TIMEOUT_MS: u32 = 5_000;
const MAX_BYTES: u64 = 64 * 1024;

pub(crate) async fn fetch(url: &Url) -> Result<KeySet, JwksError> {
    let mut init = RequestInit::new();
    // A redirect is an answer other than 200: keys come from the configured address or not at all.
    init.with_method(Method::Get).with_redirect(RequestRedirect::Manual);
    let request = Request::new_with_init(url.as_str(), &init).map_err(|_| JwksError::Unreachable)?;
    let signal = AbortSignal::from(web_sys::AbortSignal::timeout_with_u32(TIMEOUT_MS));
    let sent = Fetch::Request(request).send_with_signal(&signal).await;
    let mut response = sent.map_err(|_| JwksError::Unreachable)?;
    if response.status_code() != 200 {
        return Err(JwksError::Status(response.status_code()));
    }
    let bytes = body::read_response(&mut response, MAX_BYTES).await.map_err(|error| match error {
        BodyError::TooLarge => JwksError::TooLarge,
        BodyError::Interrupted => JwksError::Unreachable,
    })?;
    KeySet::parse(&bytes)
}
