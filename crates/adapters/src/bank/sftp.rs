//! A bank's SFTP server, through the machine's own OpenSSH client, which knows keys, hosts and ciphers; this speaks the protocol
//! through it.
//!
//! Each call connects anew: files go a few times a day, and a connection that is kept is one that may hang.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use ach::deliver::{Bank, Later, Trouble};
use russh_sftp::client::SftpSession;
use russh_sftp::client::error::Error;
use russh_sftp::protocol::{OpenFlags, StatusCode};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, Command};
use tokio::time::timeout;
use url::Url;

use super::{INCOMING, LARGEST, OUTGOING, READ, REFUSED, faults_of, is_sent};

/// How long a whole call may take.
const DEADLINE: Duration = Duration::from_secs(60);
/// How long the server may take over one answer, in seconds.
const ANSWER_SECONDS: u64 = 10;
/// How long connecting may take, in seconds.
const CONNECT_SECONDS: u32 = 10;
/// How much is written at a time, in bytes.
const PIECE: usize = 32 * 1024;

/// Where a server is and who we are there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// Who we are.
    pub user: String,
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// The directory in which ours lie; empty: where we come in.
    pub directory: String,
}

/// What is no address of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it must be like sftp://user@host/directory, without a password")]
pub struct NotAnAddress;

impl Server {
    /// `sftp://user@host:port/directory`; without a directory it is the one in which we come in.
    pub fn parse(text: &str) -> Result<Server, NotAnAddress> {
        let url = Url::parse(text).map_err(|_| NotAnAddress)?;
        let plain =
            |text: &str| !text.is_empty() && !text.starts_with('-') && !text.contains(char::is_whitespace);
        let host = url.host_str().filter(|host| plain(host)).ok_or(NotAnAddress)?;
        let is_bare = url.password().is_none() && url.query().is_none() && url.fragment().is_none();
        if url.scheme() != "sftp" || !plain(url.username()) || !is_bare {
            return Err(NotAnAddress);
        }
        let path = url.path().trim_end_matches('/');
        Ok(Server {
            user: url.username().to_owned(),
            host: host.trim_matches(['[', ']']).to_owned(),
            port: url.port().unwrap_or(22),
            directory: path.to_owned(),
        })
    }
}

/// A bank's server.
#[derive(Clone, Debug)]
pub struct Sftp {
    server: Server,
    key: Option<PathBuf>,
    known_hosts: Option<PathBuf>,
}

/// A connection, which ends when this is dropped.
struct Line {
    sftp: SftpSession,
    ssh: Child,
}

/// Does something over a connection. Where that ends nobody waits for answers that cannot come any more.
macro_rules! over {
    ($to:ident, $what:literal, |$sftp:ident| $work:block) => {
        Box::pin($to.within($what, async move {
            let Line { sftp: $sftp, mut ssh } = $to.connect().await?;
            tokio::select! {
                done = async { $work } => done,
                _ = ssh.wait() => Err(Trouble(format!("{} at {}: the connection was lost", $what, $to.server.host)).into()),
            }
        }))
    };
}

impl Sftp {
    /// With this key instead of the user's own, and these known hosts instead of theirs.
    pub fn new(server: Server, key: Option<PathBuf>, known_hosts: Option<PathBuf>) -> Sftp {
        Sftp { server, key, known_hosts }
    }

    /// The client, which asks nobody anything and trusts no host that is not known.
    fn ssh(&self) -> Command {
        let mut ssh = Command::new("ssh");
        let options = [
            "BatchMode=yes".to_owned(),
            "StrictHostKeyChecking=yes".to_owned(),
            "ServerAliveInterval=10".to_owned(),
            "ServerAliveCountMax=3".to_owned(),
            "ClearAllForwardings=yes".to_owned(),
            format!("ConnectTimeout={CONNECT_SECONDS}"),
        ];
        for option in options {
            ssh.arg("-o").arg(option);
        }
        if let Some(key) = &self.key {
            ssh.args(["-o", "IdentitiesOnly=yes", "-i"]).arg(key);
        }
        if let Some(known) = &self.known_hosts {
            ssh.arg("-o").arg(format!("UserKnownHostsFile={}", known.display()));
        }
        ssh.args(["-p", &self.server.port.to_string(), "-l", &self.server.user, "-s", "--"]);
        ssh.args([&self.server.host, "sftp"]);
        ssh.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        ssh
    }

