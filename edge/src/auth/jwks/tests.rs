use super::super::minting::{Pair, encode, with, without};
use super::*;
use serde_json::json;

fn set(keys: &[Value], algorithm: Algorithm) -> Result<KeySet, JwksError> {
    KeySet::parse(json!({"keys": keys}).to_string().as_bytes(), algorithm)
}

fn ids(keys: &[Value], algorithm: Algorithm) -> Vec<String> {
    set(keys, algorithm).map(|set| set.0.into_iter().map(|(id, _)| id).collect()).unwrap_or_default()
}

fn rsa(key_id: &str) -> Value {
    Pair::issuer(Algorithm::Rs256).jwk(key_id)
}

fn p256(key_id: &str) -> Value {
    Pair::issuer(Algorithm::Es256).jwk(key_id)
}

#[test]
fn keys_of_other_uses_are_passed_over() {
    let bare = without(without(rsa("bare"), "use"), "alg");
    let keys = [
        p256("a"),
        with(rsa("b"), "kty", json!("EC")),
        with(rsa("b2"), "kty", json!("rsa")),
        with(rsa("c"), "use", json!("enc")),
        with(rsa("d"), "alg", json!("RS512")),
        with(rsa("d2"), "alg", json!("PS256")),
        with(rsa("e"), "key_ops", json!(["encrypt"])),
        with(rsa("e2"), "key_ops", json!([])),
        with(rsa("f"), "n", json!("not base64!")),
        with(rsa("f2"), "n", json!(7)),
        without(rsa("g"), "n"),
        with(rsa("g2"), "d", json!("AQAB")),
        json!("not an object"),
        bare,
        with(rsa("ops"), "key_ops", json!(["verify"])),
    ];
    assert_eq!(ids(&keys, Algorithm::Rs256), ["bare", "ops"]);
    assert_eq!(ids(&keys, Algorithm::Es256), ["a"]);
}

#[test]
fn rsa_keys_have_from_2048_to_4096_bits_and_the_usual_exponent() {
    let modulus = |bits: usize| {
        let mut bytes = vec![0xff; bits.div_ceil(8)];
        bytes[0] >>= bytes.len() * 8 - bits;
        bytes
    };
    let taken = |modulus: Vec<u8>, exponent: &[u8]| {
        let key = with(with(rsa("a"), "n", json!(encode(modulus))), "e", json!(encode(exponent)));
        set(&[key], Algorithm::Rs256).is_ok()
    };
    let usual = [1, 0, 1];
    for bits in [2048, 2049, 3072, 4096] {
        assert!(taken(modulus(bits), &usual), "{bits}");
    }
    for bits in [8, 512, 1024, 2040, 2047, 4097, 8192, 16384] {
        assert!(!taken(modulus(bits), &usual), "{bits}");
    }
    for exponent in [&[][..], &[0], &[1], &[2], &[3], &[17], &[0, 1, 0, 1], &[1, 0, 0], &[0xff; 256]] {
        assert!(!taken(modulus(2048), exponent), "{exponent:?}");
    }
    let mut even = modulus(2048);
    even[255] = 0xfe;
    assert!(!taken(even, &usual));
    assert!(!taken([vec![0; 200], modulus(2040)].concat(), &usual), "however a short one is padded");
    assert!(!taken([vec![0], modulus(2048)].concat(), &usual), "RFC 7518 section 6.3.1.1");
    assert!(!taken(Vec::new(), &usual));
}

