//! Keys, sealed values, and blind indexes.
//!
//! A master key wraps each tenant's keys; a tenant's key wraps a data key for each person, so that deleting that
//! one erases the person. Values are sealed with AES-256-GCM-SIV; the place they stand in (tenant, table,
//! column, row) is authenticated, so a ciphertext moved elsewhere does not open. Every ciphertext and every
//! blind index begins with the version of its key, so that keys can be exchanged while everything is in use:
//! a [`KeyRing`] opens with any version that lives and seals with the newest.

mod master;
mod person;
mod ring;
mod tenant;

use std::fmt::{self, Write as _};

use aes_gcm_siv::aead::{Aead, KeyInit, Payload};
use aes_gcm_siv::{Aes256GcmSiv, Nonce};
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256, Sha512};
use uuid::Uuid;

pub use self::master::{MasterKey, MasterKeys};
pub use self::person::PersonKey;
pub use self::ring::{KeyRing, Live, Prints, Use};
pub use self::tenant::TenantKey;
use crate::{Failure, Result, TenantId, seams::Seams, secret::Secret};

/// 256 bits.
type Key = Secret<[u8; 32]>;

/// HMAC-SHA-256 of parts, each with its length in front so that no two lists of parts collide.
pub fn mac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// HMAC-SHA-256 of a message as others compute it (RFC 2104): for signatures that somebody else verifies.
pub fn hmac_sha256(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(message);
    mac.finalize().into_bytes().into()
}

/// HMAC-SHA-512, likewise.
pub fn hmac_sha512(key: &[u8], message: &[u8]) -> [u8; 64] {
    let mut mac = Hmac::<Sha512>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(message);
    mac.finalize().into_bytes().into()
}

/// SHA-256.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// Bytes as lowercase hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        write!(text, "{byte:02x}").expect("writing to a string cannot fail");
        text
    })
}

/// The version of the key that made a ciphertext, a blind index or a fingerprint: its first four bytes.
pub fn version_of(bytes: &[u8]) -> Option<u32> {
    bytes.first_chunk::<4>().map(|version| u32::from_be_bytes(*version))
}

/// Where a sealed value stands.
struct Place(Vec<u8>);

impl Place {
    fn new(tenant: TenantId, table: &str, column: &str, row: Uuid) -> Place {
        Place(format!("{tenant}|{table}|{column}|{row}").into_bytes())
    }
}

/// A sealed value: key version (4 bytes), nonce (12), ciphertext and tag.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed(pub Vec<u8>);

impl Sealed {
    /// The version of the key it was sealed with; of an empty one, 0.
    pub fn version(&self) -> u32 {
        version_of(&self.0).unwrap_or(0)
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealed")
    }
}

crate::column!(Sealed as Vec<u8>, |sealed| sealed.0.clone(), Sealed);

/// Why a value did not open: it was sealed with another version of the key than the one at hand. Whoever read
/// value and key one after the other reads both again, since the key was exchanged in between.
#[derive(Debug, thiserror::Error)]
#[error("it was sealed with another version of the key")]
struct OtherVersion;

/// Whether a value did not open because its key was exchanged while it was read; see [`PersonKey::open`].
pub fn was_exchanged(failure: &Failure) -> bool {
    matches!(failure, Failure::Broken { cause, .. } if cause.is::<OtherVersion>())
}

fn other_version() -> Failure {
    Failure::broken("opening a sealed value", OtherVersion)
}

fn cipher(key: &Key) -> Aes256GcmSiv {
    Aes256GcmSiv::new(key.reveal().into())
}

fn aad(version: [u8; 4], place: &Place) -> Vec<u8> {
    [&version[..], &place.0].concat()
}

fn seal(key: &Key, version: u32, seams: &Seams, place: &Place, plain: &[u8]) -> Sealed {
    let (version, nonce) = (version.to_be_bytes(), seams.random::<12>());
    let payload = Payload { msg: plain, aad: &aad(version, place) };
    let sealed =
        cipher(key).encrypt(&Nonce::from(nonce), payload).expect("a value that fits in memory can be sealed");
    Sealed([&version[..], &nonce, &sealed].concat())
}

fn open(key: &Key, place: &Place, sealed: &Sealed) -> Result<Vec<u8>> {
    let broken =
        || Failure::broken("opening a sealed value", "it was not sealed with this key for this place");
    let (version, rest) = sealed.0.split_first_chunk::<4>().ok_or_else(broken)?;
    let (nonce, msg) = rest.split_first_chunk::<12>().ok_or_else(broken)?;
    let payload = Payload { msg, aad: &aad(*version, place) };
    cipher(key).decrypt(&Nonce::from(*nonce), payload).map_err(|_| broken())
}

#[cfg(test)]
mod tests;
