//! The sandbox processor as a program of its own.
fn main() {}
