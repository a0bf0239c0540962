//! From an upload to a published picture: rules and order of the writes. Knows a storage, no network.
//!
//! An upload lies at `<kind>/<sub>.<extension>` in the uploads bucket. What is made of it lies at
//! `<kind>/<sub>/<version>/...` in the assets bucket, and `<kind>/<sub>/current.json`, the pointer, says which version
//! counts. The pointer is written last: whoever dies half-way leaves nothing that anybody sees.

mod cleanup;
mod error;
pub(crate) mod keys;
mod master;
mod newest;
pub(crate) mod pointer;
mod refused;
mod remove;
pub(crate) mod room;
mod run;
mod variants;

pub(crate) use error::PublishError;
pub(crate) use master::{render_moving_variant, render_variant};
pub(crate) use pointer::{Pointer, Source, read_pointer};
pub(crate) use refused::{Refusal, last_refusal};
pub(crate) use remove::remove;
pub(crate) use run::{Outcome, Rules, publish};
pub(crate) use variants::{Kept, store_variant};
