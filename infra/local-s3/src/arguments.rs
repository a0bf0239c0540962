//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Parser;
use http::{HeaderValue, Uri};

/// An S3 server for this machine: checks signatures, keeps objects in a folder, tells a webhook about new ones.
///
/// The environment has to hold `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`, and `HOOK_SECRET` with --notify-url.
#[derive(Debug, Parser)]
#[command(name = "roundel-local-s3", version)]
pub(crate) struct Arguments {
    /// Loopback address to serve S3 on; port 0 takes a free port.
    #[arg(long, value_name = "ADDRESS", value_parser = loopback_address)]
    pub(crate) listen: SocketAddr,

    /// Folder that holds the buckets; created if missing.
    #[arg(long, value_name = "DIR")]
    pub(crate) root: PathBuf,

    /// Bucket to serve; created if missing. May be repeated.
    #[arg(long = "bucket", value_name = "NAME", required = true, num_args = 1.., value_parser = bucket_name)]
    pub(crate) buckets: Vec<String>,

    /// Origin whose pages may PUT, GET and HEAD objects, such as <http://127.0.0.1:8787>. May be repeated.
    #[arg(long = "allowed-origin", value_name = "ORIGIN", num_args = 1.., value_parser = origin)]
    pub(crate) allowed_origins: Vec<HeaderValue>,

    /// Bucket whose new objects are reported to --notify-url; one of the buckets named by --bucket.
    #[arg(long, value_name = "NAME", requires = "notify_url")]
    pub(crate) notify_bucket: Option<String>,

    /// `http:` URL on this machine that new objects are reported to.
    #[arg(long, value_name = "URL", requires = "notify_bucket", value_parser = notify_url)]
    pub(crate) notify_url: Option<Uri>,

    /// Loopback address of the control listener, through which tests inject faults.
    #[arg(long, value_name = "ADDRESS", value_parser = loopback_address)]
    pub(crate) control: Option<SocketAddr>,
}

/// Command line options that do not fit together.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ArgumentError {
    /// `--notify-bucket` names a bucket that is not served.
    #[error("--notify-bucket {name}: no such bucket here; name it with --bucket too")]
    NotifyBucketNotServed {
        /// The name as given.
        name: String,
    },
}

impl Arguments {
    /// Checks what one option alone does not show.
    ///
    /// # Errors
    /// [`ArgumentError`] says which option to change.
    pub(crate) fn check(&self) -> Result<(), ArgumentError> {
        match &self.notify_bucket {
            Some(name) if !self.buckets.contains(name) => {
                Err(ArgumentError::NotifyBucketNotServed { name: name.clone() })
            }
            _ => Ok(()),
        }
    }
}

fn loopback_address(text: &str) -> Result<SocketAddr, String> {
    let address: SocketAddr =
        text.parse().map_err(|_| "expected an address and a port, such as 127.0.0.1:0".to_owned())?;
    if address.ip().is_loopback() {
        Ok(address)
    } else {
        Err("only loopback addresses are served, such as 127.0.0.1:0: this server is for this machine alone"
            .into())
    }
}

fn bucket_name(text: &str) -> Result<String, String> {
    if s3s::path::check_bucket_name(text) {
        Ok(text.to_owned())
    } else {
        Err("not a bucket name: 3 to 63 of a-z, 0-9, '.' and '-', a letter or digit first and last".into())
    }
}

/// An origin as browsers send it (RFC 6454 section 6.2): compared byte for byte, so nothing may follow the port.
fn origin(text: &str) -> Result<HeaderValue, String> {
    let expected = "expected an origin such as http://127.0.0.1:8787, without a path";
    let uri: Uri = text.parse().map_err(|_| expected.to_owned())?;
    let (Some(scheme @ ("http" | "https")), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
        return Err(expected.into());
    };
    if format!("{scheme}://{authority}") != text || authority.as_str().contains('@') {
        return Err(expected.into());
    }
    HeaderValue::from_str(text).map_err(|_| expected.to_owned())
}

/// The secret travels to this URL in the clear, so it must not leave the machine.
fn notify_url(text: &str) -> Result<Uri, String> {
    let uri: Uri = text.parse().map_err(|_| "not a URL".to_owned())?;
    let on_this_machine = matches!(uri.host(), Some("127.0.0.1" | "[::1]" | "localhost"));
    if uri.scheme_str() != Some("http") || !on_this_machine {
        return Err("expected an http: URL on 127.0.0.1, [::1] or localhost".into());
    }
    Ok(uri)
}
