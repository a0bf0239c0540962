//! What a signed token has to say of itself before anybody is let in: RFC 7519 section 4.1, and the rules for access tokens of Amazon Cognito and
//! of RFC 9068. Nothing here reads a clock.

use super::json;
use super::jws::{TokenType, VerifiedPayload};
use crate::kind::Subject;
use jiff::Timestamp;
use serde::Deserialize;
use std::fmt;

/// How far the issuer's clock and ours may differ.
const LEEWAY_SECONDS: f64 = 60.0;
/// The end of the year 9999. A date beyond it, or before 1970, is a mistake.
const MAX_DATE_SECONDS: f64 = 253_402_300_799.0;

/// Whose tokens are accepted, and for whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AcceptedTokens {
    /// `iss`, to the letter.
    pub(crate) issuer: String,
    /// The clients that a token may have been given to; at least one.
    pub(crate) client_ids: Vec<String>,
    /// `aud`, where one is demanded.
    pub(crate) audience: Option<String>,
    pub(crate) profile: Profile,
}

/// By what an access token is told from an identity token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    /// `token_use` is `access` and `client_id` is there. Cognito's access tokens have no `aud`.
    Cognito,
    /// Another OpenID provider: `typ` is `at+jwt` (RFC 9068), or `token_use` is `access`, or `aud` is the configured audience, which is never
    /// a client. The client is in `client_id`, or else in `azp`.
    OpenId,
}

/// Why a token with a good signature is refused. For the log; the caller is told nothing of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ClaimsError {
    /// Not a JSON object of the right types, a member twice, or a date outside 1970 to 9999.
    Malformed,
    /// `iss` is missing or another's.
    Issuer,
    /// `exp` is missing.
    NoExpiry,
    /// `exp` is past.
    Expired,
    /// `nbf` is to come.
    NotYetValid,
    /// `iat` is to come, or later than `exp`.
    IssuedAt,
    /// `aud` is missing or another's.
    Audience,
    /// Not an access token.
    TokenUse,
    /// `client_id` is missing or another's.
    Client,
    /// `sub` is missing, or not of the letters that are let in.
    Subject,
}

impl fmt::Display for ClaimsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "malformed claims",
            Self::Issuer => "another iss",
            Self::NoExpiry => "no exp",
            Self::Expired => "expired",
            Self::NotYetValid => "not yet valid",
            Self::IssuedAt => "iat makes no sense",
            Self::Audience => "another aud",
            Self::TokenUse => "token_use is not access",
            Self::Client => "another client_id",
            Self::Subject => "sub missing or malformed",
        })
    }
}

impl std::error::Error for ClaimsError {}

#[derive(Deserialize)]
struct Claims {
    iss: Option<String>,
    sub: Option<String>,
    /// A NumericDate: seconds since 1970; RFC 7519 section 2 allows fractions.
    exp: Option<f64>,
    nbf: Option<f64>,
    iat: Option<f64>,
    aud: Option<Audience>,
    token_use: Option<String>,
    client_id: Option<String>,
    azp: Option<String>,
}

/// RFC 7519 section 4.1.3: one text or several.
#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

impl Audience {
    fn contains(&self, wanted: &str) -> bool {
        match self {
            Self::One(name) => name == wanted,
            Self::Several(names) => names.iter().any(|name| name == wanted),
        }
    }
}

/// Checks the claims of a token whose signature is good, and gives the subject.
///
/// # Errors
///
/// The first claim that does not fit.
pub(crate) fn check(
    payload: &VerifiedPayload,
    accepted: &AcceptedTokens,
    now: Timestamp,
) -> Result<Subject, ClaimsError> {
    judge(payload.bytes(), payload.token_type(), accepted, now)
}

/// The same of any bytes, for the fuzz targets: they cannot sign what they make.
#[cfg(any(test, feature = "fuzzing"))]
pub(super) fn check_unsigned(
    bytes: &[u8],
    accepted: &AcceptedTokens,
    now: Timestamp,
) -> Result<Subject, ClaimsError> {
    judge(bytes, TokenType::AccessToken, accepted, now)
}

fn judge(
    bytes: &[u8],
    token_type: TokenType,
    accepted: &AcceptedTokens,
    now: Timestamp,
) -> Result<Subject, ClaimsError> {
    let claims: Claims = json::parse(bytes).ok_or(ClaimsError::Malformed)?;
    if claims.iss.as_deref() != Some(accepted.issuer.as_str()) {
        return Err(ClaimsError::Issuer);
    }
    check_dates(&claims, now)?;
    check_use(&claims, token_type, accepted)?;
    let client_id = match accepted.profile {
        Profile::Cognito => claims.client_id.as_ref(),
        Profile::OpenId => claims.client_id.as_ref().or(claims.azp.as_ref()),
    };
    if !client_id.is_some_and(|client_id| accepted.client_ids.contains(client_id)) {
        return Err(ClaimsError::Client);
    }
    claims.sub.as_deref().and_then(Subject::new).ok_or(ClaimsError::Subject)
}

fn check_dates(claims: &Claims, now: Timestamp) -> Result<(), ClaimsError> {
    let dates = [claims.exp, claims.nbf, claims.iat];
    if !dates.iter().flatten().all(|date| (0.0..=MAX_DATE_SECONDS).contains(date)) {
        return Err(ClaimsError::Malformed);
    }
    let now = now.as_millisecond() as f64 / 1000.0;
    let expires_at = claims.exp.ok_or(ClaimsError::NoExpiry)?;
    if now >= expires_at + LEEWAY_SECONDS {
        return Err(ClaimsError::Expired);
    }
    let is_to_come = |date: f64| now + LEEWAY_SECONDS < date;
    if claims.nbf.is_some_and(is_to_come) {
        return Err(ClaimsError::NotYetValid);
    }
    if claims.iat.is_some_and(|issued_at| is_to_come(issued_at) || issued_at > expires_at) {
        return Err(ClaimsError::IssuedAt);
    }
    Ok(())
}

fn check_use(claims: &Claims, token_type: TokenType, accepted: &AcceptedTokens) -> Result<(), ClaimsError> {
    let for_us = accepted
        .audience
        .as_ref()
        .map(|audience| claims.aud.as_ref().is_some_and(|named| named.contains(audience)));
    if for_us == Some(false) {
        return Err(ClaimsError::Audience);
    }
    let is_access_token = match (claims.token_use.as_deref(), accepted.profile) {
        (Some(token_use), _) => token_use == "access",
        (None, Profile::Cognito) => false,
        (None, Profile::OpenId) => token_type == TokenType::AccessToken || for_us == Some(true),
    };
    if is_access_token { Ok(()) } else { Err(ClaimsError::TokenUse) }
}

#[cfg(test)]
mod tests;
