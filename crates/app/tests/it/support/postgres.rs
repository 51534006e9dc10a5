//! A PostgreSQL server for the tests: one that is named, or a throw-away one of this process.
//!
//! What must hold: the throw-away server dies with this process, also when that is killed. A shell holds the other
//! end of a pipe of ours; when the pipe closes, it stops the server and removes its files.

use std::ffi::OsString;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Sender, channel};

use tokio_postgres::{Client, NoTls};

/// A server to test on.
pub(crate) struct Server {
    /// Its connection text, without a database.
    at: String,
    /// The shell that watches it; the end of this process closes the pipe between the two.
    _shell: Option<Child>,
    forgetter: Option<Sender<String>>,
}

/// Looks up names in `public` first, and finds our own `clock_timestamp` before the server's, so that the
/// database's clock stands still too.
const OPTIONS: &str = "-csearch_path=public,test_clock,pg_catalog";

static SERVER: OnceLock<Option<Server>> = OnceLock::new();
static DATABASES: AtomicU32 = AtomicU32::new(0);

/// The server, started by the first who asks. `None` where there is none and none is demanded.
pub(crate) fn server() -> Option<&'static Server> {
    SERVER.get_or_init(find_or_start).as_ref()
}

pub(crate) fn env(name: &str) -> Option<String> {
    std::env::var_os(name).and_then(|value| value.into_string().ok()).filter(|value| !value.is_empty())
}

fn find_or_start() -> Option<Server> {
    if let Some(url) = env("QUITTANCE_TEST_DATABASE_URL") {
        return Some(Server { at: url, _shell: None, forgetter: None });
    }
    let Some(bin) = programs() else {
        let what = "No PostgreSQL was found: install it (apt-get install -y postgresql), put its bin directory on the \
                    PATH, or name a server with QUITTANCE_TEST_DATABASE_URL.";
        let demanded = env("REQUIRE_PG").is_some_and(|v| v == "1") || env("CI").is_some_and(|v| v == "true");
        assert!(!demanded, "{what}");
        eprintln!("\n*** HALF OF THE TESTS ARE SKIPPED. {what} ***\n");
        return None;
    };
    Some(start(&bin))
}

/// The directory of `initdb` and `postgres`: named by `PG_BIN`, on the PATH, else the newest that Debian installed.
fn programs() -> Option<PathBuf> {
    let complete = |dir: &Path| dir.join("initdb").exists() && dir.join("postgres").exists();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let named = env("PG_BIN").map(PathBuf::from);
    if let Some(dir) = named.into_iter().chain(std::env::split_paths(&path)).find(|dir| complete(dir)) {
        return Some(dir);
    }
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    let mut found: Vec<(u32, PathBuf)> = versions
        .filter_map(|entry| {
            let dir = entry.ok()?.path();
            Some((dir.file_name()?.to_str()?.parse().ok()?, dir.join("bin")))
        })
        .filter(|(_, bin)| complete(bin))
        .collect();
    found.sort();
    found.pop().map(|(_, bin)| bin)
}

