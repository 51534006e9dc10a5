//! PostgreSQL: a pool of connections and one transaction on one of them.
//!
//! What must always hold: a connection goes back to the pool only after its transaction's end was answered;
//! otherwise it is closed, so nobody ever begins inside somebody else's transaction.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use deadpool_postgres::{Hook, HookError, Manager, ManagerConfig, Object, Pool, RecyclingMethod, Runtime};
use futures_util::{TryStreamExt, future::try_join, pin_mut};
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::types::ToSql;

use super::{Commit, DbError, Params, Record, Row};
use crate::{Code, Failure, Result, secret::Secret};

pub(super) type PgParam<'a> = &'a (dyn ToSql + Sync + 'a);

/// Set on every connection. `synchronous_commit` is the promise that an answered payment survives.
const SESSION: &str = "SET statement_timeout = 5000; SET lock_timeout = 1000; \
     SET idle_in_transaction_session_timeout = 10000; SET synchronous_commit = on; SET TIME ZONE 'UTC'";

pub(super) struct Pg {
    pool: Pool,
}

/// Where a server is and how to log in, for PostgreSQL's own tools. They read it from their environment, where other
/// users of the machine cannot see the password.
#[derive(Default)]
pub struct Server {
    environment: Vec<(&'static str, Secret<String>)>,
    database: String,
}

impl Server {
    /// Of a connection URL.
    pub fn of(url: &Secret<String>) -> Result<Server> {
        let config = parse(url)?;
        let host = config.get_hosts().first().map(|host| match host {
            Host::Tcp(name) => name.clone(),
            Host::Unix(path) => path.display().to_string(),
        });
        let host = host.or_else(|| config.get_hostaddrs().first().map(ToString::to_string));
        let password = config.get_password().map(|bytes| String::from_utf8_lossy(bytes).into_owned());
        let user = config.get_user().map(str::to_owned);
        let database = config.get_dbname().map(str::to_owned).or_else(|| user.clone()).unwrap_or_default();
        let tls = (config.get_ssl_mode() == SslMode::Require).then(|| "require".to_owned());
        let named = [
            ("PGHOST", host),
            ("PGPORT", config.get_ports().first().map(ToString::to_string)),
            ("PGUSER", user),
            ("PGPASSWORD", password),
            ("PGDATABASE", Some(database.clone())),
            ("PGSSLMODE", tls),
        ];
        let named = named.into_iter().filter_map(|(name, value)| Some((name, Secret::new(value?))));
        Ok(Server { environment: named.collect(), database })
    }

    /// What libpq reads from its environment.
    pub fn environment(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.environment.iter().map(|(name, value)| (*name, value.reveal().as_str()))
    }

    /// The database's name.
    pub fn database(&self) -> &str {
        &self.database
    }
}

fn parse(url: &Secret<String>) -> Result<tokio_postgres::Config> {
    url.reveal().parse().map_err(|e: tokio_postgres::Error| {
        Failure::refused(Code::Unavailable, format!("QUITTANCE_DATABASE_URL cannot be read ({e}). Write it as postgres://user:password@host:5432/database."))
    })
}

impl Pg {
    pub(super) async fn open(url: &Secret<String>, connections: usize) -> Result<std::sync::Arc<Pg>> {
        let mut config = parse(url)?;
        let here = |address: &std::net::IpAddr| address.is_loopback();
        let named = config.get_hosts().iter().all(|host| match host {
            Host::Tcp(name) => name == "localhost" || name.parse().is_ok_and(|a| here(&a)),
            Host::Unix(_) => true,
        });
        let some = !config.get_hosts().is_empty() || !config.get_hostaddrs().is_empty();
        let local = some && named && config.get_hostaddrs().iter().all(here);
        config.connect_timeout(Duration::from_secs(3)).application_name("quittance");
        // Of several hosts the one that takes writes: money is never decided on a standby.
        config.target_session_attrs(tokio_postgres::config::TargetSessionAttrs::ReadWrite);
        let manager_config = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let manager = if local && config.get_ssl_mode() != SslMode::Require
            || config.get_ssl_mode() == SslMode::Disable
        {
            Manager::from_config(config, tokio_postgres::NoTls, manager_config)
        } else {
            config.ssl_mode(SslMode::Require); // off this machine the server must prove who it is
            Manager::from_config(config, tls()?, manager_config)
        };
        let pool = Pool::builder(manager)
            .max_size(connections)
            .wait_timeout(Some(Duration::from_secs(5)))
            .create_timeout(Some(Duration::from_secs(4)))
            .runtime(Runtime::Tokio1)
            .post_create(Hook::async_fn(|client, _| {
                Box::pin(async move { client.batch_execute(SESSION).await.map_err(HookError::Backend) })
            }))
            .build()
            .map_err(|e| Failure::broken("building the connection pool", e))?;
        let pg = Pg { pool };
        pg.autocommit().await.map_err(|error| {
            Failure::refused(Code::Unavailable, format!("The database cannot be reached ({error}). Check QUITTANCE_DATABASE_URL, that the server runs, and that the user may log in."))
        })?;
        Ok(std::sync::Arc::new(pg))
    }

    async fn connection(&self) -> Result<Object, DbError> {
        use std::error::Error as _;
        self.pool.get().await.map_err(|error| {
            let cause = error.source().map(|s| format!(": {s}")).unwrap_or_default();
            DbError::away(format!("{error}{cause}"))
        })
    }

    pub(super) async fn autocommit(&self) -> Result<PgTx, DbError> {
        Ok(PgTx::new(self.connection().await?, None))
    }

    pub(super) async fn begin(&self) -> Result<PgTx, DbError> {
        Ok(PgTx::new(self.connection().await?, Some("BEGIN ISOLATION LEVEL READ COMMITTED")))
    }

    pub(super) async fn snapshot(&self) -> Result<PgTx, DbError> {
        Ok(PgTx::new(
            self.connection().await?,
            Some(
                "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0",
            ),
        ))
    }
}

/// TLS that checks the server's certificate and name against the system's authorities.
fn tls() -> Result<tokio_postgres_rustls::MakeRustlsConnect> {
    use rustls_platform_verifier::ConfigVerifierExt as _;
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default(); // already there: fine
    let config =
        rustls::ClientConfig::with_platform_verifier().map_err(|e| Failure::broken("setting up TLS", e))?;
    Ok(tokio_postgres_rustls::MakeRustlsConnect::new(config))
}

pub(super) struct PgTx {
    /// There until the transaction ends.
    client: Option<Object>,
    /// What begins it, sent in front of the first statement in the same round trip; `None` for autocommit.
    begin: Option<&'static str>,
    begun: AtomicBool,
    /// Whether a statement failed: the server then answers COMMIT with a rollback, and calls it a success.
    failed: AtomicBool,
}

impl PgTx {
    fn new(client: Object, begin: Option<&'static str>) -> PgTx {
        PgTx { client: Some(client), begin, begun: AtomicBool::new(false), failed: AtomicBool::new(false) }
    }

    fn client(&self) -> &Object {
        self.client.as_ref().expect("a transaction holds its connection until it ends")
    }

    /// Does `work`, with the transaction's beginning in front of the first.
    async fn begun<T>(&self, work: impl Future<Output = Result<T, DbError>>) -> Result<T, DbError> {
        let done = match self.begin {
            Some(begin) if !self.begun.swap(true, Ordering::Relaxed) => {
                // Polled in this order, so BEGIN is on the wire before whatever `work` sends.
                let begin = async { self.client().batch_execute(begin).await.map_err(DbError::from) };
                try_join(begin, work).await.map(|((), out)| out)
            }
            _ => work.await,
        };
        self.failed.fetch_or(done.is_err(), Ordering::Relaxed);
        done
    }

    pub(super) async fn prepare(&self, sql: &str) -> Result<(), DbError> {
        self.begun(async { Ok(self.client().prepare_cached(sql).await.map(drop)?) }).await
    }

    pub(super) async fn all<T: Record>(&self, sql: &str, params: Params<'_>) -> Result<Vec<T>, DbError> {
        self.begun(async {
            let statement = self.client().prepare_cached(sql).await?;
            let rows = self.client().query_raw(&statement, params.iter().map(|p| *p as PgParam<'_>)).await?;
            pin_mut!(rows);
            let mut all = Vec::new();
            while let Some(row) = rows.try_next().await? {
                all.push(T::read(&Row::Pg(&row))?);
            }
            Ok(all)
        })
        .await
    }

    pub(super) async fn run(&self, sql: &str, params: Params<'_>) -> Result<u64, DbError> {
        let params: Vec<PgParam<'_>> = params.iter().map(|p| *p as PgParam<'_>).collect();
        self.run_raw(sql, &params).await
    }

    pub(super) async fn run_raw(&self, sql: &str, params: &[PgParam<'_>]) -> Result<u64, DbError> {
        self.begun(async {
            let statement = self.client().prepare_cached(sql).await?;
            Ok(self.client().execute_raw(&statement, params.iter().copied()).await?)
        })
        .await
    }

    pub(super) async fn commit(mut self) -> Commit {
        if self.begin.is_none() || !self.begun.load(Ordering::Relaxed) {
            return Commit::Committed;
        }
        if self.failed.load(Ordering::Relaxed) {
            self.rollback().await;
            return Commit::Aborted(DbError::gone_on());
        }
        match self.client().batch_execute("COMMIT").await {
            Ok(()) => {
                self.client.take();
                Commit::Committed
            }
            Err(error) if error.as_db_error().is_some() && !error.is_closed() => {
                Commit::Aborted(error.into())
            }
            Err(error) => Commit::Unknown(error.into()),
        }
    }

    pub(super) async fn rollback(mut self) {
        if self.begin.is_some()
            && self.begun.load(Ordering::Relaxed)
            && self.client().batch_execute("ROLLBACK").await.is_err()
        {
            return; // dropped with its connection
        }
        self.client.take();
    }
}

impl Drop for PgTx {
    fn drop(&mut self) {
        if let Some(client) = self.client.take()
            && self.begin.is_some()
            && *self.begun.get_mut()
        {
            // Its end is not known: close it. The server rolls back what was open.
            drop(Object::take(client));
        }
    }
}
