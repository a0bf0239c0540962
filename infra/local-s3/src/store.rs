//! The S3 operations of this server: `s3s-fs` does the file work, this layer does what it leaves open.
//!
//! - A body is compared with its stated digests before it is stored, not after.
//! - One gate keeps an object's bytes and metadata together: a reader never sees the bytes of one version with the
//!   ETag of another, and a conditional PUT is decided and done in one step.
//! - Conditional reads, ETags in lists, and notifications.
//!
//! What is not implemented here answers 501 `NotImplemented`, which is the trait's default.

use std::sync::Arc;

use s3s::dto::*;
use s3s::{Body, S3, S3Error, S3ErrorCode, S3Request, S3Response, S3Result};
use tokio::sync::RwLock;

use crate::conditions::Conditions;
use crate::copy;
use crate::event::{NewObject, Reason};
use crate::folder::{Folder, internal};
use crate::gateway::RequestContext;
use crate::listing;
use crate::notify::Notifier;
use crate::payload;

/// What S3 says where the uploader said nothing.
const DEFAULT_CONTENT_TYPE: &str = "binary/octet-stream";

/// Objects in a folder, one change at a time.
pub(crate) struct Store {
    folder: Folder,
    /// Shared by readers, exclusive for whoever changes files. Held for local file work only, never while a client
    /// sends or receives.
    gate: Arc<RwLock<()>>,
    notifier: Option<Notifier>,
}

impl Store {
    /// Serves `folder`, and tells `notifier` about new objects.
    pub(crate) fn new(folder: Folder, notifier: Option<Notifier>) -> Self {
        Self { folder, gate: Arc::new(RwLock::new(())), notifier }
    }

    /// The gate of every change of files: whoever holds it for writing keeps them as they are.
    pub(crate) fn gate(&self) -> Arc<RwLock<()>> {
        Arc::clone(&self.gate)
    }

    /// Tells the notifier about the current version of an object. The gate must be held.
    async fn announce(
        &self,
        context: Option<&RequestContext>,
        bucket: &str,
        key: &str,
        reason: Reason,
    ) -> S3Result<()> {
        let (Some(notifier), Some(context)) = (&self.notifier, context) else { return Ok(()) };
        let current = self.folder.describe(bucket, key).await?;
        notifier.object_created(&NewObject {
            bucket: bucket.to_owned(),
            key: key.to_owned(),
            size: current.content_length.and_then(|length| u64::try_from(length).ok()).unwrap_or(0),
            etag: current.e_tag.map(ETag::into_value).unwrap_or_default(),
            reason,
            request_id: context.request_id.clone(),
            source_ip: context.client,
        });
        Ok(())
    }
}

#[async_trait::async_trait]
impl S3 for Store {
    async fn head_bucket(&self, req: S3Request<HeadBucketInput>) -> S3Result<S3Response<HeadBucketOutput>> {
        self.folder.check_bucket(&req.input.bucket)?;
        self.folder.files.head_bucket(req).await
    }

    async fn get_object(&self, mut req: S3Request<GetObjectInput>) -> S3Result<S3Response<GetObjectOutput>> {
        let input = &mut req.input;
        let conditions = Conditions {
            if_match: input.if_match.take(),
            if_none_match: input.if_none_match.take(),
            if_modified_since: input.if_modified_since.take(),
            if_unmodified_since: input.if_unmodified_since.take(),
        };
        let _reading = self.gate.read().await;
        let current = self.folder.check_readable(&input.bucket, &input.key, &conditions).await?;
        let size = current.content_length.and_then(|length| u64::try_from(length).ok()).unwrap_or(0);
        // `s3s-fs` seeks before the start of the file for a suffix that is longer than it.
        if let Some(Range::Suffix { length }) = input.range
            && length > size
            && size > 0
        {
            input.range = Some(Range::Int { first: 0, last: None });
        }
        // The file is open when this returns: a PUT that replaces it does not disturb the answer.
        self.folder.files.get_object(req).await
    }

