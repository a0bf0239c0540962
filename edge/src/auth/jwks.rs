//! The issuer's keys: a JWK set (RFC 7517 section 5), of which only those are taken in that can check a signature of the configured algorithm.

use super::json;
use super::jws::MAX_KEY_ID_BYTES;
use super::key::{Algorithm, VerifyingKey};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use mediatype::MediaType;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;
use std::fmt;
use std::rc::Rc;

/// Longest set, in bytes. Cognito's has two keys and less than 1 KiB.
pub(super) const MAX_SET_BYTES: u64 = 64 * 1024;
/// Most keys in a set, those of no use among them.
const MAX_KEYS: usize = 16;

/// Why there is no key set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum JwksError {
    /// No answer, or none in time.
    Unreachable,
    /// An answer other than 200; redirects are not followed.
    Status(u16),
    /// `content-type` is not JSON's.
    ContentType,
    /// More bytes than are read.
    TooLarge,
    /// Not a JWK set.
    Malformed,
    /// More keys than are read.
    TooManyKeys,
    /// No key in it for the configured algorithm.
    NoUsableKey,
}

impl fmt::Display for JwksError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable => f.write_str("jwks: no answer in time"),
            Self::Status(status) => write!(f, "jwks: status {status}"),
            Self::ContentType => f.write_str("jwks: not application/json"),
            Self::TooLarge => write!(f, "jwks: more than {MAX_SET_BYTES} bytes"),
            Self::Malformed => f.write_str("jwks: not a JWK set"),
            Self::TooManyKeys => write!(f, "jwks: more than {MAX_KEYS} keys"),
            Self::NoUsableKey => f.write_str("jwks: no key for JWT_ALGORITHM in it"),
        }
    }
}

impl std::error::Error for JwksError {}

/// Whether a `content-type` is that of a JWK set: RFC 7517 section 8.5.2, or plain JSON, as most issuers say.
pub(super) fn is_json(content_type: Option<&str>) -> bool {
    let Some(Ok(media_type)) = content_type.map(MediaType::parse) else { return false };
    let essence = media_type.essence().to_string();
    ["application/json", "application/jwk-set+json"].iter().any(|json| essence.eq_ignore_ascii_case(json))
}

/// Keys by their IDs.
#[derive(Debug, Clone)]
pub(crate) struct KeySet(Vec<(String, Rc<VerifyingKey>)>);

#[derive(Deserialize)]
struct Document {
    keys: Vec<Value>,
}

#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: String,
    #[serde(rename = "use")]
    public_key_use: Option<String>,
    alg: Option<String>,
    key_ops: Option<Vec<String>>,
    n: Option<String>,
    e: Option<String>,
    crv: Option<String>,
    x: Option<String>,
    y: Option<String>,
    /// The private half. A key whose private half is published proves nothing.
    d: Option<IgnoredAny>,
}

impl KeySet {
    /// Reads a set. Keys of other types and uses are passed over, as RFC 7517 section 5 asks. So are different keys of the same ID: which of
    /// them is meant cannot be known, and one could have been slipped in.
    ///
    /// # Errors
    ///
    /// When it is no set, names a member twice, or has no key of use.
    pub(crate) fn parse(json: &[u8], algorithm: Algorithm) -> Result<Self, JwksError> {
        if json.len() as u64 > MAX_SET_BYTES {
            return Err(JwksError::TooLarge);
        }
        let document: Document = json::parse(json).ok_or(JwksError::Malformed)?;
        if document.keys.len() > MAX_KEYS {
            return Err(JwksError::TooManyKeys);
        }
        let usable: Vec<_> = document.keys.into_iter().filter_map(|jwk| read(jwk, algorithm)).collect();
        let mut keys: Vec<(String, Rc<VerifyingKey>)> = Vec::new();
        for (key_id, key) in &usable {
            let is_clear = usable.iter().all(|(other_id, other)| other_id != key_id || other.is_same(key));
            let is_held = keys.iter().any(|(held, _)| held == key_id);
            if is_clear && !is_held {
                keys.push((key_id.clone(), Rc::clone(key)));
            }
        }
        if keys.is_empty() { Err(JwksError::NoUsableKey) } else { Ok(Self(keys)) }
    }

    #[cfg(any(test, feature = "fuzzing"))]
    pub(super) fn key_ids(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(key_id, _)| key_id.as_str())
    }

    /// The key with this ID.
    pub(super) fn find(&self, key_id: &str) -> Option<Rc<VerifyingKey>> {
        self.0.iter().find(|(held, _)| held == key_id).map(|(_, key)| Rc::clone(key))
    }
}

/// A key that may check signatures of this algorithm; `None` for every other one.
fn read(value: Value, algorithm: Algorithm) -> Option<(String, Rc<VerifyingKey>)> {
    let jwk: Jwk = serde_json::from_value(value).ok()?;
    let for_signatures = jwk.public_key_use.as_deref().is_none_or(|purpose| purpose == "sig");
    let for_this = jwk.alg.as_deref().is_none_or(|alg| alg == algorithm.name());
    let may_verify =
        jwk.key_ops.as_ref().is_none_or(|operations| operations.iter().any(|name| name == "verify"));
    let has_name = (1..=MAX_KEY_ID_BYTES).contains(&jwk.kid.len());
    if !has_name || !for_signatures || !for_this || !may_verify || jwk.d.is_some() {
        return None;
    }
    let decode = |text: &Option<String>| BASE64_URL_SAFE_NO_PAD.decode(text.as_deref()?).ok();
    let key = match algorithm {
        Algorithm::Rs256 if jwk.kty == "RSA" => VerifyingKey::from_rsa(&decode(&jwk.n)?, &decode(&jwk.e)?)?,
        Algorithm::Es256 if jwk.kty == "EC" && jwk.crv.as_deref() == Some("P-256") => {
            VerifyingKey::from_p256(&decode(&jwk.x)?, &decode(&jwk.y)?)?
        }
        _ => return None,
    };
    Some((jwk.kid, Rc::new(key)))
}

#[cfg(test)]
pub(crate) mod tests;
