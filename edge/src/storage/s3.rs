//! The storage over HTTP: each call signs its own short-lived URL.

use super::{BucketName, Condition, File, Listed, Object, ObjectStore, Operation, StorageError};
use crate::body::{self, BodyError};
use crate::clock;
use crate::config::Config;
use jiff::Timestamp;
use rusty_s3::actions::ListObjectsV2;
use rusty_s3::{Bucket, S3Action};
use std::rc::Rc;
use std::time::Duration;
use url::Url;
use worker::{AbortSignal, Fetch, Headers, Method, Request, RequestInit, RequestRedirect, Response};

/// How long the worker's own signatures are good for.
const EXPIRES_IN: Duration = Duration::from_secs(60);
const TIMEOUT_MS: u32 = 10_000;
/// A page of a listing holds at most 1,000 keys of at most 1,024 bytes each, and a few hundred bytes beside each.
const MAX_LISTING_BYTES: u64 = 4 * 1024 * 1024;
/// Most pages of one listing.
const MAX_PAGES: usize = 10;

/// S3, or what speaks its language.
#[derive(Clone)]
pub(crate) struct S3 {
    config: Rc<Config>,
}

impl S3 {
    pub(crate) fn new(config: Rc<Config>) -> Self {
        Self { config }
    }

    fn bucket(&self, bucket: BucketName) -> &Bucket {
        match bucket {
            BucketName::Uploads => &self.config.uploads,
            BucketName::Assets => &self.config.assets,
        }
    }

    fn sign<'a>(&'a self, action: &impl S3Action<'a>) -> Url {
        action.sign_with_time(EXPIRES_IN, &clock::now())
    }

    async fn list_page(
        &self,
        bucket: BucketName,
        prefix: &str,
        continuation: Option<&str>,
    ) -> Result<(Vec<Listed>, Option<String>), StorageError> {
        let mut action = self.bucket(bucket).list_objects_v2(Some(&self.config.credentials));
        action.query_mut().insert("prefix", prefix.to_owned());
        if let Some(token) = continuation {
            action.query_mut().insert("continuation-token", token.to_owned());
        }
        let operation = Operation::List;
        let mut response = send(operation, Method::Get, &self.sign(&action), Headers::new(), None).await?;
        let bytes = match response.status_code() {
            200 => read(operation, &mut response, MAX_LISTING_BYTES).await?,
            status => return Err(StorageError::Status(operation, status)),
        };
        let malformed = || StorageError::Malformed(operation);
        let xml = std::str::from_utf8(&bytes).map_err(|_| malformed())?;
        let page = ListObjectsV2::parse_response(xml).map_err(|_| malformed())?;
        let listed = page.contents.into_iter().map(|object| {
            Some(Listed {
                last_modified: object.last_modified?.parse::<Timestamp>().ok()?,
                etag: object.etag?,
                size_bytes: object.size?,
                key: object.key,
            })
        });
        Ok((listed.collect::<Option<_>>().ok_or_else(malformed)?, page.next_continuation_token))
    }
}

impl ObjectStore for S3 {
    async fn list(&self, bucket: BucketName, prefix: &str) -> Result<Vec<Listed>, StorageError> {
        let mut objects = Vec::new();
        let mut continuation: Option<String> = None;
        for _ in 0..MAX_PAGES {
            let (page, next) = self.list_page(bucket, prefix, continuation.as_deref()).await?;
            objects.extend(page);
            continuation = next;
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
        let url = self.sign(&self.bucket(bucket).get_object(Some(&self.config.credentials), key));
        let mut response = send(operation, Method::Get, &url, Headers::new(), None).await?;
        match response.status_code() {
            200 => {
                let etag = response.headers().get("etag").ok().flatten();
                let bytes = read(operation, &mut response, max_bytes).await?;
                Ok(Some(Object { bytes, etag }))
            }
            404 => Ok(None),
            status => Err(StorageError::Status(operation, status)),
        }
    }

    async fn put(&self, bucket: BucketName, key: &str, file: File<'_>) -> Result<(), StorageError> {
        let operation = Operation::Put;
        let url = self.sign(&self.bucket(bucket).put_object(Some(&self.config.credentials), key));
        let headers = Headers::new();
        set(&headers, "content-type", file.content_type)?;
        match &file.condition {
            Condition::None => {}
            Condition::Absent => set(&headers, "if-none-match", "*")?,
            Condition::Unchanged(etag) => set(&headers, "if-match", etag)?,
        }
        let response = send(operation, Method::Put, &url, headers, Some(file.bytes)).await?;
        match response.status_code() {
            200 => Ok(()),
            // 409: another conditional write to the same key is going on. 404: `If-Match` on what is gone.
            409 | 412 => Err(StorageError::Changed),
            404 if matches!(file.condition, Condition::Unchanged(_)) => Err(StorageError::Changed),
            status => Err(StorageError::Status(operation, status)),
        }
    }

    async fn delete(&self, bucket: BucketName, key: &str) -> Result<(), StorageError> {
        let operation = Operation::Delete;
        let url = self.sign(&self.bucket(bucket).delete_object(Some(&self.config.credentials), key));
        match send(operation, Method::Delete, &url, Headers::new(), None).await?.status_code() {
            200 | 204 | 404 => Ok(()),
            status => Err(StorageError::Status(operation, status)),
        }
    }
}

fn set(headers: &Headers, name: &str, value: &str) -> Result<(), StorageError> {
    headers.set(name, value).map_err(|_| StorageError::Malformed(Operation::Put))
}

async fn send(
    operation: Operation,
    method: Method,
    url: &Url,
    headers: Headers,
    body: Option<&[u8]>,
) -> Result<Response, StorageError> {
    // The runtime's own error texts may hold the signed URL, which is why they are dropped.
    let unreachable = |_| StorageError::Unreachable(operation);
    let mut init = RequestInit::new();
    init.with_method(method).with_redirect(RequestRedirect::Manual).with_headers(headers);
    init.with_body(body.map(|bytes| js_sys::Uint8Array::from(bytes).into()));
    let request = Request::new_with_init(url.as_str(), &init).map_err(unreachable)?;
    let signal = AbortSignal::from(web_sys::AbortSignal::timeout_with_u32(TIMEOUT_MS));
    Fetch::Request(request).send_with_signal(&signal).await.map_err(unreachable)
}

async fn read(
    operation: Operation,
    response: &mut Response,
    max_bytes: u64,
) -> Result<Vec<u8>, StorageError> {
    body::read_response(response, max_bytes).await.map_err(|error| match error {
        BodyError::TooLarge => StorageError::TooLarge(operation),
        BodyError::Interrupted => StorageError::Unreachable(operation),
    })
}
