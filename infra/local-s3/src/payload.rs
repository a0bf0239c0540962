//! A request's body, received whole and compared with what the request states about it, before anything is stored.

use bytes::{Bytes, BytesMut};
use http::{StatusCode, Uri};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use s3s::checksum::ChecksumHasher;
use s3s::crypto::{Checksum as _, Crc32, Crc32c, Crc64Nvme, Md5, Sha1, Sha256};
use s3s::dto::{Checksum, ChecksumAlgorithm, StreamingBlob};
use s3s::{Body, S3Error, S3ErrorCode, S3Result, TrailingHeaders};

/// The largest body that is accepted. It is held in memory while it is checked.
pub(crate) const MAX_PAYLOAD_BYTES: usize = 256 * 1024 * 1024;

/// What a request states about its body.
pub(crate) struct Stated {
    /// `Content-Length`, in bytes.
    pub(crate) content_length: Option<i64>,
    /// `Content-MD5`, Base64.
    pub(crate) content_md5: Option<String>,
    /// `x-amz-sdk-checksum-algorithm`.
    pub(crate) algorithm: Option<ChecksumAlgorithm>,
    /// The `x-amz-checksum-*` headers, Base64.
    pub(crate) checksum: Checksum,
    /// Headers after the body, where a signed streaming upload has its checksum.
    pub(crate) trailers: Option<TrailingHeaders>,
    /// Whether the signature is in the URL.
    pub(crate) is_presigned: bool,
}

/// [`Stated`] from the request of an upload; the inputs of the operations have these fields in common, and no trait.
macro_rules! stated {
    ($request:expr) => {{
        let request = &mut $request;
        let input = &mut request.input;
        $crate::payload::Stated {
            content_length: input.content_length,
            content_md5: input.content_md5.clone(),
            algorithm: input.checksum_algorithm.take(),
            checksum: Checksum {
                checksum_crc32: input.checksum_crc32.clone(),
                checksum_crc32c: input.checksum_crc32c.clone(),
                checksum_crc64nvme: input.checksum_crc64nvme.clone(),
                checksum_sha1: input.checksum_sha1.clone(),
                checksum_sha256: input.checksum_sha256.clone(),
                ..Default::default()
            },
            trailers: request.trailing_headers.clone(),
            is_presigned: $crate::payload::is_presigned(&request.uri),
        }
    }};
}
pub(crate) use stated;

/// A body that is what it was stated to be.
pub(crate) struct Received {
    /// The body.
    pub(crate) bytes: Bytes,
    /// Its digests, of the kinds that were stated.
    pub(crate) checksum: Checksum,
}

/// Receives `body` and compares it with what is stated.
///
/// # Errors
/// `BadDigest`, `IncompleteBody`, `EntityTooLarge`, `MissingContentLength` or `InvalidRequest`, as S3 names them.
pub(crate) async fn receive(body: Option<StreamingBlob>, stated: Stated) -> S3Result<Received> {
    let Some(length) = stated.content_length else {
        return Err(S3Error::with_message(S3ErrorCode::MissingContentLength, "Content-Length is missing"));
    };
    let body = body.map_or_else(Body::empty, Body::from);
    let bytes = collect(body).await?;
    if usize::try_from(length) != Ok(bytes.len()) {
        return Err(S3Error::with_message(
            S3ErrorCode::IncompleteBody,
            "The body is not as long as Content-Length",
        ));
    }
    let is_presigned = stated.is_presigned;
    let checksum = compare(&bytes, stated).map_err(|mut error| {
        // S3 answers 400 `BadDigest`, whoever signed. Roundel promises a client that another content than it stated gets a 403, as another type
        // or length does: all three are uploads that its URL does not allow. The code stays S3's, and where the signature is in a
        // header, the client being the owner of the key, so does the status.
        if is_presigned && *error.code() == S3ErrorCode::BadDigest {
            error.set_status_code(StatusCode::FORBIDDEN);
        }
        error
    })?;
    Ok(Received { bytes, checksum })
}

/// Whether the signature of a request to this URI is in its query.
pub(crate) fn is_presigned(uri: &Uri) -> bool {
    let mut members = uri.query().unwrap_or_default().split('&');
    members.any(|member| member.starts_with("X-Amz-Signature="))
}

