//! One SQL text, lowered to each engine: our five words, and the types in `CREATE TABLE`.

use std::borrow::Cow;

use crate::TenantId;

/// `IN served()` on either engine, before anything else: whoever lives by the world's time, or the one tenant alone
/// whose time stands.
pub(super) fn served(sql: &str, alone: Option<TenantId>, is_lite: bool) -> Cow<'_, str> {
    const WORD: &str = " IN served()";
    if !sql.contains(WORD) {
        return Cow::Borrowed(sql);
    }
    let becomes = match alone {
        None => " NOT IN (SELECT tenant_id FROM test_clock)".to_owned(),
        Some(TenantId(id)) if is_lite => format!(" = x'{}'", id.simple()),
        Some(TenantId(id)) => format!(" = '{id}'"),
    };
    Cow::Owned(sql.replace(WORD, &becomes))
}

/// `IN ids($n)` and `IN texts($n)` become `= ANY($n)`; `IN each(SELECT …)` becomes an array of its own, read once
/// before the statement, so that an index is used for it even beside an `OR`.
pub(super) fn for_pg(sql: &str) -> Cow<'_, str> {
    if ![" IN ids(", " IN texts(", " IN each("].iter().any(|word| sql.contains(word)) {
        return Cow::Borrowed(sql);
    }
    let mut text = sql.replace(" IN ids(", " = ANY(").replace(" IN texts(", " = ANY(");
    while let Some(at) = text.find(" IN each(") {
        let (before, after) = (&text[..at], &text[at + " IN each(".len()..]);
        let (inner, rest) = after.split_at(closing(after));
        text = format!("{before} = ANY(ARRAY({inner}){rest}");
    }
    Cow::Owned(text)
}

/// Where the bracket that is open before `text` closes.
fn closing(text: &str) -> usize {
    let mut depth = 0usize;
    let at = text.find(|c| {
        match c {
            '(' => depth += 1,
            ')' if depth == 0 => return true,
            ')' => depth -= 1,
            _ => {}
        }
        false
    });
    at.expect("a word that opens a bracket closes it")
}

/// Arrays are JSON texts there, and there is nothing to lock against.
pub(super) fn for_lite(sql: &str) -> Cow<'_, str> {
    let mut text = match sql.contains(" IN each(") {
        true => Cow::Owned(sql.replace(" IN each(", " IN (")),
        false => Cow::Borrowed(sql),
    };
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
    fn a_list_that_a_statement_gives_is_lowered_with_what_stands_in_it() {
        let sql = "SELECT a FROM t WHERE (id IN each(SELECT coalesce(p, id) FROM t WHERE id IN ids($2)) OR b) FOR UPDATE";
        assert_eq!(
            for_pg(sql),
            "SELECT a FROM t WHERE (id = ANY(ARRAY(SELECT coalesce(p, id) FROM t WHERE id = ANY($2))) OR b) FOR UPDATE"
        );
        assert_eq!(
            for_lite(sql),
            "SELECT a FROM t WHERE (id IN (SELECT coalesce(p, id) FROM t WHERE id IN (SELECT unhex(value) FROM json_each($2))) OR b)"
        );
    }

    #[test]
    fn queues_serve_whoever_lives_by_the_world_s_time_or_one_alone() {
        let sql = "SELECT a FROM t WHERE due_at <= $1 AND tenant_id IN served() LIMIT 1";
        let theirs = Some(TenantId(uuid::Uuid::from_u128(7)));
        for is_lite in [true, false] {
            let all = "SELECT a FROM t WHERE due_at <= $1 AND tenant_id NOT IN (SELECT tenant_id FROM test_clock) LIMIT 1";
            assert_eq!(served(sql, None, is_lite), all);
        }
        assert!(served(sql, theirs, true).contains("tenant_id = x'00000000000000000000000000000007' LIMIT"));
        assert!(
            served(sql, theirs, false).contains("tenant_id = '00000000-0000-0000-0000-000000000007' LIMIT")
        );
    }

    #[test]
    fn tables_become_strict_and_types_are_mapped_as_whole_words() {
        let sql = "CREATE TABLE t (id uuid NOT NULL, context text, at timestamptz)";
        assert_eq!(ddl_for_lite(sql), "CREATE TABLE t (id BLOB NOT NULL, context TEXT, at INTEGER) STRICT");
    }
}
