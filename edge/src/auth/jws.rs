//! A signed token as bytes: RFC 7515, compact serialisation. Text goes in, a payload whose signature is good comes out; what the payload says is
//! for [`super::claims`].
//!
//! Nothing is taken from the header but the name of the key. Keys and addresses in it (`jwk`, `jku`, `x5u`, `x5c`) are not even read.

use super::json;
use super::key::{Algorithm, VerifyingKey};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::Value;
use std::fmt;

/// Longest token, in bytes. Cognito's have 1 to 2 KiB; the runtime takes 128 KiB of headers.
pub(crate) const MAX_TOKEN_BYTES: usize = 8 * 1024;
/// Longest header of a token, in base64url characters.
const MAX_HEADER_BYTES: usize = 2 * 1024;
/// Longest `kid`, in bytes.
pub(super) const MAX_KEY_ID_BYTES: usize = 256;

/// Why a token is not even looked into. For the log; the caller is told nothing of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum JwsError {
    /// More than 8 KiB, or a header of more than 2 KiB.
    TooLong,
    /// Not three parts of base64url in their only spelling, or a header that is not a JSON object of the right types.
    Malformed,
    /// `alg` is not the configured one.
    Algorithm,
    /// `typ` is not that of a token.
    Type,
    /// `kid` is missing, empty or longer than 256 bytes.
    KeyId,
    /// An extension that has to be understood: `crit` or `b64`.
    CriticalExtension,
    /// The signature is not that key's.
    Signature,
}

impl fmt::Display for JwsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLong => "too long",
            Self::Malformed => "malformed",
            Self::Algorithm => "another alg",
            Self::Type => "another typ",
            Self::KeyId => "no kid",
            Self::CriticalExtension => "crit or b64",
            Self::Signature => "wrong signature",
        })
    }
}

impl std::error::Error for JwsError {}

/// What `typ` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenType {
    /// `JWT`, or nothing.
    Jwt,
    /// `at+jwt`: an access token, RFC 9068 section 2.1.
    AccessToken,
}

/// The members that count. A member of another type than these makes the header malformed.
#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    typ: Option<String>,
    // Whatever they are, `null` too.
    #[serde(default, deserialize_with = "present")]
    crit: bool,
    #[serde(default, deserialize_with = "present")]
    b64: bool,
}

fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Value::deserialize(deserializer).map(|_| true)
}

/// A token that was taken apart and not believed: it says which key to try, nothing else.
pub(crate) struct UnverifiedJws<'a> {
    /// Header and payload as they came, which is what the signature covers.
    signing_input: &'a str,
    payload: Vec<u8>,
    signature: Vec<u8>,
    key_id: String,
    token_type: TokenType,
    algorithm: Algorithm,
}

/// A payload that the key's holder has signed. Only [`UnverifiedJws::verify`] makes one.
pub(crate) struct VerifiedPayload {
    bytes: Vec<u8>,
    token_type: TokenType,
}

impl VerifiedPayload {
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(crate) fn token_type(&self) -> TokenType {
        self.token_type
    }
}

impl<'a> UnverifiedJws<'a> {
    /// Takes a token apart. `algorithm` is the configured one, and the only one.
    ///
    /// # Errors
    ///
    /// Everything of [`JwsError`] but the signature.
    pub(crate) fn parse(text: &'a str, algorithm: Algorithm) -> Result<Self, JwsError> {
        if text.len() > MAX_TOKEN_BYTES {
            return Err(JwsError::TooLong);
        }
        let (signing_input, signature) = text.rsplit_once('.').ok_or(JwsError::Malformed)?;
        // A fourth part would leave a dot, which is no base64url.
        let (header, payload) = signing_input.split_once('.').ok_or(JwsError::Malformed)?;
        if header.len() > MAX_HEADER_BYTES {
            return Err(JwsError::TooLong);
        }
        let header: Header = json::parse(&decode(header)?).ok_or(JwsError::Malformed)?;
        if header.alg != algorithm.name() {
            return Err(JwsError::Algorithm);
        }
        if header.crit || header.b64 {
            return Err(JwsError::CriticalExtension);
        }
        let token_type = token_type(header.typ.as_deref())?;
        let key_id = header
            .kid
            .filter(|key_id| (1..=MAX_KEY_ID_BYTES).contains(&key_id.len()))
            .ok_or(JwsError::KeyId)?;
        let (payload, signature) = (decode(payload)?, decode(signature)?);
        Ok(Self { signing_input, payload, signature, key_id, token_type, algorithm })
    }

    /// `kid`: looked up among the issuer's keys, and used for nothing else.
    pub(crate) fn key_id(&self) -> &str {
        &self.key_id
    }

    /// Checks the signature.
    ///
    /// # Errors
    ///
    /// [`JwsError::Signature`]; [`JwsError::Algorithm`] for a key of another algorithm.
    pub(crate) fn verify(self, key: &VerifyingKey) -> Result<VerifiedPayload, JwsError> {
        if key.algorithm() != self.algorithm {
            return Err(JwsError::Algorithm);
        }
        if !key.verify(self.signing_input.as_bytes(), &self.signature) {
            return Err(JwsError::Signature);
        }
        Ok(VerifiedPayload { bytes: self.payload, token_type: self.token_type })
    }
}

/// Base64url in its only spelling: no padding, no white space, no bits beyond the last byte. RFC 7515 section 2, RFC 4648 section 3.5.
fn decode(part: &str) -> Result<Vec<u8>, JwsError> {
    BASE64_URL_SAFE_NO_PAD.decode(part).map_err(|_| JwsError::Malformed)
}

/// RFC 7515 section 4.1.9: a media type, in any case, `application/` left out or not.
fn token_type(typ: Option<&str>) -> Result<TokenType, JwsError> {
    let Some(typ) = typ else { return Ok(TokenType::Jwt) };
    match typ.to_ascii_lowercase().as_str() {
        "jwt" => Ok(TokenType::Jwt),
        "at+jwt" | "application/at+jwt" => Ok(TokenType::AccessToken),
        _ => Err(JwsError::Type),
    }
}

#[cfg(test)]
mod tests;
