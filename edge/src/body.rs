//! Reads bodies of requests and responses, never more than is allowed.

use futures_util::{Stream, StreamExt};
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
    if matches!(response.body(), ResponseBody::Empty) {
        return Ok(Vec::new());
    }
    if has_known_length(response.headers()) {
        // HTTP ends the body there. In one step: chunk by chunk, each few kilobytes cost a turn of the event loop.
        let bytes = response.bytes().await.map_err(|_| BodyError::Interrupted)?;
        return if bytes.len() as u64 > max_bytes {
            Err(BodyError::TooLarge { max_bytes })
        } else {
            Ok(bytes)
        };
    }
    let stream = response.stream().map_err(|_| BodyError::Interrupted)?;
    collect(stream, max_bytes).await
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
