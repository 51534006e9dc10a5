//! A folder on this machine, from which something else carries files to the bank and back.

use std::fs::{DirBuilder, File};
use std::io::{self, ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use ach::deliver::{Bank, Later, Trouble};

use super::{INCOMING, LARGEST, OUTGOING, READ, REFUSED, faults_of, is_sent};

/// A folder.
#[derive(Clone, Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// That at `path`, with its directories, for its owner alone.
    pub fn open(path: PathBuf) -> io::Result<Folder> {
        for directory in [OUTGOING, READ, REFUSED] {
            DirBuilder::new().recursive(true).mode(0o700).create(path.join(directory))?;
        }
        Ok(Folder(path))
    }

    fn outgoing(&self, name: &str) -> PathBuf {
        self.0.join(OUTGOING).join(name)
    }

    /// Does something with files, where it may wait for the disk.
    fn does<'a, T: Send + 'static>(
        &self,
        what: &'static str,
        work: impl FnOnce(Folder) -> io::Result<T> + Send + 'static,
    ) -> Later<'a, T> {
        let folder = self.clone();
        Box::pin(async move {
            let at = folder.0.display().to_string();
            let done = tokio::task::spawn_blocking(move || work(folder)).await;
            let done = done.unwrap_or_else(|panic| Err(io::Error::other(panic)));
            done.map_err(|error| Trouble(format!("{what} in {at}: {error}")))
        })
    }
}

/// Makes what happened in a directory survive a loss of power.
fn sync(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}

fn is_there(path: &Path) -> io::Result<bool> {
    match std::fs::symlink_metadata(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

impl Bank for Folder {
    fn put<'a>(&'a self, part: &'a str, bytes: &'a [u8]) -> Later<'a, ()> {
        let (part, bytes) = (part.to_owned(), bytes.to_vec());
        self.does("writing a file", move |folder| {
            let path = folder.outgoing(&part);
            let mut file = File::options().write(true).create(true).truncate(true).mode(0o600).open(&path)?;
            file.write_all(&bytes)?;
            file.sync_all()?;
            sync(&folder.0.join(OUTGOING))
        })
    }

    fn place<'a>(&'a self, part: &'a str, name: &'a str) -> Later<'a, bool> {
        let (part, name) = (part.to_owned(), name.to_owned());
        self.does("placing a file", move |folder| {
            let (from, to) = (folder.outgoing(&part), folder.outgoing(&name));
            if !is_there(&from)? {
                // Of a folder that is not there nothing is known.
                sync(&folder.0.join(OUTGOING))?;
                return Ok(false);
            }
            if is_there(&to)? {
                return Err(io::Error::new(ErrorKind::AlreadyExists, format!("{name} lies there already")));
            }
            std::fs::rename(from, to)?;
            sync(&folder.0.join(OUTGOING))?;
            Ok(true)
        })
    }

    fn drop_part<'a>(&'a self, part: &'a str) -> Later<'a, ()> {
        let part = part.to_owned();
        self.does("removing a part", move |folder| match std::fs::remove_file(folder.outgoing(&part)) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        })
    }

    fn sent(&self) -> Later<'_, Vec<String>> {
        self.does("listing files", move |folder| {
            let mut names = Vec::new();
            for entry in std::fs::read_dir(folder.0.join(INCOMING))? {
                let entry = entry?;
                if let Ok(name) = entry.file_name().into_string()
                    && entry.file_type()?.is_file()
                    && is_sent(&name)
                {
                    names.push(name);
                }
            }
            names.sort_unstable();
            Ok(names)
        })
    }

    fn read<'a>(&'a self, name: &'a str) -> Later<'a, Option<Vec<u8>>> {
        let name = name.to_owned();
        self.does("reading a file", move |folder| {
            let path = folder.0.join(INCOMING).join(&name);
            match std::fs::metadata(&path) {
                Ok(about) if about.len() > LARGEST => {
                    return Err(io::Error::other(format!("{name} has more than {LARGEST} bytes")));
                }
                Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
                Err(error) => return Err(error),
                Ok(_) => {}
            }
            std::fs::read(path).map(Some)
        })
    }

    fn put_away<'a>(&'a self, name: &'a str, faults: Option<&'a str>) -> Later<'a, ()> {
        let (name, faults) = (name.to_owned(), faults.map(str::to_owned));
        self.does("putting a file away", move |folder| {
            let to = folder.0.join(if faults.is_some() { REFUSED } else { READ });
            if let Some(faults) = faults {
                std::fs::write(to.join(faults_of(&name)), faults)?;
            }
            match std::fs::rename(folder.0.join(INCOMING).join(&name), to.join(&name)) {
                Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
                _ => sync(&to),
            }
        })
    }
}
