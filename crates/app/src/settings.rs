//! Settings: flags and environment only, read once, here.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use adapters::authorize_net::{self, AuthorizeNet};
use adapters::stripe::{self, Stripe};
use anyhow::{Context, Result, bail};
use base::Failure;
use base::db::{Location, Server};
use base::seams::Seams;
use base::secret::Secret;
use base::vault::{MasterKey, MasterKeys};
use clap::{Args, ValueEnum};

/// What every command needs: where the data is, and the key to it.
#[derive(Args, Clone)]
pub(crate) struct Common {
    /// Where an embedded database, its key and the sandbox's journal are kept [default: ./quittance-data]
    #[arg(long, global = true, env = "QUITTANCE_DATA_DIR", value_name = "DIR", hide_env_values = true)]
    pub(crate) data_dir: Option<PathBuf>,
    /// A PostgreSQL database: postgres://user:password@host/database. Absent: SQLite in the data directory
    #[arg(long, global = true, env = "QUITTANCE_DATABASE_URL", value_name = "URL", hide_env_values = true)]
    database_url: Option<String>,
    /// The most connections to PostgreSQL
    #[arg(
        long,
        global = true,
        env = "QUITTANCE_DATABASE_CONNECTIONS",
        value_name = "N",
        default_value_t = 16
    )]
    database_connections: u16,
    /// The key that wraps all others: 32 bytes in base64 (openssl rand -base64 32). Prefer the file
    #[arg(long, global = true, env = "QUITTANCE_MASTER_KEY", value_name = "KEY", hide_env_values = true)]
    master_key: Option<String>,
    /// A file with the master key. For an embedded database one is made at the first start
    #[arg(long, global = true, env = "QUITTANCE_MASTER_KEY_FILE", value_name = "FILE")]
    master_key_file: Option<PathBuf>,
    /// A file with the master key before this one, while the tenants' keys are wrapped anew (quittance keys rotate master)
    #[arg(long, global = true, env = "QUITTANCE_OLD_MASTER_KEY_FILE", value_name = "FILE")]
    old_master_key_file: Option<PathBuf>,
    /// Seconds within which every request has surely ended: so long a rotation waits before a new key is used, and
    /// again before the old one is destroyed
    #[arg(
        long,
        global = true,
        env = "QUITTANCE_KEY_WAIT_SECONDS",
        value_name = "N",
        default_value_t = books::orgs::KEY_WAIT_SECONDS,
        value_parser = clap::value_parser!(i64).range(1..=86_400)
    )]
    pub(crate) key_wait_seconds: i64,
    /// The sandbox processor's address, needed with PostgreSQL: http://127.0.0.1:4010
    #[arg(long, global = true, env = "QUITTANCE_PROCESSOR_URL", value_name = "URL")]
    pub(crate) processor_url: Option<String>,
    /// The secret that the sandbox processor asks for, where it does
    #[arg(
        long,
        global = true,
        env = "QUITTANCE_PROCESSOR_SECRET",
        value_name = "SECRET",
        hide_env_values = true
    )]
    processor_secret: Option<String>,
    /// Stripe's secret key: with it production charges through Stripe (docs/PROCESSORS.md). Prefer the file
    #[arg(long, global = true, env = "QUITTANCE_STRIPE_KEY", value_name = "KEY", hide_env_values = true)]
    stripe_key: Option<String>,
    /// A file with Stripe's secret key
    #[arg(long, global = true, env = "QUITTANCE_STRIPE_KEY_FILE", value_name = "FILE")]
    stripe_key_file: Option<PathBuf>,
    /// Where Stripe is, for who rehearses with something that plays it
    #[arg(
        long,
        global = true,
        env = "QUITTANCE_STRIPE_URL",
        value_name = "URL",
        default_value = Stripe::ADDRESS
    )]
    pub(crate) stripe_url: String,
    /// Authorize.net's API login id: with it and its key production charges through Authorize.net (docs/PROCESSORS.md)
    #[arg(
        long,
        global = true,
        env = "QUITTANCE_AUTHORIZE_NET_LOGIN",
        value_name = "ID",
        hide_env_values = true
    )]
    authorize_net_login: Option<String>,
    /// A file with that API login id
    #[arg(long, global = true, env = "QUITTANCE_AUTHORIZE_NET_LOGIN_FILE", value_name = "FILE")]
    authorize_net_login_file: Option<PathBuf>,
    /// Authorize.net's transaction key. Prefer the file
    #[arg(
        long,
        global = true,
        env = "QUITTANCE_AUTHORIZE_NET_KEY",
        value_name = "KEY",
        hide_env_values = true
    )]
    authorize_net_key: Option<String>,
    /// A file with that transaction key
    #[arg(long, global = true, env = "QUITTANCE_AUTHORIZE_NET_KEY_FILE", value_name = "FILE")]
    authorize_net_key_file: Option<PathBuf>,
    /// Where Authorize.net is: <https://apitest.authorize.net> for its sandbox, or what plays it
    #[arg(
        long,
        global = true,
        env = "QUITTANCE_AUTHORIZE_NET_URL",
        value_name = "URL",
        default_value = AuthorizeNet::ADDRESS
    )]
    pub(crate) authorize_net_url: String,
    /// Where ACH files for the bank are put and the bank's are read: a directory, or sftp://user@host/directory. With it production
    /// debits bank accounts by files of its own (docs/ACH.md)
    #[arg(long, global = true, env = "QUITTANCE_ACH_BANK", value_name = "PLACE")]
    pub(crate) ach_bank: Option<String>,
    /// The SSH key for that server, instead of the user's own
    #[arg(long, global = true, env = "QUITTANCE_ACH_SSH_KEY_FILE", value_name = "FILE")]
    pub(crate) ach_ssh_key_file: Option<PathBuf>,
    /// The hosts that are trusted to be that server, instead of the user's own known_hosts
    #[arg(long, global = true, env = "QUITTANCE_ACH_KNOWN_HOSTS_FILE", value_name = "FILE")]
    pub(crate) ach_known_hosts_file: Option<PathBuf>,
    /// Network addresses that organizations may have us call besides ordinary ones, over plain http and on any port too:
    /// addresses or ranges, comma-separated (10.1.0.0/16,::1)
    #[arg(long, global = true, env = "QUITTANCE_EGRESS_ALLOW", value_name = "RANGES", value_delimiter = ',', value_parser = range)]
    pub(crate) egress_allow: Vec<edge::headers::Range>,
    /// Which log lines: error, warn, info, debug; or a filter like payments=debug,info
    #[arg(long, global = true, env = "QUITTANCE_LOG", value_name = "FILTER", default_value = "info")]
    pub(crate) log: String,
    /// How log lines look
    #[arg(long, global = true, env = "QUITTANCE_LOG_FORMAT", value_name = "FORMAT", default_value = "human")]
    pub(crate) log_format: LogFormat,
}