#[test]
fn points_have_to_lie_on_p256() {
    let taken = |key: Value| set(&[key], Algorithm::Es256).is_ok();
    assert!(taken(p256("a")) && taken(without(without(p256("a"), "alg"), "use")));
    let coordinate = |bytes: [u8; 32]| json!(encode(bytes));
    for key in [
        with(p256("a"), "crv", json!("P-384")),
        with(p256("a"), "crv", json!("secp256k1")),
        without(p256("a"), "crv"),
        with(p256("a"), "x", coordinate([0; 32])),
        with(p256("a"), "y", coordinate([0; 32])),
        with(p256("a"), "x", coordinate([0xff; 32])),
        with(with(p256("a"), "x", coordinate([0; 32])), "y", coordinate([0; 32])),
        with(p256("a"), "x", json!(encode([1; 31]))),
        with(p256("a"), "x", json!(encode([1; 33]))),
        with(p256("a"), "y", p256("a")["x"].clone()),
        without(p256("a"), "y"),
        with(p256("a"), "alg", json!("ES384")),
        with(p256("a"), "alg", json!("RS256")),
        with(p256("a"), "kty", json!("RSA")),
    ] {
        assert!(!taken(key.clone()), "{key}");
    }
}

#[test]
fn of_different_keys_with_one_id_none_is_used() {
    let other = Pair::stranger(Algorithm::Rs256).jwk("a");
    assert_eq!(ids(&[rsa("a"), other.clone(), rsa("b")], Algorithm::Rs256), ["b"]);
    assert_eq!(set(&[other.clone(), rsa("a")], Algorithm::Rs256).unwrap_err(), JwksError::NoUsableKey);
    // The same key twice is one key; and one of no use takes nothing away, as RFC 7517 section 4.5 lets keys of different types share an ID.
    assert_eq!(ids(&[rsa("a"), rsa("a")], Algorithm::Rs256), ["a"]);
    assert_eq!(ids(&[rsa("a"), p256("a"), with(other, "use", json!("enc"))], Algorithm::Rs256), ["a"]);
    let points = [p256("a"), Pair::stranger(Algorithm::Es256).jwk("a"), p256("b")];
    assert_eq!(ids(&points, Algorithm::Es256), ["b"]);
}

#[test]
fn what_is_no_key_set_is_refused() {
    let twice = format!(r#"{{"keys":[],"keys":[{}]}}"#, rsa("a"));
    let member_twice =
        format!(r#"{{"keys":[{}]}}"#, rsa("a").to_string().replacen('{', r#"{"n":"AQAB","#, 1));
    let deep = format!(r#"{{"keys":[{}]}}"#, "[".repeat(20_000));
    for text in
        ["", "{}", "[]", "null", "{\"keys\":{}}", "{\"keys\":null}", "<html>", &twice, &member_twice, &deep]
    {
        let refused = KeySet::parse(text.as_bytes(), Algorithm::Rs256).unwrap_err();
        assert_eq!(refused, JwksError::Malformed, "{text:.40}");
    }
    assert_eq!(set(&[], Algorithm::Rs256).unwrap_err(), JwksError::NoUsableKey);
    assert_eq!(set(&vec![rsa("a"); 16], Algorithm::Rs256).unwrap().0.len(), 1);
    assert_eq!(set(&vec![rsa("a"); 17], Algorithm::Rs256).unwrap_err(), JwksError::TooManyKeys);
    let large = vec![b' '; 64 * 1024 + 1];
    assert_eq!(KeySet::parse(&large, Algorithm::Rs256).unwrap_err(), JwksError::TooLarge);
}

#[test]
fn key_ids_are_bounded() {
    assert_eq!(
        ids(
            &[rsa(""), rsa(&"k".repeat(257)), with(rsa("a"), "kid", json!(7)), without(rsa("a"), "kid")],
            Algorithm::Rs256
        ),
        [""; 0]
    );
    assert_eq!(ids(&[rsa(&"k".repeat(256))], Algorithm::Rs256).len(), 1);
}

#[test]
fn only_json_is_read() {
    for json in [
        "application/json",
        "application/json; charset=utf-8",
        "Application/JSON",
        "application/jwk-set+json",
    ] {
        assert!(is_json(Some(json)), "{json}");
    }
    for other in [
        "",
        "text/html",
        "text/plain",
        "application/jsonp",
        "application/x-json",
        "json",
        "application/json, text/html",
    ] {
        assert!(!is_json(Some(other)), "{other}");
    }
    assert!(!is_json(None));
}
