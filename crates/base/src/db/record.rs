//! Rows as plain structs: one declaration reads, inserts and updates on both engines.

use super::{Column, DbError, Param};

/// A row as an engine gives it.
pub enum Row<'a> {
    #[doc(hidden)]
    Lite(&'a rusqlite::Row<'a>),
    #[doc(hidden)]
    Pg(&'a tokio_postgres::Row),
}

impl Row<'_> {
    /// The column at `index`, in the order of the record's fields.
    pub fn get<T: Column>(&self, index: usize) -> Result<T, DbError> {
        match self {
            Row::Lite(row) => row.get(index).map_err(DbError::from),
            Row::Pg(row) => row.try_get(index).map_err(DbError::from),
        }
    }
}

/// A struct whose fields are columns; made by [`record!`](crate::record).
pub trait Record: Sized + Sync + Send {
    /// The table, or `""` for the columns of a free statement.
    const TABLE: &'static str;
    /// The columns, in the order of the fields.
    const COLUMNS: &'static [&'static str];
    /// Their PostgreSQL types.
    const TYPES: &'static [&'static str];
    /// The row as a struct.
    fn read(row: &Row<'_>) -> Result<Self, DbError>;
    /// The fields, to bind one row.
    fn params(&self) -> Vec<&dyn Param>;
    /// Each field over all rows, to bind as arrays.
    fn columns(rows: &[Self]) -> Vec<Box<dyn tokio_postgres::types::ToSql + Sync + Send + '_>>;
}

