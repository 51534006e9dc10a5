//! The master keys, which live outside the database.
//!
//! A master key's version is a digest of itself, so no file and no setting has to count them, and every wrap says
//! which master it needs.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::{Key, Place, Sealed, TenantKey, mac, open, seal};
use crate::{Code, Failure, Result, TenantId, seams::Seams, secret::Secret};

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

    /// Its version: four bytes of a MAC that it makes of a fixed word. Never 0, which stands in wraps from before
    /// masters had versions.
    pub fn version(&self) -> u32 {
        let digest = mac(self.0.reveal(), &[b"version"]);
        u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]).max(1)
    }

    /// A new tenant key, and itself wrapped for the database.
    pub fn new_tenant_key(&self, seams: &Seams, tenant: TenantId, version: u32) -> (TenantKey, Sealed) {
        let raw: Key = Secret::new(seams.random());
        (TenantKey::from_raw(tenant, version, &raw), self.wrap(seams, tenant, &raw))
    }

    fn wrap(&self, seams: &Seams, tenant: TenantId, raw: &Key) -> Sealed {
        seal(&self.0, self.version(), seams, &place(tenant), raw.reveal())
    }

    fn unwrap(&self, tenant: TenantId, wrapped: &Sealed) -> Option<Key> {
        let raw = Secret::new(open(&self.0, &place(tenant), wrapped).ok()?);
        <[u8; 32]>::try_from(raw.reveal().as_slice()).ok().map(Secret::new)
    }
}

fn place(tenant: TenantId) -> Place {
    Place::new(tenant, "tenant_key", "wrapped", tenant.0)
}

/// The master key that wraps, and those that only unwrap what was wrapped before.
#[derive(Clone, Debug)]
pub struct MasterKeys {
    newest: MasterKey,
    older: Vec<MasterKey>,
}

impl MasterKeys {
    /// `newest` wraps; `older` ones are still read with.
    pub fn new(newest: MasterKey, older: Vec<MasterKey>) -> MasterKeys {
        MasterKeys { newest, older }
    }

    /// The one that wraps.
    pub fn newest(&self) -> &MasterKey {
        &self.newest
    }

    /// Whether there is another than the newest to read with.
    pub fn has_older(&self) -> bool {
        !self.older.is_empty()
    }

    /// A tenant's key from the database. A refusal means that none of these is the master key it was wrapped with.
    pub fn open_tenant_key(&self, tenant: TenantId, version: u32, wrapped: &Sealed) -> Result<TenantKey> {
        Ok(TenantKey::from_raw(tenant, version, &self.unwrap(tenant, wrapped)?))
    }

    /// The same tenant key wrapped by the newest master; `None` where it is already.
    pub fn rewrap(&self, seams: &Seams, tenant: TenantId, wrapped: &Sealed) -> Result<Option<Sealed>> {
        if wrapped.version() == self.newest.version() {
            return Ok(None);
        }
        let raw = self.unwrap(tenant, wrapped)?;
        Ok(Some(self.newest.wrap(seams, tenant, &raw)))
    }

    fn unwrap(&self, tenant: TenantId, wrapped: &Sealed) -> Result<Key> {
        let all = std::iter::once(&self.newest).chain(&self.older);
        let fits = |master: &&MasterKey| wrapped.version() == 0 || wrapped.version() == master.version();
        all.filter(fits).find_map(|master| master.unwrap(tenant, wrapped)).ok_or_else(|| {
            Failure::refused(Code::Unavailable, "This is not the master key that this database was set up with; the personal data in it cannot be read. Set QUITTANCE_MASTER_KEY or QUITTANCE_MASTER_KEY_FILE to the right one; where the master key is being exchanged, QUITTANCE_OLD_MASTER_KEY_FILE to the one before it.")
        })
    }
}

impl From<MasterKey> for MasterKeys {
    fn from(newest: MasterKey) -> MasterKeys {
        MasterKeys::new(newest, Vec::new())
    }
}