/// How log lines look.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum LogFormat {
    /// For people.
    Human,
    /// One JSON object a line.
    Json,
}

/// What a serving command needs besides.
#[derive(Args, Clone)]
pub(crate) struct Serving {
    /// The address to listen on [default: 127.0.0.1:8080]
    #[arg(long, env = "QUITTANCE_LISTEN", value_name = "ADDRESS")]
    pub(crate) listen: Option<SocketAddr>,
    /// The address callers use, for links [default: http://ADDRESS]
    #[arg(long, env = "QUITTANCE_PUBLIC_URL", value_name = "URL")]
    pub(crate) public_url: Option<String>,
    /// Requests a minute a token may make
    #[arg(long, env = "QUITTANCE_RATE_LIMIT", value_name = "N", default_value_t = 300)]
    pub(crate) rate_limit: u32,
    /// Proxies whose X-Forwarded-For is believed: addresses or ranges, comma-separated (10.0.0.0/8,::1)
    #[arg(long, env = "QUITTANCE_TRUSTED_PROXIES", value_name = "RANGES", value_delimiter = ',', value_parser = range)]
    pub(crate) trusted_proxies: Vec<edge::headers::Range>,
    /// The signing secret (whsec_…) of the endpoint /webhooks/processors/stripe, set up at Stripe. Prefer the file
    #[arg(long, env = "QUITTANCE_STRIPE_WEBHOOK_SECRET", value_name = "SECRET", hide_env_values = true)]
    stripe_webhook_secret: Option<String>,
    /// A file with that signing secret
    #[arg(long, env = "QUITTANCE_STRIPE_WEBHOOK_SECRET_FILE", value_name = "FILE")]
    stripe_webhook_secret_file: Option<PathBuf>,
    /// Authorize.net's signature key, by which what comes to /webhooks/processors/authorize-net is known. Prefer the file
    #[arg(long, env = "QUITTANCE_AUTHORIZE_NET_SIGNATURE_KEY", value_name = "KEY", hide_env_values = true)]
    authorize_net_signature_key: Option<String>,
    /// A file with that signature key
    #[arg(long, env = "QUITTANCE_AUTHORIZE_NET_SIGNATURE_KEY_FILE", value_name = "FILE")]
    authorize_net_signature_key_file: Option<PathBuf>,
    /// How long the sandbox takes to settle bank debits, in seconds
    #[arg(long, env = "QUITTANCE_SANDBOX_SETTLE_SECONDS", value_name = "N", default_value_t = 60)]
    pub(crate) sandbox_settle_seconds: u32,
    #[command(flatten)]
    pub(crate) posting: Posting,
}

