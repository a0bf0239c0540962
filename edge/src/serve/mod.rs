//! From caches and storage to the picture that is served.

pub(crate) mod again;
pub(crate) mod current;
pub(crate) mod name;
pub(crate) mod once;
pub(crate) mod picture;
