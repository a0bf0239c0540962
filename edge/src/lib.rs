//! The edge worker of Roundel: it decides who may upload, publishes what was uploaded, and serves pictures.
//!
//! A request goes one way: configuration -> route -> reply. Only this file, [`routes`], [`serve`], [`body`], [`cache`], [`call`],
//! [`clock`], [`isolate_room`], `rate_limit`, `auth` with its rims `fetch` and `shared`, `profile::d1` and `storage::fetch` know the runtime; all rules are plain Rust that
//! is handed the time, a storage and a database, and is tested natively.

#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;

mod auth;
mod body;
mod cache;
mod call;
mod clock;
mod conditional;
mod config;
mod cors;
mod default_picture;
mod flights;
mod isolate_room;
mod kind;
mod log;
mod motion;
mod negotiate;
mod problem;
mod profile;
mod pseudonym;
mod publish;
mod range;
mod rate_limit;
mod recent;
mod reply;
mod route;
mod routes;
mod secret;
mod serve;
mod storage;
mod trace;
mod variant;

use cache::EdgeCache;
use call::Call;
use conditional::Preconditions;
use config::{Config, ConfigError};
use problem::Problem;
use reply::Reply;
use route::Route;
use serve::again::{self, Asked};
use std::cell::OnceCell;
use std::rc::Rc;
use trace::Trace;
use worker::{Context, Env, Headers, Request, Response, console_log, event};

/// Longest URL that is looked at, in bytes. The longest of ours has about 200.
const MAX_URL_BYTES: usize = 2048;
/// Longest header that is looked at, in bytes, but for `Authorization`, which has its own limit and answer.
const MAX_HEADER_BYTES: usize = 8 * 1024;

thread_local! {
    /// The environment of an isolate does not change while it lives.
    static CONFIG: OnceCell<Result<Rc<Config>, ConfigError>> = const { OnceCell::new() };
}

#[event(start)]
fn start() {
    std::panic::set_hook(Box::new(|panic| {
        console_log!("{}", log::panic(panic.location().map(|place| (place.file(), place.line()))));
    }));
}

#[event(fetch)]
async fn fetch(request: web_sys::Request, env: Env, context: Context) -> worker::Result<web_sys::Response> {
    if let Some(response) = again::answer(&request) {
        return Ok(response);
    }
    let mut request = Request::from(request);
    let trace = Rc::new(Trace::new(clock::now));
    let method = request.inner().method();
    let origin = request.headers().get("origin").ok().flatten();
    let asked = Asked::new(request.inner(), &method, origin.as_deref());
    let config = CONFIG.with(|config| config.get_or_init(|| read_config(&env)).clone());

    let (route, reply) = match config {
        Ok(config) => {
            let parts = Parts { config: &config, env, context, trace: &trace };
            let (route, reply) = answer(&mut request, &method, origin.as_deref(), parts).await;
            let reply = config.allowed_origins.decorate(reply, origin.as_deref());
            (route, reply)
        }
        Err(error) => ("none", Problem::from(error).into_reply()),
    };
    trace.end();
    console_log!("{}", log::request(route, &method, &reply, &trace));
    // Copied before its body is given away.
    let repeatable = asked.filter(|_| reply.repeatable_about.is_some()).map(|asked| (asked, reply.clone()));
    // Whoever is not let in is told nothing of how far the check came.
    let reply = match reply.status {
        401 => reply,
        _ => reply.with_header("server-timing", trace.server_timing()),
    };
    let response: web_sys::Response = respond(reply, method == "HEAD")?.into();
    if let Some((asked, reply)) = repeatable {
        asked.keep(route, reply, &response, &trace);
    }
    Ok(response)
}

fn read_config(env: &Env) -> Result<Rc<Config>, ConfigError> {
    Config::read(|name| env.var(name).ok().map(|value| value.to_string())).map(Rc::new)
}

/// What every request is handed.
struct Parts<'a> {
    config: &'a Rc<Config>,
    env: Env,
    context: Context,
    trace: &'a Rc<Trace>,
}