    async fn head_object(&self, req: S3Request<HeadObjectInput>) -> S3Result<S3Response<HeadObjectOutput>> {
        let HeadObjectInput {
            bucket,
            key,
            if_match,
            if_none_match,
            if_modified_since,
            if_unmodified_since,
            ..
        } = req.input;
        let conditions = Conditions { if_match, if_none_match, if_modified_since, if_unmodified_since };
        let _reading = self.gate.read().await;
        Ok(S3Response::new(self.folder.check_readable(&bucket, &key, &conditions).await?))
    }

    async fn put_object(&self, mut req: S3Request<PutObjectInput>) -> S3Result<S3Response<PutObjectOutput>> {
        let context = req.extensions.get::<RequestContext>().cloned();
        let input = &mut req.input;
        let path = self.folder.locate(&input.bucket, &input.key)?;
        if input.if_none_match.as_ref().is_some_and(|condition| !condition.is_any()) {
            let message = "If-None-Match of a PUT must be *";
            return Err(S3Error::with_message(S3ErrorCode::NotImplemented, message));
        }
        let stated = payload::stated!(req);
        let input = &mut req.input;
        let expected = payload::receive(input.body.take(), stated).await?;
        input.checksum_crc32 = expected.checksum.checksum_crc32;
        input.checksum_crc32c = expected.checksum.checksum_crc32c;
        input.checksum_crc64nvme = expected.checksum.checksum_crc64nvme;
        input.checksum_sha1 = expected.checksum.checksum_sha1;
        input.checksum_sha256 = expected.checksum.checksum_sha256;
        input.body = Some(StreamingBlob::from(Body::from(expected.bytes)));
        input.content_type.get_or_insert_with(|| DEFAULT_CONTENT_TYPE.to_owned());
        let (bucket, key) = (input.bucket.clone(), input.key.clone());

        let _writing = self.gate.write().await;
        self.folder.check_storable(&path).await?;
        let response = self.folder.files.put_object(req).await?;
        self.announce(context.as_ref(), &bucket, &key, Reason::PutObject).await?;
        Ok(response)
    }

    async fn copy_object(&self, req: S3Request<CopyObjectInput>) -> S3Result<S3Response<CopyObjectOutput>> {
        let context = req.extensions.get::<RequestContext>().cloned();
        let input = req.input;
        let CopySource::Bucket { bucket: source_bucket, key: source_key, .. } = &input.copy_source else {
            return Err(S3Error::new(S3ErrorCode::NotImplemented));
        };
        let path = self.folder.locate(&input.bucket, &input.key)?;
        let source_path = self.folder.locate(source_bucket, source_key)?;

        let _writing = self.gate.write().await;
        self.folder.check_exists(&source_path).await?;
        self.folder.check_storable(&path).await?;
        let source = GetObjectInput {
            bucket: source_bucket.to_string(),
            key: source_key.to_string(),
            ..Default::default()
        };
        let source = self.folder.files.get_object(internal(source)).await?.output;
        // Written as a new file: `s3s-fs` would copy into the file that a client may be reading.
        let put = copy::as_put(&input, source).await?;
        let stored = self.folder.files.put_object(internal(put)).await?.output;
        self.announce(context.as_ref(), &input.bucket, &input.key, Reason::CopyObject).await?;
        let current = self.folder.describe(&input.bucket, &input.key).await?;
        let result = CopyObjectResult {
            e_tag: stored.e_tag,
            last_modified: current.last_modified,
            ..Default::default()
        };
        Ok(S3Response::new(CopyObjectOutput { copy_object_result: Some(result), ..Default::default() }))
    }

    async fn delete_object(
        &self,
        req: S3Request<DeleteObjectInput>,
    ) -> S3Result<S3Response<DeleteObjectOutput>> {
        let _writing = self.gate.write().await;
        self.folder.remove(&req.input.bucket, &req.input.key).await?;
        Ok(S3Response::new(DeleteObjectOutput::default()))
    }

