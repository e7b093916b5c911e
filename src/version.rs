//! Versions, releases and version ranges, as OLM reads them: with Go's `github.com/blang/semver/v4`.
//!
//! A version is a [`semver::Version`]; [`parse`] takes what that library takes. Compare with
//! [`semver::Version::cmp_precedence`]: build metadata has no say in OLM.

pub mod meant;
mod range;
mod release;

pub use range::{Range, RangeError, uncovered};
pub use release::{Release, ReleaseError, VersionRelease};

use semver::Version;

/// Text that is not a version.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a semantic version: {reason}")]
pub struct Error {
    /// The text.
    pub text: String,
    /// What is wrong with it.
    pub reason: String,
}

/// Reads a version: `MAJOR.MINOR.PATCH[-PRERELEASE][+BUILD]`, without a `v` before it or zeros before a number.
///
/// # Errors
/// Text that is not one, and numbers over 64 bits (in prereleases too, which [`Version::parse`] alone would take).
pub fn parse(text: &str) -> Result<Version, Error> {
    let error = |reason: String| Error { text: text.to_owned(), reason };
    let version = Version::parse(text).map_err(|source| error(source.to_string()))?;
    match oversized(&version.pre) {
        Some(number) => Err(error(format!("the number {number} is too large"))),
        None => Ok(version),
    }
}

/// The first numeric identifier that does not fit into 64 bits.
fn oversized(pre: &semver::Prerelease) -> Option<&str> {
    pre.split('.')
        .find(|id| id.bytes().all(|byte| byte.is_ascii_digit()) && !id.is_empty() && id.parse::<u64>().is_err())
}
