//! PostgreSQL: a pool of connections and one transaction on one of them.
//!
//! What must always hold: a connection goes back to the pool only after its transaction's end was answered;
//! otherwise it is closed, so nobody ever begins inside somebody else's transaction.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use deadpool::managed::QueueMode;
use deadpool_postgres::{Hook, HookError, Manager, ManagerConfig, Object, Pool, RecyclingMethod, Runtime};
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::Poll;

use futures_util::{TryStreamExt, future::try_join_all, poll};
use tokio::sync::{Mutex as FairMutex, MutexGuard};
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Error as PgError, Statement};

use super::{Commit, DbError, Params, Record, Row, tx::Write};
use crate::{Code, Failure, Result, secret::Secret};

pub(super) type PgParam<'a> = &'a (dyn ToSql + Sync + 'a);

/// Set on every connection. `synchronous_commit` is the promise that an answered payment survives. The planner is told
/// that whatever a request asks for is found by an index, row by row, whatever it knows of the tables yet, and to keep
/// its plans: planning a statement anew for each list of ids costs more than running it.
const SESSION: &str = "SET statement_timeout = 5000; SET lock_timeout = 1000; \
     SET idle_in_transaction_session_timeout = 10000; SET synchronous_commit = on; SET TIME ZONE 'UTC'; \
     SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; \
     SET plan_cache_mode = force_generic_plan; SET jit = off";

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
            .queue_mode(QueueMode::Lifo) // few connections with warm caches, rather than all of them by turns
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
                "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0; \
                 SET LOCAL enable_seqscan = on; SET LOCAL enable_hashjoin = on; SET LOCAL enable_mergejoin = on; \
                 SET LOCAL plan_cache_mode = auto",
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
    /// Whose turn it is to send: statements that are joined go out in the order in which they were first polled, also
    /// where one of them has to be prepared first.
    turn: FairMutex<()>,
}

/// A future on the heap.
type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

impl PgTx {
    fn new(client: Object, begin: Option<&'static str>) -> PgTx {
        PgTx {
            client: Some(client),
            begin,
            begun: AtomicBool::new(false),
            failed: AtomicBool::new(false),
            turn: FairMutex::new(()),
        }
    }

    fn client(&self) -> &Object {
        self.client.as_ref().expect("a transaction holds its connection until it ends")
    }

    /// Waits for its turn, sends the transaction's beginning where this is the first statement, and prepares `sql`.
    /// Gives the turn, to be held until the statement is sent; the beginning, to be waited for; and the statement.
    async fn prepared(
        &self,
        sql: &str,
    ) -> Result<(MutexGuard<'_, ()>, Option<Boxed<'_, Result<(), PgError>>>, Statement), PgError> {
        let turn = self.turn.lock().await;
        let mut beginning = None;
        if let Some(begin) = self.begin
            && !self.begun.swap(true, Ordering::Relaxed)
        {
            let mut sent: Boxed<'_, _> = Box::pin(self.client().batch_execute(begin));
            match poll!(sent.as_mut()) {
                Poll::Ready(answer) => answer?,
                Poll::Pending => beginning = Some(sent),
            }
        }
        let statement = self.client().prepare_cached(sql).await?;
        Ok((turn, beginning, statement))
    }

    /// Sends what `ask` asks of the prepared statement, and gives its answer.
    async fn answer<T>(
        &self,
        turn: MutexGuard<'_, ()>,
        beginning: Option<Boxed<'_, Result<(), PgError>>>,
        ask: impl Future<Output = Result<T, PgError>>,
    ) -> Result<T, PgError> {
        let mut ask = pin!(ask);
        let first = poll!(ask.as_mut()); // sent, unless it could not be
        drop(turn);
        if let Some(begun) = beginning {
            begun.await?;
        }
        match first {
            Poll::Ready(answer) => answer,
            Poll::Pending => ask.await,
        }
    }

    fn noted<T>(&self, done: Result<T, DbError>) -> Result<T, DbError> {
        self.failed.fetch_or(done.is_err(), Ordering::Relaxed);
        done
    }

