//! Cross-origin access.

use crate::support::{Client, ORIGIN, Server, UPLOADS, send};

const KEY: &str = "avatars/u-1.jpg";

fn preflight(url: &str, origin: &str, method: &str, headers: &str) -> crate::support::Answer {
    let request = [
        ("origin", origin),
        ("access-control-request-method", method),
        ("access-control-request-headers", headers),
    ];
    send("OPTIONS", url, &request, None)
}

fn list<'a>(answer: &'a crate::support::Answer, name: &str) -> Vec<&'a str> {
    answer
        .header(name)
        .unwrap_or_default()
        .split(',')
        .map(str::trim)
        .filter(|item| !item.is_empty())
        .collect()
}

#[test]
fn a_preflight_of_an_allowed_origin_is_granted() {
    let (server, _root) = Server::start();
    let url = Client::new(&server, UPLOADS).put_url(KEY, &[("content-type", "image/jpeg")]);
    let answer =
        preflight(&url, ORIGIN, "PUT", "content-type, X-Amz-Checksum-Sha256,x-amz-meta-width,x-evil");
    assert_eq!(answer.assert_ok().header("access-control-allow-origin"), Some(ORIGIN));
    assert_eq!(list(&answer, "access-control-allow-methods"), ["PUT", "GET", "HEAD"]);
    let granted = ["content-type", "x-amz-checksum-sha256", "x-amz-meta-width"];
    assert_eq!(list(&answer, "access-control-allow-headers"), granted);
    assert!(answer.header("access-control-max-age").unwrap().parse::<u32>().unwrap() > 0);
    assert!(list(&answer, "vary").contains(&"Origin"));
    assert_eq!(answer.header("access-control-allow-credentials"), None);
}

#[test]
fn a_preflight_of_another_origin_or_method_is_not() {
    let (server, _root) = Server::start();
    let url = Client::new(&server, UPLOADS).put_url(KEY, &[]);
    for (origin, method) in [
        ("http://evil.example", "PUT"),
        ("null", "PUT"),
        ("http://127.0.0.1:87870", "PUT"),
        ("https://127.0.0.1:8787", "PUT"),
        (ORIGIN, "DELETE"),
    ] {
        let answer = preflight(&url, origin, method, "content-type");
        assert_eq!(answer.status, 403, "{origin} {method}");
        assert_eq!(answer.header("access-control-allow-origin"), None);
    }
}

#[test]
fn answers_are_readable_for_an_allowed_origin_only() {
    let (server, _root) = Server::start();
    let client = Client::new(&server, UPLOADS);
    let url = client.put_url(KEY, &[]);
    let answer = send("PUT", &url, &[("origin", ORIGIN)], Some(b"x"));
    assert_eq!(answer.assert_ok().header("access-control-allow-origin"), Some(ORIGIN));
    assert!(list(&answer, "access-control-expose-headers").contains(&"ETag"));
    assert_eq!(list(&answer, "vary"), ["Origin"]);

    let refused = send("PUT", &url.replace("u-1", "u-2"), &[("origin", ORIGIN)], Some(b"x"));
    assert_eq!(refused.status, 403);
    assert_eq!(refused.header("access-control-allow-origin"), Some(ORIGIN));

    for headers in [[("origin", "http://evil.example")].as_slice(), &[]] {
        let answer = client.get_with(KEY, headers);
        assert_eq!(answer.assert_ok().header("access-control-allow-origin"), None);
        assert_eq!(list(&answer, "vary"), ["Origin"]);
    }
}
