use super::*;
use crate::auth::jwks::tests::{key_pair, set};
use jwt_simple::algorithms::{RS256KeyPair, RSAKeyPairLike};
use jwt_simple::claims::JWTClaims;
use serde_json::{Value, json};
use std::path::Path;
use std::rc::Rc;

const NOW_SECOND: u64 = 1_800_000_000;
const ACCEPTED: AcceptedTokens<'_> =
    AcceptedTokens { issuer: "https://issuer.example/pool", client_id: "client" };

fn now() -> Timestamp {
    Timestamp::from_second(NOW_SECOND as i64).unwrap()
}

fn claims() -> Value {
    json!({
        "iss": ACCEPTED.issuer, "sub": "user-1", "client_id": "client", "token_use": "access",
        "iat": NOW_SECOND - 10, "exp": NOW_SECOND + 300,
    })
}

fn with(mut claims: Value, name: &str, value: Value) -> Value {
    claims[name] = value;
    claims
}

fn without(mut claims: Value, name: &str) -> Value {
    claims.as_object_mut().unwrap().remove(name);
    claims
}

fn sign_with(pair: &RS256KeyPair, claims: &Value) -> String {
    pair.sign(serde_json::from_value::<JWTClaims<Value>>(claims.clone()).unwrap()).unwrap()
}

fn sign(claims: &Value) -> String {
    sign_with(key_pair(), claims)
}

fn verify(token: &str) -> Result<Subject, TokenError> {
    UnverifiedToken::parse(token)?.verify(&key_pair().public_key(), &ACCEPTED, now())
}

fn refused(claims: &Value) -> TokenError {
    verify(&sign(claims)).unwrap_err()
}

/// The token with its header replaced; its signature no longer fits.
fn with_header(token: &str, header: &Value) -> String {
    let rest = token.split_once('.').unwrap().1;
    format!("{}.{rest}", BASE64_URL_SAFE_NO_PAD.encode(header.to_string()))
}

#[test]
fn a_good_token_gives_its_subject() {
    let token = sign(&claims());
    assert_eq!(verify(&token).unwrap().as_str(), "user-1");
    let header = format!("bearer  {token}");
    let unverified = UnverifiedToken::from_authorization(Some(&header)).unwrap();
    assert_eq!(unverified.key_id(), "key-1");
}

#[test]
fn the_header_has_to_be_a_bearer_token() {
    for value in [None, Some(""), Some("Bearer"), Some("Bearer "), Some("Basic abc"), Some("Bearerabc")] {
        assert_eq!(UnverifiedToken::from_authorization(value).err(), Some(TokenError::Missing), "{value:?}");
    }
}

#[test]
fn what_is_no_token_is_refused() {
    for text in ["a", "a.b", "a.b.c.d", "..", "!!.e30.x", "e30.e30.x", "bnVsbA.e30.x"] {
        assert_eq!(UnverifiedToken::parse(text).err(), Some(TokenError::Malformed), "{text}");
    }
    assert_eq!(UnverifiedToken::parse(&"a".repeat(8193)).err(), Some(TokenError::TooLong));
}

#[test]
fn only_rs256_with_a_key_id_and_no_extensions_is_looked_at() {
    let token = sign(&claims());
    let parse = |header: Value| UnverifiedToken::parse(&with_header(&token, &header)).err();
    for alg in ["none", "None", "HS256", "RS384", "RS512", "PS256", "ES256", "rs256", ""] {
        assert_eq!(parse(json!({"alg": alg, "kid": "key-1"})), Some(TokenError::Algorithm), "{alg}");
    }
    assert_eq!(parse(json!({"alg": "RS256"})), Some(TokenError::NoKeyId));
    assert_eq!(parse(json!({"alg": "RS256", "kid": ""})), Some(TokenError::NoKeyId));
    assert_eq!(parse(json!({"alg": "RS256", "kid": 1})), Some(TokenError::Malformed));
    for crit in [json!(["exp"]), json!([]), json!("b64")] {
        assert_eq!(
            parse(json!({"alg": "RS256", "kid": "key-1", "crit": crit})),
            Some(TokenError::CriticalExtension)
        );
    }
}

#[test]
fn a_changed_token_is_refused() {
    let token = sign(&claims());
    let other_claims = sign(&with(claims(), "sub", json!("user-2")));
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let (other_signed, _) = other_claims.rsplit_once('.').unwrap();
    assert_eq!(verify(&format!("{other_signed}.{signature}")).unwrap_err(), TokenError::Signature);
    assert_eq!(verify(&format!("{signed}.")).unwrap_err(), TokenError::Signature);
    let mut flipped = signature.to_owned();
    let first = if flipped.starts_with('A') { "B" } else { "A" };
    flipped.replace_range(..1, first);
    assert_eq!(verify(&format!("{signed}.{flipped}")).unwrap_err(), TokenError::Signature);
    let unsigned = with_header(&token, &json!({"alg": "RS256", "kid": "key-1", "typ": "JWT", "x": 1}));
    assert_eq!(verify(&unsigned).unwrap_err(), TokenError::Signature);
}

