//! One file a resource. Each takes a [`Call`](crate::call::Call) and gives a reply or a problem.

pub(crate) mod health;
pub(crate) mod hooks;
pub(crate) mod images;
pub(crate) mod profiles;
pub(crate) mod publish;
pub(crate) mod remove;
pub(crate) mod uploads;
