//! Validates a catalog, and prints what is wrong with it.
//!
//! ```sh
//! cargo run --no-default-features --features catalog --example validate_catalog -- catalog
//! ```
#![allow(clippy::print_stderr, reason = "an example")]

use std::path::PathBuf;
use std::process::ExitCode;

use olm_catalog::diagnostic::{Severity, Sources, text};
use olm_catalog::{catalog, stack, terminal, validate};

fn main() -> ExitCode {
    let Some(path) = std::env::args_os().nth(1).map(PathBuf::from) else {
        eprintln!("usage: validate_catalog DIR_OR_FILE");
        return ExitCode::from(2);
    };
    // Values can nest as deep as in Go, which needs a large stack.
    stack::run(|| {
        let scan = match catalog::scan(&path) {
            Ok(scan) => scan,
            Err(error) => {
                eprintln!("error: {error}");
                return ExitCode::from(2);
            }
        };
        let findings = validate::validate(&scan, &path);
        terminal::err(&text::render(&findings, &Sources::disk()));
        let wrong = findings.iter().any(|finding| finding.severity == Severity::Error);
        if wrong { ExitCode::from(1) } else { ExitCode::SUCCESS }
    })
}
