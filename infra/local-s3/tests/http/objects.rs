//! What a stored object is answered with, and conditional requests.

use crate::support::{ASSETS, Client, Server, UPLOADS, send};

const KEY: &str = "avatars/u-1.jpg";

#[test]
fn an_object_keeps_type_etag_date_and_metadata() {
    let (server, _root) = Server::start();
    let client = Client::new(&server, UPLOADS);
    let headers = [
        ("content-type", "image/jpeg"),
        ("cache-control", "no-cache"),
        ("x-amz-meta-width", "4000"),
        ("x-amz-meta-source", "camera"),
    ];
    let put = client.put(KEY, &headers, b"hello world");
    // MD5 of the body, in quotes.
    let etag = "\"5eb63bbbe01eeed093cb22bb8f5acdc3\"";
    assert_eq!(put.assert_ok().header("etag"), Some(etag));
    for answer in [client.get(KEY), client.head(KEY)] {
        assert_eq!(answer.assert_ok().header("content-type"), Some("image/jpeg"));
        assert_eq!(answer.header("content-length"), Some("11"));
        assert_eq!(answer.header("cache-control"), Some("no-cache"));
        assert_eq!(answer.header("etag"), Some(etag));
        assert_eq!(answer.header("x-amz-meta-width"), Some("4000"));
        assert_eq!(answer.header("x-amz-meta-source"), Some("camera"));
        assert!(answer.header("last-modified").unwrap().ends_with(" GMT"));
        assert!(answer.header("x-amz-request-id").is_some());
    }
}

#[test]
fn a_new_version_replaces_type_and_metadata() {
    let (server, _root) = Server::start();
    let client = Client::new(&server, UPLOADS);
    client.put(KEY, &[("content-type", "image/jpeg"), ("x-amz-meta-a", "1")], b"one").assert_ok();
    client.put(KEY, &[], b"two").assert_ok();
    let answer = client.get(KEY);
    assert_eq!(answer.assert_ok().body, b"two");
    assert_eq!(answer.header("content-type"), Some("binary/octet-stream"));
    assert_eq!(answer.header("x-amz-meta-a"), None);
    assert_eq!(answer.header("etag"), Some("\"b8a9f715dbb64fd5c56e7783c6820a61\""));
}

#[test]
fn ranges_are_served() {
    let (server, _root) = Server::start();
    let client = Client::new(&server, UPLOADS);
    client.put(KEY, &[], b"0123456789").assert_ok();
    for (range, body, content_range) in [
        ("bytes=2-4", b"234".as_slice(), "bytes 2-4/10"),
        ("bytes=7-", b"789", "bytes 7-9/10"),
        ("bytes=-3", b"789", "bytes 7-9/10"),
        ("bytes=-99", b"0123456789", "bytes 0-9/10"),
    ] {
        let answer = client.get_with(KEY, &[("range", range)]);
        assert_eq!((answer.status, answer.body.as_slice()), (206, body), "{range}");
        assert_eq!(answer.header("content-range"), Some(content_range));
    }
    client.get_with(KEY, &[("range", "bytes=10-")]).assert_error(416, "InvalidRange");
}

#[test]
fn a_known_etag_is_answered_with_304() {
    let (server, _root) = Server::start();
    let client = Client::new(&server, UPLOADS);
    let etag = client.put(KEY, &[], b"hello world").header("etag").unwrap().to_owned();
    let weak = format!("W/{etag}");
    for known in [etag.as_str(), weak.as_str(), "*"] {
        for answer in [
            client.get_with(KEY, &[("if-none-match", known)]),
            client.head_with(KEY, &[("if-none-match", known)]),
        ] {
            assert_eq!(answer.status, 304);
            assert!(answer.body.is_empty(), "{}", answer.text());
            assert_eq!(answer.header("etag"), Some(etag.as_str()));
            assert!(answer.header("last-modified").is_some());
            assert_eq!(answer.header("content-type"), None);
        }
    }
    let other = [("if-none-match", "\"00000000000000000000000000000000\"")];
    assert_eq!(client.get_with(KEY, &other).assert_ok().body, b"hello world");
    client.get_with("avatars/none.jpg", &[("if-none-match", &etag)]).assert_error(404, "NoSuchKey");
    let modified = client.head(KEY).header("last-modified").unwrap().to_owned();
    assert_eq!(client.get_with(KEY, &[("if-modified-since", &modified)]).status, 304);
    client.get_with(KEY, &[("if-match", other[0].1)]).assert_error(412, "PreconditionFailed");
}

