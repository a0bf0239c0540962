//! The storage's answers in every shape, through a transport that follows a script.

use super::*;
use crate::config::tests::read;
use jiff::{SignedDuration, Timestamp};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

type Answer = Result<Response, TransportError>;

/// One request as it was sent.
#[derive(Debug, Clone)]
struct Sent {
    method: &'static str,
    url: String,
    headers: Vec<(&'static str, String)>,
    body: Option<Vec<u8>>,
    timeout: Duration,
    max_body_bytes: u64,
}

impl Sent {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(held, _)| *held == name).map(|(_, value)| value.as_str())
    }

    fn signed_headers(&self) -> &str {
        let authorization = self.header("authorization").unwrap();
        authorization.split("SignedHeaders=").nth(1).unwrap().split(',').next().unwrap()
    }
}

/// Answers in order, each after so many seconds; the last one for ever.
struct Script {
    answers: RefCell<VecDeque<(Answer, i64)>>,
    sent: RefCell<Vec<Sent>>,
    pauses: RefCell<Vec<Duration>>,
    now: Cell<Timestamp>,
}

impl Transport for &Script {
    async fn exchange(&self, request: Request<'_>) -> Answer {
        let Request { method, url, headers, body, timeout, max_body_bytes } = request;
        let body = body.map(<[u8]>::to_vec);
        self.sent.borrow_mut().push(Sent { method, url, headers, body, timeout, max_body_bytes });
        let mut answers = self.answers.borrow_mut();
        let (answer, seconds) =
            if answers.len() > 1 { answers.pop_front() } else { answers.front().cloned() }.unwrap();
        self.now.set(self.now.get() + SignedDuration::from_secs(seconds));
        answer
    }

    async fn pause(&self, duration: Duration) {
        self.pauses.borrow_mut().push(duration);
        self.now.set(self.now.get() + duration);
    }

    fn now(&self) -> Timestamp {
        self.now.get()
    }

    fn chance(&self) -> f64 {
        0.5
    }
}

fn script(answers: impl IntoIterator<Item = (Answer, i64)>) -> Script {
    Script {
        answers: RefCell::new(answers.into_iter().collect()),
        sent: RefCell::default(),
        pauses: RefCell::default(),
        now: Cell::new("2026-03-01T12:00:00Z".parse().unwrap()),
    }
}

fn status(status: u16) -> (Answer, i64) {
    (Ok(Response { status, ..Response::default() }), 0)
}

fn body(status: u16, body: &str) -> (Answer, i64) {
    (Ok(Response { status, body: body.as_bytes().to_vec(), ..Response::default() }), 0)
}

const TIMED_OUT: (Answer, i64) = (Err(TransportError::Unreachable), 5);

fn store(script: &Script) -> S3<&Script> {
    S3::new(Rc::new(read(&[("AWS_SESSION_TOKEN", Some("a-token"))]).unwrap()), script)
}

fn get(script: &Script) -> Result<Option<Object>, StorageError> {
    pollster::block_on(store(script).get(BucketName::Assets, "avatars/a/current.json", 1000))
}

fn put(script: &Script, condition: Condition) -> Result<(), StorageError> {
    let file = File { bytes: b"12345", content_type: "image/png", condition };
    pollster::block_on(store(script).put(BucketName::Assets, "avatars/a/x", file))
}

fn list(script: &Script) -> Result<Vec<Listed>, StorageError> {
    pollster::block_on(store(script).list(BucketName::Uploads, "avatars/a."))
}

fn page(key: &str, token: Option<&str>) -> (Answer, i64) {
    let more = token.map_or_else(
        || "<IsTruncated>false</IsTruncated>".to_owned(),
        |token| {
            format!("<IsTruncated>true</IsTruncated><NextContinuationToken>{token}</NextContinuationToken>")
        },
    );
    let object = format!(
        "<Contents><Key>{key}</Key><ETag>e</ETag><Size>1</Size><LastModified>2026-03-01T12:00:00Z</LastModified></Contents>"
    );
    body(200, &format!("<ListBucketResult>{more}{object}</ListBucketResult>"))
}