    async fn connect(&self) -> Result<Line, Trouble> {
        let lost = |why: String| Trouble(format!("connecting to {}: {why}", self.server.host));
        let mut ssh = self.ssh().spawn().map_err(|error| {
            lost(format!("{error}; the program `ssh` (Debian: openssh-client) is needed"))
        })?;
        let (Some(stdin), Some(stdout), Some(mut stderr)) =
            (ssh.stdin.take(), ssh.stdout.take(), ssh.stderr.take())
        else {
            return Err(lost("it has no pipes".into()));
        };
        match SftpSession::new(tokio::io::join(stdout, stdin)).await {
            Ok(sftp) => {
                sftp.set_timeout(ANSWER_SECONDS);
                Ok(Line { sftp, ssh })
            }
            Err(error) => {
                // What the client itself says is why; it ends by itself.
                let mut said = String::new();
                let _ = timeout(Duration::from_secs(2), stderr.read_to_string(&mut said)).await;
                let said = said.lines().last().unwrap_or_default().trim().to_owned();
                Err(lost(if said.is_empty() { error.to_string() } else { said }))
            }
        }
    }

    fn path(&self, directory: &str, name: &str) -> String {
        let parts = [self.server.directory.as_str(), directory, name];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("/")
    }

    /// Bounds all of a call.
    async fn within<T>(
        &self,
        what: &'static str,
        work: impl Future<Output = Result<T, Failed>> + Send,
    ) -> Result<T, Trouble> {
        let host = &self.server.host;
        match timeout(DEADLINE, work).await {
            Ok(Ok(done)) => Ok(done),
            Ok(Err(Failed::Known(trouble))) => Err(trouble),
            Ok(Err(Failed::Asked(error))) => Err(Trouble(format!("{what} at {host}: {error}"))),
            Err(_elapsed) => Err(Trouble(format!("{what} at {host}: it took too long"))),
        }
    }
}

/// Why a call came to nothing.
enum Failed {
    /// It has its words.
    Known(Trouble),
    /// What the server said, or did not.
    Asked(Error),
}

impl From<Trouble> for Failed {
    fn from(trouble: Trouble) -> Failed {
        Failed::Known(trouble)
    }
}

impl From<Error> for Failed {
    fn from(error: Error) -> Failed {
        Failed::Asked(error)
    }
}

impl From<std::io::Error> for Failed {
    fn from(error: std::io::Error) -> Failed {
        Failed::Asked(error.into())
    }
}

fn is_missing(error: &Error) -> bool {
    matches!(error, Error::Status(status) if status.status_code == StatusCode::NoSuchFile)
}

/// Whether a directory is there, made where it is not. A bank may not let us make any.
async fn have(sftp: &SftpSession, directory: String) -> Result<(), Error> {
    if sftp.try_exists(directory.clone()).await? { Ok(()) } else { sftp.create_dir(directory).await }
}

