//! What may stand in a column: on PostgreSQL with its own type, on SQLite as the nearest of five.

use rusqlite::types::{
    FromSql as LiteFrom, FromSqlError, FromSqlResult, ToSql as LiteTo, ToSqlOutput, ValueRef,
};
use tokio_postgres::types::{
    FromSql as PgFrom, IsNull, ToSql as PgTo, Type, private::BytesMut, to_sql_checked,
};
use uuid::Uuid;

use crate::{Cents, Day, Ts};

/// What may be bound to a parameter on both engines.
pub trait Param: PgTo + LiteTo + Sync + Send {}
impl<T: PgTo + LiteTo + Sync + Send> Param for T {}

/// What may stand in a column of a record.
pub trait Column: Param + LiteFrom + for<'a> PgFrom<'a> {
    /// The column's type in PostgreSQL.
    const PG: &'static str;
}

macro_rules! builtin {
    ($($type:ty = $pg:literal),*) => { $(impl Column for $type { const PG: &'static str = $pg; })* };
}
builtin!(Uuid = "uuid", i64 = "bigint", String = "text", bool = "boolean", Vec<u8> = "bytea");

impl<T: Column> Column for Option<T> {
    const PG: &'static str = T::PG;
}

/// Makes a newtype a column by way of what it wraps: `column!(Name as Inner, |name| inner, |inner| name)`.
#[macro_export]
macro_rules! column {
    ($name:ty as $inner:ty, $to:expr, $from:expr) => {
        impl $crate::db::tokio_postgres::types::ToSql for $name {
            fn to_sql(
                &self,
                ty: &$crate::db::tokio_postgres::types::Type,
                out: &mut $crate::db::tokio_postgres::types::private::BytesMut,
            ) -> Result<$crate::db::tokio_postgres::types::IsNull, Box<dyn ::std::error::Error + Sync + Send>>
            {
                let to: fn(&$name) -> $inner = $to;
                $crate::db::tokio_postgres::types::ToSql::to_sql(&to(self), ty, out)
            }
            fn accepts(ty: &$crate::db::tokio_postgres::types::Type) -> bool {
                <$inner as $crate::db::tokio_postgres::types::ToSql>::accepts(ty)
            }
            $crate::db::tokio_postgres::types::to_sql_checked!();
        }
        impl<'a> $crate::db::tokio_postgres::types::FromSql<'a> for $name {
            fn from_sql(
                ty: &$crate::db::tokio_postgres::types::Type,
                raw: &'a [u8],
            ) -> Result<Self, Box<dyn ::std::error::Error + Sync + Send>> {
                let from: fn($inner) -> $name = $from;
                <$inner as $crate::db::tokio_postgres::types::FromSql>::from_sql(ty, raw).map(from)
            }
            fn accepts(ty: &$crate::db::tokio_postgres::types::Type) -> bool {
                <$inner as $crate::db::tokio_postgres::types::FromSql>::accepts(ty)
            }
        }
        impl $crate::db::rusqlite::types::ToSql for $name {
            fn to_sql(&self) -> $crate::db::rusqlite::Result<$crate::db::rusqlite::types::ToSqlOutput<'_>> {
                let to: fn(&$name) -> $inner = $to;
                let inner = to(self);
                let $crate::db::rusqlite::types::ToSqlOutput::Owned(value) = $crate::db::own(&inner)? else {
                    unreachable!("`own` gives an owned value")
                };
                Ok($crate::db::rusqlite::types::ToSqlOutput::Owned(value))
            }
        }
        impl $crate::db::rusqlite::types::FromSql for $name {
            fn column_result(
                value: $crate::db::rusqlite::types::ValueRef<'_>,
            ) -> $crate::db::rusqlite::types::FromSqlResult<Self> {
                let from: fn($inner) -> $name = $from;
                <$inner as $crate::db::rusqlite::types::FromSql>::column_result(value).map(from)
            }
        }
        impl $crate::db::Column for $name {
            const PG: &'static str = <$inner as $crate::db::Column>::PG;
        }
    };
}

column!(Cents as i64, |cents| cents.get(), Cents::new);

impl PgTo for Ts {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        self.timestamp().to_sql(ty, out)
    }
    fn accepts(ty: &Type) -> bool {
        *ty == Type::TIMESTAMPTZ
    }
    to_sql_checked!();
}

impl<'a> PgFrom<'a> for Ts {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        jiff::Timestamp::from_sql(ty, raw).map(Ts::from)
    }
    fn accepts(ty: &Type) -> bool {
        *ty == Type::TIMESTAMPTZ
    }
}

