//! The issuer's keys: a JWK set (RFC 7517 section 5) and how long it is believed. Plain data; the rim fetches.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use jwt_simple::algorithms::RS256PublicKey;
use serde::Deserialize;
use serde_json::Value;
use std::fmt;
use std::rc::Rc;

/// Most keys in a set.
const MAX_KEYS: usize = 16;
/// Fewest bits of an RSA modulus.
const MIN_MODULUS_BITS: usize = 2048;
/// How long a fetched set is used without asking again.
const FRESH_FOR: SignedDuration = SignedDuration::from_mins(10);
/// Shortest time between two fetches while there is a set, whatever key IDs are asked for.
const COOLDOWN: SignedDuration = SignedDuration::from_secs(30);

/// Why there is no key set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum JwksError {
    /// No answer, or none in time.
    Unreachable,
    /// An answer other than 200.
    Status(u16),
    /// More bytes than are read.
    TooLarge,
    /// Not a JWK set.
    Malformed,
    /// More keys than are read.
    TooManyKeys,
    /// No RSA key for RS256 signatures in it.
    NoUsableKey,
}

impl fmt::Display for JwksError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable => f.write_str("jwks: no answer in time"),
            Self::Status(status) => write!(f, "jwks: status {status}"),
            Self::TooLarge => f.write_str("jwks: too many bytes"),
            Self::Malformed => f.write_str("jwks: not a JWK set"),
            Self::TooManyKeys => write!(f, "jwks: more than {MAX_KEYS} keys"),
            Self::NoUsableKey => f.write_str("jwks: no RSA key of 2048 bits or more for RS256"),
        }
    }
}

impl std::error::Error for JwksError {}

/// The keys of a set that can check an RS256 signature, by key ID.
#[derive(Debug, Clone)]
pub(crate) struct KeySet(Vec<(String, Rc<RS256PublicKey>)>);

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
    n: String,
    e: String,
}

impl KeySet {
    /// Reads a set. Keys of other types and uses are passed over, as RFC 7517 section 5 asks.
    ///
    /// # Errors
    ///
    /// When it is no set, or none of its keys is of use.
    pub(crate) fn parse(json: &[u8]) -> Result<Self, JwksError> {
        let document: Document = serde_json::from_slice(json).map_err(|_| JwksError::Malformed)?;
        if document.keys.len() > MAX_KEYS {
            return Err(JwksError::TooManyKeys);
        }
        let keys: Vec<_> = document.keys.into_iter().filter_map(usable).collect();
        if keys.is_empty() { Err(JwksError::NoUsableKey) } else { Ok(Self(keys)) }
    }

    /// The key with this ID.
    pub(super) fn find(&self, key_id: &str) -> Option<Rc<RS256PublicKey>> {
        self.0.iter().find(|(held, _)| held == key_id).map(|(_, key)| Rc::clone(key))
    }
}

fn usable(value: Value) -> Option<(String, Rc<RS256PublicKey>)> {
    let jwk: Jwk = serde_json::from_value(value).ok()?;
    let for_signatures = jwk.public_key_use.as_deref().is_none_or(|purpose| purpose == "sig");
    let for_rs256 = jwk.alg.as_deref().is_none_or(|alg| alg == "RS256");
    let may_verify =
        jwk.key_ops.as_ref().is_none_or(|operations| operations.iter().any(|name| name == "verify"));
    if jwk.kty != "RSA" || jwk.kid.is_empty() || !for_signatures || !for_rs256 || !may_verify {
        return None;
    }
    let modulus = BASE64_URL_SAFE_NO_PAD.decode(&jwk.n).ok()?;
    let exponent = BASE64_URL_SAFE_NO_PAD.decode(&jwk.e).ok()?;
    if bits(&modulus) < MIN_MODULUS_BITS {
        return None;
    }
    Some((jwk.kid, Rc::new(RS256PublicKey::from_components(&modulus, &exponent).ok()?)))
}

fn bits(big_endian: &[u8]) -> usize {
    let Some(first) = big_endian.iter().position(|byte| *byte != 0) else { return 0 };
    let leading = big_endian.get(first).map_or(0, |byte| byte.leading_zeros() as usize);
    (big_endian.len() - first) * 8 - leading
}

/// What the cache knows of a key ID.
#[derive(Debug)]
pub(crate) enum Lookup {
    /// Use this key.
    Found(Rc<RS256PublicKey>),
    /// The issuer was asked a moment ago and did not have it.
    Unknown,
    /// Ask the issuer, then [`KeyCache::store`].
    Fetch,
}

/// The last key set, and when the issuer was asked.
#[derive(Debug)]
pub(crate) struct KeyCache {
    set: Option<(KeySet, Timestamp)>,
    asked_at: Option<Timestamp>,
}

impl KeyCache {
    pub(crate) const fn empty() -> Self {
        Self { set: None, asked_at: None }
    }

    /// Looks a key up. After [`Lookup::Fetch`] the issuer counts as asked, so that a burst of unknown key IDs asks once.
    pub(crate) fn look_up(&mut self, key_id: &str, now: Timestamp) -> Lookup {
        let Some((set, fetched_at)) = &self.set else {
            self.asked_at = Some(now);
            return Lookup::Fetch;
        };
        let key = set.find(key_id);
        let is_fresh = now.duration_since(*fetched_at) < FRESH_FOR;
        let cooling = self.asked_at.is_some_and(|asked_at| now.duration_since(asked_at) < COOLDOWN);
        match key {
            Some(key) if is_fresh || cooling => Lookup::Found(key),
            None if cooling => Lookup::Unknown,
            _ => {
                self.asked_at = Some(now);
                Lookup::Fetch
            }
        }
    }

