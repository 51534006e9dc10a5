//! What the two engines' own catalogs, and the program's text, say of its statements.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use crate::support::agency::Agency;
use crate::support::{Engine, tell};

base::record! {
    struct Column { table: String, name: String, needed: bool }
}
base::record! {
    struct Key { table: String, first: String }
}

const SQLITE_COLUMNS: &str = "SELECT m.name, c.name, c.\"notnull\" FROM sqlite_schema AS m JOIN pragma_table_info(m.name) AS c \
                              WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%'";
const POSTGRES_COLUMNS: &str = "SELECT CAST(table_name AS text), CAST(column_name AS text), is_nullable = 'NO' \
                                FROM information_schema.columns WHERE table_schema = 'public'";
const SQLITE_KEYS: &str = "SELECT m.name, i.name FROM sqlite_schema AS m JOIN pragma_index_list(m.name) AS l \
                           JOIN pragma_index_info(l.name) AS i \
                           WHERE m.type = 'table' AND l.\"unique\" = 1 AND i.seqno = 0";
const POSTGRES_KEYS: &str = "SELECT CAST(t.relname AS text), CAST(a.attname AS text) FROM pg_index AS i \
                             JOIN pg_class AS t ON t.oid = i.indrelid \
                             JOIN pg_namespace AS n ON n.oid = t.relnamespace \
                             JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum = i.indkey[0] \
                             WHERE i.indisunique AND n.nspname = 'public'";

async fn columns(agency: &Agency) -> BTreeMap<String, BTreeSet<(String, bool)>> {
    let sql = if agency.engine == Engine::Sqlite { SQLITE_COLUMNS } else { POSTGRES_COLUMNS };
    let all: Vec<Column> = agency.db.read().await.unwrap().all(sql, &[]).await.unwrap();
    let mut tables: BTreeMap<String, BTreeSet<(String, bool)>> = BTreeMap::new();
    for column in all {
        tables.entry(column.table).or_default().insert((column.name, column.needed));
    }
    tables
}

#[test]
fn both_engines_have_the_same_tables_and_columns() {
    let seen = Mutex::new(Vec::new());
    for engine in [Engine::Sqlite, Engine::Postgres] {
        tell(engine, async |agency: &Agency| {
            let found = columns(agency).await;
            assert!(found.len() > 15, "{found:?}");
            seen.lock().unwrap().push(found);
        });
    }
    let seen = seen.into_inner().unwrap();
    assert_eq!(seen.first(), seen.last());
}

on_both_engines! {
    async fn every_key_begins_with_the_tenant(agency: &Agency) {
        let sql = if agency.engine == Engine::Sqlite { SQLITE_KEYS } else { POSTGRES_KEYS };
        let keys: Vec<Key> = agency.db.read().await.unwrap().all(sql, &[]).await.unwrap();
        assert!(keys.len() > 20, "{keys:?}");
        let beyond = ["organization", "tenant", "schema_step", "schema_lease", "processor_watch", "processor_finding", "queue_pause"];
        for key in keys.iter().filter(|key| !beyond.contains(&&*key.table)) {
            assert_eq!(key.first, "tenant_id", "a unique key of {} begins with {}", key.table, key.first);
        }
    }
}

/// The program's sources, without their tests.
fn sources() -> Vec<(PathBuf, String)> {
    fn walk(dir: &Path, all: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() {
                walk(&entry, all);
            } else if entry.extension().is_some_and(|end| end == "rs") {
                all.push(entry);
            }
        }
    }
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned();
    let mut all = Vec::new();
    for entry in std::fs::read_dir(crates).unwrap().map(|entry| entry.unwrap().path().join("src")) {
        // What tries the platform from outside looks at everything, on purpose.
        if entry.is_dir() && !entry.ends_with("trials/src") {
            walk(&entry, &mut all);
        }
    }
    let read = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap_or_default().to_owned();
        (path, code)
    };
    all.into_iter().map(read).collect()
}

/// The texts between quotes, comment lines left out.
fn literals(code: &str) -> Vec<String> {
    let code: String =
        code.lines().filter(|line| !line.trim_start().starts_with("//")).map(|l| format!("{l}\n")).collect();
    let code = code.replace("\\\"", "\u{1}").replace("'\"'", "' '");
    code.split('"')
        .skip(1)
        .step_by(2)
        .map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect()
}

const VERBS: &[&str] = &["SELECT ", "UPDATE ", "INSERT INTO ", "DELETE FROM ", "WHERE "];

#[test]
fn no_statement_uses_what_only_one_engine_has_or_changes_the_ledger() {
    let banned = [
        "UPDATE entry",
        "DELETE FROM entry",
        "now()",
        "ILIKE",
        "LISTEN ",
        "NOTIFY ",
        "advisory",
        "SELECT *",
        "LOCK TABLE",
        "interval '",
        "ANY(",
        "GREATEST(",
        "LEAST(",
        "SERIAL",
        "::bigint",
        "::text",
        "::uuid",
        "SKIP LOCKED",
        "->>",
    ];
    let seam = |path: &Path| path.to_string_lossy().contains("base/src/db/");
    let (mut statements, mut found) = (0, Vec::new());
    for (path, code) in sources() {
        for text in literals(&code).iter().filter(|text| VERBS.iter().any(|verb| text.contains(verb))) {
            statements += 1;
            for word in banned.iter().filter(|word| text.contains(**word)) {
                let of_parameters = *word == "ANY(" || text.contains("SELECT * FROM UNNEST(");
                if !(seam(&path) && of_parameters) {
                    found.push(format!("{}: `{word}` in: {text}", path.display()));
                }
            }
        }
    }
    assert!(statements > 60, "only {statements} statements were found");
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn every_statement_on_a_tenants_table_says_whose_rows_it_means() {
    // What serves all tenants at once: finding due work, tokens by their hash, the sequencer.
    let for_all = [
        "due_at <=",
        "seq IS NULL",
        "hash = $1",
        "keep_until < $1",
        "FROM schema_",
        "schema_lease",
        "schema_step",
        "FROM tenant ",
        "organization",
        "charge WHERE due_at IS NOT NULL",
        "WHERE review",
    ];
    let tables = [
        "customer",
        "address",
        "location",
        "debt",
        "payment_method",
        "charge",
        "refund",
        "txn",
        "entry",
        "idempotency",
    ];
    let mut found = Vec::new();
    for (path, code) in sources() {
        if ["verify", "trials"].iter().any(|all| path.to_string_lossy().contains(all)) {
            continue; // they look at everything, on purpose
        }
        for text in literals(&code) {
            let on = |verb: &str| tables.iter().any(|table| text.contains(&format!("{verb} {table} ")));
            if (on("FROM") || on("UPDATE"))
                && !text.contains("tenant_id")
                && !for_all.iter().any(|w| text.contains(w))
            {
                found.push(format!("{}: {text}", path.display()));
            }
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}
