//! What has to hold whatever the bytes are of which a token, its claims or a key set is made. A target panics where a promise is broken.
//!
//! [`crate::fuzzing`] says who runs them.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    unreachable_pub,
    reason = "a target fails by panicking, and is in reach with the feature `fuzzing` only"
)]

use super::claims::{self, AcceptedTokens, Profile};
use super::jwks::KeySet;
use super::jws::{MAX_KEY_ID_BYTES, UnverifiedJws};
use super::key::Algorithm;
use jiff::Timestamp;
use serde_json::Value;
use std::sync::OnceLock;

const BOTH: [Algorithm; 2] = [Algorithm::Rs256, Algorithm::Es256];

/// The vectors of the tests: keys, and all texts that those keys have signed.
fn vectors() -> &'static Value {
    static VECTORS: OnceLock<Value> = OnceLock::new();
    VECTORS.get_or_init(|| serde_json::from_str(include_str!("../../tests/vectors.json")).unwrap())
}

/// The good tokens among the vectors.
pub fn good_tokens() -> Vec<&'static str> {
    let groups = vectors()["testGroups"].as_array().unwrap();
    let tests = groups.iter().flat_map(|group| group["tests"].as_array().unwrap());
    tests.filter(|test| test["result"] == "valid").map(|test| test["jws"].as_str().unwrap()).collect()
}

/// The key set with the keys of the vectors.
pub fn good_key_set() -> Vec<u8> {
    let groups = vectors()["testGroups"].as_array().unwrap();
    let keys: Vec<_> = groups.iter().map(|group| group["public"].clone()).collect();
    serde_json::json!({"keys": keys}).to_string().into_bytes()
}

/// A token is refused with words, or it is one that was signed; nobody here can sign another.
pub fn token(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    for algorithm in BOTH {
        let Ok(token) = UnverifiedJws::parse(text, algorithm) else { continue };
        assert!((1..=MAX_KEY_ID_BYTES).contains(&token.key_id().len()));
        let keys = KeySet::parse(&good_key_set(), algorithm).unwrap();
        // Whatever key is named: that of the vectors is tried.
        let own = keys.key_ids().next().unwrap();
        let key = keys.find(own).unwrap();
        if token.verify(&key).is_ok() {
            assert!(good_tokens().contains(&text), "a signature that nobody made: {text}");
        }
    }
}

/// Claims are refused with words, or name a subject that is a segment of a path.
pub fn claims(data: &[u8]) {
    let now = Timestamp::from_second(1_800_000_000).unwrap();
    for profile in [Profile::Cognito, Profile::OpenId] {
        let accepted = AcceptedTokens {
            issuer: "iss".to_owned(),
            client_ids: vec!["id".to_owned()],
            audience: None,
            profile,
        };
        if let Ok(subject) = claims::check_unsigned(data, &accepted, now) {
            let text = subject.as_str();
            let is_safe = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
            assert!((1..=128).contains(&text.len()) && text.bytes().all(is_safe), "{text:?}");
        }
    }
}

/// A key set is refused with words, or has few keys, each under a name of its own.
pub fn key_set(data: &[u8]) {
    for algorithm in BOTH {
        let Ok(set) = KeySet::parse(data, algorithm) else { continue };
        let mut ids: Vec<_> = set.key_ids().collect();
        assert!((1..=16).contains(&ids.len()));
        for id in &ids {
            assert!((1..=MAX_KEY_ID_BYTES).contains(&id.len()));
            assert_eq!(set.find(id).unwrap().algorithm(), algorithm);
        }
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), set.key_ids().count());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fuzzing::tests::seeds;

    #[test]
    fn the_seeds_are_good() {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        for seed in seeds("claims") {
            let accepted = AcceptedTokens {
                issuer: "iss".to_owned(),
                client_ids: vec!["id".to_owned()],
                audience: None,
                profile: Profile::OpenId,
            };
            assert!(claims::check_unsigned(&seed, &accepted, now).is_ok());
        }
        for seed in seeds("key_set") {
            assert!(BOTH.iter().any(|algorithm| KeySet::parse(&seed, *algorithm).is_ok()));
        }
        for seed in seeds("token") {
            assert!(good_tokens().contains(&std::str::from_utf8(&seed).unwrap()));
        }
    }
}
