//! Amazon's test suite of Signature Version 4, as the crate `aws-sigv4` carries it (Apache-2.0): canonical request, string to
//! sign, signature and signed request, in the headers and in the query.

use super::super::*;
use super::credentials;
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Vectors that are not S3's way, and why. The suite's service normalises paths; S3 signs them as they are, which the
/// twins of these ending in `-unnormalized` hold.
const LEFT_OUT: [(&str, &str); 8] = [
    ("double-encode-path", "S3 encodes a path once; has no context either"),
    ("double-url-encode", "S3 encodes a path once; has no context either"),
    ("get-relative-normalized", "S3 does not resolve `..`"),
    ("get-relative-relative-normalized", "S3 does not resolve `..`"),
    ("get-slash-dot-slash-normalized", "S3 does not resolve `.`"),
    ("get-slash-normalized", "S3 does not join slashes"),
    ("get-slash-pointless-dot-normalized", "S3 does not resolve `.`"),
    ("get-slashes-normalized", "S3 does not join slashes"),
];

#[derive(Deserialize)]
struct Context {
    credentials: ContextCredentials,
    expiration_in_seconds: u32,
    region: String,
    service: String,
    sign_body: bool,
    timestamp: Timestamp,
    #[serde(default)]
    omit_session_token: bool,
}

#[derive(Deserialize)]
struct ContextCredentials {
    access_key_id: String,
    secret_access_key: String,
    token: Option<String>,
}

/// A request as the suite writes it.
struct Written {
    method: String,
    path: String,
    query: Vec<(String, String)>,
    host: String,
    headers: Vec<(String, String)>,
    body: String,
}

impl Written {
    fn parse(text: &str) -> Self {
        let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
        let mut lines = head.lines();
        let (method, target) = lines.next().unwrap().split_once(' ').unwrap();
        let target = target.strip_suffix(" HTTP/1.1").unwrap();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let decode = |text: &str| percent_decode_str(text).decode_utf8().unwrap().into_owned();
        let pairs = query.split('&').filter(|pair| !pair.is_empty());
        let query = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        let query = query.map(|(name, value)| (decode(name), decode(value))).collect();
        let mut headers: Vec<(String, String)> = Vec::new();
        for line in lines {
            match line.split_once(':') {
                // RFC 9112 section 5.2: a line that begins with white space continues the one before.
                _ if line.starts_with(' ') => headers.last_mut().unwrap().1.push_str(line),
                Some((name, value)) => headers.push((name.to_owned(), value.to_owned())),
                None => panic!("no header: {line}"),
            }
        }
        let host = headers.remove(headers.iter().position(|(name, _)| name == "Host").unwrap()).1;
        Self { method: method.to_owned(), path: decode(path), query, host, headers, body: body.to_owned() }
    }
}

fn borrowed(pairs: &[(String, String)]) -> Vec<(&str, &str)> {
    pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

fn sorted(query: &str) -> Vec<&str> {
    let mut pairs: Vec<_> = query.split('&').collect();
    pairs.sort_unstable();
    pairs
}

/// The folder of the suite, in the sources that cargo has unpacked.
fn folder() -> PathBuf {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version=1", "--locked", "--manifest-path"])
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let package = packages.iter().find(|package| package["name"] == "aws-sigv4").unwrap();
    let manifest = Path::new(package["manifest_path"].as_str().unwrap());
    manifest.with_file_name("aws-signing-test-suite").join("v4")
}

#[test]
fn every_vector_that_is_s3s_way_is_met_in_both_placements() {
    let mut compared = Vec::new();
    for entry in std::fs::read_dir(folder()).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if LEFT_OUT.iter().any(|(left_out, _)| *left_out == name) {
            continue;
        }
        compare(&name, &entry.path());
        compared.push(name);
    }
    assert_eq!((compared.len(), LEFT_OUT.len()), (32, 8), "{compared:?}");
}

fn compare(name: &str, folder: &Path) {
    let read = |file: &str| std::fs::read_to_string(folder.join(file)).unwrap();
    let context: Context = serde_json::from_str(&read("context.json")).unwrap();
    let written = Written::parse(&read("request.txt"));
    let held = &context.credentials;
    // Where the token is to be left out, it is added after signing, by whoever sends the request.
    let token = held.token.as_deref().filter(|_| !context.omit_session_token);
    let credentials = credentials(&held.access_key_id, &held.secret_access_key, token);
    let signer = Signer {
        credentials: &credentials,
        region: &context.region,
        service: &context.service,
        now: context.timestamp,
    };
    let payload = Payload::Sha256(Sha256::digest(&written.body).into());
    let (query, headers) = (borrowed(&written.query), borrowed(&written.headers));
    let request = Request {
        method: &written.method,
        host: &written.host,
        path: &written.path,
        query: &query,
        headers: &headers,
        payload,
    };

    let expiry = Expiry::from_seconds(context.expiration_in_seconds).unwrap();
    let canonical = signer.canonical_for_query(&request, expiry);
    assert_eq!(canonical.request, read("query-canonical-request.txt"), "{name}");
    assert_eq!(signer.string_to_sign(&canonical), read("query-string-to-sign.txt"), "{name}");
    assert_eq!(signer.signature(&canonical), read("query-signature.txt"), "{name}");
    let signed = Written::parse(&read("query-signed-request.txt"));
    let mut expected = borrowed(&signed.query);
    expected.retain(|(name, _)| !(context.omit_session_token && *name == "X-Amz-Security-Token"));
    // The suite sorts the signature in with the rest.
    let (ours, expected) = (signer.presigned_query(&request, expiry), canonical_query(&expected));
    assert_eq!(sorted(&ours), sorted(&expected), "{name}");

    let digest = payload.to_string();
    let mut headers = headers.clone();
    if context.sign_body {
        headers.push(("x-amz-content-sha256", &digest));
    }
    let request = Request { headers: &headers, ..request };
    let canonical = signer.canonical_for_headers(&request);
    assert_eq!(canonical.request, read("header-canonical-request.txt"), "{name}");
    assert_eq!(signer.string_to_sign(&canonical), read("header-string-to-sign.txt"), "{name}");
    assert_eq!(signer.signature(&canonical), read("header-signature.txt"), "{name}");
    let signed = Written::parse(&read("header-signed-request.txt"));
    for (added, value) in signer.authorization_headers(&request) {
        let expected = signed.headers.iter().find(|(header, _)| header.eq_ignore_ascii_case(added));
        assert_eq!(expected.map(|(_, value)| value.trim()), Some(value.as_str()), "{name}: {added}");
    }
}
