//! What counts for a person: by the cache, by the storage, or by publishing what was only uploaded so far.

use super::once::{self, Entry};
use crate::cache::Age;
use crate::call::Call;
use crate::clock;
use crate::kind::{Kind, Subject};
use crate::problem::Problem;
use crate::publish::{Pointer, PublishError, keys, read_pointer};
use crate::routes::publish::publish_for;
use crate::trace::Phase;

/// Where a pointer came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PointerSource {
    /// From the cache, a few seconds old at most.
    Cache,
    /// From the cache, while the storage is asked in the background.
    StaleWhileRevalidating,
    /// From the cache, of any age, because the storage fails.
    StaleIfError,
    /// From the storage.
    Storage,
}

impl PointerSource {
    /// Whether the storage was not asked, so that something newer may be there.
    pub(crate) fn is_hearsay(self) -> bool {
        matches!(self, Self::Cache | Self::StaleWhileRevalidating)
    }

    pub(crate) fn is_stale(self) -> bool {
        matches!(self, Self::StaleWhileRevalidating | Self::StaleIfError)
    }
}

/// What counts.
pub(crate) enum Current {
    Picture(Pointer, PointerSource),
    /// There is no picture. The log may say why.
    Nothing {
        reason: Option<String>,
    },
}

/// Finds out what counts.
///
/// # Errors
///
/// A storage that fails where nothing is cached.
pub(crate) async fn find(
    call: &Call,
    kind: Kind,
    subject: &Subject,
    may_use_cache: bool,
) -> Result<Current, Problem> {
    if may_use_cache && let Some(current) = cached(call, kind, subject).await {
        return Ok(current);
    }
    match read_pointer(&call.store, kind, subject).await {
        Ok(Some(held)) => {
            call.cache.keep_pointer(kind, subject, &held.pointer, clock::now()).await;
            return Ok(Current::Picture(held.pointer, PointerSource::Storage));
        }
        Ok(None) => {}
        Err(PublishError::Storage(error)) => {
            let stale = call.cache.pointer(kind, subject).await;
            let stale = stale.map(|cached| Current::Picture(cached.pointer, PointerSource::StaleIfError));
            return stale.ok_or_else(|| error.into());
        }
        Err(error) => return Err(error.into()),
    }
    let name = format!("publish {}", keys::pointer(kind, subject));
    let _turn = match call.trace.measure(Phase::Wait, once::take_or_wait(&name)).await {
        Entry::Mine(turn) => Some(turn),
        Entry::Made(_) | Entry::Waited => {
            // What the other one found or published is in the cache.
            if let Some(current) = cached(call, kind, subject).await {
                return Ok(current);
            }
            None
        }
    };
    publish_first_upload(call, kind, subject).await
}

async fn publish_first_upload(call: &Call, kind: Kind, subject: &Subject) -> Result<Current, Problem> {
    let reason = match publish_for(call, kind, subject).await {
        Ok(outcome) => match outcome.pointer().cloned() {
            Some(pointer) => return Ok(Current::Picture(pointer, PointerSource::Storage)),
            None => None,
        },
        // An upload that cannot be used is as good as none, for those who only look.
        Err(refused) if refused.status < 500 => Some(refused.code.to_owned()),
        Err(problem) => return Err(problem),
    };
    call.cache.forget_pointer(kind, subject).await;
    call.cache.keep_nothing(kind, subject).await;
    Ok(Current::Nothing { reason })
}

/// What the cache knows and may be believed.
async fn cached(call: &Call, kind: Kind, subject: &Subject) -> Option<Current> {
    let Some(cached) = call.cache.pointer(kind, subject).await else {
        let has_nothing = call.cache.says_nothing(kind, subject).await;
        return has_nothing.then_some(Current::Nothing { reason: None });
    };
    match cached.age(clock::now()) {
        Age::Fresh => Some(Current::Picture(cached.pointer, PointerSource::Cache)),
        Age::Stale => {
            revalidate_later(call, kind, subject);
            Some(Current::Picture(cached.pointer, PointerSource::StaleWhileRevalidating))
        }
        Age::Old => None,
    }
}

/// Asks the storage after the answer, once at a time in this isolate. A storage that fails leaves the cache as it is.
fn revalidate_later(call: &Call, kind: Kind, subject: &Subject) {
    let name = format!("revalidate {}", keys::pointer(kind, subject));
    let Some(turn) = once::try_take(&name) else { return };
    let subject = subject.clone();
    call.in_background("revalidate", async move |store, cache| {
        let _turn = turn;
        match read_pointer(&store, kind, &subject).await {
            Ok(Some(held)) => cache.keep_pointer(kind, &subject, &held.pointer, clock::now()).await,
            Ok(None) => cache.forget_pointer(kind, &subject).await,
            Err(error) => return Err(Problem::from(error).log_reason()),
        }
        Ok(())
    });
}
