//! The signer against that of Amazon's SDK for Rust.

use super::super::*;
use super::credentials;
use super::random::Random;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SignatureLocation,
    SigningSettings, UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4;
use std::time::{Duration, SystemTime};

const CASES: u64 = 500;

#[test]
fn amazons_sdk_signs_the_same() {
    let mut random = Random(1);
    for case in 0..CASES {
        let in_query = case % 2 == 0;
        let (path, token) = (format!("/{}", random.key(40)), random.token());
        let (name, value) = (random.key(6), random.key(6));
        // Names of parameters are S3's own, of unreserved characters; values are anything.
        let name = format!("q{}", name.replace(|letter: char| !letter.is_ascii_alphanumeric(), "-"));
        let query = [(name.as_str(), value.as_str()), ("list-type", "2"), ("A", "")];
        let body = random.next().to_be_bytes();
        let payload = match random.below(2) {
            0 => Payload::Unsigned,
            _ => Payload::Sha256(Sha256::digest(body).into()),
        };
        let stated = payload.to_string();
        let mut headers =
            vec![("content-type", "image/jpeg"), ("if-none-match", "*"), ("X-Amz-Meta-Note", " a   b ")];
        if !in_query {
            headers.push(("x-amz-content-sha256", &stated));
        }
        let second = random.second();
        let expiry = Expiry::from_seconds(1 + random.below(604_800) as u32).unwrap();
        let region = random.one_of(&["us-east-1", "eu-central-2", "auto"]);
        let method = random.one_of(&["GET", "PUT", "HEAD", "DELETE"]);
        let host = random.one_of(&["b.s3.amazonaws.com", "127.0.0.1:9000", "a.b.example:8443"]);

        let ours = credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", token.as_deref());
        let now = Timestamp::from_second(second).unwrap();
        let signer = Signer { credentials: &ours, region, service: "s3", now };
        let request = Request { method, host, path: &path, query: &query, headers: &headers, payload };
        let canonical = match in_query {
            true => signer.canonical_for_query(&request, expiry),
            false => signer.canonical_for_headers(&request),
        };

        let mut settings = SigningSettings::default();
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        if in_query {
            settings.signature_location = SignatureLocation::QueryParams;
            settings.expires_in = Some(Duration::from_secs(expiry.as_seconds().into()));
        } else {
            settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        }
        let (id, secret) = (&ours.access_key_id, ours.secret_access_key.as_str());
        let theirs = aws_credential_types::Credentials::new(id, secret, token.clone(), None, "test").into();
        let params = v4::SigningParams::builder()
            .identity(&theirs)
            .region(region)
            .name("s3")
            .time(SystemTime::UNIX_EPOCH + Duration::from_secs(second as u64))
            .settings(settings)
            .build()
            .unwrap()
            .into();
        let uri = format!("https://{host}{}?{}", encode_path(&path), canonical_query(&query));
        let headers = headers.into_iter().filter(|(name, _)| *name != "x-amz-content-sha256");
        let body = match payload {
            Payload::Unsigned => SignableBody::UnsignedPayload,
            Payload::Sha256(_) => SignableBody::Bytes(&body),
        };
        let signable = SignableRequest::new(method, uri, headers, body).unwrap();
        let (_, signature) = sign(signable, &params).unwrap().into_parts();
        assert_eq!(signer.signature(&canonical), signature, "case {case}: {}", canonical.request);
    }
}
