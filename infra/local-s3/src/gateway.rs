//! One request, from its arrival to its log line: preflight, injected faults, refusals, then the S3 service.

use std::net::IpAddr;
use std::sync::Arc;

use http::header::{CONTENT_LENGTH, CONTENT_TYPE, EXPECT, VARY};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use percent_encoding::percent_decode_str;
use s3s::service::S3Service;
use s3s::{Body, HttpResponse, S3Error, S3ErrorCode};
use uuid::Uuid;

use crate::broken_body;
use crate::cors::Cors;
use crate::faults::{Faults, Injected};
use crate::log;
use crate::policy;
use crate::request_body;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-amz-request-id");
const VARY_ON_PREFLIGHT: &str = "Origin, Access-Control-Request-Method, Access-Control-Request-Headers";

/// What the store needs to know about a request, handed over in its extensions.
#[derive(Debug, Clone)]
pub(crate) struct RequestContext {
    /// `x-amz-request-id` of the answer.
    pub(crate) request_id: String,
    /// Address of the client.
    pub(crate) client: IpAddr,
}

/// Everything in front of the S3 service.
pub(crate) struct Gateway {
    service: S3Service,
    cors: Cors,
    faults: Arc<Faults>,
}

impl Gateway {
    /// Puts CORS, injected faults and refusals in front of `service`.
    pub(crate) fn new(service: S3Service, cors: Cors, faults: Arc<Faults>) -> Self {
        Self { service, cors, faults }
    }

    /// Answers one request and writes its log line: the method, the path without the query, the status.
    pub(crate) async fn answer(&self, request: Request<Incoming>, client: IpAddr) -> HttpResponse {
        let (parts, body) = request.into_parts();
        let method = parts.method.clone();
        let path = parts.uri.path().to_owned();
        let response = if method == Method::OPTIONS {
            request_body::drain(body).await;
            self.preflight(&parts.headers)
        } else {
            self.serve(parts, body, client).await
        };
        log::line(&format!("{method} {} {}", printable(&path), response.status().as_u16()));
        response
    }

    fn preflight(&self, request: &HeaderMap) -> HttpResponse {
        let mut response = Response::new(Body::empty());
        match self.cors.preflight(request) {
            Some(headers) => {
                *response.status_mut() = StatusCode::NO_CONTENT;
                *response.headers_mut() = headers;
            }
            None => *response.status_mut() = StatusCode::FORBIDDEN,
        }
        response.headers_mut().insert(VARY, HeaderValue::from_static(VARY_ON_PREFLIGHT));
        response
    }

    async fn serve(&self, parts: Parts, body: Incoming, client: IpAddr) -> HttpResponse {
        let method = parts.method.clone();
        let request_headers = parts.headers.clone();
        let context = RequestContext { request_id: Uuid::new_v4().simple().to_string(), client };
        let request_id = context.request_id.clone();
        let (body, lent) = request_body::lend(body);

        let injected = self.injected(&parts).await;
        let refused = injected.and_then(|injected| injected.error());
        let mut response = match refused.or_else(|| policy::check(&parts).err().map(S3Error::from)) {
            Some(error) => {
                drop(body);
                error_response(error)
            }
            None => self.hand_over(parts, body, context).await,
        };
        // A client that waits to be told to send its body has not sent it.
        if !request_headers.contains_key(EXPECT) {
            lent.drain().await;
        }
        if response.status() == StatusCode::NOT_MODIFIED {
            *response.body_mut() = Body::empty();
            response.headers_mut().remove(CONTENT_LENGTH);
            response.headers_mut().remove(CONTENT_TYPE);
        }
        if let Some(fault) = injected.and_then(|injected| injected.body) {
            broken_body::apply(fault, &mut response).await;
        }
        self.cors.decorate(&method, &request_headers, response.headers_mut());
        if let Ok(request_id) = HeaderValue::from_str(&request_id) {
            response.headers_mut().insert(REQUEST_ID, request_id);
        }
        response
    }

    /// The fault that is injected into this request, after its delay.
    async fn injected(&self, parts: &Parts) -> Option<Injected> {
        let path = percent_decode_str(parts.uri.path().trim_start_matches('/')).decode_utf8_lossy();
        let injected = self.faults.take(&parts.method, &path)?;
        tokio::time::sleep(injected.delay).await;
        Some(injected)
    }

    async fn hand_over(
        &self,
        parts: Parts,
        body: request_body::ReturningBody,
        context: RequestContext,
    ) -> HttpResponse {
        let mut request = Request::from_parts(parts, Body::http_body(body));
        request.extensions_mut().insert(context);
        match self.service.call(request).await {
            Ok(response) => response,
            Err(_) => internal_error(),
        }
    }
}

/// `text` on one line of a log, whatever it contains.
pub(crate) fn printable(text: &str) -> String {
    text.chars().map(|character| if character.is_control() { '?' } else { character }).collect()
}

/// The answer where there is no other.
pub(crate) fn internal_error() -> HttpResponse {
    error_response(S3Error::new(S3ErrorCode::InternalError))
}

fn error_response(error: S3Error) -> HttpResponse {
    let status = error.status_code().unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    error.to_http_response().unwrap_or_else(|_| {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = status;
        response
    })
}
