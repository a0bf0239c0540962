//! Who is calling: an access token, checked against the issuer's keys.
//!
//! In layers, each of which knows the one below only: bytes with a good signature ([`jws`]), what they say ([`claims`]); the keys for it
//! ([`jwks`], [`key_cache`]) with their rims to the runtime ([`fetch`], [`shared`]); and here the order of it all.

mod claims;
mod fetch;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
mod json;
mod jwks;
mod jws;
mod key;
mod key_cache;
mod shared;

#[cfg(test)]
mod attacks;
#[cfg(test)]
mod minting;
#[cfg(test)]
mod wycheproof;

pub(crate) use claims::{AcceptedTokens, ClaimsError, Profile};
pub(crate) use json::parse as parse_unambiguous_json;
pub(crate) use jwks::JwksError;
pub(crate) use jws::JwsError;
pub(crate) use key::Algorithm;

use crate::clock;
use crate::config::Config;
use crate::kind::Subject;
use jiff::Timestamp;
use jws::UnverifiedJws;
use key::VerifyingKey;
use key_cache::{KeyCache, Lookup};
use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;
use std::time::Duration;
use worker::Delay;

/// Why a token is refused. For the log; the caller is told nothing of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenError {
    /// No `Authorization: Bearer` header.
    Missing,
    /// It is no signed token of the configured kind.
    Jws(JwsError),
    /// The issuer has no such key.
    UnknownKey,
    /// It is, and says something else than it should.
    Claims(ClaimsError),
}

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("token: no bearer token"),
            Self::Jws(error) => write!(f, "token: {error}"),
            Self::UnknownKey => f.write_str("token: unknown kid"),
            Self::Claims(error) => write!(f, "token: {error}"),
        }
    }
}

impl std::error::Error for TokenError {}

impl From<JwsError> for TokenError {
    fn from(error: JwsError) -> Self {
        Self::Jws(error)
    }
}

impl From<ClaimsError> for TokenError {
    fn from(error: ClaimsError) -> Self {
        Self::Claims(error)
    }
}

/// Why a caller is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum AuthError {
    /// The token is missing or no good.
    Token(TokenError),
    /// The issuer's keys cannot be had, so that the token cannot be checked.
    KeysUnavailable(JwksError),
}

impl fmt::Display for AuthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Token(error) => error.fmt(f),
            Self::KeysUnavailable(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for AuthError {}

impl From<TokenError> for AuthError {
    fn from(error: TokenError) -> Self {
        Self::Token(error)
    }
}

/// Checks the value of an `Authorization` header.
///
/// # Errors
///
/// See [`AuthError`].
pub(crate) async fn authenticate(
    authorization: Option<&str>,
    config: &Config,
    now: Timestamp,
) -> Result<Subject, AuthError> {
    let text = bearer_token(authorization)?;
    let token = UnverifiedJws::parse(text, config.jwt_algorithm).map_err(TokenError::from)?;
    let key = key(token.key_id(), config).await?;
    let payload = token.verify(&key).map_err(TokenError::from)?;
    Ok(claims::check(&payload, &config.tokens, now).map_err(TokenError::from)?)
}

/// Takes the token from the value of an `Authorization` header, RFC 6750 section 2.1. Two such headers come as one value with a comma in it,
/// which is no token.
fn bearer_token(authorization: Option<&str>) -> Result<&str, TokenError> {
    let (scheme, token) = authorization.and_then(|value| value.split_once(' ')).ok_or(TokenError::Missing)?;
    let token = token.trim_matches(' ');
    if !scheme.eq_ignore_ascii_case("bearer") || token.is_empty() {
        return Err(TokenError::Missing);
    }
    Ok(token)
}

thread_local! {
    /// Shared by the requests of an isolate. Plain data only: a promise of one request must not be awaited by another.
    static KEYS: RefCell<KeyCache> = const { RefCell::new(KeyCache::empty()) };
}

/// How often a request looks whether another one has fetched the keys, and for how long: somewhat longer than two fetches take at most.
const POLL_EVERY: Duration = Duration::from_millis(25);
const MAX_POLLS: u32 = 500;

/// The issuer's key of this ID: from this isolate, or else from the data centre's cache, or else from the issuer.
async fn key(key_id: &str, config: &Config) -> Result<Rc<VerifyingKey>, AuthError> {
    for _ in 0..MAX_POLLS {
        match KEYS.with_borrow_mut(|keys| keys.look_up(key_id, clock::now())) {
            Lookup::Found(key) => return Ok(key),
            Lookup::Unknown => return Err(TokenError::UnknownKey.into()),
            Lookup::Unavailable(error) => return Err(AuthError::KeysUnavailable(error)),
            // A timer of this request's own, until the data that both share has changed.
            Lookup::Wait => Delay::from(POLL_EVERY).await,
            Lookup::Ask => ask(key_id, config).await,
        }
    }
    Err(AuthError::KeysUnavailable(JwksError::Unreachable))
}

async fn ask(key_id: &str, config: &Config) {
    let algorithm = config.jwt_algorithm;
    if let Some((set, fetched_at)) = shared::get(&config.jwks_url, algorithm).await {
        let now = clock::now();
        if KEYS.with_borrow_mut(|keys| keys.adopt(set, fetched_at, key_id, now)) {
            return;
        }
    }
    let fetched = fetch::fetch(&config.jwks_url, algorithm).await;
    let now = clock::now();
    let (set, json) = match fetched {
        Ok(fetched) => (Ok(fetched.set), Some(fetched.json)),
        Err(error) => (Err(error), None),
    };
    KEYS.with_borrow_mut(|keys| keys.store(set, now));
    if let Some(json) = json {
        shared::put(&config.jwks_url, json, now).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_has_to_be_a_bearer_token() {
        for value in [None, Some(""), Some("Bearer"), Some("Bearer "), Some("Basic abc"), Some("Bearerabc")] {
            assert_eq!(bearer_token(value), Err(TokenError::Missing), "{value:?}");
        }
        for value in ["Bearer a.b.c", "bearer a.b.c", "BEARER   a.b.c"] {
            assert_eq!(bearer_token(Some(value)), Ok("a.b.c"));
        }
    }
}