    /// Takes what the issuer answered, and gives the key looked for. An older set outlives a failing issuer.
    ///
    /// # Errors
    ///
    /// The issuer's failure, when there is no older set.
    pub(crate) fn store(
        &mut self,
        fetched: Result<KeySet, JwksError>,
        key_id: &str,
        now: Timestamp,
    ) -> Result<Option<Rc<RS256PublicKey>>, JwksError> {
        match fetched {
            Ok(set) => self.set = Some((set, now)),
            Err(error) if self.set.is_none() => return Err(error),
            Err(_) => {}
        }
        Ok(self.set.as_ref().and_then(|(set, _)| set.find(key_id)))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use jwt_simple::algorithms::RS256KeyPair;
    use serde_json::json;
    use std::sync::OnceLock;

    /// One real key pair for all tests: making one takes a while.
    pub(crate) fn key_pair() -> &'static RS256KeyPair {
        static PAIR: OnceLock<RS256KeyPair> = OnceLock::new();
        PAIR.get_or_init(|| RS256KeyPair::generate(2048).unwrap().with_key_id("key-1"))
    }

    pub(crate) fn jwk(key_id: &str) -> Value {
        let components = key_pair().public_key().to_components();
        let encode = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
        json!({"kty": "RSA", "use": "sig", "alg": "RS256", "kid": key_id, "n": encode(&components.n), "e": encode(&components.e)})
    }

    pub(crate) fn set(keys: &[Value]) -> Result<KeySet, JwksError> {
        KeySet::parse(json!({"keys": keys}).to_string().as_bytes())
    }

    fn with(mut jwk: Value, name: &str, value: Value) -> Value {
        jwk[name] = value;
        jwk
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    #[test]
    fn keys_of_other_uses_are_passed_over() {
        let mut bare = jwk("bare");
        bare.as_object_mut().unwrap().retain(|name, _| name != "use" && name != "alg");
        let keys = [
            with(jwk("a"), "kty", json!("EC")),
            with(jwk("b"), "use", json!("enc")),
            with(jwk("c"), "alg", json!("RS512")),
            with(jwk("c2"), "key_ops", json!(["encrypt"])),
            with(jwk("d"), "n", json!("AQAB")),
            with(jwk("e"), "e", json!("AQ")),
            with(jwk("f"), "n", json!("not base64!")),
            with(jwk("g"), "kid", json!(7)),
            json!("not an object"),
            bare,
        ];
        let set = set(&keys).unwrap();
        assert_eq!(set.0.iter().map(|(key_id, _)| key_id.as_str()).collect::<Vec<_>>(), ["bare"]);
    }

    #[test]
    fn a_short_modulus_is_refused_however_it_is_padded() {
        let mut short = vec![0_u8; 200];
        short.extend([0xff; 255]);
        let keys = [with(jwk("a"), "n", json!(BASE64_URL_SAFE_NO_PAD.encode(short)))];
        assert_eq!(set(&keys).unwrap_err(), JwksError::NoUsableKey);
    }

    #[test]
    fn what_is_no_key_set_is_refused() {
        for text in ["", "{}", "[]", "{\"keys\":{}}", "{\"keys\":null}", "<html>"] {
            assert_eq!(KeySet::parse(text.as_bytes()).unwrap_err(), JwksError::Malformed, "{text}");
        }
        assert_eq!(set(&[]).unwrap_err(), JwksError::NoUsableKey);
        assert_eq!(set(&vec![jwk("a"); 17]).unwrap_err(), JwksError::TooManyKeys);
    }

    #[test]
    fn the_issuer_is_asked_again_after_ten_minutes() {
        let mut cache = KeyCache::empty();
        assert!(matches!(cache.look_up("a", at(0)), Lookup::Fetch));
        assert!(cache.store(set(&[jwk("a")]), "a", at(0)).unwrap().is_some());
        assert!(matches!(cache.look_up("a", at(599)), Lookup::Found(_)));
        assert!(matches!(cache.look_up("a", at(600)), Lookup::Fetch));
    }

    #[test]
    fn an_unknown_key_asks_once_in_thirty_seconds() {
        let mut cache = KeyCache::empty();
        let _ = cache.look_up("a", at(0));
        let _ = cache.store(set(&[jwk("a")]), "a", at(0));
        assert!(matches!(cache.look_up("new", at(29)), Lookup::Unknown));
        assert!(matches!(cache.look_up("new", at(30)), Lookup::Fetch));
        assert!(matches!(cache.look_up("other", at(31)), Lookup::Unknown));
        assert!(matches!(cache.look_up("a", at(31)), Lookup::Found(_)));
        assert!(cache.store(set(&[jwk("a"), jwk("new")]), "new", at(31)).unwrap().is_some());
    }

    #[test]
    fn a_failing_issuer_does_not_take_the_known_keys_away() {
        let mut cache = KeyCache::empty();
        let _ = cache.look_up("a", at(0));
        assert_eq!(cache.store(Err(JwksError::Status(500)), "a", at(0)).unwrap_err(), JwksError::Status(500));
        assert!(matches!(cache.look_up("a", at(0)), Lookup::Fetch), "with no keys at all each request asks");
        let _ = cache.store(set(&[jwk("a")]), "a", at(0));
        assert!(matches!(cache.look_up("a", at(700)), Lookup::Fetch));
        assert!(cache.store(Err(JwksError::Unreachable), "a", at(700)).unwrap().is_some());
        assert!(matches!(cache.look_up("a", at(701)), Lookup::Found(_)), "not asked again at once");
    }
}
