//! What every story needs: a server, an agency with its books, and a client that speaks of money.

/// Tells each story once on SQLite and once on PostgreSQL:
/// `on_both_engines! { async fn a_sentence_that_could_be_false(agency: &Agency) { … } }`; with `in threads` in
/// front, on several threads.
macro_rules! on_both_engines {
    (in threads $($rest:tt)*) => { on_both_engines! { @tell_in_threads $($rest)* } };
    (@$tell:ident $($(#[$meta:meta])* async fn $name:ident($agency:ident: $type:ty) $body:block)*) => {
        $(async fn $name($agency: $type) $body

        $(#[$meta])*
        mod $name {
            use $crate::support::{Engine, $tell};

            #[test]
            fn sqlite() {
                $tell(Engine::Sqlite, super::$name);
            }

            #[test]
            fn postgres() {
                $tell(Engine::Postgres, super::$name);
            }
        })*
    };
    ($($rest:tt)*) => { on_both_engines! { @tell $($rest)* } };
}

pub(crate) mod agency;
mod bite;
pub(crate) mod books;
pub(crate) mod client;
pub(crate) mod engine;
pub(crate) mod faults;
pub(crate) mod files;
pub(crate) mod letters;
pub(crate) mod mail_server;
pub(crate) mod postgres;
pub(crate) mod processor;
pub(crate) mod schema;
pub(crate) mod served;
pub(crate) mod stale;
pub(crate) mod statements;
pub(crate) mod theirs;
pub(crate) mod world;

pub(crate) use agency::Agency;
pub(crate) use engine::{Engine, tell, tell_in_threads, tell_where};
