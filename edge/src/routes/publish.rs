//! `POST /<kind>/publish`: the caller's newest upload becomes the picture that counts.

use crate::call::Call;
use crate::clock;
use crate::isolate_room::IsolateRoom;
use crate::kind::{Kind, Subject};
use crate::problem::Problem;
use crate::publish::{self, Outcome, Pointer, keys};
use crate::rate_limit::{self, Limit};
use crate::reply::Reply;
use crate::trace::Phase;
use crate::variant::{Motion, ServedFormat, Size, Variant};
use serde::Serialize;
use std::rc::Rc;

#[derive(Serialize)]
pub(crate) struct Published<'a> {
    pub(crate) url: String,
    pub(crate) version: &'a str,
    pub(crate) width: u16,
    pub(crate) height: u16,
    pub(crate) thumbhash: &'a str,
    /// Its WebP variants move. Left out where they do not.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) animated: bool,
    pub(crate) variants: Vec<PublishedVariant>,
}

#[derive(Serialize)]
pub(crate) struct PublishedVariant {
    /// Of what is square.
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<u16>,
    width: u16,
    height: u16,
    format: &'static str,
    url: String,
}

pub(crate) async fn publish(call: &Call, kind: Kind) -> Result<Reply, Problem> {
    let subject = call.authenticate().await?;
    rate_limit::admit(call, Limit::Changes, "publish", &subject).await?;
    let outcome = publish_newest(call, kind, &subject).await?;
    let reason = remark(&outcome);
    let pointer = outcome.pointer().cloned().ok_or_else(Problem::no_upload)?;
    let body = published(&call.origin, kind, &subject, &pointer, call.default_size(kind));
    let mut reply = Reply::json(&body)?.with_header("cache-control", "no-store");
    reply.reason = reason;
    Ok(reply)
}

/// Publishes, and lets the cache know.
pub(crate) async fn publish_for(call: &Call, kind: Kind, subject: &Subject) -> Result<Outcome, Problem> {
    // It does nothing but ask the storage, which is counted apart, and make pictures.
    let rules = call.publish_rules(kind);
    let room = IsolateRoom { trace: Rc::clone(&call.trace) };
    let published = publish::publish(&call.store, &room, kind, subject, &rules, call.now);
    let outcome = call.trace.measure(Phase::Render, published).await?;
    if let Some(pointer) = outcome.pointer() {
        call.cache.expect_version(kind, subject, &pointer.version).await;
        call.cache.keep_pointer(kind, subject, pointer, clock::now()).await;
    }
    Ok(outcome)
}

/// Publishes for one who has just uploaded: the newest upload counts also where it was refused and moved aside meanwhile.
pub(crate) async fn publish_newest(call: &Call, kind: Kind, subject: &Subject) -> Result<Outcome, Problem> {
    let outcome = publish_for(call, kind, subject).await?;
    if !matches!(outcome, Outcome::Published { .. })
        && let Some(refusal) = publish::last_refusal(&call.store, kind, subject, outcome.pointer()).await?
    {
        return Err(refusal.into());
    }
    Ok(outcome)
}

/// What the log says of a publish.
pub(crate) fn remark(outcome: &Outcome) -> Option<String> {
    let left_something = matches!(outcome, Outcome::Published { leftovers: true, .. });
    left_something.then(|| "replaced objects could not all be deleted".to_owned())
}

pub(crate) fn published<'a>(
    origin: &str,
    kind: Kind,
    subject: &Subject,
    pointer: &'a Pointer,
    default_size: Size,
) -> Published<'a> {
    let url = |size, format| {
        let variant = Variant { version: pointer.version.clone(), size, format, is_still: false };
        format!("{origin}/{}", keys::variant(kind, subject, &variant))
    };
    let of_format = |format: ServedFormat| {
        Size::all(kind).map(move |size| PublishedVariant {
            size: (kind.aspect() == 1).then(|| size.width()),
            width: size.width(),
            height: size.height(),
            format: format.extension(),
            url: url(size, format),
        })
    };
    Published {
        // The one format that whatever shows it can show; who can choose takes another from the list.
        url: url(default_size, ServedFormat::Jpg),
        version: pointer.version.as_str(),
        width: default_size.width(),
        height: default_size.height(),
        thumbhash: &pointer.thumbhash,
        animated: pointer.motion == Motion::Moves,
        variants: ServedFormat::ALL.into_iter().flat_map(of_format).collect(),
    }
}
