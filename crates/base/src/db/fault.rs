//! What can go wrong at the database, told apart as far as anybody acts on it.

use std::fmt;

use crate::{Code, Failure};

/// A failure of the database.
#[derive(Debug)]
pub struct DbError {
    kind: Kind,
    says: String,
    /// Whether a statement found fewer rows than it must, and said so by dividing by zero.
    short: bool,
}

/// What a [`DbError`] means to who meets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Lost against another transaction: run the whole again.
    Conflict,
    /// A unique key is taken: run the whole again, its own check will say by whom.
    Duplicate,
    /// The database cannot be reached or cannot write: later, perhaps.
    Away,
    /// Our mistake.
    Mistake,
}

impl DbError {
    /// What it means.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The database failure inside a failure, if it is one.
    pub fn in_failure(failure: &Failure) -> Option<&DbError> {
        match failure {
            Failure::Broken { cause, .. } => cause.downcast_ref(),
            Failure::Refused(_) => None,
        }
    }

    pub(super) fn away(says: impl fmt::Display) -> DbError {
        DbError::of(Kind::Away, says)
    }

    pub(super) fn planted() -> DbError {
        DbError::of(Kind::Conflict, "planted conflict")
    }

    pub(super) fn gone_on() -> DbError {
        DbError::of(Kind::Mistake, "a command went on after a statement of it had failed")
    }

    pub(super) fn duplicate(table: &str) -> DbError {
        DbError::of(Kind::Duplicate, format_args!("a unique key of {table} is taken"))
    }

    pub(super) fn rows(expected: &str, got: usize) -> DbError {
        DbError::of(Kind::Mistake, format_args!("expected {expected} row(s), got {got}"))
    }

    /// Whether a statement found fewer rows than it must.
    pub(super) fn is_short(&self) -> bool {
        self.short
    }

    fn of(kind: Kind, says: impl fmt::Display) -> DbError {
        DbError { kind, says: says.to_string(), short: false }
    }
}

/// What was read before a lock was taken no longer holds: run the whole command again.
pub fn lost_race() -> Failure {
    DbError::of(Kind::Conflict, "lost a race").into()
}

impl fmt::Display for DbError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.says)
    }
}

impl std::error::Error for DbError {}

/// A database that is away is nobody's mistake: the caller may come again, and the operator reads why.
impl From<DbError> for Failure {
    fn from(error: DbError) -> Failure {
        if error.kind != Kind::Away {
            return Failure::broken("asking the database", error);
        }
        tracing::error!(%error, "the database is away");
        Failure::refused_for_now(
            Code::Unavailable,
            "The database cannot be reached at the moment; nothing was changed.",
            2,
        )
    }
}

impl From<rusqlite::Error> for DbError {
    fn from(error: rusqlite::Error) -> DbError {
        use rusqlite::ErrorCode as E;
        // The text of a constraint names columns, never values; other texts may quote SQL but no parameters.
        let kind = match error.sqlite_error() {
            Some(e)
                if e.extended_code == rusqlite::ffi::SQLITE_CONSTRAINT_UNIQUE
                    || e.extended_code == rusqlite::ffi::SQLITE_CONSTRAINT_PRIMARYKEY =>
            {
                Kind::Duplicate
            }
            Some(e) => match e.code {
                E::DatabaseBusy | E::DatabaseLocked => Kind::Conflict,
                E::DiskFull | E::CannotOpen | E::SystemIoFailure | E::ReadOnly | E::OperationInterrupted => {
                    Kind::Away
                }
                _ => Kind::Mistake,
            },
            None => Kind::Mistake,
        };
        DbError::of(kind, error)
    }
}

impl From<tokio_postgres::Error> for DbError {
    fn from(error: tokio_postgres::Error) -> DbError {
        let code = error.code().map(tokio_postgres::error::SqlState::code);
        let kind = match code {
            // serialization failure, deadlock, lock not available in time
            Some("40001" | "40P01" | "55P03") => Kind::Conflict,
            Some("23505") => Kind::Duplicate,
            // connection, resources, operator intervention (shutdown, cancel), read-only standby
            Some(c) if ["08", "53", "57"].iter().any(|class| c.starts_with(class)) || c == "25006" => {
                Kind::Away
            }
            Some(_) => Kind::Mistake,
            None if error.is_closed()
                || std::error::Error::source(&error).is_some_and(|s| s.is::<std::io::Error>()) =>
            {
                Kind::Away
            }
            None => Kind::Mistake,
        };
        // DETAIL may quote values of the row: only the primary message and names are kept.
        let says = error.as_db_error().map_or_else(
            || error.to_string(),
            |db| {
                format!(
                    "{} ({}){}",
                    db.message(),
                    db.code().code(),
                    db.constraint().map(|c| format!(" at {c}")).unwrap_or_default()
                )
            },
        );
        DbError { kind, says, short: code == Some("22012") }
    }
}
