//! The issuer's keys in the Cache API, for the other isolates of the data centre: a rim. A cache that fails is a cache that has nothing.

use super::jwks::{KeySet, MAX_SET_BYTES};
use super::key::Algorithm;
use super::key_cache::KEPT_FOR;
use crate::body;
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use url::Url;
use worker::{Cache, Headers, Response};

const FETCHED_AT: &str = "x-roundel-fetched-at";

/// A name that no request can have as its own: `.invalid` is nobody's, RFC 6761 section 6.4.
fn cache_key(jwks_url: &Url) -> String {
    format!("https://jwks.roundel.invalid/{}", hex::encode(Sha256::digest(jwks_url.as_str())))
}

/// A kept set and when the issuer gave it; checked as if the issuer gave it now.
pub(super) async fn get(jwks_url: &Url, algorithm: Algorithm) -> Option<(KeySet, Timestamp)> {
    let mut response = Cache::default().get(cache_key(jwks_url), false).await.ok()??;
    let fetched_at = response.headers().get(FETCHED_AT).ok()??.parse().ok()?;
    let json = body::read_response(&mut response, MAX_SET_BYTES).await.ok()?;
    Some((KeySet::parse(&json, algorithm).ok()?, fetched_at))
}

/// Keeps a set as the issuer gave it. How long it is believed is decided when it is read.
pub(super) async fn put(jwks_url: &Url, json: Vec<u8>, fetched_at: Timestamp) {
    let headers = Headers::new();
    let all = [
        ("content-type", "application/json".to_owned()),
        ("cache-control", format!("public, max-age={}", KEPT_FOR.as_secs())),
        (FETCHED_AT, fetched_at.to_string()),
    ];
    for (name, value) in all {
        if headers.set(name, &value).is_err() {
            return;
        }
    }
    if let Ok(response) = Response::from_bytes(json) {
        // Nothing depends on it being kept.
        let _ = Cache::default().put(cache_key(jwks_url), response.with_headers(headers)).await;
    }
}
