//! What stands for a person where the person is not to be named: in the log, and in the key of a rate limit.
//!
//! A subject is in the URLs of its pictures, so that a plain hash of it would be found out by hashing those. The hash is keyed
//! (HMAC, RFC 2104) with a key made of `HOOK_SECRET`: without it nobody tells whose lines these are, nor which lines of two deployments are of
//! one person. Another secret makes other pseudonyms.

use crate::kind::Subject;
use crate::secret::Secret;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use std::fmt;
use zeroize::Zeroizing;

/// Sets this use of the secret apart from every other one.
const LABEL: &[u8] = b"roundel pseudonyms";
/// Bytes of the hash that are shown.
const SHOWN_BYTES: usize = 8;

/// Makes pseudonyms. No `Debug`: it holds a key.
pub(crate) struct Pseudonyms(Zeroizing<[u8; 32]>);

/// 16 hexadecimal digits that stand for a person for one purpose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pseudonym([u8; SHOWN_BYTES]);

impl Pseudonyms {
    pub(crate) fn new(secret: &Secret) -> Self {
        Self(Zeroizing::new(hmac_sha256(secret.bytes(), &[LABEL])))
    }

    /// The pseudonym of a person for a purpose, such as `log`. Those for different purposes cannot be linked.
    pub(crate) fn of(&self, purpose: &str, subject: &Subject) -> Pseudonym {
        // No purpose has a colon in it, so that no two pairs are the same message.
        let hash = hmac_sha256(&*self.0, &[purpose.as_bytes(), b":", subject.as_str().as_bytes()]);
        let mut shown = [0; SHOWN_BYTES];
        for (shown, byte) in shown.iter_mut().zip(hash) {
            *shown = byte;
        }
        Pseudonym(shown)
    }
}

impl Pseudonym {
    pub(crate) fn number(&self) -> u64 {
        u64::from_be_bytes(self.0)
    }
}

impl fmt::Display for Pseudonym {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

fn hmac_sha256(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    // HMAC takes keys of every length.
    let Ok(mut mac) = <Hmac<Sha256> as Mac>::new_from_slice(key) else { return [0; 32] };
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pseudonym(secret: &str, purpose: &str, subject: &str) -> String {
        let pseudonyms = Pseudonyms::new(&Secret::new(secret.to_owned()));
        pseudonyms.of(purpose, &Subject::new(subject).unwrap()).to_string()
    }

    /// By OpenSSL, with the commands in docs/operations.md.
    #[test]
    fn an_operator_can_compute_it() {
        assert_eq!(pseudonym("a-hook-secret", "log", "user-1"), "7ebc40b76901219c");
    }

    #[test]
    fn person_purpose_and_deployment_all_count() {
        let one = pseudonym("a-hook-secret", "log", "user-1");
        for other in [
            pseudonym("a-hook-secret", "log", "user-2"),
            pseudonym("a-hook-secret", "signing", "user-1"),
            pseudonym("another-secret", "log", "user-1"),
        ] {
            assert_ne!(one, other);
        }
        assert_eq!(one, pseudonym("a-hook-secret", "log", "user-1"));
    }

    #[test]
    fn its_number_is_its_digits() {
        let pseudonym = Pseudonym([0, 1, 2, 3, 4, 5, 6, 255]);
        assert_eq!(
            (pseudonym.to_string().as_str(), pseudonym.number()),
            ("00010203040506ff", 0x0001_0203_0405_06ff)
        );
    }
}
