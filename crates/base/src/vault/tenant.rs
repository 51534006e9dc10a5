//! One version of a tenant's key.

use uuid::Uuid;

use super::{Key, Place, Sealed, mac, open, seal};
use crate::{Result, TenantId, seams::Seams, secret::Secret};

/// One version of a tenant's key, taken apart by use.
#[derive(Clone, Debug)]
pub struct TenantKey {
    tenant: TenantId,
    version: u32,
    seal: Key,
    index: Key,
    fingerprint: Key,
    derive: Key,
}

impl TenantKey {
    pub(super) fn from_raw(tenant: TenantId, version: u32, raw: &Key) -> TenantKey {
        let part = |name: &[u8]| Secret::new(mac(raw.reveal(), &[name]));
        TenantKey {
            tenant,
            version,
            seal: part(b"seal"),
            index: part(b"index"),
            fingerprint: part(b"fingerprint"),
            derive: part(b"derive"),
        }
    }

    /// The tenant whose key it is.
    pub fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// Its version, which stands in front of all it makes.
    pub fn version(&self) -> u32 {
        self.version
    }

    pub(super) fn seal(
        &self,
        seams: &Seams,
        table: &str,
        column: &str,
        row: impl Into<Uuid>,
        plain: &[u8],
    ) -> Sealed {
        seal(&self.seal, self.version, seams, &Place::new(self.tenant, table, column, row.into()), plain)
    }

    pub(super) fn open(
        &self,
        table: &str,
        column: &str,
        row: impl Into<Uuid>,
        sealed: &Sealed,
    ) -> Result<Vec<u8>> {
        open(&self.seal, &Place::new(self.tenant, table, column, row.into()), sealed)
    }

    pub(super) fn index(&self, column: &str, values: &[&str]) -> Vec<u8> {
        let parts: Vec<&[u8]> =
            std::iter::once(column).chain(values.iter().copied()).map(str::as_bytes).collect();
        [&self.version.to_be_bytes()[..], &mac(self.index.reveal(), &parts)[..16]].concat()
    }

    pub(super) fn derived(&self, purpose: &str, about: Uuid) -> Secret<[u8; 32]> {
        Secret::new(mac(self.derive.reveal(), &[purpose.as_bytes(), about.as_bytes()]))
    }

    pub(super) fn fingerprint(&self, request: &[u8]) -> Vec<u8> {
        [&self.version.to_be_bytes()[..], &mac(self.fingerprint.reveal(), &[request])].concat()
    }
}
