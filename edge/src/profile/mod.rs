//! What a person says of themselves: rules and order of the writes. Knows a store, no network.
//!
//! `docs/profiles.md` has the decisions. Pictures are no part of a profile here: they have their own place and their own versions.

pub(crate) mod d1;
mod fields;
mod guard;
#[cfg(test)]
mod memory;
mod save;
mod store;
mod text;

pub(crate) use fields::{Fault, Fields, FieldsError, MAX_BODY_BYTES};
pub(crate) use guard::{Guard, MalformedHeader, etag};
pub(crate) use save::{SaveError, save};
#[cfg(test)]
pub(crate) use store::Operation;
pub(crate) use store::{Profile, ProfileStore, ProfileStoreError, Revision};
