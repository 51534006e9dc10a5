//! Every row of every table as text that is the same on both engines: ids by the order in which they appear, sealed
//! values only by being there.

use std::collections::{BTreeMap, HashMap};

use crate::support::engine::runtime;
use crate::support::{Agency, Engine, postgres};

/// A column of a table.
pub(super) struct Column {
    name: String,
    kind: String,
    is_key: bool,
}

/// Every table and its columns.
pub(super) type Tables = BTreeMap<String, Vec<Column>>;

base::record! {
    struct Line { line: String }
}

/// The columns of the migrations' own words, from PostgreSQL's catalog.
const COLUMNS: &str = "SELECT CAST(c.table_name AS text), CAST(c.column_name AS text), CAST(c.udt_name AS text), \
    EXISTS (SELECT 1 FROM pg_index AS i JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey) \
            WHERE i.indisprimary AND i.indrelid = CAST(c.table_name AS regclass) AND a.attname = c.column_name) \
    FROM information_schema.columns AS c WHERE c.table_schema = 'public' ORDER BY c.table_name, c.ordinal_position";
/// What is made before a story begins, by chance, or belongs to one engine.
const APART: &[&str] = &["token", "tenant_key", "schema_step", "schema_lease"];

/// Ids and the numbers they are given.
#[derive(Default)]
pub(super) struct Names(HashMap<String, usize>);

impl Names {
    /// `text` with every id in it replaced by its number.
    pub(super) fn rename(&mut self, text: &str) -> String {
        let hyphen = |at: usize| matches!(at, 8 | 13 | 18 | 23);
        let is_id = |word: &str| {
            let fits = |(at, b): (usize, u8)| if hyphen(at) { b == b'-' } else { b.is_ascii_hexdigit() };
            word.bytes().enumerate().all(fits)
        };
        // A key at the processor: an id without hyphens, or what was made of the caller's key.
        let is_key = |word: &str| word.bytes().all(|b| b.is_ascii_hexdigit());
        let mut renamed = String::with_capacity(text.len());
        let mut rest = text;
        while !rest.is_empty() {
            let id = rest.get(..36).filter(|word| is_id(word));
            if let Some(id) = id.or_else(|| rest.get(..32).filter(|word| is_key(word))) {
                let next = self.0.len();
                let number = *self.0.entry(id.replace('-', "")).or_insert(next);
                renamed.push_str(&format!("#{number}"));
                rest = &rest[id.len()..];
            } else {
                let first = rest.chars().next().map_or(1, char::len_utf8);
                renamed.push_str(&rest[..first]);
                rest = &rest[first..];
            }
        }
        renamed
    }
}

/// Every table that both engines fill alike, from PostgreSQL's catalog; none where there is no PostgreSQL.
pub(super) fn tables() -> Tables {
    let Some(server) = postgres::server() else { return Tables::new() };
    let database = Engine::Postgres.template().database.as_ref().expect("it is one on PostgreSQL");
    let copy = runtime(false).block_on(async {
        let name = server.copy(database).await;
        let rows = server.client(&name).await.query(COLUMNS, &[]).await.expect("the catalog can be read");
        server.forget(&name).await;
        rows
    });
    let mut tables = Tables::new();
    for row in copy {
        let table: String = row.get(0);
        let column = Column { name: row.get(1), kind: row.get(2), is_key: row.get(3) };
        if !APART.contains(&table.as_str()) {
            tables.entry(table).or_default().push(column);
        }
    }
    tables
}

/// A column as text.
fn text_of(engine: Engine, table: &str, column: &Column) -> String {
    let c = format!("{table}.{}", column.name);
    let text = match (column.kind.as_str(), engine) {
        ("bytea", _) => format!("CASE WHEN {c} IS NULL THEN '-' ELSE 'sealed' END"),
        ("uuid", Engine::Sqlite) => format!(
            "CASE WHEN {c} IS NOT NULL THEN lower(substr(hex({c}), 1, 8) || '-' || substr(hex({c}), 9, 4) || '-' || substr(hex({c}), 13, 4) || '-' || \
             substr(hex({c}), 17, 4) || '-' || substr(hex({c}), 21, 12)) END"
        ),
        ("timestamptz", Engine::Postgres) => {
            format!("CAST(CAST(extract(epoch FROM {c}) * 1000000 AS bigint) AS text)")
        }
        ("bool", _) => format!("CASE WHEN {c} THEN 'yes' ELSE 'no' END"),
        _ => format!("CAST({c} AS text)"),
    };
    format!("coalesce({text}, '-')")
}

/// Every row of every table, in the order of their keys.
pub(super) async fn rows(agency: &Agency, tables: &Tables, names: &mut Names) -> Vec<String> {
    let mut all = Vec::new();
    for (table, columns) in tables {
        let texts: Vec<String> = columns.iter().map(|c| text_of(agency.engine, table, c)).collect();
        let keys: Vec<&str> = columns.iter().filter(|c| c.is_key).map(|c| c.name.as_str()).collect();
        let sql = format!("SELECT {} FROM {table} ORDER BY {}", texts.join(" || ' ' || "), keys.join(", "));
        let lines: Vec<Line> = agency.db.read().await.unwrap().all(&sql, &[]).await.expect(&sql);
        all.extend(lines.into_iter().map(|row| names.rename(&format!("{table}: {}", row.line))));
    }
    all
}
