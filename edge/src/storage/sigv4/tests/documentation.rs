//! The examples of the Amazon S3 API Reference: "Signature Calculations for the Authorization Header: Transferring Payload in
//! a Single Chunk", section "Examples", and "Authenticating Requests: Using Query Parameters", section "An Example".

use super::super::*;
use super::credentials;

const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

fn with_signer(check: impl FnOnce(&Signer<'_>)) {
    let credentials = credentials("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", None);
    let now = "2013-05-24T00:00:00Z".parse().unwrap();
    check(&Signer { credentials: &credentials, region: "us-east-1", service: "s3", now });
}

fn request<'a>(method: &'a str, path: &'a str) -> Request<'a> {
    let payload = Payload::Sha256(Sha256::digest(b"").into());
    Request { method, host: "examplebucket.s3.amazonaws.com", path, query: &[], headers: &[], payload }
}

/// Checks the last line of the string to sign, and the header.
fn assert_signed(request: &Request<'_>, digest: &str, signed_headers: &str, signature: &str) {
    with_signer(|signer| {
        let string_to_sign = signer.string_to_sign(&signer.canonical_for_headers(request));
        let expected =
            format!("AWS4-HMAC-SHA256\n20130524T000000Z\n20130524/us-east-1/s3/aws4_request\n{digest}");
        assert_eq!(string_to_sign, expected);
        let credential = "AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request";
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders={signed_headers}, Signature={signature}"
        );
        let expected = [("authorization", authorization), ("x-amz-date", "20130524T000000Z".to_owned())];
        assert_eq!(signer.authorization_headers(request), expected);
    });
}

#[test]
fn get_object_with_a_range() {
    let headers = [("Range", "bytes=0-9"), ("x-amz-content-sha256", EMPTY)];
    let request = Request { headers: &headers, ..request("GET", "/test.txt") };
    let digest = "7344ae5b7ee6c3e7e6b0fe0640412a37625d1fbfff95c48bbb2dc43964946972";
    let signature = "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41";
    assert_signed(&request, digest, "host;range;x-amz-content-sha256;x-amz-date", signature);
}

#[test]
fn put_object() {
    let payload = Payload::Sha256(Sha256::digest(b"Welcome to Amazon S3.").into());
    let stated = "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072";
    assert_eq!(payload.to_string(), stated);
    let headers = [
        ("Date", "Fri, 24 May 2013 00:00:00 GMT"),
        ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
        ("x-amz-content-sha256", stated),
    ];
    let request = Request { headers: &headers, payload, ..request("PUT", "/test$file.text") };
    let digest = "9e0e90d9c76de8fa5b200d8c849cd5b8dc7a3be3951ddb7f6a76b4158342019d";
    let signature = "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd";
    let signed_headers = "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class";
    assert_signed(&request, digest, signed_headers, signature);
}

#[test]
fn get_bucket_lifecycle() {
    let headers = [("x-amz-content-sha256", EMPTY)];
    let request = Request { query: &[("lifecycle", "")], headers: &headers, ..request("GET", "/") };
    let digest = "9766c798316ff2757b517bc739a67f6213b4ab36dd5da2f94eaebf79c77395ca";
    let signature = "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543";
    assert_signed(&request, digest, "host;x-amz-content-sha256;x-amz-date", signature);
}

#[test]
fn list_objects() {
    let headers = [("x-amz-content-sha256", EMPTY)];
    let query = [("prefix", "J"), ("max-keys", "2")];
    let request = Request { query: &query, headers: &headers, ..request("GET", "/") };
    let digest = "df57d21db20da04d7fa30298dd4488ba3a2b47ca3a489c74750e0f1e7df1b9b7";
    let signature = "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7";
    assert_signed(&request, digest, "host;x-amz-content-sha256;x-amz-date", signature);
}

#[test]
fn presigned_get_object() {
    let request = Request { payload: Payload::Unsigned, ..request("GET", "/test.txt") };
    let expiry = Expiry::from_seconds(86_400).unwrap();
    with_signer(|signer| {
        let string_to_sign = signer.string_to_sign(&signer.canonical_for_query(&request, expiry));
        let digest = "3bfa292879f6447bbcda7001decf97f4a54dc650c8942174ae0a9121cf58ad04";
        assert!(string_to_sign.ends_with(digest), "{string_to_sign}");
        assert_eq!(
            signer.presigned_query(&request, expiry),
            "X-Amz-Algorithm=AWS4-HMAC-SHA256\
             &X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request\
             &X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host\
             &X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
        );
    });
}
