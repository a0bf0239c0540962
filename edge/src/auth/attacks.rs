//! The attack list of `tests/attacks.json`, natively: each entry made into a token and taken through header, key, signature and claims, once with
//! each algorithm configured. `tests/attacks.test.ts` sends the same through workerd.

use super::key::Algorithm;
use super::minting::{KEY_ID, NOW_SECOND, Pair, accepted, encode, key_set, now};
use super::{TokenError, claims, jws::UnverifiedJws};
use crate::kind::Subject;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

#[derive(Deserialize)]
struct List {
    attacks: Vec<Attack>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Attack {
    name: String,
    #[serde(default)]
    header: BTreeMap<String, Option<String>>,
    #[serde(default)]
    more_header: String,
    header_text: Option<String>,
    #[serde(default)]
    claims: BTreeMap<String, Option<String>>,
    #[serde(default)]
    more_claims: String,
    claims_text: Option<String>,
    signer: Option<String>,
    #[serde(default)]
    edit: Vec<Vec<Value>>,
    reason: Option<String>,
    #[serde(default)]
    accepted: bool,
}

const HEADER: [(&str, &str); 3] = [("alg", "\"$ALG\""), ("kid", "\"$KID\""), ("typ", "\"JWT\"")];
const CLAIMS: [(&str, &str); 6] = [
    ("iss", "\"$ISS\""),
    ("sub", "\"user-1\""),
    ("client_id", "\"$CLIENT\""),
    ("token_use", "\"access\""),
    ("iat", "$NOW-10"),
    ("exp", "$NOW+300"),
];

fn object(base: &[(&str, &str)], changes: &BTreeMap<String, Option<String>>, more: &str) -> String {
    let mut members: BTreeMap<&str, &str> = base.iter().copied().collect();
    for (name, value) in changes {
        match value {
            Some(value) => members.insert(name, value),
            None => members.remove(name.as_str()),
        };
    }
    let members: Vec<_> = members.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
    format!("{{{}{more}}}", members.join(","))
}

/// Puts values in the place of their names.
fn filled(template: &str, algorithm: Algorithm) -> String {
    let other = if algorithm == Algorithm::Rs256 { Algorithm::Es256 } else { Algorithm::Rs256 };
    let mut text = template
        .replace("$OTHER_ALG", other.name())
        .replace("$ALG", algorithm.name())
        .replace("$KID", KEY_ID)
        .replace("$JWK", &Pair::stranger(algorithm).jwk(KEY_ID).to_string())
        .replace("$ISS2", "https://issuer.example/other_pool")
        .replace("$ISS", &accepted().issuer)
        .replace("$CLIENT", &accepted().client_ids[0]);
    while let Some(at) = text.find("$NOW") {
        let rest = &text[at + 4..];
        let digits = rest.len()
            - rest.trim_start_matches(['+', '-']).trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let offset = if rest.starts_with(['+', '-']) { &rest[..digits] } else { "" };
        let second = NOW_SECOND + offset.parse::<i64>().unwrap_or(0);
        text.replace_range(at..at + 4 + offset.len(), &second.to_string());
    }
    for (name, open, close) in [("$AAA(", "A", ""), ("$NEST(", "[", "]")] {
        while let Some(at) = text.find(name) {
            let (count, _) = text[at + name.len()..].split_once(')').unwrap();
            let end = at + name.len() + count.len() + 1;
            let count = count.parse().unwrap();
            text.replace_range(at..end, &(open.repeat(count) + &close.repeat(count)));
        }
    }
    text
}

/// RFC 2104.
fn hmac_sha256(secret: &[u8], message: &[u8]) -> Vec<u8> {
    let mut block = [0; 64];
    if secret.len() > block.len() {
        block[..32].copy_from_slice(&Sha256::digest(secret));
    } else {
        block[..secret.len()].copy_from_slice(secret);
    }
    let inner = Sha256::new().chain_update(block.map(|byte| byte ^ 0x36)).chain_update(message).finalize();
    Sha256::new().chain_update(block.map(|byte| byte ^ 0x5c)).chain_update(inner).finalize().to_vec()
}

fn token(attack: &Attack, algorithm: Algorithm) -> String {
    let header = match &attack.header_text {
        Some(text) => filled(text, algorithm),
        None => filled(&object(&HEADER, &attack.header, &attack.more_header), algorithm),
    };
    let claims = match &attack.claims_text {
        Some(text) => filled(text, algorithm),
        None => filled(&object(&CLAIMS, &attack.claims, &attack.more_claims), algorithm),
    };
    let signing_input = format!("{}.{}", encode(&header), encode(&claims));
    let issuer = Pair::issuer(algorithm);
    let message = signing_input.as_bytes();
    let signature = match attack.signer.as_deref() {
        None => issuer.sign(message),
        Some("stranger") => Pair::stranger(algorithm).sign(message),
        Some("nobody") => Vec::new(),
        Some("hmac_jwk") => hmac_sha256(issuer.jwk(KEY_ID).to_string().as_bytes(), message),
        Some("hmac_pem") => hmac_sha256(issuer.public_pem().as_bytes(), message),
        Some(other) => panic!("no signer {other}"),
    };
    let mut parts = [encode(&header), encode(&claims), encode(signature)];
    let mut whole = None;
    for edit in &attack.edit {
        let operation = edit[0].as_str().unwrap();
        let Ok(part) = usize::try_from(edit[1].as_i64().unwrap()) else {
            let joined = parts.join(".");
            let argument = edit[2].as_str().unwrap();
            whole = Some(match operation {
                "prefix" => format!("{argument}{joined}"),
                "suffix" => format!("{joined}{argument}"),
                "whole" => argument.to_owned(),
                other => panic!("no edit {other} of a whole token"),
            });
            continue;
        };
        parts[part] = edited(operation, &parts[part], edit.get(2), algorithm);
    }
    whole.unwrap_or_else(|| parts.join("."))
}

fn edited(operation: &str, part: &str, argument: Option<&Value>, algorithm: Algorithm) -> String {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(part).unwrap();
    let text = || argument.unwrap().as_str().unwrap();
    let count = || usize::try_from(argument.unwrap().as_u64().unwrap()).unwrap();
    match operation {
        "prefix" => format!("{}{part}", text()),
        "suffix" => format!("{part}{}", text()),
        "cut_bytes" => encode(&bytes[..bytes.len() - count()]),
        "more_bytes" => encode([bytes, vec![0; count()]].concat()),
        "halve" => encode(&bytes[..bytes.len() / 2]),
        "zero" => encode(vec![0; bytes.len()]),
        "flip_first" => encode([&[bytes[0] ^ 0x80], &bytes[1..]].concat()),
        "next_last" => {
            let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
            let (start, last) = part.split_at(part.len() - 1);
            let at = alphabet.find(last).unwrap();
            format!("{start}{}", &alphabet[at + 1..at + 2])
        }
        "standard_alphabet" => format!("+{}", part[1..].replace('-', "+").replace('_', "/")),
        "other_claims" => encode(filled(&object(&CLAIMS, &BTreeMap::new(), ",\"x\":1"), algorithm)),
        "other_header" => encode(filled(&object(&HEADER, &BTreeMap::new(), ",\"x\":1"), algorithm)),
        other => panic!("no edit {other}"),
    }
}

fn opened(token: &str, algorithm: Algorithm) -> Result<Subject, TokenError> {
    let token = UnverifiedJws::parse(token, algorithm)?;
    let key = key_set(algorithm).find(token.key_id()).ok_or(TokenError::UnknownKey)?;
    Ok(claims::check(&token.verify(&key)?, &accepted(), now())?)
}

#[test]
fn no_attack_opens_and_each_fails_for_its_own_reason() {
    let list: List = serde_json::from_str(include_str!("../../tests/attacks.json")).unwrap();
    assert!(list.attacks.len() >= 140, "{}", list.attacks.len());
    let mut wrong = Vec::new();
    for algorithm in [Algorithm::Rs256, Algorithm::Es256] {
        for attack in &list.attacks {
            let outcome = opened(&token(attack, algorithm), algorithm);
            let reason = outcome.as_ref().err().map(ToString::to_string);
            let expected = attack.reason.as_ref().map(|reason| format!("token: {reason}"));
            if outcome.is_ok() != attack.accepted || reason != expected {
                wrong.push(format!("{} under {}: {reason:?}", attack.name, algorithm.name()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