#[test]
fn a_put_is_signed_with_its_body_and_all_that_it_says() {
    let script = script([status(200)]);
    assert_eq!(put(&script, Condition::Unchanged("\"e\"".to_owned())), Ok(()));
    let sent = script.sent.borrow()[0].clone();
    assert_eq!(sent.method, "PUT");
    assert_eq!(sent.url, "https://assets.s3.eu-west-1.amazonaws.com/avatars/a/x");
    assert_eq!(sent.body.as_deref(), Some(&b"12345"[..]));
    assert_eq!(
        sent.signed_headers(),
        "content-type;host;if-match;x-amz-checksum-sha256;x-amz-content-sha256;x-amz-date;x-amz-security-token"
    );
    let digest = "5994471abb01112afcc18159f6cc74b4f511b99806da59b3caf5a9c173cacfc5";
    assert_eq!(sent.header("x-amz-content-sha256"), Some(digest));
    assert_eq!(sent.header("x-amz-checksum-sha256"), Some("WZRHGrsBESr8wYFZ9sx0tPURuZgG2lmzyvWpwXPKz8U="));
    assert_eq!(sent.header("if-match"), Some("\"e\""));
    assert_eq!(sent.header("content-type"), Some("image/png"));
    assert_eq!(sent.header("x-amz-security-token"), Some("a-token"));
    assert_eq!(sent.header("x-amz-date"), Some("20260301T120000Z"));
    assert!(sent.header("authorization").unwrap().contains("/20260301/eu-west-1/s3/aws4_request"));
}

#[test]
fn what_fails_for_the_moment_is_asked_again_twice_and_signed_anew() {
    for transient in [status(500), status(502), status(503), status(504), status(429), body(503, "<Error/>")]
    {
        let script = script([transient.clone(), (Err(TransportError::Unreachable), 1), body(200, "found")]);
        assert_eq!(get(&script).map(|object| object.unwrap().bytes), Ok(b"found".to_vec()));
        assert_eq!(*script.pauses.borrow(), [Duration::from_millis(100), Duration::from_millis(200)]);
        let dates: Vec<_> =
            script.sent.borrow().iter().map(|sent| sent.header("x-amz-date").unwrap().to_owned()).collect();
        assert_eq!(dates, ["20260301T120000Z", "20260301T120000Z", "20260301T120001Z"]);
    }
    let script = script([status(503)]);
    assert_eq!(get(&script), Err(StorageError::Status(Operation::Get, 503)));
    assert_eq!(script.sent.borrow().len(), 3);
}

#[test]
fn what_fails_for_good_is_asked_once() {
    let denied = body(403, "<Error><Code>AccessDenied</Code></Error>");
    for (answer, reason) in [
        (denied, "storage: Get: status 403 AccessDenied"),
        (status(301), "storage: Get: status 301"),
        (status(501), "storage: Get: status 501"),
        ((Err(TransportError::TooLarge), 0), "storage: Get: more bytes than expected"),
    ] {
        let script = script([answer]);
        assert_eq!(get(&script).unwrap_err().to_string(), reason);
        assert_eq!(script.sent.borrow().len(), 1);
    }
    let script = script([status(404)]);
    assert_eq!((get(&script), script.sent.borrow().len()), (Ok(None), 1));
}

#[test]
fn ten_seconds_are_the_most_that_anything_takes() {
    let script = script([TIMED_OUT]);
    assert_eq!(get(&script), Err(StorageError::Unreachable(Operation::Get)));
    let timeouts: Vec<_> = script.sent.borrow().iter().map(|sent| sent.timeout.as_millis()).collect();
    assert_eq!(timeouts, [5000, 4900]);
}

#[test]
fn a_conditional_write_is_sent_once() {
    for condition in [Condition::Absent, Condition::Unchanged("e".to_owned())] {
        let script = script([status(503)]);
        assert_eq!(put(&script, condition), Err(StorageError::Status(Operation::Put, 503)));
        assert_eq!(script.sent.borrow().len(), 1);
    }
    let script = script([status(503), status(200)]);
    assert_eq!((put(&script, Condition::None), script.sent.borrow().len()), (Ok(()), 2));
}

