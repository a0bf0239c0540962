//! The algorithms that a deployment can choose, and the keys that check their signatures: RFC 7518 sections 3.3 and 3.4.
//!
//! Signatures are checked on bytes: `jwt-simple`'s own way in takes claims only, together with a reading of the time of its own. For ECDSA that is by
//! what `jwt-simple` has for it. For RSA it is by the same crate at a newer version: it takes a third of the time, because it works out once a key what only
//! depends on the modulus, and goes no further than the exponent's 17 bits. The tests hold both against `jwt-simple` as a whole.

use jwt_simple::algorithms::{ECDSAP256PublicKeyLike, ES256PublicKey};
use p256::ecdsa::{Signature, signature::Verifier as _};
use rsa::sha2::Sha256;
use rsa::{BoxedUint, pkcs1v15};
use std::fmt;

/// How tokens are signed. Set by `JWT_ALGORITHM`, never by a token: two names, so that no third can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256; what Amazon Cognito signs with.
    Rs256,
    /// ECDSA on P-256 with SHA-256.
    Es256,
}

impl Algorithm {
    /// By its name in RFC 7518 section 3.1, to the letter.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        [Self::Rs256, Self::Es256].into_iter().find(|algorithm| algorithm.name() == name)
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Es256 => "ES256",
        }
    }
}

/// Fewest and most bits of an RSA modulus. `jwt-simple` has the same limits; a longer key would cost every check more time.
const MODULUS_BITS: std::ops::RangeInclusive<usize> = 2048..=4096;
/// 65537, the exponent that every issuer uses. Small ones have a history, and large ones cost time.
const EXPONENT: [u8; 3] = [1, 0, 1];
const EXPONENT_BITS: u32 = 17;
/// Bytes of a coordinate and of a half of a signature on P-256.
const P256_BYTES: usize = 32;

/// A public key for one algorithm.
pub(crate) struct VerifyingKey(Inner);

// Both behind a pointer: a key is as large as its numbers.
enum Inner {
    Rs256 { key: Box<pkcs1v15::VerifyingKey<Sha256>>, modulus: Vec<u8> },
    Es256(Box<ES256PublicKey>),
}

impl VerifyingKey {
    /// An RSA key of 2048 to 4096 bits with the exponent 65537; both big-endian, without leading zeros (RFC 7518 section 6.3.1).
    pub(super) fn from_rsa(modulus: &[u8], exponent: &[u8]) -> Option<Self> {
        let bits = (modulus.len() * 8).checked_sub(modulus.first()?.leading_zeros() as usize)?;
        if modulus.first() == Some(&0) || !MODULUS_BITS.contains(&bits) || exponent != EXPONENT {
            return None;
        }
        let number = |bytes: &[u8], bits| BoxedUint::from_be_slice(bytes, bits).ok();
        let exponent = number(exponent, EXPONENT_BITS)?;
        // What only depends on the modulus is worked out here, once.
        let key = rsa::PublicKey::new(number(modulus, u32::try_from(bits).ok()?)?, exponent).ok()?;
        let key = Box::new(pkcs1v15::VerifyingKey::new(key));
        Some(Self(Inner::Rs256 { key, modulus: modulus.to_vec() }))
    }

    /// A point of P-256, each coordinate with all its 32 bytes (RFC 7518 section 6.2.1.2). That it lies on the curve is checked.
    pub(super) fn from_p256(x: &[u8], y: &[u8]) -> Option<Self> {
        if x.len() != P256_BYTES || y.len() != P256_BYTES {
            return None;
        }
        // SEC 1 section 2.3.3: an uncompressed point.
        let point = [&[4], x, y].concat();
        Some(Self(Inner::Es256(Box::new(ES256PublicKey::from_bytes(&point).ok()?))))
    }

    pub(crate) fn algorithm(&self) -> Algorithm {
        match self.0 {
            Inner::Rs256 { .. } => Algorithm::Rs256,
            Inner::Es256(_) => Algorithm::Es256,
        }
    }

    /// Whether `signature` is this key's over `message`. Its length has to be the only one that there is: as long as the modulus, or
    /// `r` and `s` of 32 bytes each (RFC 7518 section 3.4), never DER.
    ///
    /// Of an ECDSA signature `(r, s)` the other one `(r, n - s)` is good too, as FIPS 186-5 has it, and issuers write either. Nothing here
    /// takes a signature for the name of a token, so that it does no harm.
    pub(super) fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        match &self.0 {
            Inner::Rs256 { key, modulus } => {
                signature.len() == modulus.len()
                    && pkcs1v15::Signature::try_from(signature)
                        .is_ok_and(|signature| key.verify(message, &signature).is_ok())
            }
            Inner::Es256(key) => {
                signature.len() == 2 * P256_BYTES
                    && Signature::from_slice(signature)
                        .is_ok_and(|signature| key.public_key().as_ref().verify(message, &signature).is_ok())
            }
        }
    }

    /// Whether it is the same key, not only one of the same name.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Inner::Rs256 { modulus: ours, .. }, Inner::Rs256 { modulus: theirs, .. }) => ours == theirs,
            (Inner::Es256(ours), Inner::Es256(theirs)) => {
                ours.public_key().to_bytes() == theirs.public_key().to_bytes()
            }
            _ => false,
        }
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifyingKey({})", self.algorithm().name())
    }
}