/// How messages are sent.
#[derive(Args, Clone, Default)]
pub(crate) struct Posting {
    /// A mail server: smtp://user:password@host:587 (STARTTLS, or nothing on this machine) or smtps://user:password@host.
    /// Absent: production's mail waits, and sandboxes' lies in the data directory's mailbox
    #[arg(long, env = "QUITTANCE_SMTP_URL", value_name = "URL", hide_env_values = true)]
    smtp_url: Option<String>,
    /// The address that mail comes from
    #[arg(long, env = "QUITTANCE_MAIL_FROM", value_name = "ADDRESS")]
    pub(crate) mail_from: Option<String>,
    /// A gateway for text messages: https://… (docs/MESSAGES.md says what it is asked)
    #[arg(long, env = "QUITTANCE_SMS_URL", value_name = "URL", hide_env_values = true)]
    sms_url: Option<String>,
    /// The token that the gateway lets us in by
    #[arg(long, env = "QUITTANCE_SMS_TOKEN", value_name = "TOKEN", hide_env_values = true)]
    sms_token: Option<String>,
    /// The number or name that text messages come from, where the gateway wants to be told
    #[arg(long, env = "QUITTANCE_SMS_FROM", value_name = "NUMBER")]
    pub(crate) sms_from: Option<String>,
    /// Show the mailbox at /mailbox: whoever reaches the server sees what sandboxes would have sent
    #[arg(long)]
    pub(crate) mailbox_page: bool,
}

impl Posting {
    /// The mail server.
    pub(crate) fn smtp_url(&self) -> Option<Secret<String>> {
        self.smtp_url.clone().map(Secret::new)
    }

    /// The gateway for text messages. Its address may hold a key.
    pub(crate) fn sms_url(&self) -> Option<Secret<String>> {
        self.sms_url.clone().map(Secret::new)
    }

    /// The gateway's token.
    pub(crate) fn sms_token(&self) -> Option<Secret<String>> {
        self.sms_token.clone().map(Secret::new)
    }
}

fn range(text: &str) -> Result<edge::headers::Range, String> {
    edge::headers::Range::parse(text.trim())
        .ok_or_else(|| format!("`{text}` is no address or range like 10.0.0.0/8"))
}

impl Serving {
    /// The address to listen on.
    pub(crate) fn address(&self) -> SocketAddr {
        self.listen.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8080)))
    }

    /// Files with secrets, each by what it holds.
    pub(crate) fn secret_files(&self) -> Vec<(&'static str, PathBuf)> {
        let all = [
            ("Stripe's webhook secret", &self.stripe_webhook_secret_file),
            ("Authorize.net's signature key", &self.authorize_net_signature_key_file),
        ];
        all.into_iter().filter_map(|(what, file)| Some((what, file.clone()?))).collect()
    }

    /// Secrets that stand in the environment or on the command line and could lie in a file.
    pub(crate) fn secrets_in_environment(&self) -> Vec<&'static str> {
        let all = [
            ("Stripe's webhook secret", &self.stripe_webhook_secret),
            ("Authorize.net's signature key", &self.authorize_net_signature_key),
        ];
        all.into_iter().filter(|(_, text)| text.is_some()).map(|(what, _)| what).collect()
    }

    /// By which Stripe's webhooks are known to be Stripe's.
    pub(crate) fn stripe_webhooks(&self) -> Result<Option<stripe::Signing>> {
        let (text, file) = (&self.stripe_webhook_secret, &self.stripe_webhook_secret_file);
        let secret = given(text.as_deref(), file.as_deref(), "the signing secret of Stripe's webhooks")?;
        secret
            .map(|secret| {
                let said = "a signing secret of Stripe's webhooks begins with whsec_";
                stripe::Signing::new(secret).context(said)
            })
            .transpose()
    }

    /// By which Authorize.net's webhooks are known to be Authorize.net's.
    pub(crate) fn authorize_net_webhooks(&self) -> Result<Option<authorize_net::Signing>> {
        let (text, file) = (&self.authorize_net_signature_key, &self.authorize_net_signature_key_file);
        let key = given(text.as_deref(), file.as_deref(), "Authorize.net's signature key")?;
        let said = "a signature key of Authorize.net has 128 hexadecimal digits";
        key.map(|key| authorize_net::Signing::new(key).context(said)).transpose()
    }
}

