//! What is signed holds; everything else is refused.

use std::time::Duration;

use jiff::Timestamp;
use rusty_s3::S3Action as _;

use crate::support::{Client, SECRET_ACCESS_KEY, Server, UPLOADS, send, sha256_base64};

const KEY: &str = "avatars/u-1.jpg";
const BODY: &[u8] = b"a photo, as far as S3 is concerned";

#[test]
fn presigned_requests_put_read_and_delete() {
    let (server, _root) = Server::start();
    let client = Client::new(&server, UPLOADS);
    client.put(KEY, &[], BODY).assert_ok();
    assert_eq!(client.get(KEY).assert_ok().body, BODY);
    assert_eq!(client.head(KEY).assert_ok().header("content-length"), Some("34"));
    assert_eq!(client.delete(KEY).status, 204);
    client.get(KEY).assert_error(404, "NoSuchKey");
    assert_eq!(client.head(KEY).status, 404);
}

#[test]
fn a_request_without_a_signature_is_refused() {
    let (server, _root) = Server::start();
    let client = Client::new(&server, UPLOADS);
    client.put(KEY, &[], BODY).assert_ok();
    let url = format!("{}/{UPLOADS}/{KEY}", server.url);
    send("GET", &url, &[], None).assert_error(403, "AccessDenied");
    send("PUT", &url, &[], Some(BODY)).assert_error(403, "AccessDenied");
    send("DELETE", &url, &[], None).assert_error(403, "AccessDenied");
    send("GET", &format!("{}/{UPLOADS}?list-type=2", server.url), &[], None)
        .assert_error(403, "AccessDenied");
    send("GET", &format!("{}/", server.url), &[], None).assert_error(403, "AccessDenied");
    assert_eq!(client.get(KEY).body, BODY);
}

#[test]
fn another_secret_or_another_signature_is_refused() {
    let (server, _root) = Server::start();
    let client = Client::new(&server, UPLOADS);
    client.put(KEY, &[], BODY).assert_ok();

    let stranger = Client::with_secret(&server, UPLOADS, &SECRET_ACCESS_KEY.replace('w', "v"));
    stranger.get(KEY).assert_error(403, "SignatureDoesNotMatch");
    stranger.put(KEY, &[], b"other").assert_error(403, "SignatureDoesNotMatch");

    let url = client.get_url(KEY);
    let last = if url.ends_with('0') { '1' } else { '0' };
    let tampered = format!("{}{last}", &url[..url.len() - 1]);
    send("GET", &tampered, &[], None).assert_error(403, "SignatureDoesNotMatch");
    let other_key = url.replace("u-1.jpg", "u-2.jpg");
    send("GET", &other_key, &[], None).assert_error(403, "SignatureDoesNotMatch");
    assert_eq!(client.get(KEY).body, BODY);
}

#[test]
fn a_signed_url_serves_its_method_only() {
    let (server, _root) = Server::start();
    let client = Client::new(&server, UPLOADS);
    client.put(KEY, &[], BODY).assert_ok();
    send("PUT", &client.get_url(KEY), &[], Some(b"other")).assert_error(403, "SignatureDoesNotMatch");
    send("DELETE", &client.get_url(KEY), &[], None).assert_error(403, "SignatureDoesNotMatch");
    send("GET", &client.put_url(KEY, &[]), &[], None).assert_error(403, "SignatureDoesNotMatch");
    assert_eq!(client.get(KEY).body, BODY);
}

#[test]
fn an_expired_url_is_refused() {
    let (server, _root) = Server::start();
    let client = Client::new(&server, UPLOADS);
    let an_hour_ago = Timestamp::from_second(Timestamp::now().as_second() - 3600).unwrap();
    let action = client.bucket.put_object(Some(&client.credentials), KEY);
    let expired = action.sign_with_time(Duration::from_secs(300), &an_hour_ago);
    send("PUT", expired.as_str(), &[], Some(BODY)).assert_error(403, "AccessDenied");
    let longer = action.sign_with_time(Duration::from_secs(7200), &an_hour_ago);
    send("PUT", longer.as_str(), &[], Some(BODY)).assert_ok();
}

#[test]
fn a_url_dated_in_the_future_is_refused() {
    let (server, _root) = Server::start();
    let client = Client::new(&server, UPLOADS);
    let in_an_hour = Timestamp::from_second(Timestamp::now().as_second() + 3600).unwrap();
    let url = client
        .bucket
        .get_object(Some(&client.credentials), KEY)
        .sign_with_time(Duration::from_secs(300), &in_an_hour);
    send("GET", url.as_str(), &[], None).assert_error(403, "RequestTimeTooSkewed");
}

#[test]
fn signed_headers_must_arrive_as_they_were_signed() {
    let (server, _root) = Server::start();
    let client = Client::new(&server, UPLOADS);
    let (length, digest) = (BODY.len().to_string(), sha256_base64(BODY));
    let signed = [
        ("content-type", "image/jpeg"),
        ("content-length", &length),
        ("x-amz-checksum-sha256", digest.as_str()),
    ];
    let url = client.put_url(KEY, &signed);
    let longer = [BODY, b"!"].concat();
    let longer_digest = sha256_base64(&longer);

    for (what, headers, body) in [
        ("another type", [("content-type", "image/png"), signed[2]].as_slice(), BODY),
        ("no type", [signed[2]].as_slice(), BODY),
        ("another checksum", [signed[0], ("x-amz-checksum-sha256", longer_digest.as_str())].as_slice(), BODY),
        ("no checksum", [signed[0]].as_slice(), BODY),
        ("a longer body", [signed[0], signed[2]].as_slice(), longer.as_slice()),
        ("a shorter body", [signed[0], signed[2]].as_slice(), &BODY[1..]),
    ] {
        let answer = send("PUT", &url, headers, Some(body));
        assert_eq!(answer.status, 403, "{what}: {}", answer.text());
        client.get(KEY).assert_error(404, "NoSuchKey");
    }
    send("PUT", &url, &signed, Some(BODY)).assert_ok();
    assert_eq!(client.get(KEY).body, BODY);
}

#[test]
fn a_refusal_is_readable_although_a_large_body_is_under_way() {
    let (server, _root) = Server::start();
    let client = Client::new(&server, UPLOADS);
    let url = client.put_url(KEY, &[("content-length", "5")]);
    let large = vec![7; 24 * 1024 * 1024];
    send("PUT", &url, &[], Some(&large)).assert_error(403, "SignatureDoesNotMatch");
    client.get(KEY).assert_error(404, "NoSuchKey");
}
