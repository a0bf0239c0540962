//! `DELETE /<kind>`: the caller's picture goes, and everything that it was made of.

use crate::call::Call;
use crate::clock;
use crate::kind::Kind;
use crate::problem::Problem;
use crate::publish::{self, keys};
use crate::rate_limit::{self, Limit};
use crate::reply::Reply;
use crate::serve::once;
use crate::variant::{ServedFormat, Size, Variant, Version};
use futures_util::future::join_all;

pub(crate) async fn remove(call: &Call, kind: Kind) -> Result<Reply, Problem> {
    let subject = call.authenticate().await?;
    rate_limit::admit(call, Limit::Changes, "remove", &subject).await?;
    let removed = publish::remove(&call.store, kind, &subject).await;
    // Where it failed half-way, nobody knows what counts: the storage is to be asked.
    call.cache.forget_removed(kind, &subject, clock::now()).await;
    let versions = removed?;
    call.cache.keep_nothing(kind, &subject).await;

    // Before the answer: who is told that it is gone is not to see it any more.
    once::forget(&keys::assets_prefix(kind, &subject));
    let variants: Vec<_> = versions.into_iter().flat_map(|version| variants(kind, version)).collect();
    join_all(variants.iter().map(|variant| call.cache.forget_picture(kind, &subject, variant))).await;
    Ok(Reply::new(204).with_header("cache-control", "no-store"))
}

fn variants(kind: Kind, version: Version) -> impl Iterator<Item = Variant> {
    Size::all(kind).flat_map(move |size| {
        let version = version.clone();
        let of = move |format| Variant { version: version.clone(), size, format, is_still: false };
        ServedFormat::ALL.into_iter().map(of).flat_map(|variant| {
            let still = Some(variant.clone().still()).filter(|still| *still != variant);
            [Some(variant), still].into_iter().flatten()
        })
    })
}