#[test]
fn conditions_do_not_answer_before_the_signature_is_checked() {
    let (server, _root) = Server::start();
    let client = Client::new(&server, UPLOADS);
    let etag = client.put(KEY, &[], b"hello world").header("etag").unwrap().to_owned();
    let anonymous = format!("{}/{UPLOADS}/{KEY}", server.url);
    send("GET", &anonymous, &[("if-none-match", &etag)], None).assert_error(403, "AccessDenied");
    let stranger = Client::with_secret(&server, UPLOADS, "another secret");
    let answer = stranger.get_with(KEY, &[("if-none-match", &etag)]);
    answer.assert_error(403, "SignatureDoesNotMatch");
}

#[test]
fn a_put_may_depend_on_what_is_there() {
    let (server, _root) = Server::start();
    let client = Client::new(&server, ASSETS);
    client
        .put(KEY, &[("if-match", "\"5eb63bbbe01eeed093cb22bb8f5acdc3\"")], b"x")
        .assert_error(412, "PreconditionFailed");
    let etag =
        client.put(KEY, &[("if-none-match", "*")], b"first").assert_ok().header("etag").unwrap().to_owned();
    client.put(KEY, &[("if-none-match", "*")], b"second").assert_error(412, "PreconditionFailed");
    assert_eq!(client.get(KEY).body, b"first");
    client.put(KEY, &[("if-match", &etag)], b"third").assert_ok();
    client.put(KEY, &[("if-match", &etag)], b"fourth").assert_error(412, "PreconditionFailed");
    assert_eq!(client.get(KEY).body, b"third");
}

#[test]
fn of_many_conditional_puts_at_once_one_succeeds() {
    let (server, _root) = Server::start();
    let client = Client::new(&server, ASSETS);
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let bodies: Vec<Vec<u8>> = (0..16).map(|number| vec![number; 50_000]).collect();
        let threads: Vec<_> = bodies
            .into_iter()
            .map(|body| {
                let client = &client;
                scope.spawn(move || client.put(KEY, &[("if-none-match", "*")], &body).status)
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| matches!(status, 200 | 412)), "{statuses:?}");
}

#[test]
fn readers_never_see_one_version_with_the_etag_of_another() {
    let (server, _root) = Server::start();
    let client = Client::new(&server, ASSETS);
    let versions: [Vec<u8>; 2] = [vec![b'a'; 70_000], vec![b'b'; 90_000]];
    let etags = [0, 1].map(|index| client.put(KEY, &[], &versions[index]).header("etag").unwrap().to_owned());
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            for round in 0..60 {
                client.put(KEY, &[], &versions[round % 2]).assert_ok();
            }
        });
        while !writer.is_finished() {
            let answer = client.get(KEY);
            let index = usize::from(answer.assert_ok().body.first() == Some(&b'b'));
            assert!(answer.body == versions[index]);
            assert_eq!(answer.header("etag"), Some(etags[index].as_str()));
        }
    });
}

#[test]
fn an_empty_object_is_an_object() {
    let (server, _root) = Server::start();
    let client = Client::new(&server, UPLOADS);
    client.put(KEY, &[], b"").assert_ok();
    let answer = client.get(KEY);
    assert_eq!((answer.status, answer.body.len(), answer.header("content-length")), (200, 0, Some("0")));
}
