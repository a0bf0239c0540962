//! One access token: header, signature, claims, in this order. Nothing here reads a clock.

use crate::kind::Subject;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jiff::Timestamp;
use jwt_simple::JWTError;
use jwt_simple::algorithms::{RS256PublicKey, RSAPublicKeyLike};
use jwt_simple::claims::NoCustomClaims;
use jwt_simple::common::VerificationOptions;
use jwt_simple::prelude::{Duration, UnixTimeStamp};
use serde::Deserialize;
use std::fmt;

/// Longest token, in bytes.
const MAX_BYTES: usize = 8 * 1024;
/// How far the issuer's clock and ours may differ, in seconds.
const LEEWAY_SECONDS: u32 = 60;

/// Why a token is refused. For the log; the caller is told nothing of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenError {
    /// No `Authorization: Bearer` header.
    Missing,
    /// More than 8 KiB.
    TooLong,
    /// Not a compact JWS, or a header that is not one.
    Malformed,
    /// `alg` is not RS256.
    Algorithm,
    /// No `kid`.
    NoKeyId,
    /// Extensions that have to be understood (`crit`).
    CriticalExtension,
    /// The issuer has no such key.
    UnknownKey,
    /// The signature is not that key's.
    Signature,
    /// The claims cannot be read.
    MalformedClaims,
    /// `iss` is another's.
    Issuer,
    /// `exp` is missing.
    NoExpiry,
    /// `exp` is past.
    Expired,
    /// `nbf` or `iat` is to come.
    NotYetValid,
    /// `token_use` is not `access`.
    TokenUse,
    /// `client_id` is another's.
    Client,
    /// `sub` is missing, or not of the letters that are let in.
    Subject,
}

impl TokenError {
    fn reason(self) -> &'static str {
        match self {
            Self::Missing => "no bearer token",
            Self::TooLong => "too long",
            Self::Malformed => "malformed",
            Self::Algorithm => "alg is not RS256",
            Self::NoKeyId => "no kid",
            Self::CriticalExtension => "crit",
            Self::UnknownKey => "unknown kid",
            Self::Signature => "wrong signature",
            Self::MalformedClaims => "malformed claims",
            Self::Issuer => "another iss",
            Self::NoExpiry => "no exp",
            Self::Expired => "expired",
            Self::NotYetValid => "not yet valid",
            Self::TokenUse => "token_use is not access",
            Self::Client => "another client_id",
            Self::Subject => "sub missing or malformed",
        }
    }
}

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "token: {}", self.reason())
    }
}

impl std::error::Error for TokenError {}

/// What a token has to say of itself.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AcceptedTokens<'a> {
    pub(crate) issuer: &'a str,
    pub(crate) client_id: &'a str,
}

/// A token whose header was read and not believed: it says which key to try, nothing else.
pub(crate) struct UnverifiedToken<'a> {
    text: &'a str,
    key_id: String,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    crit: Option<serde_json::Value>,
}

#[derive(Deserialize)]
struct Claims {
    iss: Option<String>,
    sub: Option<String>,
    /// Seconds since 1970; RFC 7519 section 2 allows fractions.
    exp: Option<f64>,
    nbf: Option<f64>,
    token_use: Option<String>,
    client_id: Option<String>,
}

impl<'a> UnverifiedToken<'a> {
    /// Takes the token from the value of an `Authorization` header, RFC 6750 section 2.1.
    pub(crate) fn from_authorization(value: Option<&'a str>) -> Result<Self, TokenError> {
        let (scheme, token) = value.and_then(|value| value.split_once(' ')).ok_or(TokenError::Missing)?;
        let token = token.trim_matches(' ');
        if !scheme.eq_ignore_ascii_case("bearer") || token.is_empty() {
            return Err(TokenError::Missing);
        }
        Self::parse(token)
    }

    /// Reads the header. `jwk`, `jku` and `x5u` in it are ignored: keys come from the configured issuer only.
    pub(crate) fn parse(text: &'a str) -> Result<Self, TokenError> {
        if text.len() > MAX_BYTES {
            return Err(TokenError::TooLong);
        }
        let mut parts = text.split('.');
        let (Some(header), Some(_), Some(_), None) = (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(TokenError::Malformed);
        };
        let header: Header = decode(header).ok_or(TokenError::Malformed)?;
        if header.alg != "RS256" {
            return Err(TokenError::Algorithm);
        }
        if header.crit.is_some() {
            return Err(TokenError::CriticalExtension);
        }
        let key_id = header.kid.filter(|key_id| !key_id.is_empty()).ok_or(TokenError::NoKeyId)?;
        Ok(Self { text, key_id })
    }

    /// `kid`.
    pub(crate) fn key_id(&self) -> &str {
        &self.key_id
    }

    /// Checks signature and claims, and gives the subject.
    pub(crate) fn verify(
        &self,
        key: &RS256PublicKey,
        accepted: &AcceptedTokens<'_>,
        now: Timestamp,
    ) -> Result<Subject, TokenError> {
        verify_signature(self.text, key, now)?;
        let claims = self.text.split('.').nth(1).and_then(decode).ok_or(TokenError::MalformedClaims)?;
        check_claims(claims, accepted, now)
    }
}

fn decode<T: for<'de> Deserialize<'de>>(part: &str) -> Option<T> {
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}

/// The signature, by `jwt-simple`. Its own checks of time run too, with our clock and leeway instead of its 15 minutes.
fn verify_signature(token: &str, key: &RS256PublicKey, now: Timestamp) -> Result<(), TokenError> {
    let options = VerificationOptions {
        time_tolerance: Some(Duration::from_secs(LEEWAY_SECONDS.into())),
        max_token_length: Some(MAX_BYTES),
        artificial_time: Some(UnixTimeStamp::from_secs(now.as_second().try_into().unwrap_or(0))),
        ..VerificationOptions::default()
    };
    let Err(error) = key.verify_token::<NoCustomClaims>(token, Some(options)) else { return Ok(()) };
    Err(match error.downcast_ref::<JWTError>() {
        Some(JWTError::TokenHasExpired) => TokenError::Expired,
        Some(JWTError::TokenNotValidYet | JWTError::ClockDrift) => TokenError::NotYetValid,
        Some(JWTError::AlgorithmMismatch) => TokenError::Algorithm,
        Some(JWTError::UnknownCriticalExtension) => TokenError::CriticalExtension,
        // The claims are only parsed once the signature was found good.
        None if error.is::<serde_json::Error>() => TokenError::MalformedClaims,
        _ => TokenError::Signature,
    })
}

fn check_claims(
    claims: Claims,
    accepted: &AcceptedTokens<'_>,
    now: Timestamp,
) -> Result<Subject, TokenError> {
    let now = now.as_second() as f64;
    let leeway = f64::from(LEEWAY_SECONDS);
    if claims.iss.as_deref() != Some(accepted.issuer) {
        return Err(TokenError::Issuer);
    }
    let expires_at = claims.exp.ok_or(TokenError::NoExpiry)?;
    if now >= expires_at + leeway {
        return Err(TokenError::Expired);
    }
    if claims.nbf.is_some_and(|not_before| now + leeway < not_before) {
        return Err(TokenError::NotYetValid);
    }
    if claims.token_use.as_deref() != Some("access") {
        return Err(TokenError::TokenUse);
    }
    if claims.client_id.as_deref() != Some(accepted.client_id) {
        return Err(TokenError::Client);
    }
    claims.sub.as_deref().and_then(Subject::new).ok_or(TokenError::Subject)
}

#[cfg(test)]
mod tests;
