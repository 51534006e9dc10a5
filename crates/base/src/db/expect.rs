//! What SQLite is to expect of a table: that it is large, and that nearly all of it is of few tenants.
//!
//! Without figures SQLite takes ten rows for those of one tenant, and walks all of a tenant's rows in the order of their ids
//! rather than seek some by a narrower index and sort them. It measures only when it is asked to (`ANALYZE`), and then an
//! empty or small database, whose plans are bad ones once it has grown. So it is told what a grown one is like, once and
//! for all: the same figures, and with them the same plans, from the first row to the hundred millionth.
//! Source: <https://www.sqlite.org/fileformat2.html#stat1tab>.

use super::{Command, Tx};
use crate::Result;

/// How many rows a table has, and how many an index of some of them.
const ROWS: (u64, u64) = (1_000_000, 100_000);

crate::record! {
    struct Column {
        table_name: String, index_name: String, is_unique: bool, is_partial: bool, column_name: Option<String>
    }
}

crate::record! {
    struct Expected in "sqlite_stat1" { tbl: String, idx: Option<String>, stat: String }
}

/// Writes down what is to be expected, by the names of the columns alone.
pub(super) struct Expect;

impl Command for Expect {
    type Out = ();

    fn name(&self) -> &'static str {
        "schema.expect"
    }

    async fn exec(&self, tx: &Tx) -> Result<()> {
        tx.run("ANALYZE", &[]).await?; // makes the table where there is none
        tx.run("DELETE FROM sqlite_stat1", &[]).await?;
        let columns: Vec<Column> = tx
            .all(
                "SELECT t.name, i.name, i.\"unique\", i.partial, c.name FROM sqlite_schema AS t, \
                 pragma_index_list(t.name) AS i, pragma_index_info(i.name) AS c \
                 WHERE t.type = 'table' ORDER BY t.name, i.name, c.seqno",
                &[],
            )
            .await?;
        let rows: Vec<Expected> =
            columns.chunk_by(|a, b| a.index_name == b.index_name).map(expected).collect();
        tx.insert(&rows).await?;
        // Other connections read the figures again when they see another schema; this one, when it is told to.
        tx.run("CREATE TABLE expected_anew (id bigint)", &[]).await?;
        tx.run("DROP TABLE expected_anew", &[]).await?;
        tx.run("ANALYZE sqlite_schema", &[]).await.map(drop)
    }
}

/// What is expected of an index: how many rows there are, and how many of them agree in its first column, its first two, …
fn expected(columns: &[Column]) -> Expected {
    let first = &columns[0];
    let rows = if first.is_partial { ROWS.1 } else { ROWS.0 };
    let (mut left, mut stat) = (rows, rows.to_string());
    for (nth, column) in columns.iter().enumerate() {
        let is_last = nth + 1 == columns.len();
        left = (left / values(column.column_name.as_deref().unwrap_or_default())).max(1);
        if is_last && first.is_unique {
            left = 1;
        }
        stat += &format!(" {left}");
    }
    Expected { tbl: first.table_name.clone(), idx: Some(first.index_name.clone()), stat }
}

/// How many values a column of this name has.
fn values(column: &str) -> u64 {
    match column {
        "tenant_id" | "organization_id" => 2,
        "status" | "state" | "kind" | "type" | "channel" | "environment" | "name" | "object" | "rail"
        | "source" => 10,
        flag if flag.starts_with("is_") => 2,
        _ => 100_000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(unique: bool, columns: &[&str]) -> String {
        let column = |name: &&str| Column {
            table_name: "debt".into(),
            index_name: "debt_of".into(),
            is_unique: unique,
            is_partial: false,
            column_name: Some((*name).into()),
        };
        expected(&columns.iter().map(column).collect::<Vec<_>>()).stat
    }

    #[test]
    fn a_tenant_has_very_many_rows_and_a_customer_few() {
        assert_eq!(index(true, &["tenant_id", "id"]), "1000000 500000 1");
        assert_eq!(index(false, &["tenant_id", "customer_id"]), "1000000 500000 5");
        assert_eq!(index(false, &["tenant_id", "status", "id"]), "1000000 500000 50000 1");
    }
}