#[test]
fn another_key_under_the_same_key_id_is_refused() {
    let stranger = RS256KeyPair::generate(2048).unwrap().with_key_id("key-1");
    let token = sign_with(&stranger, &claims());
    assert_eq!(verify(&token).unwrap_err(), TokenError::Signature);
}

#[test]
fn time_is_kept_with_a_minute_of_leeway() {
    let expiring = |second: u64| verify(&sign(&with(claims(), "exp", json!(second)))).map(|_| ());
    assert_eq!(expiring(NOW_SECOND - 59), Ok(()));
    assert_eq!(expiring(NOW_SECOND - 61), Err(TokenError::Expired));
    let starting = |second: u64| verify(&sign(&with(claims(), "nbf", json!(second)))).map(|_| ());
    assert_eq!(starting(NOW_SECOND + 59), Ok(()));
    assert_eq!(starting(NOW_SECOND + 61), Err(TokenError::NotYetValid));
    assert_eq!(refused(&with(claims(), "iat", json!(NOW_SECOND + 61))), TokenError::NotYetValid);
    assert_eq!(refused(&without(claims(), "exp")), TokenError::NoExpiry);
}

#[test]
fn each_claim_has_to_be_the_expected_one() {
    let cases = [
        (with(claims(), "iss", json!("https://issuer.example/pool/")), TokenError::Issuer),
        (without(claims(), "iss"), TokenError::Issuer),
        (with(claims(), "token_use", json!("id")), TokenError::TokenUse),
        (without(claims(), "token_use"), TokenError::TokenUse),
        (with(claims(), "client_id", json!("other")), TokenError::Client),
        (without(claims(), "client_id"), TokenError::Client),
        (with(claims(), "sub", json!("../x")), TokenError::Subject),
        (with(claims(), "sub", json!("")), TokenError::Subject),
        (without(claims(), "sub"), TokenError::Subject),
        (with(claims(), "client_id", json!(["client"])), TokenError::MalformedClaims),
    ];
    for (claims, error) in cases {
        assert_eq!(refused(&claims), error, "{claims}");
    }
}

#[test]
fn expiry_does_not_depend_on_the_library() {
    let check = |second: u64| {
        let claims: Claims = serde_json::from_value(with(claims(), "exp", json!(second))).unwrap();
        check_claims(claims, &ACCEPTED, now()).map(|_| ())
    };
    assert_eq!((check(NOW_SECOND - 59), check(NOW_SECOND - 60)), (Ok(()), Err(TokenError::Expired)));
}

#[test]
fn a_date_beyond_the_librarys_range_does_not_wrap_round() {
    // 2^32 seconds more: jwt-simple keeps 32 bits of seconds.
    let late = NOW_SECOND + (1 << 32);
    let claims: Claims = serde_json::from_value(with(claims(), "nbf", json!(late))).unwrap();
    assert_eq!(check_claims(claims, &ACCEPTED, now()).unwrap_err(), TokenError::NotYetValid);
}

/// Project Wycheproof's JSON Web Signature vectors, which lie beside the project and not in it.
#[test]
fn wycheproof() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../shared/corpora/jws/wycheproof_json_web_signature_test.json");
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("skipped: the Wycheproof vectors are not on this machine");
        return;
    };
    let document: Value = serde_json::from_str(&text).unwrap();
    let (mut accepted, mut refused) = (0, 0);
    for group in document["testGroups"].as_array().unwrap() {
        let jwk = if group["public"].is_object() { &group["public"] } else { &group["private"] };
        // Only keys that the key set takes in count; the tokens of others meet a stranger's key.
        let own_key = set(&[with(jwk.clone(), "kid", json!("own"))]).ok().and_then(|set| set.find("own"));
        let usable = own_key.is_some();
        let key = own_key.unwrap_or_else(|| Rc::new(key_pair().public_key()));
        for test in group["tests"].as_array().unwrap() {
            let id = test["tcId"].as_u64().unwrap();
            // The payloads are no claims: one that is complained of as such has passed header and signature.
            let check = |jws| UnverifiedToken::parse(jws).and_then(|_| verify_signature(jws, &key, now()));
            let outcome = test["jws"].as_str().map(check);
            let passed = matches!(outcome, Some(Ok(()) | Err(TokenError::MalformedClaims)));
            let valid = usable && test["result"] == "valid";
            // 357, 367, 370: errata of the vectors, as their keepers say.
            if [357, 367, 370].contains(&id) {
                continue;
            }
            assert_eq!(passed, valid, "case {id}: {}, {outcome:?}", test["comment"]);
            if passed { accepted += 1 } else { refused += 1 }
        }
    }
    assert!(accepted >= 8 && refused >= 300, "{accepted} accepted, {refused} refused");
}