/// Reads a stream to its end, up to [`MAX_PAYLOAD_BYTES`].
///
/// # Errors
/// `EntityTooLarge` beyond that, and `IncompleteBody` where the stream fails.
pub(crate) async fn collect(body: Body) -> S3Result<Bytes> {
    let mut body = Limited::new(body, MAX_PAYLOAD_BYTES);
    let mut payload = BytesMut::new();
    while let Some(frame) = body.frame().await {
        match frame.map(http_body::Frame::into_data) {
            Ok(Ok(data)) => payload.extend_from_slice(&data),
            Ok(Err(_trailers)) => {}
            Err(error) if error.is::<LengthLimitError>() => {
                return Err(S3Error::with_message(
                    S3ErrorCode::EntityTooLarge,
                    "The body is larger than 256 MiB",
                ));
            }
            // Also where the body does not have the SHA-256 of x-amz-content-sha256, which `s3s` checks as it streams.
            Err(_) => {
                let message = "The body ended early or is not the one that was signed";
                return Err(S3Error::with_message(S3ErrorCode::IncompleteBody, message));
            }
        }
    }
    Ok(payload.freeze())
}

fn compare(payload: &[u8], stated: Stated) -> S3Result<Checksum> {
    let mut expected = stated.checksum;
    if let Some(trailers) = &stated.trailers {
        trailers.read(|headers| add_trailers(&mut expected, headers));
    }
    if stated.algorithm.is_some() && expected == Checksum::default() {
        let message =
            "x-amz-sdk-checksum-algorithm is given without the x-amz-checksum-* header that belongs to it";
        return Err(S3Error::with_message(S3ErrorCode::InvalidRequest, message));
    }
    let mut hasher = ChecksumHasher {
        crc32: expected.checksum_crc32.is_some().then(Crc32::new),
        crc32c: expected.checksum_crc32c.is_some().then(Crc32c::new),
        sha1: expected.checksum_sha1.is_some().then(Sha1::new),
        sha256: expected.checksum_sha256.is_some().then(Sha256::new),
        crc64nvme: expected.checksum_crc64nvme.is_some().then(Crc64Nvme::new),
    };
    hasher.update(payload);
    let actual = hasher.finalize();
    let mut mismatches = vec![
        ("x-amz-checksum-crc32", actual.checksum_crc32 != expected.checksum_crc32),
        ("x-amz-checksum-crc32c", actual.checksum_crc32c != expected.checksum_crc32c),
        ("x-amz-checksum-sha1", actual.checksum_sha1 != expected.checksum_sha1),
        ("x-amz-checksum-sha256", actual.checksum_sha256 != expected.checksum_sha256),
        ("x-amz-checksum-crc64nvme", actual.checksum_crc64nvme != expected.checksum_crc64nvme),
    ];
    if let Some(content_md5) = &stated.content_md5 {
        let mut md5 = Md5::new();
        md5.update(payload);
        let digest = md5.finalize();
        mismatches.push(("Content-MD5", base64_digest(digest.as_ref()) != *content_md5));
    }
    match mismatches.iter().find(|(_, mismatch)| *mismatch) {
        Some((name, _)) => {
            let message = format!("The body does not have the digest that {name} states");
            Err(S3Error::with_message(S3ErrorCode::BadDigest, message))
        }
        None => Ok(actual),
    }
}

fn add_trailers(expected: &mut Checksum, trailers: &http::HeaderMap) {
    let value = |name: &str| trailers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    for (slot, name) in [
        (&mut expected.checksum_crc32, "x-amz-checksum-crc32"),
        (&mut expected.checksum_crc32c, "x-amz-checksum-crc32c"),
        (&mut expected.checksum_sha1, "x-amz-checksum-sha1"),
        (&mut expected.checksum_sha256, "x-amz-checksum-sha256"),
        (&mut expected.checksum_crc64nvme, "x-amz-checksum-crc64nvme"),
    ] {
        if let Some(value) = value(name) {
            *slot = Some(value);
        }
    }
}

fn base64_digest(digest: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(digest)
}
