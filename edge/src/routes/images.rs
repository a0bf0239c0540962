//! `GET /<kind>/<sub>[.<format>]` and `GET /<kind>/<sub>/<version>/<size>.<format>`.

use crate::cache::{DEFAULT_PICTURE, IMMUTABLE, SHORT_LIVED};
use crate::call::Call;
use crate::conditional::http_date;
use crate::kind::{Kind, Subject};
use crate::motion::HINT_NAME;
use crate::negotiate::Accepted;
use crate::problem::Problem;
use crate::publish::keys;
use crate::range::{self, Part};
use crate::reply::{CacheState, Reply};
use crate::route::CurrentImage;
use crate::serve::current::{self, Current};
use crate::serve::name;
use crate::serve::picture::{self, Masters, Standing};
use crate::variant::{Motion, ServedFormat, Variant};

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
        let masters = Masters::of(&pointer);
        let variant = Variant { version: pointer.version, size, format, is_still: false };
        let Chosen { variant, motion, by_hint } = chosen(call, variant, wanted.is_still, masters.motion);
        let etag = variant.etag(motion);
        let changed = pointer.published_at;
        if call.preconditions.fail(&etag, Some(changed)) {
            return Err(Problem::precondition_failed());
        }
        // Where the URL alone decides, and while nobody is asked what counts now.
        let by_url = wanted.format.is_some() && !(by_hint && call.prefers_reduced_motion);
        let about = (by_url && !source.is_stale()).then(|| keys::assets_prefix(*kind, subject));
        if call.preconditions.hold(&etag, Some(changed)) {
            let reply = by_hint_or_not(not_modified(etag, SHORT_LIVED), by_hint);
            let reply = reply.with_header("last-modified", http_date(changed));
            return Ok(Reply { repeatable_about: about, ..reply });
        }
        match picture::load(call, *kind, subject, &variant, Standing::Counts(masters)).await? {
            Some((bytes, state)) => {
                let state = if source.is_stale() { CacheState::Stale } else { state };
                let reply = picture(format, etag, SHORT_LIVED, bytes).with_cache(state);
                let reply = by_hint_or_not(reply, by_hint).with_header("last-modified", http_date(changed));
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

/// What is served of a version, whether that moves, and whether the hint had a say in it.
struct Chosen {
    variant: Variant,
    motion: Motion,
    by_hint: bool,
}

/// Of a version that moves, in a format that can, what the client wants: the URL's word counts before the hint's.
fn chosen(call: &Call, variant: Variant, is_still_by_url: bool, motion: Motion) -> Chosen {
    if motion == Motion::Rests || !variant.format.can_move() {
        return Chosen { variant, motion: Motion::Rests, by_hint: false };
    }
    if is_still_by_url || call.prefers_reduced_motion {
        return Chosen { variant: variant.still(), motion: Motion::Rests, by_hint: !is_still_by_url };
    }
    Chosen { variant, motion: Motion::Moves, by_hint: true }
}

/// One version, for ever.
pub(crate) async fn version(
    call: &Call,
    kind: Kind,
    subject: &Subject,
    wanted: &Variant,
) -> Result<Reply, Problem> {
    call.about(subject);
    let variant = Variant { is_still: false, ..wanted.clone() };
    let about = || Some(keys::assets_prefix(kind, subject));
    let decides = |motion| {
        let etag = variant.etag(motion);
        call.preconditions.fail(&etag, None) || call.preconditions.hold(&etag, None)
    };
    let is_conditional = [Motion::Rests, Motion::Moves].into_iter().any(decides);
    let wants_still = variant.format.can_move() && (wanted.is_still || call.prefers_reduced_motion);
    // Else the picture itself tells.
    let known = if is_conditional || wants_still {
        picture::motion(call, kind, subject, &variant).await?
    } else {
        None
    };
    let chosen = match known {
        Some(motion) => chosen(call, variant, wanted.is_still, motion),
        None if wants_still => chosen(call, variant, wanted.is_still, Motion::Moves),
        None => Chosen { variant, motion: Motion::Rests, by_hint: false },
    };
    let Chosen { variant, motion, mut by_hint } = chosen;
    if is_conditional && known.is_some() {
        let etag = variant.etag(motion);
        if call.preconditions.fail(&etag, None) {
            return Err(Problem::precondition_failed());
        }
        if call.preconditions.hold(&etag, None) {
            let repeatable_about = about().filter(|_| !(by_hint && call.prefers_reduced_motion));
            let reply = by_hint_or_not(not_modified(etag, IMMUTABLE), by_hint);
            return Ok(Reply { repeatable_about, ..reply });
        }
    }
    match picture::load(call, kind, subject, &variant, Standing::Unknown).await? {
        Some((bytes, state)) => {
            let motion = picture::motion_of_file(&bytes);
            by_hint |= motion == Motion::Moves;
            let etag = variant.etag(motion);
            let repeatable_about = about().filter(|_| !(by_hint && call.prefers_reduced_motion));
            let reply = picture(variant.format, etag.clone(), IMMUTABLE, bytes).with_cache(state);
            cut(call, &etag, Reply { repeatable_about, ..by_hint_or_not(reply, by_hint) })
        }
        None => Err(Problem::no_such_picture()),
    }
}

/// Where the hint had a say, caches are told so, and browsers that somebody wants to see it: those that open the picture by its own address. For the
/// pictures of a page, the page has to say so.
fn by_hint_or_not(reply: Reply, by_hint: bool) -> Reply {
    if !by_hint {
        return reply;
    }
    reply.varying_with(HINT_NAME).with_header("accept-ch", HINT_NAME).with_header("critical-ch", HINT_NAME)
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
