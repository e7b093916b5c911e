//! Versions and ranges as they were meant, where their writing leaves no doubt.

use super::Range;

/// The version that text was meant to be: without a `v`, with three numbers, as in `v1.2` for `1.2.0`. None where it is a
/// version already, or nobody can tell.
#[must_use]
pub fn version(text: &str) -> Option<String> {
    let bare = text.trim().trim_start_matches(['v', 'V']);
    let whole = three_numbers(bare);
    (whole != text && super::parse(&whole).is_ok()).then_some(whole)
}

/// The range that text was meant to be. None where it is a range already, or nobody can tell.
///
/// The meaning is certain of a `v` before a version, of `=<` and `=>`, of `,` and `&&` between comparisons, and of missing
/// numbers after `<` and `>=`: `>=1.0` begins at 1.0.0, while `<=1.0` may end there or at the last 1.0.x.
#[must_use]
pub fn range(text: &str) -> Option<String> {
    if text.parse::<Range>().is_ok() {
        return None;
    }
    // A list of versions may be meant as "one of them".
    let listed = text.contains(',') || text.contains("&&");
    let spaced = text.replace("&&", " ").replace(',', " ");
    let all: Vec<String> = spaced.split("||").map(|part| comparisons(part, listed)).collect::<Option<_>>()?;
    let meant = all.join(" || ");
    meant.parse::<Range>().is_ok().then_some(meant)
}

/// Comparisons with blanks between them, each as it was meant.
fn comparisons(text: &str, listed: bool) -> Option<String> {
    let mut rest = text.trim();
    let mut all = Vec::new();
    while !rest.is_empty() {
        let (operator, after) = rest.split_at(rest.find(|c: char| !"<>=!".contains(c))?);
        let operator = match operator {
            "=<" => "<=",
            "=>" => ">=",
            "" | "=" | "==" | "!" | "!=" if listed => return None,
            "" | "=" | "==" | "!" | "!=" | "<" | "<=" | ">" | ">=" => operator,
            _ => return None,
        };
        let after = after.trim_start();
        let (version, after) =
            after.split_at(after.find(|c: char| c.is_whitespace() || "<>=!".contains(c)).unwrap_or(after.len()));
        let bare = version.trim_start_matches(['v', 'V']);
        if !bare.starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        let whole = if matches!(operator, "<" | ">=") { three_numbers(bare) } else { bare.to_owned() };
        all.push(format!("{operator}{whole}"));
        rest = after.trim_start();
    }
    Some(all.join(" "))
}

/// A version with zeros for the numbers that it lacks.
fn three_numbers(bare: &str) -> String {
    match bare.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        true => bare.to_owned() + &".0".repeat(3_usize.saturating_sub(bare.split('.').count())),
        false => bare.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use semver::Version;

    use super::*;

    #[test]
    fn versions_as_they_were_meant() {
        for (text, meant) in [
            ("v1.0.0", Some("1.0.0")),
            ("1.25", Some("1.25.0")),
            (" v1 ", Some("1.0.0")),
            ("v1.0.0-rc.1", Some("1.0.0-rc.1")),
            ("1.0.0", None),
            ("1.0-rc.1", None),
            ("latest", None),
            ("", None),
        ] {
            assert_eq!(version(text).as_deref(), meant, "{text}");
        }
    }

    #[test]
    fn ranges_as_they_were_meant() {
        for (text, meant) in [
            ("<v1.12.0", Some("<1.12.0")),
            (">=v1.0.0 <v1.2.0", Some(">=1.0.0 <1.2.0")),
            (">= v1.0.0, < v1.2.0", Some(">=1.0.0 <1.2.0")),
            (">=1.0.0 && <2.0.0", Some(">=1.0.0 <2.0.0")),
            (">=1.0 <2.0", Some(">=1.0.0 <2.0.0")),
            ("=>1.0.0 =<1.2.0", Some(">=1.0.0 <=1.2.0")),
            (">=1.0.0<1.2.0", Some(">=1.0.0 <1.2.0")),
            ("<v1.0.0 || >=v2.0.0", Some("<1.0.0 || >=2.0.0")),
            // Each of these may be meant in two ways.
            ("1.0.0, 1.1.0", None),
            ("v1.0.0,!=1.1.0", None),
            ("<=1.0", None),
            (">1.0", None),
            ("1.0", None),
            ("^1.0.0", None),
            ("1.0.0 - 2.0.0", None),
            ("<1.0.0 ||", None),
            ("", None),
            ("latest", None),
            // These are ranges.
            ("<1.0.0", None),
            (">=1.0.0 <2.0.0", None),
        ] {
            assert_eq!(range(text).as_deref(), meant, "{text}");
        }
    }

    proptest! {
        /// What only has a `v` before its versions contains the same versions without them.
        #[test]
        fn a_v_changes_nothing(
            parts in prop::collection::vec(("(<|<=|>|>=|!=|)", 0_u64..4, 0_u64..4), 1..4),
            version in (0_u64..4, 0_u64..4),
        ) {
            let text = |v: &str| -> String {
                parts.iter().map(|(operator, major, minor)| format!("{operator}{v}{major}.{minor}.0")).collect::<Vec<_>>().join(" ")
            };
            let meant = range(&text("v")).expect("the meaning is certain");
            let (meant, plain) = (meant.parse::<Range>().expect("a range"), text("").parse::<Range>().expect("a range"));
            let version = Version::new(version.0, version.1, 0);
            prop_assert_eq!(meant.contains(&version), plain.contains(&version));
        }

        #[test]
        fn what_is_meant_is_right(text in "[v0-9.<>=!|&, x-]{0,20}") {
            if let Some(meant) = range(&text) {
                prop_assert!(text.parse::<Range>().is_err() && meant.parse::<Range>().is_ok());
                prop_assert_eq!(range(&meant), None);
            }
            if let Some(meant) = version(&text) {
                prop_assert!(crate::version::parse(&meant).is_ok());
            }
        }
    }
}
