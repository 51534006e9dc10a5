//! Keys, sealed values, and blind indexes.
//!
//! A master key wraps each tenant's key; a tenant's key wraps a data key for each person, so that deleting that
//! one erases the person. Values are sealed with AES-256-GCM-SIV; the place they stand in (tenant, table,
//! column, row) is authenticated, so a ciphertext moved elsewhere does not open. Every ciphertext and every
//! blind index begins with the version of its key.

use std::fmt;

use aes_gcm_siv::aead::{Aead, KeyInit, Payload};
use aes_gcm_siv::{Aes256GcmSiv, Nonce};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{Code, Failure, Result, TenantId, seams::Seams, secret::Secret};

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

/// SHA-256.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// The key that wraps all others; it lives outside the database.
#[derive(Clone, Debug)]
pub struct MasterKey(Key);

impl MasterKey {
    /// A new key.
    pub fn generate(seams: &Seams) -> MasterKey {
        MasterKey(Secret::new(seams.random()))
    }

    /// The key from its text: 32 bytes in base64.
    pub fn parse(text: &str) -> Result<MasterKey> {
        let bytes = STANDARD.decode(text.trim()).ok().and_then(|b| <[u8; 32]>::try_from(b).ok());
        bytes.map(|b| MasterKey(Secret::new(b))).ok_or_else(|| {
            Failure::refused(Code::Unavailable, "The master key cannot be read: it is 32 bytes in base64, as `openssl rand -base64 32` prints them.")
        })
    }

    /// The key's text, to be kept.
    pub fn to_text(&self) -> Secret<String> {
        Secret::new(STANDARD.encode(self.0.reveal()))
    }

    /// A new tenant key, and itself wrapped for the database.
    pub fn new_tenant_key(&self, seams: &Seams, tenant: TenantId, version: u32) -> (TenantKey, Sealed) {
        let raw: Key = Secret::new(seams.random());
        let place = Place::new(tenant, "tenant_key", "wrapped", tenant.0);
        let wrapped = seal(&self.0, 0, seams, &place, raw.reveal());
        (TenantKey::from_raw(tenant, version, &raw), wrapped)
    }

    /// A tenant's key from the database. A refusal means that this is not the master key it was wrapped with.
    pub fn open_tenant_key(&self, tenant: TenantId, version: u32, wrapped: &Sealed) -> Result<TenantKey> {
        let raw = open(&self.0, &Place::new(tenant, "tenant_key", "wrapped", tenant.0), wrapped);
        let raw = raw.ok().and_then(|raw| <[u8; 32]>::try_from(raw).ok());
        raw.map(|raw| TenantKey::from_raw(tenant, version, &Secret::new(raw))).ok_or_else(|| {
            Failure::refused(Code::Unavailable, "This is not the master key that this database was set up with; the personal data in it cannot be read. Set QUITTANCE_MASTER_KEY or QUITTANCE_MASTER_KEY_FILE to the right one.")
        })
    }
}

/// A tenant's key, taken apart by use.
#[derive(Clone, Debug)]
pub struct TenantKey {
    tenant: TenantId,
    version: u32,
    seal: Key,
    index: Key,
    fingerprint: Key,
}

impl TenantKey {
    fn from_raw(tenant: TenantId, version: u32, raw: &Key) -> TenantKey {
        let part = |name: &[u8]| Secret::new(mac(raw.reveal(), &[name]));
        TenantKey {
            tenant,
            version,
            seal: part(b"seal"),
            index: part(b"index"),
            fingerprint: part(b"fingerprint"),
        }
    }

    /// The tenant whose key it is.
    pub fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// Seals a value for its place.
    pub fn seal(
        &self,
        seams: &Seams,
        table: &str,
        column: &str,
        row: impl Into<Uuid>,
        plain: &[u8],
    ) -> Sealed {
        seal(&self.seal, self.version, seams, &Place::new(self.tenant, table, column, row.into()), plain)
    }

    /// Opens a value in its place.
    pub fn open(&self, table: &str, column: &str, row: impl Into<Uuid>, sealed: &Sealed) -> Result<Vec<u8>> {
        open(&self.seal, &Place::new(self.tenant, table, column, row.into()), sealed)
    }

    /// A new data key for one person, and itself wrapped for that person's row.
    pub fn new_person_key(&self, seams: &Seams, person: Uuid) -> (PersonKey, Sealed) {
        let raw: Key = Secret::new(seams.random());
        let wrapped = self.seal(seams, "customer", "data_key", person, raw.reveal());
        (PersonKey { tenant: self.tenant, key: raw }, wrapped)
    }

    /// A person's data key from that person's row.
    pub fn open_person_key(&self, person: Uuid, wrapped: &Sealed) -> Result<PersonKey> {
        let raw = self.open("customer", "data_key", person, wrapped)?;
        let raw = <[u8; 32]>::try_from(raw)
            .map_err(|_| Failure::broken("opening a data key", "it has not 32 bytes"))?;
        Ok(PersonKey { tenant: self.tenant, key: Secret::new(raw) })
    }

