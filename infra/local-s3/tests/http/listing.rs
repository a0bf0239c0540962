//! `ListObjectsV2`.

use rusty_s3::S3Action as _;
use rusty_s3::actions::{ListObjectsV2, ListObjectsV2Response};

use crate::support::client::MINUTE;
use crate::support::{Client, Server, UPLOADS, send};

fn list(client: &Client, change: impl FnOnce(&mut ListObjectsV2<'_>)) -> ListObjectsV2Response {
    let mut action = client.bucket.list_objects_v2(Some(&client.credentials));
    change(&mut action);
    let answer = send("GET", action.sign(MINUTE).as_str(), &[], None);
    ListObjectsV2::parse_response(&answer.assert_ok().text()).unwrap()
}

fn keys(response: &ListObjectsV2Response) -> Vec<&str> {
    response.contents.iter().map(|object| object.key.as_str()).collect()
}

#[test]
fn a_prefix_selects_and_each_object_is_described() {
    let (server, _root) = Server::start();
    let client = Client::new(&server, UPLOADS);
    for key in ["avatars/u-1.jpg", "avatars/u-1.png", "avatars/u-10.jpg", "banners/u-1.jpg"] {
        client.put(key, &[], b"hello world").assert_ok();
    }
    let response = list(&client, |action| action.with_prefix("avatars/u-1."));
    assert_eq!(keys(&response), ["avatars/u-1.jpg", "avatars/u-1.png"]);
    for object in &response.contents {
        assert_eq!(object.size, Some(11));
        assert_eq!(object.etag.as_deref(), Some("\"5eb63bbbe01eeed093cb22bb8f5acdc3\""));
        let modified: jiff::Timestamp = object.last_modified.as_deref().unwrap().parse().unwrap();
        let age_seconds = jiff::Timestamp::now().as_second() - modified.as_second();
        assert!((0..3600).contains(&age_seconds), "{modified}");
    }
    assert!(keys(&list(&client, |action| action.with_prefix("nothing"))).is_empty());
    assert_eq!(keys(&list(&client, |_| ())).len(), 4);
}

#[test]
fn pages_follow_one_another() {
    let (server, _root) = Server::start();
    let client = Client::new(&server, UPLOADS);
    for number in 0..5 {
        client.put(&format!("k/{number}"), &[], b"x").assert_ok();
    }
    let (mut seen, mut token) = (Vec::new(), None::<String>);
    loop {
        let page = list(&client, |action| {
            action.with_max_keys(2);
            if let Some(token) = token.take() {
                action.with_continuation_token(token);
            }
        });
        assert!(page.contents.len() <= 2);
        seen.extend(keys(&page).into_iter().map(str::to_owned));
        match page.next_continuation_token {
            Some(next) => token = Some(next),
            None => break,
        }
    }
    assert_eq!(seen, ["k/0", "k/1", "k/2", "k/3", "k/4"]);
}

#[test]
fn a_delimiter_groups() {
    let (server, _root) = Server::start();
    let client = Client::new(&server, UPLOADS);
    for key in ["a/1", "a/b/2", "a/c/3"] {
        client.put(key, &[], b"x").assert_ok();
    }
    let response = list(&client, |action| {
        action.with_prefix("a/");
        action.with_delimiter("/");
    });
    assert_eq!(keys(&response), ["a/1"]);
    let prefixes: Vec<&str> = response.common_prefixes.iter().map(|common| common.prefix.as_str()).collect();
    assert_eq!(prefixes, ["a/b/", "a/c/"]);

    let mut action = client.bucket.list_objects_v2(Some(&client.credentials));
    action.with_delimiter("\u{20ac}");
    send("GET", action.sign(MINUTE).as_str(), &[], None).assert_error(501, "NotImplemented");
}

#[test]
fn keys_are_url_encoded_where_asked() {
    let (server, _root) = Server::start();
    let client = Client::new(&server, UPLOADS);
    let unusual = ["100%25.txt", "a b+c.txt", "a&b<c>.txt", "\u{fc}/\u{1f600}.jpg"];
    for key in unusual {
        client.put(key, &[], b"x").assert_ok();
    }
    // rusty-s3 asks for the encoding and decodes.
    assert_eq!(keys(&list(&client, |_| ())), unusual);
}
