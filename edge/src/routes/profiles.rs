//! `GET /profiles/<sub>` and `PUT /profile`: what a person says of themselves, with the pictures that count.

use super::publish::{PublishedVariant, published};
use crate::body;
use crate::call::Call;
use crate::clock;
use crate::kind::{Kind, Subject};
use crate::problem::Problem;
use crate::profile::{self, Fields, Guard, MAX_BODY_BYTES, Profile, ProfileStore, Revision, etag};
use crate::publish::Pointer;
use crate::rate_limit::{self, Limit};
use crate::reply::{CacheState, Reply};
use crate::serve::current::{self, Current};
use futures_util::future::join3;
use jiff::Timestamp;
use serde::Serialize;

/// To be asked for anew each time, which a tag makes cheap; and not to be packed on the way, which would weaken the tag that a PUT needs.
const CACHE_CONTROL: &str = "no-cache, no-transform";

#[derive(Serialize)]
struct Answer<'a> {
    sub: &'a str,
    /// `null`: nothing was written yet.
    display_name: Option<&'a str>,
    bio: &'a str,
    avatar: Option<Picture<'a>>,
    banner: Option<Picture<'a>>,
    /// When name and bio were written.
    updated_at: Option<Timestamp>,
}

#[derive(Serialize)]
struct Picture<'a> {
    /// The plain URL, which follows the picture.
    url: String,
    version: &'a str,
    /// This version in the default size, as publish answers it.
    versioned_url: String,
    width: u16,
    height: u16,
    thumbhash: &'a str,
    /// Its WebP variants move. Left out where they do not.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    animated: bool,
    variants: Vec<PublishedVariant>,
}

/// The pictures that count for a person.
struct Pictures {
    avatar: Option<Pointer>,
    banner: Option<Pointer>,
}

/// What is known of a person, as it is answered.
struct Shown {
    json: Vec<u8>,
    etag: String,
}

pub(crate) async fn show(call: &Call, subject: &Subject) -> Result<Reply, Problem> {
    call.about(subject);
    let store = call.profiles()?;
    let (profile, avatar, banner) = join3(
        store.read(subject),
        picture(call, Kind::Avatar, subject),
        picture(call, Kind::Banner, subject),
    )
    .await;
    let (profile, pictures) = (profile?, Pictures { avatar: avatar?, banner: banner? });
    if profile.is_none() && pictures.avatar.is_none() && pictures.banner.is_none() {
        return Err(Problem::no_profile());
    }
    let shown = shown(call, subject, profile.as_ref(), &pictures)?;
    if call.preconditions.fail(&shown.etag, None) {
        return Err(Problem::precondition_failed());
    }
    if call.preconditions.hold(&shown.etag, None) {
        let reply =
            Reply::new(304).with_header("etag", shown.etag).with_header("cache-control", CACHE_CONTROL);
        return Ok(reply.with_cache(CacheState::Revalidated));
    }
    Ok(answer(200, shown))
}

/// Replaces the caller's profile whole. The pictures are looked up before anything is written: a storage that fails leaves all as it was.
pub(crate) async fn put(call: &Call, request: &mut worker::Request) -> Result<Reply, Problem> {
    let store = call.profiles()?;
    let subject = call.authenticate().await?;
    rate_limit::admit(call, Limit::Changes, "profile", &subject).await?;
    let body = body::read_request(request, MAX_BODY_BYTES).await?;
    let fields = Fields::parse(&body)?;
    let given = &call.preconditions;
    let guard = Guard::read(given.if_match.as_deref(), given.if_none_match.as_deref())?;

    let seen = async {
        let is_needed = !guard.is_open();
        let held = if is_needed { store.read(&subject).await? } else { None };
        Ok::<_, Problem>(held.map_or(Revision::NONE, |profile| profile.revision))
    };
    let (seen, avatar, banner) =
        join3(seen, picture(call, Kind::Avatar, &subject), picture(call, Kind::Banner, &subject)).await;
    let (seen, pictures) = (seen?, Pictures { avatar: avatar?, banner: banner? });
    let profile = profile::save(&store, &subject, &fields, &guard, seen, clock::now()).await?;
    // Before the answer: whoever is told of the new name is to see it in the initials.
    call.cache.keep_display_name(&subject, &profile.display_name).await;

    let url = format!("{}/profiles/{}", call.origin, subject.as_str());
    let shown = shown(call, &subject, Some(&profile), &pictures)?;
    if profile.revision == Revision::FIRST {
        return Ok(answer(201, shown)
            .with_header("location", url.clone())
            .with_header("content-location", url));
    }
    Ok(answer(200, shown).with_header("content-location", url))
}

/// The picture that counts, as its own route would find it.
async fn picture(call: &Call, kind: Kind, subject: &Subject) -> Result<Option<Pointer>, Problem> {
    Ok(match current::find(call, kind, subject, true).await? {
        Current::Picture(pointer, _) => Some(pointer),
        Current::Nothing { .. } => None,
    })
}

fn shown(
    call: &Call,
    subject: &Subject,
    profile: Option<&Profile>,
    pictures: &Pictures,
) -> Result<Shown, Problem> {
    let answer = Answer {
        sub: subject.as_str(),
        display_name: profile.map(|profile| profile.display_name.as_str()),
        bio: profile.map_or("", |profile| profile.bio.as_str()),
        avatar: shown_picture(call, Kind::Avatar, subject, pictures.avatar.as_ref()),
        banner: shown_picture(call, Kind::Banner, subject, pictures.banner.as_ref()),
        updated_at: profile.map(|profile| profile.updated_at),
    };
    let json = serde_json::to_vec(&answer)?;
    let revision = profile.map_or(Revision::NONE, |profile| profile.revision);
    Ok(Shown { etag: etag(revision, &json), json })
}

fn shown_picture<'a>(
    call: &Call,
    kind: Kind,
    subject: &Subject,
    pointer: Option<&'a Pointer>,
) -> Option<Picture<'a>> {
    let all = published(&call.origin, kind, subject, pointer?, call.default_size(kind));
    Some(Picture {
        url: format!("{}/{}/{}", call.origin, kind.folder(), subject.as_str()),
        version: all.version,
        versioned_url: all.url,
        width: all.width,
        height: all.height,
        thumbhash: all.thumbhash,
        animated: all.animated,
        variants: all.variants,
    })
}

fn answer(status: u16, shown: Shown) -> Reply {
    Reply::new(status)
        .with_header("content-type", "application/json")
        .with_header("etag", shown.etag)
        .with_header("cache-control", CACHE_CONTROL)
        .with_body(shown.json)
}