fn start(bin: &Path) -> Server {
    // Short, because a socket's path has at most 107 bytes.
    let dir =
        tempfile::Builder::new().prefix("qt").rand_bytes(6).tempdir_in("/tmp").expect("a directory").keep();
    let root = std::fs::metadata("/proc/self").is_ok_and(|me| me.uid() == 0);
    let mut front: Vec<OsString> = Vec::new();
    if root {
        // PostgreSQL refuses to run as root: as nobody, then.
        std::os::unix::fs::chown(&dir, Some(65_534), Some(65_534)).expect("root can give a directory away");
        front = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"].map(OsString::from).to_vec();
    }
    let data = dir.join("data");
    let run = |program: &str| {
        let mut all = front.clone();
        all.push(program.into());
        let mut command = Command::new(&all[0]);
        command.args(&all[1..]).current_dir(&dir).env("LC_ALL", "C");
        command
    };
    let made = run(&bin.join("initdb").display().to_string())
        .args(["-A", "trust", "-U", "postgres", "--no-sync", "--locale=C", "-E", "UTF8", "-D"])
        .arg(&data)
        .output()
        .expect("initdb can be run");
    assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));

    let watch = "\"$@\" & p=$!; read _; kill -QUIT $p; wait $p; rm -rf \"$QT_DIR\"";
    let mut child = run("sh")
        .args(["-c", watch, "sh"])
        .arg(bin.join("postgres"))
        .arg("-D")
        .arg(&data)
        .arg("-k")
        .arg(&dir)
        .args(["-c", "listen_addresses=", "-c", "fsync=off", "-c", "full_page_writes=off"])
        .args(["-c", "synchronous_commit=off", "-c", "max_connections=400", "-c", "max_wal_size=256MB"])
        .args(["-c", "dynamic_shared_memory_type=mmap"]) // nothing is left in /dev/shm
        .env("QT_DIR", &dir)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("a server can be started");
    let mut said = BufReader::new(child.stderr.take().expect("its words are piped")).lines();
    let mut words = String::new();
    loop {
        match said.next() {
            Some(Ok(line)) if line.contains("ready to accept connections") => break,
            Some(Ok(line)) => words.push_str(&line),
            _ => panic!("PostgreSQL did not start: {words}"),
        }
    }
    std::thread::spawn(move || said.for_each(drop)); // so that it never blocks on a full pipe
    let at = format!("host={} user=postgres", dir.display());
    Server { forgetter: Some(forgetter(at.clone())), at, _shell: Some(child) }
}

/// A thread that removes databases, one after the other.
fn forgetter(at: String) -> Sender<String> {
    let (send, receive) = channel::<String>();
    std::thread::spawn(move || {
        let server = Server { at, _shell: None, forgetter: None };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        receive.iter().for_each(|statement| runtime.block_on(server.admin(&statement)));
    });
    send
}

impl Server {
    /// The connection text of one of its databases.
    pub(crate) fn url(&self, database: &str) -> String {
        match self.at.split_once("://") {
            Some((scheme, rest)) => {
                let (host, _) = rest.split_once('/').unwrap_or((rest, ""));
                format!("{scheme}://{host}/{database}?options={}", OPTIONS.replace('=', "%3D"))
            }
            None => format!("{} dbname={database} options='{OPTIONS}'", self.at),
        }
    }

    /// A connection of our own, beside the program's.
    pub(crate) async fn client(&self, database: &str) -> Client {
        let (client, connection) =
            tokio_postgres::connect(&self.url(database), NoTls).await.expect("the server can be reached");
        tokio::spawn(connection);
        client
    }

    async fn admin(&self, statement: &str) {
        self.client("postgres").await.batch_execute(statement).await.expect(statement);
    }

    /// A database as SQL, rows as inserts.
    pub(crate) fn dump(&self, database: &str) -> String {
        let beside = programs().map(|bin| bin.join("pg_dump")).filter(|program| program.exists());
        let program = beside.unwrap_or_else(|| "pg_dump".into());
        let text = format!("{} dbname={database}", self.at);
        let arguments =
            ["--schema=public", "--no-owner", "--no-privileges", "--rows-per-insert=100", "--dbname", &text];
        let dumped = Command::new(program).args(arguments).output().expect("pg_dump can be run");
        assert!(dumped.status.success(), "pg_dump: {}", String::from_utf8_lossy(&dumped.stderr));
        String::from_utf8(dumped.stdout).expect("a dump is text")
    }

    /// Makes an empty database.
    pub(crate) async fn create(&self) -> String {
        let name = fresh();
        self.admin(&format!("CREATE DATABASE {name} TEMPLATE template0")).await;
        name
    }

    /// Makes a copy of a database that nobody is connected to.
    pub(crate) async fn copy(&self, template: &str) -> String {
        let name = fresh();
        self.admin(&format!("CREATE DATABASE {name} TEMPLATE {template}")).await;
        name
    }

    /// Removes a database, whoever is still connected. The throw-away server takes its time for that, so nobody
    /// waits for it: what is left when it ends goes with it.
    pub(crate) async fn forget(&self, database: &str) {
        let drop = format!("DROP DATABASE IF EXISTS {database} WITH (FORCE)");
        match &self.forgetter {
            Some(forgetter) => forgetter.send(drop).expect("the forgetter lives as long as the server"),
            None => self.admin(&drop).await,
        }
    }
}

fn fresh() -> String {
    format!("it_{}_{}", std::process::id(), DATABASES.fetch_add(1, Ordering::Relaxed))
}
