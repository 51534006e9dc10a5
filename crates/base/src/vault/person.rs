//! One person's data key.

use uuid::Uuid;

use super::{Key, Place, Sealed, open, other_version, seal};
use crate::{Failure, Result, TenantId, seams::Seams, secret::Secret};

/// One person's data key.
#[derive(Clone, Debug)]
pub struct PersonKey {
    tenant: TenantId,
    version: u32,
    key: Key,
}

impl PersonKey {
    pub(super) fn generate(seams: &Seams, tenant: TenantId, version: u32) -> PersonKey {
        PersonKey { tenant, version, key: Secret::new(seams.random()) }
    }

    /// What is wrapped: the version and the key.
    pub(super) fn to_bytes(&self) -> Secret<Vec<u8>> {
        Secret::new([&self.version.to_be_bytes()[..], self.key.reveal()].concat())
    }

    /// From what was wrapped. The first versions stood without their number.
    pub(super) fn from_bytes(tenant: TenantId, bytes: Vec<u8>) -> Result<PersonKey> {
        let bytes = Secret::new(bytes);
        let (version, raw) = match bytes.reveal().as_slice() {
            [a, b, c, d, raw @ ..] if raw.len() == 32 => (u32::from_be_bytes([*a, *b, *c, *d]), raw),
            raw => (1, raw),
        };
        let raw = <[u8; 32]>::try_from(raw)
            .map_err(|_| Failure::broken("opening a data key", "it has not 32 bytes"))?;
        Ok(PersonKey { tenant, version, key: Secret::new(raw) })
    }

    /// Its version: 1, and one more with each rotation.
    pub fn version(&self) -> u32 {
        self.version
    }

    /// Seals a value for its place. Whoever seals holds the person's row, so that the key is not exchanged meanwhile.
    pub fn seal(
        &self,
        seams: &Seams,
        table: &str,
        column: &str,
        row: impl Into<Uuid>,
        plain: &[u8],
    ) -> Sealed {
        seal(&self.key, self.version, seams, &Place::new(self.tenant, table, column, row.into()), plain)
    }

    /// Opens a value in its place. A failure of which [`was_exchanged`](super::was_exchanged) is true says that key
    /// and value are of different moments: read both again.
    pub fn open(&self, table: &str, column: &str, row: impl Into<Uuid>, sealed: &Sealed) -> Result<Vec<u8>> {
        if sealed.version() != self.version {
            return Err(other_version());
        }
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