impl Bank for Sftp {
    fn put<'a>(&'a self, part: &'a str, bytes: &'a [u8]) -> Later<'a, ()> {
        over!(self, "writing a file", |sftp| {
            let flags = OpenFlags::CREATE | OpenFlags::TRUNCATE | OpenFlags::WRITE;
            let mut file = sftp.open_with_flags(self.path(OUTGOING, part), flags).await?;
            for piece in bytes.chunks(PIECE) {
                file.write_all(piece).await?;
            }
            file.flush().await?;
            file.sync_all().await?;
            let length = file.metadata().await?.size;
            file.close().await?;
            // A full disk is not told by every server.
            match length {
                Some(length) if length != bytes.len() as u64 => {
                    Err(Trouble(format!("{length} of {} bytes arrived", bytes.len())).into())
                }
                _ => Ok(()),
            }
        })
    }

    fn place<'a>(&'a self, part: &'a str, name: &'a str) -> Later<'a, bool> {
        over!(self, "placing a file", |sftp| {
            match sftp.rename(self.path(OUTGOING, part), self.path(OUTGOING, name)).await {
                Ok(()) => Ok(true),
                Err(error) if is_missing(&error) => {
                    // Of a directory that is not there nothing is known.
                    sftp.metadata(self.path(OUTGOING, "")).await?;
                    Ok(false)
                }
                Err(error) => Err(error.into()),
            }
        })
    }

    fn drop_part<'a>(&'a self, part: &'a str) -> Later<'a, ()> {
        over!(self, "removing a part", |sftp| {
            match sftp.remove_file(self.path(OUTGOING, part)).await {
                Err(error) if !is_missing(&error) => Err(error.into()),
                _ => Ok(()),
            }
        })
    }

    fn sent(&self) -> Later<'_, Vec<String>> {
        over!(self, "listing files", |sftp| {
            let all = sftp.read_dir(self.path(INCOMING, "")).await?;
            let files = all.filter(|entry| entry.file_type().is_file()).map(|entry| entry.file_name());
            let mut names: Vec<String> = files.filter(|name| is_sent(name)).collect();
            names.sort_unstable();
            Ok(names)
        })
    }

    fn read<'a>(&'a self, name: &'a str) -> Later<'a, Option<Vec<u8>>> {
        over!(self, "reading a file", |sftp| {
            let file = match sftp.open(self.path(INCOMING, name)).await {
                Ok(file) => file,
                Err(error) if is_missing(&error) => return Ok(None),
                Err(error) => return Err(error.into()),
            };
            let mut bytes = Vec::new();
            file.take(LARGEST + 1).read_to_end(&mut bytes).await?;
            if bytes.len() as u64 > LARGEST {
                return Err(Trouble(format!("{name} has more than {LARGEST} bytes")).into());
            }
            Ok(Some(bytes))
        })
    }

    fn put_away<'a>(&'a self, name: &'a str, faults: Option<&'a str>) -> Later<'a, ()> {
        over!(self, "putting a file away", |sftp| {
            let to = if faults.is_some() { REFUSED } else { READ };
            have(&sftp, self.path(to, "")).await?;
            if let Some(faults) = faults {
                let mut file = sftp.create(self.path(to, &faults_of(name))).await?;
                file.write_all(faults.as_bytes()).await?;
                file.close().await?;
            }
            match sftp.rename(self.path(INCOMING, name), self.path(to, name)).await {
                Err(error) if !is_missing(&error) => Err(error.into()),
                _ => Ok(()),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_a_user_a_host_and_a_directory_and_no_password() {
        let server = Server::parse("sftp://agency@bank.example:2222/ach/").unwrap();
        assert_eq!(
            (server.user.as_str(), server.host.as_str(), server.port),
            ("agency", "bank.example", 2222)
        );
        let path = |text: &str| Sftp::new(Server::parse(text).unwrap(), None, None).path(OUTGOING, "a.ach");
        assert_eq!(path("sftp://a@b/ach/"), "/ach/outgoing/a.ach");
        assert_eq!(path("sftp://a@b"), "outgoing/a.ach");
        for wrong in [
            "sftp://bank.example/ach",
            "sftp://agency:secret@bank.example",
            "ssh://agency@bank.example",
            "sftp://-oProxyCommand=x@bank.example",
            "sftp://agency@-oProxyCommand=x",
            "/var/lib/ach",
        ] {
            assert_eq!(Server::parse(wrong), Err(NotAnAddress), "{wrong}");
        }
    }
}
