//! `POST /hooks/object-created`: the storage tells of a new upload, at least once and in any order.

use super::publish::{publish_newest, remark};
use crate::body;
use crate::call::Call;
use crate::kind::{Kind, Subject};
use crate::problem::Problem;
use crate::publish::{Source, keys};
use crate::reply::Reply;
use serde::Deserialize;
use serde_json::{Value, json};

const MAX_BODY_BYTES: u64 = 64 * 1024;

pub(crate) async fn object_created(call: &Call, request: &mut worker::Request) -> Result<Reply, Problem> {
    let secret = call.authorization.as_deref().and_then(bearer).unwrap_or_default();
    if !call.config.hook_secret.matches(secret) {
        return Err(Problem::wrong_hook_secret());
    }
    let body = body::read_request(request, MAX_BODY_BYTES).await?;
    let Some((kind, subject)) = upload_of(&body, call.config.uploads.name())? else {
        return Ok(Reply::new(204));
    };
    call.about(&subject);
    match publish_newest(call, kind, &subject).await {
        Ok(outcome) => {
            // Without a pointer: deleted before its event arrived.
            let Some(pointer) = outcome.pointer() else { return Ok(Reply::new(204)) };
            // Which upload counts: whoever put one there learns whether it is theirs.
            let Source { key, etag, .. } = &pointer.source;
            let version = pointer.version.as_str();
            let mut reply = Reply::json(&json!({"version": version, "upload": {"key": key, "etag": etag}}))?;
            reply.reason = remark(&outcome);
            Ok(reply.with_header("cache-control", "no-store"))
        }
        // The picture is at fault: sending the event again would not mend it.
        Err(problem) if problem.status < 500 => {
            let mut reply = Reply::json(&json!({"refused": problem.code, "detail": problem.detail}))?;
            reply.code = Some(problem.code);
            Ok(reply.with_header("cache-control", "no-store"))
        }
        Err(problem) => Err(problem),
    }
}

fn bearer(authorization: &str) -> Option<&str> {
    let (scheme, secret) = authorization.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(secret)
}

#[derive(Deserialize)]
struct Event {
    source: String,
    #[serde(rename = "detail-type")]
    detail_type: String,
    detail: Detail,
}

#[derive(Deserialize)]
struct Detail {
    bucket: Named,
    object: Keyed,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

#[derive(Deserialize)]
struct Keyed {
    key: String,
}

/// Whose upload an event tells of. `None`: an event that is none of our business.
pub(crate) fn upload_of(body: &[u8], uploads_bucket: &str) -> Result<Option<(Kind, Subject)>, Problem> {
    let value: Value = serde_json::from_slice(body)
        .map_err(|_| Problem::bad_request("the body has to be an EventBridge event in JSON"))?;
    let Ok(event) = serde_json::from_value::<Event>(value) else { return Ok(None) };
    let ours = event.source == "aws.s3"
        && event.detail_type == "Object Created"
        && event.detail.bucket.name == uploads_bucket;
    let upload = keys::parse_upload(&event.detail.object.key).filter(|_| ours);
    Ok(upload.map(|(kind, subject, _)| (kind, subject)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event() -> Value {
        json!({
            "version": "0", "id": "x", "detail-type": "Object Created", "source": "aws.s3",
            "detail": {"bucket": {"name": "uploads"}, "object": {"key": "avatars/user-1.jpg", "size": 5}},
        })
    }

    fn subject(event: &Value) -> Option<String> {
        let upload = upload_of(event.to_string().as_bytes(), "uploads").unwrap();
        upload.map(|(_, subject)| subject.as_str().to_owned())
    }

    #[test]
    fn an_event_names_its_upload() {
        assert_eq!(subject(&event()).as_deref(), Some("user-1"));
    }

    #[test]
    fn other_events_are_ignored() {
        let with = |pointer: &str, value: Value| {
            let mut changed = event();
            *changed.pointer_mut(pointer).unwrap() = value;
            changed
        };
        for changed in [
            json!({}),
            json!([]),
            with("/source", json!("aws.ec2")),
            with("/detail-type", json!("Object Deleted")),
            with("/detail/bucket/name", json!("assets")),
            with("/detail/object/key", json!("avatars/user-1/x.jpg")),
            with("/detail/object/key", json!("avatars/user-1.exe")),
            with("/detail/object/key", json!("avatars/..%2fx.jpg")),
            with("/detail/object", json!(null)),
        ] {
            assert_eq!(subject(&changed), None, "{changed}");
        }
    }

    #[test]
    fn what_is_no_json_is_refused() {
        assert_eq!(upload_of(b"{", "uploads").unwrap_err().code, "bad_request");
    }

    #[test]
    fn the_secret_is_a_bearer_secret() {
        assert_eq!(bearer("Bearer abc"), Some("abc"));
        assert_eq!(bearer("bearer abc"), Some("abc"));
        assert_eq!((bearer("abc"), bearer("Basic abc")), (None, None));
    }
}
