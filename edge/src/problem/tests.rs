use super::*;
use crate::auth::{ClaimsError, JwksError, JwsError};

#[test]
fn a_problem_is_rfc_9457_and_never_stored() {
    let reply = Problem::bad_extension().into_reply();
    let body: serde_json::Value = serde_json::from_slice(reply.body.as_deref().unwrap()).unwrap();
    assert_eq!(reply.header("content-type"), Some("application/problem+json"));
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    assert_eq!((body["status"].as_u64(), body["code"].as_str()), (Some(400), Some("bad_extension")));
    assert_eq!((body["type"].as_str(), body["title"].as_str()), (Some("about:blank"), Some("Bad Request")));
}

#[test]
fn a_refused_profile_names_its_member_to_the_client_and_not_to_the_log() {
    let refused = |name: &str, fault| {
        let error = FieldsError::Member { name: name.to_owned(), fault };
        let reply = Problem::from(error).into_reply();
        assert_eq!((reply.status, reply.code, &reply.reason), (400, Some("bad_profile"), &None));
        serde_json::from_slice::<serde_json::Value>(reply.body.as_deref().unwrap()).unwrap()
    };
    let body = refused("bio", Fault::NotAString);
    assert_eq!(
        (body["member"].as_str(), body["detail"].as_str()),
        (Some("bio"), Some("`bio` has to be a string"))
    );
    let body = refused("<b>", Fault::Unknown);
    assert_eq!(body["member"], "<b>");
    assert!(!body["detail"].as_str().unwrap().contains('<'));
    let other = Problem::from(FieldsError::NotAnObject).into_reply();
    assert!(!String::from_utf8(other.body.unwrap()).unwrap().contains("member\""));
}

#[test]
fn a_database_that_fails_is_to_be_tried_again_and_never_stored() {
    use crate::profile::Operation;
    let reply = Problem::from(ProfileStoreError::NoSchema(Operation::Read)).into_reply();
    assert_eq!((reply.status, reply.code), (503, Some("database_unavailable")));
    assert_eq!((reply.header("retry-after"), reply.header("cache-control")), (Some("5"), Some("no-store")));
    assert!(reply.reason.is_some_and(|reason| reason.contains("migrations")));
    let statuses = [SaveError::Changed, SaveError::Contended].map(|error| Problem::from(error).status);
    assert_eq!(statuses, [412, 503]);
}

#[test]
fn every_token_failure_gets_the_same_answer() {
    let of = |error| Problem::from(AuthError::Token(error)).into_reply();
    let missing = of(TokenError::Missing);
    assert_eq!((missing.status, missing.header("www-authenticate")), (401, Some("Bearer")));
    let expired = of(ClaimsError::Expired.into());
    for error in [JwsError::Signature.into(), JwsError::TooLong.into(), TokenError::UnknownKey] {
        let other = of(error);
        assert_eq!((other.status, &other.body, &other.headers), (401, &missing.body, &expired.headers));
        assert_ne!(other.reason, expired.reason);
    }
    assert_eq!(expired.header("www-authenticate"), Some(r#"Bearer error="invalid_token""#));
}

#[test]
fn keys_that_cannot_be_had_are_no_fault_of_the_token() {
    let reply = Problem::from(AuthError::KeysUnavailable(JwksError::Status(500))).into_reply();
    assert_eq!((reply.status, reply.code), (503, Some("keys_unavailable")));
    assert_eq!((reply.header("retry-after"), reply.header("www-authenticate")), (Some("5"), None));
}

#[test]
fn who_asks_too_often_is_told_how_long_to_wait() {
    for (wait, seconds) in [(Duration::from_micros(1), "1"), (Duration::from_millis(2_001), "3")] {
        let reply = Problem::too_many_requests(wait, "limit").into_reply();
        assert_eq!((reply.status, reply.code), (429, Some("too_many_requests")));
        assert_eq!(
            (reply.header("retry-after"), reply.header("cache-control")),
            (Some(seconds), Some("no-store"))
        );
    }
}

#[test]
fn no_refused_picture_is_a_server_error() {
    use roundel::{Error, Format};
    let errors = [
        (Error::UnsupportedFormat { format: None, detail: "" }, 415),
        (Error::Truncated { format: Format::Jpeg, detail: "" }, 422),
        (Error::Malformed { format: Format::Jpeg, detail: String::new() }, 422),
        (Error::TooManyPixels { width: 1, height: 1, max_pixels: 0 }, 413),
        (Error::TooManyFrames { frames: 2, max_frames: 1 }, 413),
        (Error::OutOfMemoryBudget { needed_bytes: 2, budget_bytes: 1 }, 413),
    ];
    for (error, status) in errors {
        let code = error.code();
        let problem = Problem::from(PublishError::Picture(error));
        assert_eq!((problem.status, problem.code), (status, code));
    }
}
