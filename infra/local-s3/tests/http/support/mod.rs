//! The program under test, a client, and a webhook.

pub(crate) mod client;
pub(crate) mod server;
pub(crate) mod webhook;

pub(crate) use client::{Answer, Client, send, sha256_base64};
pub(crate) use server::{
    ACCESS_KEY_ID, ASSETS, HOOK_SECRET, ORIGIN, Options, SECRET_ACCESS_KEY, Server, UPLOADS,
};

use std::time::Duration;

/// Asks again and again until there is something; the long limit is there to end a test that would never end.
pub(crate) fn eventually<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    for _ in 0..3000 {
        if let Some(found) = ask() {
            return found;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("did not happen within 30 s: {what}");
}
