//! Faults that are injected through the control listener.

use serde_json::{Value, json};
use std::time::Duration;

use crate::support::{Answer, Client, ORIGIN, Options, Server, UPLOADS, send};

struct Control {
    url: String,
}

impl Control {
    fn call(&self, method: &str, body: Option<&str>) -> Answer {
        send(method, &self.url, &[], body.map(str::as_bytes))
    }

    fn put(&self, faults: &Value) {
        self.call("PUT", Some(&json!({ "faults": faults }).to_string())).assert_ok();
    }
}

/// What is sent of a body of ten digits.
const HALF: &[u8] = b"01234";
/// Longer than anything takes.
const LONG: Duration = Duration::from_secs(30);

/// What came of a body that is not sent whole.
struct HalfRead {
    bytes: Vec<u8>,
    /// Whether the server ended it; if not, the client lost patience.
    ended: bool,
}

/// Reads what a server sends of a body. Of a body that is not all there, waits so long for more.
fn read_half(url: &str, patience: Duration) -> (Option<String>, HalfRead) {
    use std::io::{ErrorKind, Read as _, Write as _};
    let (host, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let mut stream = std::net::TcpStream::connect(host).unwrap();
    write!(stream, "GET /{path} HTTP/1.1\r\nhost: {host}\r\n\r\n").unwrap();
    let (mut received, mut buffer) = (Vec::new(), [0; 4096]);
    let ended = loop {
        // The answer itself may take its time on a busy machine.
        let is_half = received.ends_with(HALF);
        stream.set_read_timeout(Some(if is_half { patience } else { LONG })).unwrap();
        match stream.read(&mut buffer) {
            Ok(0) => break true,
            Ok(length) => received.extend_from_slice(&buffer[..length]),
            Err(error) => break !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut),
        }
    };
    let end = received.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    let head = String::from_utf8(received[..end].to_vec()).unwrap().to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).map(str::to_owned);
    (length, HalfRead { bytes: received[end + 4..].to_vec(), ended })
}

fn start() -> (Server, tempfile::TempDir, Control, Client) {
    let (server, root) = Server::start_with(&Options { control: true, ..Default::default() });
    let control = Control { url: format!("{}/faults", server.control_url.as_deref().unwrap()) };
    let client = Client::new(&server, UPLOADS);
    client.put("avatars/u-1.jpg", &[], b"x").assert_ok();
    (server, root, control, client)
}

#[test]
fn a_fault_applies_as_often_as_it_says() {
    let (_server, _root, control, client) = start();
    control
        .put(&json!([{"method": "GET", "key_prefix": "test-uploads/avatars/", "status": 503, "times": 2}]));
    client.put("avatars/u-2.jpg", &[], b"x").assert_ok();
    client.get("banners/none").assert_error(404, "NoSuchKey");
    client.get("avatars/u-1.jpg").assert_error(503, "SlowDown");
    let listed: Value = serde_json::from_slice(&control.call("GET", None).assert_ok().body).unwrap();
    assert_eq!(
        listed,
        json!({"faults": [
            {"method": "GET", "key_prefix": "test-uploads/avatars/", "status": 503, "times": 1, "delay_ms": 0,
             "body": null}
        ]})
    );
    client.get("avatars/u-1.jpg").assert_error(503, "SlowDown");
    client.get("avatars/u-1.jpg").assert_ok();
}

#[test]
fn a_fault_without_times_lasts_until_it_is_cleared() {
    let (_server, _root, control, client) = start();
    control.put(&json!([{"method": null, "key_prefix": null, "status": 500, "times": null, "delay_ms": 1}]));
    for _ in 0..3 {
        client.get("avatars/u-1.jpg").assert_error(500, "InternalError");
    }
    client.put("avatars/u-1.jpg", &[], &vec![1; 3_000_000]).assert_error(500, "InternalError");
    control.call("DELETE", None).assert_ok();
    assert_eq!(client.get("avatars/u-1.jpg").assert_ok().body, b"x");
}

#[test]
fn a_fault_without_a_status_serves_as_usual() {
    let (_server, _root, control, client) = start();
    control.put(&json!([{"status": null, "times": 1, "delay_ms": 20}]));
    assert_eq!(client.get("avatars/u-1.jpg").assert_ok().body, b"x");
    let listed: Value = serde_json::from_slice(&control.call("GET", None).body).unwrap();
    assert_eq!(listed["faults"][0]["times"], 0);
}

#[test]
fn a_broken_body_is_broken_as_it_says() {
    let (_server, _root, control, client) = start();
    client.put("k", &[], b"0123456789").assert_ok();
    control.put(&json!([{"method": "GET", "body": "short", "times": 1}]));
    assert_eq!(client.get("k").assert_ok().body, HALF);
    control.put(&json!([{"method": "GET", "body": "garbled", "times": 1}]));
    assert_eq!(client.get("k").assert_ok().body, [HALF, &[!b'5'], b"6789"].concat());
    assert_eq!(client.get("k").assert_ok().body, b"0123456789");
    for (fault, ends, patience) in [("cut", true, LONG), ("stalled", false, Duration::from_secs(1))] {
        control.put(&json!([{"method": "GET", "body": fault, "times": 1}]));
        let (length, read) = read_half(&client.get_url("k"), patience);
        assert_eq!((length.as_deref(), read.ended, read.bytes), (Some("10"), ends, HALF.to_vec()), "{fault}");
    }
}

#[test]
fn an_injected_error_is_readable_for_the_page() {
    let (_server, _root, control, client) = start();
    control.put(&json!([{"method": "put", "status": 503}]));
    let answer = send("PUT", &client.put_url("k", &[]), &[("origin", ORIGIN)], Some(b"x"));
    answer.assert_error(503, "SlowDown");
    assert_eq!(answer.header("access-control-allow-origin"), Some(ORIGIN));
}

#[test]
fn a_malformed_list_is_refused_and_the_old_one_stays() {
    let (_server, _root, control, client) = start();
    control.put(&json!([{"status": 503}]));
    for (body, names) in [
        ("nonsense", "not a list of faults"),
        (r#"{"faults":[{"status":200}]}"#, "faults[0].status"),
        (r#"{"faults":[{},{"delay_ms":60001}]}"#, "faults[1].delay_ms"),
        (r#"{"faults":[{"stauts":503}]}"#, "stauts"),
        (r#"{"faults":[{"body":"cute"}]}"#, "cute"),
    ] {
        let answer = control.call("PUT", Some(body));
        assert_eq!(answer.status, 400);
        assert!(answer.text().contains(names), "{}", answer.text());
    }
    client.get("avatars/u-1.jpg").assert_error(503, "SlowDown");
    assert_eq!(control.call("POST", Some("{}")).status, 405);
    assert_eq!(send("GET", &control.url.replace("/faults", "/"), &[], None).status, 404);
}

#[test]
fn the_s3_listener_has_no_control() {
    let (server, _root, _control, _client) = start();
    assert_eq!(send("GET", &format!("{}/faults", server.url), &[], None).status, 403);
}
