//! A copy as a PUT of what was read: the metadata of the source, or of the request where that says so.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html>

use s3s::dto::{CopyObjectInput, GetObjectOutput, MetadataDirective, PutObjectInput, StreamingBlob};
use s3s::{Body, S3Error, S3ErrorCode, S3Result};

use crate::conditions::{Conditions, Verdict};
use crate::payload;

/// The PUT that stores `source` where `input` says.
///
/// # Errors
/// `PreconditionFailed` where the request does not want this version of the source, `InvalidRequest` for a copy of an
/// object onto itself that changes nothing, `EntityTooLarge` for a source that is too large to be copied in one step.
pub(crate) async fn as_put(input: &CopyObjectInput, source: GetObjectOutput) -> S3Result<PutObjectInput> {
    check_conditions(input, &source)?;
    let directive = input.metadata_directive.as_ref();
    let replace = directive.is_some_and(|directive| directive.as_str() == MetadataDirective::REPLACE);
    if !replace && is_onto_itself(input) {
        let message = "A copy of an object onto itself has to change its metadata";
        return Err(S3Error::with_message(S3ErrorCode::InvalidRequest, message));
    }
    let bytes = payload::collect(source.body.map_or_else(Body::empty, Body::from)).await?;
    let mut put = PutObjectInput {
        bucket: input.bucket.clone(),
        key: input.key.clone(),
        body: Some(StreamingBlob::from(Body::from(bytes))),
        checksum_sha256: source.checksum_sha256,
        ..Default::default()
    };
    if replace {
        put.cache_control = input.cache_control.clone();
        put.content_disposition = input.content_disposition.clone();
        put.content_encoding = input.content_encoding.clone();
        put.content_language = input.content_language.clone();
        put.content_type = input.content_type.clone();
        put.expires = input.expires.clone();
        put.metadata = input.metadata.clone();
    } else {
        put.cache_control = source.cache_control;
        put.content_disposition = source.content_disposition;
        put.content_encoding = source.content_encoding;
        put.content_language = source.content_language;
        put.content_type = source.content_type;
        put.expires = source.expires;
        put.metadata = source.metadata;
    }
    Ok(put)
}

fn check_conditions(input: &CopyObjectInput, source: &GetObjectOutput) -> S3Result<()> {
    let conditions = Conditions {
        if_match: input.copy_source_if_match.clone(),
        if_none_match: input.copy_source_if_none_match.clone(),
        if_modified_since: input.copy_source_if_modified_since.clone(),
        if_unmodified_since: input.copy_source_if_unmodified_since.clone(),
    };
    match (&source.e_tag, &source.last_modified) {
        (Some(etag), Some(modified)) if conditions.evaluate(etag, modified) != Verdict::Proceed => {
            Err(S3Error::new(S3ErrorCode::PreconditionFailed))
        }
        _ => Ok(()),
    }
}

fn is_onto_itself(input: &CopyObjectInput) -> bool {
    matches!(&input.copy_source, s3s::dto::CopySource::Bucket { bucket, key, .. }
        if **bucket == *input.bucket && **key == *input.key)
}
