//! Fetches the issuer's keys: the rim of [`super::jwks`].

use super::jwks::{JwksError, KeySet, MAX_SET_BYTES, is_json};
use super::key::Algorithm;
use crate::body::{self, BodyError};
use url::Url;
use worker::{AbortSignal, Fetch, Method, Request, RequestInit, RequestRedirect};

/// For the whole answer, its body too.
const TIMEOUT_MS: u32 = 5_000;

/// A set, and the bytes that it was read from.
pub(super) struct Fetched {
    pub(super) set: KeySet,
    pub(super) json: Vec<u8>,
}

pub(super) async fn fetch(url: &Url, algorithm: Algorithm) -> Result<Fetched, JwksError> {
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
    if !is_json(response.headers().get("content-type").ok().flatten().as_deref()) {
        return Err(JwksError::ContentType);
    }
    let json = body::read_response(&mut response, MAX_SET_BYTES).await.map_err(|error| match error {
        BodyError::TooLarge { .. } => JwksError::TooLarge,
        BodyError::Interrupted => JwksError::Unreachable,
    })?;
    Ok(Fetched { set: KeySet::parse(&json, algorithm)?, json })
}
