//! One line of JSON a request. Names of routes, never paths; no token, subject, signature or query.

use crate::reply::Reply;
use serde_json::json;

/// What a request came to.
pub(crate) fn line(route: &str, method: &str, milliseconds: i64, reply: &Reply) -> String {
    json!({
        "route": route,
        "method": method,
        "status": reply.status,
        "cache": reply.cache.name(),
        "ms": milliseconds,
        "bytes": reply.body.as_ref().map_or(0, Vec::len),
        "code": reply.code,
        "reason": reply.reason,
    })
    .to_string()
}
