//! What counts for a person: by the cache, by the storage, or by publishing what was only uploaded so far.

use crate::call::Call;
use crate::kind::{Kind, Subject};
use crate::problem::Problem;
use crate::publish::{Pointer, PublishError, read_pointer};
use crate::routes::publish::publish_for;

/// Where a pointer came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PointerSource {
    /// From the cache, a few seconds old at most.
    Cache,
    /// From the storage.
    Storage,
    /// From the cache, of any age, because the storage fails.
    StaleCache,
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
    let cached = call.cache.pointer(kind, subject).await;
    if let Some(cached) = cached.as_ref().filter(|cached| may_use_cache && cached.is_fresh(call.now)) {
        return Ok(Current::Picture(cached.pointer.clone(), PointerSource::Cache));
    }
    match read_pointer(&call.store, kind, subject).await {
        Ok(Some(held)) => {
            call.cache.keep_pointer(kind, subject, &held.pointer, call.now).await;
            Ok(Current::Picture(held.pointer, PointerSource::Storage))
        }
        Ok(None) => match publish_for(call, kind, subject).await {
            Ok((Some(pointer), _)) => Ok(Current::Picture(pointer, PointerSource::Storage)),
            Ok((None, _)) => Ok(Current::Nothing { reason: None }),
            // An upload that cannot be used is as good as none, for those who only look.
            Err(refused) if refused.status < 500 => {
                Ok(Current::Nothing { reason: Some(refused.code.to_owned()) })
            }
            Err(problem) => Err(problem),
        },
        Err(PublishError::Storage(error)) => {
            let stale = cached.map(|cached| Current::Picture(cached.pointer, PointerSource::StaleCache));
            stale.ok_or_else(|| error.into())
        }
        Err(error) => Err(error.into()),
    }
}
