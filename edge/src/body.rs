//! Reads bodies of requests and responses, never more than is allowed.

use futures_util::{Stream, StreamExt};
use js_sys::Uint8Array;
use web_sys::ReadableStream;
use worker::wasm_bindgen_futures::JsFuture;
use worker::{Headers, Request, Response, ResponseBody};

/// Why a body was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BodyError {
    /// It has more bytes than are read.
    TooLarge { max_bytes: u64 },
    /// It ended in an error.
    Interrupted,
}

/// Reads the body of a request, at most `max_bytes`.
pub(crate) async fn read_request(request: &mut Request, max_bytes: u64) -> Result<Vec<u8>, BodyError> {
    refuse_announced(request.headers(), max_bytes)?;
    // Without a body there is no stream.
    let Ok(stream) = request.stream() else { return Ok(Vec::new()) };
    collect(stream, max_bytes).await
}

/// Reads the body of a response, at most `max_bytes`.
pub(crate) async fn read_response(response: &mut Response, max_bytes: u64) -> Result<Vec<u8>, BodyError> {
    refuse_announced(response.headers(), max_bytes)?;
    let body = match response.body() {
        ResponseBody::Empty => return Ok(Vec::new()),
        ResponseBody::Body(bytes) => Some(bytes.clone()),
        // HTTP ends the body there.
        ResponseBody::Stream(stream) if has_known_length(response.headers()) => Some(read_all(stream).await?),
        ResponseBody::Stream(_) => None,
    };
    if let Some(bytes) = body {
        return if bytes.len() as u64 > max_bytes {
            Err(BodyError::TooLarge { max_bytes })
        } else {
            Ok(bytes)
        };
    }
    let stream = response.stream().map_err(|_| BodyError::Interrupted)?;
    collect(stream, max_bytes).await
}

/// Reads a stream to its end, however long it is, in one step of the runtime: chunk by chunk, as [`Response::bytes`] does, each few
/// kilobytes cost a turn of the event loop.
async fn read_all(stream: &ReadableStream) -> Result<Vec<u8>, BodyError> {
    let interrupted = |_| BodyError::Interrupted;
    let whole = web_sys::Response::new_with_opt_readable_stream(Some(stream)).map_err(interrupted)?;
    let buffer = JsFuture::from(whole.array_buffer().map_err(interrupted)?).await.map_err(interrupted)?;
    Ok(Uint8Array::new(&buffer).to_vec())
}

/// Whether the body has as many bytes as the header says: what is unpacked on the way has more.
fn has_known_length(headers: &Headers) -> bool {
    let header = |name| headers.get(name).ok().flatten();
    header("content-length").is_some() && header("content-encoding").is_none()
}

/// Spares reading what the header says is too long. The header is not trusted further.
fn refuse_announced(headers: &Headers, max_bytes: u64) -> Result<(), BodyError> {
    let announced = headers.get("content-length").ok().flatten().and_then(|text| text.parse::<u64>().ok());
    if announced.is_some_and(|length| length > max_bytes) {
        Err(BodyError::TooLarge { max_bytes })
    } else {
        Ok(())
    }
}

async fn collect<E>(
    mut stream: impl Stream<Item = Result<Vec<u8>, E>> + Unpin,
    max_bytes: u64,
) -> Result<Vec<u8>, BodyError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|_| BodyError::Interrupted)?;
        if (bytes.len() as u64).saturating_add(chunk.len() as u64) > max_bytes {
            return Err(BodyError::TooLarge { max_bytes });
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::stream;

    fn collected(chunks: &[Result<&[u8], ()>], max_bytes: u64) -> Result<Vec<u8>, BodyError> {
        let chunks: Vec<_> = chunks.iter().map(|chunk| chunk.map(<[u8]>::to_vec)).collect();
        pollster::block_on(collect(stream::iter(chunks), max_bytes))
    }

    #[test]
    fn exactly_the_limit_is_read_and_a_byte_more_is_not() {
        assert_eq!(collected(&[Ok(b"abc"), Ok(b"de")], 5), Ok(b"abcde".to_vec()));
        assert_eq!(collected(&[Ok(b"abc"), Ok(b"def")], 5), Err(BodyError::TooLarge { max_bytes: 5 }));
        assert_eq!(collected(&[], 0), Ok(Vec::new()));
        assert_eq!(collected(&[Ok(b"abc"), Err(())], 5), Err(BodyError::Interrupted));
    }
}
