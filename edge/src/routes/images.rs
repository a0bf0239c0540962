//! `GET /<kind>/<sub>[.<format>]` and `GET /<kind>/<sub>/<version>/<size>.<format>`.

use crate::cache::{DEFAULT_PICTURE, IMMUTABLE, SHORT_LIVED};
use crate::call::Call;
use crate::conditional::http_date;
use crate::kind::{Kind, Subject};
use crate::negotiate::Accepted;
use crate::problem::Problem;
use crate::publish::keys;
use crate::range::{self, Part};
use crate::reply::{CacheState, Reply};
use crate::route::CurrentImage;
use crate::serve::current::{self, Current};
use crate::serve::name;
use crate::serve::picture::{self, Standing};
use crate::variant::{ServedFormat, Variant};

/// The picture that counts, in the format that the client accepts where none is given. Published here and now if it was
/// only uploaded so far.
pub(crate) async fn current(call: &Call, wanted: &CurrentImage) -> Result<Reply, Problem> {
    let CurrentImage { kind, subject, .. } = wanted;
    call.about(subject);
    let size = wanted.size.unwrap_or_else(|| call.default_size(*kind));
    for may_use_cache in [true, false] {
        let (pointer, source) = match current::find(call, *kind, subject, may_use_cache).await? {
            Current::Picture(pointer, source) => (pointer, source),
            Current::Nothing { reason } => return instead(call, wanted, reason).await,
        };
        let format = wanted.format.unwrap_or_else(|| negotiated(call, pointer.has_alpha()));
        let variant = Variant { version: pointer.version, size, format };
        let changed = pointer.published_at;
        if call.preconditions.fail(&variant.etag(), Some(changed)) {
            return Err(Problem::precondition_failed());
        }
        // Where the URL alone decides, and while nobody is asked what counts now.
        let about =
            (wanted.format.is_some() && !source.is_stale()).then(|| keys::assets_prefix(*kind, subject));
        if call.preconditions.hold(&variant.etag(), Some(changed)) {
            let reply = not_modified(variant.etag(), SHORT_LIVED);
            let reply = reply.with_header("last-modified", http_date(changed));
            return Ok(Reply { repeatable_about: about, ..reply });
        }
        match picture::load(call, *kind, subject, &variant, Standing::Counts(pointer.master_format)).await? {
            Some((bytes, state)) => {
                let state = if source.is_stale() { CacheState::Stale } else { state };
                let reply = picture(format, variant.etag(), SHORT_LIVED, bytes).with_cache(state);
                let reply = reply.with_header("last-modified", http_date(changed));
                return Ok(Reply { repeatable_about: about, ..reply });
            }
            // Replaced and deleted since the pointer was cached: ask the storage what counts now.
            None if source.is_hearsay() => {}
            None => break,
        }
    }
    instead(call, wanted, None).await
}

/// What is served where there is no picture.
async fn instead(call: &Call, wanted: &CurrentImage, reason: Option<String>) -> Result<Reply, Problem> {
    let CurrentImage { kind, subject, .. } = wanted;
    let size = wanted.size.unwrap_or_else(|| call.default_size(*kind));
    // Flat colours: PNG rather than JPEG, like what has alpha.
    let format = wanted.format.unwrap_or_else(|| negotiated(call, true));
    let Some(mut image) = wanted.fallback.picture(size, format) else {
        return Err(Problem { reason, ..Problem::no_such_picture() });
    };
    if image.shows_name() {
        image = image.of_name(name::display_name(call, subject).await);
    }
    let etag = image.etag();
    if call.preconditions.fail(&etag, None) {
        return Err(Problem { reason, ..Problem::precondition_failed() });
    }
    let mut reply = if call.preconditions.hold(&etag, None) {
        not_modified(etag, DEFAULT_PICTURE)
    } else {
        let (bytes, state) = picture::load_default(call, *kind, subject, &image).await?;
        picture(format, etag, DEFAULT_PICTURE, bytes).with_cache(state)
    };
    reply.reason = reason;
    Ok(reply)
}

fn negotiated(call: &Call, has_alpha: bool) -> ServedFormat {
    Accepted::parse(call.accept.as_deref()).choose(has_alpha)
}

/// One version, for ever.
pub(crate) async fn version(
    call: &Call,
    kind: Kind,
    subject: &Subject,
    variant: &Variant,
) -> Result<Reply, Problem> {
    call.about(subject);
    let etag = variant.etag();
    let repeatable_about = Some(keys::assets_prefix(kind, subject));
    let (fails, holds) = (call.preconditions.fail(&etag, None), call.preconditions.hold(&etag, None));
    if (fails || holds) && picture::exists(call, kind, subject, variant).await? {
        return if fails {
            Err(Problem::precondition_failed())
        } else {
            Ok(Reply { repeatable_about, ..not_modified(etag, IMMUTABLE) })
        };
    }
    match picture::load(call, kind, subject, variant, Standing::Unknown).await? {
        Some((bytes, state)) => {
            let reply = picture(variant.format, etag.clone(), IMMUTABLE, bytes).with_cache(state);
            cut(call, &etag, Reply { repeatable_about, ..reply })
        }
        None => Err(Problem::no_such_picture()),
    }
}

/// The part that the request asks for, RFC 9110 section 15.3.7.
fn cut(call: &Call, etag: &str, reply: Reply) -> Result<Reply, Problem> {
    let reply = reply.with_header("accept-ranges", "bytes");
    let body = reply.body.as_deref().unwrap_or_default();
    let length = body.len();
    match range::part(call.range.as_deref(), call.if_range.as_deref(), etag, length) {
        Part::Whole => Ok(reply),
        Part::Unsatisfiable => Err(Problem::range_not_satisfiable(length)),
        Part::Bytes(bytes) => {
            let content_range = format!("bytes {}-{}/{length}", bytes.start, bytes.end.saturating_sub(1));
            let part = body.get(bytes).map(<[u8]>::to_vec).unwrap_or_default();
            Ok(Reply { status: 206, ..reply.with_header("content-range", content_range).with_body(part) })
        }
    }
}

fn not_modified(etag: String, cache_control: &str) -> Reply {
    Reply::new(304)
        .with_header("etag", etag)
        .with_header("cache-control", cache_control)
        .with_cache(CacheState::Revalidated)
}

fn picture(format: ServedFormat, etag: String, cache_control: &str, bytes: Vec<u8>) -> Reply {
    Reply::new(200)
        .with_header("content-type", format.content_type())
        .with_header("etag", etag)
        .with_header("cache-control", cache_control)
        .with_body(bytes)
}
