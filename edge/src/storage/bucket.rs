//! Where a bucket is, and how its objects are addressed.

use super::sigv4;
use std::fmt;
use url::{Host, Url};

/// Whether the bucket is named in the host or in the path.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html>
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Addressing {
    /// `https://endpoint/bucket/key`
    Path,
    /// `https://bucket.endpoint/key`
    VirtualHost,
}

/// Why a bucket cannot be addressed so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BucketError {
    /// "Bucket naming rules": 3 to 63 of a-z, 0-9, `.` and `-`, a letter or digit first and last.
    Name,
    /// Not http or https, or without a host, or with a path that would have to be escaped.
    Endpoint,
    /// An address such as 127.0.0.1 has no host names below it.
    AddressHasNoNames,
    /// A wildcard certificate covers one label: `a.b.s3.amazonaws.com` fails at TLS (RFC 9525 section 6.3).
    DotsUnderTls,
}

impl fmt::Display for BucketError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.reason())
    }
}

impl std::error::Error for BucketError {}

impl BucketError {
    pub(crate) fn reason(self) -> &'static str {
        match self {
            Self::Name => "is no bucket name",
            Self::Endpoint => {
                "has to be an http or https URL whose path, if any, is letters, digits, `-._~` and `/`"
            }
            Self::AddressHasNoNames => "cannot be `virtual` where the endpoint is an address; use `path`",
            Self::DotsUnderTls => "cannot be `virtual` over https with a dot in a bucket's name; use `path`",
        }
    }
}

/// A bucket of a storage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bucket {
    name: String,
    region: String,
    scheme: &'static str,
    /// As the `host` header has it.
    host: String,
    /// What precedes the key in the path; begins and ends with a slash.
    path: String,
}

impl Bucket {
    /// # Errors
    ///
    /// See [`BucketError`].
    pub(crate) fn new(
        endpoint: &Url,
        addressing: Addressing,
        name: &str,
        region: &str,
    ) -> Result<Self, BucketError> {
        if !is_bucket_name(name) {
            return Err(BucketError::Name);
        }
        let scheme = match endpoint.scheme() {
            "http" => "http",
            "https" => "https",
            _ => return Err(BucketError::Endpoint),
        };
        let host = endpoint.host().ok_or(BucketError::Endpoint)?;
        // The path is signed unescaped and escaped on the way: it has to mean the same both times.
        let base = endpoint.path().trim_end_matches('/');
        if base != sigv4::encode_path(base) {
            return Err(BucketError::Endpoint);
        }
        // `Url` leaves out the port that is the scheme's own, as clients do in `host`.
        let authority = match endpoint.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_string(),
        };
        let (host, path) = match addressing {
            Addressing::Path => (authority, format!("{base}/{name}/")),
            Addressing::VirtualHost if !matches!(host, Host::Domain(_)) => {
                return Err(BucketError::AddressHasNoNames);
            }
            Addressing::VirtualHost if scheme == "https" && name.contains('.') => {
                return Err(BucketError::DotsUnderTls);
            }
            Addressing::VirtualHost => (format!("{name}.{authority}"), format!("{base}/")),
        };
        Ok(Self { name: name.to_owned(), region: region.to_owned(), scheme, host, path })
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn region(&self) -> &str {
        &self.region
    }

    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    /// The path of an object, not escaped; of the bucket itself where the key is empty.
    pub(crate) fn path(&self, key: &str) -> String {
        match (key, self.path.strip_suffix('/')) {
            ("", Some(bucket)) if !bucket.is_empty() => bucket.to_owned(),
            _ => format!("{}{key}", self.path),
        }
    }

    /// The URL of an object, or of the bucket itself where the key is empty; `query` is escaped already.
    pub(crate) fn url(&self, key: &str, query: &str) -> String {
        let separator = if query.is_empty() { "" } else { "?" };
        format!("{}://{}{}{separator}{query}", self.scheme, self.host, sigv4::encode_path(&self.path(key)))
    }
}

fn is_bucket_name(name: &str) -> bool {
    let allowed =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'.';
    (3..=63).contains(&name.len())
        && name.bytes().all(allowed)
        && !name.contains("..")
        && !name.starts_with(['.', '-'])
        && !name.ends_with(['.', '-'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bucket(endpoint: &str, addressing: Addressing, name: &str) -> Result<Bucket, BucketError> {
        Bucket::new(&endpoint.parse().unwrap(), addressing, name, "eu-west-1")
    }

    #[test]
    fn a_bucket_is_in_the_path_or_in_the_host() {
        let url = |endpoint, addressing, key| bucket(endpoint, addressing, "pictures").unwrap().url(key, "");
        use Addressing::{Path, VirtualHost};
        for (endpoint, addressing, key, expected) in [
            ("https://s3.example", Path, "a/b.jpg", "https://s3.example/pictures/a/b.jpg"),
            ("https://s3.example", VirtualHost, "a/b.jpg", "https://pictures.s3.example/a/b.jpg"),
            ("https://s3.example:8443/", VirtualHost, "k", "https://pictures.s3.example:8443/k"),
            ("http://127.0.0.1:9000", Path, "k", "http://127.0.0.1:9000/pictures/k"),
            ("http://[::1]:9000", Path, "k", "http://[::1]:9000/pictures/k"),
            ("https://s3.example:443", Path, "k", "https://s3.example/pictures/k"),
            (
                "https://proxy.example/storage/v1/s3/",
                Path,
                "k",
                "https://proxy.example/storage/v1/s3/pictures/k",
            ),
            ("https://s3.example", Path, "", "https://s3.example/pictures"),
            ("https://s3.example", VirtualHost, "", "https://pictures.s3.example/"),
            ("https://s3.example", Path, "a b+c%2F~ä", "https://s3.example/pictures/a%20b%2Bc%252F~%C3%A4"),
        ] {
            assert_eq!(url(endpoint, addressing, key), expected);
        }
    }

    #[test]
    fn what_cannot_be_addressed_is_told() {
        let (path, host) = (Addressing::Path, Addressing::VirtualHost);
        for name in ["ab", "", "A-b", "a..b", ".ab", "ab-", "a_b", "a/b", "ä-b", &"a".repeat(64)] {
            assert_eq!(bucket("https://s3.example", path, name), Err(BucketError::Name), "{name}");
        }
        assert_eq!(bucket("https://s3.example", host, "a.b.c"), Err(BucketError::DotsUnderTls));
        assert!(bucket("http://s3.example", host, "a.b.c").is_ok());
        assert!(bucket("https://s3.example", path, "a.b.c").is_ok());
        for endpoint in ["http://127.0.0.1:9000", "http://[::1]"] {
            assert_eq!(bucket(endpoint, host, "abc"), Err(BucketError::AddressHasNoNames));
        }
        for endpoint in ["ftp://s3.example", "https://s3.example/a%20b"] {
            assert_eq!(bucket(endpoint, path, "abc"), Err(BucketError::Endpoint));
        }
    }
}
