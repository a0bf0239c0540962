//! The server as its clients see it: the real program, over HTTP, with URLs signed by another implementation.

#![cfg(test)]

mod copies;
mod cors;
mod faults;
mod keys;
mod lifecycle;
mod listing;
mod notifications;
mod objects;
mod payloads;
mod policy;
mod signatures;
mod support;
