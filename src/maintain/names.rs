//! Versions in the names and references of bundles.

use semver::Version;

use crate::version;

/// The version that a reference of a bundle names: the last folder of a path, or the tag of an image.
pub(super) fn version_of_reference(reference: &str) -> Option<Version> {
    let reference = reference.split('@').next().unwrap_or_default().trim_end_matches('/');
    let last = reference.rsplit('/').next().unwrap_or_default();
    let text = last.rsplit(':').next().unwrap_or_default();
    // A tag cannot have a plus sign.
    let text = if last.contains(':') { text.replacen('_', "+", 1) } else { text.to_owned() };
    version::parse(text.strip_prefix('v').unwrap_or(&text)).ok()
}

/// The version in the name of a bundle, `<package>.v<version>`.
pub(super) fn version_of_name(package: &str, name: &str) -> Option<Version> {
    let rest = name.strip_prefix(package).map_or(name, |rest| rest.trim_start_matches('.'));
    let rest = rest.strip_prefix('v').unwrap_or(rest);
    version::parse(rest).ok().or_else(|| {
        // Of another name, what follows the first dot before a number.
        let at = name
            .match_indices('.')
            .map(|(at, _)| at + 1)
            .find(|at| name[*at..].trim_start_matches('v').starts_with(|first: char| first.is_ascii_digit()))?;
        version::parse(name[at..].trim_start_matches('v')).ok()
    })
}

/// Where a version is added to a list: after the last lower one, or in a descending list before the first lower one. Items
/// without a version stay where they are.
pub(super) fn place(versions: &[Option<Version>], new: &Version) -> usize {
    let known: Vec<&Version> = versions.iter().flatten().collect();
    let descending = known.len() > 1 && known.is_sorted_by(|a, b| a.cmp_precedence(b).is_gt());
    let lower = |version: &Option<Version>| version.as_ref().is_some_and(|it| it.cmp_precedence(new).is_lt());
    if descending {
        return versions.iter().position(lower).unwrap_or(versions.len());
    }
    match versions.iter().rposition(lower) {
        Some(last) => last + 1,
        None if known.is_empty() => versions.len(),
        None => versions.iter().position(Option::is_some).unwrap_or(0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_names() {
        let version = |text: &str| Some(Version::parse(text).unwrap());
        for (reference, expected) in [
            ("../bundles/demo/1.0.0", version("1.0.0")),
            ("./demo/v1.0.0-rc.1/", version("1.0.0-rc.1")),
            ("quay.io:443/a/demo:v1.2.0_5", version("1.2.0+5")),
            ("quay.io/a/demo@sha256:00", None),
            ("quay.io/a/demo:v1.0.0@sha256:00", version("1.0.0")),
            ("quay.io/a/demo", None),
        ] {
            assert_eq!(version_of_reference(reference), expected, "{reference}");
        }
        for (name, expected) in [
            ("demo.v1.0.0", version("1.0.0")),
            ("demo.1.0.0", version("1.0.0")),
            ("other.v1.0.0-rc.1", version("1.0.0-rc.1")),
            ("demo.v1", None),
        ] {
            assert_eq!(version_of_name("demo", name), expected, "{name}");
        }
    }

    #[test]
    fn the_order_of_a_list_stays() {
        let at = |versions: &[&str], new: &str| {
            let versions: Vec<_> = versions.iter().map(|text| Version::parse(text).ok()).collect();
            place(&versions, &Version::parse(new).unwrap())
        };
        assert_eq!(at(&["1.0.0", "1.1.0"], "1.2.0"), 2);
        assert_eq!(at(&["1.0.0", "1.1.0"], "1.0.1"), 1);
        assert_eq!(at(&["1.0.0", "1.1.0"], "0.1.0"), 0);
        assert_eq!(at(&["1.1.0", "1.0.0"], "1.2.0"), 0);
        assert_eq!(at(&["1.1.0", "1.0.0"], "1.0.1"), 1);
        assert_eq!(at(&["1.1.0", "1.0.0"], "0.1.0"), 2);
        assert_eq!(at(&["x", "y"], "0.1.0"), 2);
        assert_eq!(at(&[], "0.1.0"), 0);
    }
}
