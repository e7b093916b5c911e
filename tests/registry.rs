//! stub
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test may panic and print")]
fn main() {}