    pub(super) async fn all<T: Record>(&self, sql: &str, params: Params<'_>) -> Result<Vec<T>, DbError> {
        let done = async {
            let (turn, beginning, statement) = self.prepared(sql).await?;
            let ask = self.client().query_raw(&statement, params.iter().map(|p| *p as PgParam<'_>));
            let mut rows = pin!(self.answer(turn, beginning, ask).await?);
            let mut all = Vec::new();
            while let Some(row) = rows.try_next().await? {
                all.push(T::read(&Row::Pg(&row))?);
            }
            Ok(all)
        };
        self.noted(done.await)
    }

    pub(super) async fn run(&self, sql: &str, params: Params<'_>) -> Result<u64, DbError> {
        let params: Vec<PgParam<'_>> = params.iter().map(|p| *p as PgParam<'_>).collect();
        self.run_raw(sql, &params).await
    }

    pub(super) async fn run_raw(&self, sql: &str, params: &[PgParam<'_>]) -> Result<u64, DbError> {
        let done = async {
            let (turn, beginning, statement) = self.prepared(sql).await?;
            let ask = self.client().execute_raw(&statement, params.iter().copied());
            Ok(self.answer(turn, beginning, ask).await?)
        };
        self.noted(done.await)
    }

    /// Commits, with these writes in front in the same round trip.
    ///
    /// The server turns a COMMIT behind a statement that failed into a rollback, and answers it as a success: so it was
    /// a commit only where every statement before it succeeded too.
    pub(super) async fn commit(mut self, last: &[Write<'static>]) -> Commit {
        if self.begin.is_none() || !self.begun.load(Ordering::Relaxed) && last.is_empty() {
            return Commit::Committed;
        }
        if self.failed.load(Ordering::Relaxed) {
            self.rollback().await;
            return Commit::Aborted(DbError::gone_on().into());
        }
        let (sent, ended) = match self.send_all(last).await {
            Ok(answers) => answers,
            Err(error) => {
                self.rollback().await;
                return Commit::Aborted(error.into());
            }
        };
        let failed = sent.into_iter().zip(last).find_map(|(done, write)| Some((done.err()?, write)));
        match (failed, ended) {
            // COMMIT was not sent, since a statement before it could not be.
            (Some((error, _)), None) => {
                self.rollback().await;
                Commit::Aborted(DbError::from(error).into())
            }
            (Some((error, write)), Some(ended)) if error.as_db_error().is_some() => {
                if ended.is_ok() {
                    self.client.take(); // rolled back, and as good as new
                }
                Commit::Aborted(write.failed(error.into()))
            }
            (Some((error, _)), Some(_)) => Commit::Unknown(error.into()),
            (None, Some(Ok(()))) => {
                self.client.take();
                Commit::Committed
            }
            (None, Some(Err(error))) if error.as_db_error().is_some() && !error.is_closed() => {
                Commit::Aborted(DbError::from(error).into())
            }
            (None, Some(Err(error))) => Commit::Unknown(error.into()),
            (None, None) => Commit::Unknown(DbError::gone_on()),
        }
    }

    /// Sends the writes and COMMIT without waiting in between; gives the answers to all of them, and none to a COMMIT
    /// that was not sent, because a write before it was not.
    async fn send_all(
        &self,
        last: &[Write<'static>],
    ) -> Result<(Vec<Result<u64, PgError>>, Option<Result<(), PgError>>), DbError> {
        if !last.is_empty() && !self.begun.swap(true, Ordering::Relaxed) {
            self.client().batch_execute(self.begin.unwrap_or_default()).await?;
        }
        let prepare = last.iter().map(|write| self.client().prepare_cached(&write.pg));
        let statements = try_join_all(prepare).await?;
        let columns: Vec<_> = last.iter().map(|write| write.rows.columns()).collect();
        let mut writes: Vec<Boxed<'_, Result<u64, PgError>>> = Vec::with_capacity(last.len());
        for (statement, columns) in statements.iter().zip(&columns) {
            let params = columns.iter().map(|c| &**c as PgParam<'_>);
            writes.push(Box::pin(self.client().execute_raw(statement, params)));
        }
        let mut done: Vec<Option<Result<u64, PgError>>> = writes.iter().map(|_| None).collect();
        let mut commit: Boxed<'_, _> = Box::pin(self.client().batch_execute("COMMIT"));
        let (mut is_sent, mut ended) = (false, None);
        poll_fn(|cx| {
            for (write, done) in writes.iter_mut().zip(&mut done) {
                if done.is_none()
                    && let Poll::Ready(answer) = write.as_mut().poll(cx)
                {
                    *done = Some(answer);
                }
            }
            // The first poll has sent every write, or found that one cannot be sent.
            is_sent = is_sent || !done.iter().flatten().any(Result::is_err);
            if is_sent
                && ended.is_none()
                && let Poll::Ready(answer) = commit.as_mut().poll(cx)
            {
                ended = Some(answer);
            }
            let is_over = done.iter().all(Option::is_some) && (!is_sent || ended.is_some());
            if is_over { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
        Ok((done.into_iter().flatten().collect(), ended))
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