/// Declares a struct whose fields are the columns of a table: `record! { pub struct Name in "table" { … } }`;
/// without `in`, the columns of a free statement.
#[macro_export]
macro_rules! record {
    ($(#[$meta:meta])* $vis:vis struct $name:ident { $($rest:tt)* }) => {
        $crate::record! { $(#[$meta])* $vis struct $name in "" { $($rest)* } }
    };
    ($(#[$meta:meta])* $vis:vis struct $name:ident in $table:literal {
        $($(#[$fmeta:meta])* $fvis:vis $field:ident: $type:ty),* $(,)?
    }) => {
        $(#[$meta])*
        #[derive(Clone, Debug)]
        $vis struct $name { $($(#[$fmeta])* $fvis $field: $type),* }

        impl $crate::db::Record for $name {
            const TABLE: &'static str = $table;
            const COLUMNS: &'static [&'static str] = &[$($crate::db::bare(stringify!($field))),*];
            const TYPES: &'static [&'static str] = &[$(<$type as $crate::db::Column>::PG),*];
            fn read(row: &$crate::db::Row<'_>) -> Result<Self, $crate::db::DbError> {
                let mut columns = 0usize..;
                Ok($name { $($field: row.get(columns.next().unwrap_or(usize::MAX))?),* })
            }
            fn params(&self) -> Vec<&dyn $crate::db::Param> {
                vec![$(&self.$field),*]
            }
            fn columns(
                rows: &[Self],
            ) -> Vec<Box<dyn $crate::db::tokio_postgres::types::ToSql + Sync + Send + '_>> {
                vec![$(Box::new(rows.iter().map(|row| &row.$field).collect::<Vec<_>>())),*]
            }
        }
    };
}

/// A field's name as the column's: `r#type` is the column `type`.
#[doc(hidden)]
pub const fn bare(field: &'static str) -> &'static str {
    match field.as_bytes() {
        [b'r', b'#', ..] => field.split_at(2).1,
        _ => field,
    }
}

/// What is done with the parameters of one row; gives the rows touched.
pub(super) type Visit<'a> = &'a mut dyn FnMut(&[&dyn Param]) -> Result<u64, DbError>;

/// Rows of one record type, without the type.
pub(super) trait Rows: Send + Sync {
    fn each(&self, visit: Visit<'_>) -> Result<u64, DbError>;
    fn columns(&self) -> Vec<Box<dyn tokio_postgres::types::ToSql + Sync + Send + '_>>;
}

impl<T: Record> Rows for &[T] {
    fn each(&self, visit: Visit<'_>) -> Result<u64, DbError> {
        self.iter().try_fold(0, |sum, row| Ok(sum + visit(&row.params())?))
    }

    fn columns(&self) -> Vec<Box<dyn tokio_postgres::types::ToSql + Sync + Send + '_>> {
        T::columns(self)
    }
}

impl<T: Record> Rows for Vec<T> {
    fn each(&self, visit: Visit<'_>) -> Result<u64, DbError> {
        self.as_slice().each(visit)
    }

    fn columns(&self) -> Vec<Box<dyn tokio_postgres::types::ToSql + Sync + Send + '_>> {
        T::columns(self)
    }
}

/// That all of these rows are live. On PostgreSQL only: there somebody may have deleted one until a row that refers
/// to it was written, and its foreign key has waited for them.
pub(super) fn all_live(table: &str) -> String {
    format!(
        "SELECT 1 / (CASE WHEN (SELECT count(*) FROM {table} WHERE tenant_id = $1 AND id = ANY($2) AND deleted_at IS NULL) \
         = array_length($2, 1) THEN 1 ELSE 0 END)"
    )
}

pub(super) fn select<T: Record>(tail: &str) -> String {
    format!("SELECT {} FROM {} {tail}", T::COLUMNS.join(", "), T::TABLE)
}

/// `$1::uuid[], $2::bigint[], …`
fn arrays<T: Record>() -> String {
    let each = T::TYPES.iter().enumerate().map(|(i, pg)| format!("${}::{pg}[]", i + 1));
    each.collect::<Vec<_>>().join(", ")
}

/// An insert of many rows, for PostgreSQL in one statement and for SQLite row by row. A row that breaks a unique
/// key is an error; with `if_new` it is left out, and missed in the count.
pub(super) fn insert<T: Record>(if_new: bool) -> (String, String) {
    let (table, columns) = (T::TABLE, T::COLUMNS.join(", "));
    let values = (1..=T::COLUMNS.len()).map(|i| format!("${i}")).collect::<Vec<_>>().join(", ");
    let taken = if if_new { " ON CONFLICT DO NOTHING" } else { "" };
    (
        format!("INSERT INTO {table} ({columns}) SELECT * FROM UNNEST({}){taken}", arrays::<T>()),
        format!("INSERT INTO {table} ({columns}) VALUES ({values}){taken}"),
    )
}

/// An update of many rows by their first `keys` columns. On PostgreSQL the statement itself fails, with a division
/// by zero, where not every row is there: so a commit may be sent behind it before its answer is known.
pub(super) fn update<T: Record>(keys: usize) -> (String, String) {
    let (table, columns) = (T::TABLE, T::COLUMNS);
    let list = |from: usize, to: usize, between: &str, each: &dyn Fn(usize) -> String| {
        (from..to).map(each).collect::<Vec<_>>().join(between)
    };
    let end = columns.len();
    (
        format!(
            "WITH done AS (UPDATE {table} SET {} FROM UNNEST({}) AS new_row ({}) WHERE {} RETURNING 1) \
             SELECT 1 / (CASE WHEN (SELECT count(*) FROM done) = array_length($1::{}[], 1) THEN 1 ELSE 0 END)",
            list(keys, end, ", ", &|i| format!("{0} = new_row.{0}", columns[i])),
            arrays::<T>(),
            columns.join(", "),
            list(0, keys, " AND ", &|i| format!("{table}.{0} = new_row.{0}", columns[i])),
            T::TYPES[0],
        ),
        format!(
            "UPDATE {table} SET {} WHERE {}",
            list(keys, end, ", ", &|i| format!("{} = ${}", columns[i], i + 1)),
            list(0, keys, " AND ", &|i| format!("{} = ${}", columns[i], i + 1)),
        ),
    )
}
