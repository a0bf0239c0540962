//! One JSON object a line: of a request, of work after the answer that failed, of a panic. docs/operations.md says what each member means.
//!
//! All by the same call of the console: tools put marks around what is written as an error, and it would be JSON no more.
//!
//! Names of routes, never paths; no token, subject, signature or query.

use crate::reply::Reply;
use crate::trace::Trace;
use serde_json::{Map, Value, json};

/// What a request came to.
pub(crate) fn request(route: &str, method: &str, reply: &Reply, trace: &Trace) -> String {
    let has_body = method != "HEAD";
    json!({
        "route": route,
        "method": method,
        "status": reply.status,
        "cache": reply.cache.name(),
        "ms": trace.total(),
        "bytes": reply.body.as_ref().filter(|_| has_body).map_or(0, Vec::len),
        "code": reply.code,
        "reason": trace.reason(reply.reason.as_deref()),
        "subject": trace.subject(),
        "phases": phases(trace),
    })
    .to_string()
}

/// That work failed whose end no answer waited for.
pub(crate) fn background(task: &str, reason: &str, trace: &Trace) -> String {
    json!({
        "background": task,
        "ms": trace.total(),
        "reason": trace.reason(Some(reason)),
        "subject": trace.subject(),
        "phases": phases(trace),
    })
    .to_string()
}

/// Where a defect of ours ended a request. The message of a panic may hold data; its place does not.
pub(crate) fn panic(place: Option<(&str, u32)>) -> String {
    json!({"panic": place.map(|(file, line)| format!("{file}:{line}"))}).to_string()
}

fn phases(trace: &Trace) -> Value {
    let members: Map<_, _> = trace.phases().map(|(name, ms)| (name.to_owned(), ms.into())).collect();
    members.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::Problem;
    use crate::trace::Phase;
    use jiff::Timestamp;

    fn parsed(line: &str) -> Value {
        assert!(!line.contains('\n'));
        serde_json::from_str(line).unwrap()
    }

    #[test]
    fn a_request_has_all_members_whatever_happened() {
        let trace = Trace::new(|| Timestamp::UNIX_EPOCH);
        let reply = Reply::new(200).with_body(vec![1, 2, 3]);
        let line = parsed(&request("health", "GET", &reply, &trace));
        let expected = json!({
            "route": "health", "method": "GET", "status": 200, "cache": "none", "ms": 0, "bytes": 3,
            "code": null, "reason": null, "subject": null, "phases": {},
        });
        assert_eq!(line, expected);

        trace.about("0011223344556677");
        trace.measure_blocking(Phase::Storage, || ());
        let failed = Problem::internal("a defect").into_reply();
        let line = parsed(&request("publish", "HEAD", &failed, &trace));
        let expected = json!({
            "route": "publish", "method": "HEAD", "status": 500, "cache": "none", "ms": 0, "bytes": 0,
            "code": "internal", "reason": "a defect", "subject": "0011223344556677", "phases": {"storage": 0},
        });
        assert_eq!(line, expected);
    }

    #[test]
    fn other_lines_are_objects_too() {
        let trace = Trace::new(|| Timestamp::UNIX_EPOCH);
        let expected =
            json!({"background": "revalidate", "ms": 0, "reason": "r", "subject": null, "phases": {}});
        assert_eq!(parsed(&background("revalidate", "r", &trace)), expected);
        assert_eq!(parsed(&panic(Some(("src/a.rs", 7)))), json!({"panic": "src/a.rs:7"}));
        assert_eq!(parsed(&panic(None)), json!({"panic": null}));
    }
}
