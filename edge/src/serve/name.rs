//! The name that initials are made of.

use super::once::{self, Entry};
use crate::call::Call;
use crate::kind::Subject;
use crate::profile::ProfileStore;
use futures_util::future::{Either, select};
use std::pin::pin;
use std::time::Duration;
use worker::Delay;

/// How long a picture waits for a name: initials are no reason to be late.
const TIMEOUT: Duration = Duration::from_secs(1);

/// A person's display name: from the cache, or else from the database. Empty where there is none and where it cannot be had; a
/// default picture is served in any case.
pub(crate) async fn display_name(call: &Call, subject: &Subject) -> String {
    let Ok(store) = call.profiles() else { return String::new() };
    if let Some(name) = call.cache.display_name(subject).await {
        return name;
    }
    let _turn = match once::take_or_wait(&format!("name {}", subject.as_str())).await {
        Entry::Mine(turn) => turn,
        // What the other one found is in the cache.
        Entry::Made(_) | Entry::Waited => return call.cache.display_name(subject).await.unwrap_or_default(),
    };
    let read = match select(pin!(store.read(subject)), pin!(Delay::from(TIMEOUT))).await {
        Either::Left((read, _)) => read.ok(),
        Either::Right(_) => None,
    };
    let Some(profile) = read else {
        call.cache.keep_name_unknown(subject).await;
        return String::new();
    };
    let name = profile.map(|profile| profile.display_name).unwrap_or_default();
    call.cache.keep_display_name(subject, &name).await;
    name
}
