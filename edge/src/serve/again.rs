//! The same answer again, to the same question a moment later: before the URL is taken apart, and without asking any cache.
//!
//! Between Rust and JavaScript every string is copied, and an answer has a dozen. Here headers and body stay JavaScript's own objects, which may
//! be used for any number of responses, by any request.

use crate::clock;
use crate::conditional::Preconditions;
use crate::log;
use crate::motion;
use crate::recent::{Moment, Recent};
use crate::reply::{CacheState, Reply};
use crate::trace::Trace;
use jiff::Timestamp;
use js_sys::{JsString, Uint8Array};
use std::cell::RefCell;
use web_sys::{Headers, Request, Response, ResponseInit};

/// What a repeated answer takes: nothing that a whole millisecond would show.
const SERVER_TIMING: &str = "total;dur=0";
/// Headers of a request that the routes are to look at.
const OF_THE_ROUTES: [&str; 5] = ["origin", "range", "if-match", "if-unmodified-since", motion::HINT];
/// Headers of a 200 that a 304 does not have: RFC 9110 section 15.4.5.
const OF_THE_BODY: [&str; 2] = ["content-type", "accept-ranges"];

/// An answer, and what the log says each time that it is given.
struct Answer {
    etag: String,
    last_modified: Option<Timestamp>,
    /// `None`: only that the client has it already was answered so far.
    whole: Option<(ResponseInit, Uint8Array, JsString)>,
    not_modified: (ResponseInit, JsString),
}

thread_local! {
    static RECENT: RefCell<Recent<Answer>> = RefCell::default();
}

/// The answer to a request, if the same was answered a moment ago. Requests of other origins' pages, for parts,
/// with conditions that may fail and with a hint are left to the routes.
pub(crate) fn answer(request: &Request) -> Option<Response> {
    RECENT.with_borrow(|recent| {
        let answer = recent.find(&request.url(), clock::now())?;
        let headers = request.headers();
        let header = |name| headers.get(name).ok().flatten();
        if request.method() != "GET" || OF_THE_ROUTES.into_iter().any(|name| header(name).is_some()) {
            return None;
        }
        let if_none_match = header("if-none-match");
        let has_date = if_none_match.is_none() && answer.last_modified.is_some();
        let if_modified_since = if has_date { header("if-modified-since") } else { None };
        let preconditions = Preconditions { if_none_match, if_modified_since, ..Preconditions::default() };
        if preconditions.hold(&answer.etag, answer.last_modified) {
            let (init, line) = &answer.not_modified;
            let response = Response::new_with_opt_str_and_init(None, init).ok()?;
            web_sys::console::log_1(line);
            return Some(response);
        }
        let (init, body, line) = answer.whole.as_ref()?;
        let response = Response::new_with_opt_buffer_source_and_init(Some(body), init).ok()?;
        web_sys::console::log_1(line);
        Some(response)
    })
}

/// Lets go of all that is held about a person, `<kind>/<sub>`.
pub(crate) fn forget(person: &str) {
    RECENT.with_borrow_mut(|recent| recent.forget(person));
}

/// A question that the routes answer, to be held with its answer.
pub(crate) struct Asked {
    url: String,
    since: Moment,
}

impl Asked {
    /// Before anything is looked up for it. `None`: nobody else asks so.
    pub(crate) fn new(request: &Request, method: &str, origin: Option<&str>) -> Option<Self> {
        (method == "GET" && origin.is_none())
            .then(|| Self { url: request.url(), since: RECENT.with_borrow(Recent::moment) })
    }

    /// Holds the answer, if it is one that may be given again.
    pub(crate) fn keep(self, route: &str, mut reply: Reply, response: &Response, trace: &Trace) {
        let Some(person) = reply.repeatable_about.take() else { return };
        let bytes = reply.body.as_ref().map_or(0, Vec::len);
        if let Some(answer) = Answer::new(route, reply, response, trace) {
            RECENT.with_borrow_mut(|recent| {
                recent.keep(&self.url, &person, (answer, bytes), self.since, clock::now());
            });
        }
    }
}

impl Answer {
    /// `None`: there is nothing in it that could be given again.
    fn new(route: &str, reply: Reply, response: &Response, trace: &Trace) -> Option<Self> {
        let header =
            |name| reply.headers.iter().find(|(held, _)| *held == name).map(|(_, value)| value.clone());
        let etag = header("etag")?;
        let last_modified = match header("last-modified") {
            Some(date) => Some(Timestamp::try_from(httpdate::parse_http_date(&date).ok()?).ok()?),
            None => None,
        };
        let headers = Headers::new_with_headers(&response.headers()).ok()?;
        headers.set("server-timing", SERVER_TIMING).ok()?;

        let repeated = trace.taking_no_time();
        let line = |reply: Reply| JsString::from(log::request(route, "GET", &reply, &repeated));
        let whole = match (reply.status, reply.body) {
            (200, Some(body)) => {
                let init = init(200, &Headers::new_with_headers(&headers).ok()?);
                let bytes = Uint8Array::from(body.as_slice());
                Some((init, bytes, line(Reply::new(200).with_body(body).with_cache(CacheState::Repeated))))
            }
            (304, None) => None,
            _ => return None,
        };
        for name in OF_THE_BODY {
            headers.delete(name).ok()?;
        }
        let not_modified = (init(304, &headers), line(Reply::new(304).with_cache(CacheState::Revalidated)));
        Some(Self { etag, last_modified, whole, not_modified })
    }
}

fn init(status: u16, headers: &Headers) -> ResponseInit {
    let init = ResponseInit::new();
    init.set_status(status);
    init.set_headers(headers);
    init
}