impl Common {
    /// The file with the master key; nothing where that stands in the environment or on the command line.
    pub(crate) fn key_file(&self) -> Option<PathBuf> {
        match (&self.master_key, &self.master_key_file) {
            (Some(_), _) => None,
            (None, Some(file)) => Some(file.clone()),
            (None, None) => Some(self.default_key_file()),
        }
    }

    /// Other files with secrets, each by what it holds.
    pub(crate) fn secret_files(&self) -> Vec<(&'static str, PathBuf)> {
        let all = [
            ("the master key before", &self.old_master_key_file),
            ("Stripe's key", &self.stripe_key_file),
            ("Authorize.net's login", &self.authorize_net_login_file),
            ("Authorize.net's key", &self.authorize_net_key_file),
            ("the bank's SSH key", &self.ach_ssh_key_file),
        ];
        all.into_iter().filter_map(|(what, file)| Some((what, file.clone()?))).collect()
    }

    /// Secrets that stand in the environment or on the command line and could lie in a file.
    pub(crate) fn secrets_in_environment(&self) -> Vec<&'static str> {
        let all = [("Stripe's key", &self.stripe_key), ("Authorize.net's key", &self.authorize_net_key)];
        all.into_iter().filter(|(_, text)| text.is_some()).map(|(what, _)| what).collect()
    }

    /// The data directory.
    pub(crate) fn directory(&self) -> PathBuf {
        self.data_dir.clone().unwrap_or_else(|| PathBuf::from("quittance-data"))
    }

    /// Where sandboxes' messages lie that were not sent.
    pub(crate) fn mailbox(&self) -> PathBuf {
        self.directory().join("mailbox")
    }

    /// The embedded database's file.
    pub(crate) fn database_file(&self) -> PathBuf {
        self.directory().join("quittance.db")
    }

    /// The journal of the sandbox processor that runs in this process.
    pub(crate) fn journal_file(&self) -> PathBuf {
        self.directory().join("sandbox.journal")
    }

    /// Whether the database is embedded.
    pub(crate) fn is_embedded(&self) -> bool {
        self.database_url.is_none()
    }

    /// Where the database is, to own it.
    pub(crate) fn database(&self) -> Result<Location> {
        match &self.database_url {
            None => {
                let directory = self.directory();
                std::fs::create_dir_all(&directory).with_context(|| {
                    format!(
                        "the data directory {} cannot be made; name another with --data-dir",
                        directory.display()
                    )
                })?;
                Ok(Location::Lite { path: self.database_file(), inline: false })
            }
            Some(url) => self.server(url),
        }
    }

    /// Where the database is, to read beside whoever owns it.
    pub(crate) fn database_to_read(&self) -> Result<Location> {
        match &self.database_url {
            None => Ok(Location::LiteReader { path: self.database_file() }),
            Some(url) => self.server(url),
        }
    }

    fn server(&self, url: &str) -> Result<Location> {
        if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
            bail!(
                "QUITTANCE_DATABASE_URL must begin with postgres://; leave it out to use SQLite in the data directory"
            );
        }
        Ok(Location::Pg {
            url: Secret::new(url.to_owned()),
            connections: usize::from(self.database_connections.max(2)),
        })
    }

    /// The PostgreSQL server, for its own tools.
    pub(crate) fn server_of_database(&self) -> Result<Server> {
        let url = self.database_url.clone().context("QUITTANCE_DATABASE_URL is not set")?;
        Ok(Server::of(&Secret::new(url))?)
    }

    /// The processor's secret.
    pub(crate) fn processor_secret(&self) -> Option<Secret<String>> {
        self.processor_secret.clone().map(Secret::new)
    }

    /// Stripe's secret key: from the environment or a file.
    pub(crate) fn stripe_key(&self) -> Result<Option<Secret<String>>> {
        given(self.stripe_key.as_deref(), self.stripe_key_file.as_deref(), "Stripe's key")
    }

    /// Authorize.net's API login id and transaction key: both, or neither.
    pub(crate) fn authorize_net_keys(&self) -> Result<Option<(Secret<String>, Secret<String>)>> {
        let (text, file) = (&self.authorize_net_login, &self.authorize_net_login_file);
        let login = given(text.as_deref(), file.as_deref(), "Authorize.net's login")?;
        let (text, file) = (&self.authorize_net_key, &self.authorize_net_key_file);
        let key = given(text.as_deref(), file.as_deref(), "Authorize.net's key")?;
        match (login, key) {
            (Some(login), Some(key)) => Ok(Some((login, key))),
            (None, None) => Ok(None),
            _ => bail!(
                "Authorize.net wants an API login id and a transaction key: set both QUITTANCE_AUTHORIZE_NET_LOGIN_FILE and QUITTANCE_AUTHORIZE_NET_KEY_FILE, or neither"
            ),
        }
    }

    fn default_key_file(&self) -> PathBuf {
        self.directory().join("master.key")
    }

    /// The master key, and the one before it where that is named.
    pub(crate) fn master_keys(&self, seams: &Seams, database_is_new: bool) -> Result<MasterKeys> {
        let older = self.old_master_key_file.iter().map(|file| read_key(file)).collect::<Result<_>>()?;
        Ok(MasterKeys::new(self.master_key(seams, database_is_new)?, older))
    }

    /// The master key: from the environment or a file; with an embedded database that has nothing in it yet, a
    /// new one, kept in the data directory.
    fn master_key(&self, seams: &Seams, database_is_new: bool) -> Result<MasterKey> {
        if let Some(text) = &self.master_key {
            return Ok(MasterKey::parse(text)?);
        }
        if let Some(file) = &self.master_key_file {
            return read_key(file);
        }
        if !self.is_embedded() {
            bail!(
                "with PostgreSQL a master key is needed: make one with `openssl rand -base64 32`, keep it safe, and set QUITTANCE_MASTER_KEY_FILE (or QUITTANCE_MASTER_KEY)"
            );
        }
        let file = self.default_key_file();
        if file.exists() {
            return read_key(&file);
        }
        if !database_is_new {
            bail!(
                "the master key {} is missing, and without it the personal data in {} cannot be read; restore that file, or set QUITTANCE_MASTER_KEY_FILE to where it is",
                file.display(),
                self.database_file().display()
            );
        }
        let key = MasterKey::generate(seams);
        write_key(&file, &key)?;
        Ok(key)
    }
}

