//! `CopyObject`.

use crate::support::{ASSETS, Client, Server, UPLOADS};

#[test]
fn a_copy_has_the_bytes_and_the_metadata_of_its_source() {
    let (server, _root) = Server::start();
    let (uploads, assets) = (Client::new(&server, UPLOADS), Client::new(&server, ASSETS));
    uploads.put("a b", &[("content-type", "image/png"), ("x-amz-meta-a", "1")], b"hello world").assert_ok();
    let source = format!("/{UPLOADS}/a%20b");
    assets.put("c", &[("x-amz-copy-source", &source)], b"").assert_ok();
    let copy = assets.get("c");
    assert_eq!(copy.assert_ok().body, b"hello world");
    assert_eq!(copy.header("content-type"), Some("image/png"));
    assert_eq!(copy.header("x-amz-meta-a"), Some("1"));
    assert_eq!(copy.header("etag"), Some("\"5eb63bbbe01eeed093cb22bb8f5acdc3\""));
}

#[test]
fn a_copy_may_change_the_metadata_of_its_source() {
    let (server, _root) = Server::start();
    let client = Client::new(&server, UPLOADS);
    client.put("a", &[("content-type", "image/png"), ("x-amz-meta-a", "1")], b"x").assert_ok();
    let source = format!("/{UPLOADS}/a");
    client.put("a", &[("x-amz-copy-source", &source)], b"").assert_error(400, "InvalidRequest");
    let replace = [
        ("x-amz-copy-source", source.as_str()),
        ("x-amz-metadata-directive", "REPLACE"),
        ("content-type", "image/webp"),
    ];
    client.put("a", &replace, b"").assert_ok();
    let copy = client.get("a");
    assert_eq!((copy.body.as_slice(), copy.header("content-type")), (b"x".as_slice(), Some("image/webp")));
    assert_eq!(copy.header("x-amz-meta-a"), None);
}

#[test]
fn a_copy_of_nothing_or_of_another_version_is_refused() {
    let (server, _root) = Server::start();
    let client = Client::new(&server, UPLOADS);
    let missing = format!("/{UPLOADS}/missing");
    client.put("b", &[("x-amz-copy-source", &missing)], b"").assert_error(404, "NoSuchKey");
    client.put("a", &[], b"x").assert_ok();
    let source = format!("/{UPLOADS}/a");
    let other = "\"00000000000000000000000000000000\"";
    let conditional = [("x-amz-copy-source", source.as_str()), ("x-amz-copy-source-if-match", other)];
    client.put("b", &conditional, b"").assert_error(412, "PreconditionFailed");
    let outside = format!("/{UPLOADS}/../{ASSETS}/x");
    let answer = client.put("b", &[("x-amz-copy-source", &outside)], b"");
    assert_eq!(answer.status, 400, "{}", answer.text());
    client.get("b").assert_error(404, "NoSuchKey");
}
