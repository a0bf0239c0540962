//! A client that signs with `rusty-s3` and sends with `ureq`.

use std::time::Duration;

use base64::Engine as _;
use rusty_s3::{Bucket, Credentials, S3Action, UrlStyle};
use sha2::{Digest as _, Sha256};

use super::server::{ACCESS_KEY_ID, SECRET_ACCESS_KEY, Server};

pub(crate) const MINUTE: Duration = Duration::from_secs(60);

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: ureq::http::HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// Asserts the status and the S3 error code.
    #[track_caller]
    pub(crate) fn assert_error(&self, status: u16, code: &str) {
        assert_eq!(self.status, status, "{}", self.text());
        assert!(self.text().contains(&format!("<Code>{code}</Code>")), "{}", self.text());
    }

    #[track_caller]
    pub(crate) fn assert_ok(&self) -> &Self {
        assert!((200..300).contains(&self.status), "{} {}", self.status, self.text());
        self
    }
}

/// Sends one request.
pub(crate) fn send(method: &str, url: &str, headers: &[(&str, &str)], body: Option<&[u8]>) -> Answer {
    let agent: ureq::Agent =
        ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0).proxy(None).build().into();
    let mut request = ureq::http::Request::builder().method(method).uri(url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = match body {
        Some(body) => agent.run(request.body(body).unwrap()),
        None => agent.run(request.body(()).unwrap()),
    };
    let mut response = response.unwrap_or_else(|error| panic!("{method} without an answer: {error}"));
    let body = response.body_mut().with_config().limit(1 << 30).read_to_vec().unwrap();
    Answer { status: response.status().as_u16(), headers: response.headers().clone(), body }
}

/// SHA-256 as S3 wants it in `x-amz-checksum-sha256`.
pub(crate) fn sha256_base64(bytes: &[u8]) -> String {
    base64::engine::general_purpose::STANDARD.encode(Sha256::digest(bytes))
}

/// A bucket and the credentials for it.
pub(crate) struct Client {
    pub(crate) bucket: Bucket,
    pub(crate) credentials: Credentials,
}

impl Client {
    pub(crate) fn new(server: &Server, bucket: &'static str) -> Self {
        Self::with_secret(server, bucket, SECRET_ACCESS_KEY)
    }

    pub(crate) fn with_secret(server: &Server, bucket: &'static str, secret: &str) -> Self {
        Self {
            bucket: Bucket::new(server.url.parse().unwrap(), UrlStyle::Path, bucket, "us-east-1").unwrap(),
            credentials: Credentials::new(ACCESS_KEY_ID, secret),
        }
    }

    /// A presigned URL for a PUT with these signed headers.
    pub(crate) fn put_url(&self, key: &str, headers: &[(&str, &str)]) -> String {
        let mut action = self.bucket.put_object(Some(&self.credentials), key);
        for (name, value) in headers {
            action.headers_mut().insert((*name).to_owned(), (*value).to_owned());
        }
        action.sign(MINUTE).into()
    }

    /// A presigned URL for a GET with these signed headers.
    pub(crate) fn get_url(&self, key: &str) -> String {
        self.bucket.get_object(Some(&self.credentials), key).sign(MINUTE).into()
    }

    /// PUTs with every header signed.
    pub(crate) fn put(&self, key: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        send("PUT", &self.put_url(key, headers), headers, Some(body))
    }

    pub(crate) fn get(&self, key: &str) -> Answer {
        send("GET", &self.get_url(key), &[], None)
    }

    pub(crate) fn get_with(&self, key: &str, headers: &[(&str, &str)]) -> Answer {
        send("GET", &self.get_url(key), headers, None)
    }

    pub(crate) fn head(&self, key: &str) -> Answer {
        self.head_with(key, &[])
    }

    pub(crate) fn head_with(&self, key: &str, headers: &[(&str, &str)]) -> Answer {
        let url: String = self.bucket.head_object(Some(&self.credentials), key).sign(MINUTE).into();
        send("HEAD", &url, headers, None)
    }

    pub(crate) fn delete(&self, key: &str) -> Answer {
        let url: String = self.bucket.delete_object(Some(&self.credentials), key).sign(MINUTE).into();
        send("DELETE", &url, &[], None)
    }
}
