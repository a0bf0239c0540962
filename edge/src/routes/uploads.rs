//! `POST /<kind>/key_upload`: permission to upload one file.

use crate::body;
use crate::call::Call;
use crate::kind::Kind;
use crate::problem::Problem;
use crate::publish::keys::{self, Extension};
use crate::rate_limit::{self, Limit};
use crate::reply::Reply;
use crate::storage::presign::{self, Stated};
use serde_json::{Map, Value};

const MAX_BODY_BYTES: u64 = 4 * 1024;

pub(crate) async fn key_upload(
    call: &Call,
    kind: Kind,
    request: &mut worker::Request,
) -> Result<Reply, Problem> {
    let subject = call.authenticate().await?;
    rate_limit::admit(call, Limit::Signing, "signing", &subject).await?;
    let body = body::read_request(request, MAX_BODY_BYTES).await?;
    let (extension, stated) = parse(&body, call.config.max_upload_bytes)?;
    let key = keys::upload(kind, &subject, extension);
    call.cache.expect_upload(kind, &subject).await;
    let grant = presign::upload(&call.config, key, &stated, call.now);
    Ok(Reply::json(&grant)?.with_header("cache-control", "no-store"))
}

/// Reads the body. Members that are not known are ignored; `null` is the same as nothing.
pub(crate) fn parse(body: &[u8], max_upload_bytes: u64) -> Result<(Extension, Stated), Problem> {
    let not_an_object =
        || Problem::bad_request("the body has to be a JSON object such as {\"extension\": \"jpg\"}");
    let body: Map<String, Value> = serde_json::from_slice(body).map_err(|_| not_an_object())?;
    let member = |name: &str| body.get(name).filter(|value| !value.is_null());

    let extension = member("extension").and_then(Value::as_str).and_then(Extension::parse);
    let extension = extension.ok_or_else(Problem::bad_extension)?;
    let expected = extension.content_type();
    let content_type = match member("content_type") {
        None => None,
        Some(Value::String(given)) if given == expected => Some(expected),
        Some(_) => return Err(Problem::content_type_mismatch(expected)),
    };
    let content_length = match member("content_length") {
        None => None,
        Some(value) => Some(content_length(value, max_upload_bytes)?),
    };
    let sha256 = match member("sha256") {
        None => None,
        Some(value) => Some(sha256(value)?),
    };
    let only_if_absent = match member("if_none_match") {
        None => false,
        Some(value) if value == "*" => true,
        Some(_) => return Err(Problem::bad_request("`if_none_match` is \"*\" where it is stated")),
    };
    Ok((extension, Stated { content_type, content_length, sha256, only_if_absent }))
}

fn content_length(value: &Value, max_upload_bytes: u64) -> Result<u64, Problem> {
    match value.as_u64() {
        Some(length) if length > max_upload_bytes => Err(Problem::too_large("an upload", max_upload_bytes)),
        Some(length) if length > 0 => Ok(length),
        _ => Err(Problem::bad_request("`content_length` is a whole number of bytes, at least 1")),
    }
}

fn sha256(value: &Value) -> Result<[u8; 32], Problem> {
    let mut digest = [0; 32];
    let digits = value.as_str().unwrap_or_default();
    hex::decode_to_slice(digits, &mut digest)
        .map_err(|_| Problem::bad_request("`sha256` is 64 hexadecimal digits"))?;
    Ok(digest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn parsed(body: &Value) -> Result<(Extension, Stated), (u16, &'static str)> {
        parse(body.to_string().as_bytes(), 1000).map_err(|problem| (problem.status, problem.code))
    }

    #[test]
    fn the_extension_alone_is_enough() {
        let body = json!({"extension": "jpeg", "something": "else", "sha256": null});
        assert_eq!(parsed(&body), Ok((Extension::Jpeg, Stated::default())));
    }

    #[test]
    fn all_that_is_stated_is_taken() {
        let body = json!({
            "extension": "webp", "content_type": "image/webp", "content_length": 1000, "sha256": "Ab".repeat(32),
            "if_none_match": "*",
        });
        let sha256 = Some([0xab; 32]);
        let (content_type, content_length) = (Some("image/webp"), Some(1000));
        let stated = Stated { content_type, content_length, sha256, only_if_absent: true };
        assert_eq!(parsed(&body), Ok((Extension::Webp, stated)));
    }

    #[test]
    fn each_wrong_member_has_its_code() {
        let with = |name: &str, value: Value| {
            let mut body = json!({"extension": "png"});
            body[name] = value;
            parsed(&body).unwrap_err()
        };
        for extension in
            [json!("svg"), json!("PNG"), json!(".png"), json!(""), json!(1), json!(null), json!("png/..")]
        {
            assert_eq!(with("extension", extension), (400, "bad_extension"));
        }
        for content_type in [json!("image/jpeg"), json!("image/png; x=1"), json!("IMAGE/PNG"), json!(1)] {
            assert_eq!(with("content_type", content_type), (400, "content_type_mismatch"));
        }
        for length in [json!(0), json!(-1), json!(1.5), json!("5"), json!(true), json!(1e30)] {
            assert_eq!(with("content_length", length), (400, "bad_request"));
        }
        assert_eq!(with("content_length", json!(1001)), (413, "too_large"));
        for sha256 in [json!(""), json!("ab"), json!("zz".repeat(32)), json!("ab".repeat(33)), json!(1)] {
            assert_eq!(with("sha256", sha256), (400, "bad_request"));
        }
        for condition in [json!(""), json!("\"0123\""), json!(true), json!(["*"])] {
            assert_eq!(with("if_none_match", condition), (400, "bad_request"));
        }
    }

    #[test]
    fn what_is_no_json_object_is_refused() {
        for body in ["", "{", "[]", "\"jpg\"", "null", "extension=jpg", "\u{feff}{}"] {
            let problem = parse(body.as_bytes(), 1000).unwrap_err();
            assert_eq!((problem.status, problem.code), (400, "bad_request"), "{body}");
        }
    }
}
