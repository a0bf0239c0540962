//! Who is calling: an access token, checked against the issuer's keys.

mod fetch;
mod jwks;
mod token;

pub(crate) use token::TokenError;

use crate::config::Config;
use crate::kind::Subject;
use jiff::Timestamp;
use jwks::{JwksError, KeyCache, Lookup};
use std::cell::RefCell;
use std::fmt;
use token::{AcceptedTokens, UnverifiedToken};

/// Why a caller is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum AuthError {
    /// The token is missing or no good. Which of the two, and why, is for the log alone.
    Token(TokenError),
    /// The issuer's keys cannot be had, so that nobody can be checked.
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

thread_local! {
    /// Shared by the requests of an isolate. Plain data only: a promise of one request must not be awaited by another.
    static KEYS: RefCell<KeyCache> = const { RefCell::new(KeyCache::empty()) };
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
    let token = UnverifiedToken::from_authorization(authorization).map_err(AuthError::Token)?;
    let unknown = AuthError::Token(TokenError::UnknownKey);
    let key = match KEYS.with_borrow_mut(|keys| keys.look_up(token.key_id(), now)) {
        Lookup::Found(key) => key,
        Lookup::Unknown => return Err(unknown),
        Lookup::Fetch => {
            let fetched = fetch::fetch(&config.jwks_url).await;
            let key = KEYS.with_borrow_mut(|keys| keys.store(fetched, token.key_id(), now));
            key.map_err(AuthError::KeysUnavailable)?.ok_or(unknown)?
        }
    };
    let accepted = AcceptedTokens { issuer: &config.issuer, client_id: &config.client_id };
    token.verify(&key, &accepted, now).map_err(AuthError::Token)
}
