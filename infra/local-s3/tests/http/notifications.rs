//! The webhook is told about new objects as EventBridge would tell it.

use rusty_s3::S3Action as _;
use serde_json::json;

use crate::support::client::MINUTE;
use crate::support::webhook::Webhook;
use crate::support::{
    ASSETS, Client, HOOK_SECRET, Options, Server, UPLOADS, eventually, send, sha256_base64,
};

const KEY: &str = "avatars/u 1+\u{fc}.jpg";

fn start(webhook: &Webhook) -> (Server, tempfile::TempDir) {
    Server::start_with(&Options { notify_url: Some(webhook.url.clone()), ..Default::default() })
}

#[test]
fn a_put_is_reported_in_the_shape_of_eventbridge() {
    let webhook = Webhook::start(&[]);
    let (server, _root) = start(&webhook);
    let client = Client::new(&server, UPLOADS);
    let put = client.put(KEY, &[], b"hello world");
    put.assert_ok();
    let deliveries = webhook.wait_for(1);
    let delivery = &deliveries[0];
    assert_eq!(delivery.request_line, "POST /hooks/object-created HTTP/1.1");
    assert_eq!(delivery.header("authorization"), Some(format!("Bearer {HOOK_SECRET}").as_str()));
    assert_eq!(delivery.header("content-type"), Some("application/json"));

    let event = &delivery.event;
    let (id, time) = (event["id"].as_str().unwrap(), event["time"].as_str().unwrap());
    let sequencer = event["detail"]["object"]["sequencer"].as_str().unwrap();
    assert_eq!(
        *event,
        json!({
            "version": "0", "id": id, "detail-type": "Object Created", "source": "aws.s3",
            "account": "000000000000", "time": time, "region": "us-east-1",
            "resources": [format!("arn:aws:s3:::{UPLOADS}")],
            "detail": {
                "version": "0",
                "bucket": { "name": UPLOADS },
                "object": {
                    "key": KEY, "size": 11, "etag": "5eb63bbbe01eeed093cb22bb8f5acdc3", "sequencer": sequencer,
                },
                "request-id": put.header("x-amz-request-id").unwrap(),
                "requester": "000000000000", "source-ip-address": "127.0.0.1", "reason": "PutObject",
            },
        })
    );
    assert_eq!(id.split('-').map(str::len).collect::<Vec<_>>(), [8, 4, 4, 4, 12]);
    assert!(time.ends_with('Z') && time.parse::<jiff::Timestamp>().is_ok(), "{time}");
    assert!(sequencer.bytes().all(|byte| byte.is_ascii_hexdigit()), "{sequencer}");
}

