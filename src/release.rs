//! The releases of an operator, and ranges of releases in which something exists.

use std::fmt;

use semver::Version;
use serde_json::{Map, Value};

/// The first release that has something.
pub const SINCE: &str = "since";
/// The first release that no longer has it.
pub const UNTIL: &str = "until";

/// The releases from `since` (inclusive) to `until` (exclusive). A missing end is open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Range {
    /// The first release within.
    pub since: Option<Version>,
    /// The first release after it.
    pub until: Option<Version>,
}

/// A range that is not valid, or that contains no release.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct BadRange {
    /// The key that it is about.
    pub key: String,
    /// The problem, with the key.
    pub message: String,
}

impl Range {
    /// Reads the range from two keys of a mapping; the mapping may have others. Missing keys are open ends.
    ///
    /// # Errors
    /// A value that is not a version (`1.2.3`), and an `until` that is not greater than `since`.
    pub fn read(map: &Map<String, Value>, since: &str, until: &str) -> Result<Self, BadRange> {
        let version = |key: &str| -> Result<Option<Version>, BadRange> {
            let Some(value) = map.get(key) else { return Ok(None) };
            let text = value.as_str().ok_or_else(|| format!("{key} must be a release such as \"1.2.3\", not {value}"));
            text.and_then(|text| Version::parse(text).map_err(|error| format!("{key} is not a valid release: {error}")))
                .map(Some)
                .map_err(|message| BadRange { key: key.to_owned(), message })
        };
        let range = Self { since: version(since)?, until: version(until)? };
        match &range {
            Self { since: Some(from), until: Some(to) } if from >= to => {
                let message =
                    format!("{until} ({to}) must be greater than {since} ({from}); no release is between them");
                Err(BadRange { key: until.to_owned(), message })
            }
            _ => Ok(range),
        }
    }

    /// Whether a release is in the range.
    #[must_use]
    pub fn holds(&self, release: &Version) -> bool {
        self.since.as_ref().is_none_or(|since| since <= release)
            && self.until.as_ref().is_none_or(|until| release < until)
    }
}

/// `since 0.1.6 until 0.1.17`, and `always`.
impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.since, &self.until) {
            (None, None) => f.write_str("always"),
            (Some(since), None) => write!(f, "since {since}"),
            (None, Some(until)) => write!(f, "until {until}"),
            (Some(since), Some(until)) => write!(f, "since {since} until {until}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(value: &Value) -> Result<Range, BadRange> {
        Range::read(value.as_object().unwrap(), SINCE, UNTIL)
    }

    #[test]
    fn since_is_within_and_until_is_not() {
        let range = read(&json!({"since": "0.1.6", "until": "0.1.17", "name": "x"})).unwrap();
        let held = ["0.1.5", "0.1.6", "0.1.9", "0.1.17", "0.2.0"].map(|v| range.holds(&v.parse().unwrap()));
        assert_eq!(held, [false, true, true, false, false]);
        assert!(read(&json!({})).unwrap().holds(&Version::new(0, 0, 1)));
    }

    #[test]
    fn invalid_ranges_are_rejected() {
        for (bad, key) in [
            (json!({"since": 1.2}), "since"),
            (json!({"until": "1.2"}), "until"),
            (json!({"since": "1.2.0", "until": "1.2.0"}), "until"),
        ] {
            assert_eq!(read(&bad).unwrap_err().key, key, "{bad}");
        }
    }
}
