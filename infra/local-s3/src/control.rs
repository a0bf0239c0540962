//! The control listener: `PUT`, `GET` and `DELETE /faults`.

use bytes::Bytes;
use http::header::{ALLOW, CONTENT_TYPE};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use serde::Serialize;

use crate::faults::{FaultList, Faults};

const MAX_LIST_BYTES: usize = 1024 * 1024;

#[derive(Serialize)]
struct Problem {
    error: String,
}

/// Answers one request of the control listener.
pub(crate) async fn answer(faults: &Faults, request: Request<Incoming>) -> Response<Full<Bytes>> {
    if request.uri().path() != "/faults" {
        return problem(StatusCode::NOT_FOUND, "only /faults is here".to_owned());
    }
    match *request.method() {
        Method::GET => json(StatusCode::OK, &faults.list()),
        Method::DELETE => {
            faults.clear();
            json(StatusCode::OK, &faults.list())
        }
        Method::PUT => match Limited::new(request.into_body(), MAX_LIST_BYTES).collect().await {
            Ok(body) => match FaultList::parse(&body.to_bytes()) {
                Ok(list) => {
                    faults.replace(list);
                    json(StatusCode::OK, &faults.list())
                }
                Err(error) => problem(StatusCode::BAD_REQUEST, error.to_string()),
            },
            Err(error) => problem(StatusCode::BAD_REQUEST, format!("the body could not be read: {error}")),
        },
        _ => {
            let mut response = problem(StatusCode::METHOD_NOT_ALLOWED, "use PUT, GET or DELETE".to_owned());
            response.headers_mut().insert(ALLOW, HeaderValue::from_static("PUT, GET, DELETE"));
            response
        }
    }
}

fn problem(status: StatusCode, error: String) -> Response<Full<Bytes>> {
    json(status, &Problem { error })
}

fn json(status: StatusCode, value: &impl Serialize) -> Response<Full<Bytes>> {
    // These types have string keys and no custom serializer: writing them cannot fail.
    let body = serde_json::to_vec(value).unwrap_or_default();
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
