//! `quittance import` and `quittance export`: files, straight into the database and out of it.

mod export;
mod import;
mod reader;

pub(crate) use self::export::run as export;
pub(crate) use self::import::run as import;

/// What is asked of `export`.
pub(crate) use self::export::Asked as Exporting;
/// What is asked of `import`.
pub(crate) use self::import::Asked as Importing;
