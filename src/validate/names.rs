//! Names in messages: short lists, and suggestions for misspelled names.

use std::sync::atomic::{AtomicUsize, Ordering};

use semver::Version;

use crate::version;
use crate::words::{SHOWN, enumerate};

/// How similar two names must be to be confused, from 0 to 1.
const ALIKE: f64 = 0.85;

/// Names in quotes, the first five of them: `"a", "b" and 3 more`.
pub(crate) fn list<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    enumerate(quoted(names), "and")
}

/// Names in quotes, one of which can be chosen: `"a", "b" or 3 more`.
pub(super) fn choice<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    enumerate(quoted(names), "or")
}

/// Names in quotes, the first five of them. It looks at no more than six.
pub(super) fn some<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    let shown: Vec<String> = names.into_iter().take(SHOWN + 1).map(|name| format!("{name:?}")).collect();
    match &shown[..] {
        [all @ .., _] if all.len() == SHOWN => format!("{} and others", all.join(", ")),
        [all @ .., last] if !all.is_empty() => format!("{} and {last}", all.join(", ")),
        all => all.concat(),
    }
}

/// The version at the end of a bundle's name, as in `demo.v1.0.0`, `demo-v1.0.0` and `demo.1.0.0`.
pub(crate) fn name_version(name: &str) -> Option<Version> {
    /// Kubernetes objects cannot have longer names.
    const LONGEST: usize = 253;
    let separators = name.match_indices(['.', '-']).filter(|_| name.len() <= LONGEST);
    let mut ends = separators.map(|(at, _)| &name[at + 1..]).map(|end| end.strip_prefix('v').unwrap_or(end));
    ends.find_map(|end| version::parse(end).ok())
}

fn quoted<'n>(names: impl IntoIterator<Item = &'n str>) -> impl Iterator<Item = String> {
    names.into_iter().map(|name| format!("{name:?}"))
}

/// Looks for the intended name. It compares a limited number of names in total, so that a catalog with thousands of
/// wrong names is not slow.
#[derive(Debug)]
pub(crate) struct Suggester {
    left: AtomicUsize,
}

impl Default for Suggester {
    fn default() -> Self {
        Self { left: AtomicUsize::new(20_000) }
    }
}

impl Suggester {
    /// The most similar name, if any is similar. Names with different numbers are assumed to be different on purpose.
    pub(crate) fn suggest<'n>(&self, wrong: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
        let digits = |name: &str| -> Vec<String> {
            let numbers = name.split(|c: char| !c.is_ascii_digit()).filter(|number| !number.is_empty());
            numbers.map(str::to_owned).collect()
        };
        let wanted = digits(wrong);
        let mut best: Option<(f64, &str)> = None;
        for name in names {
            let left = self.left.load(Ordering::Relaxed).checked_sub(1)?;
            self.left.store(left, Ordering::Relaxed);
            if digits(name) != wanted {
                continue;
            }
            let alike = strsim::jaro_winkler(wrong, name);
            if alike >= best.map_or(ALIKE, |(most, _)| most) && best.is_none_or(|(most, _)| alike > most) {
                best = Some((alike, name));
            }
        }
        best.map(|(_, name)| name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_short() {
        assert_eq!(list([]), "");
        assert_eq!(list(["a"]), r#""a""#);
        assert_eq!(list(["a", "b", "c"]), r#""a", "b" and "c""#);
        assert_eq!(choice(["a", "b"]), r#""a" or "b""#);
        assert_eq!(list(["1", "2", "3", "4", "5", "6"]), r#""1", "2", "3", "4", "5" and "6""#);
        assert_eq!(list(["1", "2", "3", "4", "5", "6", "7"]), r#""1", "2", "3", "4", "5" and 2 more"#);
    }

    #[test]
    fn some_are_enough() {
        assert_eq!(some([]), "");
        assert_eq!(some(["a"]), r#""a""#);
        assert_eq!(some(["a", "b"]), r#""a" and "b""#);
        assert_eq!(some(["1", "2", "3", "4", "5"]), r#""1", "2", "3", "4" and "5""#);
        assert_eq!(some(["1", "2", "3", "4", "5", "6"]), r#""1", "2", "3", "4", "5" and others"#);
    }

    #[test]
    fn names_end_in_versions() {
        let version = |name: &str| name_version(name).map(|version| version.to_string());
        for (name, expected) in [
            ("demo.v1.0.0", Some("1.0.0")),
            ("demo-operator.v1.2.0-rc.1", Some("1.2.0-rc.1")),
            ("demo-v1.0.0", Some("1.0.0")),
            ("demo.1.0.0", Some("1.0.0")),
            ("1.0.0", None),
            ("v1.0.0", None),
            ("demo.v1", None),
            ("demo", None),
        ] {
            assert_eq!(version(name).as_deref(), expected, "{name}");
        }
    }

    #[test]
    fn the_name_that_was_meant() {
        let suggester = Suggester::default();
        assert_eq!(suggester.suggest("stabel", ["beta", "stable", "stable-v1"]), Some("stable"));
        assert_eq!(suggester.suggest("demo.v1.2.0", ["demo.v1.1.0", "dmeo.v1.2.0"]), Some("dmeo.v1.2.0"));
        assert_eq!(suggester.suggest("fast", ["beta", "stable"]), None);
        let many: Vec<String> = (0..30_000).map(|i| i.to_string()).collect();
        assert_eq!(suggester.suggest("0", many.iter().map(String::as_str)), None);
    }
}
