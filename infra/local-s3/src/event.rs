//! The event that S3 sends to EventBridge for a new object.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html>

use std::net::IpAddr;

use serde::Serialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use uuid::Uuid;

/// AWS account number in the events of this server.
const ACCOUNT: &str = "000000000000";
const REGION: &str = "us-east-1";

/// The operation that made an object.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) enum Reason {
    /// A PUT.
    PutObject,
    /// A PUT that names a source.
    CopyObject,
    /// The last step of an upload in parts.
    CompleteMultipartUpload,
}

/// An object that was just stored.
#[derive(Debug)]
pub(crate) struct NewObject {
    /// Bucket name.
    pub(crate) bucket: String,
    /// Key, as it is: not URL-encoded.
    pub(crate) key: String,
    /// Size in bytes.
    pub(crate) size: u64,
    /// ETag without quotes.
    pub(crate) etag: String,
    /// What stored it.
    pub(crate) reason: Reason,
    /// `x-amz-request-id` of the request that stored it.
    pub(crate) request_id: String,
    /// Address of the client.
    pub(crate) source_ip: IpAddr,
}

/// The event, ready to be sent.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Event<'a> {
    version: &'static str,
    id: Uuid,
    detail_type: &'static str,
    source: &'static str,
    account: &'static str,
    time: String,
    region: &'static str,
    resources: [String; 1],
    detail: Detail<'a>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Detail<'a> {
    version: &'static str,
    bucket: Bucket<'a>,
    object: Object<'a>,
    request_id: &'a str,
    requester: &'static str,
    source_ip_address: IpAddr,
    reason: Reason,
}

#[derive(Debug, Serialize)]
struct Bucket<'a> {
    name: &'a str,
}

#[derive(Debug, Serialize)]
struct Object<'a> {
    key: &'a str,
    size: u64,
    etag: &'a str,
    sequencer: String,
}

impl<'a> Event<'a> {
    /// Describes `object`. `sequencer` grows from event to event; consumers compare it as text of equal length.
    pub(crate) fn new(object: &'a NewObject, id: Uuid, time: OffsetDateTime, sequencer: u64) -> Self {
        // EventBridge gives whole seconds.
        let time = time.replace_nanosecond(0).unwrap_or(time);
        Self {
            version: "0",
            id,
            detail_type: "Object Created",
            source: "aws.s3",
            account: ACCOUNT,
            // Fails only for years beyond 9999.
            time: time.format(&Rfc3339).unwrap_or_default(),
            region: REGION,
            resources: [format!("arn:aws:s3:::{}", object.bucket)],
            detail: Detail {
                version: "0",
                bucket: Bucket { name: &object.bucket },
                object: Object {
                    key: &object.key,
                    size: object.size,
                    etag: &object.etag,
                    sequencer: format!("{sequencer:016X}"),
                },
                request_id: &object.request_id,
                requester: ACCOUNT,
                source_ip_address: object.source_ip,
                reason: object.reason,
            },
        }
    }
}
