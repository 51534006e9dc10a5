//! The source of the typed client (`crates/client/src/generated`), made from the route table and held against what is kept.
//! It stands here, and not beside the stories that use the client, so that it can be written anew while they do not
//! compile.

#![expect(clippy::unwrap_used, reason = "what goes wrong says where")]

mod names;
mod shapes;
mod source;

/// How to write it anew.
const COMMAND: &str = "QUITTANCE_WRITE_CLIENT=1 cargo test -p api --test client_source";

#[test]
#[expect(clippy::disallowed_methods, reason = "whoever runs it says whether to write")]
fn the_client_is_what_the_table_says() {
    let is_asked = std::env::var("QUITTANCE_WRITE_CLIENT").is_ok();
    for (name, source) in source::files() {
        let path = source::directory().join(name);
        if is_asked {
            std::fs::write(&path, source).unwrap();
        } else {
            let kept = std::fs::read_to_string(&path).unwrap_or_default();
            assert!(
                kept == source,
                "{} is not what the table says. Write it anew: {COMMAND}",
                path.display()
            );
        }
    }
}
