//! A body that is not what is stated about it leaves nothing behind.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use crate::support::{Client, Server, UPLOADS, eventually, sha256_base64};

const KEY: &str = "avatars/u-1.jpg";
const BODY: &[u8] = b"the body that was promised";

#[test]
fn a_body_with_another_sha256_is_refused_and_not_stored() {
    let (server, root) = Server::start();
    let client = Client::new(&server, UPLOADS);
    let promised = sha256_base64(BODY);
    let headers = [("x-amz-checksum-sha256", promised.as_str()), ("content-type", "image/jpeg")];
    let other = b"another body, same length!";
    assert_eq!(other.len(), BODY.len());

    client.put(KEY, &headers, other).assert_error(403, "BadDigest");
    client.get(KEY).assert_error(404, "NoSuchKey");

    client.put(KEY, &headers, BODY).assert_ok();
    client.put(KEY, &headers, other).assert_error(403, "BadDigest");
    assert_eq!(client.get(KEY).assert_ok().body, BODY);
    assert_no_unfinished_files(root.path());
}

#[test]
fn other_digests_are_compared_too() {
    let (server, _root) = Server::start();
    let client = Client::new(&server, UPLOADS);
    // Digests of "123456789", from the catalogue of CRC algorithms and RFC 1321.
    for (name, right) in [
        ("x-amz-checksum-crc32", "y/Q5Jg=="),
        ("x-amz-checksum-crc32c", "4waSgw=="),
        ("content-md5", "JfnnlDI7RTiF9RgfG2JNCw=="),
    ] {
        client.put(KEY, &[(name, right)], b"123456789").assert_ok();
        client.put(KEY, &[(name, right)], b"123456780").assert_error(403, "BadDigest");
        assert_eq!(client.get(KEY).body, b"123456789", "{name}");
    }
}

#[test]
fn a_body_without_a_length_is_refused() {
    let (server, _root) = Server::start();
    let client = Client::new(&server, UPLOADS);
    let answer =
        answer_to(begin(&client.put_url(KEY, &[]), "transfer-encoding: chunked\r\n", b"1\r\nx\r\n0\r\n\r\n"));
    assert!(answer.starts_with("HTTP/1.1 411 "), "{answer}");
    let signed = client.put_url(KEY, &[("content-length", "1")]);
    let answer = answer_to(begin(&signed, "transfer-encoding: chunked\r\n", b"1\r\nx\r\n0\r\n\r\n"));
    assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
    client.get(KEY).assert_error(404, "NoSuchKey");
}

#[test]
fn a_body_that_breaks_off_is_not_stored() {
    let (server, root) = Server::start();
    let client = Client::new(&server, UPLOADS);
    client.put(KEY, &[], BODY).assert_ok();
    drop(begin(&client.put_url(KEY, &[]), "content-length: 1000\r\n", b"only the beginning"));
    let put = format!("PUT /{UPLOADS}/{KEY} 400");
    eventually("the broken upload in the log", || server.log().contains(&put).then_some(()));
    assert_eq!(client.get(KEY).assert_ok().body, BODY);
    assert_no_unfinished_files(root.path());
}

#[test]
fn a_client_that_leaves_early_leaves_no_half_of_a_version() {
    let (server, root) = Server::start();
    let client = Client::new(&server, UPLOADS);
    let versions = [vec![b'a'; 3000], vec![b'b'; 2000]];
    let etags = [0, 1].map(|index| client.put(KEY, &[], &versions[index]).header("etag").unwrap().to_owned());
    let put = format!("PUT /{UPLOADS}/{KEY} ");
    for round in 0..40 {
        let body = &versions[round % 2];
        drop(begin(&client.put_url(KEY, &[]), &format!("content-length: {}\r\n", body.len()), body));
        let done = || server.log().matches(&put).count() == round + 3;
        eventually("the abandoned upload in the log", || done().then_some(()));
        let answer = client.get(KEY);
        let index = usize::from(answer.assert_ok().body.first() == Some(&b'b'));
        assert!(answer.body == versions[index]);
        assert_eq!(answer.header("etag"), Some(etags[index].as_str()), "round {round}");
    }
    assert_no_unfinished_files(root.path());
}

fn assert_no_unfinished_files(root: &std::path::Path) {
    for entry in std::fs::read_dir(root).unwrap() {
        let name = entry.unwrap().file_name();
        assert!(!name.to_string_lossy().starts_with(".tmp"), "{name:?}");
    }
}

/// Sends a PUT as it is and returns the open connection.
fn begin(url: &str, headers: &str, body: &[u8]) -> TcpStream {
    let (authority, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let mut stream = TcpStream::connect(authority).unwrap();
    let head = format!("PUT /{path} HTTP/1.1\r\nhost: {authority}\r\nconnection: close\r\n{headers}\r\n");
    stream.write_all(&[head.as_bytes(), body].concat()).unwrap();
    stream
}

fn answer_to(mut stream: TcpStream) -> String {
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}
