//! Refusals in front of the signature check.

use std::time::Duration;

use rusty_s3::S3Action as _;

use crate::support::{ACCESS_KEY_ID, Client, Server, UPLOADS, send};

const KEY: &str = "avatars/u-1.jpg";

#[test]
fn a_url_may_live_for_seven_days_and_not_longer() {
    let (server, _root) = Server::start();
    let client = Client::new(&server, UPLOADS);
    client.put(KEY, &[], b"x").assert_ok();
    let action = client.bucket.get_object(Some(&client.credentials), KEY);
    let url = |seconds| action.sign(Duration::from_secs(seconds));
    send("GET", url(604_800).as_str(), &[], None).assert_ok();
    send("GET", url(604_801).as_str(), &[], None).assert_error(400, "AuthorizationQueryParametersError");

    for malformed in ["", "-1", "+60", "6e1", "99999999999999999999", "60&X-Amz-Expires=61"] {
        let text = url(60).as_str().replace("X-Amz-Expires=60", &format!("X-Amz-Expires={malformed}"));
        send("GET", &text, &[], None).assert_error(400, "AuthorizationQueryParametersError");
    }
}

#[test]
fn amazon_headers_that_are_not_signed_are_refused() {
    let (server, _root) = Server::start();
    let client = Client::new(&server, UPLOADS);
    let url = client.put_url(KEY, &[]);
    for name in ["x-amz-meta-owner", "x-amz-acl", "x-amz-checksum-sha256", "x-amz-copy-source"] {
        let answer = send("PUT", &url, &[(name, "somebody")], Some(b"x"));
        answer.assert_error(403, "AccessDenied");
        assert!(answer.text().contains(name), "{}", answer.text());
    }
    client.get(KEY).assert_error(404, "NoSuchKey");
}

#[test]
fn version_2_signatures_are_refused() {
    let (server, _root) = Server::start();
    let url = format!("{}/{UPLOADS}/{KEY}", server.url);
    let query = format!("{url}?AWSAccessKeyId={ACCESS_KEY_ID}&Expires=4102444800&Signature=c2lnbmF0dXJl");
    send("GET", &query, &[], None).assert_error(400, "InvalidRequest");
    let header = format!("AWS {ACCESS_KEY_ID}:c2lnbmF0dXJl");
    send("GET", &url, &[("authorization", &header)], None).assert_error(400, "InvalidRequest");
}

#[test]
fn what_would_go_unchecked_is_refused() {
    let (server, _root) = Server::start();
    let client = Client::new(&server, UPLOADS);
    let mut action = client.bucket.put_object(Some(&client.credentials), KEY);
    action.query_mut().insert("x-amz-checksum-sha256", "anything");
    let url = action.sign(Duration::from_secs(60));
    send("PUT", url.as_str(), &[], Some(b"x")).assert_error(501, "NotImplemented");

    let form = [("content-type", "multipart/form-data; boundary=b")];
    let answer = send("POST", &format!("{}/{UPLOADS}", server.url), &form, Some(b"--b--\r\n"));
    answer.assert_error(501, "NotImplemented");
    client.get(KEY).assert_error(404, "NoSuchKey");
}