    async fn delete_objects(
        &self,
        req: S3Request<DeleteObjectsInput>,
    ) -> S3Result<S3Response<DeleteObjectsOutput>> {
        let DeleteObjectsInput { bucket, delete, .. } = req.input;
        self.folder.check_bucket(&bucket)?;
        let _writing = self.gate.write().await;
        let (mut deleted, mut errors) = (Vec::new(), Vec::new());
        for object in delete.objects {
            let key = Some(object.key.clone());
            match self.folder.remove(&bucket, &object.key).await {
                Ok(()) => deleted.push(DeletedObject { key, ..Default::default() }),
                Err(error) => errors.push(Error {
                    key,
                    code: Some(error.code().as_str().to_owned()),
                    message: error.message().map(str::to_owned),
                    ..Default::default()
                }),
            }
        }
        let deleted = if delete.quiet == Some(true) { None } else { Some(deleted) };
        Ok(S3Response::new(DeleteObjectsOutput { deleted, errors: Some(errors), ..Default::default() }))
    }

    async fn list_objects_v2(
        &self,
        mut req: S3Request<ListObjectsV2Input>,
    ) -> S3Result<S3Response<ListObjectsV2Output>> {
        let bucket = req.input.bucket.clone();
        self.folder.check_bucket(&bucket)?;
        listing::prepare(&mut req.input)?;
        let _reading = self.gate.read().await;
        let mut response = self.folder.files.list_objects_v2(req).await?;
        for object in response.output.contents.iter_mut().flatten() {
            if let Some(key) = &object.key {
                object.e_tag = self.folder.describe(&bucket, key).await?.e_tag;
            }
            object.storage_class = Some(ObjectStorageClass::from_static(ObjectStorageClass::STANDARD));
        }
        listing::encode(&mut response.output);
        Ok(response)
    }

    async fn create_multipart_upload(
        &self,
        mut req: S3Request<CreateMultipartUploadInput>,
    ) -> S3Result<S3Response<CreateMultipartUploadOutput>> {
        self.folder.locate(&req.input.bucket, &req.input.key)?;
        req.input.content_type.get_or_insert_with(|| DEFAULT_CONTENT_TYPE.to_owned());
        let _writing = self.gate.write().await;
        self.folder.files.create_multipart_upload(req).await
    }

    async fn upload_part(
        &self,
        mut req: S3Request<UploadPartInput>,
    ) -> S3Result<S3Response<UploadPartOutput>> {
        let input = &mut req.input;
        self.folder.locate(&input.bucket, &input.key)?;
        let stated = payload::stated!(req);
        let input = &mut req.input;
        let part = payload::receive(input.body.take(), stated).await?;
        input.body = Some(StreamingBlob::from(Body::from(part.bytes)));
        let _writing = self.gate.write().await;
        self.folder.files.upload_part(req).await
    }

    async fn complete_multipart_upload(
        &self,
        req: S3Request<CompleteMultipartUploadInput>,
    ) -> S3Result<S3Response<CompleteMultipartUploadOutput>> {
        let context = req.extensions.get::<RequestContext>().cloned();
        let (bucket, key) = (req.input.bucket.clone(), req.input.key.clone());
        let path = self.folder.locate(&bucket, &key)?;
        let _writing = self.gate.write().await;
        self.folder.check_storable(&path).await?;
        let response = self.folder.files.complete_multipart_upload(req).await?;
        self.announce(context.as_ref(), &bucket, &key, Reason::CompleteMultipartUpload).await?;
        Ok(response)
    }

    async fn abort_multipart_upload(
        &self,
        req: S3Request<AbortMultipartUploadInput>,
    ) -> S3Result<S3Response<AbortMultipartUploadOutput>> {
        self.folder.locate(&req.input.bucket, &req.input.key)?;
        let _writing = self.gate.write().await;
        self.folder.files.abort_multipart_upload(req).await
    }
}
