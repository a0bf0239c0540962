//! What `s3s-fs` leaves out of a list of objects: bounds on the request, and the URL encoding of keys.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use s3s::dto::{EncodingType, ListObjectsV2Input, ListObjectsV2Output};
use s3s::{S3Error, S3ErrorCode, S3Result};

const MAX_KEYS: i32 = 1000;

/// Unreserved characters (RFC 3986 section 2.3) and the slash stay as they are.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// Brings a request within what `s3s-fs` can serve.
///
/// # Errors
/// `InvalidArgument` for a negative number of keys, `NotImplemented` for a delimiter that is not one ASCII character.
pub(crate) fn prepare(input: &mut ListObjectsV2Input) -> S3Result<()> {
    let max_keys = input.max_keys.unwrap_or(MAX_KEYS);
    if max_keys < 0 {
        return Err(S3Error::with_message(S3ErrorCode::InvalidArgument, "max-keys must not be negative"));
    }
    input.max_keys = Some(max_keys.min(MAX_KEYS));
    match input.delimiter.as_deref() {
        Some("") => input.delimiter = None,
        Some(delimiter) if delimiter.len() != 1 => {
            let message = "Only a delimiter of one ASCII character is supported here";
            return Err(S3Error::with_message(S3ErrorCode::NotImplemented, message));
        }
        _ => {}
    }
    Ok(())
}

/// Encodes what `encoding-type=url` asks for.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html>
pub(crate) fn encode(output: &mut ListObjectsV2Output) {
    if output.encoding_type.as_ref().is_none_or(|encoding| encoding.as_str() != EncodingType::URL) {
        return;
    }
    let contents = output.contents.iter_mut().flatten().map(|object| &mut object.key);
    let prefixes = output.common_prefixes.iter_mut().flatten().map(|common| &mut common.prefix);
    let own = [&mut output.prefix, &mut output.delimiter, &mut output.start_after];
    for text in contents.chain(prefixes).chain(own).flatten() {
        *text = utf8_percent_encode(text, ENCODED).to_string();
    }
}
