//! Keys stay in their bucket, and folders are not objects.

use std::path::Path;

use rusty_s3::S3Action as _;

use crate::support::client::MINUTE;
use crate::support::{ASSETS, Client, Server, UPLOADS, send};

/// A presigned URL for a path that `rusty-s3` and URL parsers would tidy up.
fn put_url_of_raw_key(client: &Client, key: &str) -> String {
    // The dots are signed under another name and put back: this changes the signature's meaning, so it is only good
    // to show that the server does not act on the path.
    client.put_url(&key.replace("..", "__"), &[]).replace("__", "%2E%2E")
}

#[test]
fn keys_cannot_leave_their_bucket() {
    let (server, root) = Server::start();
    let client = Client::new(&server, UPLOADS);
    let outside = root.path().parent().unwrap().join("escaped.txt");
    for key in ["../escaped.txt", "../../escaped.txt", "a/../../escaped.txt", "../test-assets/escaped.txt"] {
        let url = put_url_of_raw_key(&client, key);
        assert!(matches!(send("PUT", &url, &[], Some(b"x")).status, 400 | 403), "{key}");
    }
    // These are signed as they are sent: the server is the only one to refuse them.
    for key in ["a/%2e%2e/b", "..%2fescaped.txt", "a//b", "a/", "a/.%2fb"] {
        let decoded = key.replace("%2e", ".").replace("%2f", "/");
        let url = signed_put(&server, &format!("/{UPLOADS}/{key}"), &decoded);
        send("PUT", &url, &[], Some(b"x")).assert_error(400, "InvalidArgument");
        let url = signed(&server, "GET", &format!("/{UPLOADS}/{key}"), &decoded);
        send("GET", &url, &[], None).assert_error(400, "InvalidArgument");
        let url = signed(&server, "DELETE", &format!("/{UPLOADS}/{key}"), &decoded);
        send("DELETE", &url, &[], None).assert_error(400, "InvalidArgument");
    }
    assert!(!outside.exists());
    assert_eq!(files_in(&root.path().join(UPLOADS)), 0);
    assert_eq!(files_in(&root.path().join(ASSETS)), 0);
}

fn signed_put(server: &Server, path: &str, decoded_key: &str) -> String {
    signed(server, "PUT", path, decoded_key)
}

/// A presigned URL whose path is sent as it is; the signature covers the decoded key, as S3 computes it.
fn signed(server: &Server, method: &str, path: &str, decoded_key: &str) -> String {
    use crate::support::{ACCESS_KEY_ID, SECRET_ACCESS_KEY};
    let now = jiff::Timestamp::now().to_string();
    let date: String = now.chars().filter(char::is_ascii_alphanumeric).take(15).collect::<String>() + "Z";
    let day = &date[..8];
    let host = server.url.strip_prefix("http://").unwrap();
    let scope = format!("{day}/us-east-1/s3/aws4_request");
    let query = format!(
        "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={ACCESS_KEY_ID}%2F{}&X-Amz-Date={date}&X-Amz-Expires=60&\
         X-Amz-SignedHeaders=host",
        scope.replace('/', "%2F")
    );
    let canonical =
        format!("{method}\n/{UPLOADS}/{decoded_key}\n{query}\nhost:{host}\n\nhost\nUNSIGNED-PAYLOAD");
    let to_sign = format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{}", hex(&sha256(canonical.as_bytes())));
    let mut key = hmac(format!("AWS4{SECRET_ACCESS_KEY}").as_bytes(), day.as_bytes());
    for part in ["us-east-1", "s3", "aws4_request"] {
        key = hmac(&key, part.as_bytes());
    }
    format!("{}{path}?{query}&X-Amz-Signature={}", server.url, hex(&hmac(&key, to_sign.as_bytes())))
}

fn sha256(bytes: &[u8]) -> Vec<u8> {
    use sha2::Digest as _;
    sha2::Sha256::digest(bytes).to_vec()
}

/// HMAC-SHA-256 (RFC 2104) for keys of up to 64 bytes.
fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    let mut block = key.to_vec();
    block.resize(64, 0);
    let pad = |byte: u8| block.iter().map(|other| other ^ byte).collect::<Vec<u8>>();
    sha256(&[pad(0x5c), sha256(&[pad(0x36), message.to_vec()].concat())].concat())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn the_signer_of_these_tests_signs_what_the_server_accepts() {
    let (server, _root) = Server::start();
    let url = signed_put(&server, &format!("/{UPLOADS}/a%2Fb.txt"), "a/b.txt");
    send("PUT", &url, &[], Some(b"x")).assert_ok();
    // An encoded slash is a slash: the same key.
    assert_eq!(Client::new(&server, UPLOADS).get("a/b.txt").assert_ok().body, b"x");
}

#[test]
fn unusual_keys_are_kept_as_they_are() {
    let (server, _root) = Server::start();
    let client = Client::new(&server, UPLOADS);
    for key in
        ["a b+c.txt", "avatars/\u{fc}\u{1f600}.jpg", "100%.txt", "a&b=c?d#e", "...", ".hidden/x", "a..b"]
    {
        client.put(key, &[], key.as_bytes()).assert_ok();
        assert_eq!(client.get(key).assert_ok().body, key.as_bytes(), "{key}");
        assert_eq!(client.delete(key).status, 204);
        client.get(key).assert_error(404, "NoSuchKey");
    }
    client.put(&"k".repeat(400), &[], b"x").assert_error(400, "KeyTooLongError");
}

#[test]
fn a_folder_is_not_an_object() {
    let (server, _root) = Server::start();
    let client = Client::new(&server, UPLOADS);
    client.put("a/b/c", &[], b"x").assert_ok();
    client.get("a/b").assert_error(404, "NoSuchKey");
    assert_eq!(client.head("a/b").status, 404);
    assert_eq!(client.delete("a/b").status, 204);
    client.put("a/b", &[], b"x").assert_error(501, "NotImplemented");
    client.put("a/b/c/d", &[], b"x").assert_error(501, "NotImplemented");
    assert_eq!(client.get("a/b/c").assert_ok().body, b"x");
    // Nothing is left of the folders once they are empty.
    assert_eq!(client.delete("a/b/c").status, 204);
    client.put("a", &[], b"x").assert_ok();
}

#[test]
fn other_buckets_do_not_exist() {
    let (server, root) = Server::start();
    std::fs::create_dir(root.path().join("not-served")).unwrap();
    std::fs::write(root.path().join("not-served/secret"), b"x").unwrap();
    let client = Client::new(&server, "not-served");
    client.get("secret").assert_error(404, "NoSuchBucket");
    client.put("new", &[], b"x").assert_error(404, "NoSuchBucket");
    let list: String = client.bucket.list_objects_v2(Some(&client.credentials)).sign(MINUTE).into();
    send("GET", &list, &[], None).assert_error(404, "NoSuchBucket");
    assert_eq!(files_in(&root.path().join("not-served")), 1);
}

fn files_in(folder: &Path) -> usize {
    std::fs::read_dir(folder).unwrap().count()
}