/// The name of the route, and the reply with the headers that depend on it.
async fn answer(
    request: &mut Request,
    method: &str,
    origin: Option<&str>,
    parts: Parts<'_>,
) -> (&'static str, Reply) {
    let Parts { config, env, context, trace } = parts;
    let url = match request.url() {
        Ok(url) if url.as_str().len() <= MAX_URL_BYTES => url,
        Ok(_) => return ("none", Problem::url_too_long(MAX_URL_BYTES).into_reply()),
        Err(_) => return ("none", Problem::bad_request("the URL cannot be read").into_reply()),
    };
    let route = match route::route(method, url.path(), url.query().unwrap_or_default()) {
        Ok(route) => route,
        Err(problem) => return ("none", problem.into_reply()),
    };
    if route == Route::Preflight {
        return (route.name(), config.allowed_origins.preflight(origin));
    }
    let header = |name| request.headers().get(name).ok().flatten();
    let origin = url.origin().ascii_serialization();
    let call = Call {
        config: Rc::clone(config),
        store: call::store(config, trace),
        cache: EdgeCache::new(origin.clone(), Rc::clone(trace)),
        context,
        env,
        trace: Rc::clone(trace),
        origin,
        now: trace.began(),
        authorization: header("authorization"),
        preconditions: Preconditions {
            if_match: header("if-match"),
            if_unmodified_since: header("if-unmodified-since"),
            if_none_match: header("if-none-match"),
            if_modified_since: header("if-modified-since"),
        },
        // RFC 9110 section 14.2: it means nothing for other methods.
        range: header("range").filter(|_| method == "GET"),
        if_range: header("if-range"),
        accept: header("accept"),
        prefers_reduced_motion: motion::is_reduced(header(motion::HINT).as_deref()),
    };
    if call.longest_header() > MAX_HEADER_BYTES {
        return (route.name(), Problem::header_too_long(MAX_HEADER_BYTES).into_reply());
    }
    let reply = dispatch(&route, &call, request).await.unwrap_or_else(Problem::into_reply);
    let reply = if route.serves_image() {
        reply.with_header("cross-origin-resource-policy", "cross-origin")
    } else {
        reply
    };
    // On every answer of the route, its failures too: another `Accept` may find another answer.
    let reply = if route.negotiates() { reply.varying_with("Accept") } else { reply };
    (route.name(), reply)
}

async fn dispatch(route: &Route, call: &Call, request: &mut Request) -> Result<Reply, Problem> {
    match route {
        Route::Preflight => Ok(Reply::new(204)),
        Route::KeyUpload(kind) => routes::uploads::key_upload(call, *kind, request).await,
        Route::Publish(kind) => routes::publish::publish(call, *kind).await,
        Route::Remove(kind) => routes::remove::remove(call, *kind).await,
        Route::ObjectCreated => routes::hooks::object_created(call, request).await,
        Route::CurrentImage(wanted) => routes::images::current(call, wanted).await,
        Route::VersionImage { kind, subject, variant } => {
            routes::images::version(call, *kind, subject, variant).await
        }
        Route::Profile(subject) => routes::profiles::show(call, subject).await,
        Route::PutProfile => routes::profiles::put(call, request).await,
        Route::PageConfig => routes::health::page_config(&call.config),
        Route::Health => routes::health::health(),
    }
}

/// The headers of every response, and the step into the runtime.
fn respond(reply: Reply, is_head: bool) -> worker::Result<Response> {
    let headers = Headers::new();
    headers.set("x-content-type-options", "nosniff")?;
    headers.set("content-security-policy", "default-src 'none'; frame-ancestors 'none'")?;
    headers.set("referrer-policy", "no-referrer")?;
    for (name, value) in &reply.headers {
        headers.set(name, value)?;
    }
    let response = match reply.body {
        // RFC 9110 section 9.3.2: the headers of a GET, its length among them, and no body.
        Some(bytes) if is_head => {
            headers.set("content-length", &bytes.len().to_string())?;
            Response::empty()?
        }
        Some(bytes) => Response::from_bytes(bytes)?,
        None => Response::empty()?,
    };
    Ok(response.with_status(reply.status).with_headers(headers))
}
