//! S3, or what speaks its language. Every request is signed anew, with its body, and has a time limit.

use super::answer::{self, MAX_KEYS, Page};
use super::bucket::Bucket;
use super::retry::{self, ATTEMPT_TIMEOUT, MAX_RETRIES, MIN_ATTEMPT, TOTAL_TIMEOUT};
use super::sigv4::{self, Payload, Signer};
use super::transport::{Request, Response, Transport, TransportError};
use super::{BucketName, Condition, File, Listed, Object, ObjectStore, Operation, SERVICE, StorageError};
use crate::config::Config;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha256};
use std::rc::Rc;
use std::time::Duration;

/// A page of a listing holds at most 1,000 keys of at most 1,024 bytes each, and a few hundred bytes beside each.
const MAX_LISTING_BYTES: u64 = 4 * 1024 * 1024;
/// Most pages of one listing.
const MAX_PAGES: usize = 10;
/// Answers to PUT and DELETE have no body that counts.
const MAX_RECEIPT_BYTES: u64 = 64 * 1024;

/// A storage that is spoken to through `T`.
#[derive(Clone)]
pub(crate) struct S3<T> {
    config: Rc<Config>,
    transport: T,
}

/// A request before it is signed.
struct Call<'a> {
    operation: Operation,
    bucket: BucketName,
    key: &'a str,
    query: &'a [(&'a str, &'a str)],
    headers: Vec<(&'static str, &'a str)>,
    body: Option<Body<'a>>,
    max_body_bytes: u64,
    /// Whether sending it twice is the same as sending it once (RFC 9110 section 9.2.2). A conditional write is not: the
    /// second would fail on what the first has done.
    is_idempotent: bool,
}

/// What is sent, with its digest: it is both signed and stated.
#[derive(Clone, Copy)]
struct Body<'a> {
    bytes: &'a [u8],
    sha256: [u8; 32],
}

impl<T: Transport> S3<T> {
    pub(crate) fn new(config: Rc<Config>, transport: T) -> Self {
        Self { config, transport }
    }

    fn bucket(&self, bucket: BucketName) -> &Bucket {
        match bucket {
            BucketName::Uploads => &self.config.uploads,
            BucketName::Assets => &self.config.assets,
        }
    }

    /// Sends a request; up to twice again where that is safe and may help.
    async fn send(&self, call: &Call<'_>) -> Result<Response, StorageError> {
        let began = self.transport.now();
        let mut retries = 0;
        let mut left = TOTAL_TIMEOUT;
        loop {
            let failure = match self.attempt(call, left.min(ATTEMPT_TIMEOUT)).await {
                Ok(response) if !retry::is_transient(response.status) => return Ok(response),
                failure => failure,
            };
            let is_permanent = matches!(failure, Err(StorageError::TooLarge(_)));
            if !call.is_idempotent || is_permanent || retries == MAX_RETRIES {
                return failure;
            }
            let pause = retry::pause(retries, self.transport.chance());
            let elapsed = self.transport.now().duration_since(began).unsigned_abs();
            left = TOTAL_TIMEOUT.saturating_sub(elapsed).saturating_sub(pause);
            if left < MIN_ATTEMPT {
                return failure;
            }
            self.transport.pause(pause).await;
            retries += 1;
        }
    }

    /// Sends a request once.
    async fn attempt(&self, call: &Call<'_>, timeout: Duration) -> Result<Response, StorageError> {
        let operation = call.operation;
        let request = self.sign(call, timeout);
        let response = self.transport.exchange(request).await.map_err(|error| match error {
            TransportError::Unreachable => StorageError::Unreachable(operation),
            TransportError::TooLarge => StorageError::TooLarge(operation),
        })?;
        if operation == Operation::Get && response.status == 200 && !self.is_intact(&response).await {
            return Err(StorageError::Corrupt(operation));
        }
        Ok(response)
    }

    /// Whether the bytes are those that were stored, where the storage says which those were.
    ///
    /// Digests of uploads in parts end in a hyphen and a number and are of the parts' digests; those are not compared.
    async fn is_intact(&self, response: &Response) -> bool {
        let Some(stated) = response.checksum_sha256.as_deref().filter(|stated| !stated.contains('-')) else {
            return true;
        };
        stated == BASE64_STANDARD.encode(self.transport.sha256(&response.body).await)
    }

