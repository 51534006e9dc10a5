//! The quittance program.
fn main() {}