    /// A blind index: equal for equal values of one column of one tenant, and telling nothing else. Values of
    /// few possibilities (the last four of an SSN, a ZIP) are indexed only together with another.
    pub fn index(&self, column: &str, values: &[&str]) -> Vec<u8> {
        let parts: Vec<&[u8]> =
            std::iter::once(column).chain(values.iter().copied()).map(str::as_bytes).collect();
        let mut index = self.version.to_be_bytes().to_vec();
        index.extend_from_slice(&mac(self.index.reveal(), &parts)[..16]);
        index
    }

    /// A keyed fingerprint of a request, which may hold a card number.
    pub fn fingerprint(&self, request: &[u8]) -> Vec<u8> {
        let mut print = self.version.to_be_bytes().to_vec();
        print.extend_from_slice(&mac(self.fingerprint.reveal(), &[request]));
        print
    }
}

/// One person's data key.
#[derive(Clone, Debug)]
pub struct PersonKey {
    tenant: TenantId,
    key: Key,
}

impl PersonKey {
    /// Seals a value for its place.
    pub fn seal(
        &self,
        seams: &Seams,
        table: &str,
        column: &str,
        row: impl Into<Uuid>,
        plain: &[u8],
    ) -> Sealed {
        seal(&self.key, 1, seams, &Place::new(self.tenant, table, column, row.into()), plain)
    }

    /// Opens a value in its place.
    pub fn open(&self, table: &str, column: &str, row: impl Into<Uuid>, sealed: &Sealed) -> Result<Vec<u8>> {
        open(&self.key, &Place::new(self.tenant, table, column, row.into()), sealed)
    }

    /// Opens a text in its place.
    pub fn open_text(
        &self,
        table: &str,
        column: &str,
        row: impl Into<Uuid>,
        sealed: &Sealed,
    ) -> Result<String> {
        String::from_utf8(self.open(table, column, row, sealed)?)
            .map_err(|e| Failure::broken("reading a sealed text", e))
    }
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

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealed")
    }
}

crate::column!(Sealed as Vec<u8>, |sealed| sealed.0.clone(), Sealed);

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
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::seams::{SeededEntropy, StillClock};

    fn setting() -> (Seams, MasterKey, TenantKey, Sealed) {
        let seams = Seams::new(Arc::new(StillClock::default()), Arc::new(SeededEntropy::new(1)));
        let master = MasterKey::generate(&seams);
        let (tenant, wrapped) = master.new_tenant_key(&seams, TenantId(Uuid::from_u128(7)), 1);
        (seams, master, tenant, wrapped)
    }

    #[test]
    fn a_value_opens_only_in_its_own_place() {
        let (seams, _, tenant, _) = setting();
        let row = Uuid::from_u128(1);
        let sealed = tenant.seal(&seams, "customer", "email", row, b"a@b.example");
        assert_eq!(tenant.open("customer", "email", row, &sealed).unwrap(), b"a@b.example");
        assert!(tenant.open("customer", "phone", row, &sealed).is_err());
        assert!(tenant.open("address", "email", row, &sealed).is_err());
        assert!(tenant.open("customer", "email", Uuid::from_u128(2), &sealed).is_err());
        for i in 0..sealed.0.len() {
            let mut bent = sealed.clone();
            bent.0[i] ^= 1;
            assert!(tenant.open("customer", "email", row, &bent).is_err(), "byte {i}");
        }
    }

    #[test]
    fn a_tenant_key_survives_wrapping_and_another_master_key_does_not_open_it() {
        let (seams, master, tenant, wrapped) = setting();
        let again = MasterKey::parse(master.to_text().reveal()).unwrap();
        let opened = again.open_tenant_key(tenant.tenant(), 1, &wrapped).unwrap();
        assert_eq!(opened.index("email", &["x"]), tenant.index("email", &["x"]));
        assert!(MasterKey::generate(&seams).open_tenant_key(tenant.tenant(), 1, &wrapped).is_err());
    }

    #[test]
    fn the_same_value_has_another_index_in_another_tenant_and_column() {
        let (seams, master, tenant, _) = setting();
        let (other, _) = master.new_tenant_key(&seams, TenantId(Uuid::from_u128(8)), 1);
        assert_ne!(tenant.index("email", &["x"]), other.index("email", &["x"]));
        assert_ne!(tenant.index("email", &["x"]), tenant.index("phone", &["x"]));
        assert_ne!(tenant.index("pair", &["ab", "c"]), tenant.index("pair", &["a", "bc"]));
    }

    #[test]
    fn keys_and_sealed_values_do_not_print() {
        let (_, master, tenant, wrapped) = setting();
        let printed = format!("{master:?} {tenant:?} {wrapped:?}");
        assert!(!printed.contains(master.to_text().reveal()), "{printed}");
        assert!(printed.contains("***"));
    }
}