    fn sign<'a>(&self, call: &Call<'a>, timeout: Duration) -> Request<'a> {
        let bucket = self.bucket(call.bucket);
        let digest = call.body.map_or_else(|| Sha256::digest([]).into(), |body| body.sha256);
        let content_sha256 = Payload::Sha256(digest);
        // "The x-amz-content-sha256 header is required for all AWS Signature Version 4 requests."
        let stated = content_sha256.to_string();
        let mut signed = call.headers.clone();
        signed.push(("x-amz-content-sha256", &stated));
        let signer = Signer {
            credentials: &self.config.credentials,
            region: bucket.region(),
            service: SERVICE,
            now: self.transport.now(),
        };
        let method = method(call.operation);
        let mut headers = signer.authorization_headers(&sigv4::Request {
            method,
            host: bucket.host(),
            path: &bucket.path(call.key),
            query: call.query,
            headers: &signed,
            payload: content_sha256,
        });
        headers.extend(signed.into_iter().map(|(name, value)| (name, value.to_owned())));
        Request {
            method,
            url: bucket.url(call.key, &sigv4::canonical_query(call.query)),
            headers,
            body: call.body.map(|body| body.bytes),
            timeout,
            max_body_bytes: call.max_body_bytes,
        }
    }

    async fn list_page(
        &self,
        bucket: BucketName,
        prefix: &str,
        continuation: Option<&str>,
    ) -> Result<Page, StorageError> {
        let operation = Operation::List;
        let max_keys = MAX_KEYS.to_string();
        // Keys may have characters that XML has not.
        let mut query = vec![("list-type", "2"), ("encoding-type", "url"), ("max-keys", &*max_keys)];
        query.push(("prefix", prefix));
        query.extend(continuation.map(|token| ("continuation-token", token)));
        let response = self
            .send(&Call {
                operation,
                bucket,
                key: "",
                query: &query,
                headers: Vec::new(),
                body: None,
                max_body_bytes: MAX_LISTING_BYTES,
                is_idempotent: true,
            })
            .await?;
        match response.status {
            200 => answer::page(&response.body).map_err(|_| StorageError::Malformed(operation)),
            _ => Err(refusal(operation, &response)),
        }
    }
}

impl<T: Transport> ObjectStore for S3<T> {
    async fn list(&self, bucket: BucketName, prefix: &str) -> Result<Vec<Listed>, StorageError> {
        let mut objects = Vec::new();
        let mut continuation: Option<String> = None;
        for _ in 0..MAX_PAGES {
            let page = self.list_page(bucket, prefix, continuation.as_deref()).await?;
            objects.extend(page.objects);
            continuation = page.continuation;
            if continuation.is_none() {
                return Ok(objects);
            }
        }
        Err(StorageError::TooLarge(Operation::List))
    }

    async fn get(
        &self,
        bucket: BucketName,
        key: &str,
        max_bytes: u64,
    ) -> Result<Option<Object>, StorageError> {
        let operation = Operation::Get;
        let response = self
            .send(&Call {
                operation,
                bucket,
                key,
                query: &[],
                // Asks for the digest that the object was stored with, if it was.
                headers: vec![("x-amz-checksum-mode", "ENABLED")],
                body: None,
                max_body_bytes: max_bytes,
                is_idempotent: true,
            })
            .await?;
        match response.status {
            200 => {
                let Response { body, etag, is_unpacked, .. } = response;
                Ok(Some(Object { bytes: body, etag, is_unpacked }))
            }
            404 => Ok(None),
            _ => Err(refusal(operation, &response)),
        }
    }

    async fn put(&self, bucket: BucketName, key: &str, file: File<'_>) -> Result<(), StorageError> {
        let operation = Operation::Put;
        let body = Body { bytes: file.bytes, sha256: self.transport.sha256(file.bytes).await };
        let checksum = BASE64_STANDARD.encode(body.sha256);
        let mut headers = vec![("content-type", file.content_type), ("x-amz-checksum-sha256", &*checksum)];
        match &file.condition {
            Condition::None => {}
            Condition::Absent => headers.push(("if-none-match", "*")),
            Condition::Unchanged(etag) => headers.push(("if-match", etag)),
        }
        let response = self
            .send(&Call {
                operation,
                bucket,
                key,
                query: &[],
                headers,
                body: Some(body),
                max_body_bytes: MAX_RECEIPT_BYTES,
                is_idempotent: file.condition == Condition::None,
            })
            .await?;
        match response.status {
            200 => Ok(()),
            // 409: another conditional write to the same key is going on. 404: `If-Match` on what is gone.
            409 | 412 => Err(StorageError::Changed),
            404 if matches!(file.condition, Condition::Unchanged(_)) => Err(StorageError::Changed),
            _ => Err(refusal(operation, &response)),
        }
    }

    async fn delete(&self, bucket: BucketName, key: &str) -> Result<(), StorageError> {
        let operation = Operation::Delete;
        let response = self
            .send(&Call {
                operation,
                bucket,
                key,
                query: &[],
                headers: Vec::new(),
                body: None,
                max_body_bytes: MAX_RECEIPT_BYTES,
                is_idempotent: true,
            })
            .await?;
        match response.status {
            200 | 204 | 404 => Ok(()),
            _ => Err(refusal(operation, &response)),
        }
    }
}

fn method(operation: Operation) -> &'static str {
    match operation {
        Operation::Get | Operation::List => "GET",
        Operation::Put => "PUT",
        Operation::Delete => "DELETE",
    }
}

fn refusal(operation: Operation, response: &Response) -> StorageError {
    match answer::error_code(&response.body) {
        Some(code) => StorageError::Refused { operation, status: response.status, code },
        None => StorageError::Status(operation, response.status),
    }
}

#[cfg(test)]
mod tests;
