//! Makes tokens and keys for the tests, good ones and bad ones: whatever header, claims and signature a test wants.

use super::claims::{AcceptedTokens, Profile};
use super::jwks::KeySet;
use super::key::Algorithm;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jiff::Timestamp;
use jwt_simple::algorithms::{
    ECDSAP256KeyPairLike, ECDSAP256PublicKeyLike, ES256KeyPair, RS256KeyPair, RSAKeyPairLike,
};
use p256::ecdsa::{Signature, signature::Signer as _};
use serde_json::{Value, json};
use std::sync::OnceLock;
use superboring::{hash::MessageDigest, pkey::PKey, rsa::Padding, sign::Signer};

pub(super) const KEY_ID: &str = "key-1";
pub(super) const NOW_SECOND: i64 = 1_800_000_000;

pub(super) fn now() -> Timestamp {
    Timestamp::from_second(NOW_SECOND).unwrap()
}

pub(super) fn accepted() -> AcceptedTokens {
    AcceptedTokens {
        issuer: "https://issuer.example/pool".to_owned(),
        client_ids: vec!["client".to_owned(), "another-client-of-ours".to_owned()],
        audience: None,
        profile: Profile::Cognito,
    }
}

pub(super) fn claims() -> Value {
    json!({
        "iss": accepted().issuer, "sub": "user-1", "client_id": "client", "token_use": "access",
        "iat": NOW_SECOND - 10, "exp": NOW_SECOND + 300,
    })
}

/// The object with a member replaced or added.
pub(super) fn with(mut object: Value, name: &str, value: Value) -> Value {
    object[name] = value;
    object
}

/// The object without a member.
pub(super) fn without(mut object: Value, name: &str) -> Value {
    object.as_object_mut().unwrap().remove(name);
    object
}

pub(super) fn encode(bytes: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// Who signs.
pub(super) enum Pair {
    Rs256(Box<RS256KeyPair>),
    Es256(Box<ES256KeyPair>),
}

impl Pair {
    pub(super) fn generate(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::Rs256 => Self::Rs256(Box::new(RS256KeyPair::generate(2048).unwrap())),
            Algorithm::Es256 => Self::Es256(Box::new(ES256KeyPair::generate())),
        }
    }

    /// One key pair for all tests: making an RSA key takes a while.
    pub(super) fn issuer(algorithm: Algorithm) -> &'static Self {
        static RS256: OnceLock<Pair> = OnceLock::new();
        static ES256: OnceLock<Pair> = OnceLock::new();
        let cell = if algorithm == Algorithm::Rs256 { &RS256 } else { &ES256 };
        cell.get_or_init(|| Self::generate(algorithm))
    }

    /// Likewise, of somebody else.
    pub(super) fn stranger(algorithm: Algorithm) -> &'static Self {
        static RS256: OnceLock<Pair> = OnceLock::new();
        static ES256: OnceLock<Pair> = OnceLock::new();
        let cell = if algorithm == Algorithm::Rs256 { &RS256 } else { &ES256 };
        cell.get_or_init(|| Self::generate(algorithm))
    }

    /// The public key as the issuer publishes it.
    pub(super) fn jwk(&self, key_id: &str) -> Value {
        match self {
            Self::Rs256(pair) => {
                let components = pair.public_key().to_components();
                json!({
                    "kty": "RSA", "use": "sig", "alg": "RS256", "kid": key_id,
                    "n": encode(components.n), "e": encode(components.e),
                })
            }
            Self::Es256(pair) => {
                let point = pair.public_key().public_key().to_bytes_uncompressed();
                json!({
                    "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": key_id,
                    "x": encode(&point[1..33]), "y": encode(&point[33..]),
                })
            }
        }
    }

    pub(super) fn public_pem(&self) -> String {
        match self {
            Self::Rs256(pair) => pair.public_key().to_pem().unwrap(),
            Self::Es256(pair) => pair.public_key().to_pem().unwrap(),
        }
    }

    pub(super) fn sign(&self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::Rs256(pair) => {
                let key = PKey::from_rsa(pair.key_pair().as_ref().clone()).unwrap();
                let mut signer = Signer::new(MessageDigest::sha256(), &key).unwrap();
                signer.set_rsa_padding(Padding::PKCS1).unwrap();
                signer.update(message).unwrap();
                signer.sign_to_vec().unwrap()
            }
            Self::Es256(pair) => {
                let signature: Signature = pair.key_pair().as_ref().sign(message);
                signature.to_bytes().to_vec()
            }
        }
    }

    /// A token of any header and payload.
    pub(super) fn mint(&self, header: &str, payload: &[u8]) -> String {
        let signing_input = format!("{}.{}", encode(header), encode(payload));
        let signature = encode(self.sign(signing_input.as_bytes()));
        format!("{signing_input}.{signature}")
    }
}

/// The issuer's token with these claims.
pub(super) fn token(algorithm: Algorithm, claims: &Value) -> String {
    let header = json!({"alg": algorithm.name(), "kid": KEY_ID, "typ": "JWT"});
    Pair::issuer(algorithm).mint(&header.to_string(), claims.to_string().as_bytes())
}

/// The issuer's key set.
pub(super) fn key_set(algorithm: Algorithm) -> KeySet {
    let document = json!({"keys": [Pair::issuer(algorithm).jwk(KEY_ID)]});
    KeySet::parse(document.to_string().as_bytes(), algorithm).unwrap()
}
