//! Project Wycheproof's JSON Web Signature vectors, which lie beside the project and not in it; and a few of our own of the same form, which are
//! always there.

use super::jwks::KeySet;
use super::jws::{JwsError, UnverifiedJws};
use super::key::Algorithm;
use super::minting::{KEY_ID, key_set};
use serde_json::{Value, json};
use std::path::Path;

/// Cases that contradict others of the same file, as their keepers say.
const ERRATA: [u64; 3] = [357, 367, 370];

/// What came of a file under one algorithm.
#[derive(Debug, PartialEq, Eq)]
struct Tally {
    accepted: usize,
    refused: usize,
}

/// Takes every case through the key set and the signature check, as a token of an issuer with the group's key.
fn check(document: &Value, algorithm: Algorithm) -> Tally {
    let mut tally = Tally { accepted: 0, refused: 0 };
    for group in document["testGroups"].as_array().unwrap() {
        let jwk = if group["public"].is_object() { &group["public"] } else { &group["private"] };
        let set = KeySet::parse(json!({"keys": [jwk]}).to_string().as_bytes(), algorithm);
        let has_key = set.is_ok();
        // The tokens of keys that are not taken in meet one of ours: refusing the key alone would prove little.
        let set = set.unwrap_or_else(|_| key_set(algorithm));
        let key_id = if has_key { jwk["kid"].as_str().unwrap() } else { KEY_ID };
        let key = set.find(key_id).unwrap();
        for test in group["tests"].as_array().unwrap() {
            let id = test["tcId"].as_u64().unwrap();
            if ERRATA.contains(&id) {
                continue;
            }
            let jws = test["jws"].as_str().map_or_else(|| test["jws"].to_string(), str::to_owned);
            let outcome = UnverifiedJws::parse(&jws, algorithm).and_then(|token| {
                assert!(!has_key || token.key_id() == key_id || test["result"] == "invalid", "case {id}");
                token.verify(&key)
            });
            let is_ours = has_key && jwk["alg"].as_str().is_none_or(|alg| alg == algorithm.name());
            let expected = is_ours && test["result"] == "valid";
            let error = outcome.as_ref().err();
            assert_eq!(
                outcome.is_ok(),
                expected,
                "case {id} under {}: {}, {error:?}",
                algorithm.name(),
                test["comment"]
            );
            if outcome.is_ok() {
                tally.accepted += 1;
            } else {
                tally.refused += 1;
            }
        }
    }
    tally
}

#[test]
fn wycheproof() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../shared/corpora/jws/wycheproof_json_web_signature_test.json");
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("skipped: the Wycheproof vectors are not on this machine");
        return;
    };
    let document: Value = serde_json::from_str(&text).unwrap();
    // 401 cases less the errata; with each algorithm configured the others are refused, whatever their label.
    assert_eq!(check(&document, Algorithm::Rs256), Tally { accepted: 8, refused: 390 });
    assert_eq!(check(&document, Algorithm::Es256), Tally { accepted: 2, refused: 396 });
}

/// Signed once by another implementation (jose on Node's crypto); `tests/vectors.ts` tells how.
#[test]
fn our_own_vectors() {
    let document: Value = serde_json::from_str(include_str!("../../tests/vectors.json")).unwrap();
    let rs256 = check(&document, Algorithm::Rs256);
    let es256 = check(&document, Algorithm::Es256);
    assert!(rs256.accepted >= 3 && es256.accepted >= 4, "{rs256:?} {es256:?}");
    assert!(rs256.refused >= 20 && es256.refused >= 20, "{rs256:?} {es256:?}");
}

#[test]
fn a_signature_of_another_algorithm_is_not_even_tried() {
    let rs256 = super::minting::token(Algorithm::Rs256, &json!({}));
    let key = key_set(Algorithm::Es256).find(KEY_ID).unwrap();
    assert_eq!(UnverifiedJws::parse(&rs256, Algorithm::Es256).err(), Some(JwsError::Algorithm));
    let parsed = UnverifiedJws::parse(&rs256, Algorithm::Rs256).unwrap();
    assert_eq!(parsed.verify(&key).err(), Some(JwsError::Algorithm));
}