/// A secret that stands in the environment or in a file.
fn given(text: Option<&str>, file: Option<&Path>, what: &str) -> Result<Option<Secret<String>>> {
    let text = match (text, file) {
        (Some(text), _) => Secret::new(text.to_owned()),
        (None, Some(file)) => Secret::new(
            std::fs::read_to_string(file)
                .with_context(|| format!("{what} {} cannot be read", file.display()))?,
        ),
        (None, None) => return Ok(None),
    };
    Ok(Some(Secret::new(text.reveal().trim().to_owned())))
}

fn read_key(file: &Path) -> Result<MasterKey> {
    let text = Secret::new(
        std::fs::read_to_string(file)
            .with_context(|| format!("the master key {} cannot be read", file.display()))?,
    );
    MasterKey::parse(text.reveal()).with_context(|| format!("the master key {} is not one", file.display()))
}

/// Writes the key for its owner alone, whole or not at all.
fn write_key(file: &Path, key: &MasterKey) -> Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let written =
        std::fs::File::options().write(true).create_new(true).mode(0o600).open(file).and_then(|mut f| {
            f.write_all(key.to_text().reveal().as_bytes())?;
            f.write_all(b"\n")?;
            f.sync_all()
        });
    written.with_context(|| format!("the master key cannot be written to {}", file.display()))
}

/// What went wrong in words for the terminal: of a refusal only what it says.
pub(crate) fn plain(cause: &(dyn std::error::Error + 'static)) -> String {
    match cause.downcast_ref::<Failure>() {
        Some(Failure::Refused(refusal)) => refusal.say.clone(),
        _ => cause.to_string(),
    }
}

/// Starts logging as the settings say.
pub(crate) fn start_logging(common: &Common) {
    use std::io::IsTerminal as _;
    use tracing_subscriber::{EnvFilter, fmt};
    // The driver reports every notice of the server, such as a table that is there already.
    let filter = EnvFilter::try_new(format!("tokio_postgres=warn,{}", common.log))
        .unwrap_or_else(|_| EnvFilter::new("info"));
    let lines =
        fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(std::io::stderr().is_terminal());
    // A second start in one process (never outside tests) keeps the first one's.
    let _ = match common.log_format {
        LogFormat::Human => lines.with_target(false).try_init(),
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
    };
}
