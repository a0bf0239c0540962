use super::super::jws::UnverifiedJws;
use super::super::key::Algorithm;
use super::super::minting::{KEY_ID, NOW_SECOND, Pair, accepted, claims, key_set, now, with, without};
use super::*;
use serde_json::{Value, json};

/// The claims in a token with a good signature.
fn signed(claims: &str, typ: &str) -> VerifiedPayload {
    let header = json!({"alg": "ES256", "kid": KEY_ID, "typ": typ}).to_string();
    let token = Pair::issuer(Algorithm::Es256).mint(&header, claims.as_bytes());
    let key = key_set(Algorithm::Es256).find(KEY_ID).unwrap();
    UnverifiedJws::parse(&token, Algorithm::Es256).unwrap().verify(&key).unwrap()
}

fn checked(claims: &Value) -> Result<(), ClaimsError> {
    check(&signed(&claims.to_string(), "JWT"), &accepted(), now()).map(|_| ())
}

#[test]
fn a_good_token_gives_its_subject() {
    let payload = signed(&claims().to_string(), "JWT");
    assert_eq!(check(&payload, &accepted(), now()).unwrap().as_str(), "user-1");
}

#[test]
fn each_client_of_the_list_is_let_in() {
    assert_eq!(checked(&with(claims(), "client_id", json!("another-client-of-ours"))), Ok(()));
    assert_eq!(
        checked(&with(claims(), "client_id", json!("client,another-client-of-ours"))),
        Err(ClaimsError::Client)
    );
}

#[test]
fn dates_are_kept_to_the_millisecond_with_a_minute_of_leeway() {
    let at = |name: &str, second: Value| checked(&with(claims(), name, second));
    let old = without(claims(), "iat");
    let expiring = |second: Value| checked(&with(old.clone(), "exp", second));
    assert_eq!(expiring(json!(NOW_SECOND - 59)), Ok(()));
    assert_eq!(expiring(json!(NOW_SECOND as f64 - 59.999)), Ok(()));
    assert_eq!(expiring(json!(NOW_SECOND - 60)), Err(ClaimsError::Expired));
    assert_eq!(at("nbf", json!(NOW_SECOND + 60)), Ok(()));
    assert_eq!(at("nbf", json!(NOW_SECOND as f64 + 60.001)), Err(ClaimsError::NotYetValid));
    assert_eq!(at("iat", json!(NOW_SECOND + 60)), Ok(()));
    assert_eq!(at("iat", json!(NOW_SECOND + 61)), Err(ClaimsError::IssuedAt));
    assert_eq!(at("iat", json!(NOW_SECOND + 301)), Err(ClaimsError::IssuedAt));
}

#[test]
fn absurd_numbers_are_refused_wherever_they_stand() {
    let absurd = ["-0.001", "-1e308", "1e308", "253402300800", "9e18", "1e-999999", "18446744073709551616"];
    for number in absurd {
        for name in ["exp", "nbf", "iat"] {
            let text = with(claims(), name, json!("PLACE")).to_string().replace("\"PLACE\"", number);
            let outcome = check(&signed(&text, "JWT"), &accepted(), now()).map(|_| ());
            // A number that is next to nothing is zero.
            let is_zero = number == "1e-999999";
            let expected = match name {
                "exp" if is_zero => Err(ClaimsError::Expired),
                _ if is_zero => Ok(()),
                _ => Err(ClaimsError::Malformed),
            };
            assert_eq!(outcome, expected, "{name} {number}");
        }
    }
    assert_eq!(
        check(&signed(&claims().to_string(), "JWT"), &accepted(), Timestamp::MAX),
        Err(ClaimsError::Expired)
    );
    assert_eq!(
        check(&signed(&claims().to_string(), "JWT"), &accepted(), Timestamp::MIN),
        Err(ClaimsError::IssuedAt)
    );
}

/// What another provider's token says, in the two shapes that are taken.
fn another_providers(audience: Option<&str>) -> AcceptedTokens {
    AcceptedTokens { profile: Profile::OpenId, audience: audience.map(str::to_owned), ..accepted() }
}

#[test]
fn an_access_token_of_rfc_9068_is_taken_from_another_provider() {
    let claims = with(without(claims(), "token_use"), "aud", json!(["https://pictures.example", "other"]));
    let checked = |claims: &Value, typ: &str, audience: Option<&str>| {
        check(&signed(&claims.to_string(), typ), &another_providers(audience), now()).map(|_| ())
    };
    let ours = Some("https://pictures.example");
    assert_eq!(checked(&claims, "at+jwt", None), Ok(()));
    assert_eq!(checked(&claims, "at+jwt", ours), Ok(()));
    assert_eq!(checked(&claims, "at+jwt", Some("https://mail.example")), Err(ClaimsError::Audience));
    assert_eq!(checked(&without(claims.clone(), "aud"), "at+jwt", ours), Err(ClaimsError::Audience));
    // Without the type only the audience tells it from an identity token.
    assert_eq!(checked(&claims, "JWT", ours), Ok(()));
    assert_eq!(checked(&claims, "JWT", None), Err(ClaimsError::TokenUse));
    // A provider that says nothing of a client in `client_id` says it in `azp`.
    let authorized = with(without(claims.clone(), "client_id"), "azp", json!("client"));
    assert_eq!(checked(&authorized, "JWT", ours), Ok(()));
    assert_eq!(checked(&with(authorized, "azp", json!("other")), "JWT", ours), Err(ClaimsError::Client));
    let contradiction = with(with(claims.clone(), "client_id", json!("other")), "azp", json!("client"));
    assert_eq!(checked(&contradiction, "JWT", ours), Err(ClaimsError::Client));
    // What calls itself something else is believed.
    assert_eq!(
        checked(&with(claims.clone(), "token_use", json!("id")), "at+jwt", ours),
        Err(ClaimsError::TokenUse)
    );
    assert_eq!(checked(&with(claims, "token_use", json!("access")), "JWT", None), Ok(()));
}

#[test]
fn an_identity_token_of_another_provider_opens_nothing() {
    // OpenID Connect Core section 2: the client is its audience.
    let identity = with(without(claims(), "token_use"), "aud", json!("client"));
    for identity in
        [without(identity.clone(), "client_id"), with(identity.clone(), "azp", json!("client")), identity]
    {
        for audience in [None, Some("https://pictures.example")] {
            let outcome = check(&signed(&identity.to_string(), "JWT"), &another_providers(audience), now());
            assert!(matches!(outcome, Err(ClaimsError::TokenUse | ClaimsError::Audience)), "{outcome:?}");
        }
    }
}

#[test]
fn claims_of_another_type_are_malformed() {
    for (name, value) in [
        ("aud", json!(7)),
        ("aud", json!(["client", 7])),
        ("aud", json!({})),
        ("azp", json!(["client"])),
        ("iss", json!(true)),
        ("token_use", json!(["access"])),
    ] {
        assert_eq!(checked(&with(claims(), name, value)), Err(ClaimsError::Malformed), "{name}");
    }
}