#[test]
fn sequencers_grow() {
    let webhook = Webhook::start(&[]);
    let (server, _root) = start(&webhook);
    let client = Client::new(&server, UPLOADS);
    for number in 0..5 {
        client.put("avatars/u-1.jpg", &[], format!("{number:03}").as_bytes()).assert_ok();
    }
    // Deliveries arrive in any order; the ETag tells which one is which.
    let etags: Vec<String> = (0..5).map(|number| md5_of_version(&client, number)).collect();
    let deliveries = webhook.wait_for(5);
    let sequencer = |etag: &String| {
        let find = |delivery: &&crate::support::webhook::Delivery| {
            delivery.event["detail"]["object"]["etag"] == **etag
        };
        deliveries.iter().find(find).unwrap().event["detail"]["object"]["sequencer"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let sequencers: Vec<String> = etags.iter().map(sequencer).collect();
    assert!(sequencers.windows(2).all(|pair| pair[0] < pair[1]), "{sequencers:?}");
}

/// The ETag of a version, from the server itself, by storing the same bytes in the bucket that is not watched.
fn md5_of_version(client: &Client, number: usize) -> String {
    let assets = Client {
        bucket: rusty_s3::Bucket::new(
            client.bucket.base_url().join("/").unwrap(),
            rusty_s3::UrlStyle::Path,
            ASSETS,
            "us-east-1",
        )
        .unwrap(),
        credentials: client.credentials.clone(),
    };
    let put = assets.put("version", &[], format!("{number:03}").as_bytes());
    put.assert_ok().header("etag").unwrap().trim_matches('"').to_owned()
}

#[test]
fn nothing_else_is_reported() {
    let webhook = Webhook::start(&[]);
    let (server, _root) = start(&webhook);
    let (uploads, assets) = (Client::new(&server, UPLOADS), Client::new(&server, ASSETS));
    assets.put("avatars/u-1.jpg", &[], b"x").assert_ok();
    let digest = sha256_base64(b"promised");
    uploads
        .put("avatars/u-1.jpg", &[("x-amz-checksum-sha256", &digest)], b"other")
        .assert_error(403, "BadDigest");
    send("PUT", &format!("{}/{UPLOADS}/avatars/u-1.jpg", server.url), &[], Some(b"x"))
        .assert_error(403, "AccessDenied");
    uploads.get("avatars/u-1.jpg").assert_error(404, "NoSuchKey");
    uploads.put("last", &[], b"x").assert_ok();
    uploads.delete("last");
    uploads.put("last of all", &[], b"x").assert_ok();
    let deliveries = webhook.wait_for(2);
    let mut keys: Vec<_> =
        deliveries.iter().map(|delivery| delivery.event["detail"]["object"]["key"].clone()).collect();
    keys.sort_by(|one, other| one.as_str().cmp(&other.as_str()));
    assert_eq!(keys, ["last", "last of all"]);
}

#[test]
fn a_failed_delivery_is_tried_again_with_the_same_event() {
    // A connection that breaks, a server error, and too many requests.
    let webhook = Webhook::start(&[0, 500, 429]);
    let (server, _root) = start(&webhook);
    Client::new(&server, UPLOADS).put(KEY, &[], b"x").assert_ok();
    let deliveries = webhook.wait_for(4);
    assert!(deliveries.iter().all(|delivery| delivery.event == deliveries[0].event));
}

#[test]
fn a_refused_delivery_is_dropped_and_logged() {
    let webhook = Webhook::start(&[401]);
    let (server, _root) = start(&webhook);
    let client = Client::new(&server, UPLOADS);
    client.put("refused", &[], b"x").assert_ok();
    let line = format!("notify: {UPLOADS}/refused: dropped, the webhook answered 401");
    eventually("the log line", || server.log().contains(&line).then_some(()));
    client.put("accepted", &[], b"x").assert_ok();
    let deliveries = webhook.wait_for(2);
    assert_eq!(deliveries[1].event["detail"]["object"]["key"], "accepted");
    assert!(!server.log().contains(HOOK_SECRET));
}

#[test]
fn a_put_does_not_wait_for_the_webhook() {
    // A port that accepts and never answers.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", silent.local_addr().unwrap());
    let (mut server, _root) = Server::start_with(&Options { notify_url: Some(url), ..Default::default() });
    let client = Client::new(&server, UPLOADS);
    client.put(KEY, &[], b"x").assert_ok();
    assert_eq!(client.get(KEY).assert_ok().body, b"x");
    // An open delivery does not keep the server from stopping.
    assert!(server.stop("TERM").success());
}

#[test]
fn copies_and_uploads_in_parts_are_reported() {
    let webhook = Webhook::start(&[]);
    let (server, _root) = start(&webhook);
    let client = Client::new(&server, UPLOADS);
    Client::new(&server, ASSETS).put("source", &[], b"hello world").assert_ok();
    let source = format!("/{ASSETS}/source");
    client.put("copied", &[("x-amz-copy-source", &source)], b"").assert_ok();

    let create = client.bucket.create_multipart_upload(Some(&client.credentials), "parts");
    let created = send("POST", create.sign(MINUTE).as_str(), &[], Some(b""));
    let created =
        rusty_s3::actions::CreateMultipartUpload::parse_response(&created.assert_ok().text()).unwrap();
    let part = client.bucket.upload_part(Some(&client.credentials), "parts", 1, created.upload_id());
    let part = send("PUT", part.sign(MINUTE).as_str(), &[], Some(b"hello world"));
    let etag = part.assert_ok().header("etag").unwrap();
    let complete = client.bucket.complete_multipart_upload(
        Some(&client.credentials),
        "parts",
        created.upload_id(),
        std::iter::once(etag),
    );
    let url = complete.sign(MINUTE);
    send("POST", url.as_str(), &[], Some(complete.body().as_bytes())).assert_ok();
    assert_eq!(client.get("parts").assert_ok().body, b"hello world");

    let mut reported: Vec<(String, String)> = webhook
        .wait_for(2)
        .iter()
        .map(|delivery| {
            let detail = &delivery.event["detail"];
            assert_eq!(detail["object"]["size"], 11);
            (detail["object"]["key"].to_string(), detail["reason"].to_string())
        })
        .collect();
    reported.sort();
    let expected = [("\"copied\"", "\"CopyObject\""), ("\"parts\"", "\"CompleteMultipartUpload\"")];
    assert_eq!(reported, expected.map(|(key, reason)| (key.to_owned(), reason.to_owned())));
}
