//! Ranges that go with a version.

use semver::Version;

use crate::version::Range;

/// A range with another version as its upper end. The same text if the version is not its end.
pub(super) fn widened(range: &str, old: &Version, new: &Version) -> String {
    let mut text = String::new();
    let old = old.to_string();
    for part in range.split_inclusive(' ') {
        let bare = part.trim_end_matches(' ');
        let end = bare.strip_prefix("<=").or_else(|| bare.strip_prefix('<'));
        match end.filter(|end| end.trim_start_matches('v') == old) {
            Some(_) => text.extend(["<", &new.to_string(), &part[bare.len()..]]),
            None => text.push_str(part),
        }
    }
    text
}

/// The range of a new head that replaces `head`, whose own range is known. None where the ranges of the channel stay with
/// their entries:
///
/// - a range from what the head replaces up to the head becomes one from the head up to the new version;
/// - a wider range up to the head, beside `replaces` or `skips`, is that of a channel whose every head has it: it is widened;
/// - the range of a head that replaces nothing leads old versions to it, and they go on from there.
pub(super) fn next(
    range: &str,
    head: &Version,
    replaced: Option<&Version>,
    is_linked: bool,
    new: &Version,
) -> Option<String> {
    let wider = widened(range, head, new);
    if wider == range {
        return None;
    }
    let from = replaced.map(|replaced| format!(">{replaced}"));
    if from.is_some_and(|from| range.split(' ').any(|part| part == from)) {
        return Some(format!(">{head} <{new}"));
    }
    is_linked.then_some(wider)
}

/// A range with the versions of both. Of parts with the same upper end, the wider one is enough.
pub(super) fn union(a: &str, b: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in a.split("||").chain(b.split("||")).map(str::trim).filter(|part| !part.is_empty()) {
        if parts.iter().any(|known| covers(known, part)) {
            continue;
        }
        parts.retain(|known| !covers(part, known));
        parts.push(part);
    }
    parts.join(" || ")
}

/// Whether a part certainly has all versions of another one: it is the same, or has the same end and begins before it.
fn covers(wide: &str, narrow: &str) -> bool {
    let ends = |part: &str| -> Option<(Option<Version>, String)> {
        let mut words = part.split_whitespace();
        let (from, to) = match (words.next(), words.next(), words.next()) {
            (Some(to), None, None) => (None, to),
            (Some(from), Some(to), None) => (Some(from), to),
            _ => return None,
        };
        let from = match from {
            Some(from) => Some(from.strip_prefix(">=").or_else(|| from.strip_prefix('>'))?.parse().ok()?),
            None => None,
        };
        to.starts_with('<').then(|| (from, to.to_owned()))
    };
    match (ends(wide), ends(narrow)) {
        _ if wide == narrow => true,
        (Some((None, a)), Some((_, b))) => a == b,
        (Some((Some(wide), a)), Some((Some(narrow), b))) => a == b && wide < narrow,
        _ => false,
    }
}

/// A range that has a version too.
pub(super) fn with(range: &str, version: &Version) -> String {
    match range.parse::<Range>() {
        Ok(known) if known.contains(version) => range.to_owned(),
        _ if range.is_empty() => format!("={version}"),
        _ => format!("{range} || ={version}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> Version {
        Version::parse(text).unwrap()
    }

    #[test]
    fn ends_move_with_the_version() {
        let (old, new) = (version("0.1.17"), version("0.1.18"));
        for (range, expected) in [
            ("<0.1.17", "<0.1.18"),
            (">=0.1.0 <=0.1.17", ">=0.1.0 <0.1.18"),
            ("<0.1.170", "<0.1.170"),
            ("<0.1.9 || >0.1.15 <0.1.17", "<0.1.9 || >0.1.15 <0.1.18"),
            (">0.1.17", ">0.1.17"),
        ] {
            assert_eq!(widened(range, &old, &new), expected);
            assert!(expected.parse::<Range>().is_ok());
        }
    }

    #[test]
    fn a_new_head_has_the_range_of_its_channel() {
        let (head, before, new) = (version("1.1.0"), version("1.0.0"), version("1.2.0"));
        let of = |range: &str, replaced, linked| next(range, &head, replaced, linked, &new);
        assert_eq!(of(">1.0.0 <1.1.0", Some(&before), true).as_deref(), Some(">1.1.0 <1.2.0"));
        assert_eq!(of(">=0.5.0 <1.1.0", Some(&before), true).as_deref(), Some(">=0.5.0 <1.2.0"));
        assert_eq!(of("<1.1.0", None, false), None);
        assert_eq!(of("<0.9.0", Some(&before), true), None);
    }

    #[test]
    fn ranges_are_joined() {
        for (a, b, expected) in [
            (">1.1.0 <1.2.0", ">1.0.0 <1.2.0", ">1.0.0 <1.2.0"),
            ("<1.2.0", ">=1.0.0 <1.2.0", "<1.2.0"),
            (">1.1.0 <1.2.0", "<1.0.0", ">1.1.0 <1.2.0 || <1.0.0"),
            ("=1.0.0", "=1.0.0", "=1.0.0"),
            (">1.0.0 <1.2.0 !1.1.0", "<1.2.0", ">1.0.0 <1.2.0 !1.1.0 || <1.2.0"),
            (">1.0.0 <1.2.0", ">=1.0.0 <1.2.0", ">1.0.0 <1.2.0 || >=1.0.0 <1.2.0"),
        ] {
            assert_eq!(union(a, b), expected);
        }
    }

    #[test]
    fn a_version_is_added_to_a_range() {
        let bad = version("1.1.0");
        assert_eq!(with("", &bad), "=1.1.0");
        assert_eq!(with("<1.2.0", &bad), "<1.2.0");
        assert_eq!(with("<1.0.0", &bad), "<1.0.0 || =1.1.0");
        assert!(with("<1.0.0", &bad).parse::<Range>().unwrap().contains(&bad));
    }
}
