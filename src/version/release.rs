//! The release of a bundle's version: a repackaging of the same operator version.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use semver::{Prerelease, Version};

/// The most characters of a release, by the ClusterServiceVersion's CRD.
const MAX_LENGTH: usize = 20;

/// The `release` of an `olm.package` property: identifiers as in a prerelease, `1` or `rc-1.2`. The empty release is
/// the lowest, unlike the empty prerelease.
///
/// As in operator-registry's `alpha/model/versionrelease.go`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Release(Prerelease);

/// Text that is not a valid release.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReleaseError {
    /// It is longer than 20 characters.
    #[error("{0:?} is not a valid release: it is longer than {MAX_LENGTH} characters")]
    Length(String),
    /// It does not consist of identifiers.
    #[error(
        "{0:?} is not a valid release: use letters, digits and hyphens between the dots, and no leading zeros in \
         numbers"
    )]
    Identifiers(String),
}

impl Release {
    /// Whether it is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromStr for Release {
    type Err = ReleaseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() > MAX_LENGTH {
            return Err(ReleaseError::Length(text.to_owned()));
        }
        match Prerelease::new(text) {
            Ok(identifiers) if super::oversized(&identifiers).is_none() => Ok(Self(identifiers)),
            _ => Err(ReleaseError::Identifiers(text.to_owned())),
        }
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Ord for Release {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.is_empty(), other.is_empty()) {
            (true, true) => Ordering::Equal,
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            (false, false) => self.0.cmp(&other.0),
        }
    }
}

impl PartialOrd for Release {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// A bundle's version and release, in OLM's order of preference. Build metadata is ignored.
#[derive(Clone, Debug)]
pub struct VersionRelease {
    /// The operator's version.
    pub version: Version,
    /// The release of that version.
    pub release: Release,
}

/// A version without a release.
impl From<Version> for VersionRelease {
    fn from(version: Version) -> Self {
        Self { version, release: Release::default() }
    }
}

impl Ord for VersionRelease {
    fn cmp(&self, other: &Self) -> Ordering {
        self.version.cmp_precedence(&other.version).then_with(|| self.release.cmp(&other.release))
    }
}

impl PartialOrd for VersionRelease {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for VersionRelease {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for VersionRelease {}

/// The version, and the release after a hyphen: `1.2.3-1`.
impl fmt::Display for VersionRelease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.release.is_empty() {
            true => self.version.fmt(f),
            false => write!(f, "{}-{}", self.version, self.release),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn release(text: &str) -> Release {
        text.parse().expect(text)
    }

    #[test]
    fn releases_are_read_as_opm_reads_them() {
        for good in ["", "alpha", "1", "alpha.1.beta.2", "rc-1.beta-2", "12345678901234567890", "0", "0alpha", "-"] {
            assert_eq!(release(good).to_string(), good);
        }
        for bad in ["123456789012345678901", "01", "001", "a_b", "a..b", ".", "1+2", "99999999999999999999", "é"] {
            assert!(bad.parse::<Release>().is_err(), "{bad}");
        }
    }

    #[test]
    fn releases_are_ordered() {
        let ordered = ["", "0", "2", "10", "10.1", "a", "a.1", "b"].map(release);
        assert!(ordered.is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn a_release_comes_after_its_version() {
        let of = |version: &str, text: &str| VersionRelease {
            version: crate::version::parse(version).expect(version),
            release: release(text),
        };
        let ordered = [of("1.0.0-rc.1", ""), of("1.0.0", ""), of("1.0.0+b", "1"), of("1.0.0", "2"), of("1.0.1", "")];
        assert!(ordered.is_sorted_by(|a, b| a < b));
        assert_eq!(of("1.0.0+a", "1"), of("1.0.0+b", "1"));
        assert_eq!(of("1.0.0+a", "1").to_string(), "1.0.0+a-1");
    }
}