impl LiteTo for Ts {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.micros().into())
    }
}

impl LiteFrom for Ts {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_i64().map(Ts::from_micros)
    }
}

impl Column for Ts {
    const PG: &'static str = "timestamptz";
}

impl PgTo for Day {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        self.0.to_sql(ty, out)
    }
    fn accepts(ty: &Type) -> bool {
        *ty == Type::DATE
    }
    to_sql_checked!();
}

impl<'a> PgFrom<'a> for Day {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        jiff::civil::Date::from_sql(ty, raw).map(Day)
    }
    fn accepts(ty: &Type) -> bool {
        *ty == Type::DATE
    }
}

impl LiteTo for Day {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.to_string().into())
    }
}

impl LiteFrom for Day {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Day::parse(value.as_str()?).ok_or(FromSqlError::InvalidType)
    }
}

impl Column for Day {
    const PG: &'static str = "date";
}

/// Ids for `IN ids($n)`.
#[derive(Debug)]
pub struct Ids(Vec<Uuid>);

impl Ids {
    /// These ids, each once.
    pub fn of<I: Into<Uuid>>(ids: impl IntoIterator<Item = I>) -> Ids {
        let mut ids: Vec<Uuid> = ids.into_iter().map(Into::into).collect();
        ids.sort_unstable();
        ids.dedup();
        Ids(ids)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Texts for `IN texts($n)`.
#[derive(Debug)]
pub struct Texts(pub Vec<String>);

macro_rules! array {
    ($name:ty, $json:expr) => {
        impl PgTo for $name {
            fn to_sql(
                &self,
                ty: &Type,
                out: &mut BytesMut,
            ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
                self.0.to_sql(ty, out)
            }
            fn accepts(ty: &Type) -> bool {
                matches!(*ty, Type::UUID_ARRAY | Type::TEXT_ARRAY)
            }
            to_sql_checked!();
        }
        impl LiteTo for $name {
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                let json: fn(&$name) -> serde_json::Value = $json;
                Ok(json(self).to_string().into())
            }
        }
    };
}
array!(Ids, |ids| ids.0.iter().map(|id| id.simple().to_string()).collect());
array!(Texts, |texts| texts.0.clone().into());

/// Declares an enumeration whose words stand in a text column with a `CHECK` on them.
#[macro_export]
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$vdoc])* $variant),* }

        impl $name {
            /// Every one there is.
            pub const ALL: &[$name] = &[$($name::$variant),*];

            /// The stable word.
            pub const fn as_str(self) -> &'static str {
                match self { $($name::$variant => $word),* }
            }

            /// The one of a word.
            pub fn parse(word: &str) -> Option<$name> {
                $name::ALL.iter().copied().find(|x| x.as_str() == word)
            }
        }

        $crate::column!($name as String, |x| x.as_str().to_owned(), |word| {
            $name::parse(&word).expect("the schema allows only these words")
        });
    };
}

/// A value that SQLite keeps, owned: for [`column!`](crate::column).
#[doc(hidden)]
pub fn own(value: &dyn LiteTo) -> rusqlite::Result<ToSqlOutput<'static>> {
    Ok(ToSqlOutput::Owned(match value.to_sql()? {
        ToSqlOutput::Borrowed(borrowed) => borrowed.try_into()?,
        ToSqlOutput::Owned(owned) => owned,
        _ => unreachable!("only values are bound"),
    }))
}
