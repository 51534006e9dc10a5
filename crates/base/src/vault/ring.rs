//! A tenant's keys that live: each value opens with the one that sealed it, and is sealed with the newest.

use std::str::FromStr;
use std::sync::Arc;

use uuid::Uuid;

use super::{PersonKey, Sealed, TenantKey, version_of};
use crate::{Failure, Result, TenantId, seams::Seams, secret::Secret};

/// What a tenant's key is for. A key for another use, say for sessions, is one more word here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Use {
    /// Seals values, and wraps people's data keys.
    Seal,
    /// Makes blind indexes and fingerprints.
    Index,
    /// Both: the first key of a tenant made before the two were apart.
    Both,
}

impl Use {
    /// `tenant`, `index` or `both`, as the database has it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Use::Seal => "tenant",
            Use::Index => "index",
            Use::Both => "both",
        }
    }

    /// Whether a key of this use is one for `other`.
    pub fn serves(self, other: Use) -> bool {
        self == other || self == Use::Both
    }
}

impl FromStr for Use {
    type Err = Failure;
    fn from_str(word: &str) -> Result<Use> {
        [Use::Seal, Use::Index, Use::Both]
            .into_iter()
            .find(|known| known.as_str() == word)
            .ok_or_else(|| Failure::broken("reading a key's use", format!("`{word}` is none")))
    }
}

/// One living version.
#[derive(Clone, Debug)]
pub struct Live {
    /// The key.
    pub key: Arc<TenantKey>,
    /// What it is for.
    pub serves: Use,
    /// Whether it may be written with. One that is about to come is only read with, until every node knows it.
    pub writes: bool,
}

/// A tenant's keys that live. A row says of itself which of them it needs.
#[derive(Clone, Debug)]
pub struct KeyRing {
    tenant: TenantId,
    pub(super) newest_first: Vec<Live>,
    seals: Arc<TenantKey>,
    indexes: Arc<TenantKey>,
}

impl KeyRing {
    /// The ring of these keys. Fails where there is none to write with.
    pub fn new(tenant: TenantId, mut keys: Vec<Live>) -> Result<KeyRing> {
        keys.sort_by_key(|live| std::cmp::Reverse(live.key.version()));
        let newest = |to: Use| {
            let found = keys.iter().find(|live| live.writes && live.serves.serves(to));
            found.map(|live| live.key.clone()).ok_or_else(|| {
                Failure::broken("opening a tenant", format!("it has no {} key in use", to.as_str()))
            })
        };
        Ok(KeyRing { tenant, seals: newest(Use::Seal)?, indexes: newest(Use::Index)?, newest_first: keys })
    }

    /// The tenant whose keys they are.
    pub fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// The version that is written with.
    pub fn writes(&self, to: Use) -> u32 {
        if to == Use::Index { self.indexes.version() } else { self.seals.version() }
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
        self.seals.seal(seams, table, column, row, plain)
    }

    /// Opens a value in its place, with whichever version sealed it.
    pub fn open(&self, table: &str, column: &str, row: impl Into<Uuid>, sealed: &Sealed) -> Result<Vec<u8>> {
        let live = self.newest_first.iter().find(|live| live.key.version() == sealed.version());
        let live = live.ok_or_else(|| {
            let why = format!("its key, version {}, does not live", sealed.version());
            Failure::broken("opening a sealed value", why)
        })?;
        live.key.open(table, column, row, sealed)
    }

    /// A new data key for one person in place of `before`, if there was one, and itself wrapped for that person's
    /// row.
    pub fn new_person_key(
        &self,
        seams: &Seams,
        person: Uuid,
        before: Option<&PersonKey>,
    ) -> (PersonKey, Sealed) {
        let key = PersonKey::generate(seams, self.tenant, before.map_or(1, |key| key.version() + 1));
        let wrapped = self.seal(seams, "customer", "data_key", person, key.to_bytes().reveal());
        (key, wrapped)
    }

    /// A person's data key from that person's row.
    pub fn open_person_key(&self, person: Uuid, wrapped: &Sealed) -> Result<PersonKey> {
        PersonKey::from_bytes(self.tenant, self.open("customer", "data_key", person, wrapped)?)
    }

    /// A blind index, to be written: equal for equal values of one column of one tenant, and telling nothing else.
    /// Values of few possibilities (the last four of an SSN, a ZIP) are indexed only together with another.
    pub fn index(&self, column: &str, values: &[&str]) -> Vec<u8> {
        self.indexes.index(column, values)
    }

    /// The blind indexes under which a row may be found: one for each version that lives, newest first.
    pub fn indexes(&self, column: &str, values: &[&str]) -> Vec<Vec<u8>> {
        self.serving(Use::Index).map(|key| key.index(column, values)).collect()
    }

    /// Keyed fingerprints of a request, which may hold a card number.
    pub fn fingerprint(&self, request: &[u8]) -> Prints {
        let written = self.indexes.fingerprint(request);
        Prints { written, all: self.serving(Use::Index).map(|key| key.fingerprint(request)).collect() }
    }

    /// 256 bits that belong to one thing for one purpose, and the version of the key they were made with: a secret that
    /// need not be kept to be told again.
    pub fn derived(&self, purpose: &str, about: impl Into<Uuid>) -> (u32, Secret<[u8; 32]>) {
        (self.indexes.version(), self.indexes.derived(purpose, about.into()))
    }

    /// The same with this version of the key; `None` where it does not live any more.
    pub fn derived_with(
        &self,
        version: u32,
        purpose: &str,
        about: impl Into<Uuid>,
    ) -> Option<Secret<[u8; 32]>> {
        let key = self.serving(Use::Index).find(|key| key.version() == version)?;
        Some(key.derived(purpose, about.into()))
    }

    fn serving(&self, to: Use) -> impl Iterator<Item = &TenantKey> {
        self.newest_first.iter().filter(move |live| live.serves.serves(to)).map(|live| &*live.key)
    }
}

/// A request's fingerprints, one for each version of the key that lives.
#[derive(Clone, Debug)]
pub struct Prints {
    written: Vec<u8>,
    all: Vec<Vec<u8>>,
}

impl Prints {
    /// The one to keep.
    pub fn written(&self) -> &[u8] {
        &self.written
    }

    /// Whether the kept print was made of the same request. `None` where that cannot be told any more: it was made
    /// with a key that does not live, or emptied when that key was retired.
    pub fn is(&self, kept: &[u8]) -> Option<bool> {
        let version = version_of(kept)?;
        let ours = self.all.iter().find(|print| version_of(print) == Some(version))?;
        Some(ours == kept)
    }
}
