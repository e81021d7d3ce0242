//! regpath.
fn main() {}
