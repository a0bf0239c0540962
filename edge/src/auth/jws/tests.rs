use super::super::minting::{KEY_ID, Pair, claims, encode, key_set, now, token};
use super::*;
use jwt_simple::algorithms::{
    ECDSAP256KeyPairLike, ECDSAP256PublicKeyLike, RSAKeyPairLike, RSAPublicKeyLike,
};
use jwt_simple::claims::{JWTClaims, NoCustomClaims};
use jwt_simple::common::{HeaderOptions, VerificationOptions};
use jwt_simple::prelude::{Duration, UnixTimeStamp};
use serde_json::json;

const BOTH: [Algorithm; 2] = [Algorithm::Rs256, Algorithm::Es256];

fn verified(token: &str, algorithm: Algorithm) -> Result<VerifiedPayload, JwsError> {
    let key = key_set(algorithm).find(KEY_ID).unwrap();
    UnverifiedJws::parse(token, algorithm)?.verify(&key)
}

#[test]
fn a_signed_payload_comes_out_as_it_went_in() {
    for algorithm in BOTH {
        for payload in [&b""[..], b"a", b"{}", &[0, 255, 128]] {
            let header = json!({"alg": algorithm.name(), "kid": KEY_ID}).to_string();
            let token = Pair::issuer(algorithm).mint(&header, payload);
            assert_eq!(verified(&token, algorithm).unwrap().bytes(), payload);
        }
    }
}

#[test]
fn the_type_is_told() {
    for (typ, expected) in [
        (json!("JWT"), TokenType::Jwt),
        (json!("jwt"), TokenType::Jwt),
        (json!(null), TokenType::Jwt),
        (json!("at+jwt"), TokenType::AccessToken),
        (json!("application/at+jwt"), TokenType::AccessToken),
    ] {
        let header = json!({"alg": "ES256", "kid": KEY_ID, "typ": typ}).to_string();
        let token = Pair::issuer(Algorithm::Es256).mint(&header, b"{}");
        assert_eq!(verified(&token, Algorithm::Es256).unwrap().token_type(), expected);
    }
}

#[test]
fn every_change_of_a_single_character_is_refused() {
    for algorithm in BOTH {
        let token = token(algorithm, &claims());
        let mut tried = 0;
        // All places with the cheap algorithm, some with the other.
        let step = if algorithm == Algorithm::Es256 { 1 } else { 17 };
        for at in (0..token.len()).step_by(step) {
            for replacement in ["A", "B", "-", ".", "=", " "] {
                if token[at..].starts_with(replacement) {
                    continue;
                }
                let mut changed = token.clone();
                changed.replace_range(at..=at, replacement);
                assert!(verified(&changed, algorithm).is_err(), "{at} {replacement:?}");
                tried += 1;
            }
        }
        assert!(tried > 100);
    }
}

#[test]
fn every_beginning_is_refused() {
    let token = token(Algorithm::Es256, &claims());
    for length in 0..token.len() {
        assert!(verified(&token[..length], Algorithm::Es256).is_err(), "{length}");
    }
}

#[test]
fn any_bytes_are_taken_without_a_panic() {
    // A sequence of all pairs of a small alphabet, in and around the places of a real token.
    let pieces = ["", ".", "..", "e30", "bnVsbA", "W10", "\u{0}", "ä", "\u{1f600}", "=", " ", "%00", "\r\n"];
    for first in pieces {
        for second in pieces {
            for third in pieces {
                for text in [format!("{first}.{second}.{third}"), format!("{first}{second}{third}")] {
                    assert!(UnverifiedJws::parse(&text, Algorithm::Rs256).is_err(), "{text:?}");
                }
            }
        }
    }
}

#[test]
fn lengths_are_limited_to_the_byte() {
    let header_of = |length: usize| {
        let base = json!({"alg": "ES256", "kid": KEY_ID, "x": ""}).to_string().len();
        let header = json!({"alg": "ES256", "kid": KEY_ID, "x": "x".repeat(length - base)}).to_string();
        encode(header)
    };
    // 1536 bytes are 2048 characters.
    let parse = |header: String| UnverifiedJws::parse(&format!("{header}.e30.AA"), Algorithm::Es256).err();
    assert_eq!(parse(header_of(1536)), None);
    assert_eq!(parse(header_of(1537)), Some(JwsError::TooLong));
    let header = encode(json!({"alg": "ES256", "kid": KEY_ID}).to_string());
    let of_length = |length: usize| {
        let payload = "A".repeat(length - header.len() - 4);
        UnverifiedJws::parse(&format!("{header}.{payload}.AA"), Algorithm::Es256).err()
    };
    assert_ne!(of_length(8192), Some(JwsError::TooLong));
    assert_eq!(of_length(8193), Some(JwsError::TooLong));
    let kid = |length: usize| parse(encode(json!({"alg": "ES256", "kid": "k".repeat(length)}).to_string()));
    assert_eq!((kid(256), kid(257), kid(0)), (None, Some(JwsError::KeyId), Some(JwsError::KeyId)));
}

/// The check of `jwt-simple` as a whole, its tolerance and sizes set to ours: a second opinion on what it and we take.
fn by_jwt_simple(token: &str, pair: &Pair) -> bool {
    let options = VerificationOptions {
        time_tolerance: Some(Duration::from_secs(60)),
        max_token_length: Some(MAX_TOKEN_BYTES),
        max_header_length: Some(MAX_HEADER_BYTES),
        required_key_id: Some(KEY_ID.to_owned()),
        artificial_time: Some(UnixTimeStamp::from_secs(now().as_second().try_into().unwrap())),
        ..VerificationOptions::default()
    };
    match pair {
        Pair::Rs256(pair) => pair.public_key().verify_token::<NoCustomClaims>(token, Some(options)).is_ok(),
        Pair::Es256(pair) => pair.public_key().verify_token::<NoCustomClaims>(token, Some(options)).is_ok(),
    }
}

#[test]
fn what_we_take_jwt_simple_takes_too_and_the_other_way_round() {
    for algorithm in BOTH {
        let pair = Pair::issuer(algorithm);
        let ours = token(algorithm, &claims());
        assert!(verified(&ours, algorithm).is_ok() && by_jwt_simple(&ours, pair));
        let claims: JWTClaims<Value> = serde_json::from_value(claims()).unwrap();
        let options = HeaderOptions { signature_type: Some("at+jwt".to_owned()), ..HeaderOptions::default() };
        let theirs = match pair {
            Pair::Rs256(pair) => RSAKeyPairLike::sign_with_options(
                &pair.as_ref().clone().with_key_id(KEY_ID),
                claims,
                &options,
            ),
            Pair::Es256(pair) => {
                let pair = jwt_simple::algorithms::ES256KeyPair::from_bytes(&pair.to_bytes()).unwrap();
                pair.with_key_id(KEY_ID).sign_with_options(claims, &options)
            }
        }
        .unwrap();
        assert!(verified(&theirs, algorithm).is_ok() && by_jwt_simple(&theirs, pair));
        let mut broken = ours.clone();
        broken.replace_range(
            ours.len() - 20..ours.len() - 19,
            if ours[ours.len() - 20..].starts_with('A') { "B" } else { "A" },
        );
        assert!(verified(&broken, algorithm).is_err() && !by_jwt_simple(&broken, pair));
    }
}
