//! One SQL text, lowered to each engine: our three words, and the types in `CREATE TABLE`.

use std::borrow::Cow;

/// `IN ids($n)` and `IN texts($n)` become `= ANY($n)`.
pub(super) fn for_pg(sql: &str) -> Cow<'_, str> {
    if !sql.contains(" IN ids(") && !sql.contains(" IN texts(") {
        return Cow::Borrowed(sql);
    }
    Cow::Owned(sql.replace(" IN ids(", " = ANY(").replace(" IN texts(", " = ANY("))
}

/// Arrays are JSON texts there, and there is nothing to lock against.
pub(super) fn for_lite(sql: &str) -> Cow<'_, str> {
    let mut text = Cow::Borrowed(sql);
    for (word, becomes) in [
        (" IN ids(", " IN (SELECT unhex(value) FROM json_each("),
        (" IN texts(", " IN (SELECT value FROM json_each("),
    ] {
        while let Some(at) = text.find(word) {
            let (before, after) = (&text[..at], &text[at + word.len()..]);
            let (param, rest) = after.split_once(')').expect("an array word closes its bracket");
            text = Cow::Owned(format!("{before}{becomes}{param})){rest}"));
        }
    }
    match text.strip_suffix(" FOR UPDATE") {
        Some(plain) => Cow::Owned(plain.to_owned()),
        None => text,
    }
}

/// PostgreSQL's column types as SQLite keeps them in STRICT tables.
const TYPES: [(&str, &str); 7] = [
    ("uuid", "BLOB"),
    ("bytea", "BLOB"),
    ("timestamptz", "INTEGER"),
    ("bigint", "INTEGER"),
    ("boolean", "INTEGER"),
    ("date", "TEXT"),
    ("text", "TEXT"),
];

/// A statement of a migration, in PostgreSQL's types, as SQLite takes it.
pub(super) fn ddl_for_lite(statement: &str) -> String {
    let mut out = String::with_capacity(statement.len() + 8);
    let mut word = String::new();
    for c in statement.chars().chain([' ']) {
        if c.is_ascii_alphanumeric() || c == '_' {
            word.push(c);
        } else {
            out.push_str(TYPES.iter().find(|(pg, _)| *pg == word).map_or(word.as_str(), |(_, lite)| lite));
            word.clear();
            out.push(c);
        }
    }
    let out = out.trim_end();
    if out.starts_with("CREATE TABLE") { format!("{out} STRICT") } else { out.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrays_and_locks_are_lowered() {
        let sql = "SELECT a FROM t WHERE id IN ids($2) AND k IN texts($10) ORDER BY id FOR UPDATE";
        assert_eq!(for_pg(sql), "SELECT a FROM t WHERE id = ANY($2) AND k = ANY($10) ORDER BY id FOR UPDATE");
        assert_eq!(
            for_lite(sql),
            "SELECT a FROM t WHERE id IN (SELECT unhex(value) FROM json_each($2)) AND k IN (SELECT value FROM json_each($10)) ORDER BY id"
        );
    }

    #[test]
    fn tables_become_strict_and_types_are_mapped_as_whole_words() {
        let sql = "CREATE TABLE t (id uuid NOT NULL, context text, at timestamptz)";
        assert_eq!(ddl_for_lite(sql), "CREATE TABLE t (id BLOB NOT NULL, context TEXT, at INTEGER) STRICT");
    }
}
