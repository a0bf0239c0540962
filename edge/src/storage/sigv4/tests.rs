//! The signer against Amazon's test suite, Amazon's documentation, and two signers of Amazon's.

mod botocore;
mod documentation;
mod random;
mod sdk;
mod suite;

use super::*;

pub(super) fn credentials(id: &str, secret: &str, token: Option<&str>) -> Credentials {
    Credentials {
        access_key_id: id.to_owned(),
        secret_access_key: Zeroizing::new(secret.to_owned()),
        session_token: token.map(|token| Zeroizing::new(token.to_owned())),
    }
}

#[test]
fn an_expiry_is_one_second_to_seven_days() {
    for seconds in [1, 300, 604_800] {
        assert_eq!(Expiry::from_seconds(seconds).map(Expiry::as_seconds), Some(seconds));
    }
    for seconds in [0, 604_801, u32::MAX] {
        assert_eq!(Expiry::from_seconds(seconds), None);
    }
}

#[test]
fn debug_shows_no_secret() {
    let shown = format!("{:?}", credentials("AKIDEXAMPLE", "hunter2", Some("token")));
    assert_eq!(shown, "Credentials(redacted)");
}

/// What signing costs; `cargo test --release -p roundel-edge --lib signing_time -- --ignored --nocapture` prints it.
#[test]
#[ignore = "a measurement"]
#[expect(clippy::disallowed_methods, reason = "measures")]
fn signing_time() {
    let credentials = credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", None);
    let signer =
        Signer { credentials: &credentials, region: "eu-west-1", service: "s3", now: Timestamp::UNIX_EPOCH };
    let request = Request {
        method: "PUT",
        host: "uploads.s3.eu-west-1.amazonaws.com",
        path: "/avatars/6f1a3f0e-7d0a-4c53-9f0e-0123456789ab.jpg",
        query: &[],
        headers: &[
            ("content-type", "image/jpeg"),
            ("content-length", "123456"),
            ("x-amz-checksum-sha256", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="),
        ],
        payload: Payload::Unsigned,
    };
    let rounds = 20_000_u32;
    for (name, sign) in [
        ("presigned query", &(|| signer.presigned_query(&request, Expiry::MAX).len()) as &dyn Fn() -> usize),
        ("authorization header", &|| signer.authorization_headers(&request).len()),
    ] {
        let began = std::time::Instant::now();
        let bytes: usize = (0..rounds).map(|_| std::hint::black_box(sign())).sum();
        let each = began.elapsed().as_secs_f64() / f64::from(rounds) * 1e6;
        println!("{name}: {each:.1} us ({bytes})");
    }
}
