//! The signer, and the addressing of buckets, against botocore, Amazon's library for Python.

use super::super::*;
use super::credentials;
use super::random::Random;
use crate::storage::bucket::{Addressing, Bucket};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

const PRESIGNED: u64 = 300;
const WITH_HEADERS: u64 = 200;
const ID: &str = "AKIDEXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

/// The URL's parts that have to be the same, whatever the order of the query.
fn parts(url: &str) -> (String, BTreeSet<String>) {
    let (address, query) = url.split_once('?').unwrap();
    (address.to_owned(), query.split('&').map(str::to_owned).collect())
}

struct Case {
    asked: Value,
    /// What botocore has to answer, given its answer.
    expected: Box<dyn Fn(&Value)>,
}

fn presigned(random: &mut Random) -> Case {
    const REGIONS: [&str; 4] = ["us-east-2", "eu-west-1", "ap-southeast-4", "cn-north-1"];
    let region = random.one_of(&REGIONS);
    let is_aws = random.below(2) == 0;
    let suffix = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
    let endpoint = match is_aws {
        true => format!("https://s3.{region}.{suffix}"),
        false => random.one_of(&["http://s3.example:9000", "https://s3.example"]).to_owned(),
    };
    let (addressing, style) = match random.below(2) {
        0 => (Addressing::Path, "path"),
        _ => (Addressing::VirtualHost, "virtual"),
    };
    let name = random.one_of(&["uploads", "my-uploads-2", "abc"]);
    // Every hundredth or so is as long as a key may be.
    let pieces = if random.below(100) == 0 { 250 } else { 24 };
    let (key, token) = (random.key(pieces), random.token());
    let is_put = random.below(3) > 0;
    let (mut headers, mut parameters) = (Vec::new(), json!({}));
    if is_put && random.below(2) == 0 {
        parameters["ContentType"] = json!("image/webp");
        headers.push(("content-type", "image/webp".to_owned()));
    }
    if is_put && random.below(2) == 0 {
        let length = random.below(20_971_520);
        parameters["ContentLength"] = json!(length);
        headers.push(("content-length", length.to_string()));
    }
    if is_put && random.below(2) == 0 {
        let digest = BASE64_STANDARD.encode(Sha256::digest(random.next().to_be_bytes()));
        parameters["ChecksumSHA256"] = json!(digest);
        headers.push(("x-amz-checksum-sha256", digest));
    }
    if is_put && random.below(2) == 0 {
        parameters["IfNoneMatch"] = json!("*");
        headers.push(("if-none-match", "*".to_owned()));
    }
    let (second, seconds) = (random.second(), 1 + random.below(604_800) as u32);

    let bucket = Bucket::new(&endpoint.parse().unwrap(), addressing, name, region).unwrap();
    let ours = credentials(ID, SECRET, token.as_deref());
    let now = Timestamp::from_second(second).unwrap();
    let signer = Signer { credentials: &ours, region, service: "s3", now };
    let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let (method, operation) = if is_put { ("PUT", "put_object") } else { ("GET", "get_object") };
    let request = Request {
        method,
        host: bucket.host(),
        path: &bucket.path(&key),
        query: &[],
        headers: &headers,
        payload: Payload::Unsigned,
    };
    let expiry = Expiry::from_seconds(seconds).unwrap();
    let url = bucket.url(&key, &signer.presigned_query(&request, expiry));
    let asked = json!({
        "endpoint": if is_aws { Value::Null } else { json!(endpoint) },
        "region": region, "addressing": style, "bucket": name, "key": key, "operation": operation,
        "parameters": parameters, "expires": seconds, "second": second, "id": ID, "secret": SECRET, "token": token,
    });
    let shown = asked.to_string();
    let expected =
        move |answer: &Value| assert_eq!(parts(&url), parts(answer["url"].as_str().unwrap()), "{shown}");
    Case { asked, expected: Box::new(expected) }
}

fn with_headers(random: &mut Random) -> Case {
    let (path, prefix, token) = (format!("/{}", random.key(24)), random.key(8), random.token());
    let query = [("list-type", "2"), ("prefix", prefix.as_str())];
    let query = if random.below(2) == 0 { &query[..] } else { &[] };
    let method = random.one_of(&["GET", "PUT", "HEAD", "DELETE"]);
    let body = (method == "PUT").then(|| random.key(9));
    let payload = Payload::Sha256(Sha256::digest(body.clone().unwrap_or_default()).into());
    let host = random.one_of(&["uploads.s3.eu-west-1.amazonaws.com", "127.0.0.1:9000"]);
    let headers = [("content-type", "image/jpeg"), ("if-match", "\"0123\"")];
    let headers = if method == "PUT" { &headers[..] } else { &[] };
    let second = random.second();

    let ours = credentials(ID, SECRET, token.as_deref());
    let now = Timestamp::from_second(second).unwrap();
    let signer = Signer { credentials: &ours, region: "eu-west-1", service: "s3", now };
    let stated = payload.to_string();
    let mut signed = headers.to_vec();
    signed.push(("x-amz-content-sha256", &stated));
    let request = Request { method, host, path: &path, query, headers: &signed, payload };
    let added = signer.authorization_headers(&request);
    let separator = if query.is_empty() { "" } else { "?" };
    let url = format!("http://{host}{}{separator}{}", encode_path(&path), canonical_query(query));
    let headers: serde_json::Map<_, _> =
        headers.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
    let asked = json!({
        "method": method, "url": url, "headers": headers, "body": body, "region": "eu-west-1",
        "second": second, "id": ID, "secret": SECRET, "token": token,
    });
    let shown = asked.to_string();
    let expected = move |answer: &Value| {
        assert_eq!(answer["headers"]["x-amz-content-sha256"], stated, "{shown}");
        for (name, value) in &added {
            assert_eq!(answer["headers"][*name], *value, "{name} of {shown}");
        }
    };
    Case { asked, expected: Box::new(expected) }
}

#[test]
#[ignore = "needs botocore, which edge/tests/botocore.test.ts brings"]
fn botocore_signs_the_same() {
    let python = std::env::var_os("ROUNDEL_BOTOCORE_PYTHON").unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/botocore/sign.py");
    let mut random = Random(2);
    let mut cases: Vec<_> = (0..PRESIGNED).map(|_| presigned(&mut random)).collect();
    cases.extend((0..WITH_HEADERS).map(|_| with_headers(&mut random)));

    let mut child =
        Command::new(python).arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let asked: String = cases.iter().map(|case| format!("{}\n", case.asked)).collect();
    let mut stdin = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || stdin.write_all(asked.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success());
    let answers = String::from_utf8(output.stdout).unwrap();
    assert_eq!(answers.lines().count(), cases.len());
    for (case, answer) in cases.iter().zip(answers.lines()) {
        (case.expected)(&serde_json::from_str(answer).unwrap());
    }
}
