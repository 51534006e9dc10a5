//! What a backup says of itself: which program and schema made it, when, and what each of its files must hash to.
//!
//! It is written last: a directory without one is a backup that did not end.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::json;
use sha2::{Digest as _, Sha256};

/// The manifest's name in the directory.
const NAME: &str = "manifest.json";
/// The form of the manifest.
const FORM: u64 = 1;

/// The database of an embedded installation.
pub(super) const DATABASE: &str = "quittance.db";
/// A PostgreSQL database, as `pg_dump --format=custom` writes it.
pub(super) const DUMP: &str = "quittance.dump";
/// The journal of the sandbox processor that ran in the server's process.
pub(super) const JOURNAL: &str = "sandbox.journal";

/// One file of a backup.
pub(super) struct Held {
    pub(super) name: String,
    bytes: u64,
    sha256: String,
}

/// A backup's manifest.
pub(super) struct Manifest {
    /// `SQLite` or `PostgreSQL`.
    pub(super) engine: String,
    /// The schema's version.
    pub(super) schema: i64,
    /// When it was taken: what was committed before is in it.
    pub(super) taken_at: String,
    /// The program's version.
    pub(super) program: String,
    pub(super) files: Vec<Held>,
}

impl Manifest {
    /// Hashes these files of a directory, makes them and the directory durable, and writes the manifest.
    pub(super) fn write(
        directory: &Path,
        engine: &str,
        schema: i64,
        taken_at: String,
        names: &[&str],
    ) -> Result<Manifest> {
        let mut files = Vec::new();
        for name in names {
            let path = directory.join(name);
            let (bytes, sha256) = hash(&path)?;
            File::open(&path)?
                .sync_all()
                .with_context(|| format!("{} cannot be made durable", path.display()))?;
            files.push(Held { name: (*name).to_owned(), bytes, sha256 });
        }
        let program = env!("CARGO_PKG_VERSION").to_owned();
        let manifest = Manifest { engine: engine.to_owned(), schema, taken_at, program, files };
        let (path, half) = (directory.join(NAME), directory.join("manifest.json.half"));
        std::fs::write(&half, format!("{:#}\n", manifest.to_json()))
            .with_context(|| format!("{} cannot be written", path.display()))?;
        File::open(&half)?.sync_all()?;
        std::fs::rename(&half, &path)?;
        sync_directory(directory)?;
        Ok(manifest)
    }

    fn to_json(&self) -> serde_json::Value {
        let files: Vec<_> = self
            .files
            .iter()
            .map(|f| json!({ "name": f.name, "bytes": f.bytes, "sha256": f.sha256 }))
            .collect();
        json!({ "form": FORM, "program": self.program, "engine": self.engine, "schema": self.schema, "taken_at": self.taken_at, "files": files })
    }

    /// The manifest of a directory, with every file there and as it was written.
    pub(super) fn read(directory: &Path) -> Result<Manifest> {
        let path = directory.join(NAME);
        let text = std::fs::read_to_string(&path).with_context(|| {
            format!("{} cannot be read: this is no backup, or one that did not end", path.display())
        })?;
        let manifest = Manifest::parse(&text)
            .with_context(|| format!("{} is not a manifest of ours", path.display()))?;
        for file in &manifest.files {
            let path = directory.join(&file.name);
            let (bytes, sha256) = hash(&path)?;
            if bytes != file.bytes || sha256 != file.sha256 {
                bail!(
                    "{} is not what was backed up: {bytes} bytes of {}, and its SHA-256 differs; use another backup",
                    path.display(),
                    file.bytes
                );
            }
        }
        Ok(manifest)
    }

    fn parse(text: &str) -> Result<Manifest> {
        let value: serde_json::Value = serde_json::from_str(text)?;
        let word = |value: &serde_json::Value, name: &str| {
            value[name].as_str().map(str::to_owned).with_context(|| format!("`{name}` is missing"))
        };
        if value["form"].as_u64() != Some(FORM) {
            bail!(
                "it has form {}, this program knows {FORM}; use the program that made it, or a newer one",
                value["form"]
            );
        }
        let mut files = Vec::new();
        for file in value["files"].as_array().context("`files` is missing")? {
            let name = word(file, "name")?;
            if ![DATABASE, DUMP, JOURNAL].contains(&name.as_str()) {
                bail!("it names a file `{name}`");
            }
            let bytes = file["bytes"].as_u64().context("`bytes` is missing")?;
            files.push(Held { name, bytes, sha256: word(file, "sha256")? });
        }
        Ok(Manifest {
            engine: word(&value, "engine")?,
            schema: value["schema"].as_i64().context("`schema` is missing")?,
            taken_at: word(&value, "taken_at")?,
            program: word(&value, "program")?,
            files,
        })
    }

    /// Whether it has a file of this name.
    pub(super) fn holds(&self, name: &str) -> bool {
        self.files.iter().any(|f| f.name == name)
    }
}

/// When the backup in a directory was taken, by what its manifest says; nothing where there is none that ended.
pub(crate) fn taken_at(directory: &Path) -> Option<base::Ts> {
    let text = std::fs::read_to_string(directory.join(NAME)).ok()?;
    base::Ts::parse(&Manifest::parse(&text).ok()?.taken_at)
}

fn hash(path: &Path) -> Result<(u64, String)> {
    let mut file = File::open(path).with_context(|| format!("{} cannot be read", path.display()))?;
    let (mut hash, mut chunk, mut bytes) = (Sha256::new(), vec![0; 1 << 20], 0u64);
    loop {
        let read = file.read(&mut chunk).with_context(|| format!("{} cannot be read", path.display()))?;
        if read == 0 {
            break;
        }
        bytes += read as u64;
        hash.update(&chunk[..read]);
    }
    Ok((bytes, hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()))
}

/// Makes durable which names stand in a directory.
pub(super) fn sync_directory(directory: &Path) -> Result<()> {
    File::open(directory)
        .and_then(|d| d.sync_all())
        .with_context(|| format!("{} cannot be made durable", directory.display()))
}