#[test]
fn a_condition_that_does_not_hold_is_no_failure_of_the_storage() {
    let unchanged = || Condition::Unchanged("e".to_owned());
    for (condition, answer) in
        [(Condition::Absent, 412), (unchanged(), 412), (unchanged(), 404), (unchanged(), 409)]
    {
        assert_eq!(put(&script([status(answer)]), condition), Err(StorageError::Changed));
    }
    let refused = put(&script([status(404)]), Condition::None);
    assert_eq!(refused, Err(StorageError::Status(Operation::Put, 404)));
}

#[test]
fn other_bytes_than_were_stored_are_refused() {
    let with = |checksum: &str| {
        let checksum_sha256 = Some(checksum.to_owned());
        (Ok(Response { status: 200, body: b"12345".to_vec(), checksum_sha256, ..Response::default() }), 0)
    };
    let right = with("WZRHGrsBESr8wYFZ9sx0tPURuZgG2lmzyvWpwXPKz8U=");
    let wrong = with("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
    let bytes = |script: &Script| get(script).map(|object| object.unwrap().bytes);
    assert_eq!(bytes(&script([right.clone()])), Ok(b"12345".to_vec()));
    assert_eq!(bytes(&script([wrong.clone()])), Err(StorageError::Corrupt(Operation::Get)));
    assert_eq!(bytes(&script([wrong, right])), Ok(b"12345".to_vec()), "a second attempt may fare better");
    let in_parts = with("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=-2");
    assert_eq!(bytes(&script([in_parts])), Ok(b"12345".to_vec()), "that is no digest of the whole");
    let asked = script([status(404)]);
    get(&asked).unwrap();
    assert_eq!(asked.sent.borrow()[0].header("x-amz-checksum-mode"), Some("ENABLED"));
    assert_eq!(asked.sent.borrow()[0].max_body_bytes, 1000);
}

#[test]
fn a_listing_is_read_to_its_end() {
    let script = script([page("a", Some("t+/=")), status(503), page("b", Some("u")), page("c", None)]);
    let keys: Vec<_> = list(&script).unwrap().into_iter().map(|object| object.key).collect();
    assert_eq!(keys, ["a", "b", "c"]);
    let urls: Vec<_> = script.sent.borrow().iter().map(|sent| sent.url.clone()).collect();
    let query = "encoding-type=url&list-type=2&max-keys=1000&prefix=avatars%2Fa.";
    assert_eq!(urls[0], format!("https://uploads.s3.eu-west-1.amazonaws.com/?{query}"));
    let continued =
        format!("https://uploads.s3.eu-west-1.amazonaws.com/?continuation-token=t%2B%2F%3D&{query}");
    assert_eq!((&urls[1], &urls[2]), (&continued, &continued));
}

#[test]
fn a_listing_without_end_or_sense_is_given_up() {
    let endless = script([page("a", Some("t"))]);
    assert_eq!(list(&endless), Err(StorageError::TooLarge(Operation::List)));
    assert_eq!(endless.sent.borrow().len(), MAX_PAGES);
    for answer in ["", "<html></html>", "<ListBucketResult>", "<Error><Code>SlowDown</Code></Error>"] {
        let script = script([body(200, answer)]);
        assert_eq!(list(&script), Err(StorageError::Malformed(Operation::List)), "{answer}");
    }
}

#[test]
fn deleting_what_is_not_there_is_no_failure() {
    for answer in [200, 204, 404] {
        let script = script([status(answer)]);
        assert_eq!(pollster::block_on(store(&script).delete(BucketName::Uploads, "k")), Ok(()));
        assert_eq!(script.sent.borrow()[0].method, "DELETE");
    }
}

#[test]
fn what_is_logged_of_a_failure_holds_neither_key_nor_signature() {
    let told = "<Error><Code>SignatureDoesNotMatch</Code><StringToSign>secret</StringToSign></Error>";
    let error = get(&script([body(403, told)])).unwrap_err();
    assert_eq!(error.to_string(), "storage: Get: status 403 SignatureDoesNotMatch");
    assert_eq!(format!("{error:?}"), "Refused { operation: Get, status: 403, code: SignatureDoesNotMatch }");
}
